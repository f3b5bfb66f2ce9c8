// SPDX-License-Identifier: Apache-2.0
/*
 * The C reference of GEMM: what every device, simulator and backend must equal,
 * bit for bit. Written to be read; a row of weights is decoded a block at a time
 * so that the inner loop is one the compiler can vectorise, because --check runs
 * it for every job of a model.
 */
#include "libtern.h"
#include "tern_abi.h"

/* Trits decoded at once: whole beats, and small enough for the stack. */
#define BLOCK (16 * TERN_P2_TRITS_A_BEAT)

static int32_t dot(const int8_t *x, const int8_t *w, uint32_t k)
{
	int32_t sum = 0;

	/* |x * w| <= 128 fits int16: the compiler may use narrow products. */
	for (uint32_t i = 0; i < k; i++)
		sum += (int16_t)(x[i] * w[i]);
	return sum;
}

void tern_ref_gemm(const void *w, const int8_t *x, size_t x_stride,
		   int32_t *y, size_t y_stride, uint32_t n, uint32_t k, uint32_t t)
{
	size_t row_bytes = tern_p2_row_bytes(k);
	int8_t trits[BLOCK];

	for (uint32_t row = 0; row < n; row++) {
		const uint8_t *w_row = (const uint8_t *)w + row * row_bytes;

		for (uint32_t k0 = 0; k0 < k; k0 += BLOCK) {
			uint32_t len = k - k0 < BLOCK ? k - k0 : BLOCK;
			const uint8_t *beats = w_row + (size_t)(k0 / TERN_P2_TRITS_A_BEAT) *
						       TERN_BEAT_BYTES;

			tern_p2_unpack_row(beats, len, trits);
			for (uint32_t tok = 0; tok < t; tok++) {
				const int8_t *x_row = x + tok * x_stride + k0;
				int32_t *y_row = (int32_t *)((char *)y + tok * y_stride);
				int32_t sum = dot(x_row, trits, len);

				y_row[row] = k0 ? y_row[row] + sum : sum;
			}
		}
	}
}
