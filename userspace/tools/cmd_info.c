// SPDX-License-Identifier: Apache-2.0
/* tern info: what a device is. tern list: which devices there are. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "tern_abi.h"
#include "tern_abi_names.h"
#include "tool.h"

#define MIB	(1024.0 * 1024.0)

struct options {
	const char *device;
	bool json;
};

static const struct argp_option with_device[] = {
	{ "device", 'd', "DEVICE", 0, "the device", 0 },
	{ "json", 'j', NULL, 0, "print one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'd':
		options->device = arg;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "\"%s\" is one argument too many", arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *config_name(uint32_t hash)
{
#define CONFIG(name, value, ...) { #name, value },
	static const struct {
		const char *name;
		uint32_t hash;
	} configs[] = { TERN_CONFIGS(CONFIG) };
#undef CONFIG

	for (size_t i = 0; i < ARRAY_SIZE(configs); i++)
		if (configs[i].hash == hash)
			return configs[i].name;
	return "?";
}

static const struct {
	uint32_t bit;
	const char *name;
} caps[] = {
#define CAP(value, name, text) { 1u << (value), name },
	TERN_CAPS_NAMES(CAP)
#undef CAP
};

static json_t *to_json(const char *device, const struct tern_info *info)
{
	json_t *names = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		if (info->caps & caps[i].bit)
			json_array_append_new(names, json_string(caps[i].name));
	return json_pack("{s:s, s:s, s:{s:i, s:i, s:I}, s:{s:s, s:I}, s:o, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "device", device, "platform", tern_platform_name(info->platform),
			 "abi", "major", info->abi_major, "minor", info->abi_minor,
			 "hash", (json_int_t)info->abi_hash,
			 "config", "name", config_name(info->config_hash),
			 "hash", (json_int_t)info->config_hash, "caps", names,
			 "lanes", info->lanes, "cols", info->cols, "queues", info->queues,
			 "k_tile", (json_int_t)info->k_tile,
			 "clock_khz", (json_int_t)info->clock_khz,
			 "reset_count", (json_int_t)info->reset_count,
			 "host_bo_max", (json_int_t)info->host_bo_max,
			 "mem_size", (json_int_t)info->mem_size,
			 "mem_free", (json_int_t)info->mem_free);
}

static void print_info(const char *device, const struct tern_info *info)
{
	printf("device         %s\n", device);
	printf("platform       %s\n", tern_platform_name(info->platform));
	printf("contract       %u.%u, hash 0x%08x\n", info->abi_major, info->abi_minor,
	       info->abi_hash);
	printf("configuration  %s, hash 0x%08x\n", config_name(info->config_hash),
	       info->config_hash);
	printf("can            ");
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		if (info->caps & caps[i].bit)
			printf("%s ", caps[i].name);
	printf("\narray          %u lanes x %u columns, %g MHz\n", info->lanes, info->cols,
	       info->clock_khz / 1e3);
	printf("buffer         %u activations a token\n", info->k_tile);
	printf("queues         %u\n", info->queues);
	printf("memory         %.1f MiB, %.1f MiB free\n", (double)info->mem_size / MIB,
	       (double)info->mem_free / MIB);
	printf("host buffers   up to %.1f MiB each\n", (double)info->host_bo_max / MIB);
	printf("resets         %u\n", info->reset_count);
}

static int print_json(json_t *json)
{
	int ret = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;

	json_decref(json);
	if (ret) {
		fprintf(stderr, "tern: cannot write JSON\n");
		return EXIT_FAILED;
	}
	putchar('\n');
	return EXIT_OK;
}

int info_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = with_device,
		.parser = parse,
		.doc = "Show what a device is.\v" DEVICE_TEXT "\n" EXIT_TEXT,
	};
	struct options options = { 0 };
	struct tern_device *dev;
	struct tern_info info;
	int ret = EXIT_OK;
	char *used;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	dev = open_device(options.device, &used);
	if (!dev)
		return EXIT_NO_DEVICE;
	if (tern_get_info(dev, &info)) {
		fprintf(stderr, "tern: %s\n", tern_error(dev));
		ret = EXIT_FAILED;
	} else if (options.json) {
		ret = print_json(to_json(used, &info));
	} else {
		print_info(used, &info);
	}
	tern_close(dev);
	free(used);
	return ret;
}

/* One line, or one object in @array; returns whether the device can be used. */
static bool list_one(const char *spec, json_t *array)
{
	struct tern_device *dev = NULL;
	struct tern_info info;
	bool usable = !tern_open(spec, &dev) && !tern_get_info(dev, &info);

	if (usable && array)
		json_array_append_new(array, to_json(spec, &info));
	else if (usable)
		printf("%-12s %-8s %-8s %u x %u, %.0f MiB\n", spec,
		       tern_platform_name(info.platform), config_name(info.config_hash),
		       info.lanes, info.cols, (double)info.mem_size / MIB);
	else if (array)
		json_array_append_new(array, json_pack("{s:s, s:s}", "device", spec, "error",
						       tern_error(dev)));
	else
		printf("%-12s cannot be opened: %s\n", spec, tern_error(dev));
	tern_close(dev);
	return usable;
}

int list_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = with_device + 1,
		.parser = parse,
		.doc = "Show the devices that can be opened: the kernel's, and a simulator started for the occasion.\v"
		       EXIT_TEXT,
	};
	struct options options = { 0 };
	unsigned int usable = 0;
	json_t *array = NULL;
	char **paths;
	size_t count;
	int ret = EXIT_OK;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!find_devices(&paths, &count)) {
		fprintf(stderr, "tern: no memory left\n");
		return EXIT_FAILED;
	}
	if (options.json)
		array = json_array();
	for (size_t i = 0; i < count; i++)
		usable += list_one(paths[i], array);
	usable += list_one("sim", array);
	free_devices(paths, count);
	if (array)
		ret = print_json(array);
	return ret ? ret : usable ? EXIT_OK : EXIT_NO_DEVICE;
}
