// SPDX-License-Identifier: Apache-2.0
/*
 * How far the model's cycles are from the RTL's: a block of each model of the shape
 * table, on both bodies of the simulated card, job by job. Results and counts of
 * beats and adds must be equal; cycles may differ by what --max and --max-job allow.
 */
#include <argp.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libtern.h"

#define LIST_MAX	16
#define JOBS_MAX	7
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The linear layers of a block: of hidden size d, keys and values kv, feed-forward f. */
static const struct shape {
	const char *name;
	uint32_t d, kv, f;
} shapes[] = {
	{ "700M", 1536, 1536, 4096 },
	{ "1.3B", 2048, 2048, 5460 },
	{ "3B", 3200, 3200, 8640 },
	{ "2B-4T", 2560, 640, 6912 },
	{ "7B", 4096, 4096, 11008 },
	{ "13B", 5120, 5120, 13824 },
	{ "70B", 8192, 1024, 28672 },
};

struct list {
	const char *at[LIST_MAX];
	unsigned int count;
};

static struct {
	struct list configs, models, tokens, packings;
	uint32_t rows;
	double max, max_job;
	bool tap, figures, verbose;
} options = { .max = 0.01, .max_job = 0.03 };

static const struct argp_option argp_options[] = {
	{ "config", 'c', "NAME", 0, "of the simulator: base, edge, server, ... (those three)", 0 },
	{ "model", 'm', "NAME", 0,
	  "of the shape table: 700M, 1.3B, 3B, 2B-4T, 7B, 13B or 70B (all)", 0 },
	{ "tokens", 't', "N", 0, "in a job (1, 4, 8 and 64)", 0 },
	{ "packing", 'p', "NAME", 0, "p2 or b5 (both)", 0 },
	{ "rows", 'r', "N", 0, "of each layer at most, which is faster (all)", 0 },
	{ "max", 256, "SHARE", 0, "error allowed of a block's cycles (0.01)", 0 },
	{ "max-job", 257, "SHARE", 0, "... and of a job's (0.03)", 0 },
	{ "tap", 258, NULL, 0, "print TAP", 0 },
	{ "figures", 259, NULL, 0,
	  "print the greatest errors only, as `make bench` wants them", 0 },
	{ "verbose", 'v', NULL, 0, "print each job's counters", 0 },
	{ 0 }
};

static void add(struct argp_state *state, struct list *list, const char *what)
{
	if (list->count == LIST_MAX)
		argp_error(state, "'%s' is one too many", what);
	list->at[list->count++] = what;
}

static void defaults(struct list *list, const char *const *names, unsigned int count)
{
	if (list->count)
		return;
	memcpy(list->at, names, count * sizeof(*names));
	list->count = count;
}

static double number(struct argp_state *state, const char *text, double min, double max)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= min && value <= max))
		argp_error(state, "'%s' is no number from %g to %g", text, min, max);
	return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const configs[] = { "edge", "base", "server" };
	static const char *const tokens[] = { "1", "4", "8", "64" };
	static const char *const packings[] = { "p2", "b5" };
	const char *models[ARRAY_SIZE(shapes)];

	switch (key) {
	case 'c':
		add(state, &options.configs, arg);
		break;
	case 'm':
		add(state, &options.models, arg);
		break;
	case 't':
		number(state, arg, 1, 1024);
		add(state, &options.tokens, arg);
		break;
	case 'p':
		if (!tern_packing_find(arg))
			argp_error(state, "there is no packing '%s'", arg);
		add(state, &options.packings, arg);
		break;
	case 'r':
		options.rows = number(state, arg, 1, 1 << 20);
		break;
	case 256:
		options.max = number(state, arg, 0, 1);
		break;
	case 257:
		options.max_job = number(state, arg, 0, 1);
		break;
	case 258:
		options.tap = true;
		break;
	case 259:
		options.figures = true;
		break;
	case 'v':
		options.verbose = true;
		break;
	case ARGP_KEY_END:
		for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
			models[i] = shapes[i].name;
		defaults(&options.configs, configs, ARRAY_SIZE(configs));
		defaults(&options.models, models, ARRAY_SIZE(models));
		defaults(&options.tokens, tokens, ARRAY_SIZE(tokens));
		defaults(&options.packings, packings, ARRAY_SIZE(packings));
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* ------------------------------------------------------------------ a body */

struct body {
	struct tern_device *dev;
	struct tern_bo *w, *x, *y;
	uint8_t *w_map, *x_map, *y_map;
};

static void check(struct body *body, int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "study: %s: %s\n", what, tern_error(body->dev));
	exit(3);
}

static uint8_t *buffer(struct body *body, enum tern_bo_kind kind, uint64_t bytes,
		       struct tern_bo **bo)
{
	uint8_t *map;

	check(body, tern_bo_create(body->dev, kind, bytes, bo), "no buffer");
	map = tern_bo_map(*bo);
	check(body, map ? 0 : -1, "no mapping");
	return map;
}

static uint64_t round64(uint64_t bytes)
{
	return (bytes + 63) & ~63ull;
}

static void body_open(struct body *body, const char *config, const char *fidelity,
		      uint64_t w_bytes, uint64_t x_bytes, uint64_t y_bytes)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "sim:%s,simulator.fidelity=%s", config, fidelity);
	check(body, tern_open(spec, &body->dev), spec);
	body->w_map = buffer(body, TERN_BO_DEVICE, w_bytes, &body->w);
	body->x_map = buffer(body, TERN_BO_HOST, x_bytes, &body->x);
	body->y_map = buffer(body, TERN_BO_HOST, y_bytes, &body->y);
}

static void body_close(struct body *body)
{
	tern_bo_destroy(body->w);
	tern_bo_destroy(body->x);
	tern_bo_destroy(body->y);
	tern_close(body->dev);
}

/* ------------------------------------------------------------------ a block */

struct block {
	uint32_t n[JOBS_MAX], k[JOBS_MAX];
	unsigned int jobs;
	uint64_t w_at[JOBS_MAX];		/* layers of one K have the same weights */
	uint64_t w_bytes, x_bytes, y_bytes;	/* X of the largest job, Y of all */
};

static void add_layer(struct block *block, uint32_t n, uint32_t k)
{
	if (options.rows && n > options.rows)
		n = options.rows;
	block->n[block->jobs] = n;
	block->k[block->jobs++] = k;
}

static struct block make_block(const struct shape *shape, const struct tern_packing *packing,
			       uint32_t t)
{
	struct block block = { 0 };

	add_layer(&block, shape->d, shape->d);
	add_layer(&block, shape->kv, shape->d);
	add_layer(&block, shape->kv, shape->d);
	add_layer(&block, shape->d, shape->d);
	add_layer(&block, shape->f, shape->d);
	add_layer(&block, shape->f, shape->d);
	add_layer(&block, shape->d, shape->f);
	for (unsigned int i = 0; i < block.jobs; i++) {
		uint64_t x = round64(block.k[i]) * t;

		block.x_bytes = x > block.x_bytes ? x : block.x_bytes;
		block.y_bytes += round64(4ull * block.n[i]) * t;
	}
	/* The feed-forward's first layers have the most rows of their K, its last is alone. */
	block.w_bytes = packing->row_bytes(shape->d) * block.n[4];
	if (block.n[0] > block.n[4])
		block.w_bytes = packing->row_bytes(shape->d) * block.n[0];
	block.w_at[6] = block.w_bytes;
	block.w_bytes += packing->row_bytes(shape->f) * block.n[6];
	return block;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Some rows of any trits with the padding that the contract asks for, again and again. */
static void fill_weights(const struct tern_packing *packing, uint32_t k, uint8_t *w,
			 uint64_t bytes, uint64_t *state)
{
	static int8_t trits[1 << 16];
	uint64_t row = packing->row_bytes(k);
	uint64_t done = 0;

	for (; done < bytes && done < 64 * row; done += row) {
		for (uint32_t i = 0; i < k; i++)
			trits[i] = (int8_t)(next_random(state) % 3) - 1;
		packing->pack_row(trits, k, w + done);
	}
	while (done < bytes) {
		uint64_t part = done < bytes - done ? done : bytes - done;

		memcpy(w + done, w, part);
		done += part;
	}
}

static void fill(const struct block *block, const struct tern_packing *packing, uint8_t *w,
		 uint8_t *x)
{
	uint64_t state = 0x9e3779b97f4a7c15;

	for (uint64_t i = 0; i + 8 <= block->x_bytes; i += 8) {
		uint64_t word = next_random(&state);

		memcpy(x + i, &word, 8);
	}
	fill_weights(packing, block->k[0], w, block->w_at[6], &state);
	fill_weights(packing, block->k[6], w + block->w_at[6], block->w_bytes - block->w_at[6],
		     &state);
}

static void run(struct body *body, const struct block *block, uint32_t packing, uint32_t t,
		struct tern_result *results)
{
	struct tern_cmd cmds[JOBS_MAX] = { 0 };
	uint64_t y = 0;

	for (unsigned int i = 0; i < block->jobs; i++) {
		cmds[i] = (struct tern_cmd) {
			.op = TERN_OP_GEMM,
			.packing = packing,
			.src = { .handle = tern_bo_handle(body->x),
				 .stride = round64(block->k[i]) },
			.dst = { .handle = tern_bo_handle(body->y), .offset = y,
				 .stride = round64(4ull * block->n[i]) },
			.weights = { .handle = tern_bo_handle(body->w), .offset = block->w_at[i] },
			.n = block->n[i],
			.k = block->k[i],
			.t = t,
		};
		y += round64(4ull * block->n[i]) * t;
	}
	check(body, tern_run(body->dev, cmds, block->jobs, -1, results), "a block of GEMMs");
}

/* ------------------------------------------------------------------ comparison */

static struct {
	double block, job;
	unsigned int cells, bad;
	double seconds[2];
	double macs;
} total;

static double share(uint64_t a, uint64_t b)
{
	return b ? ((double)a - (double)b) / (double)b : a ? 1 : 0;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

static bool same_work(const struct tern_result *a, const struct tern_result *b)
{
	return a->status == b->status && a->mem_read == b->mem_read &&
	       a->mem_written == b->mem_written && a->host_read == b->host_read &&
	       a->host_written == b->host_written && a->adds == b->adds &&
	       a->adds_skipped == b->adds_skipped && a->array == b->array;
}

static void print_job(const char *body, const struct tern_result *r)
{
	printf("#   %-5s %9llu cycles: array %llu weights %llu activations %llu results %llu commands %llu link %llu; read %llu written %llu host %llu %llu adds %llu %llu\n",
	       body, r->cycles, r->array, r->stall_weights, r->stall_activations,
	       r->stall_results, r->stall_commands, r->stall_link, r->mem_read, r->mem_written,
	       r->host_read, r->host_written, r->adds, r->adds_skipped);
}

static void compare(const char *config, const struct shape *shape,
		    const struct tern_packing *packing, uint32_t t)
{
	const struct block block = make_block(shape, packing, t);
	struct tern_result results[2][JOBS_MAX];
	struct body bodies[2];
	uint64_t cycles[2] = { 0 };
	double block_error, job_error = 0;
	bool same = true, good;

	for (int i = 0; i < 2; i++) {
		double start;

		body_open(&bodies[i], config, i ? "model" : "rtl", block.w_bytes, block.x_bytes,
			  block.y_bytes);
		fill(&block, packing, bodies[i].w_map, bodies[i].x_map);
		start = now_s();
		run(&bodies[i], &block, packing->number, t, results[i]);
		total.seconds[i] += now_s() - start;
	}
	for (unsigned int j = 0; j < block.jobs; j++) {
		const struct tern_result *rtl = &results[0][j], *model = &results[1][j];
		double error = share(model->cycles, rtl->cycles);

		if (fabs(error) > fabs(job_error))
			job_error = error;
		same &= same_work(rtl, model);
		cycles[0] += rtl->cycles;
		cycles[1] += model->cycles;
		total.macs += (double)block.n[j] * block.k[j] * t;
		if (options.verbose) {
			printf("# job %u: %u x %u: %+.5f\n", j, block.n[j], block.k[j], error);
			print_job("rtl", rtl);
			print_job("model", model);
		}
	}
	same &= !memcmp(bodies[0].y_map, bodies[1].y_map, block.y_bytes);
	for (int i = 0; i < 2; i++)
		body_close(&bodies[i]);
	block_error = share(cycles[1], cycles[0]);
	good = same && fabs(block_error) <= options.max && fabs(job_error) <= options.max_job;
	total.cells++;
	total.bad += !good;
	if (fabs(block_error) > total.block)
		total.block = fabs(block_error);
	if (fabs(job_error) > total.job)
		total.job = fabs(job_error);
	if (options.figures && good)
		return;
	printf("%s%s %s %s T=%u: %llu cycles, model %+.5f, job by job within %+.5f%s\n",
	       !options.tap ? "" : good ? "ok - " : "not ok - ", config, shape->name,
	       packing->name, t, (unsigned long long)cycles[0], block_error, job_error,
	       same ? "" : ", RESULTS DIFFER");
	fflush(stdout);
}

static const struct shape *find_shape(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	fprintf(stderr, "study: no model is called '%s'\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct argp parser = {
		argp_options, parse, NULL,
		"Compares the cycles of ternsim's model with those of its RTL.\v"
		"Exit status: 0 all within the bounds, 1 not, 2 wrong usage, 3 no simulator.",
		NULL, NULL, NULL
	};

	argp_err_exit_status = 2;
	argp_parse(&parser, argc, argv, 0, NULL, NULL);
	for (unsigned int c = 0; c < options.configs.count; c++)
		for (unsigned int m = 0; m < options.models.count; m++)
			for (unsigned int p = 0; p < options.packings.count; p++)
				for (unsigned int t = 0; t < options.tokens.count; t++)
					compare(options.configs.at[c],
						find_shape(options.models.at[m]),
						tern_packing_find(options.packings.at[p]),
						strtoul(options.tokens.at[t], NULL, 10));
	if (options.figures) {
		printf("model.error.max\t%.5f\t\n", total.block);
		printf("model.error.job\t%.5f\t\n", total.job);
	} else if (options.tap) {
		printf("1..%u\n", total.cells);
	} else {
		printf("%u cells, %u outside the bounds\n", total.cells, total.bad);
		printf("greatest error of a block %.5f, of a job %.5f\n", total.block, total.job);
		printf("rtl %.1f s, model %.1f s: %.2f and %.2f GMAC/s\n", total.seconds[0],
		       total.seconds[1], 1e-9 * total.macs / total.seconds[0],
		       1e-9 * total.macs / total.seconds[1]);
	}
	return total.bad ? 1 : 0;
}
