// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "ternary.h"

/* Bounds that no model comes near and that keep every product in range. */
#define WIDTH_MAX	(1u << 20)
#define LAYERS_MAX	4096
#define CONTEXT_MAX	(1u << 20)

const char *linear_kind_name(enum linear_kind kind)
{
	static const char *const names[LINEAR_KINDS] = {
		[ATTN_Q] = "attn_q", [ATTN_K] = "attn_k", [ATTN_V] = "attn_v",
		[ATTN_OUTPUT] = "attn_output", [FFN_GATE] = "ffn_gate",
		[FFN_UP] = "ffn_up", [FFN_DOWN] = "ffn_down",
	};

	return names[kind];
}

static int get_size(const struct model *model, const char *key, uint32_t max,
		    uint32_t *value, struct error *err)
{
	char full[80];
	int rc;

	snprintf(full, sizeof(full), "bitnet.%s", key);
	rc = gguf_get_u32(&model->file, full, 0, value, err);
	if (!rc && (!*value || *value > max))
		rc = bail(err, EXIT_FAILED, "key '%s' is %" PRIu32 ", not 1 to %" PRIu32, full,
			  *value, max);
	return rc;
}

static int load_shape(struct model *model, struct error *err)
{
	struct gguf_string architecture;
	uint32_t rope_width;
	char name[80];
	int rc;

	rc = gguf_get_string(&model->file, "general.architecture", 0, &architecture, err);
	if (rc)
		return rc;
	if (!gguf_string_is(architecture, "bitnet"))
		return bail(err, EXIT_FAILED,
			    "the architecture is '%s'; ternlm runs 'bitnet' (BitNet b1.58 with SiLU): use such a model",
			    gguf_printable(architecture, name));
	rc = get_size(model, "context_length", CONTEXT_MAX, &model->context, err);
	if (!rc)
		rc = get_size(model, "embedding_length", WIDTH_MAX, &model->width, err);
	if (!rc)
		rc = get_size(model, "block_count", LAYERS_MAX, &model->layer_count, err);
	if (!rc)
		rc = get_size(model, "feed_forward_length", WIDTH_MAX, &model->ffn_width, err);
	if (!rc)
		rc = get_size(model, "attention.head_count", WIDTH_MAX, &model->heads, err);
	if (!rc)
		rc = get_size(model, "attention.head_count_kv", WIDTH_MAX, &model->kv_heads, err);
	if (rc)
		return rc;
	if (model->width % model->heads || model->heads % model->kv_heads)
		return bail(err, EXIT_FAILED,
			    "width %" PRIu32 ", %" PRIu32 " heads and %" PRIu32 " key heads do not divide each other",
			    model->width, model->heads, model->kv_heads);
	model->head_width = model->width / model->heads;
	model->kv_width = model->kv_heads * model->head_width;
	rope_width = model->head_width;
	rc = gguf_get_u32(&model->file, "bitnet.rope.dimension_count", 1, &rope_width, err);
	if (!rc && (rope_width != model->head_width || rope_width % 2))
		rc = bail(err, EXIT_FAILED,
			  "key 'bitnet.rope.dimension_count' is %" PRIu32
			  ", not the %" PRIu32
			  " dimensions of a head, or that number is odd",
			  rope_width, model->head_width);
	return rc;
}

static int load_constants(struct model *model, struct error *err)
{
	int rc;

	model->rope_base = 10000.0f;
	rc = gguf_get_f32(&model->file, "bitnet.attention.layer_norm_rms_epsilon", 0,
			  &model->epsilon, err);
	if (!rc)
		rc = gguf_get_f32(&model->file, "bitnet.rope.freq_base", 1, &model->rope_base, err);
	if (rc)
		return rc;
	if (!(model->epsilon > 0.0f && model->epsilon < 1.0f))
		return bail(err, EXIT_FAILED, "the norms' epsilon is %g, not between 0 and 1",
			    model->epsilon);
	if (!(model->rope_base >= 1.0f && isfinite(model->rope_base)))
		return bail(err, EXIT_FAILED, "the base of the rotations is %g, not 1 or more",
			    model->rope_base);
	return 0;
}

/* A tensor of the wanted type and shape; @size1 is 1 for a vector. */
static int find_tensor(const struct model *model, const char *name, uint32_t type,
		       uint64_t size0, uint64_t size1, const struct gguf_tensor **tensor,
		       struct error *err)
{
	const struct gguf_tensor *found = gguf_tensor(&model->file, name);

	if (!found)
		return bail(err, EXIT_FAILED, "tensor '%s' is missing: the file is damaged, or of another kind",
			    name);
	if (found->type != type)
		return bail(err, EXIT_FAILED, "tensor '%s' is of type %s; ternlm wants %s there",
			    name, ggml_type_name(found->type), ggml_type_name(type));
	if (found->size[0] != size0 || found->size[1] != size1 || found->size[2] != 1 ||
	    found->size[3] != 1)
		return bail(err, EXIT_FAILED,
			    "tensor '%s' is %" PRIu64 " x %" PRIu64 " x %" PRIu64 " x %" PRIu64
			    ", not %" PRIu64 " x %" PRIu64,
			    name, found->size[0], found->size[1], found->size[2], found->size[3],
			    size0, size1);
	*tensor = found;
	return 0;
}

static int load_vector(const struct model *model, const char *name, uint32_t size,
		       const float **values, struct error *err)
{
	const struct gguf_tensor *tensor;
	uint32_t i;
	int rc;

	rc = find_tensor(model, name, GGML_F32, size, 1, &tensor, err);
	if (rc)
		return rc;
	*values = tensor->data;
	for (i = 0; i < size; i++)
		if (!isfinite((*values)[i]))
			return bail(err, EXIT_FAILED,
				    "tensor '%s' has %g at index %" PRIu32 ": the file is damaged, get it again",
				    name, (*values)[i], i);
	return 0;
}

static int load_embedding(struct model *model, struct error *err)
{
	const struct gguf_tensor *tensor;
	size_t count;
	size_t i;
	int rc;

	rc = find_tensor(model, "token_embd.weight", GGML_F16, model->width, model->vocabulary,
			 &tensor, err);
	if (rc)
		return rc;
	model->embedding = tensor->data;
	count = (size_t)model->width * model->vocabulary;
	for (i = 0; i < count; i++)
		if ((model->embedding[i] & 0x7c00) == 0x7c00)
			return bail(err, EXIT_FAILED,
				    "tensor 'token_embd.weight' has no finite number at index %zu: the file is damaged, get it again",
				    i);
	return 0;
}

static int load_linear(struct model *model, uint32_t layer, enum linear_kind kind,
		       struct error *err)
{
	struct linear *linear = &model->linears[model->linear_count];
	char name[64];
	int rc;

	linear->kind = kind;
	linear->layer = layer;
	linear->n = model->width;
	linear->k = model->width;
	if (kind == ATTN_K || kind == ATTN_V)
		linear->n = model->kv_width;
	if (kind == FFN_GATE || kind == FFN_UP)
		linear->n = model->ffn_width;
	if (kind == FFN_DOWN)
		linear->k = model->ffn_width;
	snprintf(name, sizeof(name), "blk.%" PRIu32 ".%s.weight", layer, linear_kind_name(kind));
	rc = find_tensor(model, name, GGML_TQ2_0, linear->k, linear->n, &linear->tensor, err);
	if (!rc)
		rc = ternary_check(linear->tensor, &linear->scale, err);
	model->layers[layer].linear[kind] = linear;
	model->linear_count++;
	return rc;
}

static int load_layer(struct model *model, uint32_t i, struct error *err)
{
	struct model_layer *layer = &model->layers[i];
	const struct {
		const char *name;
		uint32_t size;
		const float **values;
	} norms[] = {
		{ "attn_norm", model->width, &layer->attn_norm },
		{ "attn_sub_norm", model->width, &layer->attn_sub_norm },
		{ "ffn_norm", model->width, &layer->ffn_norm },
		{ "ffn_sub_norm", model->ffn_width, &layer->ffn_sub_norm },
	};
	char name[64];
	size_t j;
	int rc;

	for (j = 0; j < sizeof(norms) / sizeof(norms[0]); j++) {
		snprintf(name, sizeof(name), "blk.%" PRIu32 ".%s.weight", i, norms[j].name);
		rc = load_vector(model, name, norms[j].size, norms[j].values, err);
		if (rc)
			return rc;
	}
	for (j = 0; j < LINEAR_KINDS; j++) {
		rc = load_linear(model, i, j, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int load_parts(struct model *model, struct error *err)
{
	uint32_t vocabulary;
	uint32_t i;
	int rc;

	rc = load_shape(model, err);
	if (!rc)
		rc = load_constants(model, err);
	if (!rc)
		rc = tokenizer_load(&model->tokenizer, &model->file, err);
	if (rc)
		return rc;
	model->vocabulary = model->tokenizer.count;
	vocabulary = model->vocabulary;
	rc = gguf_get_u32(&model->file, "bitnet.vocab_size", 1, &vocabulary, err);
	if (rc)
		return rc;
	if (vocabulary != model->vocabulary)
		return bail(err, EXIT_FAILED,
			    "key 'bitnet.vocab_size' is %" PRIu32 ", but the tokenizer has %" PRIu32
			    " tokens",
			    vocabulary, model->vocabulary);
	/* Every layer needs its tensors: a count beyond them is refused before memory is taken. */
	if (model->layer_count > model->file.tensor_count)
		return bail(err, EXIT_FAILED,
			    "key 'bitnet.block_count' is %" PRIu32 ", but the file has %zu tensors",
			    model->layer_count, model->file.tensor_count);
	model->layers = calloc(model->layer_count, sizeof(*model->layers));
	model->linears = calloc((size_t)model->layer_count * LINEAR_KINDS, sizeof(*model->linears));
	if (!model->layers || !model->linears)
		return bail_memory(err, "the layers");
	rc = load_embedding(model, err);
	if (!rc)
		rc = load_vector(model, "output_norm.weight", model->width, &model->output_norm,
				 err);
	if (!rc && gguf_tensor(&model->file, "output.weight"))
		rc = bail(err, EXIT_FAILED,
			  "the file has an 'output.weight' of its own; 'bitnet' models use the embedding: use one that does");
	for (i = 0; !rc && i < model->layer_count; i++)
		rc = load_layer(model, i, err);
	return rc;
}

int model_load(struct model *model, const char *path, struct error *err)
{
	struct error inner;
	int rc;

	memset(model, 0, sizeof(*model));
	rc = gguf_open(&model->file, path, err);
	if (rc)
		return rc;
	rc = load_parts(model, &inner);
	if (rc) {
		bail(err, rc, "%s: %s", path, inner.text);
		model_free(model);
	}
	return rc;
}

void model_free(struct model *model)
{
	free(model->layers);
	free(model->linears);
	tokenizer_free(&model->tokenizer);
	gguf_close(&model->file);
	memset(model, 0, sizeof(*model));
}
