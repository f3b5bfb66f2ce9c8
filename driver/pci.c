// SPDX-License-Identifier: GPL-2.0-only
/*
 * tern.ko - driver of the Tern ternary accelerator: the PCI side of its life.
 */
#include <linux/aer.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

#include "tern_drv.h"

/* Gives back what the last reference to a buffer or context held. */
struct workqueue_struct *tern_wq;

static int tern_map(struct tern_device *tdev)
{
	struct pci_dev *pdev = tdev->pdev;
	u64 window;
	int ret;

	if (pci_resource_len(pdev, TERN_PCI_BAR_REGISTERS) < TERN_PCI_REGISTERS_BYTES) {
		dev_err(&pdev->dev, "BAR %d is too small for the registers\n",
			TERN_PCI_BAR_REGISTERS);
		return -ENODEV;
	}
	tdev->regs = pci_iomap(pdev, TERN_PCI_BAR_REGISTERS, TERN_PCI_REGISTERS_BYTES);
	if (!tdev->regs)
		return -ENOMEM;
	ret = tern_hw_identify(tdev);
	if (ret)
		goto err_regs;

	window = pci_resource_len(pdev, TERN_PCI_BAR_MEMORY);
	if (window < tdev->info.mem_size) {
		dev_warn(&pdev->dev, "only %llu of %llu bytes of device memory are in the window\n",
			 window, tdev->info.mem_size);
		tdev->info.mem_size = window;
	}
	tdev->info.mem_size = ALIGN_DOWN(tdev->info.mem_size, PAGE_SIZE);
	if (!tdev->info.mem_size || tdev->info.mem_size >> TERN_BO_MAX_LOG2) {
		dev_err(&pdev->dev, "%llu bytes of device memory\n", tdev->info.mem_size);
		ret = -ENODEV;
		goto err_regs;
	}
	/* Also reserves write-combining for what mmap() shows of it. */
	tdev->mem_start = pci_resource_start(pdev, TERN_PCI_BAR_MEMORY);
	tdev->mem = pci_iomap_wc(pdev, TERN_PCI_BAR_MEMORY, tdev->info.mem_size);
	if (!tdev->mem) {
		ret = -ENOMEM;
		goto err_regs;
	}
	return 0;

err_regs:
	pci_iounmap(pdev, tdev->regs);
	return ret;
}

static void tern_unmap(struct tern_device *tdev)
{
	pci_iounmap(tdev->pdev, tdev->mem);
	pci_iounmap(tdev->pdev, tdev->regs);
}

/* Everything that needs the device's DMA: rings, interrupts, memory, the kernel's context. */
static int tern_start(struct tern_device *tdev)
{
	int ret;

	/* Whoever had it before: it is quiet before it may reach memory. */
	ret = tern_hw_reset(tdev);
	if (ret) {
		dev_err(&tdev->pdev->dev, "the device does not come out of reset: %d\n", ret);
		return ret;
	}
	ret = tern_vectors_alloc(tdev, tdev->info.queues);
	if (ret)
		return ret;
	ret = tern_queues_alloc(tdev);
	if (ret)
		goto err_vectors;
	ret = tern_irq_init(tdev);
	if (ret)
		goto err_queues;
	ret = tern_bo_pool_init(tdev);
	if (ret)
		goto err_irqs;
	tdev->kernel_ctx = tern_ctx_create(tdev, &tdev->queues[0], NULL);
	if (!tdev->kernel_ctx) {
		ret = -ENOMEM;
		goto err_pool;
	}
	pci_set_master(tdev->pdev);
	ret = tern_hw_start(tdev);
	if (ret) {
		dev_err(&tdev->pdev->dev, "the device does not start: %d\n", ret);
		goto err_ctx;
	}
	tern_counters_start(tdev);
	tern_queues_start(tdev);
	tern_set_state(tdev, TERN_LIVE);
	pci_save_state(tdev->pdev);
	return 0;

err_ctx:
	pci_clear_master(tdev->pdev);
	tern_ctx_close(tdev->kernel_ctx);
	flush_workqueue(tern_wq);
err_pool:
	tern_bo_pool_fini(tdev);
err_irqs:
	tern_irq_fini(tdev);
	/* A completion out of nowhere asks for a reset. */
	cancel_work_sync(&tdev->reset_work);
err_queues:
	tern_queues_free(tdev);
err_vectors:
	pci_free_irq_vectors(tdev->pdev);
	return ret;
}

static void tern_wake_all(struct tern_device *tdev)
{
	struct tern_ctx *ctx;

	mutex_lock(&tdev->lists_lock);
	list_for_each_entry(ctx, &tdev->contexts, node)
		wake_up_all(&ctx->wq);
	mutex_unlock(&tdev->lists_lock);
}

static void tern_unmap_files(struct tern_device *tdev)
{
	struct tern_ctx *ctx;

	mutex_lock(&tdev->lists_lock);
	list_for_each_entry(ctx, &tdev->contexts, node)
		if (ctx->mapping)
			unmap_mapping_range(ctx->mapping, 0, 0, 1);
	mutex_unlock(&tdev->lists_lock);
}

/*
 * The reverse of tern_start(), with files open: they keep the device object and their contexts,
 * and find the gate shut.
 */
static void tern_stop(struct tern_device *tdev)
{
	/* Of all that resets the device only this work can still run beside us. */
	cancel_work_sync(&tdev->reset_work);
	tern_die(tdev, -ENODEV, true);

	WRITE_ONCE(tdev->unbound, true);
	tern_wake_all(tdev);
	synchronize_srcu(&tdev->gate);
	/* No file operation runs now, and no new mapping gets a page. */
	tern_unmap_files(tdev);

	tern_irq_fini(tdev);
	/* In this order: a tick asks for resets, and a dead device's reset arms no tick. */
	cancel_delayed_work_sync(&tdev->tick);
	cancel_work_sync(&tdev->reset_work);
	tern_ctx_close(tdev->kernel_ctx);
	flush_workqueue(tern_wq);
	tern_bo_revoke_all(tdev);
	tern_bo_pool_fini(tdev);
	tern_queues_free(tdev);
	pci_free_irq_vectors(tdev->pdev);
}

static int tern_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct tern_device *tdev;
	int ret;

	tdev = tern_device_alloc(pdev);
	if (IS_ERR(tdev))
		return PTR_ERR(tdev);
	ret = pci_enable_device_mem(pdev);
	if (ret)
		goto err_put;
	ret = pci_request_regions(pdev, TERN_NAME);
	if (ret)
		goto err_disable;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(TERN_ADDRESS_BITS));
	if (ret) {
		dev_err(&pdev->dev, "no %d-bit DMA: %d\n", TERN_ADDRESS_BITS, ret);
		goto err_regions;
	}
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	ret = tern_map(tdev);
	if (ret)
		goto err_regions;
	ret = tern_start(tdev);
	if (ret)
		goto err_unmap;
	pci_set_drvdata(pdev, tdev);
	ret = tern_device_publish(tdev);
	if (ret)
		goto err_stop;
	dev_info(&pdev->dev, "%s: %s, %s, %u lanes, %u columns, %llu MiB\n",
		 dev_name(&tdev->dev), tdev->config, tern_hw_platform(tdev), tdev->info.lanes,
		 tdev->info.cols, tdev->info.mem_size >> 20);
	return 0;

err_stop:
	tern_stop(tdev);
err_unmap:
	tern_unmap(tdev);
err_regions:
	pci_release_regions(pdev);
err_disable:
	pci_disable_device(pdev);
err_put:
	put_device(&tdev->dev);
	return ret;
}

static void tern_remove(struct pci_dev *pdev)
{
	struct tern_device *tdev = pci_get_drvdata(pdev);

	tern_stop(tdev);
	tern_device_unpublish(tdev);
	/* sysfs could ask for one until now; it has nothing to do. */
	cancel_work_sync(&tdev->reset_work);
	tern_unmap(tdev);
	pci_release_regions(pdev);
	/* Unless error_detected() did, and no slot_reset() came. */
	if (pci_is_enabled(pdev))
		pci_disable_device(pdev);
	put_device(&tdev->dev);
}

/* Reboot or kexec: the next kernel's memory is not ours to write. */
static void tern_shutdown(struct pci_dev *pdev)
{
	tern_die(pci_get_drvdata(pdev), -ENODEV, true);
}

/* ------------------------------------------------------------------ PCI's resets */

/* A recovery that failed elsewhere on the bus never brought us up: then we are down already. */
static void tern_pci_down(struct tern_device *tdev, enum tern_reset_cause cause, bool reachable)
{
	if (tdev->pci_owns)
		return;
	/* Said before the device is down, so that nobody looks at its registers meanwhile. */
	WRITE_ONCE(tdev->pci_owns, true);
	if (!tern_reset_own(tdev, cause, reachable))
		WRITE_ONCE(tdev->pci_owns, false);
}

static pci_ers_result_t tern_error_detected(struct pci_dev *pdev, pci_channel_state_t channel)
{
	struct tern_device *tdev = pci_get_drvdata(pdev);

	switch (channel) {
	case pci_channel_io_normal:
		return PCI_ERS_RESULT_CAN_RECOVER;
	case pci_channel_io_frozen:
		tern_pci_down(tdev, TERN_RESET_AER, false);
		if (pci_is_enabled(pdev))
			pci_disable_device(pdev);
		return PCI_ERS_RESULT_NEED_RESET;
	default:
		tern_die(tdev, -ENODEV, false);
		return PCI_ERS_RESULT_DISCONNECT;
	}
}

static pci_ers_result_t tern_slot_reset(struct pci_dev *pdev)
{
	struct tern_device *tdev = pci_get_drvdata(pdev);

	if (pci_enable_device_mem(pdev)) {
		tern_die(tdev, -ENODEV, false);
		return PCI_ERS_RESULT_DISCONNECT;
	}
	pci_restore_state(pdev);
	pci_save_state(pdev);
	return PCI_ERS_RESULT_RECOVERED;
}

/* After PCI error recovery, and after a function level reset. */
static void tern_pci_up(struct pci_dev *pdev)
{
	struct tern_device *tdev = pci_get_drvdata(pdev);

	if (!tdev->pci_owns)
		return;
	WRITE_ONCE(tdev->pci_owns, false);
	tern_reset_end(tdev);
}

static void tern_reset_prepare(struct pci_dev *pdev)
{
	struct tern_device *tdev = pci_get_drvdata(pdev);

	tern_pci_down(tdev, TERN_RESET_PCI, true);
}

static const struct pci_error_handlers tern_err_handlers = {
	.error_detected = tern_error_detected,
	.slot_reset = tern_slot_reset,
	.resume = tern_pci_up,
	.reset_prepare = tern_reset_prepare,
	.reset_done = tern_pci_up,
};

/* ------------------------------------------------------------------ sleep */

static int tern_suspend(struct device *dev)
{
	tern_sleep(dev_get_drvdata(dev));
	return 0;
}

static int tern_resume(struct device *dev)
{
	tern_wake(dev_get_drvdata(dev));
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(tern_pm_ops, tern_suspend, tern_resume);

static const struct pci_device_id tern_pci_ids[] = {
	{ PCI_DEVICE(TERN_PCI_VENDOR_ID, TERN_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, tern_pci_ids);

static struct pci_driver tern_pci_driver = {
	.name = TERN_NAME,
	.id_table = tern_pci_ids,
	.probe = tern_probe,
	.remove = tern_remove,
	.shutdown = tern_shutdown,
	.err_handler = &tern_err_handlers,
	.driver.pm = pm_sleep_ptr(&tern_pm_ops),
};

static int __init tern_module_init(void)
{
	int ret;

	tern_wq = alloc_workqueue(TERN_NAME, WQ_UNBOUND, 0);
	if (!tern_wq)
		return -ENOMEM;
	ret = tern_job_init();
	if (ret)
		goto err_wq;
	ret = tern_cdev_init();
	if (ret)
		goto err_jobs;
	ret = tern_pmu_init();
	if (ret)
		goto err_cdev;
	tern_debugfs_init();
	ret = pci_register_driver(&tern_pci_driver);
	if (ret)
		goto err_debugfs;
	tern_kunit_run();
	return 0;

err_debugfs:
	tern_debugfs_exit();
	tern_pmu_exit();
err_cdev:
	tern_cdev_exit();
err_jobs:
	tern_job_exit();
err_wq:
	destroy_workqueue(tern_wq);
	return ret;
}

static void __exit tern_module_exit(void)
{
	tern_kunit_forget();
	pci_unregister_driver(&tern_pci_driver);
	tern_debugfs_exit();
	/* The last references to buffers, contexts and devices go here. */
	destroy_workqueue(tern_wq);
	tern_pmu_exit();
	tern_cdev_exit();
	tern_job_exit();
}

module_init(tern_module_init);
module_exit(tern_module_exit);

MODULE_DESCRIPTION("Tern ternary accelerator");
MODULE_AUTHOR("The Tern authors");
MODULE_LICENSE("GPL");
