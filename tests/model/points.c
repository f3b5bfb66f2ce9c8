// SPDX-License-Identifier: Apache-2.0
#include "points.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store.h"
#include "tern_abi.h"

static double share(uint64_t a, uint64_t b)
{
	return b ? ((double)a - (double)b) / (double)b : a ? 1 : 0;
}

double job_difference(const struct point *point, unsigned int job)
{
	return share(point->outcomes[MODEL].results[job].cycles,
		     point->outcomes[RTL].results[job].cycles);
}

static bool same_work(const struct tern_result *a, const struct tern_result *b)
{
	return a->status == b->status && a->mem_read == b->mem_read &&
	       a->mem_written == b->mem_written && a->host_read == b->host_read &&
	       a->host_written == b->host_written && a->adds == b->adds &&
	       a->adds_skipped == b->adds_skipped && a->array == b->array;
}

struct difference difference(const struct point *point)
{
	const struct outcome *rtl = &point->outcomes[RTL], *model = &point->outcomes[MODEL];
	struct difference found = { .same = rtl->sums == model->sums };

	for (unsigned int j = 0; j < JOBS; j++) {
		const double error = job_difference(point, j);

		if (fabs(error) > fabs(found.job))
			found.job = error;
		found.same &= same_work(&rtl->results[j], &model->results[j]);
		found.cycles[RTL] += rtl->results[j].cycles;
		found.cycles[MODEL] += model->results[j].cycles;
	}
	found.block = share(found.cycles[MODEL], found.cycles[RTL]);
	return found;
}

/* ------------------------------------------------------------------ how long it takes */

/* Passes over the weights, and roughly how long the RTL of a card takes to simulate a trit. */
static double cost(const struct cell *cell)
{
	static const struct {
		const char *name;
		unsigned int lanes, cols;
	} cards[] = {
#define CARD(name, hash, lanes, streams, cols, queues, k_tile, rows_tile) \
		{ #name, (lanes) * (streams), cols },
		TERN_CONFIGS(CARD)
#undef CARD
	};
	unsigned int lanes = 256, cols = 8;
	double trits = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(cards); i++)
		if (!strncmp(cell->card, cards[i].name, strcspn(cell->card, ",")) &&
		    strlen(cards[i].name) == strcspn(cell->card, ",")) {
			lanes = cards[i].lanes;
			cols = cards[i].cols;
		}
	for (unsigned int i = 0; i < JOBS; i++)
		trits += (double)cell_layer(cell, i).n * cell_layer(cell, i).k;
	return trits * ((cell->t + cols - 1) / cols) * (0.5 + 128.0 / lanes);
}

static int by_cost(const void *a, const void *b)
{
	const double one = cost(&(*(const struct point *const *)a)->cell);
	const double other = cost(&(*(const struct point *const *)b)->cell);

	return one < other ? -1 : one > other;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

/* ------------------------------------------------------------------ workers */

struct point *new_points(unsigned int count)
{
	void *memory = mmap(NULL, count * sizeof(struct point), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		fprintf(stderr, "study: no memory for %u points: %s\n", count, strerror(errno));
		exit(3);
	}
	return memory;
}

static bool load(struct point *point, const struct run *run, enum body body)
{
	return run->stores[body] &&
	       store_load(run->stores[body], &point->cell, &point->outcomes[body]);
}

/* In a process of its own. */
static void run_point(struct point *point, const struct run *run)
{
	for (enum body body = RTL; body < BODIES; body++) {
		if (load(point, run, body))
			continue;
		run_cell(&point->cell, body, &point->outcomes[body]);
		if (run->stores[body])
			store_save(run->stores[body], &point->cell, &point->outcomes[body]);
	}
	point->done = true;
}

static void tell(unsigned int done, unsigned int count, double start, double part)
{
	const double took = now_s() - start;
	const unsigned int left = part > 0 ? took / part * (1 - part) : 0;

	fprintf(stderr, "study: %u of %u points, %.1f %% of the work, %u:%02u:%02u left\n", done,
		count, 100 * part, left / 3600, left / 60 % 60, left % 60);
}

int run_points(struct point *points, unsigned int count, const struct run *run)
{
	struct point **order = calloc(count, sizeof(*order));
	pid_t *pids = calloc(count, sizeof(*pids));
	unsigned int todo = 0, started = 0, ended = 0, done = 0;
	const double start = now_s();
	double all = 0, part = 0;
	int ret = 0;

	if (!order || !pids) {
		fprintf(stderr, "study: no memory for %u points\n", count);
		exit(3);
	}
	for (unsigned int i = 0; i < count; i++) {
		points[i].done = load(&points[i], run, RTL) && load(&points[i], run, MODEL);
		if (points[i].done) {
			done++;
			run->done(&points[i]);
		} else {
			order[todo++] = &points[i];
			all += cost(&points[i].cell);
		}
	}
	if (run->stored)
		todo = 0;
	qsort(order, todo, sizeof(*order), by_cost);
	while (ended < todo && (!ret || ended < started)) {
		unsigned int i;
		int status;
		pid_t pid;

		while (!ret && started < todo && started - ended < run->workers) {
			fflush(NULL);
			pids[started] = fork();
			if (!pids[started]) {
				run_point(order[started], run);
				exit(0);
			}
			if (pids[started++] < 0) {
				fprintf(stderr, "study: no process: %s\n", strerror(errno));
				exit(3);
			}
		}
		pid = wait(&status);
		for (i = 0; i < started && pids[i] != pid; i++)
			;
		if (i == started)
			continue;
		ended++;
		if (status || !order[i]->done) {
			ret = 3;
			continue;
		}
		done++;
		part += cost(&order[i]->cell) / all;
		run->done(order[i]);
		if (run->progress)
			tell(done, count, start, part);
	}
	free(order);
	free(pids);
	return ret;
}
