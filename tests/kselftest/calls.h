/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ioctls as functions that return 0 or a negative errno, and commands for them.
 */
#ifndef TERN_TEST_CALLS_H
#define TERN_TEST_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tern.h"
#include "tern_abi.h"

#define PAGE		4096ul
#define MIB		(1024 * 1024ul)
#define BEAT		((uint64_t)TERN_BEAT_BYTES)
#define NS_PER_S	1000000000ll
/* Longer than any job here takes on a simulated device. */
#define LONG_S		60
/* Bytes that keep a simulated device busy for a second or so. */
#define BUSY_BYTES	(16 * MIB)

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif
/* The device under test: $TERN_DEV, or the first there is: a file kept open keeps its number. */
static inline const char *tern_path(void)
{
	static char path[sizeof("/dev/ternN")] = "/dev/tern0";
	const char *named = getenv("TERN_DEV");
	char n;

	for (n = '0'; !named && n <= '9'; n++) {
		path[sizeof(path) - 2] = n;
		if (!access(path, F_OK))
			return path;
	}
	return named ?: "/dev/tern0";
}

static inline int do_open_file(void)
{
	int fd = open(tern_path(), O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static inline int do_call(int fd, unsigned long nr, void *arg)
{
	return ioctl(fd, nr, arg) ? -errno : 0;
}

static inline int do_info(int fd, struct tern_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return do_call(fd, TERN_IOCTL_INFO, info);
}

static inline int do_create(int fd, uint32_t kind, uint64_t bytes, uint32_t *handle)
{
	struct tern_bo_create args = { .size = sizeof(args), .kind = kind, .bytes = bytes };
	int ret = do_call(fd, TERN_IOCTL_BO_CREATE, &args);

	*handle = args.handle;
	return ret;
}

static inline int do_create_user(int fd, void *addr, uint64_t bytes, uint32_t flags,
				 uint32_t *handle)
{
	struct tern_bo_create args = {
		.size = sizeof(args),
		.kind = TERN_BO_USER,
		.flags = flags,
		.bytes = bytes,
		.user_addr = (uintptr_t)addr,
	};
	int ret = do_call(fd, TERN_IOCTL_BO_CREATE, &args);

	*handle = args.handle;
	return ret;
}

static inline int do_destroy(int fd, uint32_t handle)
{
	struct tern_bo_destroy args = { .size = sizeof(args), .handle = handle };

	return do_call(fd, TERN_IOCTL_BO_DESTROY, &args);
}

static inline int do_offset(int fd, uint32_t handle, uint64_t *offset)
{
	struct tern_bo_mmap args = { .size = sizeof(args), .handle = handle };
	int ret = do_call(fd, TERN_IOCTL_BO_MMAP, &args);

	*offset = args.offset;
	return ret;
}

/* NULL and errno on failure. */
static inline void *do_map(int fd, uint32_t handle, uint64_t bytes)
{
	uint64_t offset;
	void *addr;
	int ret = do_offset(fd, handle, &offset);

	if (ret) {
		errno = -ret;
		return NULL;
	}
	addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	return addr == MAP_FAILED ? NULL : addr;
}

static inline int do_submit(int fd, const struct tern_cmd *cmds, uint32_t count, uint64_t *first)
{
	struct tern_submit args = {
		.size = sizeof(args),
		.count = count,
		.cmd_size = sizeof(*cmds),
		.cmds = (uintptr_t)cmds,
	};
	int ret = do_call(fd, TERN_IOCTL_SUBMIT, &args);

	*first = args.first;
	return ret;
}

static inline int64_t do_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Waits till an absolute time; 0 looks only. */
static inline int do_wait_until(int fd, uint64_t first, uint32_t count, int64_t when,
				struct tern_result *results)
{
	struct tern_wait args = {
		.size = sizeof(args),
		.first = first,
		.count = count,
		.result_size = sizeof(*results),
		.results = (uintptr_t)results,
		.timeout_ns = when,
	};

	return do_call(fd, TERN_IOCTL_WAIT, &args);
}

static inline int do_wait(int fd, uint64_t first, uint32_t count, struct tern_result *results)
{
	return do_wait_until(fd, first, count, do_now() + LONG_S * NS_PER_S, results);
}

/* Waits for jobs by their numbers; @ended says how many were collected. */
static inline int do_wait_jobs(int fd, const uint64_t *jobs, uint32_t count, uint32_t flags,
			       int64_t when, struct tern_result *results, uint32_t *ended)
{
	struct tern_wait args = {
		.size = sizeof(args),
		.flags = flags,
		.count = count,
		.result_size = sizeof(*results),
		.results = (uintptr_t)results,
		.timeout_ns = when,
		.jobs = (uintptr_t)jobs,
	};
	int ret = do_call(fd, TERN_IOCTL_WAIT, &args);

	*ended = args.ended;
	return ret;
}

static inline int do_eventfd(int fd, int eventfd)
{
	struct tern_eventfd args = { .size = sizeof(args), .fd = eventfd };

	return do_call(fd, TERN_IOCTL_EVENTFD, &args);
}

static inline int do_context(int fd, struct tern_context *args)
{
	args->size = sizeof(*args);
	return do_call(fd, TERN_IOCTL_CONTEXT, args);
}

/* Run commands; the first result's error, or that of a call. */
static inline int do_run(int fd, const struct tern_cmd *cmds, uint32_t count)
{
	struct tern_result results[TERN_SUBMIT_MAX];
	uint64_t first;
	uint32_t i;
	int ret = do_submit(fd, cmds, count, &first);

	if (!ret)
		ret = do_wait(fd, first, count, results);
	for (i = 0; !ret && i < count; i++)
		ret = -results[i].error;
	return ret < 0 ? ret : -ret;
}

static inline struct tern_cmd cmd_nop(void)
{
	return (struct tern_cmd){ .op = TERN_OP_NOP };
}

static inline struct tern_cmd cmd_copy(uint32_t src, uint64_t src_offset, uint32_t dst,
				       uint64_t dst_offset, uint64_t length)
{
	return (struct tern_cmd){
		.op = TERN_OP_COPY,
		.src = { .handle = src, .offset = src_offset },
		.dst = { .handle = dst, .offset = dst_offset },
		.length = length,
	};
}

static inline struct tern_cmd cmd_fill(uint32_t dst, uint64_t offset, uint64_t length,
				       uint32_t pattern)
{
	return (struct tern_cmd){
		.op = TERN_OP_FILL,
		.dst = { .handle = dst, .offset = offset },
		.length = length,
		.pattern = pattern,
	};
}

/*
 * A GEMM of 4096 * @t cycles at least, all of it in one buffer of LONG_BYTES(t): work that lasts
 * however fast the simulator is with memory.
 */
#define LONG_N		512
#define LONG_K		16384
#define LONG_WEIGHTS	((uint64_t)LONG_N * LONG_K / 4)
#define LONG_BYTES(t)	(LONG_WEIGHTS + (uint64_t)(t) * (LONG_K + 4 * LONG_N))

static inline struct tern_cmd cmd_long(uint32_t handle, uint32_t t)
{
	return (struct tern_cmd){
		.op = TERN_OP_GEMM,
		.weights = { .handle = handle },
		.src = { .handle = handle, .offset = LONG_WEIGHTS, .stride = LONG_K },
		.dst = { .handle = handle, .offset = LONG_WEIGHTS + (uint64_t)t * LONG_K,
			 .stride = 4 * LONG_N },
		.n = LONG_N,
		.k = LONG_K,
		.t = t,
	};
}

/* Give the device @count jobs of a million cycles, in a buffer of BUSY_BYTES. */
static inline int do_busy(int fd, uint32_t handle, uint32_t count, uint64_t *first)
{
	struct tern_cmd cmds[64];
	uint32_t i;

	for (i = 0; i < count && i < 64; i++)
		cmds[i] = cmd_long(handle, 256);
	return do_submit(fd, cmds, i, first);
}

/* A pattern that tells places apart. */
static inline void pattern(void *buffer, size_t bytes, uint32_t seed)
{
	uint32_t *word = buffer;
	size_t i;

	for (i = 0; i < bytes / sizeof(*word); i++)
		word[i] = (uint32_t)(i + seed) * 2654435761u;
}

static inline int is_zero(const void *buffer, size_t bytes)
{
	const unsigned char *byte = buffer;

	return !bytes || (!byte[0] && !memcmp(byte, byte + 1, bytes - 1));
}

#endif /* TERN_TEST_CALLS_H */
