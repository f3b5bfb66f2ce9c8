// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: vector q says that queue q has completions, vector 0 also that ERROR is not 0.
 */
#include <linux/interrupt.h>
#include <linux/module.h>

#include "tern_drv.h"
#include "trace.h"

static unsigned int max_vectors;
module_param(max_vectors, uint, 0444);
MODULE_PARM_DESC(max_vectors, "Most interrupt vectors to use, and with them queues (default 0: as many as there are)");

static irqreturn_t tern_irq(int irq, void *data)
{
	struct tern_queue *q = data;
	unsigned int taken;

	/*
	 * A vector is never shared with another device, and a waiter may have taken the
	 * completions before: it is ours in any case.
	 */
	taken = tern_queue_check(q);
	trace_tern_irq(q, taken);
	if (!taken && !q->index)
		tern_tick_now(q->tdev);
	return IRQ_HANDLED;
}

/*
 * The device raises vector q for queue q, and nothing tells it another one: with fewer vectors
 * fewer queues are used, down to a single one for users and kernel alike.
 */
int tern_vectors_alloc(struct tern_device *tdev, unsigned int queues)
{
	int ret;

	if (max_vectors)
		queues = min(queues, max_vectors);
	ret = pci_alloc_irq_vectors(tdev->pdev, 1, queues, PCI_IRQ_MSIX | PCI_IRQ_MSI);
	if (ret < 0) {
		dev_err(&tdev->pdev->dev, "no interrupt vector: %d\n", ret);
		return ret;
	}
	if (ret < queues)
		dev_info(&tdev->pdev->dev, "%d interrupt vectors for %u queues\n", ret, queues);
	tdev->queue_count = ret;
	return 0;
}

int tern_irq_init(struct tern_device *tdev)
{
	int ret;

	for (tdev->irqs = 0; tdev->irqs < tdev->queue_count; tdev->irqs++) {
		struct tern_queue *q = &tdev->queues[tdev->irqs];

		snprintf(q->irq_name, sizeof(q->irq_name), "%s-q%u", dev_name(&tdev->dev),
			 q->index);
		ret = request_irq(pci_irq_vector(tdev->pdev, q->index), tern_irq, 0, q->irq_name,
				  q);
		if (ret) {
			tern_irq_fini(tdev);
			return ret;
		}
	}
	return 0;
}

void tern_irq_fini(struct tern_device *tdev)
{
	while (tdev->irqs) {
		struct tern_queue *q = &tdev->queues[--tdev->irqs];

		free_irq(pci_irq_vector(tdev->pdev, q->index), q);
	}
}
