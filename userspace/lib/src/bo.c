// SPDX-License-Identifier: Apache-2.0
/* Buffers: the handles of a device, and where the caller sees them. */
#include <errno.h>
#include <stdlib.h>

#include "backend.h"

static struct tern_bo **bucket(struct tern_device *dev, uint32_t handle)
{
	return &dev->buckets[handle % TERN_BO_BUCKETS];
}

struct tern_bo *tern_bo_find(const struct tern_device *dev, uint32_t handle)
{
	struct tern_bo *bo = dev->buckets[handle % TERN_BO_BUCKETS];

	while (bo && bo->handle != handle)
		bo = bo->next;
	return bo;
}

static int create(struct tern_device *dev, struct tern_bo_create *arg, struct tern_bo **out)
{
	struct tern_bo **head;
	struct tern_bo *bo;
	int ret;

	if (!out)
		return tern_fail(dev, -EINVAL, "no place for the new buffer's pointer");
	*out = NULL;
	if (!dev->priv)
		return tern_fail(dev, -ENODEV, "the device is not open");
	arg->size = sizeof(*arg);
	bo = calloc(1, sizeof(*bo));
	if (!bo)
		return tern_fail(dev, -ENOMEM, "no memory left for a buffer's description");
	ret = dev->backend->bo_create(dev, arg);
	if (ret) {
		free(bo);
		return ret;
	}

	bo->dev = dev;
	bo->handle = arg->handle;
	bo->kind = arg->kind;
	bo->flags = arg->flags;
	bo->bytes = arg->bytes;
	bo->size = (arg->bytes + TERN_PAGE_BYTES - 1) & ~(uint64_t)(TERN_PAGE_BYTES - 1);
	if (arg->kind == TERN_BO_USER)
		bo->map = (void *)(uintptr_t)arg->user_addr;
	head = bucket(dev, bo->handle);
	bo->next = *head;
	*head = bo;
	*out = bo;
	return 0;
}

int tern_bo_create(struct tern_device *dev, enum tern_bo_kind kind,
		   uint64_t bytes, struct tern_bo **bo)
{
	struct tern_bo_create arg = { .kind = kind, .bytes = bytes };

	if (kind == TERN_BO_USER)
		return tern_fail(dev, -EINVAL,
				 "tern_bo_create: a buffer of the caller's memory is made by tern_bo_import_user()");
	return create(dev, &arg, bo);
}

int tern_bo_import_user(struct tern_device *dev, void *addr, uint64_t bytes,
			uint32_t flags, struct tern_bo **bo)
{
	struct tern_bo_create arg = {
		.kind = TERN_BO_USER,
		.flags = flags,
		.bytes = bytes,
		.user_addr = (uintptr_t)addr,
	};

	return create(dev, &arg, bo);
}

static void unlink_and_free(struct tern_bo *bo)
{
	struct tern_bo **link = bucket(bo->dev, bo->handle);

	while (*link != bo)
		link = &(*link)->next;
	*link = bo->next;
	if (bo->map && bo->kind != TERN_BO_USER)
		bo->dev->backend->bo_unmap(bo->dev, bo);
	free(bo);
}

void tern_bo_destroy(struct tern_bo *bo)
{
	if (!bo)
		return;
	bo->dev->backend->bo_destroy(bo->dev, bo->handle);
	unlink_and_free(bo);
}

void tern_bo_forget_all(struct tern_device *dev)
{
	for (unsigned int i = 0; i < TERN_BO_BUCKETS; i++)
		while (dev->buckets[i])
			unlink_and_free(dev->buckets[i]);
}

void *tern_bo_map(struct tern_bo *bo)
{
	if (!bo->map && bo->dev->backend->bo_map(bo->dev, bo, &bo->map))
		return NULL;
	return bo->map;
}

uint32_t tern_bo_handle(const struct tern_bo *bo)
{
	return bo->handle;
}

uint64_t tern_bo_size(const struct tern_bo *bo)
{
	return bo->bytes;
}
