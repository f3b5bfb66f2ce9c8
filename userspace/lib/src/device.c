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
	const char *arg;
	int ret;

	if (!spec)
		return tern_fail(dev, -EINVAL, "no device was named");
	if (spec[0] == '/') {
		dev->backend = &tern_backend_kernel;
		arg = spec;
	} else if (!strcmp(spec, "sim")) {
		dev->backend = &tern_backend_sim;
		arg = "";
	} else if ((arg = after(spec, "sim:"))) {
		dev->backend = &tern_backend_sim;
		if (!*arg)
			return tern_fail(dev, -EINVAL,
					 "\"%s\": a configuration must follow the colon", spec);
	} else if ((arg = after(spec, "vfio-user:"))) {
		dev->backend = &tern_backend_vfio_user;
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
	for (unsigned int i = 0; i < TERN_BO_BUCKETS; i++)
		while (dev->buckets[i])
			tern_bo_destroy(dev->buckets[i]);
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
#define HASH_IS(name, value, ...) || hash == (value)
	return false TERN_CONFIGS(HASH_IS);
#undef HASH_IS
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

#define CASE_NAME(value, name, text) case value: return name;
#define CASE_TEXT(value, name, text) case value: return text;

const char *tern_status_name(uint32_t status)
{
	switch (status) {
	TERN_STATUS_NAMES(CASE_NAME)
	default:
		return "?";
	}
}

const char *tern_status_text(uint32_t status)
{
	switch (status) {
	TERN_STATUS_NAMES(CASE_TEXT)
	default:
		return NULL;
	}
}

const char *tern_platform_name(uint32_t platform)
{
	switch (platform) {
	TERN_PLATFORM_NAMES(CASE_NAME)
	default:
		return "?";
	}
}
