// SPDX-License-Identifier: Apache-2.0
/* The packings against the golden vectors and against bytes computed by hand. */
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
		size_t p2, b5;
	} sizes[] = {
		{ 0, 0, 0 }, { 1, 64, 64 }, { 255, 64, 64 }, { 256, 64, 64 }, { 257, 128, 64 },
		{ 320, 128, 64 }, { 321, 128, 128 }, { 2560, 640, 512 }, { 5460, 1408, 1152 },
		{ 8640, 2176, 1728 }, { 16385, 4160, 3328 },
		{ UINT32_MAX, (size_t)64 << 24, (size_t)64 * 13421773 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(tern_p2_row_bytes(sizes[i].k), sizes[i].p2);
		assert_int_equal(tern_b5_row_bytes(sizes[i].k), sizes[i].b5);
	}
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

/*
 * By hand: + - 0 0 + is 2 + 0 + 9 + 27 + 2 * 81 = 200; - alone, and zeros behind it,
 * is 0 + 3 + 9 + 27 + 81 = 120; five zeros are 121. Trit 320 begins a beat: + is 122.
 */
static void b5_by_hand(void **state)
{
	int8_t trits[321] = { [0] = 1, [1] = -1, [4] = 1, [5] = -1, [319] = 1, [320] = 1 };
	uint8_t expected[128], row[128];
	int8_t back[321];

	(void)state;
	memset(expected, 121, sizeof(expected));
	expected[0] = 200;
	expected[1] = 120;
	expected[63] = 121 + 81;
	expected[64] = 122;
	memset(row, 0xff, sizeof(row));
	assert_int_equal(tern_b5_pack_row(trits, 321, row), 0);
	assert_memory_equal(row, expected, sizeof(row));
	tern_b5_unpack_row(row, 321, back);
	assert_memory_equal(back, trits, sizeof(trits));
}

/* All bytes that there are: counting in base 3, which starts anew behind 242. */
static void b5_every_byte(void **state)
{
	int8_t digits[5] = { -1, -1, -1, -1, -1 }, trits[5];
	uint8_t row[64], back[64];

	(void)state;
	for (unsigned int value = 0; value < 256; value++) {
		memset(row, 121, sizeof(row));
		row[0] = value;
		tern_b5_unpack_row(row, 5, trits);
		assert_memory_equal(trits, digits, 5);
		assert_int_equal(tern_b5_pack_row(trits, 5, back), 0);
		assert_int_equal(back[0], value % 243);
		for (unsigned int d = 0; d < 5; d++) {
			digits[d] = digits[d] == 1 ? -1 : digits[d] + 1;
			if (digits[d] != -1)
				break;
		}
	}
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
		assert_int_equal(tern_b5_pack_row(trits, 300, row), -EINVAL);
		/* In the last byte, which is not full. */
		trits[i * 70] = 0;
		trits[297] = wrong[i];
		assert_int_equal(tern_b5_pack_row(trits, 298, row), -EINVAL);
	}
}

static void one_row(const struct tern_packing *packing, uint32_t k)
{
	/* Exactly as large as needed: the sanitizer sees the rest. */
	uint8_t *row = malloc(packing->row_bytes(k));
	int8_t *trits = malloc(k);

	assert_non_null(row);
	assert_non_null(trits);
	memset(trits, -1, k);
	assert_int_equal(packing->pack_row(trits, k, row), 0);
	memset(trits, 0, k);
	packing->unpack_row(row, k, trits);
	for (uint32_t i = 0; i < k; i++)
		assert_int_equal(trits[i], -1);
	free(row);
	free(trits);
}

static void nothing_is_written_outside(void **state)
{
	(void)state;
	for (uint32_t k = 1; k <= 700; k++) {
		one_row(tern_packing_find("p2"), k);
		one_row(tern_packing_find("b5"), k);
	}
	tern_p2_unpack_row(NULL, 0, NULL);
	tern_b5_unpack_row(NULL, 0, NULL);
}

static void by_name(void **state)
{
	const struct tern_packing *p2 = tern_packing_find("p2"), *b5 = tern_packing_find("b5");

	(void)state;
	assert_non_null(p2);
	assert_non_null(b5);
	assert_int_equal(p2->number, 0);
	assert_int_equal(b5->number, 1);
	assert_int_equal(p2->trits_a_beat, 256);
	assert_int_equal(b5->trits_a_beat, 320);
	assert_string_equal(p2->name, "p2");
	assert_string_equal(b5->name, "b5");
	assert_null(tern_packing_find(""));
	assert_null(tern_packing_find("P2"));
	assert_null(tern_packing_find("p2 "));
}

static void golden_rows(const struct tern_packing *packing, const struct tern_vector *v,
			const uint8_t *packed, size_t row_bytes)
{
	uint8_t *row = malloc(row_bytes);
	int8_t *trits = malloc(v->k);

	assert_int_equal(packing->row_bytes(v->k), row_bytes);
	for (uint32_t i = 0; i < v->n; i++) {
		const int8_t *golden = v->trits + (size_t)i * v->k;

		assert_int_equal(packing->pack_row(golden, v->k, row), 0);
		assert_memory_equal(row, packed + i * row_bytes, row_bytes);
		packing->unpack_row(packed + i * row_bytes, v->k, trits);
		assert_memory_equal(trits, golden, v->k);
	}
	free(row);
	free(trits);
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
		golden_rows(tern_packing_find("p2"), &v, v.p2, v.row_bytes);
		golden_rows(tern_packing_find("b5"), &v, v.b5, v.b5_row_bytes);
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
		cmocka_unit_test(b5_by_hand),
		cmocka_unit_test(b5_every_byte),
		cmocka_unit_test(sign_without_nonzero_is_zero),
		cmocka_unit_test(other_values_are_refused),
		cmocka_unit_test(nothing_is_written_outside),
		cmocka_unit_test(by_name),
		cmocka_unit_test(golden_vectors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib_pack", tests, NULL, NULL);
}
