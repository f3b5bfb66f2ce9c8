// SPDX-License-Identifier: Apache-2.0
/*
 * Our own functions against libm's long doubles, within the bounds that their
 * headers state; every instruction set against the base, bit for bit; the kernels
 * against sums written out here, in the order that kernels.h lays down.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixed_math.h"
#include "kernels.h"

#define ROOM 2048

static uint64_t seed = 1;

/* In [-1, 1). */
static double random_real(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (double)(int64_t)seed * 0x1p-63;
}

static double ulp(double x)
{
	return nextafter(fabs(x), INFINITY) - fabs(x);
}

static void functions(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 400000; i++) {
		double u = random_real();
		double x = (i & 1 ? 700 : 2) * u;
		double z = i & 1 ? exp(300 * u) : 1.0 + 0.5 * u;
		double w = (i & 1 ? 1048576 : 10) * u;

		assert_true(fabsl(fixed_exp(x) - expl(x)) <= 2 * ulp(exp(x)));
		assert_true(fabsl(fixed_log(z) - logl(z)) <= 2 * ulp(log(z)));
		assert_true(fabsl(fixed_sin(w) - sinl(w)) <= 2.3e-16);
		assert_true(fabsl(fixed_cos(w) - cosl(w)) <= 2.3e-16);
	}
	assert_true(fixed_exp(0.0) == 1.0 && fixed_log(1.0) == 0.0);
	assert_true(fixed_sin(0.0) == 0.0 && fixed_cos(0.0) == 1.0);
	assert_true(fixed_exp(-1000.0) == 0.0 && isinf(fixed_exp(1000.0)) && isnan(fixed_exp(NAN)));
}

static void halves(void **state)
{
	uint32_t h;

	(void)state;
	assert_true(half_to_float(0x3c00) == 1.0f);
	assert_true(half_to_float(0xc000) == -2.0f);
	assert_true(half_to_float(0x0001) == 0x1p-24f);
	assert_true(half_to_float(0x03ff) == 0x3ffp-24f);
	assert_true(half_to_float(0x7bff) == 65504.0f);
	assert_true(isinf(half_to_float(0xfc00)) && isnan(half_to_float(0x7e00)));
	for (h = 0; h < 0x7c00; h++) {
		int exponent = h >> 10;
		float expected = exponent ? ldexpf(1024 + (h & 1023), exponent - 25) :
					    ldexpf(h, -24);

		assert_true(half_to_float(h) == expected);
		assert_true(half_to_float(h | 0x8000) == -expected);
	}
}

static double in[3][ROOM];
static double out[2][ROOM];
static float weights[ROOM];
static const size_t sizes[] = { 1, 2, 15, 16, 17, 31, 64, 100, 255, 512, 1536, 2047 };

static void fill(double scale)
{
	int i;
	int j;

	for (i = 0; i < 3; i++)
		for (j = 0; j < ROOM; j++)
			in[i][j] = scale * random_real();
	for (j = 0; j < ROOM; j++)
		weights[j] = random_real();
}

/* The order of kernels.h, word for word. */
static double ordered_sum(const double *terms, size_t n)
{
	double s[16] = { 0 };
	size_t i;
	int step;

	for (i = 0; i < n; i++)
		s[i % 16] += terms[i];
	for (step = 8; step; step /= 2)
		for (i = 0; i < (size_t)step; i++)
			s[i] += s[i + step];
	return s[0];
}

static void check_rms_norm(const struct kernels *set, size_t n)
{
	double squares[ROOM];
	double r;
	size_t i;

	for (i = 0; i < n; i++)
		squares[i] = in[0][i] * in[0][i];
	r = 1.0 / sqrt(ordered_sum(squares, n) / n + 1e-5);
	set->rms_norm(out[0], in[0], weights, n, 1e-5);
	for (i = 0; i < n; i++)
		assert_true(out[0][i] == in[0][i] * r * weights[i]);
}

static void check_softmax(const struct kernels *base, const struct kernels *set, size_t n)
{
	double sum = 0.0;
	double top = in[0][0];
	size_t i;

	memcpy(out[0], in[0], n * sizeof(double));
	memcpy(out[1], in[0], n * sizeof(double));
	base->softmax(out[0], n);
	set->softmax(out[1], n);
	assert_memory_equal(out[0], out[1], n * sizeof(double));
	for (i = 0; i < n; i++)
		top = fmax(top, in[0][i]);
	for (i = 0; i < n; i++)
		sum += exp(in[0][i] - top);
	for (i = 0; i < n; i++)
		assert_true(fabs(out[0][i] - exp(in[0][i] - top) / sum) < 1e-14);
}

static void check_silu(const struct kernels *base, const struct kernels *set, size_t n)
{
	size_t i;

	memcpy(out[0], in[0], n * sizeof(double));
	memcpy(out[1], in[0], n * sizeof(double));
	base->silu_gate(out[0], in[1], n);
	set->silu_gate(out[1], in[1], n);
	assert_memory_equal(out[0], out[1], n * sizeof(double));
	for (i = 0; i < n; i++) {
		double expected = in[0][i] / (1.0 + exp(-in[0][i])) * in[1][i];

		assert_true(fabs(out[0][i] - expected) <= 1e-14 * fabs(expected) + 1e-300);
	}
}

static void check_quantize(const struct kernels *set, size_t n)
{
	double top = 1e-5;
	int8_t q[ROOM];
	double s;
	size_t i;

	for (i = 0; i < n; i++)
		top = fmax(top, fabs(in[0][i]));
	s = set->quantize(q, in[0], n);
	assert_true(s == 127.0 / top);
	for (i = 0; i < n; i++)
		assert_int_equal(q[i], (int)nearbyint(in[0][i] * s));
}

/* Scores and mix over a few positions, their rows further apart than they are wide. */
static void check_attention(const struct kernels *set)
{
	const size_t width = 96;
	const size_t stride = 130;
	const size_t positions = 15;
	double terms[96];
	size_t p;
	size_t i;

	set->attention_scores(out[0], in[1], in[0], stride, positions, width, 0.125);
	for (p = 0; p < positions; p++) {
		for (i = 0; i < width; i++)
			terms[i] = in[1][i] * in[0][p * stride + i];
		assert_true(out[0][p] == ordered_sum(terms, width) * 0.125);
	}
	set->attention_mix(out[0], in[1], in[0], stride, positions, width);
	for (i = 0; i < width; i++) {
		double sum = 0.0;

		for (p = 0; p < positions; p++)
			sum += in[1][p] * in[0][p * stride + i];
		assert_true(out[0][i] == sum);
	}
}

static void real_kernels(void **state)
{
	const struct kernels *base = kernels_for("base");
	const char *const *name;
	size_t i;

	(void)state;
	assert_non_null(base);
	for (name = kernels_names(); *name; name++) {
		const struct kernels *set = kernels_for(*name);

		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			fill(i % 3 ? 8.0 : 300.0);
			check_rms_norm(set, sizes[i]);
			check_softmax(base, set, sizes[i]);
			check_silu(base, set, sizes[i]);
			check_quantize(set, sizes[i]);
		}
		check_attention(set);
	}
}

/* Halves of 0.5 and their neighbours, and what is beyond the scale. */
static void quantization_edges(void **state)
{
	static const double x[] = {127,	 0.5,  1.5, 2.5, -0.5, -1.5, 0.49999999999999994,
				   -127, 126.5};
	static const int8_t expected[] = { 127, 0, 2, 2, 0, -2, 0, -127, 126 };
	const double bad[3] = { NAN, INFINITY, 1.0 };
	const char *const *name;
	int8_t q[2][16];

	(void)state;
	for (name = kernels_names(); *name; name++) {
		const struct kernels *set = kernels_for(*name);

		assert_true(set->quantize(q[0], x, 9) == 1.0);
		assert_memory_equal(q[0], expected, 9);
		assert_true(set->quantize(q[0], (const double[1]){ 1e-9 }, 1) == 127.0 / 1e-5);
		assert_int_equal(q[0][0], 0);
		/* A damaged model's numbers: any answer, but the same from all. */
		kernels_for("base")->quantize(q[0], bad, 3);
		set->quantize(q[1], bad, 3);
		assert_memory_equal(q[0], q[1], 3);
	}
}

static float half_sum(const uint16_t *w, const float *x, size_t n)
{
	float s[16] = { 0 };
	size_t i;
	int step;

	for (i = 0; i < n; i++)
		s[i % 16] += half_to_float(w[i]) * x[i];
	for (step = 8; step; step /= 2)
		for (i = 0; i < (size_t)step; i++)
			s[i] += s[i + step];
	return s[0];
}

static void logits(void **state)
{
	static const size_t shapes[][3] = {
		/* rows, columns, tokens */
		{1, 1, 1}, {3, 16, 2}, {4, 512, 1}, {5, 500, 5}, {13, 33, 9}, {8, 64, 4},
	};
	static uint16_t w[16 * 512];
	static float x[16 * 512];
	static float y[16 * 16];
	const char *const *name;
	size_t i;
	size_t r;
	size_t t;

	(void)state;
	for (i = 0; i < 16 * 512; i++) {
		w[i] = (uint32_t)(random_real() * 0x7000) & 0xf3ff;
		x[i] = random_real();
	}
	w[0] = 0x8001;		/* a subnormal */
	for (name = kernels_names(); *name; name++)
		for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
			size_t rows = shapes[i][0];
			size_t columns = shapes[i][1];
			size_t tokens = shapes[i][2];

			kernels_for(*name)->half_rows(w, rows, columns, x, 512, tokens, y, 16);
			for (t = 0; t < tokens; t++)
				for (r = 0; r < rows; r++)
					assert_true(y[t * 16 + r] == half_sum(w + r * columns,
									      x + t * 512,
									      columns));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions),
		cmocka_unit_test(halves),
		cmocka_unit_test(real_kernels),
		cmocka_unit_test(quantization_edges),
		cmocka_unit_test(logits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rt_math", tests, NULL, NULL);
}
