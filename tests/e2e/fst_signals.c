// SPDX-License-Identifier: Apache-2.0
/*
 * Reads an FST file: when it begins and ends, how many signals it has, and how often
 * some of them rose.
 *
 *	fst_signals FILE [NAME]...
 *
 * prints "start PS", "end PS", "signals N", and "NAME RISES" for each signal of a module's
 * port or variable of that name at the top ("clk_i"). Exit status: 0 done, 1 no such
 * file, no FST, or no such signal, 2 usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fstapi.h"

struct watched {
	const char *name;
	fstHandle handle;
	unsigned long rises;
	char last;
};

static struct watched *watched;
static int watched_count;

/* Values come in the order of time; the first one of each signal is what it begins with. */
static void changed(void *data, uint64_t time, fstHandle handle, const unsigned char *value)
{
	int i;

	(void)data;
	(void)time;
	for (i = 0; i < watched_count; i++) {
		if (watched[i].handle != handle)
			continue;
		if (value[0] == '1' && watched[i].last == '0')
			watched[i].rises++;
		watched[i].last = value[0];
	}
}

static void find(void *file)
{
	struct fstHier *item;
	int depth = 0;
	int i;

	while ((item = fstReaderIterateHier(file))) {
		depth += (item->htyp == FST_HT_SCOPE) - (item->htyp == FST_HT_UPSCOPE);
		if (item->htyp != FST_HT_VAR || depth > 1)
			continue;
		for (i = 0; i < watched_count; i++) {
			size_t length = strlen(watched[i].name);

			/* A vector's name ends with its range. */
			if (!strncmp(item->u.var.name, watched[i].name, length) &&
			    strchr(" [", item->u.var.name[length]))
				watched[i].handle = item->u.var.handle;
		}
	}
}

int main(int argc, char **argv)
{
	void *file;
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: fst_signals FILE [NAME]...\n");
		return 2;
	}
	file = fstReaderOpen(argv[1]);
	if (!file) {
		fprintf(stderr, "fst_signals: %s is not there, or no FST\n", argv[1]);
		return 1;
	}
	watched_count = argc - 2;
	watched = calloc(argc, sizeof(*watched));
	if (!watched)
		return 1;
	for (i = 0; i < watched_count; i++)
		watched[i].name = argv[i + 2];
	find(file);
	fstReaderSetFacProcessMaskAll(file);
	if (!fstReaderIterBlocks(file, changed, NULL, NULL)) {
		fprintf(stderr, "fst_signals: %s is damaged\n", argv[1]);
		return 1;
	}
	printf("start %llu\nend %llu\nsignals %llu\n",
	       (unsigned long long)fstReaderGetStartTime(file),
	       (unsigned long long)fstReaderGetEndTime(file),
	       (unsigned long long)fstReaderGetVarCount(file));
	for (i = 0; i < watched_count; i++) {
		if (!watched[i].handle) {
			fprintf(stderr, "fst_signals: %s has no %s\n", argv[1], watched[i].name);
			return 1;
		}
		printf("%s %lu\n", watched[i].name, watched[i].rises);
	}
	fstReaderClose(file);
	free(watched);
	return 0;
}
