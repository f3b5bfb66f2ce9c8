// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of /sys/class/tern/ternN; ABI/sysfs-class-tern describes them.
 */
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "tern_drv.h"

static struct tern_device *to_tern(struct device *dev)
{
	return container_of(dev, struct tern_device, dev);
}

static ssize_t abi_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct tern_info *info = &to_tern(dev)->info;

	return sysfs_emit(buf, "%u.%u\n", info->abi_major, info->abi_minor);
}
static DEVICE_ATTR_RO(abi_version);

static ssize_t config_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_tern(dev)->config);
}
static DEVICE_ATTR_RO(config);

static ssize_t platform_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", tern_hw_platform(to_tern(dev)));
}
static DEVICE_ATTR_RO(platform);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", tern_state_name(tern_get_state(to_tern(dev))));
}
static DEVICE_ATTR_RO(state);

static ssize_t reset_count_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", atomic_read(&to_tern(dev)->resets));
}
static DEVICE_ATTR_RO(reset_count);

static ssize_t queue_reset_count_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", atomic_read(&to_tern(dev)->queue_resets));
}
static DEVICE_ATTR_RO(queue_reset_count);

static ssize_t abort_count_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", atomic_read(&to_tern(dev)->aborts));
}
static DEVICE_ATTR_RO(abort_count);

static ssize_t reset_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	struct tern_device *tdev = to_tern(dev);
	bool yes;
	int ret;

	ret = kstrtobool(buf, &yes);
	if (ret)
		return ret;
	if (!yes)
		return -EINVAL;
	tern_reset_request(tdev, TERN_RESET_SYSFS);
	flush_work(&tdev->reset_work);
	/* It may have been somebody else's reset that served. */
	ret = wait_event_interruptible(tdev->state_wq, tern_get_state(tdev) != TERN_RESETTING);
	if (ret)
		return ret;
	return tern_get_state(tdev) == TERN_DEAD ? READ_ONCE(tdev->dead_errno) : count;
}
static DEVICE_ATTR_WO(reset);

static ssize_t tern_limit_show(struct device *dev, enum tern_account account, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_tern(dev)->ctx_limit[account]));
}

static ssize_t tern_limit_store(struct device *dev, enum tern_account account, const char *buf,
				size_t count)
{
	u64 limit;
	int ret = kstrtou64(buf, 0, &limit);

	if (ret)
		return ret;
	WRITE_ONCE(to_tern(dev)->ctx_limit[account], limit);
	return count;
}

static ssize_t context_device_limit_show(struct device *dev, struct device_attribute *attr,
					 char *buf)
{
	return tern_limit_show(dev, TERN_ACCOUNT_DEVICE, buf);
}

static ssize_t context_device_limit_store(struct device *dev, struct device_attribute *attr,
					  const char *buf, size_t count)
{
	return tern_limit_store(dev, TERN_ACCOUNT_DEVICE, buf, count);
}
static DEVICE_ATTR_RW(context_device_limit);

static ssize_t context_host_limit_show(struct device *dev, struct device_attribute *attr,
				       char *buf)
{
	return tern_limit_show(dev, TERN_ACCOUNT_HOST, buf);
}

static ssize_t context_host_limit_store(struct device *dev, struct device_attribute *attr,
					const char *buf, size_t count)
{
	return tern_limit_store(dev, TERN_ACCOUNT_HOST, buf, count);
}
static DEVICE_ATTR_RW(context_host_limit);

static struct attribute *tern_attrs[] = {
	&dev_attr_abi_version.attr,
	&dev_attr_abort_count.attr,
	&dev_attr_config.attr,
	&dev_attr_context_device_limit.attr,
	&dev_attr_context_host_limit.attr,
	&dev_attr_platform.attr,
	&dev_attr_queue_reset_count.attr,
	&dev_attr_reset.attr,
	&dev_attr_reset_count.attr,
	&dev_attr_state.attr,
	NULL,
};

static const struct attribute_group tern_group = {
	.attrs = tern_attrs,
};

const struct attribute_group *tern_groups[] = {
	&tern_group,
	NULL,
};
