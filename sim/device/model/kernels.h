/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row of packed weights times the activations of up to a tile's columns, exactly.
 * Digits of 0, 1 and 2 are multiplied, one more than their trits; so a sum is too
 * large by the sum of its activations, which the caller subtracts.
 */
#ifndef TERN_SIM_MODEL_KERNELS_H
#define TERN_SIM_MODEL_KERNELS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tern::model {

struct kernels {
	const char *name;

	/*
	 * row: `beats` beats of weights. x: of each column the activations of whole beats,
	 * `stride` bytes from one column to the next; what is past K is 0. sums: one a
	 * column. Returns the number of trits that are not 0.
	 */
	unsigned (*p2)(const std::uint8_t *row, unsigned beats, const std::int8_t *x,
		       std::size_t stride, unsigned cols, std::int32_t *sums);
	/* The same; x is in the order of arrange_b5(). */
	unsigned (*b5)(const std::uint8_t *row, unsigned beats, const std::int8_t *x,
		       std::size_t stride, unsigned cols, std::int32_t *sums);
};

/* Of a beat, first the activations that meet digit 0 of each byte, then those of digit 1, ... */
void arrange_b5(const std::int8_t *x, unsigned k, unsigned beats, std::int8_t *arranged);

std::int32_t sum_of(const std::int8_t *x, unsigned k);

extern const kernels kernels_portable;
#if defined(__x86_64__)
extern const kernels kernels_avx2;
extern const kernels kernels_avx512;
#endif

/* What the kernels ask of a processor, and what this one has. */
struct processor {
	bool avx2, popcnt, bmi, bmi2;
	bool avx512bw, avx512vl, avx512vnni, avx512vbmi;
};
processor this_processor();

/* Those that a processor can run, the fastest first; the portable ones are always the last. */
std::vector<const kernels *> kernels_of(const processor &processor);

/* The fastest that this processor has. */
const kernels &best_kernels();

/* Digit d of any byte is (byte / 3^d) % 3. */
constexpr unsigned b5_digits = 5;
struct b5_table {
	alignas(64) std::uint8_t digit[b5_digits][256];
	alignas(64) std::uint8_t nonzeros[256];
};
extern const b5_table b5_digits_of;

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_KERNELS_H */
