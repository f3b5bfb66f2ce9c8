/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses the next token from the logits. Temperature 0 is greedy: the greatest
 * logit, of equal ones the smaller id. Else: divide by the temperature, keep the
 * top_k best (0: all), of these the fewest whose probabilities reach top_p, draw.
 * The same seed gives the same tokens everywhere.
 */
#ifndef RUNTIME_SAMPLER_H
#define RUNTIME_SAMPLER_H

#include <stdint.h>

#include "error.h"

struct candidate {
	float logit;
	uint32_t id;
};

struct sampler {
	double temperature;
	uint32_t top_k;
	double top_p;
	uint64_t state;			/* of the random numbers: the seed at first */
	struct candidate *candidates;
	double *weights;
	uint32_t vocabulary;
};

/** sampler_new() - the settings stand in the struct; takes memory for the vocabulary */
int sampler_new(struct sampler *sampler, uint32_t vocabulary, struct error *err);

void sampler_free(struct sampler *sampler);

/** sampler_next() - fails only for logits that are no finite numbers */
int sampler_next(struct sampler *sampler, const float *logits, uint32_t *id, struct error *err);

#endif /* RUNTIME_SAMPLER_H */
