// SPDX-License-Identifier: Apache-2.0
/* GEMMs of awkward shapes: equal to the C reference, bit for bit, and honest counters. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "selftest.h"

/* One less, one more and exactly a beat, a tile, the columns; 5460 and 1 are models' own. */
static const struct {
	uint32_t n, k, t;
	uint32_t pad;	/* bytes between rows, beyond what they need */
} shapes[] = {
	{ 1, 1, 1, 0 }, { 1, 3, 33, 0 }, { 2, 63, 2, 64 }, { 3, 64, 7, 0 }, { 5, 65, 8, 0 },
	{ 1, 255, 1, 0 }, { 64, 256, 9, 0 }, { 65, 257, 1, 192 }, { 63, 512, 16, 0 },
	{ 3, 320, 2, 0 }, { 66, 321, 8, 0 }, { 7, 1280, 9, 0 }, { 2, 1281, 1, 0 },
	{ 129, 20, 17, 0 }, { 15, 16, 64, 0 }, { 16, 1000, 5, 4096 }, { 1, 5460, 1, 0 },
	{ 17, 5460, 8, 0 }, { 640, 640, 3, 0 }, { 2, 16384, 1, 0 }, { 3, 16385, 9, 0 },
	{ 1, 40000, 2, 0 }, { 1000, 1, 1, 0 },
};

static void check_counters(struct selftest *test, const struct gemm *gemm,
			   const struct tern_result *result)
{
	uint64_t adds = gemm->nonzero * gemm->t;
	uint64_t skipped = (uint64_t)gemm->n * gemm->k * gemm->t - adds;
	uint64_t w_bytes = (uint64_t)gemm->packing->row_bytes(gemm->k) * gemm->n;
	char why[160];
	bool ok = result->adds == adds && result->adds_skipped == skipped && result->array &&
		  result->cycles >= result->array && result->mem_read >= w_bytes;

	snprintf(why, sizeof(why), "adds %" PRIu64 " (%" PRIu64 "), skipped %" PRIu64 " (%" PRIu64
		 "), %" PRIu64 " cycles, %" PRIu64 " in the array, %" PRIu64 " bytes read",
		 (uint64_t)result->adds, adds, (uint64_t)result->adds_skipped, skipped,
		 (uint64_t)result->cycles, (uint64_t)result->array, (uint64_t)result->mem_read);
	report(test, ok, why, "counters of GEMM %s n=%u k=%u t=%u", gemm->packing->name, gemm->n,
	       gemm->k, gemm->t);
}

static void test_shape(struct selftest *test, const struct tern_packing *packing,
		       enum tern_bo_kind kind, size_t index)
{
	const char *place = kind == TERN_BO_HOST ? "host" : "device";
	uint32_t n = shapes[index].n, k = shapes[index].k, t = shapes[index].t;
	struct tern_result result;
	struct gemm gemm;
	uint32_t row, col;
	char why[160];
	bool ok;

	if (gemm_init(&gemm, test->dev, packing, kind, n, k, t, shapes[index].pad, &test->random)) {
		report(test, false, tern_error(test->dev), "GEMM %s n=%u k=%u t=%u in %s memory",
		       packing->name, n, k, t, place);
		return;
	}
	ok = run_one(test, &gemm.cmd, &result);
	if (!ok) {
		snprintf(why, sizeof(why), "%s", tern_error(test->dev));
	} else if (!gemm_matches(&gemm, &row, &col)) {
		const int32_t *y = tern_bo_map(gemm.y);
		size_t at = (size_t)row * gemm.y_stride / 4 + col;

		ok = false;
		snprintf(why, sizeof(why), "token %u, output %u is %d, must be %d%s", row, col,
			 y[at], gemm.expected[at],
			 col >= n ? " (beyond the row: must be untouched)" : "");
	}
	report(test, ok, why, "GEMM %s n=%u k=%u t=%u in %s memory", packing->name, n, k, t, place);
	if (ok && kind == TERN_BO_DEVICE)
		check_counters(test, &gemm, &result);
	gemm_fini(&gemm);
}

/* The greatest sums there are: x all -128, and weights all of one sign. */
static void test_extremes(struct selftest *test, const struct tern_packing *packing)
{
	const uint32_t n = 2, k = 5460, t = 3;
	struct gemm gemm;
	uint8_t *w;
	int8_t row_of[5460];
	uint32_t row, col;
	bool ok;

	if (gemm_init(&gemm, test->dev, packing, TERN_BO_DEVICE, n, k, t, 0, &test->random)) {
		report(test, false, tern_error(test->dev), "GEMM %s with the greatest sums",
		       packing->name);
		return;
	}
	w = tern_bo_map(gemm.w);
	memset(tern_bo_map(gemm.x), 0x80, (size_t)gemm.x_stride * t);
	for (uint32_t i = 0; i < n; i++) {
		memset(row_of, i ? -1 : 1, k);
		packing->pack_row(row_of, k, w + i * packing->row_bytes(k));
	}
	for (uint32_t i = 0; i < t; i++) {
		int32_t *y = gemm.expected + (size_t)i * gemm.y_stride / 4;

		y[0] = -128 * (int32_t)k;
		y[1] = 128 * (int32_t)k;
	}
	ok = run_one(test, &gemm.cmd, NULL);
	report(test, ok && gemm_matches(&gemm, &row, &col),
	       ok ? "a sum is wrong" : tern_error(test->dev),
	       "GEMM %s with the greatest sums, +-128 * %u", packing->name, k);
	gemm_fini(&gemm);
}

/* A device that cannot read a packing says so, and touches nothing. */
static void test_missing(struct selftest *test, const struct tern_packing *packing)
{
	uint32_t row, col;
	struct gemm gemm;
	int ret;

	if (gemm_init(&gemm, test->dev, packing, TERN_BO_DEVICE, 3, 321, 2, 0, &test->random)) {
		report(test, false, tern_error(test->dev), "GEMM %s", packing->name);
		return;
	}
	memset(gemm.expected, 0xa5, (size_t)gemm.y_stride * gemm.t);
	ret = tern_run(test->dev, &gemm.cmd, 1, JOB_NS, NULL);
	report(test, ret == -EOPNOTSUPP && gemm_matches(&gemm, &row, &col), tern_error(test->dev),
	       "GEMM %s: EOPNOTSUPP from a device without it", packing->name);
	gemm_fini(&gemm);
}

void test_gemm(struct selftest *test)
{
	static const char * const names[] = { "p2", "b5" };
	struct tern_info info;

	if (tern_get_info(test->dev, &info)) {
		report(test, false, tern_error(test->dev), "what the device is");
		return;
	}
	for (size_t p = 0; p < ARRAY_SIZE(names); p++) {
		const struct tern_packing *packing = tern_packing_find(names[p]);

		if (!(info.caps & packing->caps)) {
			test_missing(test, packing);
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
			test_shape(test, packing, TERN_BO_DEVICE, i);
			test_shape(test, packing, TERN_BO_HOST, i);
		}
		test_extremes(test, packing);
	}
}
