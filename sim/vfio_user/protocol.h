/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfio-user, as it goes over the socket: a 16-byte header, then the payload of
 * the command. Structures that the protocol takes over from the kernel's VFIO
 * (regions, interrupts) come from <linux/vfio.h>.
 *
 * Plain C, so that tests in C read the same definitions.
 * The protocol is specified in QEMU's docs/interop/vfio-user.rst.
 */
#ifndef TERN_SIM_VFIO_USER_PROTOCOL_H
#define TERN_SIM_VFIO_USER_PROTOCOL_H

#include <stdint.h>

#define VFU_MAJOR		0
#define VFU_MINOR		0	/* what QEMU's client speaks */

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_DEVICE_GET_INFO = 4,
	VFU_DEVICE_GET_REGION_INFO = 5,
	VFU_DEVICE_GET_REGION_IO_FDS = 6,
	VFU_DEVICE_GET_IRQ_INFO = 7,
	VFU_DEVICE_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	VFU_DMA_READ = 11,
	VFU_DMA_WRITE = 12,
	VFU_DEVICE_RESET = 13,
	VFU_DIRTY_PAGES = 14,
	VFU_REGION_WRITE_MULTI = 15,
	VFU_DEVICE_FEATURE = 16,
	VFU_MIG_DATA_READ = 17,
	VFU_MIG_DATA_WRITE = 18,
};

#define VFU_FLAG_TYPE		0xfu
#define VFU_FLAG_COMMAND	0x0u
#define VFU_FLAG_REPLY		0x1u
#define VFU_FLAG_NO_REPLY	0x10u
#define VFU_FLAG_ERROR		0x20u

struct vfu_header {
	uint16_t id;		/* the sender's; comes back in the reply */
	uint16_t command;	/* enum vfu_command */
	uint32_t size;		/* bytes, this header included */
	uint32_t flags;
	uint32_t error;		/* errno, in a reply with VFU_FLAG_ERROR */
};

struct vfu_version {
	uint16_t major;
	uint16_t minor;
	/* then JSON, ended by a NUL */
};

#define VFU_DMA_READABLE	0x1u
#define VFU_DMA_WRITEABLE	0x2u

struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;	/* in the file that came along */
	uint64_t address;
	uint64_t size;
};

#define VFU_DMA_UNMAP_ALL	0x2u

struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
};

struct vfu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

struct vfu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	/* then the data */
};

/* One write of VFU_REGION_WRITE_MULTI, which is a 64-bit count and then these. */
struct vfu_multi_write {
	uint64_t offset;
	uint32_t region;
	uint32_t count;		/* at most 8 */
	uint8_t data[8];
};

#endif /* TERN_SIM_VFIO_USER_PROTOCOL_H */
