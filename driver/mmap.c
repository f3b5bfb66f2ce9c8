// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers in a process's memory.
 *
 * Pages are entered at the first fault and not by mmap(): a mapping is only then linked to its
 * file, where unbinding the driver finds it, and a fault passes the gate as every file operation
 * does. dma_mmap_coherent() would leave a window in which a mapping outlives its memory.
 */
#include "tern_drv.h"

/* An offset names a handle and a place in its buffer. */
#define TERN_MMAP_PAGES_LOG2	(TERN_BO_MAX_LOG2 - PAGE_SHIFT)

/* A fault enters so many pages around it. */
#define TERN_FAULT_PAGES	64

u64 tern_mmap_offset(u32 handle)
{
	return (u64)handle << TERN_BO_MAX_LOG2;
}

static unsigned long tern_bo_pfn(const struct tern_bo *bo, unsigned long page)
{
	struct sg_page_iter iter;

	if (bo->kind == TERN_BO_DEVICE)
		return PHYS_PFN(bo->tdev->mem_start + bo->addr) + page;
	/* In one piece, unless an IOMMU makes it look so. */
	if (bo->sgt.orig_nents == 1)
		return page_to_pfn(sg_page(bo->sgt.sgl)) + page;
	for_each_sgtable_page(&bo->sgt, &iter, page)
		return page_to_pfn(sg_page_iter_page(&iter));
	return 0;
}

/* Enter the page that was asked for, which must work, and those around it, which may fail. */
static vm_fault_t tern_fault_pages(struct vm_fault *vmf, struct tern_bo *bo)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long mask = BIT(TERN_MMAP_PAGES_LOG2) - 1;
	unsigned long first, last, page;
	vm_fault_t ret;

	/* Pages of the buffer that this mapping shows. */
	first = vma->vm_pgoff & mask;
	last = first + vma_pages(vma);
	page = vmf->pgoff & mask;
	first = max(first, round_down(page, TERN_FAULT_PAGES));
	last = min(last, round_down(page, TERN_FAULT_PAGES) + TERN_FAULT_PAGES);
	if (last > bo->size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;

	ret = vmf_insert_pfn(vma, vmf->address & PAGE_MASK, tern_bo_pfn(bo, page));
	for (; ret == VM_FAULT_NOPAGE && first < last; first++) {
		unsigned long addr = vma->vm_start +
				     ((first - (vma->vm_pgoff & mask)) << PAGE_SHIFT);

		if (first != page && vmf_insert_pfn(vma, addr, tern_bo_pfn(bo, first)) !=
		    VM_FAULT_NOPAGE)
			break;
	}
	return ret;
}

static vm_fault_t tern_vm_fault(struct vm_fault *vmf)
{
	struct tern_bo *bo = vmf->vma->vm_private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	int idx;

	idx = tern_enter(bo->tdev);
	if (!tern_unbound(bo->tdev))
		ret = tern_fault_pages(vmf, bo);
	tern_exit(bo->tdev, idx);
	return ret;
}

static void tern_vm_open(struct vm_area_struct *vma)
{
	struct tern_bo *bo = vma->vm_private_data;

	kref_get(&bo->ref);
}

static void tern_vm_close(struct vm_area_struct *vma)
{
	/* Giving memory back takes locks that are not taken under the mmap lock held here. */
	tern_bo_put_atomic(vma->vm_private_data);
}

static const struct vm_operations_struct tern_vm_ops = {
	.fault = tern_vm_fault,
	.open = tern_vm_open,
	.close = tern_vm_close,
};

int tern_mmap(struct tern_ctx *ctx, struct vm_area_struct *vma)
{
	unsigned long page = vma->vm_pgoff & (BIT(TERN_MMAP_PAGES_LOG2) - 1);
	struct tern_bo *bo;
	int ret = 0;

	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_pgoff >> TERN_MMAP_PAGES_LOG2 > TERN_HANDLE_MAX)
		return -EINVAL;
	bo = tern_bo_lookup(ctx, vma->vm_pgoff >> TERN_MMAP_PAGES_LOG2);
	if (!bo)
		return -ENOENT;
	if (tern_bo_scattered(bo))
		ret = -EOPNOTSUPP;
	else if (page + vma_pages(vma) > bo->size >> PAGE_SHIFT)
		ret = -ERANGE;
	if (ret) {
		tern_bo_put_atomic(bo);
		return ret;
	}

	vm_flags_set(vma, VM_PFNMAP | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	if (bo->kind == TERN_BO_DEVICE) {
		vm_flags_set(vma, VM_IO);
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	}
	vma->vm_private_data = bo;
	vma->vm_ops = &tern_vm_ops;
	return 0;
}
