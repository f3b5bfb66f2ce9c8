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
#define BEATS		16
#define BLOCK_MAX	(BEATS * TERN_B5_TRITS_A_BEAT)

static int32_t dot(const int8_t *x, const int8_t *w, uint32_t k)
{
	int32_t sum = 0;

	/* |x * w| <= 128 fits int16: the compiler may use narrow products. */
	for (uint32_t i = 0; i < k; i++)
		sum += (int16_t)(x[i] * w[i]);
	return sum;
}

void tern_ref_gemm_packed(const struct tern_packing *packing, const void *w,
			  const int8_t *x, size_t x_stride, int32_t *y, size_t y_stride,
			  uint32_t n, uint32_t k, uint32_t t)
{
	uint32_t block = BEATS * packing->trits_a_beat;
	size_t row_bytes = packing->row_bytes(k);
	int8_t trits[BLOCK_MAX];

	for (uint32_t row = 0; row < n; row++) {
		const uint8_t *w_row = (const uint8_t *)w + row * row_bytes;

		for (uint32_t k0 = 0; k0 < k; k0 += block) {
			uint32_t len = k - k0 < block ? k - k0 : block;

			packing->unpack_row(w_row + (size_t)(k0 / block) * BEATS * TERN_BEAT_BYTES,
					    len, trits);
			for (uint32_t tok = 0; tok < t; tok++) {
				const int8_t *x_row = x + tok * x_stride + k0;
				int32_t *y_row = (int32_t *)((char *)y + tok * y_stride);
				int32_t sum = dot(x_row, trits, len);

				y_row[row] = k0 ? y_row[row] + sum : sum;
			}
		}
	}
}

void tern_ref_gemm(const void *w, const int8_t *x, size_t x_stride,
		   int32_t *y, size_t y_stride, uint32_t n, uint32_t k, uint32_t t)
{
	tern_ref_gemm_packed(tern_packing_find("p2"), w, x, x_stride, y, y_stride, n, k, t);
}
