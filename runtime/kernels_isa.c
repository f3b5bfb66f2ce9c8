// SPDX-License-Identifier: Apache-2.0
/*
 * Compiled once for each instruction set, with -DISA=name and its -m options.
 * The vectors are gcc's; their width is the set's. See kernels.h for the rule
 * that makes all of them give the same bits.
 */
#include <math.h>
#include <string.h>

#include "kernels.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX2__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
#define PARTS (16 / WIDTH)	/* vectors that hold the 16 partial sums */

typedef float vf __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef uint16_t vh __attribute__((vector_size(2 * WIDTH), aligned(2), may_alias));

#define INLINE static inline __attribute__((always_inline))

struct sums {
	vf part[PARTS];
};

/* The tree of kernels.h. */
INLINE float fold(const struct sums *sums)
{
	float s[16];
	int step;
	int i;

	memcpy(s, sums, sizeof(s));
	for (step = 8; step; step /= 2)
		for (i = 0; i < step; i++)
			s[i] += s[i + step];
	return s[0];
}

/* sum of a[i] * b[i]; each step of 16 terms adds one to each partial sum */
static float dot(const float *a, const float *b, size_t n)
{
	struct sums sums = { 0 };
	float tail_a[16] = { 0 };
	float tail_b[16] = { 0 };
	size_t i;
	int p;

	for (i = 0; i + 16 <= n; i += 16)
		for (p = 0; p < PARTS; p++)
			sums.part[p] += *(const vf *)(a + i + p * WIDTH) *
					*(const vf *)(b + i + p * WIDTH);
	if (i < n) {
		memcpy(tail_a, a + i, (n - i) * sizeof(*a));
		memcpy(tail_b, b + i, (n - i) * sizeof(*b));
		for (p = 0; p < PARTS; p++)
			sums.part[p] += *(vf *)(tail_a + p * WIDTH) * *(vf *)(tail_b + p * WIDTH);
	}
	return fold(&sums);
}

static float sum_of(const float *x, size_t n)
{
	struct sums sums = { 0 };
	float tail[16] = { 0 };
	size_t i;
	int p;

	for (i = 0; i + 16 <= n; i += 16)
		for (p = 0; p < PARTS; p++)
			sums.part[p] += *(const vf *)(x + i + p * WIDTH);
	if (i < n) {
		memcpy(tail, x + i, (n - i) * sizeof(*x));
		for (p = 0; p < PARTS; p++)
			sums.part[p] += *(vf *)(tail + p * WIDTH);
	}
	return fold(&sums);
}

static void add_scaled(float *y, float a, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] += a * x[i];
}

static void rms_norm(float *y, const float *x, const float *weight, size_t n, float epsilon)
{
	float r = 1.0f / sqrtf(dot(x, x, n) / (float)n + epsilon);
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = x[i] * r * weight[i];
}

static float quantize(int8_t *q, const float *x, size_t n)
{
	const float shift = 0x1.8p23f;	/* x + shift - shift rounds |x| < 2^22 half to even */
	float top = 1e-5f;
	float s;
	size_t i;

	for (i = 0; i < n; i++) {
		float magnitude = fabsf(x[i]);

		top = magnitude > top ? magnitude : top;
	}
	s = 127.0f / top;
	for (i = 0; i < n; i++) {
		float v = (x[i] * s + shift) - shift;

		v = v < 127.0f ? v : 127.0f;
		v = v > -128.0f ? v : -128.0f;
		q[i] = (int8_t)(int32_t)v;
	}
	return s;
}

static void dequantize(float *y, const int32_t *acc, float factor, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = (float)acc[i] * factor;
}

/*
 * exp for -87 <= x <= 88 (others are taken as the nearer end), within 2 ulp: x =
 * n ln 2 + r, and a polynomial of degree 7 on |r| <= 0.35, its coefficients the
 * series' (the next term is below 6e-9).
 */
INLINE float exp_one(float x)
{
	const float shift = 0x1.8p23f;
	float n;
	float r;
	float sum;
	float scale;
	int32_t bits;

	x = x > -87.0f ? x : -87.0f;	/* a NaN too */
	x = x < 88.0f ? x : 88.0f;
	n = (x * 0x1.715476p+0f + shift) - shift;
	r = (x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f;
	sum = 1.0f / 5040;
	sum = sum * r + 1.0f / 720;
	sum = sum * r + 1.0f / 120;
	sum = sum * r + 1.0f / 24;
	sum = sum * r + 1.0f / 6;
	sum = sum * r + 0.5f;
	sum = sum * (r * r) + r + 1.0f;
	bits = ((int32_t)n + 127) << 23;
	memcpy(&scale, &bits, sizeof(scale));
	return sum * scale;
}

static void silu_gate(float *gate, const float *up, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		gate[i] = gate[i] / (1.0f + exp_one(-gate[i])) * up[i];
}

static void softmax(float *x, size_t n)
{
	float top = x[0];
	float sum;
	size_t i;

	for (i = 1; i < n; i++)
		top = x[i] > top ? x[i] : top;
	for (i = 0; i < n; i++)
		x[i] = exp_one(x[i] - top);
	sum = sum_of(x, n);
	for (i = 0; i < n; i++)
		x[i] /= sum;
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

/* A tile of half_rows: so many rows by so many tokens at once. */
INLINE void half_tile(const uint16_t *w, size_t columns, const float *x, size_t x_stride,
		      float *y, size_t y_stride, const int rows, const int tokens)
{
	struct sums sums[rows][tokens];
	size_t whole = columns / 16 * 16;
	uint16_t tail_w[16] = { 0 };
	float tail_x[16] = { 0 };
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
					sums[r][t].part[p] += row *
						*(const vf *)(x + t * x_stride + i + p * WIDTH);
			}
	for (r = 0; r < rows; r++) {
		memcpy(tail_w, w + r * columns + whole, (columns - whole) * sizeof(*w));
		for (t = 0; t < tokens; t++) {
			memcpy(tail_x, x + t * x_stride + whole, (columns - whole) * sizeof(*x));
			for (p = 0; p < PARTS && whole < columns; p++)
				sums[r][t].part[p] += load_half(tail_w + p * WIDTH) *
						      *(vf *)(tail_x + p * WIDTH);
			y[t * y_stride + r] = fold(&sums[r][t]);
		}
	}
}

#define HALF_ROWS	(WIDTH == 4 ? 1 : 4)	/* rows at once: what the registers hold */
#define HALF_TOKENS	(WIDTH == 16 ? 4 : 1)

static void half_rows(const uint16_t *w, size_t rows, size_t columns, const float *x,
		      size_t x_stride, size_t tokens, float *y, size_t y_stride)
{
	size_t r;
	size_t t;

	for (r = 0; r + HALF_ROWS <= rows; r += HALF_ROWS) {
		for (t = 0; t + HALF_TOKENS <= tokens; t += HALF_TOKENS)
			half_tile(w + r * columns, columns, x + t * x_stride, x_stride,
				  y + t * y_stride + r, y_stride, HALF_ROWS, HALF_TOKENS);
		for (; t < tokens; t++)
			half_tile(w + r * columns, columns, x + t * x_stride, x_stride,
				  y + t * y_stride + r, y_stride, HALF_ROWS, 1);
	}
	for (; r < rows; r++)
		for (t = 0; t < tokens; t++)
			half_tile(w + r * columns, columns, x + t * x_stride, x_stride,
				  y + t * y_stride + r, y_stride, 1, 1);
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
				__m512i v = _mm512_loadu_si512(x + t * x_stride + b * TRIT_BLOCK + l * 64);
#pragma GCC unroll 4
				for (r = 0; r < rows; r++)
					acc[r][t] = _mm512_dpbusd_epi32(acc[r][t],
						_mm512_and_si512(codes[r], three), v);
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
			__m256i codes[rows];

			for (r = 0; r < rows; r++)
				codes[r] = _mm256_loadu_si256((const __m256i *)
					(w + (r * blocks + b) * TRIT_BLOCK_BYTES + half));
#pragma GCC unroll 4
			for (l = 0; l < 4; l++) {
				for (r = 0; r < rows; r++) {
					__m256i code = _mm256_and_si256(codes[r], three);

#pragma GCC unroll 4
					for (t = 0; t < tokens; t++) {
						__m256i v = _mm256_loadu_si256((const __m256i *)
							(x + t * x_stride + b * TRIT_BLOCK + l * 64 + half));

						pairs[r][t] = _mm256_add_epi16(pairs[r][t],
							_mm256_maddubs_epi16(code, v));
					}
					codes[r] = _mm256_srli_epi16(codes[r], 2);
				}
			}
		}
		for (r = 0; r < rows; r++)
			for (t = 0; t < tokens; t++)
				acc[r][t] = _mm256_add_epi32(acc[r][t],
					_mm256_madd_epi16(pairs[r][t], ones));
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
	.dot = dot,
	.add_scaled = add_scaled,
	.rms_norm = rms_norm,
	.quantize = quantize,
	.dequantize = dequantize,
	.silu_gate = silu_gate,
	.softmax = softmax,
	.half_rows = half_rows,
	.trit_rows = trit_rows,
};
