// SPDX-License-Identifier: Apache-2.0
/* tern selftest: what must be true of every Tern device, as TAP. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "selftest.h"

struct options {
	const char *device;
	uint64_t seed;
};

static const struct argp_option option_table[] = {
	{ "device", 'd', "DEVICE", 0, "the device", 0 },
	{ "seed", 's', "N", 0, "seed of the operands, default 1", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;

	switch (key) {
	case 'd':
		options->device = arg;
		return 0;
	case 's':
		errno = 0;
		options->seed = strtoull(arg, &end, 0);
		if (errno || !*arg || *end)
			argp_error(state, "\"%s\" is not a seed: it must be a number of 64 bits",
				   arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "\"%s\" is one argument too many", arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void report(struct selftest *test, bool ok, const char *why, const char *name, ...)
{
	va_list args;

	test->count++;
	test->failed += !ok;
	printf("%sok %u - ", ok ? "" : "not ", test->count);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	if (!ok)
		printf("# %s\n", why);
	fflush(stdout);
}

bool run_one(struct selftest *test, const struct tern_cmd *cmd, struct tern_result *result)
{
	return !tern_run(test->dev, cmd, 1, JOB_NS, result);
}

int selftest_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.doc = "Test a device: every command, GEMMs of awkward shapes against the C reference, and wrong commands. Prints TAP.\v"
		       DEVICE_TEXT "\n" EXIT_TEXT,
	};
	struct options options = { .seed = 1 };
	struct selftest test = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	test.dev = open_device(options.device, NULL);
	if (!test.dev)
		return EXIT_NO_DEVICE;
	test.random.state = options.seed;
	puts("TAP version 13");
	test_basics(&test);
	test_gemm(&test);
	test_refusals(&test);
	printf("1..%u\n", test.count);
	if (test.failed)
		printf("# %u of %u failed\n", test.failed, test.count);
	tern_close(test.dev);
	return test.failed ? EXIT_FAILED : EXIT_OK;
}
