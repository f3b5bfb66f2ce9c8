// SPDX-License-Identifier: Apache-2.0
/* Opening and closing a device, its errors, and the names of what it says. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "tern_abi.h"
#include "tern_abi_names.h"

int tern_fail(struct tern_device *dev, int ret, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(dev->error, sizeof(dev->error), format, args);
	va_end(args);
	return ret;
}

static const char *after(const char *spec, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(spec, prefix, len) ? NULL : spec + len;
}

static int open_spec(struct tern_device *dev, const char *spec)
{
	const char *config, *path, *arg;
	int ret;

	if (!spec)
		return tern_fail(dev, -EINVAL, "no device was named");
	config = strcmp(spec, "sim") ? after(spec, "sim:") : "";
	path = after(spec, "vfio-user:");
	if (spec[0] == '/') {
		dev->backend = &tern_backend_kernel;
		arg = spec;
	} else if (config) {
		dev->backend = &tern_backend_sim;
		arg = config;
		if (spec[strlen("sim")] && !*arg)
			return tern_fail(dev, -EINVAL,
					 "\"%s\": a configuration must follow the colon", spec);
	} else if (path) {
		dev->backend = &tern_backend_vfio_user;
		arg = path;
		if (!*arg)
			return tern_fail(dev, -EINVAL,
					 "\"%s\": a socket's path must follow the colon", spec);
	} else {
		return tern_fail(dev, -EINVAL,
				 "\"%s\" names no device: use /dev/ternN, sim, sim:CONFIG or vfio-user:PATH",
				 spec);
	}
	ret = dev->backend->open(dev, arg);
	if (ret)
		dev->backend->close(dev);
	return ret;
}

int tern_open(const char *spec, struct tern_device **dev)
{
	if (!dev)
		return -EINVAL;
	*dev = calloc(1, sizeof(**dev));
	if (!*dev)
		return -ENOMEM;
	return open_spec(*dev, spec);
}

void tern_close(struct tern_device *dev)
{
	if (!dev)
		return;
	tern_bo_forget_all(dev);
	if (dev->priv)
		dev->backend->close(dev);
	free(dev);
}

const char *tern_error(const struct tern_device *dev)
{
	return dev ? dev->error : "no memory for a device";
}

int tern_get_info(struct tern_device *dev, struct tern_info *info)
{
	if (!info)
		return tern_fail(dev, -EINVAL, "tern_get_info: no struct to write to");
	if (!dev->priv)
		return tern_fail(dev, -ENODEV, "the device is not open");
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return dev->backend->info(dev, info);
}

static bool known_config(uint32_t hash)
{
#define CONFIG_HASH(name, value, ...) value,
	static const uint32_t known[] = { TERN_CONFIGS(CONFIG_HASH) };
#undef CONFIG_HASH

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == hash)
			return true;
	return false;
}

int tern_check_abi(struct tern_device *dev, const struct tern_info *info)
{
	if (info->abi_major != TERN_ABI_MAJOR)
		return tern_fail(dev, -EPROTO,
				 "the device speaks version %u.%u of the device contract, this library %u.%u: update the older one",
				 info->abi_major, info->abi_minor, TERN_ABI_MAJOR, TERN_ABI_MINOR);
	if (info->abi_hash != TERN_ABI_HASH)
		return tern_fail(dev, -EPROTO,
				 "the device was built from another device contract (hash 0x%08x) than this library (0x%08x): build both from one tree",
				 info->abi_hash, TERN_ABI_HASH);
	if (!known_config(info->config_hash))
		return tern_fail(dev, -EPROTO,
				 "the device's configuration (hash 0x%08x) is not one that this library knows: build both from one tree",
				 info->config_hash);
	return 0;
}

struct name {
	const char *name;
	const char *text;
};

#define NAME_TEXT(value, name, text)	\
	[value] = { name, text },

static const struct name statuses[] = { TERN_STATUS_NAMES(NAME_TEXT) };
static const struct name platforms[] = { TERN_PLATFORM_NAMES(NAME_TEXT) };

const char *tern_status_name(uint32_t status)
{
	return status < ARRAY_SIZE(statuses) && statuses[status].name ? statuses[status].name : "?";
}

const char *tern_status_text(uint32_t status)
{
	return status < ARRAY_SIZE(statuses) ? statuses[status].text : NULL;
}

const char *tern_platform_name(uint32_t platform)
{
	if (platform >= ARRAY_SIZE(platforms) || !platforms[platform].name)
		return "?";
	return platforms[platform].name;
}
