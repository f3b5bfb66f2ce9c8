/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model: its shape, its tensors, its tokenizer. Architecture `bitnet` (BitNet
 * b1.58 with SiLU): see transformer.h for what is computed.
 */
#ifndef RUNTIME_MODEL_H
#define RUNTIME_MODEL_H

#include <stdint.h>

#include "error.h"
#include "gguf.h"
#include "linear.h"
#include "tokenizer.h"

struct model_layer {
	const float *attn_norm;
	const float *attn_sub_norm;
	const float *ffn_norm;
	const float *ffn_sub_norm;
	struct linear *linear[LINEAR_KINDS];
};

struct model {
	struct gguf file;
	struct tokenizer tokenizer;
	uint32_t vocabulary;
	uint32_t context;		/* positions */
	uint32_t width;			/* of the residual stream */
	uint32_t layer_count;
	uint32_t ffn_width;
	uint32_t heads;
	uint32_t kv_heads;
	uint32_t head_width;
	uint32_t kv_width;		/* kv_heads * head_width */
	float epsilon;
	float rope_base;
	const uint16_t *embedding;	/* half [vocabulary][width], lm_head too */
	const float *output_norm;
	struct model_layer *layers;
	struct linear *linears;		/* of all layers */
	unsigned int linear_count;
};

/** model_load() - open, check and take apart a GGUF file */
int model_load(struct model *model, const char *path, struct error *err);

/** model_free() - good for a zeroed struct and after failure too */
void model_free(struct model *model);

#endif /* RUNTIME_MODEL_H */
