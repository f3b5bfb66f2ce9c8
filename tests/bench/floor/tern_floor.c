// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor that tern.ko's round trip is measured against: a driver that does nothing but put one
 * NOP after another into a ring, ring the doorbell and sleep until the interrupt handler has seen
 * its completion. Whatever takes longer than this is the driver's own doing.
 *
 * It measures while it binds to a card; the figures are module parameters that can be read.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "tern_abi.h"

#define FLOOR_LOG2	4u
#define FLOOR_ENTRIES	BIT(FLOOR_LOG2)
#define FLOOR_WAIT_MS	10000

static unsigned int rounds = 1000;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Round trips to make (default 1000)");

static ulong median_ns;
module_param(median_ns, ulong, 0444);
MODULE_PARM_DESC(median_ns, "Out: the median of their times");

struct floor {
	void __iomem *regs;
	struct tern_hw_command *sq;
	struct tern_hw_completion *cq;
	dma_addr_t sq_dma;
	dma_addr_t cq_dma;
	u32 head;		/* of the completion ring */
	u8 phase;		/* of the next completion */
	struct completion done;
};

static irqreturn_t floor_irq(int irq, void *data)
{
	struct floor *floor = data;

	if ((READ_ONCE(floor->cq[floor->head].phase) & 1) == floor->phase)
		complete(&floor->done);
	return IRQ_HANDLED;
}

static void floor_queue_write(struct floor *floor, u32 reg, u32 value)
{
	writel(value, floor->regs + TERN_QUEUE_BASE + reg);
}

static int floor_start(struct floor *floor)
{
	u32 value;
	int ret;

	writel(TERN_CTRL_RESET_MASK, floor->regs + TERN_REG_CTRL);
	ret = readl_poll_timeout(floor->regs + TERN_REG_CTRL, value,
				 !(value & TERN_CTRL_RESET_MASK), 1000, 10 * USEC_PER_SEC);
	if (ret)
		return ret;
	ret = readl_poll_timeout(floor->regs + TERN_REG_STATUS, value,
				 value & TERN_STATUS_READY_MASK, 1000, 10 * USEC_PER_SEC);
	if (ret)
		return ret;
	floor_queue_write(floor, TERN_QREG_SQ_BASE_LO, lower_32_bits(floor->sq_dma));
	floor_queue_write(floor, TERN_QREG_SQ_BASE_HI, upper_32_bits(floor->sq_dma));
	floor_queue_write(floor, TERN_QREG_CQ_BASE_LO, lower_32_bits(floor->cq_dma));
	floor_queue_write(floor, TERN_QREG_CQ_BASE_HI, upper_32_bits(floor->cq_dma));
	floor_queue_write(floor, TERN_QREG_SIZE, FLOOR_LOG2);
	floor_queue_write(floor, TERN_QREG_CTRL, TERN_Q_CTRL_ENABLE_MASK | TERN_Q_CTRL_IRQ_MASK);
	writel(TERN_CTRL_ENABLE_MASK, floor->regs + TERN_REG_CTRL);
	return 0;
}

/* One NOP; the time it took in ns, or a negative errno. */
static s64 floor_round(struct floor *floor)
{
	void __iomem *doorbell = floor->regs + TERN_QUEUE_DOORBELL_BASE;
	struct tern_hw_command *cmd = &floor->sq[floor->head];
	ktime_t start = ktime_get();

	memset(cmd, 0, sizeof(*cmd));
	cmd->opcode = TERN_HW_OP_NOP;
	cmd->flags = TERN_COMMAND_FLAG_IRQ;
	/* The command is in memory before the device hears of it. */
	wmb();
	writel((floor->head + 1) % FLOOR_ENTRIES, doorbell);
	if (!wait_for_completion_timeout(&floor->done, msecs_to_jiffies(FLOOR_WAIT_MS)))
		return -ETIMEDOUT;
	if (++floor->head == FLOOR_ENTRIES) {
		floor->head = 0;
		floor->phase ^= 1;
	}
	/* As a driver does, not for every completion. */
	if (floor->head % (FLOOR_ENTRIES / 4) == 0)
		writel(floor->head, doorbell + sizeof(u32));
	return ktime_to_ns(ktime_sub(ktime_get(), start));
}

static int floor_compare(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return x < y ? -1 : x > y;
}

static int floor_measure(struct floor *floor)
{
	s64 *times;
	u32 i;
	int ret = 0;

	if (!rounds)
		return -EINVAL;
	times = kcalloc(rounds, sizeof(*times), GFP_KERNEL);
	if (!times)
		return -ENOMEM;
	for (i = 0; i < rounds; i++) {
		times[i] = floor_round(floor);
		if (times[i] < 0) {
			ret = times[i];
			goto out;
		}
	}
	sort(times, rounds, sizeof(*times), floor_compare, NULL);
	median_ns = times[rounds / 2];
out:
	kfree(times);
	return ret;
}

static int floor_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct floor *floor;
	int ret;

	floor = devm_kzalloc(&pdev->dev, sizeof(*floor), GFP_KERNEL);
	if (!floor)
		return -ENOMEM;
	floor->phase = 1;
	init_completion(&floor->done);
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(TERN_ADDRESS_BITS));
	if (ret)
		return ret;
	floor->regs = pcim_iomap(pdev, TERN_PCI_BAR_REGISTERS, TERN_PCI_REGISTERS_BYTES);
	if (!floor->regs)
		return -ENOMEM;
	floor->sq = dmam_alloc_coherent(&pdev->dev, FLOOR_ENTRIES * TERN_ENTRY_BYTES,
					&floor->sq_dma, GFP_KERNEL);
	floor->cq = dmam_alloc_coherent(&pdev->dev, FLOOR_ENTRIES * TERN_ENTRY_BYTES,
					&floor->cq_dma, GFP_KERNEL);
	if (!floor->sq || !floor->cq)
		return -ENOMEM;
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSIX);
	if (ret < 0)
		return ret;
	ret = request_irq(pci_irq_vector(pdev, 0), floor_irq, 0, "tern_floor", floor);
	if (ret)
		goto err_vectors;
	pci_set_master(pdev);
	ret = floor_start(floor);
	if (!ret)
		ret = floor_measure(floor);
	/* The device is quiet before its memory goes, whatever became of it. */
	writel(TERN_CTRL_RESET_MASK, floor->regs + TERN_REG_CTRL);
	pci_clear_master(pdev);
	free_irq(pci_irq_vector(pdev, 0), floor);
err_vectors:
	pci_free_irq_vectors(pdev);
	return ret;
}

static const struct pci_device_id floor_ids[] = {
	{ PCI_DEVICE(TERN_PCI_VENDOR_ID, TERN_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, floor_ids);

static struct pci_driver floor_driver = {
	.name = "tern_floor",
	.id_table = floor_ids,
	.probe = floor_probe,
};
module_pci_driver(floor_driver);

MODULE_DESCRIPTION("Round trip of a bare Tern ring, for comparison");
MODULE_AUTHOR("The Tern authors");
MODULE_LICENSE("GPL");
