// SPDX-License-Identifier: Apache-2.0
/*
 * Whether what is kept is still true: the folder's name says which sources an outcome is of, but
 * not those that only carry data from one to the other.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "points.h"
#include "store.h"

/* In a process of its own: the kept outcome stands where the RTL's does, the new one beside it. */
static bool still_true(struct point *both, const struct run *run, enum body body, double max)
{
	struct difference found;
	pid_t pid;

	both->done = false;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		both->done = store_load(run->stores[body], &both->cell, &both->outcomes[0]);
		if (both->done)
			run_cell(&both->cell, body, &both->outcomes[1]);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid || !both->done) {
		fprintf(stderr, "study: a point that is kept can't be run again: %s\n",
			strerror(errno));
		return false;
	}
	found = difference(both);
	if (found.same && fabs(found.block) <= max)
		return true;
	fprintf(stderr, "study: %s %s %s T=%u on %s is kept with %llu cycles and has %llu now%s: ",
		both->cell.card, both->cell.shape->name, both->cell.packing->name, both->cell.t,
		body_names[body], (unsigned long long)found.cycles[0],
		(unsigned long long)found.cycles[1], found.same ? "" : ", or other sums");
	fprintf(stderr, "remove '%s'\n", run->stores[body]);
	return false;
}

int run_again(const struct point *points, unsigned int count, const struct run *run,
	      unsigned int number, double max)
{
	const struct point **kept = calloc(count, sizeof(*kept));
	struct point *both = new_points(1);
	unsigned int found = 0;
	bool good = true;

	if (!kept || !run->stores[RTL] || !run->stores[MODEL]) {
		fprintf(stderr, "study: nothing is kept that could be run again\n");
		exit(3);
	}
	/* Those of a token take seconds at most. */
	for (unsigned int i = 0; i < count; i++)
		if (points[i].cell.t == 1 &&
		    store_load(run->stores[RTL], &points[i].cell, &both->outcomes[0]) &&
		    store_load(run->stores[MODEL], &points[i].cell, &both->outcomes[0]))
			kept[found++] = &points[i];
	for (; number && found; number--) {
		const unsigned int drawn = arc4random_uniform(found);

		both->cell = kept[drawn]->cell;
		kept[drawn] = kept[--found];
		for (enum body body = RTL; body < BODIES; body++)
			good &= still_true(both, run, body, max);
	}
	free(kept);
	return good ? 0 : 3;
}
