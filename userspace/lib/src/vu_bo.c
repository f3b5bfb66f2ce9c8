// SPDX-License-Identifier: Apache-2.0
/* Buffers of the vfio-user backend: ranges of device memory and of the arena. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vu.h"

#define SLOT_BITS	16
#define SLOT_MASK	((1u << SLOT_BITS) - 1)

static int grow(struct vu_device *vu)
{
	uint32_t slots = vu->bo_slots ? 2 * vu->bo_slots : 64;
	struct vu_bo **bos;

	if (slots > SLOT_MASK)
		return tern_fail(vu->dev, -ENOMEM, "a device cannot have more than %u buffers",
				 vu->bo_slots);
	bos = realloc(vu->bos, slots * sizeof(struct vu_bo *));
	if (!bos)
		return tern_fail(vu->dev, -ENOMEM, "no memory left for the table of buffers");
	memset(bos + vu->bo_slots, 0, (slots - vu->bo_slots) * sizeof(struct vu_bo *));
	vu->bos = bos;
	vu->bo_slots = slots;
	return 0;
}

static int find_slot(struct vu_device *vu, uint32_t *slot)
{
	for (*slot = 0; *slot < vu->bo_slots; (*slot)++)
		if (!vu->bos[*slot])
			return 0;
	return grow(vu);
}

static int place(struct vu_device *vu, struct vu_bo *bo)
{
	bool device = bo->kind == TERN_BO_DEVICE;
	struct vu_ranges *ranges = device ? &vu->mem_ranges : &vu->host_ranges;
	int ret;

	ret = vu_ranges_alloc(ranges, bo->size, &bo->range);
	if (ret == -ENOSPC)
		return tern_fail(vu->dev, device ? -ENOSPC : -ENOMEM,
				 "no room for a buffer of %llu bytes: %llu bytes of %s memory are free",
				 (unsigned long long)bo->size,
				 (unsigned long long)ranges->free_bytes,
				 device ? "device" : "host");
	if (ret)
		return tern_fail(vu->dev, ret, "no memory left for a buffer's description");
	/* The arena is zeroed when a buffer leaves it; device memory is as it was left. */
	if (device)
		memset(vu->mem + bo->range->start, 0, bo->size);
	return 0;
}

/* The caller's memory is copied later, when an error could not be told. */
static int check_mapped(struct vu_device *vu, const struct vu_bo *bo)
{
	unsigned char resident[1024];
	const uint64_t part = sizeof(resident) * TERN_PAGE_BYTES;

	for (uint64_t at = 0; at < bo->size; at += part) {
		uint64_t left = bo->size - at;

		if (mincore(bo->user + at, left < part ? left : part, resident))
			return tern_fail(vu->dev, -EFAULT, "no memory is mapped at all of %llu bytes at %p",
					 (unsigned long long)bo->size, (void *)bo->user);
	}
	return 0;
}

int vu_bo_create(struct tern_device *dev, struct tern_bo_create *arg)
{
	struct vu_device *vu = to_vu(dev);
	struct vu_bo *bo;
	uint32_t slot;
	int ret;

	ret = tern_check_bo_create(dev, arg);
	if (ret)
		return ret;
	if (arg->kind == TERN_BO_HOST && arg->bytes > vu->info.host_bo_max)
		return tern_fail(dev, -EINVAL,
				 "a buffer of host memory has at most %llu bytes, not %llu",
				 (unsigned long long)vu->info.host_bo_max,
				 (unsigned long long)arg->bytes);
	if (vu->gone)
		return vu_fail_gone(vu, "buffer");
	ret = find_slot(vu, &slot);
	if (ret)
		return ret;
	bo = calloc(1, sizeof(*bo));
	if (!bo)
		return tern_fail(dev, -ENOMEM, "no memory left for a buffer's description");
	bo->kind = arg->kind;
	bo->size = (arg->bytes + TERN_PAGE_BYTES - 1) & ~(uint64_t)(TERN_PAGE_BYTES - 1);
	bo->user = (uint8_t *)(uintptr_t)arg->user_addr;
	ret = arg->kind == TERN_BO_USER ? check_mapped(vu, bo) : place(vu, bo);
	if (ret) {
		free(bo);
		return ret;
	}
	/* A new generation, so that a stale handle does not fit its slot's next buffer. */
	vu->bo_generation++;
	bo->handle = (uint32_t)vu->bo_generation << SLOT_BITS | (slot + 1);
	vu->bos[slot] = bo;
	arg->handle = bo->handle;
	return 0;
}

struct vu_bo *vu_bo_find(struct vu_device *vu, uint32_t handle)
{
	uint32_t slot = (handle & SLOT_MASK) - 1;

	if (slot >= vu->bo_slots || !vu->bos[slot] || vu->bos[slot]->handle != handle)
		return NULL;
	return vu->bos[slot];
}

static void release(struct vu_device *vu, struct vu_bo *bo)
{
	if (bo->kind == TERN_BO_HOST) {
		uint64_t offset = bo->range->start - VU_ARENA_ADDRESS;

		/* Gives the pages back and makes them zeros, also for the device. */
		if (fallocate(vu->arena_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)offset, (off_t)bo->size))
			memset(vu->arena + offset, 0, bo->size);
		vu_ranges_free(&vu->host_ranges, bo->range);
	} else if (bo->kind == TERN_BO_DEVICE) {
		vu_ranges_free(&vu->mem_ranges, bo->range);
	}
	free(bo);
}

void vu_bo_get(struct vu_bo *bo)
{
	if (bo)
		bo->jobs++;
}

void vu_bo_put(struct vu_device *vu, struct vu_bo *bo)
{
	if (bo && !--bo->jobs && bo->destroyed)
		release(vu, bo);
}

void vu_bo_destroy(struct tern_device *dev, uint32_t handle)
{
	struct vu_device *vu = to_vu(dev);
	struct vu_bo *bo = vu_bo_find(vu, handle);

	if (!bo)
		return;
	/* The caller may free the memory behind it next. */
	if (bo->kind == TERN_BO_USER)
		vu_jobs_drain(vu, bo);
	vu->bos[(handle & SLOT_MASK) - 1] = NULL;
	bo->destroyed = true;
	if (!bo->jobs)
		release(vu, bo);
}

void vu_bos_fini(struct vu_device *vu)
{
	for (uint32_t slot = 0; slot < vu->bo_slots; slot++) {
		if (vu->bos[slot])
			free(vu->bos[slot]->range);
		free(vu->bos[slot]);
	}
	free(vu->bos);
	vu->bos = NULL;
	vu->bo_slots = 0;
}

int vu_bo_map(struct tern_device *dev, const struct tern_bo *bo, void **map)
{
	struct vu_device *vu = to_vu(dev);
	const struct vu_bo *own = vu_bo_find(vu, bo->handle);

	if (own->kind == TERN_BO_DEVICE)
		*map = vu->mem + own->range->start;
	else
		*map = vu->arena + (own->range->start - VU_ARENA_ADDRESS);
	return 0;
}
