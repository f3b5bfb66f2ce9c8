// SPDX-License-Identifier: Apache-2.0
/* What a driver does at probe: check the device, map it, give it memory, bring it up. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vu.h"

#define NS_PER_MS	1000000ll
#define NS_PER_S	1000000000ll
#define ALL_ONES	UINT32_MAX
#define RESET_NS	(5 * NS_PER_S)
/* Base of the time after which a job counts as hung; its size adds to it. */
#define HANG_NS		(30 * NS_PER_S)

#define FIELD(value, name) (((value) & TERN_##name##_MASK) >> TERN_##name##_SHIFT)

int64_t vu_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int vu_reg_read(struct vu_device *vu, uint32_t offset, uint32_t *value)
{
	int ret = vu_region_read(&vu->client, TERN_PCI_BAR_REGISTERS, offset, value,
				 sizeof(*value));

	*value = le32toh(*value);
	return ret;
}

int vu_reg_write(struct vu_device *vu, uint32_t offset, uint32_t value)
{
	value = htole32(value);
	return vu_region_write(&vu->client, TERN_PCI_BAR_REGISTERS, offset, &value, sizeof(value));
}

int vu_fail_gone(struct vu_device *vu, const char *what)
{
	return tern_fail(vu->dev, -vu->gone, "no %s of a device that is gone: %.400s", what,
			 vu->why);
}

static int check_pci_id(struct vu_device *vu)
{
	uint32_t id = 0;
	int ret;

	ret = vu_region_read(&vu->client, VFIO_PCI_CONFIG_REGION_INDEX, PCI_VENDOR_ID, &id,
			     sizeof(id));
	id = le32toh(id);
	if (!ret && id == ALL_ONES)
		return tern_fail(vu->dev, -ENODEV,
				 "the card behind the socket is gone: its PCI configuration space reads all-ones");
	if (!ret && id != (TERN_PCI_DEVICE_ID << 16 | TERN_PCI_VENDOR_ID))
		ret = tern_fail(vu->dev, -ENOTTY,
				"the device behind the socket is no Tern: PCI %04x:%04x, not %04x:%04x",
				id & 0xffff, id >> 16, TERN_PCI_VENDOR_ID, TERN_PCI_DEVICE_ID);
	return ret;
}

/* Everything that the registers say about the device. */
static int read_info(struct vu_device *vu)
{
	static const uint32_t offsets[] = {
		TERN_REG_ID, TERN_REG_ABI_VERSION, TERN_REG_ABI_HASH, TERN_REG_CONFIG_HASH,
		TERN_REG_PLATFORM, TERN_REG_CAPS, TERN_REG_ARRAY, TERN_REG_QUEUES,
		TERN_REG_K_TILE, TERN_REG_CLOCK_KHZ, TERN_REG_MEM_SIZE_LO, TERN_REG_MEM_SIZE_HI,
	};
	uint32_t v[ARRAY_SIZE(offsets)];
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		ret = vu_reg_read(vu, offsets[i], &v[i]);
		if (ret)
			return ret;
	}
	if (v[0] == ALL_ONES)
		return tern_fail(vu->dev, -ENODEV, "the card is gone: its registers read as all ones");
	if (v[0] != TERN_MAGIC)
		return tern_fail(vu->dev, -ENOTTY,
				 "the device behind the socket is no Tern: its ID is 0x%08x, not 0x%08x",
				 v[0], TERN_MAGIC);
	vu->info = (struct tern_info){
		.size = sizeof(vu->info),
		.abi_major = FIELD(v[1], ABI_VERSION_MAJOR),
		.abi_minor = FIELD(v[1], ABI_VERSION_MINOR),
		.abi_hash = v[2],
		.config_hash = v[3],
		.platform = FIELD(v[4], PLATFORM_KIND),
		.caps = v[5],
		.lanes = FIELD(v[6], ARRAY_LANES),
		.cols = FIELD(v[6], ARRAY_COLS),
		.queues = FIELD(v[7], QUEUES_COUNT),
		.k_tile = v[8],
		.clock_khz = v[9],
		.mem_size = (uint64_t)v[11] << 32 | v[10],
	};
	ret = tern_check_abi(vu->dev, &vu->info);
	if (ret)
		return ret;
	ret = FIELD(v[7], QUEUES_LOG2_MAX);
	if (!vu->info.queues || ret < TERN_QUEUE_LOG2_MIN || ret > TERN_QUEUE_LOG2_MAX)
		return tern_fail(vu->dev, -EPROTO,
				 "the device says that it has %u queues of 2^%d entries",
				 vu->info.queues, ret);
	vu->queue.entries = 1u << (ret < VU_RING_LOG2 ? ret : VU_RING_LOG2);
	/* Queue 0 is for administration, where there is another one. */
	vu->queue.number = vu->info.queues > 1;
	return 0;
}

static int map_memory(struct vu_device *vu)
{
	struct vu_region region;
	struct stat st;
	int seals, ret;
	void *map;

	ret = vu_region_info(&vu->client, TERN_PCI_BAR_MEMORY, &region);
	if (ret)
		return ret;
	if (region.fd < 0)
		return tern_fail(vu->dev, -EPROTO, "the simulator does not let device memory be mapped");
	vu->mem_bytes = vu->info.mem_size < region.bytes ? vu->info.mem_size : region.bytes;
	/* A file that is too short, or gets so, would be a SIGBUS later. */
	seals = fcntl(region.fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_SHRINK)) {
		close(region.fd);
		return tern_fail(vu->dev, -EPROTO,
				 "the simulator could make its file of device memory shorter: it is not sealed");
	}
	if (!vu->mem_bytes || vu->mem_bytes % TERN_PAGE_BYTES || fstat(region.fd, &st) ||
	    (uint64_t)st.st_size < region.offset ||
	    (uint64_t)st.st_size - region.offset < vu->mem_bytes) {
		close(region.fd);
		return tern_fail(vu->dev, -EPROTO,
				 "the simulator's file is not %" PRIu64 " bytes of device memory",
				 vu->mem_bytes);
	}
	map = mmap(NULL, vu->mem_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, region.fd,
		   (off_t)region.offset);
	ret = errno;
	close(region.fd);
	if (map == MAP_FAILED)
		return tern_fail(vu->dev, -ret, "cannot map %" PRIu64 " bytes of device memory: %s",
				 vu->mem_bytes, strerror(ret));
	vu->mem = map;
	ret = vu_ranges_init(&vu->mem_ranges, 0, vu->mem_bytes);
	return ret ? tern_fail(vu->dev, ret, "no memory left") : 0;
}

/* Host memory of the device: the rings, two bounce buffers, and room for buffers. */
static int make_arena(struct vu_device *vu)
{
	uint64_t ring_bytes = (uint64_t)vu->queue.entries * TERN_ENTRY_BYTES;
	uint64_t at = 0;
	void *map;
	int ret;

	vu->arena_fd = memfd_create("tern", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (vu->arena_fd < 0 || ftruncate(vu->arena_fd, VU_ARENA_BYTES))
		return tern_fail(vu->dev, -errno, "cannot make host memory for the device: %s",
				 strerror(errno));
	/* The simulator maps it as well and relies on its size. */
	fcntl(vu->arena_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	map = mmap(NULL, VU_ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, vu->arena_fd, 0);
	if (map == MAP_FAILED)
		return tern_fail(vu->dev, -errno, "cannot map host memory for the device: %s",
				 strerror(errno));
	vu->arena = map;
	vu->queue.sq = map;
	at += ring_bytes < TERN_PAGE_BYTES ? TERN_PAGE_BYTES : ring_bytes;
	vu->queue.cq = (const struct tern_hw_completion *)(vu->arena + at);
	at += ring_bytes < TERN_PAGE_BYTES ? TERN_PAGE_BYTES : ring_bytes;
	for (int i = 0; i < 2; i++, at += VU_BOUNCE_BYTES)
		vu->bounce[i] = vu->arena + at;
	ret = vu_ranges_init(&vu->host_ranges, VU_ARENA_ADDRESS + at, VU_ARENA_BYTES - at);
	if (ret)
		return tern_fail(vu->dev, ret, "no memory left");
	vu->info.host_bo_max = VU_ARENA_BYTES - at;
	return vu_dma_map(&vu->client, vu->arena_fd, VU_ARENA_ADDRESS, VU_ARENA_BYTES);
}

static int await_ready(struct vu_device *vu)
{
	const struct timespec pause = { .tv_nsec = NS_PER_MS };
	int64_t deadline = vu_now_ns() + RESET_NS;
	uint32_t ctrl, status;
	int ret;

	for (;;) {
		ret = vu_reg_read(vu, TERN_REG_CTRL, &ctrl);
		if (!ret)
			ret = vu_reg_read(vu, TERN_REG_STATUS, &status);
		if (ret)
			return ret;
		if (ctrl == ALL_ONES && status == ALL_ONES)
			return tern_fail(vu->dev, -ENODEV,
					 "the card is gone: its registers read as all ones");
		if (!(ctrl & TERN_CTRL_RESET_MASK) && status & TERN_STATUS_READY_MASK)
			return 0;
		if (vu_now_ns() > deadline)
			return tern_fail(vu->dev, -EIO,
					 "the device does not come out of its reset (CTRL 0x%08x, STATUS 0x%08x)",
					 ctrl, status);
		nanosleep(&pause, NULL);
	}
}

int vu_bring_up(struct vu_device *vu)
{
	const uint16_t command = htole16(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	/* A device with one queue has one vector for both. */
	const int *vectors = &vu->wakes[vu->queue.number ? VU_WAKE_ERROR : VU_WAKE_DONE];
	int ret;

	ret = vu_reset(&vu->client);
	if (!ret)
		ret = vu_region_write(&vu->client, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND,
				      &command, sizeof(command));
	if (!ret)
		ret = await_ready(vu);
	if (!ret)
		ret = vu_set_msix(&vu->client, vectors, vu->queue.number + 1);
	if (!ret)
		ret = vu_queue_start(vu);
	if (!ret)
		ret = vu_reg_write(vu, TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
	vu->progress_ns = vu_now_ns();
	return ret;
}

/* TERN_HANG_MS, for tests of hung jobs that should not take half a minute. */
static int64_t hang_ns(void)
{
	const char *text = secure_getenv("TERN_HANG_MS");
	char *end;
	long ms;

	if (!text || !*text)
		return HANG_NS;
	ms = strtol(text, &end, 10);
	return *end || ms <= 0 || ms > INT32_MAX ? HANG_NS : ms * NS_PER_MS;
}

int vu_attach(struct vu_device *vu)
{
	int ret;

	vu->hang_ns = hang_ns();
	for (int i = 0; i < VU_WAKES; i++) {
		vu->wakes[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (vu->wakes[i] < 0)
			return tern_fail(vu->dev, -errno, "cannot make an eventfd: %s",
					 strerror(errno));
	}
	ret = vu_version(&vu->client);
	if (!ret)
		ret = check_pci_id(vu);
	if (!ret)
		ret = read_info(vu);
	if (!ret)
		ret = map_memory(vu);
	if (!ret)
		ret = make_arena(vu);
	if (!ret)
		ret = vu_jobs_init(vu);
	if (!ret)
		ret = vu_bring_up(vu);
	return ret;
}

void vu_detach(struct vu_device *vu)
{
	uint32_t reset = htole32(TERN_CTRL_RESET_MASK);

	/* A simulator that lives on must not go on with our jobs. */
	if (vu->oldest && !vu->client.dead && !vu->sim)
		vu_region_post(&vu->client, TERN_PCI_BAR_REGISTERS, TERN_REG_CTRL, &reset,
			       sizeof(reset));
	vu_disconnect(&vu->client);
	vu_jobs_fini(vu);
	vu_bos_fini(vu);
	for (int i = 0; i < VU_WAKES; i++)
		if (vu->wakes[i] >= 0)
			close(vu->wakes[i]);
	if (vu->mem)
		munmap(vu->mem, vu->mem_bytes);
	if (vu->arena)
		munmap(vu->arena, VU_ARENA_BYTES);
	if (vu->arena_fd >= 0)
		close(vu->arena_fd);
	vu_ranges_fini(&vu->mem_ranges);
	vu_ranges_fini(&vu->host_ranges);
}
