// SPDX-License-Identifier: Apache-2.0
/*
 * The median time of a SUBMIT of so many NOPs and a WAIT for them.
 *
 * Usage: roundtrip DEVICE COUNT ROUNDS; prints nanoseconds. Exit: 0 measured, 1 failed, 2 usage
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tern.h"

#define NS_PER_S	1000000000ll
#define LIMIT_S		60

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int round_trip(int fd, const struct tern_cmd *cmds, uint32_t count,
		      struct tern_result *results)
{
	struct tern_submit submit = {
		.size = sizeof(submit),
		.count = count,
		.cmd_size = sizeof(*cmds),
		.cmds = (uintptr_t)cmds,
	};
	struct tern_wait wait = {
		.size = sizeof(wait),
		.count = count,
		.result_size = sizeof(*results),
		.results = (uintptr_t)results,
		.timeout_ns = now_ns() + LIMIT_S * NS_PER_S,
	};
	uint32_t i;

	if (ioctl(fd, TERN_IOCTL_SUBMIT, &submit))
		return -errno;
	wait.first = submit.first;
	if (ioctl(fd, TERN_IOCTL_WAIT, &wait))
		return -errno;
	for (i = 0; i < count; i++)
		if (results[i].error)
			return results[i].error;
	return 0;
}

int main(int argc, char **argv)
{
	long count = argc == 4 ? atol(argv[2]) : 0, rounds = argc == 4 ? atol(argv[3]) : 0, i;
	static struct tern_cmd cmds[TERN_SUBMIT_MAX];
	static struct tern_result results[TERN_SUBMIT_MAX];
	int64_t *times, start;
	int fd, ret;

	if (count < 1 || count > TERN_SUBMIT_MAX || rounds < 1 || rounds > 1000000) {
		fprintf(stderr, "usage: roundtrip DEVICE COUNT ROUNDS\n");
		return 2;
	}
	times = calloc(rounds, sizeof(*times));
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (!times || fd < 0) {
		perror(argv[1]);
		return 1;
	}
	for (i = 0; i < count; i++)
		cmds[i].op = TERN_OP_NOP;
	for (i = 0; i < rounds; i++) {
		start = now_ns();
		ret = round_trip(fd, cmds, count, results);
		times[i] = now_ns() - start;
		if (ret) {
			fprintf(stderr, "%s: %s\n", argv[1], strerror(-ret));
			return 1;
		}
	}
	qsort(times, rounds, sizeof(*times), compare);
	printf("%lld\n", (long long)times[rounds / 2]);
	return 0;
}
