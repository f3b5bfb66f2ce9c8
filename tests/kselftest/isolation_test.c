// SPDX-License-Identifier: Apache-2.0
/*
 * A context never sees data of another, whichever way it tries: memory that had another owner,
 * guessed handles, offsets and jobs, places behind the end of a buffer.
 */
#include "dmabuf.h"
#include "sysfs.h"
#include "tern_test.h"

#define SECRET		0x5ec2e7u
#define CHUNK		(4 * MIB)
/*
 * Chunks of device memory that are looked at: all that any context here ever had. The allocator
 * gives out holes first, and then what is lowest.
 */
#define CHUNKS		8
/* Handles, offsets and jobs that are guessed. */
#define GUESSES		256

FIXTURE(isolation) {
	int victim;
	int attacker;
	uint32_t device, host;	/* the victim's, full of secrets */
};

static int fill_with_secrets(int fd, uint32_t handle, uint64_t bytes)
{
	struct tern_cmd fill = cmd_fill(handle, 0, bytes, SECRET);

	return do_run(fd, &fill, 1);
}

/* Jobs that go on for a while, writing secrets into a buffer of CHUNK bytes. */
static int submit_secrets(int fd, uint32_t handle, uint32_t count)
{
	struct tern_cmd fills[32];
	uint64_t first;
	uint32_t i;

	for (i = 0; i < count && i < ARRAY_SIZE(fills); i++)
		fills[i] = cmd_fill(handle, 0, CHUNK, SECRET);
	return do_submit(fd, fills, i, &first);
}

FIXTURE_SETUP(isolation)
{
	self->victim = do_open_file();
	if (self->victim == -ENOENT)
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_LE(0, self->victim);
	self->attacker = do_open_file();
	ASSERT_LE(0, self->attacker);
	ASSERT_OK(do_create(self->victim, TERN_BO_DEVICE, CHUNK, &self->device));
	ASSERT_OK(do_create(self->victim, TERN_BO_HOST, CHUNK, &self->host));
	ASSERT_OK(fill_with_secrets(self->victim, self->device, CHUNK));
	ASSERT_OK(fill_with_secrets(self->victim, self->host, CHUNK));
}

FIXTURE_TEARDOWN(isolation)
{
	close(self->victim);
	close(self->attacker);
}

/* Take device memory, look at it through the device, and give it back. -EILSEQ: it was not zero. */
static int look_at_memory(int fd)
{
	uint32_t handles[CHUNKS], window, *words;
	int n = 0, ret, i;

	ret = do_create(fd, TERN_BO_HOST, CHUNK, &window);
	if (ret)
		return ret;
	words = do_map(fd, window, CHUNK);
	if (!words)
		return -ENOMEM;
	while (n < CHUNKS && !(ret = do_create(fd, TERN_BO_DEVICE, CHUNK, &handles[n])))
		n++;
	for (i = 0; i < n; i++) {
		struct tern_cmd cmd = cmd_copy(handles[i], 0, window, 0, CHUNK);

		ret = ret ?: do_run(fd, &cmd, 1);
		if (!ret && !is_zero(words, CHUNK))
			ret = -EILSEQ;
		do_destroy(fd, handles[i]);
	}
	munmap(words, CHUNK);
	do_destroy(fd, window);
	return ret;
}

/* What the victim gave back, by handle, by closing its file and by dying. */
TEST_F_TIMEOUT(isolation, stale_device_memory, 120)
{
	int status, fd;
	uint32_t handle;
	pid_t child;

	ASSERT_OK(do_destroy(self->victim, self->device));
	fd = do_open_file();
	ASSERT_OK(do_create(fd, TERN_BO_DEVICE, CHUNK, &handle));
	ASSERT_OK(fill_with_secrets(fd, handle, CHUNK));
	close(fd);
	child = fork();
	if (!child) {
		fd = do_open_file();
		if (do_create(fd, TERN_BO_DEVICE, CHUNK, &handle) ||
		    fill_with_secrets(fd, handle, CHUNK))
			_exit(1);
		raise(SIGKILL);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status));
	EXPECT_OK(look_at_memory(self->attacker));
}

TEST_F(isolation, stale_host_memory)
{
	uint32_t handle, *words, i;

	for (i = 0; i < 8; i++) {
		if (!i)
			ASSERT_OK(do_destroy(self->victim, self->host));
		ASSERT_OK(do_create(self->attacker, TERN_BO_HOST, CHUNK, &handle));
		words = do_map(self->attacker, handle, CHUNK);
		ASSERT_NE(NULL, words);
		EXPECT_TRUE(is_zero(words, CHUNK));
		munmap(words, CHUNK);
		ASSERT_OK(do_destroy(self->attacker, handle));
	}
}

/* The victim is closed while the device still writes for it: its memory is not given out yet. */
TEST_F_TIMEOUT(isolation, memory_still_written, 120)
{
	int i;

	ASSERT_OK(submit_secrets(self->victim, self->device, 32));
	ASSERT_OK(close(self->victim));
	for (i = 0; i < 2; i++)
		EXPECT_OK(look_at_memory(self->attacker));
	self->victim = do_open_file();
}

/* The reset that takes a victim's jobs down leaves the attacker no more than before. */
TEST_F_TIMEOUT(isolation, after_a_reset, 120)
{
	ASSERT_OK(submit_secrets(self->victim, self->device, 8));
	ASSERT_OK(do_destroy(self->victim, self->device));
	ASSERT_OK(class_put("reset", "1"));
	EXPECT_OK(look_at_memory(self->attacker));
}

TEST_F(isolation, guessed_handles)
{
	uint32_t own, handle;
	uint64_t first;

	ASSERT_OK(do_create(self->attacker, TERN_BO_HOST, PAGE, &own));
	for (handle = 0; handle < GUESSES; handle++) {
		struct tern_cmd read = cmd_copy(handle, 0, own, 0, 64);
		struct tern_cmd write = cmd_copy(own, 0, handle, 0, 64);
		int dmabuf;

		if (handle == own)
			continue;
		EXPECT_ERR(ENOENT, do_submit(self->attacker, &read, 1, &first));
		EXPECT_ERR(ENOENT, do_submit(self->attacker, &write, 1, &first));
		EXPECT_ERR(ENOENT, do_export(self->attacker, handle, &dmabuf));
		EXPECT_ERR(ENOENT, do_destroy(self->attacker, handle));
	}
}

TEST_F(isolation, guessed_offsets)
{
	uint64_t offset, device, host;
	uint32_t own, i;

	/* All that a handle could be, the victim's too, in steps of what lies between two. */
	ASSERT_OK(do_create(self->attacker, TERN_BO_HOST, PAGE, &own));
	ASSERT_OK(do_offset(self->victim, self->device, &device));
	ASSERT_OK(do_offset(self->victim, self->host, &host));
	for (i = 0; i < GUESSES; i++) {
		offset = (host - device) * i;
		if (i == own)
			continue;
		EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->attacker,
					   offset));
		EXPECT_EQ(ENOENT, errno);
	}
	ASSERT_OK(do_offset(self->attacker, own, &offset));
	EXPECT_EQ((host - device) * own, offset);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, self->attacker, offset));
	EXPECT_EQ(ERANGE, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->attacker,
				   offset + PAGE));
	EXPECT_EQ(ERANGE, errno);
}

/* The buffers lie side by side in device memory: neither end of one reaches into the next. */
TEST_F(isolation, behind_the_end)
{
	uint32_t own, neighbour, window, *words;
	uint64_t first, offset;

	ASSERT_OK(do_create(self->attacker, TERN_BO_DEVICE, PAGE, &own));
	ASSERT_OK(do_create(self->victim, TERN_BO_DEVICE, PAGE, &neighbour));
	ASSERT_OK(fill_with_secrets(self->victim, neighbour, PAGE));
	ASSERT_OK(do_create(self->attacker, TERN_BO_HOST, 2 * PAGE, &window));
	for (offset = 64; offset <= 2 * PAGE; offset += 64) {
		struct tern_cmd cmd = cmd_copy(own, offset, window, 0, PAGE);

		EXPECT_ERR(ERANGE, do_submit(self->attacker, &cmd, 1, &first));
		cmd = cmd_copy(window, 0, own, offset, PAGE);
		EXPECT_ERR(ERANGE, do_submit(self->attacker, &cmd, 1, &first));
		cmd = cmd_fill(own, offset, PAGE, 0);
		EXPECT_ERR(ERANGE, do_submit(self->attacker, &cmd, 1, &first));
		cmd = cmd_copy(own, -offset, window, 0, PAGE);
		EXPECT_EQ(true, do_submit(self->attacker, &cmd, 1, &first) < 0);
	}
	/* A GEMM's last rows, whose size the user chooses. */
	{
		struct tern_cmd cmd = {
			.op = TERN_OP_GEMM,
			.weights = { .handle = own },
			.src = { .handle = window, .stride = 256 },
			.dst = { .handle = window, .offset = PAGE, .stride = 512 },
			.n = PAGE / 64 + 1,
			.k = 256,
			.t = 1,
		};

		EXPECT_ERR(ERANGE, do_submit(self->attacker, &cmd, 1, &first));
		cmd.n--;
		EXPECT_OK(do_run(self->attacker, &cmd, 1));
	}
	words = do_map(self->attacker, window, 2 * PAGE);
	ASSERT_NE(NULL, words);
	EXPECT_TRUE(is_zero(words, 2 * PAGE));
}

/* Jobs and their results are their context's. */
TEST_F(isolation, guessed_jobs)
{
	struct tern_cmd nops[8];
	struct tern_result results[8];
	uint64_t first, job;
	uint32_t i;

	for (i = 0; i < 8; i++)
		nops[i] = cmd_nop();
	ASSERT_OK(do_submit(self->victim, nops, 8, &first));
	for (job = 0; job < GUESSES; job++)
		EXPECT_ERR(ENOENT, do_wait(self->attacker, job, 1, results));
	EXPECT_OK(do_wait(self->victim, first, 8, results));
}

/* What was shared is shared, and nothing beside it. */
TEST_F_TIMEOUT(isolation, shared_buffers, 120)
{
	struct tern_bo_import import;
	uint32_t open, window, *words;
	struct tern_cmd cmd;
	uint64_t first;
	int dmabuf;

	ASSERT_OK(do_create(self->victim, TERN_BO_DEVICE, PAGE, &open));
	ASSERT_OK(do_export(self->victim, open, &dmabuf));
	ASSERT_OK(do_import(self->attacker, dmabuf, &import));
	close(dmabuf);
	ASSERT_OK(do_create(self->attacker, TERN_BO_HOST, 2 * PAGE, &window));
	cmd = cmd_copy(import.handle, 0, window, 0, PAGE + 64);
	EXPECT_ERR(ERANGE, do_submit(self->attacker, &cmd, 1, &first));
	cmd = cmd_copy(import.handle, 0, window, 0, PAGE);
	EXPECT_OK(do_run(self->attacker, &cmd, 1));
	words = do_map(self->attacker, window, 2 * PAGE);
	EXPECT_TRUE(is_zero(words, 2 * PAGE));
	/* Destroyed by its owner it is still what it was, and its place is nobody else's. */
	ASSERT_OK(fill_with_secrets(self->attacker, import.handle, PAGE));
	ASSERT_OK(do_destroy(self->victim, open));
	ASSERT_OK(do_create(self->victim, TERN_BO_DEVICE, PAGE, &open));
	cmd = cmd_copy(import.handle, 0, window, 0, PAGE);
	EXPECT_OK(do_run(self->attacker, &cmd, 1));
	EXPECT_EQ(SECRET, words[0]);
	EXPECT_EQ(SECRET, words[1023]);
	ASSERT_OK(do_destroy(self->attacker, import.handle));
	EXPECT_OK(look_at_memory(self->attacker));
}

TEST_HARNESS_MAIN
