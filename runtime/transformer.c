// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "fixed_math.h"
#include "transformer.h"

#define ALIGN 64

static float *floats(size_t count)
{
	return aligned_alloc(ALIGN, (count * sizeof(float) + ALIGN - 1) / ALIGN * ALIGN);
}

/* Positions are turned as they come: few runs use all of a long context. */
static void fill_rotations(struct transformer *tr, uint32_t end)
{
	uint32_t half = tr->model->head_width / 2;
	double log_base = fixed_log(tr->model->rope_base);
	uint32_t p;
	uint32_t i;

	for (p = tr->rotated; p < end; p++)
		for (i = 0; i < half; i++) {
			double angle = p * fixed_exp(-log_base * i / half);
			float *pair = tr->rotations + 2 * ((size_t)p * half + i);

			pair[0] = fixed_cos(angle);
			pair[1] = fixed_sin(angle);
		}
	if (end > tr->rotated)
		tr->rotated = end;
}

int transformer_new(struct transformer *tr, const struct model *model, struct backend *backend,
		    int all_logits, struct error *err)
{
	size_t cache = (size_t)model->layer_count * model->context * model->kv_width;
	size_t widest = model->ffn_width > model->width ? model->ffn_width : model->width;

	memset(tr, 0, sizeof(*tr));
	tr->model = model;
	tr->backend = backend;
	tr->rotations = floats((size_t)model->context * model->head_width);
	tr->keys = floats(cache);
	tr->values = floats(cache);
	tr->x = floats((size_t)TOKENS_MAX * model->width);
	tr->h = floats((size_t)TOKENS_MAX * widest);
	tr->q = floats((size_t)TOKENS_MAX * model->width);
	tr->a = floats((size_t)TOKENS_MAX * model->width);
	tr->gate = floats((size_t)TOKENS_MAX * model->ffn_width);
	tr->up = floats((size_t)TOKENS_MAX * model->ffn_width);
	tr->logits = floats((size_t)(all_logits ? TOKENS_MAX : 1) * model->vocabulary);
	tr->scores = floats((size_t)backend->threads * model->context);
	if (!tr->rotations || !tr->keys || !tr->values || !tr->x || !tr->h || !tr->q || !tr->a ||
	    !tr->gate || !tr->up || !tr->logits || !tr->scores) {
		transformer_free(tr);
		return fail_memory(err, "the context");
	}
	return 0;
}

void transformer_free(struct transformer *tr)
{
	free(tr->rotations);
	free(tr->keys);
	free(tr->values);
	free(tr->x);
	free(tr->h);
	free(tr->q);
	free(tr->a);
	free(tr->gate);
	free(tr->up);
	free(tr->logits);
	free(tr->scores);
	memset(tr, 0, sizeof(*tr));
}

void transformer_restart(struct transformer *tr)
{
	tr->position = 0;
}

/* Norm, quantize and multiply: the group's results are in backend->y. */
static int bitlinears(struct transformer *tr, const float *in, const float *norm,
		      struct linear *const *group, unsigned int count, unsigned int tokens,
		      struct error *err)
{
	struct backend *backend = tr->backend;
	const struct kernels *kernels = backend->kernels;
	size_t k = group[0]->k;
	size_t padding = trit_blocks(k) * TRIT_BLOCK - k;
	unsigned int t;

	#pragma omp parallel for num_threads(backend->threads) if (tokens > 1)
	for (t = 0; t < tokens; t++) {
		int8_t *row = backend->x + t * backend->x_stride;
		float *h = tr->h + t * k;

		kernels->rms_norm(h, in + t * k, norm, k, tr->model->epsilon);
		tr->factor[t] = 1.0f / kernels->quantize(row, h, k);
		memset(row + k, 0, padding);
	}
	return backend_multiply(backend, group, count, tokens, err);
}

/* Row t of a group's member, as numbers: into out. */
static void result(struct transformer *tr, const struct linear *linear, unsigned int member,
		   unsigned int t, float *out)
{
	struct backend *backend = tr->backend;

	backend->kernels->dequantize(out, backend->y[member] + t * backend->y_stride,
				     linear->scale * tr->factor[t], linear->n);
}

static void add_result(struct transformer *tr, const struct linear *linear, unsigned int tokens)
{
	uint32_t width = tr->model->width;
	unsigned int t;

	#pragma omp parallel for num_threads(tr->backend->threads) if (tokens > 1)
	for (t = 0; t < tokens; t++) {
		float *h = tr->h + (size_t)t * width;

		result(tr, linear, 0, t, h);
		tr->backend->kernels->add_scaled(tr->x + (size_t)t * width, 1.0f, h, width);
	}
}

static void rotate(float *heads, uint32_t count, uint32_t width, const float *rotation)
{
	uint32_t half = width / 2;
	uint32_t head;
	uint32_t i;

	for (head = 0; head < count; head++, heads += width)
		for (i = 0; i < half; i++) {
			float a = heads[i];
			float b = heads[i + half];
			float c = rotation[2 * i];
			float s = rotation[2 * i + 1];

			heads[i] = a * c - b * s;
			heads[i + half] = b * c + a * s;
		}
}

/* Where the keys or values of a layer and position are. */
static size_t cached(const struct model *model, uint32_t layer, uint32_t position)
{
	return ((size_t)layer * model->context + position) * model->kv_width;
}

static void place_qkv(struct transformer *tr, uint32_t layer, unsigned int tokens)
{
	const struct model *model = tr->model;
	struct linear *const *linear = model->layers[layer].linear;
	unsigned int t;

	#pragma omp parallel for num_threads(tr->backend->threads) if (tokens > 1)
	for (t = 0; t < tokens; t++) {
		uint32_t position = tr->position + t;
		size_t at = cached(model, layer, position);
		const float *rotation = tr->rotations + (size_t)position * model->head_width;
		float *q = tr->q + (size_t)t * model->width;

		result(tr, linear[ATTN_Q], 0, t, q);
		result(tr, linear[ATTN_K], 1, t, tr->keys + at);
		result(tr, linear[ATTN_V], 2, t, tr->values + at);
		rotate(q, model->heads, model->head_width, rotation);
		rotate(tr->keys + at, model->kv_heads, model->head_width, rotation);
	}
}

/* One head of one token over all positions up to its own. */
static void attend(struct transformer *tr, uint32_t layer, unsigned int t, uint32_t head,
		   float *scores)
{
	const struct model *model = tr->model;
	const struct kernels *kernels = tr->backend->kernels;
	uint32_t width = model->head_width;
	uint32_t shared = head / (model->heads / model->kv_heads) * width;
	const float *q = tr->q + (size_t)t * model->width + head * width;
	float *a = tr->a + (size_t)t * model->width + head * width;
	float scale = 1.0f / sqrtf(width);
	uint32_t end = tr->position + t + 1;
	uint32_t p;

	for (p = 0; p < end; p++)
		scores[p] = kernels->dot(q, tr->keys + cached(model, layer, p) + shared, width) * scale;
	kernels->softmax(scores, end);
	memset(a, 0, width * sizeof(*a));
	for (p = 0; p < end; p++)
		kernels->add_scaled(a, scores[p], tr->values + cached(model, layer, p) + shared, width);
}

static void attention(struct transformer *tr, uint32_t layer, unsigned int tokens)
{
	uint32_t heads = tr->model->heads;
	uint32_t i;

	#pragma omp parallel for num_threads(tr->backend->threads) schedule(static)
	for (i = 0; i < tokens * heads; i++) {
		int thread = 0;

#ifdef _OPENMP
		thread = omp_get_thread_num();
#endif
		attend(tr, layer, i / heads, i % heads,
		       tr->scores + (size_t)thread * tr->model->context);
	}
}

static void gate(struct transformer *tr, struct linear *const *group, unsigned int tokens)
{
	uint32_t width = tr->model->ffn_width;
	unsigned int t;

	#pragma omp parallel for num_threads(tr->backend->threads) if (tokens > 1)
	for (t = 0; t < tokens; t++) {
		float *g = tr->gate + (size_t)t * width;
		float *u = tr->up + (size_t)t * width;

		result(tr, group[0], 0, t, g);
		result(tr, group[1], 1, t, u);
		tr->backend->kernels->silu_gate(g, u, width);
	}
}

static int run_layer(struct transformer *tr, uint32_t i, unsigned int tokens, struct error *err)
{
	const struct model_layer *layer = &tr->model->layers[i];
	int rc;

	rc = bitlinears(tr, tr->x, layer->attn_norm, &layer->linear[ATTN_Q], 3, tokens, err);
	if (rc)
		return rc;
	place_qkv(tr, i, tokens);
	attention(tr, i, tokens);
	rc = bitlinears(tr, tr->a, layer->attn_sub_norm, &layer->linear[ATTN_OUTPUT], 1, tokens, err);
	if (rc)
		return rc;
	add_result(tr, layer->linear[ATTN_OUTPUT], tokens);
	rc = bitlinears(tr, tr->x, layer->ffn_norm, &layer->linear[FFN_GATE], 2, tokens, err);
	if (rc)
		return rc;
	gate(tr, &layer->linear[FFN_GATE], tokens);
	rc = bitlinears(tr, tr->gate, layer->ffn_sub_norm, &layer->linear[FFN_DOWN], 1, tokens, err);
	if (rc)
		return rc;
	add_result(tr, layer->linear[FFN_DOWN], tokens);
	return 0;
}

/* Logits of the tokens from @first on. */
static void head(struct transformer *tr, unsigned int first, unsigned int tokens)
{
	const struct model *model = tr->model;
	const struct kernels *kernels = tr->backend->kernels;
	const uint32_t share = 64;	/* rows that a thread takes at once */
	uint32_t shares = (model->vocabulary + share - 1) / share;
	uint32_t width = model->width;
	unsigned int t;
	uint32_t i;

	for (t = 0; t < tokens; t++)
		kernels->rms_norm(tr->h + (size_t)t * width, tr->x + (size_t)(first + t) * width,
				  model->output_norm, width, model->epsilon);
	#pragma omp parallel for num_threads(tr->backend->threads) schedule(static)
	for (i = 0; i < shares; i++) {
		uint32_t row = i * share;
		uint32_t rows = model->vocabulary - row < share ? model->vocabulary - row : share;

		kernels->half_rows(model->embedding + (size_t)row * width, rows, width, tr->h, width,
				   tokens, tr->logits + row, model->vocabulary);
	}
}

int transformer_eval(struct transformer *tr, const uint32_t *tokens, unsigned int count,
		     enum want want, struct error *err)
{
	const struct model *model = tr->model;
	uint32_t width = model->width;
	unsigned int t;
	uint32_t i;
	int rc = 0;

	fill_rotations(tr, tr->position + count);
	for (t = 0; t < count; t++)
		for (i = 0; i < width; i++)
			tr->x[(size_t)t * width + i] =
				half_to_float(model->embedding[(size_t)tokens[t] * width + i]);
	for (i = 0; !rc && i < model->layer_count; i++)
		rc = run_layer(tr, i, count, err);
	if (rc)
		return rc;
	if (want == WANT_ALL)
		head(tr, 0, count);
	else if (want == WANT_LAST)
		head(tr, count - 1, 1);
	tr->position += count;
	return 0;
}
