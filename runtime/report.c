// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "energy.h"
#include "report.h"

/* The columns of the table: each phase, and both together. */
#define COLUMNS (PHASES + 1)

struct figures {
	uint64_t tokens;
	double seconds;
	double multiply_seconds;
	struct cost cost;
	struct energy energy;
};

double seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static double ratio(double a, double b)
{
	return b > 0.0 ? a / b : 0.0;
}

/* Of device memory: what joules are counted from, and what `tern bench` shows. */
static uint64_t bytes_of(const struct cost *cost)
{
	return cost->mem_read + cost->mem_written;
}

static void collect(struct figures figures[COLUMNS], const struct report *report,
		    const struct backend *backend)
{
	int phase;
	int kind;

	memset(figures, 0, COLUMNS * sizeof(*figures));
	for (phase = 0; phase < PHASES; phase++) {
		figures[phase].tokens = report->phase[phase].tokens;
		figures[phase].seconds = report->phase[phase].seconds;
		figures[phase].multiply_seconds = report->phase[phase].multiply_seconds;
		for (kind = 0; kind < LINEAR_KINDS; kind++)
			cost_add(&figures[phase].cost, &backend->cost[phase][kind]);
		figures[phase].energy = energy_of(&figures[phase].cost);
		figures[PHASES].tokens += figures[phase].tokens;
		figures[PHASES].seconds += figures[phase].seconds;
		figures[PHASES].multiply_seconds += figures[phase].multiply_seconds;
		cost_add(&figures[PHASES].cost, &figures[phase].cost);
	}
	figures[PHASES].energy = energy_of(&figures[PHASES].cost);
}

enum row {
	ROW_TOKENS, ROW_SECONDS, ROW_RATE, ROW_MULTIPLY, ROW_CYCLES, ROW_ARRAY, ROW_BYTES,
	ROW_JOULES, ROWS
};

static void print_cell(FILE *out, enum row row, const struct figures *f)
{
	switch (row) {
	case ROW_TOKENS:
		fprintf(out, " %12" PRIu64, f->tokens);
		break;
	case ROW_SECONDS:
		fprintf(out, " %12.3f", f->seconds);
		break;
	case ROW_RATE:
		fprintf(out, " %12.1f", ratio(f->tokens, f->seconds));
		break;
	case ROW_MULTIPLY:
		fprintf(out, " %11.1f%%", 100.0 * ratio(f->multiply_seconds, f->seconds));
		break;
	case ROW_CYCLES:
		fprintf(out, " %12.0f", ratio(f->cost.cycles, f->tokens));
		break;
	case ROW_ARRAY:
		fprintf(out, " %11.1f%%", 100.0 * ratio(f->cost.array, f->cost.cycles));
		break;
	case ROW_BYTES:
		fprintf(out, " %12.1f", ratio(bytes_of(&f->cost), f->cost.cycles));
		break;
	case ROW_JOULES:
		fprintf(out, " %12.3e", ratio(f->energy.adds_int32 + f->energy.memory, f->tokens));
		break;
	case ROWS:
		break;
	}
}

static void print_layers(FILE *out, const struct backend *backend)
{
	int kind;
	int phase;

	fprintf(out, "\n%-12s %8s %12s %14s %9s %9s %9s\n", "BitLinear", "jobs", "10^6 macs",
		"cycles", "array", "bytes/cyc", "skipped");
	for (kind = 0; kind < LINEAR_KINDS; kind++) {
		struct cost cost = { 0 };

		for (phase = 0; phase < PHASES; phase++)
			cost_add(&cost, &backend->cost[phase][kind]);
		fprintf(out, "%-12s %8" PRIu64 " %12.1f", linear_kind_name(kind), cost.jobs,
			cost.macs / 1e6);
		if (backend->is_device)
			fprintf(out, " %14" PRIu64 " %8.1f%% %9.1f %8.1f%%\n", cost.cycles,
				100.0 * ratio(cost.array, cost.cycles),
				ratio(bytes_of(&cost), cost.cycles),
				100.0 * ratio(cost.adds_skipped, cost.adds + cost.adds_skipped));
		else
			fprintf(out, " %14s %9s %9s %9s\n", "-", "-", "-", "-");
	}
}

void report_table(FILE *out, const struct report *report, const struct backend *backend,
		  const struct options *options)
{
	static const char *const names[ROWS] = {
		[ROW_TOKENS] = "tokens", [ROW_SECONDS] = "seconds", [ROW_RATE] = "tokens/s",
		[ROW_MULTIPLY] = "time in BitLinears",
		[ROW_CYCLES] = "device cycles a token", [ROW_ARRAY] = "array use",
		[ROW_BYTES] = "memory bytes a cycle", [ROW_JOULES] = "joules a token *",
	};
	struct figures figures[COLUMNS];
	int column;
	int row;

	collect(figures, report, backend);
	fprintf(out, "\n%-22s %12s %12s %12s\n", options->backend.device, "prompt", "decode",
		"together");
	for (row = 0; row < ROWS; row++) {
		fprintf(out, "%-22s", names[row]);
		for (column = 0; column < COLUMNS; column++) {
			if (row >= ROW_CYCLES && !backend->is_device)
				fprintf(out, " %12s", "-");
			else
				print_cell(out, row, &figures[column]);
		}
		fputc('\n', out);
	}
	fprintf(out, "%-22s %12.3f s (%s, %d thread%s)\n", "load", report->load_seconds,
		backend->kernels->name, backend->threads, backend->threads == 1 ? "" : "s");
	if (backend->check)
		fprintf(out, "%-22s %12" PRIu64 " of %" PRIu64 "\n", "jobs checked bit-exact",
			backend->checked - backend->mismatched, backend->checked);
	else
		fprintf(out, "%-22s %12s (see --check)\n", "jobs checked bit-exact", "none");
	if (backend->is_device)
		fprintf(out,
			"* an estimate for 45 nm: additions counted as int32 (%.2g pJ; as int8 all would be %.3e J a token), device memory %.1f pJ/bit; no buffers, control, link or host\n",
			PJ_ADD_INT32,
			ratio(figures[PHASES].energy.adds_int8 + figures[PHASES].energy.memory,
			      figures[PHASES].tokens), PJ_DRAM_BIT);
	if (options->layers)
		print_layers(out, backend);
}

static json_t *cost_json(const struct cost *cost)
{
	return json_pack("{sI sI sI sI sI sI sI sI sI sI sI sI sI sI sI}",
			 "jobs", (json_int_t)cost->jobs, "macs", (json_int_t)cost->macs,
			 "cycles", (json_int_t)cost->cycles,
			 "array_cycles", (json_int_t)cost->array,
			 "stall_weights", (json_int_t)cost->stall_weights,
			 "stall_activations", (json_int_t)cost->stall_activations,
			 "stall_results", (json_int_t)cost->stall_results,
			 "stall_commands", (json_int_t)cost->stall_commands,
			 "stall_link", (json_int_t)cost->stall_link,
			 "mem_read", (json_int_t)cost->mem_read,
			 "mem_written", (json_int_t)cost->mem_written,
			 "host_read", (json_int_t)cost->host_read,
			 "host_written", (json_int_t)cost->host_written,
			 "adds", (json_int_t)cost->adds,
			 "adds_skipped", (json_int_t)cost->adds_skipped);
}

static int add_figures(json_t *object, const struct backend *backend, const struct figures *f)
{
	const struct {
		const char *name;
		double value;
	} device[] = {
		{ "device_cycles_per_token", ratio(f->cost.cycles, f->tokens) },
		{ "array_use", ratio(f->cost.array, f->cost.cycles) },
		{ "bytes_per_cycle", ratio(bytes_of(&f->cost), f->cost.cycles) },
		{ "joules_per_token", ratio(f->energy.adds_int32 + f->energy.memory, f->tokens) },
		{ "joules_per_token_int8_adds",
		  ratio(f->energy.adds_int8 + f->energy.memory, f->tokens) },
	};
	size_t i;
	double rate = ratio(f->tokens, f->seconds);
	int rc = json_object_set_new(object, "tokens_per_s", json_real(rate));

	for (i = 0; i < sizeof(device) / sizeof(device[0]); i++)
		rc |= json_object_set_new(object, device[i].name,
					  backend->is_device ? json_real(device[i].value) :
							       json_null());
	return rc;
}

static json_t *phase_json(const struct backend *backend, const struct figures *f)
{
	json_t *object = json_pack("{sI sf sf}", "tokens", (json_int_t)f->tokens,
				   "seconds", f->seconds, "bitlinear_seconds", f->multiply_seconds);

	if (object && add_figures(object, backend, f)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int report_json(json_t *object, const struct report *report, const struct backend *backend,
		const struct options *options)
{
	struct figures figures[COLUMNS];
	json_t *layers = json_object();
	int rc = 0;
	int kind;

	collect(figures, report, backend);
	for (kind = 0; kind < LINEAR_KINDS; kind++) {
		struct cost cost = { 0 };
		int phase;

		for (phase = 0; phase < PHASES; phase++)
			cost_add(&cost, &backend->cost[phase][kind]);
		rc |= json_object_set_new(layers, linear_kind_name(kind), cost_json(&cost));
	}
	rc |= json_object_set_new(object, "device", json_string(options->backend.device));
	if (backend->is_device)
		rc |= json_object_set_new(object, "packing",
					  json_string(options->backend.packing->name));
	rc |= json_object_set_new(object, "isa", json_string(backend->kernels->name));
	rc |= json_object_set_new(object, "threads", json_integer(backend->threads));
	rc |= json_object_set_new(object, "load_s", json_real(report->load_seconds));
	/* Without a prefix: decoding, or scoring when nothing was decoded. */
	rc |= add_figures(object, backend,
			  &figures[figures[PHASE_DECODE].tokens ? PHASE_DECODE : PHASE_PROMPT]);
	rc |= json_object_set_new(object, "jobs", json_integer(figures[PHASES].cost.jobs));
	rc |= json_object_set_new(object, "jobs_checked", json_integer(backend->checked));
	rc |= json_object_set_new(object, "jobs_mismatched", json_integer(backend->mismatched));
	rc |= json_object_set_new(object, "prompt", phase_json(backend, &figures[PHASE_PROMPT]));
	rc |= json_object_set_new(object, "decode", phase_json(backend, &figures[PHASE_DECODE]));
	rc |= json_object_set_new(object, "layers", layers);
	return rc ? -1 : 0;
}

int report_print_json(json_t *object, struct error *err)
{
	int failed = json_dumpf(object, stdout, JSON_REAL_PRECISION(10));

	if (failed || putchar('\n') == EOF || fflush(stdout))
		return bail(err, EXIT_FAILED, "cannot write the JSON object to stdout");
	return 0;
}
