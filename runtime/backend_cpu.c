// SPDX-License-Identifier: Apache-2.0
/* BitLinears on the CPU: packed once at load, rows shared among the threads. */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "ternary.h"

#define ALIGN	64
#define SHARE	16	/* rows that a thread takes at once */

struct cpu {
	uint8_t *weights;
	int32_t x_sums[TOKENS_MAX];
};

static size_t round_up(size_t value, size_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static int pack(struct backend *backend, struct cpu *cpu, struct error *err)
{
	int failed = 0;
	unsigned int i;

	#pragma omp parallel for num_threads(backend->threads) schedule(dynamic)
	for (i = 0; i < backend->linear_count; i++) {
		const struct linear *linear = &backend->linears[i];
		uint8_t *row = cpu->weights + linear->place;
		int8_t *trits = malloc(linear->k);
		uint32_t n;

		if (!trits) {
			#pragma omp atomic write
			failed = 1;
			continue;
		}
		for (n = 0; n < linear->n; n++) {
			ternary_row(linear->tensor, n, trits);
			trit_pack_row(trits, linear->k, row);
			row += trit_blocks(linear->k) * TRIT_BLOCK_BYTES;
		}
		free(trits);
	}
	return failed ? bail_memory(err, "packing the weights") : 0;
}

static int cpu_load(struct backend *backend, struct error *err)
{
	struct cpu *cpu = calloc(1, sizeof(*cpu));
	uint64_t bytes = 0;
	unsigned int i;

	backend->data = cpu;
	if (!cpu)
		return bail_memory(err, "the CPU backend");
	for (i = 0; i < backend->linear_count; i++) {
		struct linear *linear = &backend->linears[i];

		linear->place = bytes;
		bytes += (uint64_t)linear->n * trit_blocks(linear->k) * TRIT_BLOCK_BYTES;
	}
	backend->x_stride = trit_blocks(backend_widest(backend, 1)) * TRIT_BLOCK;
	backend->y_stride = round_up(backend_widest(backend, 0), ALIGN / sizeof(int32_t));
	cpu->weights = aligned_alloc(ALIGN, bytes);
	backend->x = aligned_alloc(ALIGN, TOKENS_MAX * backend->x_stride);
	for (i = 0; i < GROUP_MAX; i++)
		backend->y[i] =
			aligned_alloc(ALIGN, TOKENS_MAX * backend->y_stride * sizeof(int32_t));
	if (!cpu->weights || !backend->x || !backend->y[0] || !backend->y[1] || !backend->y[2])
		return bail_memory(err, "the weights");
	return pack(backend, cpu, err);
}

static void multiply_one(struct backend *backend, const struct linear *linear, int32_t *y,
			 unsigned int tokens)
{
	const struct cpu *cpu = backend->data;
	size_t blocks = trit_blocks(linear->k);
	const uint8_t *w = cpu->weights + linear->place;
	uint32_t shares = (linear->n + SHARE - 1) / SHARE;
	uint32_t share;

	#pragma omp for schedule(static) nowait
	for (share = 0; share < shares; share++) {
		uint32_t row = share * SHARE;
		uint32_t rows = linear->n - row < SHARE ? linear->n - row : SHARE;

		backend->kernels->trit_rows(w + row * blocks * TRIT_BLOCK_BYTES, rows, blocks,
					    backend->x, backend->x_stride, cpu->x_sums, tokens,
					    y + row, backend->y_stride);
	}
}

static int cpu_multiply(struct backend *backend, struct linear *const *group,
			unsigned int count, unsigned int tokens, struct error *err)
{
	struct cpu *cpu = backend->data;
	unsigned int t;
	uint32_t k;

	(void)err;
	for (t = 0; t < tokens; t++) {
		const int8_t *row = backend->x + t * backend->x_stride;
		int32_t sum = 0;

		for (k = 0; k < group[0]->k; k++)
			sum += row[k];
		cpu->x_sums[t] = sum;
	}
	#pragma omp parallel num_threads(backend->threads)
	{
		unsigned int i;

		for (i = 0; i < count; i++)
			multiply_one(backend, group[i], backend->y[i], tokens);
	}
	return 0;
}

static void cpu_close(struct backend *backend)
{
	struct cpu *cpu = backend->data;
	unsigned int i;

	if (cpu)
		free(cpu->weights);
	free(cpu);
	free(backend->x);
	for (i = 0; i < GROUP_MAX; i++)
		free(backend->y[i]);
}

const struct backend_ops backend_cpu = {
	.name = "cpu",
	.load = cpu_load,
	.multiply = cpu_multiply,
	.close = cpu_close,
};
