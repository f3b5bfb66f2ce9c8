// SPDX-License-Identifier: Apache-2.0
/*
 * Resets against everything else: files opened, buffers made and jobs run meanwhile, each other, a
 * job's own end, and the driver's. $TERN_RACES times as many rounds as usual.
 */
#include "good_job.h"
#include "sysfs.h"
#include "tern_test.h"

FIXTURE(race) {
	char address[32];
	uint32_t rounds;	/* times what a test takes them for */
};

FIXTURE_SETUP(race)
{
	const char *races = getenv("TERN_RACES");

	pci_address(self->address, sizeof(self->address));
	if (!self->address[0])
		SKIP(_exit(SKIPPED), "no device");
	self->rounds = races ? atoi(races) : 1;
	ASSERT_LT(0, self->rounds);
}

FIXTURE_TEARDOWN(race)
{
	put_text(TERN_MODULE_TIMEOUT, "0");
}

static int pci_reset(const char *address)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", address);
	return put_text(path, "1");
}

static uint32_t reset_count(void)
{
	char text[32];

	class_get("reset_count", text, sizeof(text));
	return atoi(text);
}

/* What a job may end with while others reset the device. */
static int run_nops(int fd)
{
	struct tern_cmd nops[8] = { 0 };
	int ret = do_run(fd, nops, ARRAY_SIZE(nops));

	return ret == -ECANCELED ? 0 : ret;
}

/* Open, run and close, now and then with the jobs under way. */
static int open_and_close(uint32_t i)
{
	struct tern_cmd nops[8] = { 0 };
	int fd = do_open_file(), ret;
	uint64_t first;

	if (fd < 0)
		return fd;
	ret = i % 2 ? run_nops(fd) : do_submit(fd, nops, ARRAY_SIZE(nops), &first);
	close(fd);
	return ret;
}

/* Buffers are made, mapped, touched and given back. */
static int make_buffers(uint32_t i)
{
	uint32_t handle, *words;
	int fd = do_open_file(), ret;

	if (fd < 0)
		return fd;
	ret = do_create(fd, i % 2 ? TERN_BO_DEVICE : TERN_BO_HOST, 4 * PAGE, &handle);
	/* Resets came between all its attempts to zero the memory. */
	if (ret == -EIO)
		ret = 0;
	words = ret ? NULL : do_map(fd, handle, 4 * PAGE);
	if (words) {
		words[i % 4 * PAGE / 4] = i;
		munmap(words, 4 * PAGE);
	}
	close(fd);
	return ret;
}

/* Jobs of one file, all the time. */
static int keep_running(uint32_t i)
{
	static int fd = -1;

	(void)i;
	if (fd < 0)
		fd = do_open_file();
	return fd < 0 ? fd : run_nops(fd);
}

/* A process that does it until *@enough, and ends with the errno of the first that failed. */
static pid_t repeat(int (*once)(uint32_t i), const volatile int *enough)
{
	pid_t child = fork();
	uint32_t i;
	int ret = 0;

	if (child)
		return child;
	for (i = 0; !ret && !*enough; i++)
		ret = once(i);
	/* Nothing at all is an error, too. */
	_exit(i ? -ret : 255);
}

static volatile int *shared_int(void)
{
	return mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

TEST_F_TIMEOUT(race, resets_and_users, 120)
{
	static int (* const users[])(uint32_t i) = { open_and_close, make_buffers, keep_running };
	volatile int *enough = shared_int();
	uint32_t before = reset_count(), i;
	pid_t children[ARRAY_SIZE(users)];
	int status;

	for (i = 0; i < ARRAY_SIZE(users); i++)
		children[i] = repeat(users[i], enough);
	for (i = 0; i < 20 * self->rounds; i++) {
		usleep(i * 7919 % 20000);
		EXPECT_OK(i % 2 ? pci_reset(self->address) : class_put("reset", "1"));
	}
	*enough = 1;
	for (i = 0; i < ARRAY_SIZE(users); i++) {
		ASSERT_EQ(children[i], waitpid(children[i], &status, 0));
		EXPECT_EQ(0, WEXITSTATUS(status));
		EXPECT_TRUE(WIFEXITED(status));
	}
	EXPECT_EQ(before + 20 * self->rounds, reset_count());
	EXPECT_OK(good_once(1));
}

/* Who asks has it: a reset begins or ends between his asking and his answer, whosever it is. */
TEST_F_TIMEOUT(race, resets_at_once, 120)
{
	pid_t children[4];
	int status, kind;
	uint32_t i;

	for (kind = 0; kind < 4; kind++) {
		children[kind] = fork();
		if (children[kind])
			continue;
		for (i = 0; i < 8 * self->rounds; i++) {
			uint32_t before = reset_count();

			if (kind ? class_put("reset", "1") : pci_reset(self->address))
				_exit(1);
			if (reset_count() == before)
				_exit(2);
		}
		_exit(0);
	}
	for (kind = 0; kind < 4; kind++) {
		ASSERT_EQ(children[kind], waitpid(children[kind], &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_OK(good_once(2));
}

/* Tokens of a job that lasts so many ms, more or less. */
static uint32_t tokens_of(int fd, uint32_t handle, uint32_t ms)
{
	struct tern_cmd cmd = cmd_long(handle, 64);
	int64_t start = do_now();

	if (do_run(fd, &cmd, 1))
		return 0;
	return ms * 64ll * 1000000 / (do_now() - start) + 1;
}

/*
 * The driver looks after the device twice a second. A job that ends when it does, and had no more
 * time, has ended or is aborted; those behind it and those of others run in any case.
 */
TEST_F_TIMEOUT(race, abort_and_completion, 180)
{
	int fd = do_open_file(), other = do_open_file();
	uint32_t handle, tokens, i, ended = 0, aborted = 0;
	struct tern_cmd cmds[3] = { 0 }, nop = cmd_nop();
	/* The second look that finds a job without progress comes after a second. */
	static const uint32_t lasts_ms[] = { 900, 960, 1020, 1080, 1140, 1600 };
	struct tern_result results[3];
	uint64_t first;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, other);
	ASSERT_OK(do_create(fd, TERN_BO_DEVICE, LONG_BYTES(4096), &handle));
	for (i = 0; i < ARRAY_SIZE(lasts_ms) * self->rounds; i++) {
		tokens = tokens_of(fd, handle, lasts_ms[i % ARRAY_SIZE(lasts_ms)]);
		ASSERT_LT(0, tokens);
		cmds[0] = cmd_long(handle, tokens < 4096 ? tokens : 4096);
		ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, "1"));
		ASSERT_OK(do_submit(fd, cmds, 3, &first));
		/* It is not its fault that the device works for another. */
		EXPECT_OK(do_run(other, &nop, 1));
		ASSERT_OK(do_wait(fd, first, 3, results));
		ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, "0"));
		EXPECT_TRUE(!results[0].error || results[0].error == -ETIMEDOUT);
		EXPECT_OK(results[1].error);
		EXPECT_OK(results[2].error);
		ended += !results[0].error;
		aborted += results[0].error == -ETIMEDOUT;
		EXPECT_OK(good_once(i + 1));
	}
	TH_LOG("%u ended, %u were aborted", ended, aborted);
	EXPECT_LT(0, aborted);
	close(fd);
	close(other);
}

static int comes_back(void)
{
	char state[32] = "";
	int tries;

	for (tries = 0; tries < 200; tries++, usleep(20000)) {
		class_get("state", state, sizeof(state));
		if (!strcmp(state, "live") && !access(tern_path(), R_OK))
			return 0;
	}
	return -ETIMEDOUT;
}

/* The device is unbound while resets are asked for and done, with jobs under way. */
TEST_F_TIMEOUT(race, unbind_and_resets, 120)
{
	pid_t children[3];
	int status, kind;
	uint32_t i;

	for (i = 0; i < 8 * self->rounds; i++) {
		volatile int *enough = shared_int();

		for (kind = 0; kind < 3; kind++) {
			children[kind] = fork();
			if (children[kind])
				continue;
			while (!*enough)
				if (kind == 2)
					make_buffers(i++);
				else if (kind ? class_put("reset", "1") :
						pci_reset(self->address))
					usleep(1000);
			_exit(0);
		}
		usleep(i * 7919 % 40000);
		EXPECT_OK(put_text(TERN_DRIVER "unbind", self->address));
		*enough = 1;
		for (kind = 0; kind < 3; kind++) {
			ASSERT_EQ(children[kind], waitpid(children[kind], &status, 0));
			EXPECT_EQ(0, status);
		}
		ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
		ASSERT_OK(comes_back());
		EXPECT_OK(good_once(i + 1));
		munmap((void *)enough, PAGE);
	}
}

TEST_HARNESS_MAIN
