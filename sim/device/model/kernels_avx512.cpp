// SPDX-License-Identifier: Apache-2.0
/*
 * 64 trits at once: a plane is a mask, and VNNI adds products of digits and activations.
 */
#if defined(__x86_64__)

/* GCC 12 warns of its own header, where a register may be anything. */
#pragma GCC diagnostic ignored "-Wuninitialized"

#include <algorithm>
#include <cstring>

#include <immintrin.h>

#include "device/model/kernels.h"
#include "tern_abi.h"

namespace tern::model {

namespace {

inline std::uint64_t word_at(const std::uint8_t *from)
{
	std::uint64_t word;

	std::memcpy(&word, from, sizeof(word));
	return word;
}

inline __m512i load(const void *from)
{
	return _mm512_loadu_si512(from);
}

/* 64 digits: 1, more where a trit is 1, less where it is -1. */
inline __m512i digits_of(std::uint64_t neg, std::uint64_t nz)
{
	const __m512i ones = _mm512_maskz_set1_epi8(~(neg & nz), 1);

	return _mm512_mask_add_epi8(ones, nz & ~neg, ones, ones);
}

template <unsigned cols>
unsigned p2_cols(const std::uint8_t *row, unsigned beats, const std::int8_t *x, std::size_t stride,
		 std::int32_t *sums)
{
	/* Two chains of additions a column at least, so that none waits for itself. */
	constexpr unsigned chains = cols == 1 ? 4 : 2;
	__m512i sum[cols][chains];
	unsigned nonzeros = 0;

	for (unsigned c = 0; c < cols; c++)
		for (unsigned i = 0; i < chains; i++)
			sum[c][i] = _mm512_setzero_si512();
	for (unsigned b = 0; b < beats; b++, row += TERN_BEAT_BYTES, x += TERN_P2_TRITS_A_BEAT) {
		/* Rows are read once, and there are too many of them for a cache. */
		_mm_prefetch(row + 32 * TERN_BEAT_BYTES, _MM_HINT_T0);
		for (unsigned i = 0; i < 4; i++) {
			const std::uint64_t neg = word_at(row + TERN_P2_NEGATIVE_OFFSET + 8 * i);
			const std::uint64_t nz = word_at(row + TERN_P2_NONZERO_OFFSET + 8 * i);
			const __m512i digits = digits_of(neg, nz);

			nonzeros += __builtin_popcountll(nz);
			for (unsigned c = 0; c < cols; c++)
				sum[c][i % chains] = _mm512_dpbusd_epi32(
					sum[c][i % chains], digits, load(x + c * stride + 64 * i));
		}
	}
	for (unsigned c = 0; c < cols; c++) {
		for (unsigned i = 1; i < chains; i++)
			sum[c][0] = _mm512_add_epi32(sum[c][0], sum[c][i]);
		sums[c] = _mm512_reduce_add_epi32(sum[c][0]);
	}
	return nonzeros;
}

inline __m512i look_up(const __m512i table[4], __m512i index)
{
	const __mmask64 high = _mm512_movepi8_mask(index);
	const __m512i low = _mm512_permutex2var_epi8(table[0], index, table[1]);

	return _mm512_mask_mov_epi8(low, high,
				    _mm512_permutex2var_epi8(table[2], index, table[3]));
}

template <unsigned cols>
unsigned b5_cols(const std::uint8_t *row, unsigned beats, const std::int8_t *x, std::size_t stride,
		 std::int32_t *sums)
{
	__m512i tables[b5_digits + 1][4];
	__m512i sum[cols];
	__m512i nonzeros = _mm512_setzero_si512();
	const __m512i ones = _mm512_set1_epi8(1);

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned d = 0; d < b5_digits; d++)
			tables[d][i] = load(b5_digits_of.digit[d] + 64 * i);
		tables[b5_digits][i] = load(b5_digits_of.nonzeros + 64 * i);
	}
	for (unsigned c = 0; c < cols; c++)
		sum[c] = _mm512_setzero_si512();
	for (unsigned b = 0; b < beats; b++, row += TERN_BEAT_BYTES, x += TERN_B5_TRITS_A_BEAT) {
		const __m512i bytes = load(row);

		_mm_prefetch(row + 32 * TERN_BEAT_BYTES, _MM_HINT_T0);
		nonzeros = _mm512_dpbusd_epi32(nonzeros, look_up(tables[b5_digits], bytes), ones);
		for (unsigned d = 0; d < b5_digits; d++) {
			const __m512i digits = look_up(tables[d], bytes);

			for (unsigned c = 0; c < cols; c++)
				sum[c] = _mm512_dpbusd_epi32(sum[c], digits,
							     load(x + c * stride + 64 * d));
		}
	}
	for (unsigned c = 0; c < cols; c++)
		sums[c] = _mm512_reduce_add_epi32(sum[c]);
	return _mm512_reduce_add_epi32(nonzeros);
}

using row_of = unsigned (*)(const std::uint8_t *, unsigned, const std::int8_t *, std::size_t,
			    std::int32_t *);

/* Columns by the eight, then those that are left. */
unsigned by_eight(const row_of *rows, const std::uint8_t *row, unsigned beats, const std::int8_t *x,
		  std::size_t stride, unsigned cols, std::int32_t *sums)
{
	unsigned nonzeros = 0;

	for (unsigned c = 0; c < cols; c += 8)
		nonzeros = rows[std::min(cols - c, 8u)](row, beats, x + c * stride, stride,
							sums + c);
	return nonzeros;
}

unsigned p2(const std::uint8_t *row, unsigned beats, const std::int8_t *x, std::size_t stride,
	    unsigned cols, std::int32_t *sums)
{
	static const row_of rows[] = { nullptr,	   p2_cols<1>, p2_cols<2>, p2_cols<3>, p2_cols<4>,
				       p2_cols<5>, p2_cols<6>, p2_cols<7>, p2_cols<8> };

	return by_eight(rows, row, beats, x, stride, cols, sums);
}

unsigned b5(const std::uint8_t *row, unsigned beats, const std::int8_t *x, std::size_t stride,
	    unsigned cols, std::int32_t *sums)
{
	static const row_of rows[] = { nullptr,	   b5_cols<1>, b5_cols<2>, b5_cols<3>, b5_cols<4>,
				       b5_cols<5>, b5_cols<6>, b5_cols<7>, b5_cols<8> };

	return by_eight(rows, row, beats, x, stride, cols, sums);
}

} /* namespace */

const kernels kernels_avx512 = { "avx512", p2, b5 };

} /* namespace tern::model */

#endif
