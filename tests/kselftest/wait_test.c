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

TEST_HARNESS_MAIN
