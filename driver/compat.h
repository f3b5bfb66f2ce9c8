/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between the kernels that tern.ko is built for (6.1 and 6.12), and known ones of
 * later kernels.
 */
#ifndef TERN_COMPAT_H
#define TERN_COMPAT_H

#include <linux/dma-buf.h>
#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/version.h>

/* Of a static importer: before 6.2 the plain functions needed no lock. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define dma_buf_map_attachment_unlocked		dma_buf_map_attachment
#define dma_buf_unmap_attachment_unlocked	dma_buf_unmap_attachment
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

static inline void tern_eventfd_signal(struct eventfd_ctx *eventfd)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	eventfd_signal(eventfd, 1);
#else
	eventfd_signal(eventfd);
#endif
}

/* What MODULE_IMPORT_NS() takes: a string from 6.13 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define TERN_NS_DMA_BUF		DMA_BUF
#else
#define TERN_NS_DMA_BUF		"DMA_BUF"
#endif

/*
 * How pages are pinned that are only read. Before 6.2 a plain pin does not keep the page of a
 * private mapping in place: the next write gives the process another one.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define TERN_FOLL_READ	(FOLL_WRITE | FOLL_FORCE)
#else
#define TERN_FOLL_READ	0
#endif

/* Does a perf event ask for more than its first word can say? */
static inline bool tern_attr_extended(const struct perf_event_attr *attr)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	if (attr->config3)
		return true;
#endif
	return attr->config1 || attr->config2;
}

#endif /* TERN_COMPAT_H */
