// SPDX-License-Identifier: Apache-2.0
/* A GEMM with random operands, and what must come out of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define ALIGN_BYTES	64u
#define UNTOUCHED	0xa5

static uint32_t align(uint64_t bytes)
{
	return (uint32_t)((bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES);
}

static int fill_weights(struct gemm *gemm, struct random *random)
{
	size_t row_bytes = gemm->packing->row_bytes(gemm->k);
	int8_t *trits = malloc(gemm->k);
	uint8_t *w = tern_bo_map(gemm->w);

	if (!trits || !w) {
		free(trits);
		return -ENOMEM;
	}
	for (uint32_t row = 0; row < gemm->n; row++) {
		random_trits(random, trits, gemm->k);
		for (uint32_t i = 0; i < gemm->k; i++)
			gemm->nonzero += trits[i] != 0;
		gemm->packing->pack_row(trits, gemm->k, w + row * row_bytes);
	}
	free(trits);
	return 0;
}

int gemm_init(struct gemm *gemm, struct tern_device *dev, const struct tern_packing *packing,
	      enum tern_bo_kind kind, uint32_t n, uint32_t k, uint32_t t, uint32_t pad,
	      struct random *random)
{
	size_t w_bytes = packing->row_bytes(k) * n;
	size_t x_bytes, y_bytes;
	int ret;

	*gemm = (struct gemm){
		.packing = packing,
		.n = n, .k = k, .t = t,
		.x_stride = align(k) + pad,
		.y_stride = align(4ull * n) + pad,
	};
	x_bytes = (size_t)gemm->x_stride * t;
	y_bytes = (size_t)gemm->y_stride * t;
	ret = tern_bo_create(dev, TERN_BO_DEVICE, w_bytes, &gemm->w);
	if (!ret)
		ret = tern_bo_create(dev, kind, x_bytes, &gemm->x);
	if (!ret)
		ret = tern_bo_create(dev, kind, y_bytes, &gemm->y);
	if (!ret)
		ret = fill_weights(gemm, random);
	if (ret)
		goto fail;
	ret = -ENOMEM;
	gemm->expected = malloc(y_bytes);
	if (!gemm->expected || !tern_bo_map(gemm->x) || !tern_bo_map(gemm->y))
		goto fail;
	random_bytes(random, tern_bo_map(gemm->x), x_bytes);
	memset(tern_bo_map(gemm->y), UNTOUCHED, y_bytes);
	memset(gemm->expected, UNTOUCHED, y_bytes);
	tern_ref_gemm_packed(packing, tern_bo_map(gemm->w), tern_bo_map(gemm->x), gemm->x_stride,
			     gemm->expected, gemm->y_stride, n, k, t);
	gemm->cmd = (struct tern_cmd){
		.op = TERN_OP_GEMM,
		.packing = packing->number,
		.src = { .handle = tern_bo_handle(gemm->x), .stride = gemm->x_stride },
		.dst = { .handle = tern_bo_handle(gemm->y), .stride = gemm->y_stride },
		.weights = { .handle = tern_bo_handle(gemm->w) },
		.n = n, .k = k, .t = t,
	};
	return 0;

fail:
	gemm_fini(gemm);
	return ret;
}

void gemm_fini(struct gemm *gemm)
{
	tern_bo_destroy(gemm->w);
	tern_bo_destroy(gemm->x);
	tern_bo_destroy(gemm->y);
	free(gemm->expected);
	*gemm = (struct gemm){};
}

bool gemm_matches(const struct gemm *gemm, uint32_t *row, uint32_t *col)
{
	const int32_t *y = tern_bo_map(gemm->y);
	uint32_t words = gemm->y_stride / sizeof(*y);

	for (*row = 0; *row < gemm->t; ++*row)
		for (*col = 0; *col < words; ++*col)
			if (y[(size_t)*row * words + *col] !=
			    gemm->expected[(size_t)*row * words + *col])
				return false;
	return true;
}
