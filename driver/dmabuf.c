// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers that are shared: with other contexts, and from other drivers.
 *
 * A dma-buf of ours holds a reference of its buffer, and an import of it in a context of the same
 * device is one more handle. Nobody else can attach to it: the driver can be unbound at any time
 * and takes its memory with it, but what an importer has mapped it could not take back.
 *
 * A dma-buf of another driver is pinned and mapped as long as the buffer made of it lives.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "tern_drv.h"

MODULE_IMPORT_NS(TERN_NS_DMA_BUF);

/* ------------------------------------------------------------------ ours */

static int tern_dmabuf_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	return -EOPNOTSUPP;
}

/* There is no dma-buf without these two, but nobody gets as far. */
static struct sg_table *tern_dmabuf_map(struct dma_buf_attachment *attach,
					enum dma_data_direction direction)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static void tern_dmabuf_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			      enum dma_data_direction direction)
{
}

static void tern_dmabuf_release(struct dma_buf *dmabuf)
{
	tern_bo_put(dmabuf->priv);
}

static const struct dma_buf_ops tern_dmabuf_ops = {
	.attach = tern_dmabuf_attach,
	.map_dma_buf = tern_dmabuf_map,
	.unmap_dma_buf = tern_dmabuf_unmap,
	.release = tern_dmabuf_release,
};

int tern_ioctl_bo_export(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct tern_bo_export *args = arg;
	struct dma_buf *dmabuf;
	struct tern_bo *bo;
	int ret;

	if (args->flags)
		return -EOPNOTSUPP;
	bo = tern_bo_lookup(ctx, args->handle);
	if (!bo)
		return -ENOENT;
	if (tern_bo_scattered(bo)) {
		tern_bo_put(bo);
		return -EOPNOTSUPP;
	}

	info.ops = &tern_dmabuf_ops;
	info.size = bo->size;
	info.flags = O_RDWR;
	info.priv = bo;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf)) {
		tern_bo_put(bo);
		return PTR_ERR(dmabuf);
	}

	ret = get_unused_fd_flags(O_CLOEXEC);
	if (ret < 0)
		goto err_dmabuf;
	args->fd = ret;
	ret = tern_respond(uarg, args, sizeof(*args));
	if (ret)
		goto err_fd;
	fd_install(args->fd, dmabuf->file);
	return 0;

err_fd:
	put_unused_fd(args->fd);
err_dmabuf:
	dma_buf_put(dmabuf);
	return ret;
}

/* ------------------------------------------------------------------ others' */

static enum dma_data_direction tern_import_direction(const struct tern_bo *bo)
{
	return bo->flags & TERN_BO_READ_ONLY ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
}

/*
 * Commands name whole beats, and where a machine bounces DMA only the exporter could copy. Anything
 * else that lies in host memory serves.
 */
static int tern_import_check(struct tern_bo *bo)
{
	struct device *dev = &bo->tdev->pdev->dev;
	struct scatterlist *sg;
	u64 bytes = 0;
	int i;

	for_each_sgtable_dma_sg(&bo->sgt, sg, i) {
		if ((sg_dma_address(sg) | sg_dma_len(sg)) % TERN_BEAT_BYTES ||
		    dma_need_sync(dev, sg_dma_address(sg)))
			return -EOPNOTSUPP;
		bytes += sg_dma_len(sg);
	}
	return bytes < bo->size ? -EOPNOTSUPP : 0;
}

/* Takes the caller's reference of the dma-buf, unless it fails. */
static int tern_import_attach(struct tern_bo *bo, struct dma_buf *dmabuf)
{
	struct sg_table *sgt;
	int ret;

	bo->attach = dma_buf_attach(dmabuf, &bo->tdev->pdev->dev);
	if (IS_ERR(bo->attach))
		return PTR_ERR(bo->attach);
	sgt = dma_buf_map_attachment_unlocked(bo->attach, tern_import_direction(bo));
	if (IS_ERR(sgt)) {
		ret = PTR_ERR(sgt);
		goto err_detach;
	}
	bo->attach_sgt = sgt;
	bo->sgt = *sgt;
	ret = tern_import_check(bo);
	if (ret)
		goto err_unmap;
	return 0;

err_unmap:
	dma_buf_unmap_attachment_unlocked(bo->attach, sgt, tern_import_direction(bo));
err_detach:
	dma_buf_detach(dmabuf, bo->attach);
	return ret;
}

void tern_import_release(struct tern_bo *bo)
{
	struct dma_buf *dmabuf = bo->attach->dmabuf;

	dma_buf_unmap_attachment_unlocked(bo->attach, bo->attach_sgt, tern_import_direction(bo));
	dma_buf_detach(dmabuf, bo->attach);
	dma_buf_put(dmabuf);
}

/* The buffer of a dma-buf, with a reference. Takes that of the dma-buf, unless it fails. */
static struct tern_bo *tern_import(struct tern_device *tdev, struct dma_buf *dmabuf)
{
	bool writable = dmabuf->file->f_mode & FMODE_WRITE;
	struct tern_bo *bo = dmabuf->priv;
	int ret;

	if (dmabuf->ops == &tern_dmabuf_ops && bo->tdev == tdev) {
		kref_get(&bo->ref);
		dma_buf_put(dmabuf);
		return bo;
	}
	if (!PAGE_ALIGNED(dmabuf->size))
		return ERR_PTR(-EINVAL);
	bo = tern_bo_alloc(tdev, TERN_BO_IMPORT, writable ? 0 : TERN_BO_READ_ONLY, dmabuf->size);
	if (!bo)
		return ERR_PTR(-ENOMEM);
	ret = tern_import_attach(bo, dmabuf);
	if (ret) {
		kfree(bo);
		return ERR_PTR(ret);
	}
	tern_bo_add(bo);
	return bo;
}

int tern_ioctl_bo_import(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_bo_import *args = arg;
	struct dma_buf *dmabuf;
	struct tern_bo *bo;
	int ret;

	if (args->flags)
		return -EOPNOTSUPP;
	dmabuf = dma_buf_get(args->fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	bo = tern_import(ctx->tdev, dmabuf);
	if (IS_ERR(bo)) {
		dma_buf_put(dmabuf);
		return PTR_ERR(bo);
	}

	args->kind = bo->kind;
	args->bo_flags = bo->flags;
	args->bytes = bo->size;
	ret = tern_bo_name(ctx, bo, &args->handle, uarg, args, sizeof(*args));
	if (ret)
		tern_bo_put(bo);
	return ret;
}
