// SPDX-License-Identifier: Apache-2.0
/*
 * Which jobs are sampled, and what the sample says of all: against formulas written out once more,
 * against closed forms, and against populations whose totals are known.
 */
#include "sim_cmocka.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "device/sampled/estimate.h"
#include "device/sampled/plan.h"

using namespace tern;

static bool near(double a, double b, double share)
{
	if (std::fabs(a - b) <= share * std::fabs(b))
		return true;
	print_message("# %.12g is not %.12g\n", a, b);
	return false;
}

/* ------------------------------------------------------------------ the plan */

static std::set<std::uint64_t> chosen(std::uint64_t every, std::uint64_t seed, std::uint64_t jobs)
{
	const sample_plan plan(every, seed);
	std::set<std::uint64_t> result;

	for (std::uint64_t job = 1; job <= jobs; job++)
		if (plan.chosen(job))
			result.insert(job);
	return result;
}

static void every_block_has_two(void **)
{
	for (const std::uint64_t every : { 1, 2, 3, 7, 64 }) {
		for (const std::uint64_t seed : { 0, 1, 99 }) {
			std::uint64_t in_block[50] = {};

			for (const std::uint64_t job : chosen(every, seed, 50 * 2 * every))
				in_block[(job - 1) / (2 * every)]++;
			for (const std::uint64_t count : in_block)
				assert_int_equal(count, 2);
		}
	}
	assert_int_equal(chosen(1, 1, 1000).size(), 1000);
}

static void a_seed_chooses_the_same_again(void **)
{
	assert_true(chosen(16, 5, 10000) == chosen(16, 5, 10000));
	assert_true(chosen(16, 5, 10000) != chosen(16, 6, 10000));
	assert_true(sample_plan(16, 5).any_chosen(1, 32));
}

/* Seven layers a block of the network, every seventh job: each layer has its share. */
static void no_period_is_met(void **)
{
	unsigned of_layer[7] = {};

	for (const std::uint64_t job : chosen(7, 1, 7 * 7000))
		of_layer[job % 7]++;
	/* 1000 each are expected, with a standard deviation of about 28. */
	for (const unsigned count : of_layer)
		assert_in_range(count, 860, 1140);
}

/* Any two jobs of a block are as likely as any other two. */
static void pairs_are_alike(void **)
{
	const std::uint64_t blocks = 28000;
	const sample_plan plan(4, 3);
	unsigned pairs[8][8] = {};

	for (std::uint64_t block = 0; block < blocks; block++) {
		int first = -1;

		for (int i = 0; i < 8; i++) {
			if (!plan.chosen(8 * block + i + 1))
				continue;
			if (first >= 0)
				pairs[first][i]++;
			first = i;
		}
	}
	/* 1000 of each, with a standard deviation of about 31. */
	for (int i = 0; i < 8; i++)
		for (int j = i + 1; j < 8; j++)
			assert_in_range(pairs[i][j], 850, 1150);
}

/* ------------------------------------------------------------------ the estimate */

struct population {
	std::vector<double> model, error;

	double total() const
	{
		double sum = 0;

		for (std::size_t i = 0; i < model.size(); i++)
			sum += model[i] + error[i];
		return sum;
	}
};

static std::uint64_t next_random(std::uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Layers of several sizes, one of which the model gets wrong, and some noise in all. */
static population make_population(std::size_t jobs)
{
	static const double sizes[7] = { 100e3, 25e3, 25e3, 100e3, 270e3, 270e3, 260e3 };
	std::uint64_t state = 88172645463325252;
	population result;

	for (std::size_t i = 0; i < jobs; i++) {
		const double noise = static_cast<double>(next_random(&state) % 2001) - 1000;

		result.model.push_back(sizes[i % 7]);
		result.error.push_back(noise + (i % 7 == 2 ? 2500 : 0) + 0.001 * sizes[i % 7]);
	}
	return result;
}

static estimate take(const population &all, std::uint64_t every, std::uint64_t seed)
{
	const sample_plan plan(every, seed);
	estimate result(plan.block_size());

	for (std::size_t i = 0; i < all.model.size(); i++) {
		const std::uint64_t block = plan.block_of(i + 1);

		if (plan.chosen(i + 1))
			result.measured(block, all.model[i], all.error[i]);
		else
			result.completed(block, all.model[i]);
	}
	return result;
}

static void all_jobs_leave_no_doubt(void **)
{
	const population all = make_population(1001);
	const cycle_estimate total = take(all, 1, 1).total(0.95);

	assert_true(total.known && total.bounded);
	assert_true(near(total.cycles, all.total(), 1e-12));
	assert_true(near(total.low, all.total(), 1e-9) && near(total.high, all.total(), 1e-9));
}

/* Student's t for 0.975, from a table. */
static const double t_table[] = {
	0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
};

/* Of blocks that are all complete, by the definitions: residuals first, then their variances. */
static void formulas_are_kept(void **)
{
	const std::uint64_t every = 5, blocks = 8;
	const population all = make_population(blocks * 2 * every);
	const sample_plan plan(every, 7);
	double x[8][2], y[8][2], sum_x = 0, sum_y = 0, all_x = 0, v = 0, divisor = 0;
	unsigned in_block[8] = {};

	for (std::size_t i = 0; i < all.model.size(); i++) {
		const std::uint64_t block = i / (2 * every);

		all_x += all.model[i];
		if (!plan.chosen(i + 1))
			continue;
		x[block][in_block[block]] = all.model[i];
		y[block][in_block[block]++] = all.model[i] + all.error[i];
		sum_x += all.model[i];
		sum_y += all.model[i] + all.error[i];
	}
	for (unsigned h = 0; h < blocks; h++) {
		const double r = sum_y / sum_x;
		const double d = (y[h][0] - r * x[h][0]) - (y[h][1] - r * x[h][1]);
		/* The variance of two is half their difference's square. */
		const double part = 10.0 * 10.0 * (1 - 2.0 / 10) / 2 * d * d / 2;

		v += part;
		divisor += part * part;
	}

	const cycle_estimate total = take(all, every, 7).total(0.95);
	const double degrees = v * v / divisor;
	const double reach = std::sqrt(v) * all_x / (sum_x * every);
	const double t = (total.high - total.cycles) / reach;

	assert_true(near(total.ratio, sum_y / sum_x, 1e-12));
	assert_true(near(total.cycles, sum_y / sum_x * all_x, 1e-12));
	assert_true(near(total.degrees, degrees, 1e-6));
	assert_true(near(total.cycles - total.low, total.high - total.cycles, 1e-9));
	/* Between the table's neighbours. */
	assert_true(degrees >= 1 && degrees <= blocks);
	assert_true(t <= t_table[static_cast<int>(degrees)] + 1e-3 &&
		    t >= t_table[static_cast<int>(degrees) + 1] - 1e-3);
}

/* In so many samples of one population, the bounds hold the truth as often as they say. */
static void bounds_hold_the_truth(void **)
{
	const population all = make_population(1000);
	const double truth = all.total();
	unsigned held = 0;
	double sum = 0;

	for (std::uint64_t seed = 0; seed < 2000; seed++) {
		const cycle_estimate total = take(all, 10, seed).total(0.95);

		held += total.low <= truth && truth <= total.high;
		sum += total.cycles;
	}
	/* 1900 of 2000, with a standard deviation of 10. */
	assert_in_range(held, 1860, 1940);
	assert_true(near(sum / 2000, truth, 2e-5));
}

/* The last block has begun, jobs were lost, some could not be measured. */
static void what_is_missing_is_borne(void **)
{
	estimate none(4), one(4), lossy(4);

	assert_false(none.total(0.95).known);
	none.completed(0, 100);
	assert_false(none.total(0.95).known);

	one.completed(0, 100);
	one.measured(0, 200, 20);
	assert_true(one.total(0.95).known && !one.total(0.95).bounded);
	assert_true(near(one.total(0.95).cycles, 330, 1e-12));
	one.measured(0, 100, 10);
	assert_true(one.total(0.95).bounded);
	assert_true(near(one.total(0.95).cycles, 440, 1e-12));

	for (std::uint64_t block = 0; block < 100; block++) {
		lossy.lost(block);
		lossy.completed(block, 1000);
		lossy.measured(block, 1000, block % 2 ? 10 : 0);
		lossy.completed(block, 1000);
	}
	lossy.completed(100, 1000);
	assert_true(lossy.total(0.95).bounded);
	assert_true(near(lossy.total(0.95).cycles, 301000 * 1.005, 1e-5));
	assert_true(lossy.total(0.95).low < 301000 * 1.005);
	assert_true(lossy.total(0.95).high > 301000 * 1.005);
}

static void shares_are_bounded(void **)
{
	/* Of no hits there is a closed form; the others are tabled. */
	for (const std::uint64_t n : { 1, 5, 100, 10000 })
		assert_true(near(share_at_most(0, n, n + 1, 0.95), 1 - std::pow(0.05, 1.0 / n),
				 1e-9));
	assert_true(near(share_at_most(1, 10, 100, 0.95), 0.3942, 2e-4));
	assert_true(near(share_at_most(5, 10, 100, 0.95), 0.7776, 2e-4));
	assert_true(share_at_most(10, 10, 100, 0.95) == 1);
	assert_true(share_at_most(0, 0, 100, 0.95) == 1);
	assert_true(share_at_most(0, 0, 0, 0.95) == 1);
	/* Of all there is no doubt. */
	assert_true(share_at_most(0, 10, 10, 0.95) == 0);
	assert_true(share_at_most(3, 12, 12, 0.95) == 0.25);
	assert_true(share_at_most(10, 10, 10, 0.95) == 1);
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(every_block_has_two),
		cmocka_unit_test(a_seed_chooses_the_same_again),
		cmocka_unit_test(no_period_is_met),
		cmocka_unit_test(pairs_are_alike),
		cmocka_unit_test(all_jobs_leave_no_doubt),
		cmocka_unit_test(formulas_are_kept),
		cmocka_unit_test(bounds_hold_the_truth),
		cmocka_unit_test(what_is_missing_is_borne),
		cmocka_unit_test(shares_are_bounded),
	};

	return SIM_RUN(tests);
}
