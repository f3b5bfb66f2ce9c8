// SPDX-License-Identifier: Apache-2.0
#include "device/model/kernels.h"

#include <cstring>

#include "tern_abi.h"

namespace tern::model {

static_assert(b5_digits == TERN_B5_TRITS_A_BYTE, "digits of a byte");

static constexpr b5_table make_table()
{
	b5_table table = {};

	for (unsigned byte = 0; byte < 256; byte++) {
		unsigned rest = byte;

		for (unsigned d = 0; d < b5_digits; d++, rest /= 3) {
			table.digit[d][byte] = rest % 3;
			table.nonzeros[byte] += rest % 3 != 1;
		}
	}
	return table;
}

constexpr b5_table b5_digits_of = make_table();

void arrange_b5(const std::int8_t *x, unsigned k, unsigned beats, std::int8_t *arranged)
{
	std::memset(arranged, 0, beats * TERN_B5_TRITS_A_BEAT);
	for (unsigned i = 0; i < k; i++) {
		const unsigned beat = i / TERN_B5_TRITS_A_BEAT, trit = i % TERN_B5_TRITS_A_BEAT;

		arranged[beat * TERN_B5_TRITS_A_BEAT + trit % b5_digits * TERN_BEAT_BYTES +
			 trit / b5_digits] = x[i];
	}
}

std::int32_t sum_of(const std::int8_t *x, unsigned k)
{
	std::int32_t sum = 0;

	for (unsigned i = 0; i < k; i++)
		sum += x[i];
	return sum;
}

static std::uint64_t word_at(const std::uint8_t *from)
{
	std::uint64_t word;

	std::memcpy(&word, from, sizeof(word));
	return word;
}

static unsigned p2_portable(const std::uint8_t *row, unsigned beats, const std::int8_t *x,
			    std::size_t stride, unsigned cols, std::int32_t *sums)
{
	unsigned nonzeros = 0;

	for (unsigned c = 0; c < cols; c++)
		sums[c] = 0;
	for (unsigned i = 0; i < beats * (TERN_P2_TRITS_A_BEAT / 64); i++) {
		const std::uint8_t *const beat = row + i / 4 * TERN_BEAT_BYTES + i % 4 * 8;
		const std::uint64_t neg = word_at(beat + TERN_P2_NEGATIVE_OFFSET);
		const std::uint64_t nz = word_at(beat + TERN_P2_NONZERO_OFFSET);
		std::int8_t digits[64];

		nonzeros += __builtin_popcountll(nz);
		for (unsigned j = 0; j < 64; j++)
			digits[j] = 1 + (nz >> j & 1) - 2 * (nz >> j & neg >> j & 1);
		for (unsigned c = 0; c < cols; c++)
			for (unsigned j = 0; j < 64; j++)
				sums[c] += digits[j] * x[c * stride + i * 64 + j];
	}
	return nonzeros;
}

static unsigned b5_portable(const std::uint8_t *row, unsigned beats, const std::int8_t *x,
			    std::size_t stride, unsigned cols, std::int32_t *sums)
{
	unsigned nonzeros = 0;

	for (unsigned c = 0; c < cols; c++)
		sums[c] = 0;
	for (unsigned i = 0; i < beats * TERN_BEAT_BYTES; i++)
		nonzeros += b5_digits_of.nonzeros[row[i]];
	for (unsigned b = 0; b < beats; b++) {
		for (unsigned d = 0; d < b5_digits; d++) {
			std::int8_t digits[TERN_BEAT_BYTES];

			for (unsigned j = 0; j < TERN_BEAT_BYTES; j++)
				digits[j] = b5_digits_of.digit[d][row[b * TERN_BEAT_BYTES + j]];
			for (unsigned c = 0; c < cols; c++) {
				const std::int8_t *const from =
					x + c * stride + b * TERN_B5_TRITS_A_BEAT +
					d * TERN_BEAT_BYTES;

				for (unsigned j = 0; j < TERN_BEAT_BYTES; j++)
					sums[c] += digits[j] * from[j];
			}
		}
	}
	return nonzeros;
}

const kernels kernels_portable = { "portable", p2_portable, b5_portable };

processor this_processor()
{
	processor processor = {};

#if defined(__x86_64__)
	processor.avx2 = __builtin_cpu_supports("avx2");
	processor.popcnt = __builtin_cpu_supports("popcnt");
	processor.bmi = __builtin_cpu_supports("bmi");
	processor.bmi2 = __builtin_cpu_supports("bmi2");
	processor.avx512bw = __builtin_cpu_supports("avx512bw");
	processor.avx512vl = __builtin_cpu_supports("avx512vl");
	processor.avx512vnni = __builtin_cpu_supports("avx512vnni");
	processor.avx512vbmi = __builtin_cpu_supports("avx512vbmi");
#endif
	return processor;
}

std::vector<const kernels *> kernels_of(const processor &processor)
{
	std::vector<const kernels *> all;

#if defined(__x86_64__)
	const bool words = processor.popcnt && processor.bmi && processor.bmi2;

	if (words && processor.avx2 && processor.avx512bw && processor.avx512vl &&
	    processor.avx512vnni && processor.avx512vbmi)
		all.push_back(&kernels_avx512);
	if (words && processor.avx2)
		all.push_back(&kernels_avx2);
#else
	(void)processor;
#endif
	all.push_back(&kernels_portable);
	return all;
}

const kernels &best_kernels()
{
	return *kernels_of(this_processor()).front();
}

} /* namespace tern::model */
