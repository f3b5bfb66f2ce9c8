// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "fixed_math.h"
#include "sampler.h"

int sampler_new(struct sampler *sampler, uint32_t vocabulary, struct error *err)
{
	sampler->vocabulary = vocabulary;
	sampler->candidates = calloc(vocabulary, sizeof(*sampler->candidates));
	sampler->weights = calloc(vocabulary, sizeof(*sampler->weights));
	if (!sampler->candidates || !sampler->weights) {
		sampler_free(sampler);
		return bail_memory(err, "the sampler");
	}
	return 0;
}

void sampler_free(struct sampler *sampler)
{
	free(sampler->candidates);
	free(sampler->weights);
	sampler->candidates = NULL;
	sampler->weights = NULL;
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a;
	const struct candidate *y = b;

	if (x->logit != y->logit)
		return x->logit < y->logit ? 1 : -1;
	return x->id < y->id ? -1 : 1;
}

/* In [0, 1), by splitmix64. */
static double random_number(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static uint32_t greatest(const float *logits, uint32_t count)
{
	uint32_t best = 0;
	uint32_t i;

	for (i = 1; i < count; i++)
		if (logits[i] > logits[best])
			best = i;
	return best;
}

int sampler_next(struct sampler *sampler, const float *logits, uint32_t *id, struct error *err)
{
	uint32_t count = sampler->vocabulary;
	double sum = 0.0;
	double part = 0.0;
	double point;
	uint32_t i;

	for (i = 0; i < count; i++)
		if (!isfinite(logits[i]))
			return bail(err, EXIT_FAILED,
				    "the model's logit of token %" PRIu32 " is %g: the file is damaged, get it again",
				    i, logits[i]);
	if (sampler->temperature <= 0.0) {
		*id = greatest(logits, count);
		return 0;
	}
	for (i = 0; i < count; i++)
		sampler->candidates[i] = (struct candidate){ logits[i], i };
	qsort(sampler->candidates, count, sizeof(*sampler->candidates), compare);
	if (sampler->top_k && sampler->top_k < count)
		count = sampler->top_k;
	for (i = 0; i < count; i++) {
		double below = (double)sampler->candidates[i].logit - sampler->candidates[0].logit;

		sampler->weights[i] = fixed_exp(below / sampler->temperature);
		sum += sampler->weights[i];
	}
	for (i = 0; i < count; i++) {
		part += sampler->weights[i];
		if (part >= sampler->top_p * sum) {
			count = i + 1;
			break;
		}
	}
	point = random_number(&sampler->state) * part;
	for (i = 0; i + 1 < count; i++) {
		point -= sampler->weights[i];
		if (point < 0.0)
			break;
	}
	*id = sampler->candidates[i].id;
	return 0;
}
