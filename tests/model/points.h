/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points of the shape table on both bodies, by several processes at once.
 */
#ifndef TERN_TESTS_MODEL_POINTS_H
#define TERN_TESTS_MODEL_POINTS_H

#include <stdbool.h>

#include "block.h"

struct point {
	struct cell cell;
	struct outcome outcomes[BODIES];
	bool done;
};

/* How far the model is from the RTL, as a share of the RTL's cycles. */
struct difference {
	uint64_t cycles[BODIES];
	double block;		/* of all jobs together */
	double job;		/* of the job where it is greatest */
	bool same;		/* results, and all counters that aren't time */
};

struct difference difference(const struct point *point);
double job_difference(const struct point *point, unsigned int job);

struct run {
	unsigned int workers;
	const char *stores[BODIES];	/* folders, or NULL */
	bool stored;			/* run nothing: what isn't stored stays undone */
	bool progress;			/* on stderr */
	/* Called as points are done, not in their order. */
	void (*done)(const struct point *point);
};

/* Zeroed, where processes share them. */
struct point *new_points(unsigned int count);

/* The longest ones last. Returns 0, or 3 if one of them couldn't be run. */
int run_points(struct point *points, unsigned int count, const struct run *run);

/*
 * Before that: some points of those that are kept, drawn by chance, once more. Returns 0, or 3 if
 * one of them has other results now, or cycles that differ by more than max.
 */
int run_again(const struct point *points, unsigned int count, const struct run *run,
	      unsigned int number, double max);

/* A document of all tables; 0, or 3 if it can't be written. */
int write_report(const char *path, const struct point *points, unsigned int count,
		 const struct run *run, double max, double max_job);

#endif /* TERN_TESTS_MODEL_POINTS_H */
