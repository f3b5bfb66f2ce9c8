// SPDX-License-Identifier: Apache-2.0
/* Choosing the next token: greedy, cut off, and as often as the probabilities say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sampler.h"

#define VOCABULARY	6
#define DRAWS		200000

static const float logits[VOCABULARY] = { 1.0f, 3.0f, -2.0f, 3.0f, 2.0f, 0.0f };

static void start(struct sampler *sampler, double temperature, uint32_t top_k, double top_p)
{
	struct error err;

	*sampler = (struct sampler){
		.temperature = temperature,
		.top_k = top_k,
		.top_p = top_p,
		.state = 42,
	};
	assert_int_equal(sampler_new(sampler, VOCABULARY, &err), 0);
}

static uint32_t draw(struct sampler *sampler)
{
	struct error err;
	uint32_t id;

	assert_int_equal(sampler_next(sampler, logits, &id, &err), 0);
	return id;
}

/* Draws many, and compares with the shares that are expected. */
static void check_shares(struct sampler *sampler, const double shares[VOCABULARY])
{
	uint32_t counts[VOCABULARY] = { 0 };
	int i;

	for (i = 0; i < DRAWS; i++)
		counts[draw(sampler)]++;
	for (i = 0; i < VOCABULARY; i++) {
		double expected = shares[i] * DRAWS;

		/* Five standard deviations; what has no share never comes. */
		assert_true(fabs(counts[i] - expected) <= 5 * sqrt(expected));
	}
	sampler_free(sampler);
}

static void greedy(void **state)
{
	struct sampler sampler;

	(void)state;
	start(&sampler, 0.0, 0, 1.0);
	assert_int_equal(draw(&sampler), 1);	/* of two equal ones the smaller */
	sampler_free(&sampler);
}

static void proportions(void **state)
{
	double shares[VOCABULARY];
	struct sampler sampler;
	double sum = 0.0;
	int i;

	(void)state;
	for (i = 0; i < VOCABULARY; i++)
		sum += shares[i] = exp(logits[i] / 1.5);
	for (i = 0; i < VOCABULARY; i++)
		shares[i] /= sum;
	start(&sampler, 1.5, 0, 1.0);
	check_shares(&sampler, shares);
}

static void cut_offs(void **state)
{
	static const double two[VOCABULARY] = { 0, 0.5, 0, 0.5, 0, 0 };
	static const double one[VOCABULARY] = { 0, 1, 0, 0, 0, 0 };
	struct sampler sampler;

	(void)state;
	start(&sampler, 1.0, 2, 1.0);
	check_shares(&sampler, two);
	start(&sampler, 1.0, 0, 0.5);		/* two of them have 0.78 together */
	check_shares(&sampler, two);
	start(&sampler, 1.0, 0, 0.0);
	check_shares(&sampler, one);
	start(&sampler, 1.0, 1, 1.0);
	check_shares(&sampler, one);
}

static void seeds(void **state)
{
	struct sampler a;
	struct sampler b;
	int different = 0;
	int i;

	(void)state;
	start(&a, 1.0, 0, 1.0);
	start(&b, 1.0, 0, 1.0);
	for (i = 0; i < 100; i++)
		assert_int_equal(draw(&a), draw(&b));
	b.state = 43;
	for (i = 0; i < 100; i++)
		different += draw(&a) != draw(&b);
	assert_true(different > 20);
	sampler_free(&a);
	sampler_free(&b);
}

static void no_numbers(void **state)
{
	float bad[VOCABULARY] = { 0 };
	struct sampler sampler;
	struct error err;
	uint32_t id;

	(void)state;
	start(&sampler, 0.0, 0, 1.0);
	bad[4] = NAN;
	assert_int_equal(sampler_next(&sampler, bad, &id, &err), EXIT_FAILED);
	assert_non_null(strstr(err.text, "token 4"));
	sampler_free(&sampler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greedy),
		cmocka_unit_test(proportions),
		cmocka_unit_test(cut_offs),
		cmocka_unit_test(seeds),
		cmocka_unit_test(no_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rt_sampler", tests, NULL, NULL);
}
