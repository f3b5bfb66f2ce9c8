// SPDX-License-Identifier: Apache-2.0
#include "device/sampled/estimate.h"

#include <algorithm>
#include <cmath>

#include <gsl/gsl_cdf.h>

namespace tern {

/*
 * Where a distribution function that rises from `low` on, and past p before `high`, has the value
 * p. The library's own inverses give up on some fractions of degrees of freedom.
 */
template <class function> static double inverse(function cdf, double p, double low, double high)
{
	for (;;) {
		const double middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			return middle;
		(cdf(middle) < p ? low : high) = middle;
	}
}

/* Half of Student's distribution is below 0. */
static double student_quantile(double p, double degrees)
{
	const auto cdf = [=](double t) { return gsl_cdf_tdist_P(t, degrees); };
	double high = 1;

	while (cdf(high) < p && high < 1e300)
		high *= 2;
	return inverse(cdf, p, 0, high);
}

void estimate::stratum::operator+=(const stratum &other)
{
	jobs += other.jobs;
	measured += other.measured;
	x += other.x;
	e += other.e;
	xx += other.xx;
	xe += other.xe;
	ee += other.ee;
}

void estimate::sums::add(const stratum &next)
{
	if (last.measured >= 2 && next.measured >= 2)
		close();
	last += next;
}

void estimate::sums::close()
{
	const double n = last.measured;

	if (n > 0) {
		x += last.jobs / n * last.x;
		e += last.jobs / n * last.e;
	}
	if (n >= 2) {
		/* Not below 0, where only rounding can have led. */
		const double weight = last.jobs * (last.jobs - n) / n / (n - 1);
		const double h = weight * std::max(0.0, last.ee - last.e * last.e / n);
		const double i = weight * (last.xe - last.x * last.e / n);
		const double j = weight * std::max(0.0, last.xx - last.x * last.x / n);

		a += h;
		b += i;
		c += j;
		aa += h * h / (n - 1);
		ab += h * i / (n - 1);
		bb += i * i / (n - 1);
		ac += h * j / (n - 1);
		bc += i * j / (n - 1);
		cc += j * j / (n - 1);
	}
	last = {};
}

void estimate::settle(std::uint64_t number)
{
	block &block = open_[number];

	if (++block.settled < block_jobs_)
		return;
	closed_.add(block.sums);
	open_.erase(number);
}

void estimate::completed(std::uint64_t number, double model)
{
	open_[number].sums.jobs++;
	cycles_ += model;
	settle(number);
}

void estimate::measured(std::uint64_t number, double model, double error)
{
	stratum &sums = open_[number].sums;

	sums.measured++;
	sums.x += model;
	sums.e += error;
	sums.xx += model * model;
	sums.xe += model * error;
	sums.ee += error * error;
	completed(number, model);
}

void estimate::lost(std::uint64_t number)
{
	settle(number);
}

cycle_estimate estimate::total(double confidence) const
{
	cycle_estimate result;
	sums s = closed_;

	for (const auto &entry : open_)
		s.add(entry.second.sums);

	const double last_measured = s.last.measured;

	s.close();
	if (s.x <= 0)
		return result;

	const double d = s.e / s.x;
	const double v = s.a - 2 * d * s.b + d * d * s.c;
	const double divisor = s.aa - 4 * d * s.ab + d * d * (4 * s.bb + 2 * s.ac) -
			       4 * d * d * d * s.bc + d * d * d * d * s.cc;

	result.known = true;
	result.ratio = 1 + d;
	result.cycles = result.ratio * cycles_;
	result.confidence = confidence;
	result.low = result.high = result.cycles;
	/* One job alone says nothing of others. */
	result.bounded = last_measured >= 2;
	if (result.bounded && v > 0 && divisor > 0) {
		result.degrees = v * v / divisor;

		const double t = student_quantile(0.5 + confidence / 2, result.degrees);
		const double reach = t * std::sqrt(v) * cycles_ / s.x;

		result.low -= reach;
		result.high += reach;
	}
	return result;
}

double share_at_most(std::uint64_t hits, std::uint64_t tried, std::uint64_t all,
		     double confidence)
{
	if (tried && tried >= all)
		return static_cast<double>(hits) / static_cast<double>(tried);
	if (hits >= tried)
		return 1;

	const double a = static_cast<double>(hits) + 1, b = static_cast<double>(tried - hits);

	return inverse([=](double share) { return gsl_cdf_beta_P(share, a, b); }, confidence, 0, 1);
}

} /* namespace tern */
