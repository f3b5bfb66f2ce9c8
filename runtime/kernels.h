/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops, once for each instruction set, with the same bits from all.
 *
 * Floating point gives the same bits because every sum has one order, whatever
 * the width of the vectors: a sum over n terms is 16 partial sums, partial sum j
 * taking the terms j, j + 16, j + 32, ... in that order (a short last group is
 * filled up with +0 terms), and then
 *
 *     s[i] += s[i + 8] for i < 8;  s[i] += s[i + 4] for i < 4;
 *     s[i] += s[i + 2] for i < 2;  s[0] + s[1]
 *
 * Products are rounded before they are added (no fused multiply-add; this folder
 * is compiled with -ffp-contract=off), +, -, *, / and sqrt are IEEE's, and exp is
 * our own. One source, kernels_isa.c, is compiled once for each set.
 *
 * All is computed in doubles, but for the logits. An activation is rounded to one
 * of 255 values; in floats, about one a token falls on the other side of an edge
 * than it does in exact arithmetic, and text diverges from the reference's. In
 * doubles none does, and the tokens are the reference's.
 */
#ifndef RUNTIME_KERNELS_H
#define RUNTIME_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Ternary weights as the CPU multiplies them: rows of 64-byte blocks of 256
 * trits. Trit l * 64 + m of a block is bits 2l, 2l+1 of byte m, written as
 * trit + 1; the padding of the last block is trit 0.
 */
#define TRIT_BLOCK		256
#define TRIT_BLOCK_BYTES	64

static inline size_t trit_blocks(size_t k)
{
	return (k + TRIT_BLOCK - 1) / TRIT_BLOCK;
}

/** trit_pack_row() - pack k trits of -1, 0, +1 */
void trit_pack_row(const int8_t *trits, uint32_t k, uint8_t *row);

struct kernels {
	const char *name;

	/* y = x / sqrt(mean(x^2) + epsilon) * weight */
	void (*rms_norm)(double *y, const double *x, const float *weight, size_t n, double epsilon);

	/* q = round to even(x * s), clamped; returns s = 127 / max(|x|, 1e-5) */
	double (*quantize)(int8_t *q, const double *x, size_t n);

	/* y = acc * factor */
	void (*dequantize)(double *y, const int32_t *acc, double factor, size_t n);

	/* y += acc * factor */
	void (*add_dequantized)(double *y, const int32_t *acc, double factor, size_t n);

	/* gate = gate / (1 + exp(-gate)) * up */
	void (*silu_gate)(double *gate, const double *up, size_t n);

	/* scores[p] = scale * sum of q[i] * keys[p * stride + i] */
	void (*attention_scores)(double *scores, const double *q, const double *keys, size_t stride,
				 size_t positions, size_t width, double scale);

	/* x = exp(x - max) / sum of them */
	void (*softmax)(double *x, size_t n);

	/* a[i] = sum of weights[p] * values[p * stride + i], in the order of p */
	void (*attention_mix)(double *a, const double *weights, const double *values, size_t stride,
			      size_t positions, size_t width);

	/* y[t][r] = sum over c of w[r][c] * x[t][c]; w is IEEE half, finite */
	void (*half_rows)(const uint16_t *w, size_t rows, size_t columns,
			  const float *x, size_t x_stride, size_t tokens,
			  float *y, size_t y_stride);

	/*
	 * y[t][r] = sum over k of w[r][k] * x[t][k], exact. Rows of x are filled
	 * up with 0 to whole blocks; x_sums[t] is the sum of row t.
	 */
	void (*trit_rows)(const uint8_t *w, size_t rows, size_t blocks,
			  const int8_t *x, size_t x_stride, const int32_t *x_sums,
			  size_t tokens, int32_t *y, size_t y_stride);
};

/**
 * kernels_for() - the kernels of an instruction set
 * @isa: "base", "avx2", "avx512"; NULL for the best one here
 *
 * The best one under QEMU's TCG is "base": it emulates wide vectors slowly.
 * Returns NULL for a name that is not known or not usable on this CPU.
 */
const struct kernels *kernels_for(const char *isa);

/** kernels_names() - the usable ones, best first, NULL at the end */
const char *const *kernels_names(void);

/** half_to_float() - exact */
float half_to_float(uint16_t half);

#endif /* RUNTIME_KERNELS_H */
