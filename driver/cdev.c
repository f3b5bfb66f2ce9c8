// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ternN: the device object, its gate, the file operations and the table of ioctls.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "tern_drv.h"

#define TERN_MINORS	256

static dev_t tern_devt;
static DEFINE_IDA(tern_minors);

static struct class tern_class = {
	.name = TERN_NAME,
	.dev_groups = tern_groups,
};

/* ------------------------------------------------------------------ the gate */

/*
 * Every file operation runs between these two, and does nothing when tern_unbound() says so.
 * What it returns is for tern_exit().
 */
int tern_enter(struct tern_device *tdev) __acquires(&tdev->gate)
{
	return srcu_read_lock(&tdev->gate);
}

void tern_exit(struct tern_device *tdev, int idx) __releases(&tdev->gate)
{
	srcu_read_unlock(&tdev->gate, idx);
}

bool tern_unbound(struct tern_device *tdev)
{
	return READ_ONCE(tdev->unbound);
}

/* ------------------------------------------------------------------ ioctls */

/* The struct's size as the user sees it: it comes first in every struct. */
static u32 tern_user_size(const void *arg)
{
	return *(const u32 *)arg;
}

/* Give the struct back to the user: as much of it as he knows. */
int tern_respond(void __user *uarg, const void *arg, size_t size)
{
	return copy_to_user(uarg, arg, min_t(size_t, size, tern_user_size(arg))) ? -EFAULT : 0;
}

static int tern_ioctl_info(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_device *tdev = ctx->tdev;
	struct tern_info info = tdev->info;

	info.size = tern_user_size(arg);
	info.reset_count = atomic_read(&tdev->resets);
	info.mem_free = tern_bo_device_free(tdev);
	return tern_respond(uarg, &info, sizeof(info));
}

union tern_args {
	struct tern_info info;
	struct tern_bo_create bo_create;
	struct tern_bo_destroy bo_destroy;
	struct tern_bo_mmap bo_mmap;
	struct tern_submit submit;
	struct tern_wait wait;
	struct tern_eventfd eventfd;
	struct tern_context context;
	struct tern_bo_export bo_export;
	struct tern_bo_import bo_import;
};

/*
 * @last is the last field of the struct's first version: the least that a user may know. An
 * ioctl of a dead device fails, but for those that only give back what is there.
 */
#define TERN_IOCTL(name, function, type, last, dead)			\
	[_IOC_NR(name)] = {						\
		.call = (function),					\
		.size = sizeof(struct type) +				\
			BUILD_BUG_ON_ZERO(offsetof(struct type, size)),	\
		.min_size = offsetofend(struct type, last),		\
		.when_dead = (dead),					\
	}

static const struct tern_ioctl {
	int (*call)(struct tern_ctx *ctx, void *arg, void __user *uarg);
	size_t size;
	size_t min_size;
	bool when_dead;
} tern_ioctls[] = {
	TERN_IOCTL(TERN_IOCTL_INFO, tern_ioctl_info, tern_info, mem_free, false),
	TERN_IOCTL(TERN_IOCTL_BO_CREATE, tern_ioctl_bo_create, tern_bo_create, user_addr, false),
	TERN_IOCTL(TERN_IOCTL_BO_DESTROY, tern_ioctl_bo_destroy, tern_bo_destroy, handle, true),
	TERN_IOCTL(TERN_IOCTL_BO_MMAP, tern_ioctl_bo_mmap, tern_bo_mmap, offset, false),
	TERN_IOCTL(TERN_IOCTL_SUBMIT, tern_ioctl_submit, tern_submit, first, false),
	TERN_IOCTL(TERN_IOCTL_WAIT, tern_ioctl_wait, tern_wait, timeout_ns, true),
	TERN_IOCTL(TERN_IOCTL_EVENTFD, tern_ioctl_eventfd, tern_eventfd, pad, false),
	TERN_IOCTL(TERN_IOCTL_CONTEXT, tern_ioctl_context, tern_context, host_used, false),
	TERN_IOCTL(TERN_IOCTL_BO_EXPORT, tern_ioctl_bo_export, tern_bo_export, fd, false),
	TERN_IOCTL(TERN_IOCTL_BO_IMPORT, tern_ioctl_bo_import, tern_bo_import, bytes, false),
};

static long tern_ioctl_call(struct tern_ctx *ctx, const struct tern_ioctl *ioctl,
			    void __user *uarg)
{
	union tern_args args;
	u32 size;
	int ret;

	if (get_user(size, (u32 __user *)uarg))
		return -EFAULT;
	if (size < ioctl->min_size)
		return -EINVAL;
	if (size > SZ_4K)
		return -E2BIG;
	ret = copy_struct_from_user(&args, ioctl->size, uarg, size);
	if (ret)
		return ret;
	/* Another thread may have changed it since. */
	*(u32 *)&args = size;

	if (!ioctl->when_dead && tern_get_state(ctx->tdev) == TERN_DEAD)
		return READ_ONCE(ctx->tdev->dead_errno);
	return ioctl->call(ctx, &args, uarg);
}

static long tern_fop_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tern_ctx *ctx = file->private_data;
	const struct tern_ioctl *ioctl;
	unsigned int nr = _IOC_NR(cmd);
	long ret;
	int idx;

	if (nr >= ARRAY_SIZE(tern_ioctls) || cmd != _IO(TERN_IOCTL_TYPE, nr))
		return -ENOTTY;
	ioctl = &tern_ioctls[array_index_nospec(nr, ARRAY_SIZE(tern_ioctls))];

	idx = tern_enter(ctx->tdev);
	ret = -ENODEV;
	if (!tern_unbound(ctx->tdev))
		ret = tern_ioctl_call(ctx, ioctl, (void __user *)arg);
	tern_exit(ctx->tdev, idx);
	return ret;
}

/* ------------------------------------------------------------------ files */

static int tern_open(struct tern_device *tdev, struct file *file)
{
	struct tern_ctx *ctx;

	if (tern_unbound(tdev))
		return -ENODEV;
	if (tern_get_state(tdev) == TERN_DEAD)
		return READ_ONCE(tdev->dead_errno);

	ctx = tern_ctx_create(tdev, tern_queue_choose(tdev, TERN_PRIORITY_NORMAL),
			      file->f_mapping);
	if (!ctx)
		return -ENOMEM;
	file->private_data = ctx;
	return 0;
}

static int tern_fop_open(struct inode *inode, struct file *file)
{
	struct tern_device *tdev = container_of(inode->i_cdev, struct tern_device, cdev);
	int idx, ret;

	idx = tern_enter(tdev);
	ret = tern_open(tdev, file);
	tern_exit(tdev, idx);
	return ret ?: nonseekable_open(inode, file);
}

static int tern_fop_release(struct inode *inode, struct file *file)
{
	tern_ctx_close(file->private_data);
	return 0;
}

static __poll_t tern_fop_poll(struct file *file, poll_table *wait)
{
	struct tern_ctx *ctx = file->private_data;
	struct tern_device *tdev = ctx->tdev;
	__poll_t mask = EPOLLERR | EPOLLHUP;
	int idx;

	poll_wait(file, &ctx->wq, wait);
	idx = tern_enter(tdev);
	if (!tern_unbound(tdev)) {
		tern_queue_check(READ_ONCE(ctx->queue));
		if (tern_get_state(tdev) != TERN_DEAD)
			mask = 0;
		if (atomic_read(&ctx->ready) > 0)
			mask |= EPOLLIN | EPOLLRDNORM;
	}
	tern_exit(tdev, idx);
	return mask;
}

static int tern_fop_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct tern_ctx *ctx = file->private_data;
	int idx, ret;

	idx = tern_enter(ctx->tdev);
	ret = tern_unbound(ctx->tdev) ? -ENODEV : tern_mmap(ctx, vma);
	tern_exit(ctx->tdev, idx);
	return ret;
}

static void tern_fop_show_fdinfo(struct seq_file *file, struct file *of)
{
	struct tern_ctx *ctx = of->private_data;
	int idx;

	idx = tern_enter(ctx->tdev);
	if (!tern_unbound(ctx->tdev))
		tern_ctx_show(ctx, file);
	tern_exit(ctx->tdev, idx);
}

static const struct file_operations tern_fops = {
	.owner = THIS_MODULE,
	.open = tern_fop_open,
	.release = tern_fop_release,
	.unlocked_ioctl = tern_fop_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = tern_fop_poll,
	.mmap = tern_fop_mmap,
	.show_fdinfo = tern_fop_show_fdinfo,
};

/* ------------------------------------------------------------------ the device object */

static void tern_device_release(struct device *dev)
{
	struct tern_device *tdev = container_of(dev, struct tern_device, dev);

	tern_queues_release(tdev);
	cleanup_srcu_struct(&tdev->gate);
	mutex_destroy(&tdev->lists_lock);
	ida_free(&tern_minors, tdev->minor);
	kfree(tdev);
}

/* Put it with put_device(), whatever fails later. */
struct tern_device *tern_device_alloc(struct pci_dev *pdev)
{
	struct tern_device *tdev = kzalloc(sizeof(*tdev), GFP_KERNEL);
	int ret;

	if (!tdev)
		return ERR_PTR(-ENOMEM);
	ret = ida_alloc_max(&tern_minors, TERN_MINORS - 1, GFP_KERNEL);
	if (ret < 0)
		goto err_free;
	tdev->minor = ret;
	ret = init_srcu_struct(&tdev->gate);
	if (ret)
		goto err_minor;

	tdev->pdev = pdev;
	spin_lock_init(&tdev->state_lock);
	raw_spin_lock_init(&tdev->counter_lock);
	init_waitqueue_head(&tdev->state_wq);
	mutex_init(&tdev->lists_lock);
	INIT_LIST_HEAD(&tdev->contexts);
	INIT_LIST_HEAD(&tdev->bos);
	memset(tdev->ctx_limit, 0xff, sizeof(tdev->ctx_limit));
	INIT_WORK(&tdev->reset_work, tern_reset_work);
	INIT_DELAYED_WORK(&tdev->tick, tern_tick);

	device_initialize(&tdev->dev);
	tdev->dev.class = &tern_class;
	tdev->dev.parent = &pdev->dev;
	tdev->dev.devt = MKDEV(MAJOR(tern_devt), tdev->minor);
	tdev->dev.release = tern_device_release;
	cdev_init(&tdev->cdev, &tern_fops);
	tdev->cdev.owner = THIS_MODULE;
	ret = dev_set_name(&tdev->dev, TERN_NAME "%d", tdev->minor);
	if (ret) {
		put_device(&tdev->dev);
		return ERR_PTR(ret);
	}
	return tdev;

err_minor:
	ida_free(&tern_minors, tdev->minor);
err_free:
	kfree(tdev);
	return ERR_PTR(ret);
}

/* From here on users come. */
int tern_device_publish(struct tern_device *tdev)
{
	int ret = cdev_device_add(&tdev->cdev, &tdev->dev);

	WRITE_ONCE(tdev->announced, !ret);
	if (ret)
		return ret;
	tern_debugfs_add(tdev);
	tern_pmu_add(tdev);
	return 0;
}

void tern_device_unpublish(struct tern_device *tdev)
{
	WRITE_ONCE(tdev->announced, false);
	tern_pmu_remove(tdev);
	tern_debugfs_remove(tdev);
	cdev_device_del(&tdev->cdev, &tdev->dev);
}

int tern_cdev_init(void)
{
	int ret = alloc_chrdev_region(&tern_devt, 0, TERN_MINORS, TERN_NAME);

	if (ret)
		return ret;
	ret = class_register(&tern_class);
	if (ret)
		unregister_chrdev_region(tern_devt, TERN_MINORS);
	return ret;
}

void tern_cdev_exit(void)
{
	class_unregister(&tern_class);
	unregister_chrdev_region(tern_devt, TERN_MINORS);
	ida_destroy(&tern_minors);
}
