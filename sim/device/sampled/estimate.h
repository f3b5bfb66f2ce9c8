/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the cycles of a sample of jobs in RTL to those of all: a combined ratio estimate from a
 * stratified sample. W. G. Cochran, Sampling Techniques, 3rd edition, 1977: section 6.11 for the
 * estimate and its variance, 5.4 for the degrees of freedom. C.-E. Särndal, B. Swensson and
 * J. Wretman, Model Assisted Survey Sampling, 1992, section 7.3, for the factor cycles / X: the
 * residuals are taken to the total of the model's cycles, which is known.
 *
 * A stratum h is a block of N_h jobs, n_h of which were drawn at random without replacement
 * (device/sampled/plan.h) and measured. The model has counted x cycles for each job, the RTL
 * x + e for each of the sample. With sums over a stratum's sample,
 *
 *	X, Y	= sum over h of N_h / n_h * (sum of x), the same of x + e
 *	R	= Y / X, and all jobs take about R * (cycles of all in the model) in RTL
 *	v	= sum over h of N_h^2 (1 - n_h / N_h) / n_h * s_h^2, where s_h^2 is the variance of
 *		  x + e - R x in its sample, with n_h - 1; 1 - n_h / N_h corrects for the
 *		  finite block: of N = 1 nothing is uncertain
 *	bounds	= R * cycles -+ t * sqrt(v) * cycles / X, t Student's with Satterthwaite's
 *		  degrees of freedom
 *
 * A block with less than two measured jobs (the one that has just begun, or one that lost some
 * to a reset) is made one with a neighbour.
 *
 * What it assumes: within a block jobs were drawn at random, and whether one could be measured
 * has nothing to do with its error; the sum of the sample's residuals is about normal; R's bias, of
 * order 1/n, is small beside its error. A sample without any residual has bounds of no width; what
 * that may hide is said by differ_at_most().
 */
#ifndef TERN_SIM_ESTIMATE_H
#define TERN_SIM_ESTIMATE_H

#include <cstdint>
#include <map>

#include "device/sampled/report.h"

namespace tern {

class estimate {
public:
	/* Of a block, so many jobs will be settled. */
	explicit estimate(std::uint64_t block_jobs) : block_jobs_(block_jobs) {}

	/* Each job of a block in one of these ways. */
	void completed(std::uint64_t block, double model);
	void measured(std::uint64_t block, double model, double error);
	/* It was begun and has no cycles: a reset, or its queue was switched off. */
	void lost(std::uint64_t block);

	cycle_estimate total(double confidence) const;

private:
	/* Of jobs, and of the measured ones among them. */
	struct stratum {
		double jobs = 0, measured = 0;
		double x = 0, e = 0, xx = 0, xe = 0, ee = 0;

		void operator+=(const stratum &other);
	};
	struct block {
		stratum sums;
		std::uint64_t settled = 0;
	};
	/*
	 * Strata that are complete. Variances are polynomials in R - 1, which is only known
	 * in the end.
	 */
	struct sums {
		stratum last;			/* which may still take in a neighbour */
		double x = 0, e = 0;		/* expanded to all jobs */
		double a = 0, b = 0, c = 0;	/* v = a - 2 b (R - 1) + c (R - 1)^2 */
		/* For Satterthwaite's divisor: of products of these, by n_h - 1. */
		double aa = 0, ab = 0, bb = 0, ac = 0, bc = 0, cc = 0;

		void add(const stratum &next);
		void close();
	};

	void settle(std::uint64_t number);

	const std::uint64_t block_jobs_;
	std::map<std::uint64_t, block> open_;
	sums closed_;
	double cycles_ = 0;
};

/*
 * If `hits` of `tried` jobs have something, the share of `all` that has it is at most this, with
 * such confidence. Of all that were tried it is known; else C. J. Clopper, E. S. Pearson, The
 * use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26,
 * 1934; one-sided. That a sample is stratified, and a part of a finite number, makes the truth
 * rather smaller (W. Hoeffding, On the distribution of the number of successes in independent
 * trials, Ann. Math. Statist. 27, 1956).
 */
double share_at_most(std::uint64_t hits, std::uint64_t tried, std::uint64_t all,
		     double confidence);

} /* namespace tern */

#endif /* TERN_SIM_ESTIMATE_H */
