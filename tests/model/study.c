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
#include <unistd.h>

#include "points.h"

#define LIST_MAX	16
#define WORKERS_MAX	256

struct list {
	const char *at[LIST_MAX];
	unsigned int count;
};

static struct {
	struct list cards, models, tokens, packings;
	struct run run;
	const char *report;
	uint64_t seed;
	uint32_t rows;
	unsigned int again;
	double max, max_job;
	bool sample, tap, figures, verbose;
} options = { .run.workers = 1, .max = 0.01, .max_job = 0.03 };

enum {
	MAX = 256, MAX_JOB, TAP, FIGURES, RTL_STORE, MODEL_STORE, STORED, REPORT, SAMPLE, SEED,
	PROGRESS, AGAIN,
};

static const struct argp_option argp_options[] = {
	{ NULL, 0, NULL, 0, "What is compared:", 1 },
	{ "config", 'c', "NAME", 0,
	  "of the simulator, with overrides: base, server,memory.preset=lpddr5, ... "
	  "(edge, base and server, each with lpddr4x, lpddr5 and hbm2e)", 0 },
	{ "model", 'm', "NAME", 0,
	  "of the shape table: 700M, 1.3B, 3B, 2B-4T, 7B, 13B or 70B (all)", 0 },
	{ "tokens", 't', "N", 0, "in a job (1, 4, 8 and 64)", 0 },
	{ "packing", 'p', "NAME", 0, "p2 or b5 (both)", 0 },
	{ "rows", 'r', "N", 0, "of each layer at most, which is faster (all)", 0 },
	{ "sample", SAMPLE, NULL, 0,
	  "of each configuration, packing and number of tokens one model only, drawn by chance",
	  0 },
	{ "seed", SEED, "N", 0, "draw again what N drew", 0 },
	{ "max", MAX, "SHARE", 0, "error allowed of a block's cycles (0.01)", 0 },
	{ "max-job", MAX_JOB, "SHARE", 0, "... and of a job's (0.03)", 0 },
	{ NULL, 0, NULL, 0, "How:", 2 },
	{ "jobs", 'j', "N", 0, "points at a time (1)", 0 },
	{ "rtl-store", RTL_STORE, "FOLDER", 0,
	  "where the RTL's outcomes are kept, and looked for first", 0 },
	{ "model-store", MODEL_STORE, "FOLDER", 0, "... and the model's", 0 },
	{ "again", AGAIN, "N", 0,
	  "run N kept points of a token first, drawn by chance, to see that they are still true",
	  0 },
	{ "stored", STORED, NULL, 0, "run nothing else, take what is kept", 0 },
	{ NULL, 0, NULL, 0, "What is printed:", 3 },
	{ "report", REPORT, "FILE", 0, "write a page of tables (Markdown)", 0 },
	{ "tap", TAP, NULL, 0, "print TAP", 0 },
	{ "figures", FIGURES, NULL, 0,
	  "print the greatest errors only, as `make bench` wants them", 0 },
	{ "progress", PROGRESS, NULL, 0, "tell after each point how long the others will take", 0 },
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

static const struct shape *find_shape(const char *name)
{
	for (unsigned int i = 0; i < SHAPES; i++)
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const cards[] = {
		"edge,memory.preset=lpddr4x", "edge,memory.preset=lpddr5",
		"edge,memory.preset=hbm2e", "base,memory.preset=lpddr4x",
		"base,memory.preset=lpddr5", "base,memory.preset=hbm2e",
		"server,memory.preset=lpddr4x", "server,memory.preset=lpddr5",
		"server,memory.preset=hbm2e",
	};
	static const char *const tokens[] = { "1", "4", "8", "64" };
	static const char *const packings[] = { "p2", "b5" };
	const char *models[SHAPES];

	switch (key) {
	case 'c':
		add(state, &options.cards, arg);
		break;
	case 'm':
		if (!find_shape(arg))
			argp_error(state, "no model is called '%s'", arg);
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
	case 'j':
		options.run.workers = number(state, arg, 1, WORKERS_MAX);
		break;
	case 'v':
		options.verbose = true;
		break;
	case PROGRESS:
		options.run.progress = true;
		break;
	case MAX:
		options.max = number(state, arg, 0, 1);
		break;
	case MAX_JOB:
		options.max_job = number(state, arg, 0, 1);
		break;
	case TAP:
		options.tap = true;
		break;
	case FIGURES:
		options.figures = true;
		break;
	case RTL_STORE:
		options.run.stores[RTL] = arg;
		break;
	case MODEL_STORE:
		options.run.stores[MODEL] = arg;
		break;
	case AGAIN:
		options.again = number(state, arg, 0, 1 << 20);
		break;
	case STORED:
		options.run.stored = true;
		break;
	case REPORT:
		options.report = arg;
		break;
	case SAMPLE:
		options.sample = true;
		break;
	case SEED:
		options.seed = number(state, arg, 1, UINT32_MAX);
		break;
	case ARGP_KEY_END:
		if (options.sample && options.report)
			argp_error(state, "--report is of all models; a --sample has gaps");
		for (unsigned int i = 0; i < SHAPES; i++)
			models[i] = shapes[i].name;
		defaults(&options.cards, cards, ARRAY_SIZE(cards));
		defaults(&options.models, models, ARRAY_SIZE(models));
		defaults(&options.tokens, tokens, ARRAY_SIZE(tokens));
		defaults(&options.packings, packings, ARRAY_SIZE(packings));
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* ------------------------------------------------------------------ the points */

/* One of them by chance with --sample, else the one of this number. */
static const struct shape *choose_model(unsigned int number)
{
	if (options.sample)
		number = random() % options.models.count;
	return find_shape(options.models.at[number]);
}

/* In the order of the report. */
static unsigned int make_points(struct point **points)
{
	const unsigned int models = options.sample ? 1 : options.models.count;
	const unsigned int packings = options.packings.count, tokens = options.tokens.count;
	const unsigned int count = options.cards.count * models * packings * tokens;

	*points = new_points(count);
	for (unsigned int i = 0; i < count; i++)
		(*points)[i].cell = (struct cell) {
			.card = options.cards.at[i / tokens / packings / models],
			.shape = choose_model(i / tokens / packings % models),
			.packing = tern_packing_find(options.packings.at[i / tokens % packings]),
			.t = strtoul(options.tokens.at[i % tokens], NULL, 10),
			.rows = options.rows,
		};
	return count;
}

/* ------------------------------------------------------------------ what is printed */

static struct {
	double block, job;
	unsigned int points, bad;
	double seconds[BODIES];
	double macs;
} total;

static void print_job(const char *body, const struct tern_result *r)
{
	printf("#   %-5s %9llu cycles: array %llu weights %llu activations %llu results %llu commands %llu link %llu; read %llu written %llu host %llu %llu adds %llu %llu\n",
	       body, r->cycles, r->array, r->stall_weights, r->stall_activations,
	       r->stall_results, r->stall_commands, r->stall_link, r->mem_read, r->mem_written,
	       r->host_read, r->host_written, r->adds, r->adds_skipped);
}

static void print_point(const struct point *point)
{
	const struct difference found = difference(point);
	const bool good = found.same && fabs(found.block) <= options.max &&
			  fabs(found.job) <= options.max_job;

	for (unsigned int j = 0; j < JOBS; j++) {
		const struct layer layer = cell_layer(&point->cell, j);

		total.macs += (double)layer.n * layer.k * point->cell.t;
		if (!options.verbose)
			continue;
		printf("# job %u: %u x %u: %+.5f\n", j, layer.n, layer.k,
		       job_difference(point, j));
		for (enum body body = RTL; body < BODIES; body++)
			print_job(body_names[body], &point->outcomes[body].results[j]);
	}
	for (enum body body = RTL; body < BODIES; body++)
		total.seconds[body] += point->outcomes[body].seconds;
	total.points++;
	total.bad += !good;
	total.block = fmax(total.block, fabs(found.block));
	total.job = fmax(total.job, fabs(found.job));
	if (options.figures && good)
		return;
	printf("%s%s %s %s T=%u: %llu cycles, model %+.5f, job by job within %+.5f%s\n",
	       !options.tap ? "" : good ? "ok - " : "not ok - ", point->cell.card,
	       point->cell.shape->name, point->cell.packing->name, point->cell.t,
	       (unsigned long long)found.cycles[RTL], found.block, found.job,
	       found.same ? "" : ", RESULTS DIFFER");
	fflush(stdout);
}

static void print_total(unsigned int points)
{
	if (options.figures) {
		printf("model.error.max\t%.5f\t\n", total.block);
		printf("model.error.job\t%.5f\t\n", total.job);
	} else if (options.tap) {
		printf("1..%u\n", points);
	} else {
		printf("%u of %u points, %u outside the bounds\n", total.points, points,
		       total.bad);
		printf("greatest error of a block %.5f, of a job %.5f\n", total.block, total.job);
		printf("rtl %.1f s, model %.1f s", total.seconds[RTL], total.seconds[MODEL]);
		if (total.points)
			printf(": %.2f and %.2f GMAC/s", 1e-9 * total.macs / total.seconds[RTL],
			       1e-9 * total.macs / total.seconds[MODEL]);
		putchar('\n');
	}
}

static bool any_done(const struct point *points, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (points[i].done)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct argp parser = {
		argp_options, parse, NULL,
		"Compares the cycles of ternsim's model with those of its RTL.\v"
		"Exit status: 0 all within the bounds, 1 not, 2 wrong usage, 3 no simulator, "
		"nothing could be written, or what is kept is no longer true.",
		NULL, NULL, NULL
	};
	struct point *points;
	unsigned int count;
	int ret;

	argp_err_exit_status = 2;
	argp_parse(&parser, argc, argv, 0, NULL, NULL);
	if (options.sample) {
		if (!options.seed)
			options.seed = 1 + (arc4random() & 0xffffff);
		fprintf(stderr, "study: models drawn with --seed %llu\n",
			(unsigned long long)options.seed);
		srandom(options.seed);
	}
	count = make_points(&points);
	options.run.done = print_point;
	ret = options.again ?
		run_again(points, count, &options.run, options.again, options.max) : 0;
	if (!ret)
		ret = run_points(points, count, &options.run);
	if (ret)
		return ret;
	print_total(count);
	if (options.report && !any_done(points, count)) {
		fprintf(stderr, "study: nothing is known for these sources: '%s' stays as it is\n",
			options.report);
		return 3;
	}
	if (options.report)
		ret = write_report(options.report, points, count, &options.run, options.max,
				   options.max_job);
	return ret ? ret : total.bad ? 1 : 0;
}
