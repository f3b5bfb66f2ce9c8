// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers: made, found by handle, given back.
 *
 * Handles, jobs and mappings hold references. What a buffer holds of the device's resources goes
 * with the last reference, or when the driver is unbound, whichever comes first.
 */
#include <linux/dma-mapping.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "tern_drv.h"

/* The allocator takes address 0 for a failure. */
#define TERN_POOL_BASE	PAGE_SIZE

/* What the processor zeroes before it lets others have a turn. */
#define TERN_ZERO_BYTES	SZ_1M

/* A reset for another job may take the zeroing down so often before it is given up. */
#define TERN_ZERO_TRIES	3

int tern_bo_pool_init(struct tern_device *tdev)
{
	int ret;

	tdev->pool = gen_pool_create(PAGE_SHIFT, dev_to_node(&tdev->pdev->dev));
	if (!tdev->pool)
		return -ENOMEM;
	gen_pool_set_algo(tdev->pool, gen_pool_best_fit, NULL);
	ret = gen_pool_add(tdev->pool, TERN_POOL_BASE, tdev->info.mem_size, -1);
	if (ret)
		tern_bo_pool_fini(tdev);
	return ret;
}

void tern_bo_pool_fini(struct tern_device *tdev)
{
	gen_pool_destroy(tdev->pool);
	tdev->pool = NULL;
}

u64 tern_bo_device_free(struct tern_device *tdev)
{
	/* Buffers whose last reference was a job's or a mapping's are given back by a worker. */
	flush_workqueue(tern_wq);
	return gen_pool_avail(tdev->pool);
}

/* Give back what the buffer holds. */
static void tern_bo_release_memory(struct tern_bo *bo)
{
	struct tern_device *tdev = bo->tdev;

	/* May take long: an exporter's code runs here. */
	switch (bo->kind) {
	case TERN_BO_DEVICE:
		gen_pool_free(tdev->pool, bo->addr + TERN_POOL_BASE, bo->size);
		break;
	case TERN_BO_HOST:
		sg_free_table(&bo->sgt);
		dma_free_coherent(&tdev->pdev->dev, bo->size, bo->vaddr, bo->addr);
		break;
	case TERN_BO_USER:
		tern_user_unpin(bo);
		break;
	case TERN_BO_IMPORT:
		tern_import_release(bo);
		break;
	}
	if (atomic_dec_and_test(&tdev->bos_held))
		wake_up_var(&tdev->bos_held);
}

static enum tern_account tern_bo_account(const struct tern_bo *bo)
{
	return bo->kind == TERN_BO_DEVICE ? TERN_ACCOUNT_DEVICE : TERN_ACCOUNT_HOST;
}

/* Pages of users have a limit of their own, RLIMIT_MEMLOCK. */
static int tern_bo_charge(struct tern_bo *bo, struct tern_ctx *ctx)
{
	int ret;

	if (bo->kind == TERN_BO_USER)
		return 0;
	ret = tern_ctx_charge(ctx, tern_bo_account(bo), bo->size);
	if (ret)
		return ret;
	kref_get(&ctx->ref);
	bo->charged = ctx;
	return 0;
}

static void tern_bo_uncharge(struct tern_bo *bo)
{
	if (!bo->charged)
		return;
	tern_ctx_uncharge(bo->charged, tern_bo_account(bo), bo->size);
	tern_ctx_put(bo->charged);
}

static void tern_bo_free(struct tern_bo *bo)
{
	struct tern_device *tdev = bo->tdev;
	bool revoked;

	mutex_lock(&tdev->lists_lock);
	list_del(&bo->node);
	revoked = bo->revoked;
	mutex_unlock(&tdev->lists_lock);
	if (!revoked)
		tern_bo_release_memory(bo);
	if (bo->kind == TERN_BO_USER)
		tern_user_uncharge(bo);
	tern_bo_uncharge(bo);
	kfree(bo);
	put_device(&tdev->dev);
}

static void tern_bo_free_work(struct work_struct *work)
{
	tern_bo_free(container_of(work, struct tern_bo, free_work));
}

static void tern_bo_release(struct kref *ref)
{
	tern_bo_free(container_of(ref, struct tern_bo, ref));
}

static void tern_bo_release_atomic(struct kref *ref)
{
	struct tern_bo *bo = container_of(ref, struct tern_bo, ref);

	queue_work(tern_wq, &bo->free_work);
}

/* Drop a reference where sleeping is allowed; what it held is free when this returns. */
void tern_bo_put(struct tern_bo *bo)
{
	kref_put(&bo->ref, tern_bo_release);
}

/* Drop a reference anywhere. */
void tern_bo_put_atomic(struct tern_bo *bo)
{
	kref_put(&bo->ref, tern_bo_release_atomic);
}

/* The driver is unbound: nobody uses the buffers any more, but some may still be referenced. */
void tern_bo_revoke_all(struct tern_device *tdev)
{
	struct tern_bo *bo;

	mutex_lock(&tdev->lists_lock);
	while ((bo = list_first_entry_or_null(&tdev->bos, struct tern_bo, node))) {
		list_del_init(&bo->node);
		/* Else its last reference has just gone, and who had it gives the memory back. */
		if (!kref_get_unless_zero(&bo->ref))
			continue;
		bo->revoked = true;
		mutex_unlock(&tdev->lists_lock);
		tern_bo_release_memory(bo);
		tern_bo_put(bo);
		mutex_lock(&tdev->lists_lock);
	}
	mutex_unlock(&tdev->lists_lock);
	wait_var_event(&tdev->bos_held, !atomic_read(&tdev->bos_held));
}

/* The buffer of a handle, with a reference, or NULL. */
struct tern_bo *tern_bo_lookup(struct tern_ctx *ctx, u32 handle)
{
	struct tern_bo *bo;

	xa_lock(&ctx->bos);
	bo = xa_load(&ctx->bos, handle);
	if (bo)
		kref_get(&bo->ref);
	xa_unlock(&ctx->bos);
	return bo;
}

/* A buffer that is its caller's alone: kfree() undoes it. */
struct tern_bo *tern_bo_alloc(struct tern_device *tdev, u32 kind, u32 flags, u64 size)
{
	struct tern_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return NULL;
	kref_init(&bo->ref);
	INIT_LIST_HEAD(&bo->node);
	INIT_WORK(&bo->free_work, tern_bo_free_work);
	bo->tdev = tdev;
	bo->kind = kind;
	bo->flags = flags;
	bo->size = size;
	return bo;
}

/* It has its memory: from here on tern_bo_put() undoes it. */
void tern_bo_add(struct tern_bo *bo)
{
	struct tern_device *tdev = bo->tdev;

	get_device(&tdev->dev);
	atomic_inc(&tdev->bos_held);
	mutex_lock(&tdev->lists_lock);
	list_add_tail(&bo->node, &tdev->bos);
	mutex_unlock(&tdev->lists_lock);
}

/*
 * Give the buffer a name in the context, and tell the user: @handle lies in @arg, which goes to
 * @uarg. The caller's reference becomes the handle's, unless it fails.
 */
int tern_bo_name(struct tern_ctx *ctx, struct tern_bo *bo, u32 *handle, void __user *uarg,
		 const void *arg, size_t size)
{
	int ret;

	/* The handle is reserved first: nobody can use it before its number is told. */
	ret = xa_alloc(&ctx->bos, handle, NULL, XA_LIMIT(1, TERN_HANDLE_MAX), GFP_KERNEL_ACCOUNT);
	if (ret)
		return -ENOMEM;
	ret = tern_respond(uarg, arg, size);
	if (ret) {
		xa_erase(&ctx->bos, *handle);
		return ret;
	}
	xa_store(&ctx->bos, *handle, bo, GFP_KERNEL);
	return 0;
}

static int tern_bo_alloc_device(struct tern_bo *bo)
{
	struct gen_pool *pool = bo->tdev->pool;
	unsigned long addr = gen_pool_alloc(pool, bo->size);

	if (!addr) {
		/* As in tern_bo_device_free(). */
		flush_workqueue(tern_wq);
		addr = gen_pool_alloc(pool, bo->size);
	}
	if (!addr)
		return -ENOSPC;
	bo->addr = addr - TERN_POOL_BASE;
	return 0;
}

/* Can it be done now, or never? */
static bool tern_bo_can_zero(struct tern_device *tdev)
{
	enum tern_state state = tern_get_state(tdev);

	return state == TERN_LIVE || state == TERN_DEAD;
}

/*
 * Zero it by the processor. Writes to a device that is being reset, or cut off, are lost without a
 * word: they count when there was no reset meanwhile and the last of them can be read back.
 */
static int tern_bo_zero_mapped(struct tern_bo *bo)
{
	struct tern_device *tdev = bo->tdev;
	void __iomem *start = tdev->mem + bo->addr;
	int tries = TERN_ZERO_TRIES;

	while (tries--) {
		int resets, ret;
		u64 done;

		ret = wait_event_killable(tdev->state_wq, tern_bo_can_zero(tdev));
		if (ret)
			return ret;
		if (tern_get_state(tdev) == TERN_DEAD)
			return READ_ONCE(tdev->dead_errno);
		resets = atomic_read(&tdev->resets);
		for (done = 0; done < bo->size; done += TERN_ZERO_BYTES) {
			if (fatal_signal_pending(current))
				return -EINTR;
			memset_io(start + done, 0, min_t(u64, bo->size - done, TERN_ZERO_BYTES));
			cond_resched();
		}
		/* Write-combined writes are on their way before the read, which follows them. */
		wmb();
		if (!readl(start + bo->size - sizeof(u32)) &&
		    tern_get_state(tdev) == TERN_LIVE && atomic_read(&tdev->resets) == resets)
			return 0;
	}
	return -EIO;
}

/* Nobody shall read what somebody else has written: device memory is zeroed before it is given. */
static int tern_bo_zero(struct tern_bo *bo)
{
	struct tern_device *tdev = bo->tdev;
	int tries = TERN_ZERO_TRIES;
	int ret;

	do {
		struct tern_job *job;

		if (!(tdev->info.caps & TERN_CAPS_FILL))
			break;
		job = tern_job_alloc();
		if (!job)
			return -ENOMEM;
		tern_job_fill(tdev, job, bo, 0);
		ret = tern_kernel_run(tdev, job);
		if (!ret || ret == -ERESTARTSYS)
			return ret;
	} while (ret == -ECANCELED && --tries);

	return tern_bo_zero_mapped(bo);
}

static int tern_bo_alloc_host(struct tern_bo *bo)
{
	struct device *dev = &bo->tdev->pdev->dev;
	int ret;

	bo->vaddr = dma_alloc_coherent(dev, bo->size, &bo->addr,
				       GFP_KERNEL | __GFP_ACCOUNT | __GFP_NOWARN);
	if (!bo->vaddr)
		return -ENOMEM;
	ret = dma_get_sgtable(dev, &bo->sgt, bo->vaddr, bo->addr, bo->size);
	if (ret) {
		dma_free_coherent(dev, bo->size, bo->vaddr, bo->addr);
		return -ENOMEM;
	}
	return 0;
}

static int tern_bo_create_check(struct tern_device *tdev, const struct tern_bo_create *args)
{
	u64 end;

	if (args->flags & ~TERN_BO_READ_ONLY)
		return -EOPNOTSUPP;
	if (!args->bytes)
		return -EINVAL;
	if (check_add_overflow(args->bytes, (u64)PAGE_SIZE - 1, &end))
		return -EOVERFLOW;

	switch (args->kind) {
	case TERN_BO_DEVICE:
		if (args->flags || args->user_addr)
			return -EINVAL;
		return args->bytes > tdev->info.mem_size ? -ENOSPC : 0;
	case TERN_BO_HOST:
		if (args->flags || args->user_addr)
			return -EINVAL;
		return args->bytes > TERN_HOST_BO_MAX ? -EINVAL : 0;
	case TERN_BO_USER:
		if (!args->user_addr || !PAGE_ALIGNED(args->user_addr))
			return -EINVAL;
		return check_add_overflow(args->user_addr, end, &end) ? -EOVERFLOW : 0;
	default:
		return -EOPNOTSUPP;
	}
}

int tern_ioctl_bo_create(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_device *tdev = ctx->tdev;
	struct tern_bo_create *args = arg;
	struct tern_bo *bo;
	int ret;

	ret = tern_bo_create_check(tdev, args);
	if (ret)
		return ret;
	bo = tern_bo_alloc(tdev, args->kind, args->flags, PAGE_ALIGN(args->bytes));
	if (!bo)
		return -ENOMEM;
	ret = tern_bo_charge(bo, ctx);
	if (ret)
		goto err_free;

	switch (args->kind) {
	case TERN_BO_DEVICE:
		ret = tern_bo_alloc_device(bo);
		break;
	case TERN_BO_HOST:
		ret = tern_bo_alloc_host(bo);
		break;
	case TERN_BO_USER:
		ret = tern_user_pin(bo, args->user_addr);
		break;
	}
	if (ret)
		goto err_uncharge;
	tern_bo_add(bo);
	if (args->kind == TERN_BO_DEVICE)
		ret = tern_bo_zero(bo);
	if (!ret)
		ret = tern_bo_name(ctx, bo, &args->handle, uarg, args, sizeof(*args));
	if (ret)
		tern_bo_put(bo);
	return ret;

err_uncharge:
	tern_bo_uncharge(bo);
err_free:
	kfree(bo);
	return ret;
}

int tern_ioctl_bo_destroy(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_bo_destroy *args = arg;
	struct tern_bo *bo;

	/* A handle that is only reserved stays. */
	xa_lock(&ctx->bos);
	bo = xa_load(&ctx->bos, args->handle);
	if (bo)
		__xa_erase(&ctx->bos, args->handle);
	xa_unlock(&ctx->bos);
	if (!bo)
		return -ENOENT;
	tern_bo_put(bo);
	return 0;
}

int tern_ioctl_bo_mmap(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_bo_mmap *args = arg;
	struct tern_bo *bo = tern_bo_lookup(ctx, args->handle);
	int ret = -EOPNOTSUPP;

	if (!bo)
		return -ENOENT;
	if (!tern_bo_scattered(bo)) {
		args->offset = tern_mmap_offset(args->handle);
		ret = tern_respond(uarg, args, sizeof(*args));
	}
	tern_bo_put(bo);
	return ret;
}
