/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's perf PMU, without the perf tool.
 */
#ifndef TERN_TEST_PMU_H
#define TERN_TEST_PMU_H

#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "sysfs.h"

#define EVENT_SOURCES	"/sys/bus/event_source/devices"

enum {
	CYCLES, ARRAY_BUSY, STALL_WEIGHTS, STALL_ACTIVATIONS, STALL_RESULTS, BYTES_READ,
	BYTES_WRITTEN, HOST_BYTES_READ, HOST_BYTES_WRITTEN, JOBS, EVENTS
};

static const char * const event_names[EVENTS] = {
	"cycles", "array_busy", "stall_weights", "stall_activations", "stall_results",
	"bytes_read", "bytes_written", "host_bytes_read", "host_bytes_written", "jobs",
};

/* The folder of the PMU of the device under test: of /dev/tern3 that of tern_3. */
static inline void pmu_path(char *path, size_t size)
{
	snprintf(path, size, EVENT_SOURCES "/tern_%.8s", tern_path() + strlen("/dev/tern"));
}

/* An attribute's text; "" without one. */
static inline void pmu_get(const char *name, char *text, size_t size)
{
	char path[PATH_MAX / 2], file[PATH_MAX];

	pmu_path(path, sizeof(path));
	snprintf(file, sizeof(file), "%s/%s", path, name);
	get_text(file, text, size);
}

static inline int pmu_cpu(void)
{
	char text[64];

	pmu_get("cpumask", text, sizeof(text));
	return text[0] ? atoi(text) : -1;
}

/* The event as the kernel describes it; .type is 0 when there is no such PMU. */
static inline struct perf_event_attr pmu_attr(const char *name)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	char text[64], file[64];

	pmu_get("type", text, sizeof(text));
	attr.type = atoi(text);
	snprintf(file, sizeof(file), "events/%s", name);
	pmu_get(file, text, sizeof(text));
	attr.config = !strncmp(text, "event=", 6) ? strtoull(text + 6, NULL, 0) : ~0ull;
	return attr;
}

/* A descriptor or a negative errno. */
static inline int event_open_of(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	int fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static inline int event_open(int event)
{
	struct perf_event_attr attr = pmu_attr(event_names[event]);

	return attr.type ? event_open_of(&attr, -1, pmu_cpu()) : -ENOENT;
}

/* -1 on failure, which no count can be. */
static inline uint64_t event_read(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : UINT64_MAX;
}

#endif /* TERN_TEST_PMU_H */
