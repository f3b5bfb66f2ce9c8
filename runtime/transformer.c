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

static void *array(size_t count, size_t bytes)
{
	return aligned_alloc(ALIGN, (count * bytes + ALIGN - 1) / ALIGN * ALIGN);
}

static double *doubles(size_t count)
{
	return array(count, sizeof(double));
}

static float *floats(size_t count)
{
	return array(count, sizeof(float));
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
			double *pair = tr->rotations + 2 * ((size_t)p * half + i);

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
	tr->rotations = doubles((size_t)model->context * model->head_width);
	tr->keys = doubles(cache);
	tr->values = doubles(cache);
	tr->x = doubles((size_t)TOKENS_MAX * model->width);
	tr->h = doubles((size_t)TOKENS_MAX * widest);
	tr->q = doubles((size_t)TOKENS_MAX * model->width);
	tr->a = doubles((size_t)TOKENS_MAX * model->width);
	tr->gate = doubles((size_t)TOKENS_MAX * model->ffn_width);
	tr->up = doubles((size_t)TOKENS_MAX * model->ffn_width);
	tr->hidden = floats((size_t)TOKENS_MAX * model->width);
	tr->logits = floats((size_t)(all_logits ? TOKENS_MAX : 1) * model->vocabulary);
	tr->scores = doubles((size_t)backend->threads * model->context);
	if (!tr->rotations || !tr->keys || !tr->values || !tr->x || !tr->h || !tr->q || !tr->a ||
	    !tr->gate || !tr->up || !tr->hidden || !tr->logits || !tr->scores) {
		transformer_free(tr);
		return bail_memory(err, "the context");
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
	free(tr->hidden);
	free(tr->logits);
	free(tr->scores);
	memset(tr, 0, sizeof(*tr));
}

void transformer_restart(struct transformer *tr)
{
	tr->position = 0;
}

/* Norm, quantize and multiply: the group's results are in backend->y. */
static int bitlinears(struct transformer *tr, const double *in, const float *norm,
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
		double *h = tr->h + t * k;

		kernels->rms_norm(h, in + t * k, norm, k, tr->model->epsilon);
		tr->factor[t] = 1.0 / kernels->quantize(row, h, k);
		memset(row + k, 0, padding);
	}
	return backend_multiply(backend, group, count, tokens, err);
}

/* Row t of a group's member, as numbers: into out. */
static void result(struct transformer *tr, const struct linear *linear, unsigned int member,
		   unsigned int t, double *out)
{
	struct backend *backend = tr->backend;

	backend->kernels->dequantize(out, backend->y[member] + t * backend->y_stride,
				     linear->scale * tr->factor[t], linear->n);
}

static void add_result(struct transformer *tr, const struct linear *linear, unsigned int tokens)
{
	struct backend *backend = tr->backend;
	uint32_t width = tr->model->width;
	unsigned int t;

	#pragma omp parallel for num_threads(backend->threads) if (tokens > 1)
	for (t = 0; t < tokens; t++) {
		const int32_t *y = backend->y[0] + t * backend->y_stride;

		backend->kernels->add_dequantized(tr->x + (size_t)t * width, y,
						  linear->scale * tr->factor[t], width);
	}
}

static void rotate(double *heads, uint32_t count, uint32_t width, const double *rotation)
{
	uint32_t half = width / 2;
	uint32_t head;
	uint32_t i;

	for (head = 0; head < count; head++, heads += width)
		for (i = 0; i < half; i++) {
			double a = heads[i];
			double b = heads[i + half];
			double c = rotation[2 * i];
			double s = rotation[2 * i + 1];

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
		const double *rotation = tr->rotations + (size_t)position * model->head_width;
		double *q = tr->q + (size_t)t * model->width;

		result(tr, linear[ATTN_Q], 0, t, q);
		result(tr, linear[ATTN_K], 1, t, tr->keys + at);
		result(tr, linear[ATTN_V], 2, t, tr->values + at);
		rotate(q, model->heads, model->head_width, rotation);
		rotate(tr->keys + at, model->kv_heads, model->head_width, rotation);
	}
}

/* One head of one token over all positions up to its own. */
static void attend(struct transformer *tr, uint32_t layer, unsigned int t, uint32_t head,
		   double *scores)
{
	const struct model *model = tr->model;
	const struct kernels *kernels = tr->backend->kernels;
	uint32_t width = model->head_width;
	uint32_t shared = head / (model->heads / model->kv_heads) * width;
	const double *q = tr->q + (size_t)t * model->width + head * width;
	double *a = tr->a + (size_t)t * model->width + head * width;
	size_t first = cached(model, layer, 0) + shared;
	uint32_t end = tr->position + t + 1;

	kernels->attention_scores(scores, q, tr->keys + first, model->kv_width, end, width,
				  1.0 / sqrt(width));
	kernels->softmax(scores, end);
	kernels->attention_mix(a, scores, tr->values + first, model->kv_width, end, width);
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
		double *g = tr->gate + (size_t)t * width;
		double *u = tr->up + (size_t)t * width;

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
	rc = bitlinears(tr, tr->a, layer->attn_sub_norm, &layer->linear[ATTN_OUTPUT], 1, tokens,
			err);
	if (rc)
		return rc;
	add_result(tr, layer->linear[ATTN_OUTPUT], tokens);
	rc = bitlinears(tr, tr->x, layer->ffn_norm, &layer->linear[FFN_GATE], 2, tokens, err);
	if (rc)
		return rc;
	gate(tr, &layer->linear[FFN_GATE], tokens);
	rc = bitlinears(tr, tr->gate, layer->ffn_sub_norm, &layer->linear[FFN_DOWN], 1, tokens,
			err);
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

	for (t = 0; t < tokens; t++) {
		kernels->rms_norm(tr->h, tr->x + (size_t)(first + t) * width, model->output_norm,
				  width, model->epsilon);
		for (i = 0; i < width; i++)
			tr->hidden[(size_t)t * width + i] = tr->h[i];
	}
	#pragma omp parallel for num_threads(tr->backend->threads) schedule(static)
	for (i = 0; i < shares; i++) {
		uint32_t row = i * share;
		uint32_t rows = model->vocabulary - row < share ? model->vocabulary - row : share;

		kernels->half_rows(model->embedding + (size_t)row * width, rows, width, tr->hidden,
				   width, tokens, tr->logits + row, model->vocabulary);
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
