// SPDX-License-Identifier: Apache-2.0
/*
 * Resets: who caused them, who suffers, and that the device works afterwards.
 */
#include <glob.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "sysfs.h"
#include "tern_test.h"

/* A job of so many tokens lasts longer than a few ticks of the driver's timeout work. */
#define HANG_TOKENS	8192

FIXTURE(reset) {
	int fd;
	char address[32];
};

FIXTURE_SETUP(reset)
{
	self->fd = do_open_file();
	if (self->fd == -ENOENT)
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_LE(0, self->fd);
	pci_address(self->address, sizeof(self->address));
	ASSERT_NE('\0', self->address[0]);
}

FIXTURE_TEARDOWN(reset)
{
	put_text(TERN_MODULE_TIMEOUT, "0");
	close(self->fd);
}

static int pci_put(const char *address, const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address, name);
	return put_text(path, text);
}

static uint32_t resets(int fd)
{
	struct tern_info info;

	return do_info(fd, &info) ? UINT32_MAX : info.reset_count;
}

/* The device is live, and computes. */
static int works(int fd)
{
	struct tern_cmd cmds[2];
	uint32_t device, host, *word;
	char state[32] = "";
	int tries, ret;

	for (tries = 0; tries < 100 && strcmp(state, "live"); tries++, usleep(20000))
		class_get("state", state, sizeof(state));
	ret = do_create(fd, TERN_BO_DEVICE, PAGE, &device);
	if (!ret)
		ret = do_create(fd, TERN_BO_HOST, PAGE, &host);
	if (ret)
		return ret;
	word = do_map(fd, host, PAGE);
	if (!word)
		return -errno;
	cmds[0] = cmd_fill(device, 0, PAGE, 0x12345678);
	cmds[1] = cmd_copy(device, 0, host, 0, PAGE);
	ret = do_run(fd, cmds, 2);
	if (!ret && word[1023] != 0x12345678)
		ret = -EILSEQ;
	munmap(word, PAGE);
	do_destroy(fd, device);
	do_destroy(fd, host);
	return ret;
}

TEST_F(reset, refused_values)
{
	uint32_t before = resets(self->fd);

	EXPECT_ERR(EINVAL, class_put("reset", "0"));
	EXPECT_ERR(EINVAL, class_put("reset", "perhaps"));
	EXPECT_EQ(before, resets(self->fd));
}

TEST_F(reset, idle)
{
	uint32_t before = resets(self->fd);
	char count[32];

	ASSERT_OK(class_put("reset", "1"));
	EXPECT_EQ(before + 1, resets(self->fd));
	class_get("reset_count", count, sizeof(count));
	EXPECT_EQ(before + 1, (uint32_t)atoi(count));
	EXPECT_OK(works(self->fd));
}

/* Device memory and mappings are what they were: a reset is no loss of memory. */
TEST_F(reset, keeps_buffers)
{
	uint32_t handle, *word;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	word = do_map(self->fd, handle, PAGE);
	ASSERT_NE(NULL, word);
	word[5] = 55;
	ASSERT_OK(class_put("reset", "1"));
	EXPECT_EQ(55, word[5]);
	EXPECT_OK(do_destroy(self->fd, handle));
	EXPECT_OK(works(self->fd));
}

TEST_F(reset, jobs_in_flight_are_cancelled)
{
	struct tern_result results[8];
	uint32_t handle, i;
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 8, &first));
	ASSERT_OK(class_put("reset", "1"));
	ASSERT_OK(do_wait(self->fd, first, 8, results));
	EXPECT_EQ(-ECANCELED, results[7].error);
	for (i = 1; i < 8; i++)
		if (results[i - 1].error)
			EXPECT_EQ(-ECANCELED, results[i].error);
	EXPECT_OK(works(self->fd));
}

TEST_F(reset, function_level)
{
	uint32_t before = resets(self->fd), handle, i;
	struct tern_result results[8];
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	for (i = 0; i < 3; i++) {
		ASSERT_OK(do_busy(self->fd, handle, 8, &first));
		ASSERT_OK(pci_put(self->address, "reset", "1"));
		ASSERT_OK(do_wait(self->fd, first, 8, results));
		EXPECT_EQ(-ECANCELED, results[7].error);
		EXPECT_EQ(before + i + 1, resets(self->fd));
		EXPECT_OK(works(self->fd));
	}
}

static int count_of(const char *attribute)
{
	char text[32];

	class_get(attribute, text, sizeof(text));
	return atoi(text);
}

/* The newest devcoredump holds a line with these words; read, it is removed. */
static int coredump_says(const char *words)
{
	static char text[256 * 1024];
	char path[PATH_MAX];
	size_t have = 0;
	glob_t found;
	ssize_t got;
	int fd, ret;

	if (glob("/sys/class/devcoredump/devcd*/data", 0, NULL, &found))
		return -ENOENT;
	snprintf(path, sizeof(path), "%s", found.gl_pathv[0]);
	globfree(&found);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (have < sizeof(text) - 1 &&
	       (got = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += got;
	text[have] = '\0';
	ret = strstr(text, words) ? 0 : -ENOMSG;
	if (write(fd, "1", 1) != 1)
		ret = -EIO;
	close(fd);
	return ret;
}

/* A socket that hears of uevents, and whether one with this line came. */
static int uevents_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	return !bind(fd, (struct sockaddr *)&address, sizeof(address)) ? fd : -errno;
}

static bool uevents_have(int fd, const char *line)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[4096];
	ssize_t bytes;

	while (poll(&pfd, 1, 2000) == 1) {
		bytes = recv(fd, text, sizeof(text) - 1, 0);
		if (bytes > 0 && memmem(text, bytes, line, strlen(line)))
			return true;
	}
	return false;
}

/* The job that takes too long is aborted and told so; what waits behind it runs, as do others. */
TEST_F_TIMEOUT(reset, abort, 120)
{
	int aborts = count_of("abort_count"), other = do_open_file(), uevents = uevents_open();
	uint32_t before = resets(self->fd), handle, innocent, i;
	struct tern_result results[2], others[16];
	struct tern_cmd cmds[2], fills[16];
	uint64_t first, theirs;

	ASSERT_LE(0, other);
	ASSERT_LE(0, uevents);
	coredump_says("");
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, LONG_BYTES(HANG_TOKENS), &handle));
	ASSERT_OK(do_create(other, TERN_BO_DEVICE, MIB, &innocent));
	ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, "300"));
	cmds[0] = cmd_long(handle, HANG_TOKENS);
	cmds[1] = cmd_nop();
	for (i = 0; i < ARRAY_SIZE(fills); i++)
		fills[i] = cmd_fill(innocent, 0, PAGE, i);
	ASSERT_OK(do_submit(self->fd, cmds, 2, &first));
	ASSERT_OK(do_submit(other, fills, ARRAY_SIZE(fills), &theirs));
	ASSERT_OK(do_wait(self->fd, first, 2, results));
	ASSERT_OK(do_wait(other, theirs, ARRAY_SIZE(fills), others));
	ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, "0"));
	EXPECT_EQ(-ETIMEDOUT, results[0].error);
	EXPECT_EQ(TERN_STATUS_ABORTED, results[0].status);
	EXPECT_OK(results[1].error);
	for (i = 0; i < ARRAY_SIZE(fills); i++)
		EXPECT_OK(others[i].error);
	EXPECT_EQ(aborts + 1, count_of("abort_count"));
	EXPECT_EQ(before, resets(self->fd));
	EXPECT_OK(coredump_says(" guilty aborted\n"));
	EXPECT_TRUE(uevents_have(uevents, "RECOVERY=abort"));
	close(uevents);
	close(other);
	EXPECT_OK(works(self->fd));
}

/* The machine sleeps, up to the point where its firmware would take over, and wakes. */
TEST_F(reset, sleep)
{
	struct tern_result results[4];
	uint32_t handle, *word, i;
	uint64_t first;

	if (access("/sys/power/pm_test", W_OK))
		SKIP(return, "this kernel cannot pretend to sleep");
	put_text("/sys/module/suspend/parameters/pm_test_delay", "0");
	ASSERT_OK(put_text("/sys/power/pm_test", "platform"));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	word = do_map(self->fd, handle, PAGE);
	ASSERT_NE(NULL, word);
	ASSERT_OK(do_busy(self->fd, handle, 4, &first));
	EXPECT_OK(put_text("/sys/power/state", "mem"));
	ASSERT_OK(put_text("/sys/power/pm_test", "none"));
	ASSERT_OK(do_wait(self->fd, first, 4, results));
	/* Jobs in flight have time to end, if they need not too much of it. */
	for (i = 0; i < 4; i++)
		EXPECT_TRUE(!results[i].error || results[i].error == -ECANCELED);
	word[0] = 1;
	EXPECT_OK(works(self->fd));
}

/* Resets from all sides at once, under load: one at a time, and nothing is lost. */
TEST_F(reset, storm)
{
	int children = 0, status, i, kind;

	for (kind = 0; kind < 3; kind++) {
		if (fork()) {
			children++;
			continue;
		}
		for (i = 0; i < 10; i++) {
			struct tern_cmd nops[32];
			struct tern_result results[32];
			uint64_t first;
			int j;

			if (kind == 0 && class_put("reset", "1"))
				_exit(1);
			if (kind == 1 && pci_put(self->address, "reset", "1"))
				_exit(2);
			if (kind < 2)
				continue;
			for (j = 0; j < 32; j++)
				nops[j] = cmd_nop();
			if (do_submit(self->fd, nops, 32, &first) ||
			    do_wait(self->fd, first, 32, results))
				_exit(3);
			for (j = 0; j < 32; j++)
				if (results[j].error && results[j].error != -ECANCELED)
					_exit(4);
		}
		_exit(0);
	}
	while (children--) {
		ASSERT_LT(0, wait(&status));
		EXPECT_EQ(0, status);
	}
	EXPECT_OK(works(self->fd));
}

TEST_HARNESS_MAIN
