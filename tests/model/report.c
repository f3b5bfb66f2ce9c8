// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "points.h"

/* What a table's rows and columns are; its points lie together. */
static bool same_card(const struct point *a, const struct point *b)
{
	return !strcmp(a->cell.card, b->cell.card);
}

static bool same_row(const struct point *a, const struct point *b)
{
	return same_card(a, b) && a->cell.shape == b->cell.shape &&
	       a->cell.packing == b->cell.packing;
}

struct summary {
	unsigned int points, done, exact, wrong;
	double block, job;
};

static void add(struct summary *sum, const struct point *point, double max, double max_job)
{
	const struct difference found = difference(point);

	sum->points++;
	if (!point->done)
		return;
	sum->done++;
	sum->exact += !found.job;
	sum->wrong += !found.same || fabs(found.block) > max || fabs(found.job) > max_job;
	sum->block = fmax(sum->block, fabs(found.block));
	sum->job = fmax(sum->job, fabs(found.job));
}

static void print_summary(FILE *file, const char *name, const struct summary *sum)
{
	fprintf(file, "| %s | %u", name, sum->done);
	if (sum->done < sum->points)
		fprintf(file, " of %u", sum->points);
	fprintf(file, " | %u | %.3f %% | %.3f %% | %u |\n", sum->exact, 100 * sum->block,
		100 * sum->job, sum->wrong);
}

static void print_point(FILE *file, const struct point *point)
{
	const struct difference found = difference(point);

	if (!point->done) {
		fprintf(file, " | —");
		return;
	}
	fprintf(file, " | %" PRIu64 " ", found.cycles[RTL]);
	if (found.job)
		fprintf(file, "%+.3f, %+.3f %%", 100 * found.block, 100 * found.job);
	else
		fputc('=', file);
	if (!found.same)
		fprintf(file, " **results differ**");
}

static const char *key(const char *folder)
{
	const char *slash = folder ? strrchr(folder, '/') : NULL;

	return slash ? slash + 1 : "not kept";
}

static void print_head(FILE *file, const struct run *run, double max, double max_job)
{
	fputs("<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
	      "<!-- Written by `make study-validate`. -->\n"
	      "# The model's cycles against the RTL's\n\n"
	      "The linear layers of a block of each model, on both bodies of the simulated card:\n"
	      "whole layers, with weights of P2 and B5, and T tokens at a time. Sums, beats,\n"
	      "bytes and additions are equal wherever nothing else is said.\n", file);
	fprintf(file,
		"Wanted of the cycles: within %g %% of a block's, %g %% of each job's.\n\n",
		100 * max, 100 * max_job);
	fputs("`make study-validate` runs what is not yet known for the sources as they are, and\n"
	      "writes this page. Points are kept in `~/.cache/tern/study` under a hash of what a\n"
	      "body's cycles depend on: its sources without their comments, those of memory\n"
	      "and link, the presets, and the jobs. `tests/model/validate --keys` prints the two\n"
	      "of the sources at hand. What only carries data between those is not in the hash:\n"
	      "instead each run repeats some of the kept points first. This page is of\n", file);
	fprintf(file, "`%s` and `%s`.\n\n", key(run->stores[RTL]), key(run->stores[MODEL]));
}

static void print_tables(FILE *file, const struct point *points, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct point *p = &points[i];

		if (!i || !same_card(p, p - 1)) {
			fprintf(file, "\n## %s\n\n| model |", p->cell.card);
			for (unsigned int j = i; j < count && same_row(p, &points[j]); j++)
				fprintf(file, " T = %u |", points[j].cell.t);
			fprintf(file, "\n|---|");
			for (unsigned int j = i; j < count && same_row(p, &points[j]); j++)
				fprintf(file, "---|");
			fputc('\n', file);
		}
		if (!i || !same_row(p, p - 1))
			fprintf(file, "| %s %s", p->cell.shape->name, p->cell.packing->name);
		print_point(file, p);
		if (i + 1 == count || !same_row(p, p + 1))
			fprintf(file, " |\n");
	}
}

int write_report(const char *path, const struct point *points, unsigned int count,
		 const struct run *run, double max, double max_job)
{
	struct summary sum = { 0 }, total = { 0 };
	char part[4096];
	FILE *file;
	bool good;

	if ((size_t)snprintf(part, sizeof(part), "%s.new", path) >= sizeof(part)) {
		fprintf(stderr, "study: '%s' is too long a path\n", path);
		return 3;
	}
	file = fopen(part, "w");
	if (file) {
		print_head(file, run, max, max_job);
		fputs("| card | points | equal to the cycle | block within | job within | bad |\n"
		      "|---|---|---|---|---|---|\n", file);
		for (unsigned int i = 0; i < count; i++) {
			add(&sum, &points[i], max, max_job);
			add(&total, &points[i], max, max_job);
			if (i + 1 < count && same_card(&points[i], &points[i + 1]))
				continue;
			print_summary(file, points[i].cell.card, &sum);
			sum = (struct summary){ 0 };
		}
		print_summary(file, "all", &total);
		fputs("\nIn the tables: the RTL's cycles of the block, and `=` where no job of it\n"
		      "differs by a cycle; else how far the model's are off, the block's and the\n"
		      "worst job's.\n", file);
		if (total.done < total.points)
			fputs("A dash: not run yet; `make study-validate` goes on with it.\n",
			      file);
		print_tables(file, points, count);
	}
	good = file && !ferror(file);
	if (file && fclose(file))
		good = false;
	if (good && !rename(part, path))
		return 0;
	fprintf(stderr, "study: can't write '%s': %s\n", path, strerror(errno));
	unlink(part);
	return 3;
}
