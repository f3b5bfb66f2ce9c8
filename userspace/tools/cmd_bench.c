// SPDX-License-Identifier: Apache-2.0
/* tern bench: how fast a device is, in wall time and in its own cycles. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

#define GIGA		1e9
#define MS_PER_S	1e3
#define SHAPES_MAX	16
#define JOBS_MAX	100000
#define SHAPE_JOBS	50
#define MODEL_TOKENS	5
#define JOB_NS		(600 * 1000000000ll)
#define BATCH		8	/* GEMMs that the device has at once */

struct shape {
	uint32_t n, k, t;
};

struct options {
	const char *device;
	const char *model;
	const struct tern_packing *packing;
	struct shape shapes[SHAPES_MAX];
	unsigned int count;
	uint32_t jobs;			/* 0: the default */
	bool json;
};

static const struct argp_option option_table[] = {
	{ "device", 'd', "DEVICE", 0, "the device", 0 },
	{ "shape", 's', "N,K,T", 0, "GEMM of N outputs, K inputs, T tokens; can be repeated", 0 },
	{ "model", 'm', "MODEL", 0,
	  "all jobs of a token, and no shapes unless given: 2b-4t or 700m", 0 },
	{ "packing", 'p', "PACKING", 0, "how the weights are packed: p2 (default) or b5", 0 },
	{ "jobs", 'n', "COUNT", 0,
	  "jobs of each kind, default 50; tokens of a model, default 5", 0 },
	{ "json", 'j', NULL, 0, "print one JSON object", 0 },
	{ 0 },
};

static bool parse_number(const char **text, uint32_t *value)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(*text, &end, 10);
	if (end == *text || **text == '-' || errno || !number || number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	*text = end;
	return true;
}

static bool parse_shape(const char *text, struct shape *shape)
{
	return parse_number(&text, &shape->n) && *text++ == ',' &&
	       parse_number(&text, &shape->k) && *text++ == ',' &&
	       parse_number(&text, &shape->t) && !*text;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	const char *text = arg;

	switch (key) {
	case 'd':
		options->device = arg;
		return 0;
	case 's':
		if (options->count == SHAPES_MAX)
			argp_error(state, "more than %u shapes", SHAPES_MAX);
		if (!parse_shape(arg, &options->shapes[options->count++]))
			argp_error(state, "\"%s\" is not a shape: N,K,T, each at least 1", arg);
		return 0;
	case 'm':
		if (!bench_model_known(arg))
			argp_error(state, "\"%s\" is no known model: 2b-4t or 700m", arg);
		options->model = arg;
		return 0;
	case 'p':
		options->packing = tern_packing_find(arg);
		if (!options->packing)
			argp_error(state, "\"%s\" is not a packing: p2 or b5", arg);
		return 0;
	case 'n':
		if (!parse_number(&text, &options->jobs) || *text || options->jobs > JOBS_MAX)
			argp_error(state, "\"%s\" is not a number of jobs between 1 and %u", arg,
				   JOBS_MAX);
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

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / GIGA;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What many runs of one command took. */
struct timing {
	double total_s, min_s, median_s, p99_s;
	struct tern_result cost;	/* of the last one */
};

/*
 * Rounds of @batch equal jobs, given to the device at once: with several, it can prepare one while
 * another runs. A job's time is its round's share. NULL on success, else what went wrong.
 */
static const char *time_jobs(struct tern_device *dev, const struct tern_cmd *cmd, uint32_t jobs,
			     uint32_t batch, struct timing *timing)
{
	const uint32_t rounds = (jobs + batch - 1) / batch;
	struct tern_result results[BATCH];
	struct tern_cmd cmds[BATCH];
	double *each = malloc(rounds * sizeof(*each));

	if (!each)
		return "no memory left";
	for (uint32_t i = 0; i < batch; i++)
		cmds[i] = *cmd;
	*timing = (struct timing){};
	/* The first one finds caches cold and pages untouched. */
	for (uint32_t i = 0; i <= rounds; i++) {
		double start = now_s();

		if (tern_run(dev, cmds, batch, JOB_NS, results)) {
			free(each);
			return tern_error(dev);
		}
		if (!i)
			continue;
		each[i - 1] = (now_s() - start) / batch;
		timing->total_s += each[i - 1] * jobs / rounds;
	}
	timing->cost = results[batch - 1];
	qsort(each, rounds, sizeof(*each), by_value);
	timing->min_s = each[0];
	timing->median_s = each[rounds / 2];
	timing->p99_s = each[(uint64_t)(rounds - 1) * 99 / 100];
	free(each);
	return NULL;
}

static double per(double value, double by)
{
	return by > 0 ? value / by : 0;
}

static const char *bench_nop(struct tern_device *dev, uint32_t jobs, json_t *json)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	struct timing timing;
	const char *why = time_jobs(dev, &nop, jobs, 1, &timing);

	if (why)
		return why;
	if (json)
		json_object_set_new(json, "nop",
				    json_pack("{s:i, s:f, s:f, s:f, s:I}", "jobs", (int)jobs,
					      "min_us", timing.min_s * 1e6,
					      "median_us", timing.median_s * 1e6,
					      "p99_us", timing.p99_s * 1e6,
					      "cycles", (json_int_t)timing.cost.cycles));
	else
		printf("NOP round trip: median %.1f us, least %.1f us, 99 %% within %.1f us; %llu cycles\n\n%6s %6s %4s %8s %10s %10s %9s %8s %8s\n",
		       timing.median_s * 1e6, timing.min_s * 1e6, timing.p99_s * 1e6,
		       (unsigned long long)timing.cost.cycles, "N", "K", "T", "jobs", "ms/job",
		       "GMAC/s", "cycles", "array", "B/cycle");
	return NULL;
}

static void add_shape(json_t *array, const struct shape *shape, uint32_t jobs,
		      const struct timing *timing, const struct tern_info *info)
{
	double macs = (double)shape->n * shape->k * shape->t;
	double cycles = (double)timing->cost.cycles;
	double bytes = (double)(timing->cost.mem_read + timing->cost.mem_written);
	json_t *json = json_pack("{s:I, s:I, s:I, s:i, s:f, s:f, s:f, s:I, s:f, s:f, s:f}",
				 "n", (json_int_t)shape->n, "k", (json_int_t)shape->k,
				 "t", (json_int_t)shape->t, "jobs", (int)jobs,
				 "gmacs_per_s", per(macs * jobs, timing->total_s) / GIGA,
				 "mean_ms", timing->total_s / jobs * MS_PER_S,
				 "median_ms", timing->median_s * MS_PER_S,
				 "cycles", (json_int_t)timing->cost.cycles,
				 "array_use", per((double)timing->cost.array, cycles),
				 "bytes_per_cycle", per(bytes, cycles),
				 "device_gmacs_per_s",
				 per(macs, cycles) * info->clock_khz * 1e3 / GIGA);

	json_array_append_new(array, json);
}

static const char *bench_shape(struct tern_device *dev, const struct options *options,
			       const struct shape *shape, const struct tern_info *info,
			       json_t *array)
{
	uint32_t jobs = options->jobs ? options->jobs : SHAPE_JOBS;
	double macs = (double)shape->n * shape->k * shape->t;
	struct random random = { .state = 1 };
	double cycles, bytes;
	struct timing timing;
	const char *why;
	struct gemm gemm;
	uint32_t row, col;
	int ret;

	ret = gemm_init(&gemm, dev, options->packing, TERN_BO_HOST, shape->n, shape->k, shape->t, 0,
			&random);
	if (ret)
		return ret == -ENOMEM ? "no memory left" : tern_error(dev);
	why = time_jobs(dev, &gemm.cmd, jobs, BATCH, &timing);
	if (!why && !gemm_matches(&gemm, &row, &col))
		why = "a result differs from the reference";
	gemm_fini(&gemm);
	if (why)
		return why;
	cycles = (double)timing.cost.cycles;
	bytes = (double)(timing.cost.mem_read + timing.cost.mem_written);
	if (array)
		add_shape(array, shape, jobs, &timing, info);
	else
		printf("%6u %6u %4u %8u %10.3f %10.2f %9.0f %7.1f%% %8.1f\n", shape->n, shape->k,
		       shape->t, jobs, timing.total_s / jobs * MS_PER_S,
		       per(macs * jobs, timing.total_s) / GIGA, cycles,
		       per((double)timing.cost.array, cycles) * 100, per(bytes, cycles));
	fflush(stdout);
	return NULL;
}

static const char *bench_token(struct tern_device *dev, const struct options *options, json_t *json)
{
	struct token_cost cost;
	const char *why = bench_model(dev, options->model, options->packing,
				      options->jobs ? options->jobs : MODEL_TOKENS, &cost);

	if (why)
		return why;
	if (json)
		json_object_set_new(json, "token",
				    json_pack("{s:s, s:i, s:I, s:f, s:f}", "model", options->model,
					      "jobs", (int)cost.jobs, "weights",
					      (json_int_t)cost.weights, "least_s", cost.least_s,
					      "median_s", cost.median_s));
	else
		printf("A token of %s, %u jobs, %.3g weights: median %.3f s, least %.3f s, %.2f GMAC/s\n\n",
		       options->model, cost.jobs, (double)cost.weights, cost.median_s, cost.least_s,
		       per((double)cost.weights, cost.median_s) / GIGA);
	fflush(stdout);
	return NULL;
}

static const char *bench(struct tern_device *dev, const struct options *options, json_t *json)
{
	uint32_t jobs = options->jobs ? options->jobs : SHAPE_JOBS;
	json_t *array = json ? json_array() : NULL;
	struct tern_info info;
	const char *why;

	if (tern_get_info(dev, &info))
		return tern_error(dev);
	if (!(info.caps & options->packing->caps))
		return "this device lacks this --packing: tern info names what it can (caps)";
	if (json) {
		json_object_set_new(json, "packing", json_string(options->packing->name));
		json_object_set_new(json, "platform",
				    json_string(tern_platform_name(info.platform)));
		json_object_set_new(json, "clock_khz", json_integer(info.clock_khz));
		json_object_set_new(json, "gemm", array);
	}
	why = options->model ? bench_token(dev, options, json) : NULL;
	if (!why && options->count)
		why = bench_nop(dev, jobs, json);
	for (unsigned int i = 0; !why && i < options->count; i++)
		why = bench_shape(dev, options, &options->shapes[i], &info, array);
	return why;
}

int bench_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.doc = "Measure a device: the round trip of a NOP, and GEMMs, eight at once (default 2560,2560,1 and 2560,2560,8).\v"
		       "GMAC/s: N * K * T multiply-accumulates of a job by wall time. "
		       "Array: cycles in which the array worked, of all cycles of the job. "
		       "B/cycle: bytes between device memory and array. "
		       "Every shape's result is compared with the C reference.\n"
		       DEVICE_TEXT "\n" EXIT_TEXT,
	};
	struct options options = { .packing = tern_packing_find("p2") };
	json_t *json = NULL;
	struct tern_device *dev;
	const char *why;
	char *used;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.count && !options.model) {
		options.shapes[options.count++] = (struct shape){ 2560, 2560, 1 };
		options.shapes[options.count++] = (struct shape){ 2560, 2560, 8 };
	}
	dev = open_device(options.device, &used);
	if (!dev)
		return EXIT_NO_DEVICE;
	if (options.json)
		json = json_pack("{s:s}", "device", used);
	why = bench(dev, &options, json);
	if (why)
		fprintf(stderr, "tern: %s\n", why);
	else if (json && json_dumpf(json, stdout, JSON_INDENT(2)))
		why = "cannot write JSON";
	else if (json)
		putchar('\n');
	json_decref(json);
	tern_close(dev);
	free(used);
	return why ? EXIT_FAILED : EXIT_OK;
}
