// SPDX-License-Identifier: Apache-2.0
/*
 * The vfio-user backend against the simulator: $TERNSIM, or build/ternsim.
 * What every device must do is in `tern selftest`; here is what the backend does
 * around it: buffers, many jobs, the caller's memory, deaths and hangs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "libtern.h"
#include "tern_abi.h"
#include "../vectors/vectors.h"

#define SECOND_NS	1000000000ll
#define LONG_NS		(120 * SECOND_NS)
#define PAGE		4096u

static char dir[] = "/tmp/tern-vfio-XXXXXX";

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct tern_device *open_it(const char *spec)
{
	struct tern_device *dev;
	int ret = tern_open(spec, &dev);

	if (ret)
		fail_msg("%s: %d, %s", spec, ret, tern_error(dev));
	return dev;
}

/* cmocka: one device for the tests that do not break it. */
static int setup_device(void **state)
{
	*state = open_it("sim");
	return 0;
}

static int teardown_device(void **state)
{
	tern_close(*state);
	return 0;
}

static void ok(struct tern_device *dev, int ret)
{
	if (ret)
		fail_msg("%d: %s", ret, tern_error(dev));
}

static void fails(struct tern_device *dev, int ret, int error, const char *words)
{
	if (ret != -error || !strstr(tern_error(dev), words))
		fail_msg("%d instead of %d, \"%s\"", ret, -error, tern_error(dev));
}

static struct tern_bo *new_bo(struct tern_device *dev, enum tern_bo_kind kind, uint64_t bytes)
{
	struct tern_bo *bo;

	ok(dev, tern_bo_create(dev, kind, bytes, &bo));
	assert_non_null(bo);
	return bo;
}

static struct tern_cmd copy_cmd(const struct tern_bo *src, const struct tern_bo *dst,
				uint64_t bytes)
{
	return (struct tern_cmd){
		.op = TERN_OP_COPY,
		.src.handle = tern_bo_handle(src),
		.dst.handle = tern_bo_handle(dst),
		.length = bytes,
	};
}

static void info_is_sane(void **state)
{
	struct tern_info info;

	ok(*state, tern_get_info(*state, &info));
	assert_int_equal(info.size, sizeof(info));
	assert_int_equal(info.lanes % 64, 0);
	assert_in_range(info.cols, 1, 255);
	assert_in_range(info.queues, 1, 16);
	assert_true(info.mem_size >= 1 << 20 && info.mem_free == info.mem_size);
	assert_true(info.host_bo_max >= 256 << 20);
	assert_true(info.clock_khz);
	assert_int_equal(info.reset_count, 0);
	assert_int_equal(tern_get_info(*state, NULL), -EINVAL);
}

/* The golden vectors, through the device. */
static void golden_vectors(void **state)
{
	struct tern_device *dev = *state;
	FILE *f = fopen(TERN_VECTORS_FILE, "r");
	struct tern_vector v;
	int ret;

	assert_non_null(f);
	while ((ret = tern_vector_read(f, &v)) > 0) {
		uint32_t x_stride = (v.k + 63) / 64 * 64, y_stride = (4 * v.n + 63) / 64 * 64;
		struct tern_bo *w = new_bo(dev, TERN_BO_DEVICE, v.n * v.row_bytes);
		struct tern_bo *x = new_bo(dev, TERN_BO_HOST, (uint64_t)x_stride * v.t);
		struct tern_bo *y = new_bo(dev, TERN_BO_HOST, (uint64_t)y_stride * v.t);
		struct tern_cmd cmd = {
			.op = TERN_OP_GEMM,
			.src = { .handle = tern_bo_handle(x), .stride = x_stride },
			.dst = { .handle = tern_bo_handle(y), .stride = y_stride },
			.weights.handle = tern_bo_handle(w),
			.n = v.n, .k = v.k, .t = v.t,
		};

		memcpy(tern_bo_map(w), v.p2, v.n * v.row_bytes);
		for (uint32_t t = 0; t < v.t; t++)
			memcpy((char *)tern_bo_map(x) + (size_t)t * x_stride,
			       v.x + (size_t)t * v.k, v.k);
		ok(dev, tern_run(dev, &cmd, 1, LONG_NS, NULL));
		for (uint32_t t = 0; t < v.t; t++)
			if (memcmp((char *)tern_bo_map(y) + (size_t)t * y_stride,
				   v.y + (size_t)t * v.n, 4 * v.n))
				fail_msg("%s: token %u differs", v.name, t);
		tern_bo_destroy(w);
		tern_bo_destroy(x);
		tern_bo_destroy(y);
		tern_vector_free(&v);
	}
	fclose(f);
	assert_int_equal(ret, 0);
}

static void buffers(void **state)
{
	struct tern_device *dev = *state;
	struct tern_bo *a, *b, *c, *none;
	struct tern_info info;
	struct tern_cmd cmd;
	uint32_t stale;

	fails(dev, tern_bo_create(dev, 7, 1, &none), EOPNOTSUPP, "kind 7");
	fails(dev, tern_bo_create(dev, TERN_BO_HOST, 0, &none), EINVAL, "at least 1");
	fails(dev, tern_bo_create(dev, TERN_BO_USER, 1, &none), EINVAL, "import");
	fails(dev, tern_bo_create(dev, TERN_BO_HOST, UINT64_MAX, &none), EOVERFLOW, "64 bits");
	fails(dev, tern_bo_create(dev, TERN_BO_HOST, 1ull << 40, &none), EINVAL, "at most");
	fails(dev, tern_bo_create(dev, TERN_BO_DEVICE, 1ull << 50, &none), ENOSPC, "device memory");
	assert_null(none);
	fails(dev, tern_bo_create(dev, TERN_BO_HOST, 1, NULL), EINVAL, "pointer");

	/* Every byte can be had, but not one page more, and comes back. */
	ok(dev, tern_get_info(dev, &info));
	a = new_bo(dev, TERN_BO_DEVICE, info.mem_free - PAGE);
	b = new_bo(dev, TERN_BO_DEVICE, 1);
	fails(dev, tern_bo_create(dev, TERN_BO_DEVICE, 1, &none), ENOSPC, "0 bytes");
	assert_int_equal(tern_bo_size(b), 1);
	tern_bo_destroy(a);
	tern_bo_destroy(b);
	ok(dev, tern_get_info(dev, &info));
	assert_int_equal(info.mem_free, info.mem_size);

	/* Freed in any order, holes merge. */
	a = new_bo(dev, TERN_BO_DEVICE, info.mem_free / 4);
	b = new_bo(dev, TERN_BO_DEVICE, info.mem_free / 4);
	c = new_bo(dev, TERN_BO_DEVICE, info.mem_free / 4);
	tern_bo_destroy(a);
	tern_bo_destroy(c);
	tern_bo_destroy(b);
	a = new_bo(dev, TERN_BO_DEVICE, info.mem_free);
	assert_ptr_equal(tern_bo_map(a), tern_bo_map(a));
	tern_bo_destroy(a);
	tern_bo_destroy(NULL);

	/* A stale handle is nobody's, even if its slot has a new buffer. */
	a = new_bo(dev, TERN_BO_HOST, PAGE);
	stale = tern_bo_handle(a);
	tern_bo_destroy(a);
	a = new_bo(dev, TERN_BO_HOST, PAGE);
	cmd = copy_cmd(a, a, 64);
	cmd.dst.handle = stale;
	fails(dev, tern_run(dev, &cmd, 1, LONG_NS, NULL), ENOENT, "there is no buffer");
	tern_bo_destroy(a);
}

/* More buffers than the table begins with, and all their contents are their own. */
static void many_buffers(void **state)
{
	struct tern_bo *bos[300];

	for (uint32_t i = 0; i < 300; i++) {
		bos[i] = new_bo(*state, i % 2 ? TERN_BO_HOST : TERN_BO_DEVICE, 100);
		memset(tern_bo_map(bos[i]), (int)i, 100);
	}
	for (uint32_t i = 0; i < 300; i++) {
		assert_int_equal(*(uint8_t *)tern_bo_map(bos[i]), (uint8_t)i);
		tern_bo_destroy(bos[i]);
	}
}

/* A buffer can go while its job has not ended; its memory is not given out before. */
static void destroyed_in_flight(void **state)
{
	struct tern_device *dev = *state;
	struct tern_info before, after;
	struct tern_cmd cmds[8];
	struct tern_bo *src, *dst;
	uint64_t first;

	ok(dev, tern_get_info(dev, &before));
	src = new_bo(dev, TERN_BO_HOST, 1 << 20);
	dst = new_bo(dev, TERN_BO_DEVICE, 1 << 20);
	for (int i = 0; i < 8; i++)
		cmds[i] = copy_cmd(src, dst, 1 << 20);
	ok(dev, tern_submit(dev, cmds, 8, &first));
	tern_bo_destroy(src);
	tern_bo_destroy(dst);
	ok(dev, tern_get_info(dev, &after));
	assert_true(after.mem_free < before.mem_free);
	ok(dev, tern_wait(dev, first, 8, LONG_NS, NULL));
	ok(dev, tern_get_info(dev, &after));
	assert_int_equal(after.mem_free, before.mem_free);
}

/* As many jobs as there may be: more than the ring has room for. */
static void many_jobs(void **state)
{
	struct tern_device *dev = *state;
	struct tern_cmd *cmds = calloc(TERN_SUBMIT_MAX, sizeof(*cmds));
	struct tern_result result;
	struct tern_bo *bo = new_bo(dev, TERN_BO_DEVICE, PAGE);
	uint64_t first, later, wrong;

	assert_non_null(cmds);
	for (uint32_t i = 0; i < TERN_SUBMIT_MAX; i++)
		cmds[i] = (struct tern_cmd){
			.op = TERN_OP_FILL,
			.dst = { .handle = tern_bo_handle(bo), .offset = 64 * (i % 64) },
			.length = 64,
			.pattern = i,
		};
	ok(dev, tern_submit(dev, cmds, TERN_SUBMIT_MAX, &first));
	for (int i = 1; i < TERN_JOBS_MAX / TERN_SUBMIT_MAX; i++) {
		ok(dev, tern_submit(dev, cmds, TERN_SUBMIT_MAX, &later));
		assert_int_equal(later, first + (uint64_t)i * TERN_SUBMIT_MAX);
	}
	fails(dev, tern_submit(dev, cmds, 1, &wrong), EAGAIN, "4096");
	fails(dev, tern_submit(dev, cmds, TERN_SUBMIT_MAX + 1, &wrong), EINVAL, "1025");
	fails(dev, tern_submit(dev, cmds, 0, &wrong), EINVAL, "count of 0");
	fails(dev, tern_submit(dev, NULL, 1, &wrong), EINVAL, "NULL");

	/* The last first, then one from the middle, then all the others. */
	ok(dev, tern_wait(dev, first + TERN_JOBS_MAX - 1, 1, LONG_NS, &result));
	assert_int_equal(((uint32_t *)tern_bo_map(bo))[16 * 63], TERN_SUBMIT_MAX - 1);
	assert_int_equal(result.mem_written, 64);
	ok(dev, tern_wait(dev, first + 2000, 1, 0, NULL));
	fails(dev, tern_wait(dev, first + 1999, 2, 0, NULL), ENOENT, "job");
	for (uint32_t i = 0; i < TERN_JOBS_MAX - 1; i++)
		if (i != 2000)
			ok(dev, tern_wait(dev, first + i, 1, 0, NULL));
	fails(dev, tern_wait(dev, first, 1, 0, NULL), ENOENT, "collected");
	tern_bo_destroy(bo);
	free(cmds);
}

static void timeouts(void **state)
{
	struct tern_device *dev = *state;
	struct tern_bo *bo = new_bo(dev, TERN_BO_DEVICE, 32 << 20);
	struct tern_cmd fill = {
		.op = TERN_OP_FILL,
		.dst.handle = tern_bo_handle(bo),
		.length = 32 << 20,
	};
	uint64_t first;
	double start;

	ok(dev, tern_submit(dev, &fill, 1, &first));
	fails(dev, tern_wait(dev, first, 1, 0, NULL), ETIME, "0 ns");
	start = now_s();
	fails(dev, tern_wait(dev, first, 1, 3000000, NULL), ETIME, "3000000 ns");
	assert_true(now_s() - start < 1.0);
	ok(dev, tern_wait(dev, first, 1, -1, NULL));
	tern_bo_destroy(bo);
}

/* Jobs by their numbers, of several batches, all or as they end. */
static void waits_by_number(void **state)
{
	struct tern_device *dev = *state;
	struct tern_bo *bo = new_bo(dev, TERN_BO_DEVICE, 32 << 20);
	struct tern_cmd cmds[4];
	struct tern_result results[4];
	uint32_t ended, collected = 0, calls = 0;
	uint64_t first, second, jobs[4];

	for (int i = 0; i < 4; i++)
		cmds[i] = (struct tern_cmd){
			.op = TERN_OP_FILL,
			.dst.handle = tern_bo_handle(bo),
			.length = 8 << 20,
		};
	ok(dev, tern_submit(dev, cmds, 4, &first));
	ok(dev, tern_submit(dev, cmds, 4, &second));
	for (int i = 0; i < 4; i++)
		jobs[i] = first + 2 * i;
	fails(dev, tern_wait_any(dev, &jobs[3], 1, 0, NULL, &ended), ETIME, "0 ns");
	assert_int_equal(ended, 0);
	while (collected < 4) {
		memset(results, 0, sizeof(results));
		ok(dev, tern_wait_any(dev, jobs + collected, 4 - collected, LONG_NS, results,
				      &ended));
		assert_in_range(ended, 1, 4 - collected);
		for (uint32_t i = 0; i < 4; i++)
			assert_int_equal(results[i].mem_written, i < ended ? 8 << 20 : 0);
		collected += ended;
		calls++;
	}
	assert_true(calls >= 2);
	fails(dev, tern_wait_any(dev, jobs, 1, LONG_NS, NULL, &ended), ENOENT, "collected");

	for (int i = 0; i < 4; i++)
		jobs[i]++;
	ok(dev, tern_wait_all(dev, jobs, 4, LONG_NS, results));
	for (int i = 0; i < 4; i++)
		assert_int_equal(results[i].mem_written, 8 << 20);
	fails(dev, tern_wait(dev, first, 1, 0, NULL), ENOENT, "collected");

	jobs[1] = jobs[0];
	fails(dev, tern_wait_all(dev, jobs, 4, LONG_NS, NULL), EINVAL, "ascend");
	fails(dev, tern_wait_any(dev, jobs, 4, LONG_NS, NULL, &ended), EINVAL, "ascend");
	fails(dev, tern_wait_all(dev, NULL, 4, LONG_NS, NULL), EINVAL, "NULL");
	fails(dev, tern_wait_any(dev, jobs, 1, LONG_NS, NULL, NULL), EINVAL, "NULL");
	fails(dev, tern_wait_all(dev, jobs, 0, LONG_NS, NULL), EINVAL, "count of 0");
	tern_bo_destroy(bo);
}

/* One call collects all that have ended, and not more. */
static void waits_for_ended(void **state)
{
	struct tern_device *dev = *state;
	struct tern_cmd cmds[3] = {
		{ .op = TERN_OP_NOP },
		{ .op = TERN_OP_NOP },
		{ .op = TERN_OP_NOP },
	};
	struct tern_result results[2];
	uint32_t ended;
	uint64_t jobs[2];

	ok(dev, tern_submit(dev, cmds, 3, &jobs[0]));
	jobs[1] = jobs[0] + 1;
	ok(dev, tern_wait(dev, jobs[0] + 2, 1, LONG_NS, NULL));
	ok(dev, tern_wait_any(dev, jobs, 2, 0, results, &ended));
	assert_int_equal(ended, 2);
	assert_int_equal(results[1].error, 0);
	assert_true(results[1].cycles > 0);
}

static void user_memory(void **state)
{
	struct tern_device *dev = *state;
	/* Longer than a bounce buffer, and not a multiple of it. */
	const size_t bytes = (3 << 20) + 8 * PAGE;
	uint8_t *memory = aligned_alloc(PAGE, bytes);
	uint8_t *other = aligned_alloc(PAGE, bytes);
	struct tern_bo *user, *back, *mem;
	struct tern_cmd cmds[4];
	struct tern_result results[4];

	assert_non_null(memory);
	assert_non_null(other);
	fails(dev, tern_bo_import_user(dev, memory + 64, PAGE, 0, &user), EINVAL, "page");
	fails(dev, tern_bo_import_user(dev, NULL, PAGE, 0, &user), EINVAL, "page");
	fails(dev, tern_bo_import_user(dev, memory, PAGE, 8, &user), EOPNOTSUPP, "0x8");
	fails(dev, tern_bo_import_user(dev, (void *)-(uintptr_t)PAGE, 2 * PAGE, 0, &user),
	      EOVERFLOW, "end of memory");
	fails(dev, tern_bo_import_user(dev, (void *)(uintptr_t)PAGE, PAGE, 0, &user), EFAULT,
	      "mapped");

	ok(dev, tern_bo_import_user(dev, memory, bytes, TERN_BO_READ_ONLY, &user));
	ok(dev, tern_bo_import_user(dev, other, bytes, 0, &back));
	mem = new_bo(dev, TERN_BO_DEVICE, bytes);
	assert_ptr_equal(tern_bo_map(user), memory);
	for (size_t i = 0; i < bytes; i++)
		memory[i] = (uint8_t)(i * 7 + i / 251);
	memset(other, 0, bytes);

	/* There and back in one submit, around a FILL: order is kept. */
	cmds[0] = (struct tern_cmd){ .op = TERN_OP_FILL, .dst.handle = tern_bo_handle(mem),
				     .length = bytes, .pattern = 0x99999999 };
	cmds[1] = copy_cmd(user, mem, bytes - 5);
	cmds[2] = copy_cmd(mem, back, bytes);
	cmds[3] = copy_cmd(back, mem, PAGE);
	ok(dev, tern_run(dev, cmds, 4, LONG_NS, results));
	assert_memory_equal(other, memory, bytes - 5);
	for (size_t i = bytes - 5; i < bytes; i++)
		assert_int_equal(other[i], 0x99);
	/* The parts' costs add up. */
	assert_true(results[1].mem_written >= bytes - 64 && results[1].host_read >= bytes - 64);
	assert_true(results[2].mem_read >= bytes - 64 && results[2].cycles);

	cmds[0] = copy_cmd(mem, user, 64);
	fails(dev, tern_run(dev, cmds, 1, LONG_NS, NULL), EINVAL, "read-only");
	cmds[0] = (struct tern_cmd){ .op = TERN_OP_FILL, .dst.handle = tern_bo_handle(back),
				     .length = 64 };
	fails(dev, tern_run(dev, cmds, 1, LONG_NS, NULL), EOPNOTSUPP, "caller's memory");
	tern_bo_destroy(user);
	tern_bo_destroy(back);
	tern_bo_destroy(mem);
	free(memory);
	free(other);
}

/* The caller may free its memory as soon as its buffer is destroyed. */
static void user_memory_freed_in_flight(void **state)
{
	const size_t bytes = (2 << 20) + PAGE;
	struct tern_device *dev = *state;
	uint8_t *memory = aligned_alloc(PAGE, bytes);
	struct tern_bo *mem = new_bo(dev, TERN_BO_DEVICE, bytes);
	struct tern_bo *user;
	struct tern_cmd cmds[2];
	uint64_t first;

	assert_non_null(memory);
	memset(memory, 0x44, bytes);
	ok(dev, tern_bo_import_user(dev, memory, bytes, 0, &user));
	cmds[0] = copy_cmd(user, mem, bytes);
	cmds[1] = copy_cmd(mem, user, bytes);
	ok(dev, tern_submit(dev, cmds, 2, &first));
	tern_bo_destroy(user);
	free(memory);
	ok(dev, tern_wait(dev, first, 2, LONG_NS, NULL));
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(((uint8_t *)tern_bo_map(mem))[i], 0x44);
	tern_bo_destroy(mem);
}

/* Children of this process: the simulator, if there is just one. */
static int children(pid_t *one)
{
	char path[64];
	int count = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "r");
	assert_non_null(f);
	while (fscanf(f, "%d", one) == 1)
		count++;
	fclose(f);
	return count;
}

static int open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(fds);
	while (readdir(fds))
		count++;
	closedir(fds);
	return count;
}

static void killed_under_a_job(void **state)
{
	struct tern_device *dev = open_it("sim");
	struct tern_bo *bo = new_bo(dev, TERN_BO_DEVICE, 64 << 20);
	struct tern_cmd fill = {
		.op = TERN_OP_FILL,
		.dst.handle = tern_bo_handle(bo),
		.length = 64 << 20,
	};
	struct tern_result results[32];
	struct tern_cmd cmds[32];
	struct tern_info info;
	struct tern_bo *none;
	uint64_t first;
	double start;
	pid_t sim;

	(void)state;
	/* More than any simulator does before it is killed. */
	for (int i = 0; i < 32; i++)
		cmds[i] = fill;
	ok(dev, tern_submit(dev, cmds, 32, &first));
	assert_int_equal(children(&sim), 1);
	kill(sim, SIGKILL);
	start = now_s();
	fails(dev, tern_wait(dev, first, 32, -1, results), ENODEV, "closed the connection");
	assert_true(now_s() - start < 2.0);
	assert_int_equal(results[31].error, -ENODEV);

	/* All else says the same, and destroying and closing go on. */
	fails(dev, tern_submit(dev, cmds, 1, &first), ENODEV, "closed the connection");
	fails(dev, tern_bo_create(dev, TERN_BO_HOST, 1, &none), ENODEV, "gone");
	fails(dev, tern_get_info(dev, &info), ENODEV, "gone");
	tern_bo_destroy(bo);
	start = now_s();
	tern_close(dev);
	assert_true(now_s() - start < 1.0);
	assert_int_equal(children(&sim), 0);
}

static void killed_while_idle(void **state)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	struct tern_device *dev = open_it("sim");
	pid_t sim;

	(void)state;
	assert_int_equal(children(&sim), 1);
	kill(sim, SIGKILL);
	fails(dev, tern_run(dev, &nop, 1, -1, NULL), ENODEV, "");
	tern_close(dev);
}

static void write_text(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

/*
 * No completion ever arrives: the device is reset, the job reported, the next one too. The
 * simulator is started by a script that adds the faults.
 */
static void hung_job(void **state)
{
	const struct tern_cmd nops[3] = { { .op = TERN_OP_NOP }, { .op = TERN_OP_NOP } };
	char *program = strdup(getenv("TERNSIM"));
	struct tern_result results[3];
	struct tern_device *dev;
	struct tern_info info;
	char script[64], faults[64], text[256];

	(void)state;
	snprintf(faults, sizeof(faults), "%s/faults", dir);
	write_text(faults, "completion lost count=all\n", 0600);
	snprintf(script, sizeof(script), "%s/ternsim", dir);
	assert_in_range(snprintf(text, sizeof(text), "#!/bin/sh\nexec %s --faults %s \"$@\"\n",
				 program, faults), 1, sizeof(text) - 1);
	write_text(script, text, 0700);
	setenv("TERNSIM", script, 1);
	setenv("TERN_HANG_MS", "10", 1);
	dev = open_it("sim");
	unsetenv("TERN_HANG_MS");
	setenv("TERNSIM", program, 1);
	free(program);
	unlink(script);
	unlink(faults);
	fails(dev, tern_run(dev, nops, 3, LONG_NS, results), ETIMEDOUT, "hung");
	assert_int_equal(results[0].error, -ETIMEDOUT);
	assert_int_equal(results[1].error, -ECANCELED);
	assert_int_equal(results[2].error, -ECANCELED);
	ok(dev, tern_get_info(dev, &info));
	assert_int_equal(info.reset_count, 1);
	fails(dev, tern_run(dev, nops, 1, LONG_NS, results), ETIMEDOUT, "hung");
	tern_close(dev);
}

static void bad_configuration(void **state)
{
	struct tern_device *dev;

	(void)state;
	assert_int_equal(tern_open("sim:no-such-configuration", &dev), -ENODEV);
	assert_non_null(strstr(tern_error(dev), "status 2"));
	tern_close(dev);
}

/* Closing with jobs in flight does not wait for them. */
static void closed_in_flight(void **state)
{
	struct tern_device *dev = open_it("sim");
	struct tern_bo *bo = new_bo(dev, TERN_BO_DEVICE, 64 << 20);
	uint8_t *memory = aligned_alloc(PAGE, PAGE);
	struct tern_bo *user;
	struct tern_cmd cmds[2] = { {
		.op = TERN_OP_FILL,
		.dst.handle = tern_bo_handle(bo),
		.length = 64 << 20,
	} };
	uint64_t first;
	double start;
	pid_t sim;

	(void)state;
	assert_non_null(memory);
	ok(dev, tern_bo_import_user(dev, memory, PAGE, 0, &user));
	cmds[1] = copy_cmd(bo, user, PAGE);
	ok(dev, tern_submit(dev, cmds, 2, &first));
	start = now_s();
	tern_close(dev);
	free(memory);
	assert_true(now_s() - start < 3.0);
	assert_int_equal(children(&sim), 0);
}

/* A hundred lives leave nothing behind: files and processes here, memory by the sanitizer. */
static void open_and_close(void **state)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	int before = open_files();
	pid_t sim;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct tern_device *dev = open_it("sim");

		new_bo(dev, TERN_BO_HOST, PAGE);
		if (i % 10 == 0)
			ok(dev, tern_run(dev, &nop, 1, LONG_NS, NULL));
		tern_close(dev);
	}
	assert_int_equal(open_files(), before);
	assert_int_equal(children(&sim), 0);
}

/* A simulator has nothing of ours but its socket: a pipe ends when we end it. */
static void descriptors_stay_here(void **state)
{
	struct tern_device *dev;
	struct pollfd end;
	int pipes[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	dev = open_it("sim");
	close(pipes[1]);
	end = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
	assert_int_equal(poll(&end, 1, 0), 1);
	assert_int_equal(read(pipes[0], &byte, 1), 0);
	close(pipes[0]);
	tern_close(dev);
}

/* A program without standard streams: the socket must not become one of the simulator's. */
static void no_standard_streams(void **state)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	struct tern_device *dev;
	int saved[3], ret;
	double start;

	(void)state;
	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	ret = tern_open("sim", &dev);
	if (!ret)
		ret = tern_run(dev, &nop, 1, LONG_NS, NULL);
	start = now_s();
	tern_close(dev);
	for (int i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	assert_int_equal(ret, 0);
	assert_true(now_s() - start < 1.0);
}

static pid_t start_server(const char *path)
{
	const char *program = getenv("TERNSIM");
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		/* Not to hold our output open when a test fails before it ends it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 2);
		execl(program, program, "--socket", path, NULL);
		_exit(127);
	}
	for (int i = 0; i < 1000 && access(path, F_OK); i++)
		usleep(10000);
	return pid;
}

/* A running simulator: one client at a time, the next one finds the card as new. */
static void running_simulator(void **state)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	struct tern_device *dev, *second;
	struct tern_bo *bo;
	char spec[300];
	pid_t sim;

	(void)state;
	snprintf(spec, sizeof(spec), "vfio-user:%s/socket", dir);
	sim = start_server(spec + 10);
	for (int i = 0; i < 3; i++) {
		dev = open_it(spec);
		bo = new_bo(dev, TERN_BO_DEVICE, PAGE);
		assert_int_equal(*(uint8_t *)tern_bo_map(bo), 0);
		memset(tern_bo_map(bo), 0xee, PAGE);
		if (tern_open(spec, &second) != -EBUSY ||
		    !strstr(tern_error(second), "another program"))
			fail_msg("a second client: %s", tern_error(second));
		tern_close(second);
		ok(dev, tern_run(dev, &nop, 1, LONG_NS, NULL));
		tern_close(dev);
	}
	kill(sim, SIGTERM);
	waitpid(sim, NULL, 0);
}

static int make_dir(void **state)
{
	(void)state;
	setenv("TERNSIM", "build/ternsim", 0);
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/socket", dir);
	unlink(path);
	return rmdir(dir);
}

#define WITH_DEVICE(test) cmocka_unit_test_setup_teardown(test, setup_device, teardown_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DEVICE(info_is_sane),
		WITH_DEVICE(golden_vectors),
		WITH_DEVICE(buffers),
		WITH_DEVICE(many_buffers),
		WITH_DEVICE(destroyed_in_flight),
		WITH_DEVICE(many_jobs),
		WITH_DEVICE(timeouts),
		WITH_DEVICE(waits_by_number),
		WITH_DEVICE(waits_for_ended),
		WITH_DEVICE(user_memory),
		WITH_DEVICE(user_memory_freed_in_flight),
		cmocka_unit_test(killed_under_a_job),
		cmocka_unit_test(killed_while_idle),
		cmocka_unit_test(hung_job),
		cmocka_unit_test(bad_configuration),
		cmocka_unit_test(closed_in_flight),
		cmocka_unit_test(open_and_close),
		cmocka_unit_test(descriptors_stay_here),
		cmocka_unit_test(no_standard_streams),
		cmocka_unit_test(running_simulator),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib_vfio", tests, make_dir, remove_dir);
}
