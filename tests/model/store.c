// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first and the last line, which also says that all of it is there. */
#define FORMAT	"study-outcome 1"
#define END	"end"

static const size_t fields[] = {
	offsetof(struct tern_result, cycles), offsetof(struct tern_result, array),
	offsetof(struct tern_result, stall_weights),
	offsetof(struct tern_result, stall_activations),
	offsetof(struct tern_result, stall_results), offsetof(struct tern_result, stall_commands),
	offsetof(struct tern_result, stall_link), offsetof(struct tern_result, mem_read),
	offsetof(struct tern_result, mem_written), offsetof(struct tern_result, host_read),
	offsetof(struct tern_result, host_written), offsetof(struct tern_result, adds),
	offsetof(struct tern_result, adds_skipped),
};

static void *field(const struct tern_result *result, unsigned int i)
{
	return (char *)result + fields[i];
}

/* A configuration of the user's own may be another tomorrow: it has no part in the key. */
static bool kept(const struct cell *cell)
{
	return !strchr(cell->card, '/');
}

static void file_name(char name[512], const char *folder, const struct cell *cell)
{
	int length = snprintf(name, 512, "%s/%s.%s.%s.%u.%u", folder, cell->card, cell->shape->name,
			      cell->packing->name, cell->t, cell->rows);

	if (length >= 500) {
		fprintf(stderr, "study: '%s' is too long a name for a file\n", cell->card);
		exit(3);
	}
}

static bool read_outcome(FILE *file, struct outcome *outcome)
{
	char word[8];

	if (fscanf(file, FORMAT " sums %" SCNx64 " seconds %lf", &outcome->sums,
		   &outcome->seconds) != 2)
		return false;
	for (unsigned int j = 0; j < JOBS; j++) {
		if (fscanf(file, " job %u", &outcome->results[j].status) != 1)
			return false;
		for (unsigned int i = 0; i < ARRAY_SIZE(fields); i++) {
			uint64_t value;

			if (fscanf(file, "%" SCNu64, &value) != 1)
				return false;
			memcpy(field(&outcome->results[j], i), &value, sizeof(value));
		}
	}
	return fscanf(file, "%7s", word) == 1 && !strcmp(word, END);
}

bool store_load(const char *folder, const struct cell *cell, struct outcome *outcome)
{
	char name[512];
	FILE *file;
	bool good;

	if (!kept(cell))
		return false;
	file_name(name, folder, cell);
	file = fopen(name, "r");
	if (!file)
		return false;
	memset(outcome, 0, sizeof(*outcome));
	good = read_outcome(file, outcome);
	fclose(file);
	return good;
}

void store_save(const char *folder, const struct cell *cell, const struct outcome *outcome)
{
	char name[512], part[544];
	bool good;
	FILE *file;

	if (!kept(cell))
		return;
	file_name(name, folder, cell);
	snprintf(part, sizeof(part), "%s.%d", name, (int)getpid());
	file = fopen(part, "w");
	if (file) {
		fprintf(file, FORMAT "\nsums %" PRIx64 " seconds %.3f\n", outcome->sums,
			outcome->seconds);
		for (unsigned int j = 0; j < JOBS; j++) {
			fprintf(file, "job %u", outcome->results[j].status);
			for (unsigned int i = 0; i < ARRAY_SIZE(fields); i++) {
				uint64_t value;

				memcpy(&value, field(&outcome->results[j], i), sizeof(value));
				fprintf(file, " %" PRIu64, value);
			}
			fputc('\n', file);
		}
		fputs(END "\n", file);
	}
	good = file && !ferror(file);
	if (file && fclose(file))
		good = false;
	if (good && !rename(part, name))
		return;
	fprintf(stderr, "study: can't write '%s': %s\n", name, strerror(errno));
	unlink(part);
	exit(3);
}
