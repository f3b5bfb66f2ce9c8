// SPDX-License-Identifier: Apache-2.0
/*
 * Compiled once for each instruction set, with -DISA=name and its -m options.
 * The vectors are gcc's; their width is the set's. See kernels.h for the rule
 * that makes all of them give the same bits.
 */
#include <math.h>
#include <string.h>

#include "kernels.h"
#include "kernels_vector.h"

static double sum_of(const double *x, size_t n)
{
	struct sums_d sums = { 0 };
	size_t i;
	int p;

	for (i = 0; i + 16 <= n; i += 16)
		for (p = 0; p < PARTS_D; p++)
			sums.part[p] += *(const vd *)(x + i + p * WIDTH_D);
	if (i < n) {
		double tail[16] = { 0 };

		memcpy(tail, x + i, (n - i) * sizeof(*x));
		for (p = 0; p < PARTS_D; p++)
			sums.part[p] += *(vd *)(tail + p * WIDTH_D);
	}
	return fold_d(&sums);
}

static void rms_norm(double *y, const double *x, const float *weight, size_t n, double epsilon)
{
	double r = 1.0 / sqrt(dot(x, x, n) / n + epsilon);
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = x[i] * r * weight[i];
}

static double quantize(int8_t *q, const double *x, size_t n)
{
	const double shift = 0x1.8p52;	/* x + shift - shift rounds |x| < 2^51 half to even */
	double top = 1e-5;
	double s;
	size_t i;

	for (i = 0; i < n; i++) {
		double magnitude = fabs(x[i]);

		top = magnitude > top ? magnitude : top;
	}
	s = 127.0 / top;
	for (i = 0; i < n; i++) {
		double v = (x[i] * s + shift) - shift;

		v = v < 127.0 ? v : 127.0;
		v = v > -128.0 ? v : -128.0;
		q[i] = (int8_t)(int32_t)v;
	}
	return s;
}

static void dequantize(double *y, const int32_t *acc, double factor, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = acc[i] * factor;
}

static void add_dequantized(double *y, const int32_t *acc, double factor, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] += acc[i] * factor;
}

/*
 * exp for -700 <= x <= 700 (others are taken as the nearer end), within 2 ulp: x =
 * n ln 2 + r, and the series to r^13 on |r| <= 0.35 (the next term is below 5e-18).
 */
INLINE double exp_one(double x)
{
	const double shift = 0x1.8p52;
	double shifted;
	double n;
	double r;
	double sum;
	double scale;
	int64_t bits;

	x = x > -700.0 ? x : -700.0;	/* a NaN too */
	x = x < 700.0 ? x : 700.0;
	shifted = x * 0x1.71547652b82fep+0 + shift;
	n = shifted - shift;
	r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
	sum = 1.0 / 6227020800;
	sum = sum * r + 1.0 / 479001600;
	sum = sum * r + 1.0 / 39916800;
	sum = sum * r + 1.0 / 3628800;
	sum = sum * r + 1.0 / 362880;
	sum = sum * r + 1.0 / 40320;
	sum = sum * r + 1.0 / 5040;
	sum = sum * r + 1.0 / 720;
	sum = sum * r + 1.0 / 120;
	sum = sum * r + 1.0 / 24;
	sum = sum * r + 1.0 / 6;
	sum = sum * r + 0.5;
	sum = sum * (r * r) + r + 1.0;
	/* The low bits of shifted are n, as an integer: no conversion to be slow at. */
	memcpy(&bits, &shifted, sizeof(bits));
	bits = (int64_t)(((uint64_t)bits + 1023) << 52);
	memcpy(&scale, &bits, sizeof(scale));
	return sum * scale;
}

static void silu_gate(double *gate, const double *up, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		gate[i] = gate[i] / (1.0 + exp_one(-gate[i])) * up[i];
}

static void attention_scores(double *scores, const double *q, const double *keys, size_t stride,
			     size_t positions, size_t width, double scale)
{
	struct sums_d sums;
	vd4 four[4];
	size_t p;
	int i;

	for (p = 0; p + 4 <= positions; p += 4) {
		for (i = 0; i < 4; i++) {
			sums = dot_sums(q, keys + (p + i) * stride, width);
			four[i] = fold_to_4_d(&sums);
		}
		*(vd4 *)(scores + p) = fold_four_d(four) * scale;
	}
	for (; p < positions; p++)
		scores[p] = dot(q, keys + p * stride, width) * scale;
}

static void softmax(double *x, size_t n)
{
	double top = x[0];
	double sum;
	size_t i;

	for (i = 1; i < n; i++)
		top = x[i] > top ? x[i] : top;
	for (i = 0; i < n; i++)
		x[i] = exp_one(x[i] - top);
	sum = sum_of(x, n);
	for (i = 0; i < n; i++)
		x[i] /= sum;
}

/* So many vectors of a at once stay in registers over all positions. */
#define MIX_VECTORS 8

static void attention_mix(double *a, const double *weights, const double *values, size_t stride,
			  size_t positions, size_t width)
{
	const size_t step = MIX_VECTORS * WIDTH_D;
	size_t i;
	size_t p;
	int v;

	for (i = 0; i + step <= width; i += step) {
		vd acc[MIX_VECTORS] = { 0 };

		for (p = 0; p < positions; p++)
			for (v = 0; v < MIX_VECTORS; v++)
				acc[v] += weights[p] *
					  *(const vd *)(values + p * stride + i + v * WIDTH_D);
		memcpy(a + i, acc, sizeof(acc));
	}
	for (; i < width; i++) {
		double acc = 0.0;

		for (p = 0; p < positions; p++)
			acc += weights[p] * values[p * stride + i];
		a[i] = acc;
	}
}

/* WIDTH halves, none of them infinite or NaN. */
INLINE vf load_half(const uint16_t *half)
{
#if defined(__AVX512F__)
	return (vf)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)half));
#elif defined(__AVX2__)
	return (vf)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)half));
#else
	vi wide = __builtin_convertvector(*(const vh *)half, vi);
	vf value = (vf)((wide & 0x7fff) << 13) * 0x1p112f;

	return (vf)((vi)value | (wide & 0x8000) << 16);
#endif
}

/* A tile of half_rows: so many rows by so many tokens at once, a multiple of four sums. */
INLINE void half_tile(const uint16_t *w, size_t columns, const float *x, size_t x_stride,
		      float *y, size_t y_stride, const int rows, const int tokens)
{
	struct sums sums[tokens * rows];
	size_t whole = columns / 16 * 16;
	vf4 four[4];
	size_t i;
	int p;
	int r;
	int t;

	memset(sums, 0, sizeof(sums));
	for (i = 0; i < whole; i += 16)
		for (p = 0; p < PARTS; p++)
#pragma GCC unroll 4
			for (r = 0; r < rows; r++) {
				vf row = load_half(w + r * columns + i + p * WIDTH);
#pragma GCC unroll 4
				for (t = 0; t < tokens; t++)
					sums[t * rows + r].part[p] += row *
						*(const vf *)(x + t * x_stride + i + p * WIDTH);
			}
	for (t = 0; t < tokens && whole < columns; t++)
		for (r = 0; r < rows; r++) {
			uint16_t tail_w[16] = { 0 };
			float tail_x[16] = { 0 };

			memcpy(tail_w, w + r * columns + whole, (columns - whole) * sizeof(*w));
			memcpy(tail_x, x + t * x_stride + whole, (columns - whole) * sizeof(*x));
			for (p = 0; p < PARTS; p++)
				sums[t * rows + r].part[p] += load_half(tail_w + p * WIDTH) *
							      *(vf *)(tail_x + p * WIDTH);
		}
	for (i = 0; i < (size_t)(tokens * rows); i += 4) {
		for (p = 0; p < 4; p++)
			four[p] = fold_to_4(&sums[i + p]);
		four[0] = fold_four(four);
		for (p = 0; p < 4; p++)
			y[(i + p) / rows * y_stride + (i + p) % rows] = four[0][p];
	}
}

/* Rows and tokens of a tile: what the registers hold; few tokens are made up for by rows. */
#if WIDTH == 16
#define HALF_ROWS	4
#define HALF_TOKENS	4
#elif WIDTH == 8
#define HALF_ROWS	2
#define HALF_TOKENS	2
#else
#define HALF_ROWS	1
#define HALF_TOKENS	4
#endif

/* Tiles of rows by tokens as far as they go. */
INLINE void half_tiles(const uint16_t *w, size_t rows, size_t columns, const float *x,
		       size_t x_stride, size_t tokens, float *y, size_t y_stride,
		       const int tile_rows, const int tile_tokens)
{
	size_t r;
	size_t t;

	for (r = 0; r + tile_rows <= rows; r += tile_rows)
		for (t = 0; t + tile_tokens <= tokens; t += tile_tokens)
			half_tile(w + r * columns, columns, x + t * x_stride, x_stride,
				  y + t * y_stride + r, y_stride, tile_rows, tile_tokens);
}

/* The few rows that make no tile: one number after the other. */
static void half_rest(const uint16_t *w, size_t rows, size_t columns, const float *x,
		      size_t x_stride, size_t tokens, float *y, size_t y_stride)
{
	size_t r;
	size_t t;
	size_t i;
	int step;

	for (r = 0; r < rows; r++)
		for (t = 0; t < tokens; t++) {
			float s[16] = { 0 };

			for (i = 0; i < columns; i++)
				s[i % 16] +=
					half_to_float(w[r * columns + i]) * x[t * x_stride + i];
			for (step = 8; step; step /= 2)
				for (i = 0; i < (size_t)step; i++)
					s[i] += s[i + step];
			y[t * y_stride + r] = s[0];
		}
}

static void half_rows(const uint16_t *w, size_t rows, size_t columns, const float *x,
		      size_t x_stride, size_t tokens, float *y, size_t y_stride)
{
	size_t tiled = tokens / HALF_TOKENS * HALF_TOKENS;
	size_t even = rows / 4 * 4;

	half_tiles(w, even, columns, x, x_stride, tiled, y, y_stride, HALF_ROWS, HALF_TOKENS);
	half_tiles(w, even, columns, x + tiled * x_stride, x_stride, tokens - tiled,
		   y + tiled * y_stride, y_stride, 4, 1);
	half_rest(w + even * columns, rows - even, columns, x, x_stride, tokens, y + even,
		  y_stride);
}

/* ------------------------------------------------------------ ternary rows */

#if defined(__AVX512VNNI__)
/* Codes are 0 to 2 and unsigned, as vpdpbusd wants; the row's sum of x comes off at the end. */
INLINE void trit_tile(const uint8_t *w, size_t blocks, const int8_t *x, size_t x_stride,
		      const int32_t *x_sums, int32_t *y, size_t y_stride,
		      const int rows, const int tokens)
{
	const __m512i three = _mm512_set1_epi8(3);
	__m512i acc[rows][tokens];
	__m512i codes[rows];
	size_t b;
	int l;
	int r;
	int t;

	for (r = 0; r < rows; r++)
		for (t = 0; t < tokens; t++)
			acc[r][t] = _mm512_setzero_si512();
	for (b = 0; b < blocks; b++) {
		for (r = 0; r < rows; r++)
			codes[r] = _mm512_loadu_si512(w + (r * blocks + b) * TRIT_BLOCK_BYTES);
#pragma GCC unroll 4
		for (l = 0; l < 4; l++) {
#pragma GCC unroll 4
			for (t = 0; t < tokens; t++) {
				const int8_t *from = x + t * x_stride + b * TRIT_BLOCK + l * 64;
				__m512i v = _mm512_loadu_si512(from);
#pragma GCC unroll 4
				for (r = 0; r < rows; r++) {
					__m512i code = _mm512_and_si512(codes[r], three);

					acc[r][t] = _mm512_dpbusd_epi32(acc[r][t], code, v);
				}
			}
			for (r = 0; r < rows; r++)
				codes[r] = _mm512_srli_epi16(codes[r], 2);
		}
	}
	for (r = 0; r < rows; r++)
		for (t = 0; t < tokens; t++)
			y[t * y_stride + r] = _mm512_reduce_add_epi32(acc[r][t]) - x_sums[t];
}
#define TRIT_ROWS	4
#define TRIT_TOKENS	4

#elif defined(__AVX2__)
INLINE __m256i load_256(const void *from)
{
	return _mm256_loadu_si256(from);
}

/* vpmaddubsw sums pairs to 16 bits: eight of them, each at most 512, before widening. */
INLINE void trit_tile(const uint8_t *w, size_t blocks, const int8_t *x, size_t x_stride,
		      const int32_t *x_sums, int32_t *y, size_t y_stride,
		      const int rows, const int tokens)
{
	const __m256i three = _mm256_set1_epi8(3);
	const __m256i ones = _mm256_set1_epi16(1);
	__m256i acc[rows][tokens];
	size_t b;
	int half;
	int l;
	int r;
	int t;

	for (r = 0; r < rows; r++)
		for (t = 0; t < tokens; t++)
			acc[r][t] = _mm256_setzero_si256();
	for (b = 0; b < blocks; b++) {
		__m256i pairs[rows][tokens];

		for (r = 0; r < rows; r++)
			for (t = 0; t < tokens; t++)
				pairs[r][t] = _mm256_setzero_si256();
		for (half = 0; half < 64; half += 32) {
			const int8_t *in = x + b * TRIT_BLOCK + half;
			__m256i codes[rows];

			for (r = 0; r < rows; r++)
				codes[r] = load_256(w + (r * blocks + b) * TRIT_BLOCK_BYTES + half);
#pragma GCC unroll 4
			for (l = 0; l < 4; l++) {
				for (r = 0; r < rows; r++) {
					__m256i code = _mm256_and_si256(codes[r], three);

#pragma GCC unroll 4
					for (t = 0; t < tokens; t++) {
						__m256i v = load_256(in + t * x_stride + l * 64);

						v = _mm256_maddubs_epi16(code, v);
						pairs[r][t] = _mm256_add_epi16(pairs[r][t], v);
					}
					codes[r] = _mm256_srli_epi16(codes[r], 2);
				}
			}
		}
		for (r = 0; r < rows; r++)
			for (t = 0; t < tokens; t++) {
				__m256i wide = _mm256_madd_epi16(pairs[r][t], ones);

				acc[r][t] = _mm256_add_epi32(acc[r][t], wide);
			}
	}
	for (r = 0; r < rows; r++)
		for (t = 0; t < tokens; t++) {
			__m128i s = _mm_add_epi32(_mm256_castsi256_si128(acc[r][t]),
						  _mm256_extracti128_si256(acc[r][t], 1));

			s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
			s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
			y[t * y_stride + r] = _mm_cvtsi128_si32(s) - x_sums[t];
		}
}
#define TRIT_ROWS	2
#define TRIT_TOKENS	2

#else
/* Plain C that gcc vectorizes: a block's codes as bytes, then products in 16 bits. */
INLINE void trit_tile(const uint8_t *w, size_t blocks, const int8_t *x, size_t x_stride,
		      const int32_t *x_sums, int32_t *y, size_t y_stride,
		      const int rows, const int tokens)
{
	int32_t acc[rows][tokens];
	int16_t codes[TRIT_BLOCK];
	size_t b;
	int i;
	int l;
	int r;
	int t;

	memset(acc, 0, sizeof(acc));
	for (b = 0; b < blocks; b++)
		for (r = 0; r < rows; r++) {
			const uint8_t *block = w + (r * blocks + b) * TRIT_BLOCK_BYTES;

			for (l = 0; l < 4; l++)
				for (i = 0; i < TRIT_BLOCK_BYTES; i++)
					codes[l * 64 + i] = block[i] >> (2 * l) & 3;
			for (t = 0; t < tokens; t++) {
				const int8_t *v = x + t * x_stride + b * TRIT_BLOCK;
				int32_t sum = 0;

				for (i = 0; i < TRIT_BLOCK; i++)
					sum += codes[i] * (int16_t)v[i];
				acc[r][t] += sum;
			}
		}
	for (r = 0; r < rows; r++)
		for (t = 0; t < tokens; t++)
			y[t * y_stride + r] = acc[r][t] - x_sums[t];
}
#define TRIT_ROWS	1
#define TRIT_TOKENS	4
#endif

static void trit_rows(const uint8_t *w, size_t rows, size_t blocks, const int8_t *x,
		      size_t x_stride, const int32_t *x_sums, size_t tokens,
		      int32_t *y, size_t y_stride)
{
	const size_t row_bytes = blocks * TRIT_BLOCK_BYTES;
	size_t r;
	size_t t;

	for (r = 0; r + TRIT_ROWS <= rows; r += TRIT_ROWS) {
		for (t = 0; t + TRIT_TOKENS <= tokens; t += TRIT_TOKENS)
			trit_tile(w + r * row_bytes, blocks, x + t * x_stride, x_stride, x_sums + t,
				  y + t * y_stride + r, y_stride, TRIT_ROWS, TRIT_TOKENS);
		for (; t < tokens; t++)
			trit_tile(w + r * row_bytes, blocks, x + t * x_stride, x_stride, x_sums + t,
				  y + t * y_stride + r, y_stride, TRIT_ROWS, 1);
	}
	for (; r < rows; r++)
		for (t = 0; t < tokens; t++)
			trit_tile(w + r * row_bytes, blocks, x + t * x_stride, x_stride, x_sums + t,
				  y + t * y_stride + r, y_stride, 1, 1);
}

#define JOIN2(a, b)	a##b
#define JOIN(a, b)	JOIN2(a, b)
#define STRING2(a)	#a
#define STRING(a)	STRING2(a)

extern const struct kernels JOIN(kernels_, ISA);
const struct kernels JOIN(kernels_, ISA) = {
	.name = STRING(ISA),
	.rms_norm = rms_norm,
	.quantize = quantize,
	.dequantize = dequantize,
	.add_dequantized = add_dequantized,
	.silu_gate = silu_gate,
	.attention_scores = attention_scores,
	.softmax = softmax,
	.attention_mix = attention_mix,
	.half_rows = half_rows,
	.trit_rows = trit_rows,
};
