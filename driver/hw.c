// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers: reading, writing, who the device is, stopping and starting it.
 */
#include <linux/iopoll.h>

#include "tern_drv.h"
#include "tern_abi_names.h"

#define TERN_GONE	(~0u)	/* what a read gives when nobody answers */

u32 tern_read(struct tern_device *tdev, u32 reg)
{
	return readl(tdev->regs + reg);
}

void tern_write(struct tern_device *tdev, u32 reg, u32 value)
{
	writel(value, tdev->regs + reg);
}

static u32 tern_queue_reg(const struct tern_queue *q, u32 reg)
{
	return TERN_QUEUE_BASE + q->index * TERN_QUEUE_STRIDE + reg;
}

u32 tern_queue_read(struct tern_queue *q, u32 reg)
{
	return tern_read(q->tdev, tern_queue_reg(q, reg));
}

static void tern_queue_write(struct tern_queue *q, u32 reg, u32 value)
{
	tern_write(q->tdev, tern_queue_reg(q, reg), value);
}

/* No other register tells all-ones from a value; ID does. */
bool tern_hw_gone(struct tern_device *tdev)
{
	return tern_read(tdev, TERN_REG_ID) != TERN_MAGIC;
}

/*
 * One of the device's totals, of 64 bits. Reading the low half keeps the high one for the next
 * read, whichever counter that is of. False when nobody answers: no total comes near all-ones.
 */
bool tern_hw_counter(struct tern_device *tdev, u32 reg, u64 *value)
{
	u32 low, high;

	lockdep_assert_held(&tdev->counter_lock);
	low = tern_read(tdev, reg);
	high = tern_read(tdev, reg + 4);
	*value = (u64)high << 32 | low;
	return high != TERN_GONE;
}

static const char * const tern_platforms[] = {
#define TERN_PLATFORM(value, name, text)	\
	[value] = name,
	TERN_PLATFORM_NAMES(TERN_PLATFORM)
#undef TERN_PLATFORM
};

const char *tern_hw_platform(struct tern_device *tdev)
{
	u32 kind = tdev->info.platform;

	return kind < ARRAY_SIZE(tern_platforms) ? tern_platforms[kind] : "UNKNOWN";
}

static const struct {
	const char *name;
	u32 hash;
} tern_configs[] = {
#define TERN_CONFIG(name, hash, ...)	{ #name, hash },
	TERN_CONFIGS(TERN_CONFIG)
#undef TERN_CONFIG
};

/*
 * Read who the device is into tdev->info, and refuse one that this driver does not know: its
 * registers might mean something else.
 */
int tern_hw_identify(struct tern_device *tdev)
{
	struct device *dev = &tdev->pdev->dev;
	struct tern_info *info = &tdev->info;
	u32 value, log2_max;
	size_t i;

	value = tern_read(tdev, TERN_REG_ID);
	if (value != TERN_MAGIC) {
		if (value == TERN_GONE)
			dev_err(dev, "the device does not answer (all-ones)\n");
		else
			dev_err(dev, "ID is %#x, not %#x\n", value, TERN_MAGIC);
		return -ENODEV;
	}

	value = tern_read(tdev, TERN_REG_ABI_VERSION);
	info->abi_major = TERN_GET(TERN_ABI_VERSION_MAJOR, value);
	info->abi_minor = TERN_GET(TERN_ABI_VERSION_MINOR, value);
	info->abi_hash = tern_read(tdev, TERN_REG_ABI_HASH);
	if (info->abi_major != TERN_ABI_MAJOR || info->abi_hash != TERN_ABI_HASH) {
		dev_err(dev, "device contract %u.%u (%#x), this driver knows %u.%u (%#x)\n",
			info->abi_major, info->abi_minor, info->abi_hash,
			TERN_ABI_MAJOR, TERN_ABI_MINOR, TERN_ABI_HASH);
		return -EPROTO;
	}

	info->config_hash = tern_read(tdev, TERN_REG_CONFIG_HASH);
	for (i = 0; i < ARRAY_SIZE(tern_configs); i++)
		if (tern_configs[i].hash == info->config_hash)
			tdev->config = tern_configs[i].name;
	if (!tdev->config) {
		dev_err(dev, "unknown configuration %#x\n", info->config_hash);
		return -EPROTO;
	}

	info->platform = TERN_GET(TERN_PLATFORM_KIND, tern_read(tdev, TERN_REG_PLATFORM));
	info->caps = tern_read(tdev, TERN_REG_CAPS);
	value = tern_read(tdev, TERN_REG_ARRAY);
	info->lanes = TERN_GET(TERN_ARRAY_LANES, value);
	info->cols = TERN_GET(TERN_ARRAY_COLS, value);
	value = tern_read(tdev, TERN_REG_QUEUES);
	info->queues = TERN_GET(TERN_QUEUES_COUNT, value);
	log2_max = TERN_GET(TERN_QUEUES_LOG2_MAX, value);
	tdev->ring_max = 1u << min_t(u32, log2_max, TERN_QUEUE_LOG2_MAX);
	info->k_tile = tern_read(tdev, TERN_REG_K_TILE);
	info->clock_khz = tern_read(tdev, TERN_REG_CLOCK_KHZ);
	info->mem_size = tern_read(tdev, TERN_REG_MEM_SIZE_LO) |
			 (u64)tern_read(tdev, TERN_REG_MEM_SIZE_HI) << 32;
	if (!info->lanes || !info->cols || !info->clock_khz || !info->queues ||
	    info->queues > TERN_QUEUES_MAX || log2_max < TERN_QUEUE_LOG2_MIN) {
		dev_err(dev, "senseless capabilities: %u lanes, %u columns, %u kHz, %u queues\n",
			info->lanes, info->cols, info->clock_khz, info->queues);
		return -EPROTO;
	}
	info->host_bo_max = TERN_HOST_BO_MAX;
	return 0;
}

static unsigned int tern_hw_reset_us(struct tern_device *tdev)
{
	switch (tdev->info.platform) {
	case TERN_PLATFORM_SILICON:
		return 100 * USEC_PER_MSEC;
	case TERN_PLATFORM_FPGA:
		return 1 * USEC_PER_SEC;
	default:
		return 10 * USEC_PER_SEC;
	}
}

/* Stop all that the device does. After a 0 it makes no DMA and no interrupt. */
int tern_hw_reset(struct tern_device *tdev)
{
	u32 value;
	int ret;

	if (tern_hw_gone(tdev))
		return -ENODEV;
	tern_write(tdev, TERN_REG_CTRL, TERN_CTRL_RESET_MASK);
	ret = read_poll_timeout(tern_read, value,
				value == TERN_GONE || !(value & TERN_CTRL_RESET_MASK),
				1000, tern_hw_reset_us(tdev), false, tdev, TERN_REG_CTRL);
	if (!ret && value != TERN_GONE)
		ret = read_poll_timeout(tern_read, value,
					value == TERN_GONE || (value & TERN_STATUS_READY_MASK),
					1000, tern_hw_reset_us(tdev), false, tdev, TERN_REG_STATUS);
	if (value == TERN_GONE)
		return -ENODEV;
	return ret ? -EIO : 0;
}

/* Program a queue that is off and whose rings are empty, and switch it on. */
void tern_hw_start_queue(struct tern_queue *q)
{
	tern_queue_write(q, TERN_QREG_SQ_BASE_LO, lower_32_bits(q->sq_dma));
	tern_queue_write(q, TERN_QREG_SQ_BASE_HI, upper_32_bits(q->sq_dma));
	tern_queue_write(q, TERN_QREG_CQ_BASE_LO, lower_32_bits(q->cq_dma));
	tern_queue_write(q, TERN_QREG_CQ_BASE_HI, upper_32_bits(q->cq_dma));
	tern_queue_write(q, TERN_QREG_SIZE, ilog2(q->tdev->ring_size));
	tern_queue_write(q, TERN_QREG_CTRL, TERN_Q_CTRL_ENABLE_MASK | TERN_Q_CTRL_IRQ_MASK);
}

/* Switch a queue off: its jobs are aborted without a completion. After a 0 it makes no DMA. */
int tern_hw_stop_queue(struct tern_queue *q)
{
	u32 value;
	int ret;

	tern_queue_write(q, TERN_QREG_CTRL, 0);
	ret = read_poll_timeout(tern_queue_read, value,
				value == TERN_GONE || !(value & TERN_Q_STATUS_BUSY_MASK), 1000,
				tern_hw_reset_us(q->tdev) / 10, false, q, TERN_QREG_STATUS);
	if (value == TERN_GONE)
		return -ENODEV;
	return ret ? -EIO : 0;
}

/* Has the device fetched the command at this place of the submission ring? */
bool tern_hw_fetched(struct tern_queue *q, u16 place)
{
	u32 mask = q->tdev->ring_size - 1;
	u32 head = tern_queue_read(q, TERN_QREG_SQ_HEAD);
	u32 tail = tern_queue_read(q, TERN_QREG_SQ_TAIL);

	return ((place - head) & mask) >= ((tail - head) & mask);
}

/* Have the device abort a command that it has fetched. It ends with a completion, but when? */
int tern_hw_abort(struct tern_queue *q, u16 id)
{
	u32 value;

	tern_write(q->tdev, TERN_REG_ABORT, id << TERN_ABORT_ID_SHIFT |
		   q->index << TERN_ABORT_QUEUE_SHIFT | TERN_ABORT_GO_MASK);
	return read_poll_timeout(tern_read, value, !(value & TERN_ABORT_GO_MASK), 1000,
				 tern_hw_reset_us(q->tdev) / 10, false, q->tdev, TERN_REG_ABORT);
}

/* Program the queues, whose rings are empty, and enable the device. */
int tern_hw_start(struct tern_device *tdev)
{
	unsigned int i;
	u32 value;

	if (tern_hw_gone(tdev))
		return -ENODEV;
	for (i = 0; i < tdev->queue_count; i++)
		tern_hw_start_queue(&tdev->queues[i]);
	tern_write(tdev, TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);

	/* The read also waits until the writes have arrived. */
	value = tern_read(tdev, TERN_REG_CTRL);
	if (value == TERN_GONE)
		return -ENODEV;
	return value & TERN_CTRL_ENABLE_MASK ? 0 : -EIO;
}
