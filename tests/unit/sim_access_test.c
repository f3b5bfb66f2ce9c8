// SPDX-License-Identifier: Apache-2.0
/*
 * The vfio-user server of ternsim: regions, DMA ranges and interrupts, each used as
 * it should be and in every way that it should not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <cmocka.h>

#include "sim_fixture.h"
#include "tern_abi.h"

#define CONFIG	VFIO_PCI_CONFIG_REGION_INDEX

/* ---------------------------------------------------------------- regions */

static void configuration_space(void **state)
{
	uint32_t word;
	uint8_t all[4096];

	(void)state;
	assert_int_equal(sim_read(client, CONFIG, 0, all, sizeof(all)), 0);
	assert_int_equal(all[0] | all[1] << 8, TERN_PCI_VENDOR_ID);
	assert_int_equal(all[2] | all[3] << 8, TERN_PCI_DEVICE_ID);
	assert_int_equal(all[PCI_CLASS_DEVICE + 1], 0x12);
	assert_int_equal(all[PCI_BASE_ADDRESS_4], PCI_BASE_ADDRESS_MEM_TYPE_64 |
						  PCI_BASE_ADDRESS_MEM_PREFETCH);
	/* How software finds the size of BAR 4. */
	word = 0xffffffff;
	assert_int_equal(sim_write(client, CONFIG, PCI_BASE_ADDRESS_4, &word, 4), 0);
	assert_int_equal(sim_read(client, CONFIG, PCI_BASE_ADDRESS_4, &word, 4), 0);
	assert_int_equal(word & ~0xfu, (uint32_t)~(SIM_MEMORY_BYTES - 1));
	/* A read-only register. */
	word = 0;
	assert_int_equal(sim_write(client, CONFIG, PCI_VENDOR_ID, &word, 4), 0);
	assert_int_equal(sim_read(client, CONFIG, PCI_VENDOR_ID, &word, 4), 0);
	assert_int_equal(word, TERN_PCI_DEVICE_ID << 16 | TERN_PCI_VENDOR_ID);
}

static void registers(void **state)
{
	uint64_t pair;
	uint16_t half;
	uint8_t all[256];

	(void)state;
	assert_int_equal(sim_get(client, TERN_REG_ID), TERN_MAGIC);
	assert_int_equal(sim_get(client, TERN_REG_ABI_HASH), TERN_ABI_HASH);
	/* Whichever body it has, see tests/model/. */
	assert_in_range(sim_get(client, TERN_REG_PLATFORM), TERN_PLATFORM_RTL_SIM,
			TERN_PLATFORM_MODEL);
	assert_int_equal(sim_get(client, TERN_REG_CLOCK_KHZ), 1000000);
	assert_int_equal(sim_read(client, 0, TERN_REG_MEM_SIZE_LO, &pair, 8), 0);
	assert_int_equal(pair, SIM_MEMORY_BYTES);
	assert_int_equal(sim_read(client, 0, TERN_REG_ID + 2, &half, 2), 0);
	assert_int_equal(half, TERN_MAGIC >> 16);
	assert_int_equal(sim_read(client, 0, 0, all, sizeof(all)), 0);
	assert_memory_equal(all, "TERN", 4);
	/* No register there: reads as 0, a write is ignored. */
	assert_int_equal(sim_get(client, 0xfff0), 0);
	sim_set(client, 0xfff0, 1);
	/* Registers are written whole: anything less is ignored. */
	sim_set(client, TERN_QUEUE_BASE + TERN_QREG_SQ_BASE_HI, 0x11223344);
	assert_int_equal(sim_write(client, 0, TERN_QUEUE_BASE + TERN_QREG_SQ_BASE_HI + 1, "\xaa",
				   1), 0);
	assert_int_equal(sim_get(client, TERN_QUEUE_BASE + TERN_QREG_SQ_BASE_HI), 0x11223344);
}

static void device_memory(void **state)
{
	static uint8_t block[1 << 20], back[1 << 20];
	struct vfio_region_info info;
	uint8_t *here;
	int fd;

	(void)state;
	for (unsigned int i = 0; i < sizeof(block); i++)
		block[i] = i * 2654435761u >> 24;
	assert_int_equal(sim_write(client, 4, 12345, block, sizeof(block)), 0);
	assert_int_equal(sim_read(client, 4, 12345, back, sizeof(back)), 0);
	assert_memory_equal(block, back, sizeof(block));

	assert_int_equal(sim_region_info(client, 4, &info, &fd), 0);
	here = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)info.offset);
	assert_ptr_not_equal(here, MAP_FAILED);
	assert_memory_equal(here + 12345, block, sizeof(block));
	here[SIM_MEMORY_BYTES - 1] = 0x5a;
	assert_int_equal(sim_read(client, 4, SIM_MEMORY_BYTES - 1, back, 1), 0);
	assert_int_equal(back[0], 0x5a);
	/* Nobody can take it away from the simulator. */
	assert_int_not_equal(ftruncate(fd, 0), 0);
	munmap(here, info.size);
	close(fd);

	/* The next client finds zeros. */
	close(client);
	client = sim_session(&sim);
	assert_int_equal(sim_read(client, 4, 12345, back, sizeof(back)), 0);
	for (unsigned int i = 0; i < sizeof(back); i++)
		assert_int_equal(back[i], 0);
}

static void bad_accesses(void **state)
{
	static const struct {
		uint64_t offset;
		uint32_t region, count;
	} bad[] = {
		{ 0, 1, 4 },				/* no such BAR */
		{ 0, 9, 4 }, { 0, UINT32_MAX, 4 },
		{ 0, VFIO_PCI_ROM_REGION_INDEX, 4 },
		{ 0x10000, 0, 4 }, { 0xfffe, 0, 4 },	/* past the end */
		{ UINT64_MAX, 0, 4 }, { UINT64_MAX - 3, 4, 4 },
		{ SIM_MEMORY_BYTES - 2, 4, 4 },
		{ 0x1000, 2, 1 }, { 4095, VFIO_PCI_CONFIG_REGION_INDEX, 2 },
		{ 0, 4, 0 },				/* nothing */
		{ 0, 4, (1 << 20) + 1 },		/* more than agreed on */
		{ 0, 4, UINT32_MAX },
	};
	uint8_t message[64] = {};
	struct vfu_region_access access;

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		access = (struct vfu_region_access){ bad[i].offset, bad[i].region, bad[i].count };
		memcpy(message, &access, sizeof(access));
		assert_int_equal(sim_say(client, VFU_REGION_READ, message, sizeof(access)), EINVAL);
		assert_int_equal(sim_say(client, VFU_REGION_WRITE, message, sizeof(message)),
				 EINVAL);
	}
	assert_int_equal(sim_say(client, VFU_REGION_READ, message, 15), EINVAL);
	assert_int_equal(sim_say(client, VFU_REGION_WRITE, message, 15), EINVAL);
	/* less data than the count says */
	access = (struct vfu_region_access){ 0, 4, 8 };
	memcpy(message, &access, sizeof(access));
	assert_int_equal(sim_say(client, VFU_REGION_WRITE, message, sizeof(access) + 7), EINVAL);
}

static void many_writes_at_once(void **state)
{
	struct {
		uint64_t count;
		struct vfu_multi_write writes[3];
	} message = {
		3,
		{
			{ 0x100, 4, 8, "abcdefgh" }, { 0x108, 4, 3, "ijk" },
			{ PCI_INTERRUPT_LINE, VFIO_PCI_CONFIG_REGION_INDEX, 1, "\x0b" },
		},
	};
	uint8_t back[16];

	(void)state;
	assert_int_equal(sim_say(client, VFU_REGION_WRITE_MULTI, &message, sizeof(message)), 0);
	assert_int_equal(sim_read(client, 4, 0x100, back, 16), 0);
	assert_memory_equal(back, "abcdefghijk\0\0\0\0\0", 16);
	assert_int_equal(sim_read(client, CONFIG, PCI_INTERRUPT_LINE, back, 1), 0);
	assert_int_equal(back[0], 0x0b);

	/* One bad write: none is done. */
	message.writes[0].data[0] = 'X';
	message.writes[2].count = 9;
	assert_int_equal(sim_say(client, VFU_REGION_WRITE_MULTI, &message, sizeof(message)),
			 EINVAL);
	message.writes[2].count = 1;
	message.writes[2].region = 3;
	assert_int_equal(sim_say(client, VFU_REGION_WRITE_MULTI, &message, sizeof(message)),
			 EINVAL);
	message.count = UINT64_MAX / 24 + 2;
	assert_int_equal(sim_say(client, VFU_REGION_WRITE_MULTI, &message, sizeof(message)),
			 EINVAL);
	assert_int_equal(sim_say(client, VFU_REGION_WRITE_MULTI, &message, 7), EINVAL);
	assert_int_equal(sim_read(client, 4, 0x100, back, 1), 0);
	assert_int_equal(back[0], 'a');
}

/* ---------------------------------------------------------------- DMA */

static int map(uint64_t address, uint64_t size, uint32_t flags, uint64_t offset,
	       const int *fds, unsigned int nfds)
{
	struct vfu_dma_map map = { sizeof(map), flags, offset, address, size };

	return sim_call(client, VFU_DMA_MAP, &map, sizeof(map), fds, nfds, NULL, NULL, NULL);
}

static int unmap(uint64_t address, uint64_t size, uint32_t flags)
{
	struct vfu_dma_unmap unmap = { sizeof(unmap), flags, address, size };
	struct vfu_dma_unmap back;
	size_t bytes = sizeof(back);
	int error = sim_call(client, VFU_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0, &back, &bytes,
			     NULL);

	if (!error)
		assert_memory_equal(&back, &unmap, sizeof(unmap));
	return error;
}

static void dma_maps(void **state)
{
	const uint32_t rw = VFU_DMA_READABLE | VFU_DMA_WRITEABLE;
	int file = memfd_create("dma", MFD_CLOEXEC);
	int two[2] = { file, file };
	int read_only, pipes[2];
	char path[64];

	(void)state;
	assert_int_equal(ftruncate(file, 0x10000), 0);
	assert_int_equal(map(0x100000, 0x10000, rw, 0, &file, 1), 0);
	assert_int_equal(map(0x100000, 0x10000, rw, 0, &file, 1), EEXIST);
	assert_int_equal(map(0x10f000, 0x1000, rw, 0, &file, 1), EEXIST);
	/* QEMU's ROM: no file, read-only, in the way of something else */
	assert_int_equal(map(0x100000, 0x2000, VFU_DMA_READABLE, 0, NULL, 0), 0);
	assert_int_equal(map(0xfffc0000, 0x40000, VFU_DMA_READABLE, 0, NULL, 0), 0);
	assert_int_equal(map(0xfffc0000, 0x40000, VFU_DMA_READABLE, 0, NULL, 0), 0);
	/* never mapped, cut in two, gone, gone already */
	assert_int_equal(unmap(0x900000, 0x1000, 0), 0);
	assert_int_equal(unmap(0x100000, 0x1000, 0), EINVAL);
	assert_int_equal(unmap(0x0, 0x800000, 0), 0);
	assert_int_equal(unmap(0x100000, 0x10000, 0), 0);
	assert_int_equal(map(0x100000, 0x10000, rw, 0, &file, 1), 0);
	assert_int_equal(unmap(1, 0, VFU_DMA_UNMAP_ALL), EINVAL);
	assert_int_equal(unmap(0, 0, VFU_DMA_UNMAP_ALL), 0);
	assert_int_equal(map(UINT64_MAX - 0xfff, 0x1000, rw, 0, &file, 1), 0);

	/* wrong in one way each */
	assert_int_equal(map(0x1000, 0, rw, 0, &file, 1), EINVAL);
	assert_int_equal(map(0x1001, 0x1000, rw, 0, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1001, rw, 0, &file, 1), EINVAL);
	assert_int_equal(map(UINT64_MAX - 0xfff, 0x2000, rw, 0, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1000, rw | 4, 0, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1000, 0, 0, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1000, rw, 1, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x11000, rw, 0, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1000, rw, 0x10000, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1000, rw, UINT64_MAX - 0xfff, &file, 1), EINVAL);
	assert_int_equal(map(0x1000, 0x1000, rw, 0, two, 2), EINVAL);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(map(0x1000, 0x1000, rw, 0, &pipes[0], 1), EMEDIUMTYPE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(map(0x1000, 0x1000, rw, 0, &read_only, 1), EACCES);
	assert_int_equal(sim_say(client, VFU_DMA_MAP, "1234", 4), EINVAL);
	assert_int_equal(sim_say(client, VFU_DMA_UNMAP, "1234", 4), EINVAL);
	assert_int_equal(unmap(0x1000, 0, 0), EINVAL);
	assert_int_equal(unmap(0x1000, 0x1000, 8), EINVAL);
	assert_int_equal(unmap(UINT64_MAX, 2, 0), EINVAL);
	close(read_only);
	close(pipes[0]);
	close(pipes[1]);
	close(file);
}

/* ---------------------------------------------------------------- interrupts */

static uint64_t events(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define BOOL	VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD	VFIO_IRQ_SET_DATA_EVENTFD
#define TRIGGER	VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK	VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define MSIX	VFIO_PCI_MSIX_IRQ_INDEX

/* SET_IRQS for MSI-X, without data, and with eventfds. */
static int irqs(uint32_t flags, uint32_t first, uint32_t count)
{
	return sim_set_irqs(client, flags, MSIX, first, count, NULL, 0, NULL, 0);
}

static int eventfds(uint32_t flags, uint32_t first, uint32_t count, const int *fds,
		    unsigned int nfds)
{
	return sim_set_irqs(client, flags, MSIX, first, count, NULL, 0, fds, nfds);
}

static void interrupts(void **state)
{
	int fds[SIM_VECTORS];
	uint8_t pba;

	(void)state;
	for (unsigned int i = 0; i < SIM_VECTORS; i++)
		fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(eventfds(EVENTFD | TRIGGER, 0, SIM_VECTORS, fds, SIM_VECTORS), 0);
	assert_int_equal(irqs(NONE | TRIGGER, 0, SIM_VECTORS), 0);
	for (unsigned int i = 0; i < SIM_VECTORS; i++)
		assert_int_equal(events(fds[i]), 1);
	assert_int_equal(sim_set_irqs(client, BOOL | TRIGGER, MSIX, 1, 3, "\1\0\1", 3, NULL, 0), 0);
	assert_int_equal(events(fds[1]), 1);
	assert_int_equal(events(fds[2]), 0);
	assert_int_equal(events(fds[3]), 1);

	/* masked: pending, and delivered later */
	assert_int_equal(irqs(NONE | MASK, 5, 1), 0);
	assert_int_equal(irqs(NONE | TRIGGER, 5, 1), 0);
	assert_int_equal(events(fds[5]), 0);
	assert_int_equal(sim_read(client, 2, TERN_PCI_MSIX_PBA_OFFSET, &pba, 1), 0);
	assert_int_equal(pba, 1 << 5);
	assert_int_equal(irqs(NONE | UNMASK, 5, 1), 0);
	assert_int_equal(events(fds[5]), 1);
	assert_int_equal(sim_read(client, 2, TERN_PCI_MSIX_PBA_OFFSET, &pba, 1), 0);
	assert_int_equal(pba, 0);

	/* another type's interrupts being switched off is nothing to these */
	assert_int_equal(sim_set_irqs(client, NONE | TRIGGER, VFIO_PCI_INTX_IRQ_INDEX, 0, 0, NULL,
				      0, NULL, 0), 0);
	assert_int_equal(irqs(NONE | TRIGGER, 6, 1), 0);
	assert_int_equal(events(fds[6]), 1);

	/* one taken away, then all */
	assert_int_equal(irqs(EVENTFD | TRIGGER, 2, 1), 0);
	assert_int_equal(irqs(NONE | TRIGGER, 2, 2), 0);
	assert_int_equal(events(fds[2]), 0);
	assert_int_equal(events(fds[3]), 1);
	assert_int_equal(irqs(NONE | TRIGGER, 0, 0), 0);
	assert_int_equal(irqs(NONE | TRIGGER, 0, SIM_VECTORS), 0);
	for (unsigned int i = 0; i < SIM_VECTORS; i++) {
		assert_int_equal(events(fds[i]), 0);
		close(fds[i]);
	}
}

static void bad_interrupts(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	int two[2] = { fd, fd };
	uint64_t full = UINT64_MAX - 1;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(irqs(NONE | TRIGGER, SIM_VECTORS, 1), EINVAL);
	assert_int_equal(irqs(NONE | TRIGGER, 1, SIM_VECTORS), EINVAL);
	assert_int_equal(irqs(NONE | TRIGGER, UINT32_MAX, 2), EINVAL);
	assert_int_equal(irqs(NONE | TRIGGER, 2, UINT32_MAX), EINVAL);
	assert_int_equal(sim_set_irqs(client, NONE | TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, NULL,
				      0, NULL, 0), EINVAL);
	assert_int_equal(sim_set_irqs(client, NONE | TRIGGER, 99, 0, 1, NULL, 0, NULL, 0), EINVAL);
	assert_int_equal(irqs(TRIGGER, 0, 1), EINVAL);
	assert_int_equal(irqs(NONE, 0, 1), EINVAL);
	assert_int_equal(sim_set_irqs(client, NONE | BOOL | TRIGGER, MSIX, 0, 1, "\1", 1, NULL,
				      0), EINVAL);
	assert_int_equal(irqs(NONE | TRIGGER | MASK, 0, 1), EINVAL);
	assert_int_equal(irqs(NONE | TRIGGER | 0x100, 0, 1), EINVAL);
	assert_int_equal(sim_set_irqs(client, BOOL | TRIGGER, MSIX, 0, 4, "\1\1\1", 3, NULL, 0),
			 EINVAL);
	assert_int_equal(eventfds(EVENTFD | MASK, 0, 1, &fd, 1), ENOTSUP);
	assert_int_equal(eventfds(EVENTFD | TRIGGER, 0, 1, two, 2), EINVAL);
	assert_int_equal(eventfds(EVENTFD | TRIGGER, 0, 3, two, 2), EINVAL);
	assert_int_equal(eventfds(NONE | TRIGGER, 0, 1, &fd, 1), EINVAL);
	assert_int_equal(eventfds(EVENTFD | TRIGGER, 0, 1, &pipes[1], 1), EINVAL);
	assert_int_equal(sim_say(client, VFU_DEVICE_SET_IRQS, "", 0), EINVAL);

	/* A full counter, in blocking mode, does not stop the simulator. */
	assert_int_equal(write(fd, &full, sizeof(full)), sizeof(full));
	assert_int_equal(eventfds(EVENTFD | TRIGGER, 0, 1, &fd, 1), 0);
	assert_int_equal(irqs(NONE | TRIGGER, 0, 1), 0);
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
}

/* More than the kernel lets a process map: refused, and nothing else suffers. */
static void as_many_dma_maps_as_there_can_be(void **state)
{
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFU_DMA_READABLE | VFU_DMA_WRITEABLE,
		.size = 0x1000,
	};
	struct vfu_dma_unmap all = { .argsz = sizeof(all), .flags = VFU_DMA_UNMAP_ALL };
	int file = memfd_create("maps", MFD_CLOEXEC);
	uint8_t *much = malloc(1 << 20);
	unsigned int count = 0;

	(void)state;
	assert_int_equal(ftruncate(file, 0x1000), 0);
	for (; count < 70000; count++, map.address += 0x2000)
		if (sim_call(client, VFU_DMA_MAP, &map, sizeof(map), &file, 1, NULL, NULL, NULL))
			break;
	assert_in_range(count, 30000, 65535);
	assert_int_equal(sim_read(client, 4, 0, much, 1 << 20), 0);
	assert_int_equal(sim_say(client, VFU_DMA_UNMAP, &all, sizeof(all)), 0);
	map.address = 0;
	assert_int_equal(sim_call(client, VFU_DMA_MAP, &map, sizeof(map), &file, 1, NULL, NULL,
				  NULL), 0);
	free(much);
	close(file);
}

/* Who was here before has the memory mapped for as long as it likes. */
static void memory_is_not_shared_with_the_last_client(void **state)
{
	struct vfio_region_info info;
	uint8_t *old, byte = 0x77;
	int fd;

	(void)state;
	assert_int_equal(sim_region_info(client, 4, &info, &fd), 0);
	old = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(old, MAP_FAILED);
	close(fd);
	assert_int_equal(sim_write(client, 4, 1, &byte, 1), 0);
	assert_int_equal(old[1], 0x77);
	close(client);

	client = sim_session(&sim);
	old[0] = 0x55;
	assert_int_equal(sim_read(client, 4, 0, &byte, 1), 0);
	assert_int_equal(byte, 0);
	byte = 0x66;
	assert_int_equal(sim_write(client, 4, 1, &byte, 1), 0);
	assert_int_not_equal(old[1], 0x66);
	munmap(old, 0x1000);
}

static void descriptors_are_not_leaked(void **state)
{
	struct vfu_header reset = { 1, VFU_DEVICE_RESET, sizeof(reset), 0, 0 };
	struct vfu_dma_map bad = { .argsz = sizeof(bad), .size = 1 };
	int fds[SIM_MAX_FDS];
	unsigned int before;

	(void)state;
	for (unsigned int i = 0; i < SIM_MAX_FDS; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(sim_say(client, VFU_DEVICE_RESET, NULL, 0), 0);
	before = sim_fds(&sim);

	/* where none belong, too many, with a bad message */
	assert_int_equal(sim_call(client, VFU_DEVICE_RESET, NULL, 0, fds, 3, NULL, NULL, NULL), 0);
	assert_int_equal(sim_call(client, VFU_DEVICE_RESET, NULL, 0, fds, SIM_MAX_FDS, NULL, NULL,
				  NULL), EINVAL);
	assert_int_equal(sim_call(client, VFU_DMA_MAP, &bad, sizeof(bad), fds, 1, NULL, NULL, NULL),
			 EINVAL);
	assert_int_equal(sim_fds(&sim), before);

	/* in a message that never ends */
	reset.size = 1000;
	sim_send(client, &reset, sizeof(reset), fds, 8);
	close(client);
	client = sim_session(&sim);
	assert_int_equal(sim_say(client, VFU_DEVICE_RESET, NULL, 0), 0);
	assert_int_equal(sim_fds(&sim), before);

	/* eventfds and DMA maps of clients that just go */
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(eventfds(EVENTFD | TRIGGER, 0, SIM_VECTORS, fds,
					  SIM_VECTORS), 0);
		munmap(sim_share(client, 0x10000, 0x1000), 0x1000);
		close(client);
		client = sim_session(&sim);
	}
	assert_int_equal(sim_say(client, VFU_DEVICE_RESET, NULL, 0), 0);
	assert_int_equal(sim_fds(&sim), before);
	for (unsigned int i = 0; i < SIM_MAX_FDS; i++)
		close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(configuration_space),
		TEST(registers),
		TEST(device_memory),
		TEST(bad_accesses),
		TEST(many_writes_at_once),
		TEST(dma_maps),
		TEST(interrupts),
		TEST(bad_interrupts),
		TEST(as_many_dma_maps_as_there_can_be),
		TEST(memory_is_not_shared_with_the_last_client),
		TEST(descriptors_are_not_leaked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
