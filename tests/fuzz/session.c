// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "session.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int session_next(const uint8_t *session, size_t bytes, size_t *at, struct session_step *step,
		 const uint8_t **data)
{
	size_t left;

	if (bytes - *at < sizeof(*step))
		return 0;
	memcpy(step, session + *at, sizeof(*step));
	*at += sizeof(*step);
	left = bytes - *at;
	if (step->bytes > left)
		step->bytes = left;
	step->kind %= SESSION_KINDS;
	*data = session + *at;
	*at += step->bytes;
	return 1;
}

unsigned int session_file_count(const struct session_step *step)
{
	const unsigned int count = step->files & 15;

	return count == 15 ? SESSION_MAX_FILES : count;
}

enum session_file session_file_kind(const struct session_step *step)
{
	return (enum session_file)(step->files >> 4 & 7);
}

static int open_memory(uint64_t bytes, int read_only)
{
	int fd = memfd_create("session", MFD_CLOEXEC);
	char path[64];
	int again;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)bytes)) {
		close(fd);
		return -1;
	}
	if (!read_only)
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return again;
}

static int open_pair(int socket)
{
	int fds[2];

	if (socket ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) :
		     pipe2(fds, O_CLOEXEC))
		return -1;
	close(fds[0]);
	return fds[1];
}

static int open_full(void)
{
	const uint64_t most = UINT64_MAX - 1;
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd >= 0 && write(fd, &most, sizeof(most)) != sizeof(most)) {
		close(fd);
		return -1;
	}
	return fd;
}

int session_open(enum session_file kind)
{
	switch (kind) {
	case SESSION_MEMORY:
		return open_memory(SESSION_MEMORY_BYTES, 0);
	case SESSION_EVENTFD:
		return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	case SESSION_BLOCKING:
		return eventfd(0, EFD_CLOEXEC);
	case SESSION_SMALL:
		return open_memory(SESSION_SMALL_BYTES, 0);
	case SESSION_READ_ONLY:
		return open_memory(SESSION_SMALL_BYTES, 1);
	case SESSION_PIPE:
		return open_pair(0);
	case SESSION_SOCKET:
		return open_pair(1);
	default:
		return open_full();
	}
}
