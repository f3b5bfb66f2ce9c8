// SPDX-License-Identifier: Apache-2.0
/*
 * Ternary kernels of every instruction set against the golden vectors, and against
 * plain sums for awkward shapes; the CPU backend against the C reference of
 * libtern, whatever the number of threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../vectors/vectors.h"
#include "backend.h"
#include "model.h"
#include "rt_file.h"
#include "ternary.h"

static uint32_t seed = 1;

static uint32_t random_bits(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

/* One product by one instruction set, with canaries around what it may write. */
static void check(const struct kernels *set, const int8_t *trits, const int8_t *x, uint32_t n,
		  uint32_t k, uint32_t t, const int32_t *expected)
{
	size_t blocks = trit_blocks(k);
	size_t x_stride = blocks * TRIT_BLOCK + 64;
	size_t y_stride = n + 3;
	uint8_t *w = malloc(n * blocks * TRIT_BLOCK_BYTES);
	int8_t *rows = calloc(t, x_stride);
	int32_t *sums = calloc(t, sizeof(*sums));
	int32_t *y = malloc(t * y_stride * sizeof(*y));
	uint32_t i;
	uint32_t j;

	assert_true(w && rows && sums && y);
	for (i = 0; i < n; i++)
		trit_pack_row(trits + (size_t)i * k, k, w + i * blocks * TRIT_BLOCK_BYTES);
	for (i = 0; i < t; i++) {
		memcpy(rows + i * x_stride, x + (size_t)i * k, k);
		for (j = 0; j < k; j++)
			sums[i] += x[(size_t)i * k + j];
	}
	for (i = 0; i < t * y_stride; i++)
		y[i] = 0x5a5a5a5a;
	set->trit_rows(w, n, blocks, rows, x_stride, sums, t, y, y_stride);
	for (i = 0; i < t; i++)
		for (j = 0; j < y_stride; j++)
			assert_int_equal(y[i * y_stride + j],
					 j < n ? expected[(size_t)i * n + j] : 0x5a5a5a5a);
	free(w);
	free(rows);
	free(sums);
	free(y);
}

static void golden_vectors(void **state)
{
	FILE *f = fopen(TERN_VECTORS_FILE, "r");
	const char *const *name;
	struct tern_vector v;
	unsigned int count = 0;
	int ret;

	(void)state;
	assert_non_null(f);
	while ((ret = tern_vector_read(f, &v)) > 0) {
		for (name = kernels_names(); *name; name++)
			check(kernels_for(*name), v.trits, v.x, v.n, v.k, v.t, v.y);
		tern_vector_free(&v);
		count++;
	}
	fclose(f);
	assert_int_equal(ret, 0);
	assert_true(count > 10);
}

/* mode 0: random; 1 and 2: the greatest sums, up and down */
static void one_shape(uint32_t n, uint32_t k, uint32_t t, int mode)
{
	int8_t *trits = malloc((size_t)n * k);
	int8_t *x = malloc((size_t)t * k);
	int32_t *y = calloc((size_t)t * n, sizeof(*y));
	const char *const *name;
	uint32_t i;
	uint32_t j;
	uint32_t c;

	assert_true(trits && x && y);
	for (i = 0; i < n * k; i++)
		trits[i] = mode == 0 ? (int)(random_bits() % 3) - 1 : mode == 1 ? 1 : -1;
	for (i = 0; i < t * k; i++)
		x[i] = mode == 0 ? (int)(random_bits() & 255) - 128 : -128;
	for (i = 0; i < t; i++)
		for (j = 0; j < n; j++)
			for (c = 0; c < k; c++)
				y[i * n + j] += x[(size_t)i * k + c] * trits[(size_t)j * k + c];
	for (name = kernels_names(); *name; name++)
		check(kernels_for(*name), trits, x, n, k, t, y);
	free(trits);
	free(x);
	free(y);
}

static void awkward_shapes(void **state)
{
	static const uint32_t ks[] = { 1, 2, 63, 64, 65, 255, 256, 257, 511, 1536, 5460 };
	static const uint32_t ns[] = { 1, 2, 3, 4, 5, 7, 17 };
	static const uint32_t ts[] = { 1, 2, 3, 4, 5, 9 };
	size_t a;
	size_t b;
	size_t c;

	(void)state;
	for (a = 0; a < sizeof(ks) / sizeof(ks[0]); a++)
		for (b = 0; b < sizeof(ns) / sizeof(ns[0]); b++)
			for (c = 0; c < sizeof(ts) / sizeof(ts[0]); c++)
				one_shape(ns[b], ks[a], ts[c], 0);
	one_shape(5, 8640, 5, 1);
	one_shape(5, 8640, 5, 2);
}

/* TQ2_0's order of weights, by the definition: one block written out. */
static void tq2_0_order(void **state)
{
	struct {
		uint8_t codes[64];
		uint16_t scale;
	} block;
	struct gguf_tensor tensor = {
		.name = { "w", 1 }, .type = GGML_TQ2_0, .dimensions = 1,
		.size = { 256, 1, 1, 1 }, .bytes = sizeof(block), .data = &block,
	};
	struct error err;
	int8_t trits[256];
	float scale;
	int i;

	(void)state;
	memset(block.codes, 0x55, sizeof(block.codes));
	block.scale = 0x3800;
	block.codes[3] = 0x56;		/* byte 3, bits 0: weight 3 is +1 */
	block.codes[31] = 0x45;		/* bits 4: weight 2 * 32 + 31 is -1 */
	block.codes[32] = 0x15;		/* second half, bits 6: weight 128 + 3 * 32 is -1 */
	assert_int_equal(ternary_check(&tensor, &scale, &err), 0);
	assert_true(scale == 0.5f);
	ternary_row(&tensor, 0, trits);
	for (i = 0; i < 256; i++)
		assert_int_equal(trits[i], i == 3 ? 1 : i == 95 || i == 224 ? -1 : 0);
	block.scale = 0;		/* a block without a scale is all zeros */
	assert_int_equal(ternary_check(&tensor, &scale, &err), 0);
	ternary_row(&tensor, 0, trits);
	for (i = 0; i < 256; i++)
		assert_int_equal(trits[i], 0);
}

static void multiply_all(const struct model *model, const char *isa, int threads)
{
	const struct backend_options options = {
		.device = "cpu", .isa = isa, .threads = threads, .check = 1,
	};
	struct backend backend;
	struct error err;
	unsigned int i;
	size_t j;

	assert_false(backend_open(&backend, &options, model->linears, model->linear_count, &err));
	for (j = 0; j < TOKENS_MAX * backend.x_stride; j++)
		backend.x[j] = random_bits();
	for (i = 0; i < model->linear_count; i++) {
		struct linear *linear = &model->linears[i];

		assert_int_equal(backend_multiply(&backend, &linear, 1, 1 + i * 9, &err), 0);
	}
	assert_int_equal(backend.checked, model->linear_count);
	assert_int_equal(backend.mismatched, 0);
	backend_close(&backend);
}

static void cpu_backend(void **state)
{
	const char *const *name;
	struct rt_file file;
	struct model model;
	struct error err;
	char *path;

	(void)state;
	rt_small_model(&file);
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), 0);
	for (name = kernels_names(); *name; name++) {
		multiply_all(&model, *name, 1);
		multiply_all(&model, *name, 3);
	}
	model_free(&model);
	unlink(path);
	free(path);
	rt_free(&file);
}

/* --check must be able to fail. */
static void check_sees_errors(void **state)
{
	const struct backend_options options = { .device = "cpu", .threads = 1, .check = 1 };
	struct linear *linear;
	struct backend backend;
	struct rt_file file;
	struct model model;
	struct error err;
	char *path;

	(void)state;
	rt_small_model(&file);
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), 0);
	assert_int_equal(backend_open(&backend, &options, model.linears, model.linear_count, &err),
			 0);
	memset(backend.x, 3, TOKENS_MAX * backend.x_stride);
	backend.reference[64] ^= 0xff;		/* signs of the second row of the first matrix */
	linear = &model.linears[0];
	assert_int_equal(backend_multiply(&backend, &linear, 1, 2, &err), 0);
	assert_int_equal(backend.checked, 1);
	assert_int_equal(backend.mismatched, 1);
	assert_non_null(strstr(backend.mismatch, "layer 0 attn_q, row 1, token 0"));
	backend_close(&backend);
	model_free(&model);
	unlink(path);
	free(path);
	rt_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_vectors),
		cmocka_unit_test(awkward_shapes),
		cmocka_unit_test(tq2_0_order),
		cmocka_unit_test(cpu_backend),
		cmocka_unit_test(check_sees_errors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rt_bitlinear", tests, NULL, NULL);
}
