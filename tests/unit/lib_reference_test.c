// SPDX-License-Identifier: Apache-2.0
/* The C reference of GEMM against sums that Python's integers and a pencil made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libtern.h"
#include "../vectors/vectors.h"

static void pack(const int8_t *trits, uint32_t n, uint32_t k, uint8_t *w)
{
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(tern_p2_pack_row(trits + (size_t)i * k, k,
						  w + i * tern_p2_row_bytes(k)), 0);
}

/* W = [+ 0 -; - - +] as B5: 2 + 3 + 0 + 27 + 81 and 0 + 0 + 18 + 27 + 81, then zeros. */
static void b5_by_hand(void **state)
{
	static const int8_t x[] = { 1, 2, 3, -128, 127, 5 };
	static const int32_t expected[] = { -2, 0, -133, 6 };
	uint8_t w[2 * 64];
	int32_t y[4];

	(void)state;
	memset(w, 121, sizeof(w));
	w[0] = 113;
	w[64] = 126;
	tern_ref_gemm_packed(tern_packing_find("b5"), w, x, 3, y, 8, 2, 3, 2);
	assert_memory_equal(y, expected, sizeof(y));
}

/* W = [+ 0 -; - - +], X = [1 2 3; -128 127 5]. */
static void by_hand(void **state)
{
	static const int8_t trits[] = { 1, 0, -1, -1, -1, 1 };
	static const int8_t x[] = { 1, 2, 3, -128, 127, 5 };
	static const int32_t expected[] = { -2, 0, -133, 6 };
	uint8_t w[2 * 64];
	int32_t y[4];

	(void)state;
	pack(trits, 2, 3, w);
	tern_ref_gemm(w, x, 3, y, 8, 2, 3, 2);
	assert_memory_equal(y, expected, sizeof(y));
}

/* Rows with room between them, which is neither read into the sum nor written. */
static void strides(void **state)
{
	static const int8_t trits[] = { 1, 1 };
	int8_t x[3][64];
	int32_t y[3][16];
	uint8_t w[64];

	(void)state;
	pack(trits, 1, 2, w);
	memset(x, 77, sizeof(x));
	memset(y, 0x5a, sizeof(y));
	for (int i = 0; i < 3; i++) {
		x[i][0] = (int8_t)(10 * i);
		x[i][1] = (int8_t)-i;
	}
	tern_ref_gemm(w, x[0], sizeof(x[0]), y[0], sizeof(y[0]), 1, 2, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(y[i][0], 9 * i);
		for (int j = 1; j < 16; j++)
			assert_int_equal(y[i][j], 0x5a5a5a5a);
	}
}

static void one_k(uint32_t k, int8_t trit, int8_t value, int32_t expected)
{
	uint8_t *w = malloc(tern_p2_row_bytes(k));
	int8_t *trits = malloc(k);
	int8_t *x = malloc(k);
	int32_t y = 1;

	assert_non_null(w);
	assert_non_null(trits);
	assert_non_null(x);
	memset(trits, trit, k);
	memset(x, value, k);
	pack(trits, 1, k, w);
	tern_ref_gemm(w, x, k, &y, 4, 1, k, 1);
	assert_int_equal(y, expected);
	y = 1;
	/* B5 takes less room than P2. */
	assert_int_equal(tern_b5_pack_row(trits, k, w), 0);
	tern_ref_gemm_packed(tern_packing_find("b5"), w, x, k, &y, 4, 1, k, 1);
	assert_int_equal(y, expected);
	free(w);
	free(trits);
	free(x);
}

/* Sums at the ends of what fits, across the blocks that the reference decodes at once. */
static void greatest_sums(void **state)
{
	(void)state;
	one_k(1, -1, -128, 128);
	one_k(4095, 1, -128, -128 * 4095);
	one_k(4096, -1, -128, 128 * 4096);
	one_k(4097, -1, 127, -127 * 4097);
	one_k(5119, -1, 127, -127 * 5119);
	one_k(5120, 1, -128, -128 * 5120);
	one_k(5121, -1, -128, 128 * 5121);
	one_k((1 << 24) - 1, -1, -128, 2147483520);
	one_k((1 << 24) - 1, 1, -128, -2147483520);
	one_k(5460, 0, 127, 0);
}

static void golden_vectors(void **state)
{
	FILE *f = fopen(TERN_VECTORS_FILE, "r");
	struct tern_vector v;
	unsigned int count = 0;
	int ret;

	(void)state;
	assert_non_null(f);
	while ((ret = tern_vector_read(f, &v)) > 0) {
		size_t bytes = (size_t)v.t * v.n * sizeof(int32_t);
		int32_t *y = malloc(bytes);

		assert_non_null(y);
		tern_ref_gemm(v.p2, v.x, v.k, y, v.n * sizeof(*y), v.n, v.k, v.t);
		assert_memory_equal(y, v.y, bytes);
		memset(y, 0x5a, bytes);
		tern_ref_gemm_packed(tern_packing_find("b5"), v.b5, v.x, v.k, y, v.n * sizeof(*y),
				     v.n, v.k, v.t);
		assert_memory_equal(y, v.y, bytes);
		free(y);
		tern_vector_free(&v);
		count++;
	}
	fclose(f);
	assert_int_equal(ret, 0);
	assert_true(count > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(b5_by_hand),
		cmocka_unit_test(strides),
		cmocka_unit_test(greatest_sums),
		cmocka_unit_test(golden_vectors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib_reference", tests, NULL, NULL);
}
