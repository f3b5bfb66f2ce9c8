// SPDX-License-Identifier: Apache-2.0
/* The matrix products of one token of a model: what a device makes of a whole one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

#define MATRICES	7
#define BATCH_NS	(600 * 1000000000ll)

struct model {
	const char *name;
	uint32_t layers;
	struct {
		uint32_t n, k;
	} matrix[MATRICES];
};

/* q, k, v, o, gate, up, down */
static const struct model models[] = {
	{ "2b-4t", 30, { { 2560, 2560 }, { 640, 2560 }, { 640, 2560 }, { 2560, 2560 },
			 { 6912, 2560 }, { 6912, 2560 }, { 2560, 6912 } } },
	{ "700m", 24, { { 1536, 1536 }, { 1536, 1536 }, { 1536, 1536 }, { 1536, 1536 },
			{ 4096, 1536 }, { 4096, 1536 }, { 1536, 4096 } } },
};

/* A matrix of every layer: weights of its own for each, one X, results of its own. */
struct stack {
	struct gemm first;		/* the first layer's */
	struct tern_bo **w, **y;	/* the others' */
};

static const struct model *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(name, models[i].name))
			return &models[i];
	return NULL;
}

bool bench_model_known(const char *name)
{
	return find(name);
}

static void stack_fini(struct stack *stack, uint32_t layers)
{
	for (uint32_t i = 1; i < layers; i++) {
		if (stack->w)
			tern_bo_destroy(stack->w[i]);
		if (stack->y)
			tern_bo_destroy(stack->y[i]);
	}
	free(stack->w);
	free(stack->y);
	gemm_fini(&stack->first);
}

/* The same trits in every layer, each at a place of its own. */
static int stack_init(struct stack *stack, struct tern_device *dev,
		      const struct tern_packing *packing, uint32_t layers, uint32_t n, uint32_t k,
		      struct random *random)
{
	int ret = gemm_init(&stack->first, dev, packing, TERN_BO_HOST, n, k, 1, 0, random);

	stack->w = calloc(layers, sizeof(struct tern_bo *));
	stack->y = calloc(layers, sizeof(struct tern_bo *));
	if (!stack->w || !stack->y)
		return -ENOMEM;
	for (uint32_t i = 1; !ret && i < layers; i++) {
		uint64_t bytes = tern_bo_size(stack->first.w);

		ret = tern_bo_create(dev, TERN_BO_DEVICE, bytes, &stack->w[i]);
		if (!ret)
			ret = tern_bo_create(dev, TERN_BO_HOST, tern_bo_size(stack->first.y),
					     &stack->y[i]);
		if (ret)
			break;
		if (!tern_bo_map(stack->w[i]) || !tern_bo_map(stack->y[i]))
			return -ENOMEM;
		memcpy(tern_bo_map(stack->w[i]), tern_bo_map(stack->first.w), bytes);
	}
	return ret;
}

static struct tern_cmd layer_cmd(const struct stack *stack, uint32_t layer)
{
	struct tern_cmd cmd = stack->first.cmd;

	if (layer) {
		cmd.weights.handle = tern_bo_handle(stack->w[layer]);
		cmd.dst.handle = tern_bo_handle(stack->y[layer]);
	}
	return cmd;
}

/* Every layer's sums are the first one's. */
static bool stack_matches(const struct stack *stack, uint32_t layers)
{
	const struct gemm *gemm = &stack->first;

	for (uint32_t i = 0; i < layers; i++)
		if (memcmp(tern_bo_map(i ? stack->y[i] : gemm->y), gemm->expected,
			   (size_t)gemm->n * sizeof(int32_t)))
			return false;
	return true;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

const char *bench_model(struct tern_device *dev, const char *name,
			const struct tern_packing *packing, uint32_t tokens,
			struct token_cost *cost)
{
	const struct model *model = find(name);
	struct stack stacks[MATRICES] = {};
	struct random random = { .state = 1 };
	double *each = calloc(tokens, sizeof(*each));
	struct tern_cmd *cmds = NULL;
	const char *why = "no memory left";
	int ret = 0;

	*cost = (struct token_cost){ .jobs = model->layers * MATRICES };
	cmds = calloc(cost->jobs, sizeof(*cmds));
	if (!cmds || !each)
		goto out;
	for (unsigned int m = 0; m < MATRICES; m++) {
		uint32_t n = model->matrix[m].n, k = model->matrix[m].k;

		ret = stack_init(&stacks[m], dev, packing, model->layers, n, k, &random);
		if (ret) {
			why = ret == -ENOMEM ? "no memory left" : tern_error(dev);
			goto out;
		}
		cost->weights += (uint64_t)n * k * model->layers;
		for (uint32_t layer = 0; layer < model->layers; layer++)
			cmds[layer * MATRICES + m] = layer_cmd(&stacks[m], layer);
	}
	/* The first token finds caches cold and pages untouched. */
	for (uint32_t i = 0; i <= tokens; i++) {
		double start = now_s();

		if (tern_run(dev, cmds, cost->jobs, BATCH_NS, NULL)) {
			why = tern_error(dev);
			goto out;
		}
		if (i)
			each[i - 1] = now_s() - start;
	}
	qsort(each, tokens, sizeof(*each), by_value);
	cost->least_s = each[0];
	cost->median_s = each[tokens / 2];
	why = NULL;
	for (unsigned int m = 0; m < MATRICES; m++)
		if (!stack_matches(&stacks[m], model->layers))
			why = "a result differs from the reference";
out:
	for (unsigned int m = 0; m < MATRICES; m++)
		stack_fini(&stacks[m], model->layers);
	free(cmds);
	free(each);
	return why;
}
