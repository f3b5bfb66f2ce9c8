// SPDX-License-Identifier: Apache-2.0
/*
 * 32 trits at once. A product of a digit and an activation fits 9 bits, so sums of two
 * of them don't reach the bounds at which VPMADDUBSW saturates.
 */
#if defined(__x86_64__)

#include <cstring>

#include <immintrin.h>

#include "device/model/kernels.h"
#include "tern_abi.h"

namespace tern::model {

namespace {

inline __m256i load(const void *from)
{
	return _mm256_loadu_si256(static_cast<const __m256i *>(from));
}

inline std::int32_t total(__m256i v)
{
	__m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
	return _mm_cvtsi128_si32(s);
}

inline __m256i add_products(__m256i sum, __m256i digits, __m256i x)
{
	const __m256i pairs = _mm256_maddubs_epi16(digits, x);

	return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* 32 bits to 32 bytes: all ones where the bit is 1. */
inline __m256i spread(const std::uint8_t *from)
{
	const __m256i bytes = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2,
					       2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
	const __m256i bits = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ull));
	std::int32_t word;

	std::memcpy(&word, from, sizeof(word));

	const __m256i each = _mm256_shuffle_epi8(_mm256_set1_epi32(word), bytes);

	return _mm256_cmpeq_epi8(_mm256_and_si256(each, bits), bits);
}

/* The weights are taken apart once, then meet one column after the other. */
constexpr unsigned block_beats = 8;

unsigned p2(const std::uint8_t *row, unsigned beats, const std::int8_t *x, std::size_t stride,
	    unsigned cols, std::int32_t *sums)
{
	constexpr unsigned parts = TERN_P2_TRITS_A_BEAT / 32;
	alignas(32) __m256i digits[block_beats * parts];
	const __m256i ones = _mm256_set1_epi8(1);
	unsigned nonzeros = 0;

	for (unsigned c = 0; c < cols; c++)
		sums[c] = 0;
	for (unsigned b = 0; b < beats; b += block_beats) {
		const unsigned now = beats - b < block_beats ? beats - b : block_beats;

		for (unsigned i = 0; i < now * parts; i++) {
			const std::uint8_t *const at =
				row + (b + i / parts) * TERN_BEAT_BYTES + i % parts * 4;
			const __m256i neg = spread(at + TERN_P2_NEGATIVE_OFFSET);
			const __m256i nz = spread(at + TERN_P2_NONZERO_OFFSET);
			std::uint32_t word;

			std::memcpy(&word, at + TERN_P2_NONZERO_OFFSET, sizeof(word));
			nonzeros += __builtin_popcount(word);
			/* 1 - nz is one more where nz is -1; a negative one takes two away. */
			digits[i] = _mm256_add_epi8(
				_mm256_sub_epi8(ones, nz),
				_mm256_slli_epi16(_mm256_and_si256(_mm256_and_si256(neg, nz),
								   _mm256_set1_epi8(0x7f)), 1));
		}
		for (unsigned c = 0; c < cols; c++) {
			const std::int8_t *const from =
				x + c * stride + b * TERN_P2_TRITS_A_BEAT;
			__m256i sum = _mm256_setzero_si256();

			for (unsigned i = 0; i < now * parts; i++)
				sum = add_products(sum, digits[i], load(from + 32 * i));
			sums[c] += total(sum);
		}
	}
	return nonzeros;
}

/* 16 numbers below 256 in lanes of 16 bits, divided by 3. */
inline __m256i third(__m256i v)
{
	return _mm256_srli_epi16(_mm256_mullo_epi16(v, _mm256_set1_epi16(171)), 9);
}

unsigned b5(const std::uint8_t *row, unsigned beats, const std::int8_t *x, std::size_t stride,
	    unsigned cols, std::int32_t *sums)
{
	constexpr unsigned parts = TERN_BEAT_BYTES / 32;
	alignas(32) __m256i digits[block_beats * b5_digits * parts];
	const __m256i low = _mm256_set1_epi16(0xff);
	unsigned nonzeros = 0;

	for (unsigned c = 0; c < cols; c++)
		sums[c] = 0;
	for (unsigned b = 0; b < beats; b += block_beats) {
		const unsigned now = beats - b < block_beats ? beats - b : block_beats;

		for (unsigned i = 0; i < now * parts; i++) {
			const __m256i bytes = load(row + b * TERN_BEAT_BYTES + 32 * i);
			__m256i even = _mm256_and_si256(bytes, low);
			__m256i odd = _mm256_srli_epi16(bytes, 8);

			for (unsigned d = 0; d < b5_digits; d++) {
				const __m256i even3 = third(even), odd3 = third(odd);
				const __m256i three = _mm256_set1_epi16(3);
				const __m256i e = _mm256_sub_epi16(
					even, _mm256_mullo_epi16(even3, three));
				const __m256i o = _mm256_sub_epi16(
					odd, _mm256_mullo_epi16(odd3, three));
				const __m256i both =
					_mm256_or_si256(e, _mm256_slli_epi16(o, 8));

				digits[(i / parts * b5_digits + d) * parts + i % parts] = both;
				nonzeros += 32 - __builtin_popcount(_mm256_movemask_epi8(
						_mm256_cmpeq_epi8(both, _mm256_set1_epi8(1))));
				even = even3;
				odd = odd3;
			}
		}
		for (unsigned c = 0; c < cols; c++) {
			const std::int8_t *const from =
				x + c * stride + b * TERN_B5_TRITS_A_BEAT;
			__m256i sum = _mm256_setzero_si256();

			for (unsigned i = 0; i < now * b5_digits * parts; i++)
				sum = add_products(sum, digits[i], load(from + 32 * i));
			sums[c] += total(sum);
		}
	}
	return nonzeros;
}

} /* namespace */

const kernels kernels_avx2 = { "avx2", p2, b5 };

} /* namespace tern::model */

#endif
