/* SPDX-License-Identifier: Apache-2.0 */
/* One BitLinear of a model: n x k ternary weights and their scale. */
#ifndef RUNTIME_LINEAR_H
#define RUNTIME_LINEAR_H

#include <stdint.h>

struct gguf_tensor;

/* The kinds of a layer, in the order in which a layer uses them. */
enum linear_kind {
	ATTN_Q, ATTN_K, ATTN_V, ATTN_OUTPUT, FFN_GATE, FFN_UP, FFN_DOWN,
	LINEAR_KINDS
};

/** linear_kind_name() - "attn_q" and so on, as in the names of tensors */
const char *linear_kind_name(enum linear_kind kind);

struct linear {
	enum linear_kind kind;
	uint32_t layer;
	uint32_t n;			/* output features */
	uint32_t k;			/* input features */
	float scale;
	const struct gguf_tensor *tensor;
	uint64_t place;			/* the backend's: where its weights are */
};

#endif /* RUNTIME_LINEAR_H */
