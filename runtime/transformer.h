/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forward pass of `bitnet` (BitNet b1.58, arXiv 2402.17764):
 *
 *     x = embedding[token]
 *     each layer:
 *         h = rms_norm(x) * attn_norm
 *         q, k, v = BitLinear(h); q, k turned by their position (pairs i, i + d/2)
 *         a = softmax(q k^T / sqrt(d)) v, queries sharing keys in groups
 *         x += BitLinear(rms_norm(a) * attn_sub_norm)
 *         h = rms_norm(x) * ffn_norm
 *         g = silu(BitLinear_gate(h)) * BitLinear_up(h)
 *         x += BitLinear_down(rms_norm(g) * ffn_sub_norm)
 *     logits = embedding (rms_norm(x) * output_norm)
 *
 *     BitLinear(h): s = 127 / max(max |h|, 1e-5); h8 = clamp(round half to
 *     even(h s)); y = (W h8) scale / s, W h8 exact in integers
 *
 * Logits are float32, everything else is float64, with sums in the one order of
 * kernels.h. A token's result depends on its position and its predecessors
 * only: not on how many tokens go through at once, on threads, on the instruction
 * set or the backend.
 */
#ifndef RUNTIME_TRANSFORMER_H
#define RUNTIME_TRANSFORMER_H

#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "model.h"

struct transformer {
	const struct model *model;
	struct backend *backend;
	uint32_t position;	/* of the next token */
	uint32_t rotated;	/* positions whose rotations are filled in */
	double *rotations;	/* [context][head_width / 2] of cos, sin */
	double *keys;		/* [layer][position][kv_width] */
	double *values;
	/* For TOKENS_MAX tokens at once: */
	double *x;
	double *h;
	double *q;
	double *a;
	double *gate;
	double *up;
	float *hidden;		/* what the logits are computed from */
	float *logits;		/* of the last token, or of all: [tokens][vocabulary] */
	double *scores;		/* [thread][context] */
	double factor[TOKENS_MAX];	/* 1 / s of each row of x8 */
};

/** transformer_new() - @all_logits: room for those of every token, not only the last */
int transformer_new(struct transformer *transformer, const struct model *model,
		    struct backend *backend, int all_logits, struct error *err);

/** transformer_free() - good for a zeroed struct and after failure too */
void transformer_free(struct transformer *transformer);

/** transformer_restart() - forget all tokens */
void transformer_restart(struct transformer *transformer);

enum want { WANT_NOTHING, WANT_LAST, WANT_ALL };

/**
 * transformer_eval() - one to TOKENS_MAX tokens at the next positions
 * The caller sees to it that position + count <= context.
 */
int transformer_eval(struct transformer *transformer, const uint32_t *tokens,
		     unsigned int count, enum want want, struct error *err);

#endif /* RUNTIME_TRANSFORMER_H */
