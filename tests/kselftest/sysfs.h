/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests' way to the files of /sys.
 */
#ifndef TERN_TEST_SYSFS_H
#define TERN_TEST_SYSFS_H

#include <libgen.h>
#include <limits.h>
#include <stdio.h>

#include "calls.h"

#define TERN_MODULE_TIMEOUT	"/sys/module/tern/parameters/timeout_ms"
#define TERN_DRIVER		"/sys/bus/pci/drivers/tern/"
#define TRACING			"/sys/kernel/debug/tracing"

/* Write a string to a file; 0 or a negative errno. */
static inline int put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

/* Read a file's first line, without its end; "" on failure. */
static inline void get_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");

	text[0] = '\0';
	if (!file)
		return;
	if (fgets(text, size, file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

/* A whole file's text, in a buffer that the next call takes. */
static inline const char *whole_text(const char *path)
{
	static char text[1 << 20];
	size_t have = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && have < sizeof(text) - 1 &&
	       (got = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += got;
	text[have] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* The class attribute @name of the device under test. */
static inline void class_path(char *path, const char *name)
{
	char device[PATH_MAX];

	snprintf(device, sizeof(device), "%s", tern_path());
	snprintf(path, PATH_MAX, "/sys/class/tern/%.64s/%s", basename(device), name);
}

static inline int class_put(const char *name, const char *text)
{
	char path[PATH_MAX];

	class_path(path, name);
	return put_text(path, text);
}

static inline void class_get(const char *name, char *text, size_t size)
{
	char path[PATH_MAX];

	class_path(path, name);
	get_text(path, text, size);
}

/* The value of a line "key:<tab>value ..." of a file's fdinfo; -1 without one. */
static inline long long usage(int fd, const char *key)
{
	char path[64], line[256];
	size_t length = strlen(key);
	long long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, length) && !strncmp(line + length, ":\t", 2))
			value = strtoll(line + length + 2, NULL, 0);
	if (file)
		fclose(file);
	return value;
}

/* PCI address of the device under test, such as 0000:00:01.0; "" without one. */
static inline void pci_address(char *address, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX] = "";

	class_path(path, "device");
	address[0] = '\0';
	if (readlink(path, target, sizeof(target) - 1) > 0)
		snprintf(address, size, "%s", basename(target));
}

#endif /* TERN_TEST_SYSFS_H */
