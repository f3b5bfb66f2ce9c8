/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's control socket as a guest sees it: a serial port, of tools/lab/run --faults.
 */
#ifndef TERN_TEST_FAULTS_H
#define TERN_TEST_FAULTS_H

#include <stdio.h>
#include <termios.h>

#include "calls.h"

/* Longer than the simulator takes for an answer, on a busy machine. */
#define FAULT_ANSWER_MS	20000

static inline const char *faults_path(void)
{
	return getenv("TERN_FAULTS") ?: "/dev/ttyS4";
}

/* A descriptor or a negative errno. */
static inline int faults_open(void)
{
	int fd = open(faults_path(), O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd < 0)
		return -errno;
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		raw.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &raw);
		tcflush(fd, TCIFLUSH);
	}
	return fd;
}

/*
 * Say a line. Returns 0 if the answer is "ok", -EBADMSG if it is an error, which is printed, or
 * -ETIMEDOUT. What comes before the last line is in @text, if there is one.
 */
static inline int faults_say(int fd, const char *line, char *text, size_t size)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t have = 0, begin = 0;
	char answer[8192];

	if (dprintf(fd, "%s\n", line) < 0)
		return -errno;
	while (have < sizeof(answer) - 1) {
		if (poll(&pfd, 1, FAULT_ANSWER_MS) != 1 || read(fd, answer + have, 1) != 1)
			break;
		if (answer[have++] != '\n')
			continue;
		answer[have - 1] = '\0';
		if (!strncmp(answer + begin, "ok", 2)) {
			answer[begin] = '\0';
			if (text)
				snprintf(text, size, "%s", answer);
			return 0;
		}
		if (!strncmp(answer + begin, "error: ", 7)) {
			printf("# '%s': %s\n", line, answer + begin);
			return -EBADMSG;
		}
		answer[have - 1] = '\n';
		begin = have;
	}
	printf("# '%s' got no answer\n", line);
	return -ETIMEDOUT;
}

/* A number of the simulator's statistics, the first one called so; or -1. */
static inline long long faults_count(int fd, const char *name)
{
	char text[8192], key[64];
	const char *at;

	if (faults_say(fd, "statistics", text, sizeof(text)))
		return -1;
	snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(text, key);
	return at ? atoll(at + strlen(key)) : -1;
}

#endif /* TERN_TEST_FAULTS_H */
