// SPDX-License-Identifier: Apache-2.0
/* Which devices there are, and opening one. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static int by_number(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	/* "/dev/tern10" comes after "/dev/tern9". */
	if (strlen(*x) != strlen(*y))
		return strlen(*x) < strlen(*y) ? -1 : 1;
	return strcmp(*x, *y);
}

bool find_devices(char ***paths, size_t *count)
{
	glob_t found;
	int ret;

	*paths = NULL;
	*count = 0;
	ret = glob("/dev/tern[0-9]*", 0, NULL, &found);
	if (ret)
		return ret != GLOB_NOSPACE;
	*paths = calloc(found.gl_pathc, sizeof(char *));
	for (size_t i = 0; *paths && i < found.gl_pathc; i++) {
		(*paths)[i] = strdup(found.gl_pathv[i]);
		if (!(*paths)[i])
			break;
		++*count;
	}
	globfree(&found);
	if (*paths)
		qsort(*paths, *count, sizeof(char *), by_number);
	return *paths;
}

void free_devices(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}

static char *default_spec(void)
{
	char *spec = NULL;
	char **paths;
	size_t count;

	if (!find_devices(&paths, &count))
		return NULL;
	spec = strdup(count ? paths[0] : "sim");
	free_devices(paths, count);
	return spec;
}

struct tern_device *open_device(const char *spec, char **used)
{
	char *chosen = spec ? strdup(spec) : default_spec();
	struct tern_device *dev = NULL;

	if (!chosen || tern_open(chosen, &dev)) {
		fprintf(stderr, "tern: %s\n", dev ? tern_error(dev) : strerror(ENOMEM));
		tern_close(dev);
		free(chosen);
		return NULL;
	}
	if (used)
		*used = chosen;
	else
		free(chosen);
	return dev;
}
