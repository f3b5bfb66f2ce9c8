// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of TERN_BO_USER: pages of the caller, pinned for as long as the buffer lives, charged
 * to the caller's RLIMIT_MEMLOCK and mapped for the device.
 */
#include <linux/dma-mapping.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "tern_drv.h"

static enum dma_data_direction tern_user_direction(const struct tern_bo *bo)
{
	return bo->flags & TERN_BO_READ_ONLY ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
}

static void tern_user_unpin_pages(struct tern_bo *bo, unsigned long pinned)
{
	unpin_user_pages_dirty_lock(bo->pages, pinned, !(bo->flags & TERN_BO_READ_ONLY));
}

static int tern_user_pin_pages(struct tern_bo *bo, u64 addr)
{
	unsigned int flags = bo->flags & TERN_BO_READ_ONLY ? TERN_FOLL_READ : FOLL_WRITE;
	unsigned long pinned = 0;

	while (pinned < bo->npages) {
		int got = pin_user_pages_fast(addr + (pinned << PAGE_SHIFT),
					      min_t(unsigned long, bo->npages - pinned, INT_MAX),
					      FOLL_LONGTERM | flags, bo->pages + pinned);

		/* A shared mapping that cannot be written; nothing replaces its pages either. */
		if (got == -EFAULT && flags & FOLL_FORCE) {
			flags = 0;
			continue;
		}
		if (got <= 0) {
			tern_user_unpin_pages(bo, pinned);
			return got ?: -EFAULT;
		}
		pinned += got;
	}
	return 0;
}

static bool tern_user_needs_sync(struct tern_bo *bo)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(&bo->sgt, sg, i)
		if (dma_need_sync(&bo->tdev->pdev->dev, sg_dma_address(sg)))
			return true;
	return false;
}

int tern_user_pin(struct tern_bo *bo, u64 addr)
{
	struct device *dev = &bo->tdev->pdev->dev;
	int ret;

	if (!access_ok(u64_to_user_ptr(addr), bo->size))
		return -EFAULT;
	bo->npages = bo->size >> PAGE_SHIFT;
	ret = account_locked_vm(current->mm, bo->npages, true);
	if (ret)
		return ret;
	bo->mm = current->mm;
	mmgrab(bo->mm);

	ret = -ENOMEM;
	bo->pages = kvmalloc_array(bo->npages, sizeof(*bo->pages),
				   GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bo->pages)
		goto err_account;
	ret = tern_user_pin_pages(bo, addr);
	if (ret)
		goto err_pages;
	ret = sg_alloc_table_from_pages(&bo->sgt, bo->pages, bo->npages, 0, bo->size,
					GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_pin;
	ret = dma_map_sgtable(dev, &bo->sgt, tern_user_direction(bo), 0);
	if (ret) {
		ret = -ENOMEM;
		goto err_sgt;
	}
	bo->need_sync = tern_user_needs_sync(bo);
	return 0;

err_sgt:
	sg_free_table(&bo->sgt);
err_pin:
	tern_user_unpin_pages(bo, bo->npages);
err_pages:
	kvfree(bo->pages);
err_account:
	tern_user_uncharge(bo);
	return ret;
}

/* Takes the mmap lock of the process that made the buffer. */
void tern_user_uncharge(struct tern_bo *bo)
{
	account_locked_vm(bo->mm, bo->npages, false);
	mmdrop(bo->mm);
}

void tern_user_unpin(struct tern_bo *bo)
{
	dma_unmap_sgtable(&bo->tdev->pdev->dev, &bo->sgt, tern_user_direction(bo), 0);
	sg_free_table(&bo->sgt);
	tern_user_unpin_pages(bo, bo->npages);
	kvfree(bo->pages);
}

/* On a machine that bounces DMA, what the CPU wrote must go to the device before a COPY ... */
void tern_user_sync_for_device(struct tern_bo *bo)
{
	if (bo->need_sync)
		dma_sync_sgtable_for_device(&bo->tdev->pdev->dev, &bo->sgt,
					    tern_user_direction(bo));
}

/* ... and what the device wrote must come to the CPU after it. */
void tern_user_sync_for_cpu(struct tern_bo *bo)
{
	if (bo->need_sync)
		dma_sync_sgtable_for_cpu(&bo->tdev->pdev->dev, &bo->sgt, tern_user_direction(bo));
}
