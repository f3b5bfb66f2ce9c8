// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device object that the KUnit suites work on. It never leaves the state INIT: what asks for a
 * reset of it is remembered and not obeyed.
 */
#include <linux/dma-mapping.h>

#include "tern_kunit.h"

/* A queue for each priority, and that of the kernel. */
#define TERN_KUNIT_QUEUES	4

int tern_kunit_init(struct kunit *test)
{
	struct tern_device *tdev;
	struct pci_dev *pdev;
	void *regs;

	pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	device_initialize(&pdev->dev);
	pdev->dev.init_name = "kunit";
	pdev->dma_mask = DMA_BIT_MASK(64);
	pdev->dev.dma_mask = &pdev->dma_mask;
	pdev->dev.coherent_dma_mask = DMA_BIT_MASK(64);

	tdev = tern_device_alloc(pdev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tdev);
	test->priv = tdev;
	regs = kunit_kzalloc(test, TERN_PCI_REGISTERS_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, regs);
	tdev->regs = (void __iomem __force *)regs;
	tdev->info.caps = TERN_CAPS_COPY | TERN_CAPS_FILL | TERN_CAPS_GEMM | TERN_CAPS_BARRIER |
			  TERN_CAPS_P2 | TERN_CAPS_B5;
	tdev->info.lanes = 256;
	tdev->info.cols = 8;
	tdev->info.platform = TERN_PLATFORM_MODEL;
	tdev->ring_max = TERN_KUNIT_RING;
	tdev->queue_count = TERN_KUNIT_QUEUES;
	KUNIT_ASSERT_EQ(test, 0, tern_queues_alloc(tdev));
	return 0;
}

void tern_kunit_exit(struct kunit *test)
{
	struct tern_device *tdev = test->priv;
	struct tern_ctx *ctx, *next;

	if (!tdev)
		return;
	tern_queues_take_down(tdev, -ECANCELED, -ENODEV);
	list_for_each_entry_safe(ctx, next, &tdev->contexts, node)
		tern_ctx_close(ctx);
	flush_workqueue(tern_wq);
	cancel_delayed_work_sync(&tdev->tick);
	cancel_work_sync(&tdev->reset_work);
	tern_queues_free(tdev);
	put_device(&tdev->dev);
}

struct tern_ctx *tern_kunit_context(struct kunit *test, unsigned int queue, int priority)
{
	struct tern_device *tdev = test->priv;
	struct tern_ctx *ctx = tern_ctx_create(tdev, &tdev->queues[queue], NULL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->priority = priority;
	return ctx;
}

/* Give a context a buffer as @bo describes it. It has no memory: nobody gives that back. */
void tern_kunit_buffer(struct kunit *test, struct tern_ctx *ctx, u32 handle, struct tern_bo *bo)
{
	struct tern_bo *copy = tern_bo_alloc(ctx->tdev, bo->kind, bo->flags, bo->size);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	copy->addr = bo->addr;
	copy->sgt = bo->sgt;
	copy->revoked = true;
	tern_bo_add(copy);
	KUNIT_ASSERT_EQ(test, 0, xa_err(xa_store(&ctx->bos, handle, copy, GFP_KERNEL)));
}

static struct kunit_suite *tern_suites[] = {
	&tern_queue_suite,
	&tern_state_suite,
	&tern_command_suite,
};

/* Not kunit_test_suites(): 6.1 runs those before the module's init, and there are no caches yet. */
void tern_kunit_run(void)
{
	if (__kunit_test_suites_init(tern_suites, ARRAY_SIZE(tern_suites)))
		pr_warn("the KUnit suites were not run\n");
}

void tern_kunit_forget(void)
{
	__kunit_test_suites_exit(tern_suites, ARRAY_SIZE(tern_suites));
}
