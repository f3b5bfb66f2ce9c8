// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "report.h"
#include "ternary.h"

void cost_add(struct cost *sum, const struct cost *more)
{
	sum->jobs += more->jobs;
	sum->tokens += more->tokens;
	sum->macs += more->macs;
	sum->cycles += more->cycles;
	sum->array += more->array;
	sum->stall_weights += more->stall_weights;
	sum->stall_activations += more->stall_activations;
	sum->stall_results += more->stall_results;
	sum->stall_commands += more->stall_commands;
	sum->stall_link += more->stall_link;
	sum->mem_read += more->mem_read;
	sum->mem_written += more->mem_written;
	sum->host_read += more->host_read;
	sum->host_written += more->host_written;
	sum->adds += more->adds;
	sum->adds_skipped += more->adds_skipped;
}

uint32_t backend_widest(const struct backend *backend, int want_k)
{
	uint32_t widest = 0;
	unsigned int i;

	for (i = 0; i < backend->linear_count; i++) {
		uint32_t size = want_k ? backend->linears[i].k : backend->linears[i].n;

		widest = size > widest ? size : widest;
	}
	return widest;
}

/* The reference has its own copy of the weights, packed by libtern. */
static int load_reference(struct backend *backend, struct error *err)
{
	uint64_t bytes = 0;
	int8_t *trits;
	unsigned int i;
	uint32_t row;

	backend->reference_place = calloc(backend->linear_count, sizeof(uint64_t));
	for (i = 0; i < backend->linear_count; i++)
		bytes += backend->linears[i].n * tern_p2_row_bytes(backend->linears[i].k);
	backend->reference = malloc(bytes);
	backend->expected = malloc((size_t)TOKENS_MAX * backend->y_stride * sizeof(int32_t));
	trits = malloc(backend_widest(backend, 1));
	if (!backend->reference_place || !backend->reference || !backend->expected || !trits) {
		free(trits);
		return bail_memory(err, "the reference's weights");
	}
	bytes = 0;
	for (i = 0; i < backend->linear_count; i++) {
		const struct linear *linear = &backend->linears[i];

		backend->reference_place[i] = bytes;
		for (row = 0; row < linear->n; row++) {
			ternary_row(linear->tensor, row, trits);
			tern_p2_pack_row(trits, linear->k, backend->reference + bytes);
			bytes += tern_p2_row_bytes(linear->k);
		}
	}
	free(trits);
	return 0;
}

int backend_open(struct backend *backend, const struct backend_options *options,
		 struct linear *linears, unsigned int count, struct error *err)
{
	int rc = 0;

	memset(backend, 0, sizeof(*backend));
	backend->linears = linears;
	backend->linear_count = count;
	backend->threads = options->threads;
	backend->check = options->check;
	backend->kernels = kernels_for(options->isa);
	if (!backend->kernels)
		return bail(err, EXIT_USAGE,
			    "this CPU has no instruction set '%s' that ternlm knows: the best one here is '%s'",
			    options->isa, kernels_names()[0]);
	if (strcmp(options->device, "cpu"))
		rc = backend_tern_open(backend, options, err);
	else
		backend->ops = &backend_cpu;
	if (!rc)
		rc = backend->ops->load(backend, err);
	if (!rc && backend->check)
		rc = load_reference(backend, err);
	if (rc)
		backend_close(backend);
	return rc;
}

/* Compares one job's results with the reference, element for element. */
static void check_job(struct backend *backend, const struct linear *linear, const int32_t *y,
		      unsigned int tokens)
{
	const uint8_t *w = backend->reference + backend->reference_place[linear - backend->linears];
	size_t stride = backend->y_stride;
	int wrong = 0;
	unsigned int t;
	uint32_t n;

	tern_ref_gemm(w, backend->x, backend->x_stride, backend->expected,
		      stride * sizeof(int32_t), linear->n, linear->k, tokens);
	for (t = 0; t < tokens; t++)
		for (n = 0; n < linear->n; n++) {
			int32_t got = y[t * stride + n];
			int32_t expected = backend->expected[t * stride + n];

			if (got == expected)
				continue;
			if (!backend->mismatched && !wrong)
				snprintf(backend->mismatch, sizeof(backend->mismatch),
					 "layer %" PRIu32 " %s, row %" PRIu32
					 ", token %u: got %" PRId32 ", the reference says %" PRId32,
					 linear->layer, linear_kind_name(linear->kind), n, t, got,
					 expected);
			wrong = 1;
		}
	backend->checked++;
	backend->mismatched += wrong;
}

int backend_multiply(struct backend *backend, struct linear *const *group,
		     unsigned int count, unsigned int tokens, struct error *err)
{
	double start = seconds_now();
	unsigned int i;
	int rc;

	rc = backend->ops->multiply(backend, group, count, tokens, err);
	if (rc)
		return rc;
	backend->multiply_seconds += seconds_now() - start;
	start = seconds_now();
	for (i = 0; i < count; i++) {
		struct cost *cost = &backend->cost[backend->phase][group[i]->kind];

		cost->jobs++;
		cost->tokens += tokens;
		cost->macs += (uint64_t)group[i]->n * group[i]->k * tokens;
		if (backend->check)
			check_job(backend, group[i], backend->y[i], tokens);
	}
	backend->check_seconds += seconds_now() - start;
	return 0;
}

void backend_close(struct backend *backend)
{
	if (backend->ops)
		backend->ops->close(backend);
	free(backend->reference);
	free(backend->reference_place);
	free(backend->expected);
	memset(backend, 0, sizeof(*backend));
}
