/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vectors of kernels_isa.c: their width is the instruction set's, and the sums
 * over them are kernels.h's. Nothing here depends on more than the width.
 */
#ifndef RUNTIME_KERNELS_VECTOR_H
#define RUNTIME_KERNELS_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define WIDTH 16		/* floats in a vector */
#elif defined(__AVX2__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
#define PARTS (16 / WIDTH)	/* vectors that hold 16 partial sums of floats */
#define WIDTH_D (WIDTH / 2)	/* and of doubles */
#define PARTS_D (16 / WIDTH_D)

typedef float vf __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef uint16_t vh __attribute__((vector_size(2 * WIDTH), aligned(2), may_alias));
typedef double vd __attribute__((vector_size(8 * WIDTH_D), aligned(8), may_alias));

#define INLINE static inline __attribute__((always_inline))

struct sums {
	vf part[PARTS];
};

struct sums_d {
	vd part[PARTS_D];
};

/* Four numbers, and the sums of vectors' halves down to four: the tree's upper steps. */
typedef float vf4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef double vd4 __attribute__((vector_size(32), aligned(8), may_alias));

INLINE vf4 fold_to_4(const struct sums *sums)
{
#if WIDTH == 4
	return (sums->part[0] + sums->part[2]) + (sums->part[1] + sums->part[3]);
#else
#if WIDTH == 16
	vf whole = sums->part[0];
	__m256 s = (__m256)__builtin_shufflevector(whole, whole, 0, 1, 2, 3, 4, 5, 6, 7) +
		   (__m256)__builtin_shufflevector(whole, whole, 8, 9, 10, 11, 12, 13, 14, 15);
#else
	vf s = sums->part[0] + sums->part[1];
#endif
	return __builtin_shufflevector(s, s, 0, 1, 2, 3) +
	       __builtin_shufflevector(s, s, 4, 5, 6, 7);
#endif
}

INLINE vd4 fold_to_4_d(const struct sums_d *sums)
{
#if WIDTH_D == 8
	vd s = sums->part[0] + sums->part[1];

	return (vd4)__builtin_shufflevector(s, s, 0, 1, 2, 3) +
	       (vd4)__builtin_shufflevector(s, s, 4, 5, 6, 7);
#elif WIDTH_D == 4
	return (sums->part[0] + sums->part[2]) + (sums->part[1] + sums->part[3]);
#else
	const vd *p = sums->part;
	vd low = (p[0] + p[4]) + (p[2] + p[6]);
	vd high = (p[1] + p[5]) + (p[3] + p[7]);

	return __builtin_shufflevector(low, high, 0, 1, 2, 3);
#endif
}

/* The tree's lower steps, for four sums at once. */
INLINE vf4 fold_four(const vf4 s[4])
{
	vf4 ab = __builtin_shufflevector(s[0], s[1], 0, 1, 4, 5) +
		 __builtin_shufflevector(s[0], s[1], 2, 3, 6, 7);
	vf4 cd = __builtin_shufflevector(s[2], s[3], 0, 1, 4, 5) +
		 __builtin_shufflevector(s[2], s[3], 2, 3, 6, 7);

	return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) +
	       __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

INLINE vd4 fold_four_d(const vd4 s[4])
{
	vd4 ab = __builtin_shufflevector(s[0], s[1], 0, 1, 4, 5) +
		 __builtin_shufflevector(s[0], s[1], 2, 3, 6, 7);
	vd4 cd = __builtin_shufflevector(s[2], s[3], 0, 1, 4, 5) +
		 __builtin_shufflevector(s[2], s[3], 2, 3, 6, 7);

	return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) +
	       __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

INLINE double fold_d(const struct sums_d *sums)
{
	vd4 s = fold_to_4_d(sums);

	return (s[0] + s[2]) + (s[1] + s[3]);
}

/* sum of a[i] * b[i], but for the tree; each step of 16 terms adds one to each partial sum */
INLINE struct sums_d dot_sums(const double *a, const double *b, size_t n)
{
	struct sums_d sums = { 0 };
	size_t i;
	int p;

	for (i = 0; i + 16 <= n; i += 16)
		for (p = 0; p < PARTS_D; p++)
			sums.part[p] += *(const vd *)(a + i + p * WIDTH_D) *
					*(const vd *)(b + i + p * WIDTH_D);
	if (i < n) {
		double tail_a[16] = { 0 };
		double tail_b[16] = { 0 };

		memcpy(tail_a, a + i, (n - i) * sizeof(*a));
		memcpy(tail_b, b + i, (n - i) * sizeof(*b));
		for (p = 0; p < PARTS_D; p++)
			sums.part[p] +=
				*(vd *)(tail_a + p * WIDTH_D) * *(vd *)(tail_b + p * WIDTH_D);
	}
	return sums;
}

INLINE double dot(const double *a, const double *b, size_t n)
{
	struct sums_d sums = dot_sums(a, b, n);

	return fold_d(&sums);
}

#endif /* RUNTIME_KERNELS_VECTOR_H */
