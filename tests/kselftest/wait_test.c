// SPDX-License-Identifier: Apache-2.0
/*
 * WAIT and poll(): in time, too late, interrupted, once.
 */
#include <pthread.h>
#include <signal.h>

#include "tern_test.h"

TERN_FIXTURE;

TEST_F(tern, unknown_jobs)
{
	struct tern_cmd nop = cmd_nop();
	uint64_t first;

	EXPECT_ERR(ENOENT, do_wait(self->fd, 0, 1, NULL));
	EXPECT_ERR(ENOENT, do_wait(self->fd, 1, 1, NULL));
	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	EXPECT_ERR(ENOENT, do_wait(self->fd, first + 1, 1, NULL));
	EXPECT_ERR(ENOENT, do_wait(self->fd, first, 2, NULL));
	EXPECT_ERR(ENOENT, do_wait(self->fd, UINT64_MAX, 1, NULL));
	EXPECT_OK(do_wait(self->fd, first, 1, NULL));
}

TEST_F(tern, results_once)
{
	struct tern_cmd cmds[3] = { cmd_nop(), cmd_nop(), cmd_nop() };
	struct tern_result results[3];
	uint64_t first;

	ASSERT_OK(do_submit(self->fd, cmds, 3, &first));
	EXPECT_OK(do_wait(self->fd, first + 1, 1, results));
	EXPECT_ERR(ENOENT, do_wait(self->fd, first + 1, 1, results));
	/* One of them is collected: nothing is. */
	EXPECT_ERR(ENOENT, do_wait(self->fd, first, 3, results));
	EXPECT_OK(do_wait(self->fd, first, 1, results));
	EXPECT_OK(do_wait(self->fd, first + 2, 1, results));
}

TEST_F(tern, jobs_are_private)
{
	struct tern_cmd nop = cmd_nop();
	int other = do_open_file();
	uint64_t first;

	ASSERT_LE(0, other);
	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	EXPECT_ERR(ENOENT, do_wait(other, first, 1, NULL));
	EXPECT_OK(do_wait(self->fd, first, 1, NULL));
	close(other);
}

TEST_F(tern, look_and_time_out)
{
	uint32_t handle;
	uint64_t first;
	int64_t start;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 4, &first));
	/* Time 0 looks, a time that is over as well. */
	EXPECT_ERR(ETIMEDOUT, do_wait_until(self->fd, first + 3, 1, 0, NULL));
	EXPECT_ERR(ETIMEDOUT, do_wait_until(self->fd, first + 3, 1, do_now() - 1, NULL));
	start = do_now();
	EXPECT_ERR(ETIMEDOUT, do_wait_until(self->fd, first + 3, 1,
					    start + NS_PER_S / 100, NULL));
	EXPECT_LE(start + NS_PER_S / 100, do_now());
	/* They go on, and are there when they have ended. */
	EXPECT_OK(do_wait(self->fd, first, 4, NULL));
}

TEST_F(tern, look_at_ended)
{
	struct tern_cmd nop = cmd_nop();
	struct pollfd pfd = { .fd = self->fd, .events = POLLIN };
	uint64_t first;

	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	ASSERT_EQ(1, poll(&pfd, 1, LONG_S * 1000));
	EXPECT_OK(do_wait_until(self->fd, first, 1, 0, NULL));
}

TEST_F(tern, forever)
{
	struct tern_cmd nop = cmd_nop();
	uint64_t first;

	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	EXPECT_OK(do_wait_until(self->fd, first, 1, INT64_MAX, NULL));
}

/* A job in the middle of a batch is noticed before the batch has ended. */
TEST_F(tern, middle_of_a_batch)
{
	uint32_t handle;
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 8, &first));
	EXPECT_OK(do_wait(self->fd, first, 1, NULL));
	EXPECT_ERR(ETIMEDOUT, do_wait_until(self->fd, first + 7, 1, 0, NULL));
	EXPECT_OK(do_wait(self->fd, first + 1, 7, NULL));
}

TEST_F(tern, poll_tells)
{
	struct pollfd pfd = { .fd = self->fd, .events = POLLIN };
	struct tern_cmd nop = cmd_nop();
	uint64_t first, second;

	EXPECT_EQ(0, poll(&pfd, 1, 0));
	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	ASSERT_OK(do_submit(self->fd, &nop, 1, &second));
	EXPECT_EQ(1, poll(&pfd, 1, LONG_S * 1000));
	EXPECT_EQ(POLLIN, pfd.revents);
	EXPECT_OK(do_wait(self->fd, second, 1, NULL));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_OK(do_wait(self->fd, first, 1, NULL));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
}

static void on_alarm(int sig)
{
	(void)sig;
}

TEST_F_TIMEOUT(tern, interrupted, 120)
{
	struct sigaction action = { .sa_handler = on_alarm };
	uint32_t handle;
	uint64_t first;

	ASSERT_OK(sigaction(SIGUSR1, &action, NULL));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 16, &first));
	if (!fork()) {
		usleep(50000);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	EXPECT_ERR(EINTR, do_wait(self->fd, first + 15, 1, NULL));
	/* Call again. */
	EXPECT_OK(do_wait(self->fd, first, 16, NULL));
}

TEST_F(tern, jobs_limit)
{
	struct tern_cmd *cmds = calloc(TERN_SUBMIT_MAX, sizeof(*cmds));
	uint64_t first[4], extra;
	size_t i;

	for (i = 0; i < TERN_SUBMIT_MAX; i++)
		cmds[i] = cmd_nop();
	for (i = 0; i < TERN_JOBS_MAX / TERN_SUBMIT_MAX; i++)
		ASSERT_OK(do_submit(self->fd, cmds, TERN_SUBMIT_MAX, &first[i]));
	EXPECT_ERR(EAGAIN, do_submit(self->fd, cmds, 1, &extra));
	EXPECT_OK(do_wait(self->fd, first[0] + 5, 2, NULL));
	EXPECT_ERR(EAGAIN, do_submit(self->fd, cmds, 3, &extra));
	EXPECT_OK(do_submit(self->fd, cmds, 2, &extra));
	EXPECT_EQ(first[3] + TERN_SUBMIT_MAX, extra);
	free(cmds);
}

struct waiter {
	pthread_t thread;
	int fd;
	uint64_t job;
	int ret;
};

static void *waiter_run(void *arg)
{
	struct waiter *waiter = arg;

	waiter->ret = do_wait(waiter->fd, waiter->job, 1, NULL);
	return NULL;
}

/* Many wait for one job: exactly one collects it. */
TEST_F(tern, many_waiters)
{
	struct waiter waiters[8];
	uint32_t handle, won = 0, i;
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 2, &first));
	for (i = 0; i < 8; i++) {
		waiters[i] = (struct waiter){ .fd = self->fd, .job = first + 1 };
		ASSERT_OK(pthread_create(&waiters[i].thread, NULL, waiter_run, &waiters[i]));
	}
	for (i = 0; i < 8; i++) {
		pthread_join(waiters[i].thread, NULL);
		won += !waiters[i].ret;
		EXPECT_TRUE(!waiters[i].ret || waiters[i].ret == -ENOENT);
	}
	EXPECT_EQ(1, won);
}

/* ------------------------------------------------------------------ by numbers */

#define SOON	(do_now() + LONG_S * NS_PER_S)

TEST_F(tern, numbers)
{
	struct tern_cmd cmds[8];
	struct tern_result results[8];
	uint64_t first, odd[4], even[4];
	uint32_t i, ended;

	for (i = 0; i < 8; i++)
		cmds[i] = cmd_nop();
	ASSERT_OK(do_submit(self->fd, cmds, 8, &first));
	for (i = 0; i < 4; i++) {
		even[i] = first + 2 * i;
		odd[i] = first + 2 * i + 1;
	}
	memset(results, 0xff, sizeof(results));
	EXPECT_OK(do_wait_jobs(self->fd, odd, 4, 0, SOON, results, &ended));
	EXPECT_EQ(4, ended);
	for (i = 0; i < 4; i++) {
		EXPECT_OK(results[i].error);
		EXPECT_LT(0, results[i].cycles);
	}
	/* Those are collected, the others are not. */
	EXPECT_ERR(ENOENT, do_wait_jobs(self->fd, odd, 1, 0, 0, NULL, &ended));
	EXPECT_ERR(ENOENT, do_wait(self->fd, first, 8, NULL));
	EXPECT_OK(do_wait_jobs(self->fd, even, 4, 0, SOON, NULL, &ended));
	EXPECT_EQ(4, ended);
}

TEST_F(tern, numbers_refused)
{
	struct tern_cmd cmds[3] = { cmd_nop(), cmd_nop(), cmd_nop() };
	struct tern_wait args;
	uint64_t jobs[3], bad[3];
	uint32_t ended;

	ASSERT_OK(do_submit(self->fd, cmds, 3, &jobs[0]));
	jobs[1] = jobs[0] + 1;
	jobs[2] = jobs[0] + 2;
#define EXPECT_BAD_JOBS(error, one, two, three) do {					\
	bad[0] = (one);									\
	bad[1] = (two);									\
	bad[2] = (three);								\
	EXPECT_ERR(error, do_wait_jobs(self->fd, bad, 3, 0, SOON, NULL, &ended));	\
} while (0)
	/* Neither twice nor backwards, and only what there is. */
	EXPECT_BAD_JOBS(EINVAL, jobs[0], jobs[0], jobs[2]);
	EXPECT_BAD_JOBS(EINVAL, jobs[0], jobs[2], jobs[1]);
	EXPECT_BAD_JOBS(EINVAL, jobs[0], jobs[1], 0);
	EXPECT_BAD_JOBS(ENOENT, 0, jobs[1], jobs[2]);
	EXPECT_BAD_JOBS(ENOENT, jobs[0], jobs[1], jobs[2] + 1);
	EXPECT_BAD_JOBS(ENOENT, jobs[0], jobs[1], UINT64_MAX);
	args = (struct tern_wait){
		.size = sizeof(args), .count = 3, .timeout_ns = SOON, .jobs = (uintptr_t)jobs,
	};
	args.first = jobs[0];
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.first = 0;
	args.jobs = PAGE;
	EXPECT_ERR(EFAULT, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.jobs = (uintptr_t)jobs;
	EXPECT_OK(do_call(self->fd, TERN_IOCTL_WAIT, &args));
	EXPECT_EQ(3, args.ended);
}

/* Of a long batch the jobs come one by one, or some at a time, each once. */
TEST_F(tern, any)
{
	struct tern_result results[6];
	uint32_t handle, ended, collected = 0, calls = 0, i;
	uint64_t first, jobs[6];

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 6, &first));
	for (i = 0; i < 6; i++)
		jobs[i] = first + i;
	EXPECT_ERR(ETIMEDOUT, do_wait_jobs(self->fd, jobs + 5, 1, TERN_WAIT_ANY, 0, NULL, &ended));
	while (collected < 6) {
		memset(results, 0xff, sizeof(results));
		ASSERT_OK(do_wait_jobs(self->fd, jobs + collected, 6 - collected, TERN_WAIT_ANY,
				       SOON, results, &ended));
		ASSERT_LE(1, ended);
		ASSERT_GE(6 - collected, ended);
		for (i = 0; i < 6; i++)
			EXPECT_EQ(i < ended ? 0 : -1, results[i].error);
		collected += ended;
		calls++;
	}
	EXPECT_LE(2, calls);
	EXPECT_ERR(ENOENT, do_wait_jobs(self->fd, jobs, 1, TERN_WAIT_ANY, SOON, NULL, &ended));
}

/* The same with numbers that follow each other. */
TEST_F(tern, any_of_a_range)
{
	struct tern_wait args = { .size = sizeof(args), .flags = TERN_WAIT_ANY, .count = 2 };
	uint32_t handle;
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 2, &first));
	args.first = first;
	args.timeout_ns = SOON;
	ASSERT_OK(do_call(self->fd, TERN_IOCTL_WAIT, &args));
	ASSERT_LE(1, args.ended);
	if (args.ended == 1)
		EXPECT_OK(do_wait(self->fd, first + 1, 1, NULL));
}

/* A program of the first header: its struct ends before the array of numbers. */
TEST_F(tern, older_struct)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_wait args = {
		.size = offsetof(struct tern_wait, jobs),
		.count = 1,
		.timeout_ns = SOON,
		.jobs = 1,
		.ended = 77,
		.pad = 1,
	};
	uint64_t first;

	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	args.first = first;
	args.flags = TERN_WAIT_ANY;
	/* It could not tell how many were collected. */
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.flags = 0;
	EXPECT_OK(do_call(self->fd, TERN_IOCTL_WAIT, &args));
	EXPECT_EQ(77, args.ended);
}

/* Results that cannot all be written: nothing is collected. */
TEST_F(tern, numbers_unwritable)
{
	struct tern_result *results = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tern_cmd cmds[2] = { cmd_nop(), cmd_nop() };
	struct tern_result *edge;
	uint64_t jobs[2];
	uint32_t ended;

	ASSERT_NE(MAP_FAILED, (void *)results);
	edge = (void *)((char *)results + PAGE - sizeof(*results));
	ASSERT_OK(mprotect((char *)results + PAGE, PAGE, PROT_NONE));
	ASSERT_OK(do_submit(self->fd, cmds, 2, &jobs[0]));
	jobs[1] = jobs[0] + 1;
	EXPECT_ERR(EFAULT, do_wait_jobs(self->fd, jobs, 2, 0, SOON, edge, &ended));
	EXPECT_OK(do_wait_jobs(self->fd, jobs, 2, 0, SOON, NULL, &ended));
	EXPECT_EQ(2, ended);
}

TEST_HARNESS_MAIN
