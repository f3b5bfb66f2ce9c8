// SPDX-License-Identifier: Apache-2.0
/*
 * Lifetimes: files closed and processes killed in mid-job, forks, buffers that outlive handles.
 */
#include <signal.h>

#include "tern_test.h"

TERN_FIXTURE;

/* The device works, for a new file. */
static int device_works(void)
{
	int fd = do_open_file(), ret;
	struct tern_cmd nop = cmd_nop();

	if (fd < 0)
		return fd;
	ret = do_run(fd, &nop, 1);
	close(fd);
	return ret;
}

/*
 * All device memory comes back, once jobs in flight have ended; more than there was when jobs of an
 * earlier test did.
 */
static int memory_comes_back(int fd, uint64_t before)
{
	int64_t end = do_now() + LONG_S * NS_PER_S;
	struct tern_info info;

	do {
		if (do_info(fd, &info))
			return -errno;
		if (info.mem_free >= before)
			return 0;
		usleep(20000);
	} while (do_now() < end);
	return -ETIMEDOUT;
}

TEST_F(tern, close_in_mid_job)
{
	struct tern_info info;
	uint32_t handle;
	uint64_t first;
	int64_t start;
	int fd;

	ASSERT_OK(do_info(self->fd, &info));
	fd = do_open_file();
	ASSERT_LE(0, fd);
	ASSERT_OK(do_create(fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(fd, handle, 16, &first));
	start = do_now();
	ASSERT_OK(close(fd));
	/* Closing does not wait for the device. */
	EXPECT_GT(NS_PER_S, do_now() - start);
	EXPECT_OK(memory_comes_back(self->fd, info.mem_free));
	EXPECT_OK(device_works());
}

/* Fifteen million cycles: a minute, where the simulator shares its processors. */
TEST_F_TIMEOUT(tern, kill_in_mid_job, 180)
{
	struct tern_info info;
	int i;

	ASSERT_OK(do_info(self->fd, &info));
	for (i = 0; i < 5; i++) {
		pid_t child = fork();
		int status;

		if (!child) {
			int fd = do_open_file();
			uint32_t handle;
			uint64_t first;

			if (fd < 0 || do_create(fd, TERN_BO_DEVICE, BUSY_BYTES, &handle) ||
			    do_busy(fd, handle, 3, &first))
				_exit(1);
			raise(SIGSTOP);
			do_wait(fd, first, 3, NULL);
			_exit(1);
		}
		ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		if (i % 2) {
			/* Inside WAIT. */
			kill(child, SIGCONT);
			usleep(20000);
		}
		kill(child, SIGKILL);
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
	}
	EXPECT_OK(memory_comes_back(self->fd, info.mem_free));
	EXPECT_OK(device_works());
}

/* While the pinning process dies, the device still copies from its pages. */
TEST_F(tern, kill_with_user_pages)
{
	struct tern_info before;
	pid_t child;
	int status;

	ASSERT_OK(do_info(self->fd, &before));
	child = fork();
	if (!child) {
		void *pages = mmap(NULL, BUSY_BYTES, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		int fd = do_open_file();
		struct tern_cmd cmds[4];
		uint32_t user, device;
		uint64_t first;
		int i;

		if (do_create_user(fd, pages, BUSY_BYTES, 0, &user) ||
		    do_create(fd, TERN_BO_DEVICE, BUSY_BYTES, &device))
			_exit(1);
		for (i = 0; i < 4; i++)
			cmds[i] = i % 2 ? cmd_copy(user, 0, device, 0, BUSY_BYTES) :
					  cmd_copy(device, 0, user, 0, BUSY_BYTES);
		if (do_submit(fd, cmds, 4, &first))
			_exit(1);
		raise(SIGKILL);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_OK(memory_comes_back(self->fd, before.mem_free));
	EXPECT_OK(device_works());
}

TEST_F(tern, destroy_in_mid_job)
{
	struct tern_info before;
	struct tern_result results[8];
	uint64_t first, other;
	uint32_t handle, i;

	ASSERT_OK(do_info(self->fd, &before));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 8, &first));
	ASSERT_OK(do_destroy(self->fd, handle));
	EXPECT_ERR(ENOENT, do_busy(self->fd, handle, 1, &other));
	ASSERT_OK(do_wait(self->fd, first, 8, results));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, results[i].error);
	EXPECT_OK(memory_comes_back(self->fd, before.mem_free));
}

/* A child shares the file, its handles and its jobs, but not its mappings. */
TEST_F(tern, fork_shares_the_file)
{
	struct tern_cmd nop = cmd_nop();
	uint32_t handle, *addr;
	uint64_t first;
	pid_t child;
	int status;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	addr = do_map(self->fd, handle, PAGE);
	ASSERT_NE(NULL, addr);
	addr[0] = 42;
	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	child = fork();
	if (!child) {
		uint32_t *again;

		if (do_wait(self->fd, first, 1, NULL))
			_exit(1);
		again = do_map(self->fd, handle, PAGE);
		_exit(again && again[0] == 42 ? 0 : 2);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	child = fork();
	if (!child) {
		/* The parent's mapping is not here. */
		status = *(volatile uint32_t *)addr;
		_exit(3);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	EXPECT_ERR(ENOENT, do_wait(self->fd, first, 1, NULL));
	EXPECT_EQ(42, addr[0]);
}

/* Two processes with work of their own see their own data only. */
TEST_F(tern, two_processes)
{
	int p, status;

	for (p = 0; p < 2; p++) {
		if (fork())
			continue;

		int fd = do_open_file(), round;

		for (round = 0; round < 20; round++) {
			uint32_t device, host, *word, i;
			struct tern_cmd cmds[2];

			if (do_create(fd, TERN_BO_DEVICE, 8 * PAGE, &device) ||
			    do_create(fd, TERN_BO_HOST, 8 * PAGE, &host))
				_exit(1);
			word = do_map(fd, host, 8 * PAGE);
			if (!word)
				_exit(2);
			cmds[0] = cmd_fill(device, 0, 8 * PAGE, p * 1000 + round);
			cmds[1] = cmd_copy(device, 0, host, 0, 8 * PAGE);
			if (do_run(fd, cmds, 2))
				_exit(3);
			for (i = 0; i < 8 * PAGE / 4; i++)
				if (word[i] != (uint32_t)(p * 1000 + round))
					_exit(4);
			munmap(word, 8 * PAGE);
			if (do_destroy(fd, device) || do_destroy(fd, host))
				_exit(5);
		}
		_exit(0);
	}
	for (p = 0; p < 2; p++) {
		ASSERT_LT(0, wait(&status));
		EXPECT_EQ(0, status);
	}
}

/* Small jobs of one file are not held up for long by the many of another. */
TEST_F(tern, contexts_take_turns)
{
	int other = do_open_file();
	struct tern_cmd nop = cmd_nop(), fills[64];
	uint32_t handle, i;
	uint64_t first;

	ASSERT_LE(0, other);
	ASSERT_OK(do_create(other, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	for (i = 0; i < ARRAY_SIZE(fills); i++)
		fills[i] = cmd_fill(handle, 0, BUSY_BYTES / 8, i);
	ASSERT_OK(do_submit(other, fills, ARRAY_SIZE(fills), &first));
	EXPECT_OK(do_run(self->fd, &nop, 1));
	EXPECT_ERR(ETIMEDOUT, do_wait_until(other, first + ARRAY_SIZE(fills) - 1, 1, 0, NULL));
	EXPECT_OK(do_wait(other, first, ARRAY_SIZE(fills), NULL));
	close(other);
}

TEST_F(tern, many_files)
{
	int fds[64], i;
	struct tern_cmd nop = cmd_nop();

	for (i = 0; i < 64; i++) {
		fds[i] = do_open_file();
		ASSERT_LE(0, fds[i]);
		EXPECT_OK(do_run(fds[i], &nop, 1));
	}
	for (i = 0; i < 64; i++)
		close(fds[i]);
}

TEST_HARNESS_MAIN
