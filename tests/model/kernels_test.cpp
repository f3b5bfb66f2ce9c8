// SPDX-License-Identifier: Apache-2.0
/*
 * The kernels of the model: all that this processor can run, against libtern's C
 * reference, for any bytes as weights and any activations.
 */
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <setjmp.h>
#include <vector>

#include "device/model/kernels.h"
#include "libtern.h"
#include "sim_cmocka.h"
#include "tern_abi.h"

using namespace tern::model;

static constexpr unsigned most_cols = 11;

/* A row of any bytes but for its padding, times so many columns. */
static void row(const kernels &k, const tern_packing &packing, unsigned length, unsigned cols,
		std::mt19937 &random, bool extremes)
{
	const unsigned beats = packing.row_bytes(length) / TERN_BEAT_BYTES;
	const unsigned whole = beats * packing.trits_a_beat;
	const bool b5 = packing.number == TERN_PACKING_B5;
	std::vector<std::uint8_t> w(beats * TERN_BEAT_BYTES);
	std::vector<std::int8_t> trits(whole), x(static_cast<std::size_t>(cols) * whole);
	std::vector<std::int8_t> arranged(x.size());
	std::int32_t sums[most_cols], expected[most_cols];
	unsigned nonzeros = 0;

	for (auto &byte : w)
		byte = static_cast<std::uint8_t>(random());
	for (unsigned c = 0; c < cols; c++)
		for (unsigned i = 0; i < length; i++)
			x[c * whole + i] = static_cast<std::int8_t>(extremes ? -128 : random());
	packing.unpack_row(w.data(), whole, trits.data());
	for (const std::int8_t trit : trits)
		nonzeros += trit != 0;
	tern_ref_gemm_packed(&packing, w.data(), x.data(), whole, expected, sizeof(*expected), 1,
			     length, cols);
	for (unsigned c = 0; b5 && c < cols; c++)
		arrange_b5(&x[c * whole], length, beats, &arranged[c * whole]);
	assert_int_equal((b5 ? k.b5 : k.p2)(w.data(), beats, b5 ? arranged.data() : x.data(), whole,
					    cols, sums),
			 nonzeros);
	for (unsigned c = 0; c < cols; c++)
		assert_int_equal(sums[c] - sum_of(&x[c * whole], length), expected[c]);
}

static void rows(const char *name)
{
	const tern_packing &packing = *tern_packing_find(name);
	std::mt19937 random(1);

	for (const kernels *k : kernels_of(this_processor())) {
		std::printf("# %s\n", k->name);
		for (unsigned cols = 1; cols <= most_cols; cols++)
			for (unsigned length : { 1u, 63u, 256u, 320u, 1000u, 2560u, 5460u, 16384u })
				row(*k, packing, length, cols, random, cols == 3);
	}
}

static void p2(void **)
{
	rows("p2");
}

static void b5(void **)
{
	rows("b5");
}

/* What is chosen for a processor of these instructions, from the fastest to the portable one. */
static void choice(void **)
{
	assert_ptr_equal(&best_kernels(), kernels_of(this_processor()).front());
	assert_int_equal(kernels_of({}).size(), 1);
	assert_ptr_equal(kernels_of({})[0], &kernels_portable);
#if defined(__x86_64__)
	const processor all = { true, true, true, true, true, true, true, true };
	processor less = all;

	assert_int_equal(kernels_of(all).size(), 3);
	assert_ptr_equal(kernels_of(all)[0], &kernels_avx512);
	assert_ptr_equal(kernels_of(all)[1], &kernels_avx2);
	assert_ptr_equal(kernels_of(all)[2], &kernels_portable);
	for (bool processor::*one : { &processor::avx512bw, &processor::avx512vl,
				      &processor::avx512vnni, &processor::avx512vbmi }) {
		less = all;
		less.*one = false;
		assert_ptr_equal(kernels_of(less)[0], &kernels_avx2);
	}
	for (bool processor::*one : { &processor::avx2, &processor::popcnt, &processor::bmi,
				      &processor::bmi2 }) {
		less = all;
		less.*one = false;
		assert_ptr_equal(kernels_of(less)[0], &kernels_portable);
	}
#endif
}

int main()
{
	const CMUnitTest tests[] = { cmocka_unit_test(p2), cmocka_unit_test(b5),
				     cmocka_unit_test(choice) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
