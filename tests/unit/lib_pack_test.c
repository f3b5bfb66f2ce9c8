// SPDX-License-Identifier: Apache-2.0
/* The P2 packing against the golden vectors and against bytes computed by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libtern.h"
#include "../vectors/vectors.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void row_sizes(void **state)
{
	static const struct {
		uint32_t k;
		size_t bytes;
	} sizes[] = {
		{ 0, 0 }, { 1, 64 }, { 255, 64 }, { 256, 64 }, { 257, 128 }, { 2560, 640 },
		{ 5460, 1408 }, { 8640, 2176 }, { 16385, 4160 },
		{ UINT32_MAX, (size_t)64 << 24 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_int_equal(tern_p2_row_bytes(sizes[i].k), sizes[i].bytes);
}

/*
 * By hand: trits 0 to 9 are + - 0 0 0 0 0 0 - +. Signs: bits 1 and 8; nonzeros:
 * bits 0, 1, 8 and 9. The second beat has trit 256, a -.
 */
static void by_hand(void **state)
{
	uint8_t expected[128] = {
		[0] = 0x02, [1] = 0x01, [32] = 0x03, [33] = 0x03, [64] = 0x01, [96] = 0x01,
	};
	int8_t trits[257] = { [0] = 1, [1] = -1, [8] = -1, [9] = 1, [256] = -1 };
	uint8_t row[128];
	int8_t back[257];

	(void)state;
	memset(row, 0xff, sizeof(row));
	assert_int_equal(tern_p2_pack_row(trits, 257, row), 0);
	assert_memory_equal(row, expected, sizeof(row));
	tern_p2_unpack_row(row, 257, back);
	assert_memory_equal(back, trits, sizeof(trits));
}

static void sign_without_nonzero_is_zero(void **state)
{
	uint8_t row[64] = { [0] = 0x0f, [32] = 0x05 };
	int8_t trits[5];
	const int8_t expected[5] = { -1, 0, -1, 0, 0 };

	(void)state;
	tern_p2_unpack_row(row, 5, trits);
	assert_memory_equal(trits, expected, sizeof(trits));
}

static void other_values_are_refused(void **state)
{
	static const int8_t wrong[] = { 2, -2, 127, -128, 3 };
	uint8_t row[128];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong); i++) {
		int8_t trits[300] = { 0 };

		trits[i * 70] = wrong[i];
		assert_int_equal(tern_p2_pack_row(trits, 300, row), -EINVAL);
	}
}

static void nothing_is_written_outside(void **state)
{
	static const uint32_t ks[] = { 1, 7, 8, 9, 255, 256, 257, 511, 700 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ks); i++) {
		/* Exactly as large as needed: the sanitizer sees the rest. */
		uint8_t *row = malloc(tern_p2_row_bytes(ks[i]));
		int8_t *trits = malloc(ks[i]);

		assert_non_null(row);
		assert_non_null(trits);
		memset(trits, -1, ks[i]);
		assert_int_equal(tern_p2_pack_row(trits, ks[i], row), 0);
		tern_p2_unpack_row(row, ks[i], trits);
		for (uint32_t j = 0; j < ks[i]; j++)
			assert_int_equal(trits[j], -1);
		free(row);
		free(trits);
	}
	tern_p2_unpack_row(NULL, 0, NULL);
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
		uint8_t *row = malloc(v.row_bytes);
		int8_t *trits = malloc(v.k);

		assert_int_equal(tern_p2_row_bytes(v.k), v.row_bytes);
		for (uint32_t i = 0; i < v.n; i++) {
			const int8_t *golden = v.trits + (size_t)i * v.k;

			assert_int_equal(tern_p2_pack_row(golden, v.k, row), 0);
			assert_memory_equal(row, v.p2 + i * v.row_bytes, v.row_bytes);
			tern_p2_unpack_row(v.p2 + i * v.row_bytes, v.k, trits);
			assert_memory_equal(trits, golden, v.k);
		}
		free(row);
		free(trits);
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
		cmocka_unit_test(row_sizes),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(sign_without_nonzero_is_zero),
		cmocka_unit_test(other_values_are_refused),
		cmocka_unit_test(nothing_is_written_outside),
		cmocka_unit_test(golden_vectors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib_pack", tests, NULL, NULL);
}
