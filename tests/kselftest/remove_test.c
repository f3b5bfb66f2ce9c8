// SPDX-License-Identifier: Apache-2.0
/*
 * The driver leaves while files are open: unbound, its device removed, its module wanted.
 */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>

#include "dmabuf.h"
#include "sysfs.h"
#include "tern_test.h"

#define BYTES	(8 * PAGE)

FIXTURE(gone) {
	int fd;
	char address[32];
	uint32_t device, host;
	uint32_t *device_map, *host_map;
	uint64_t first;
};

/* An open file with mappings and jobs in flight. */
FIXTURE_SETUP(gone)
{
	uint32_t busy;

	self->fd = do_open_file();
	if (self->fd == -ENOENT)
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_LE(0, self->fd);
	pci_address(self->address, sizeof(self->address));
	ASSERT_NE('\0', self->address[0]);
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BYTES, &self->device));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, BYTES, &self->host));
	self->device_map = do_map(self->fd, self->device, BYTES);
	self->host_map = do_map(self->fd, self->host, BYTES);
	ASSERT_NE(NULL, self->device_map);
	ASSERT_NE(NULL, self->host_map);
	self->device_map[0] = 1;
	self->host_map[0] = 2;
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &busy));
	ASSERT_OK(do_busy(self->fd, busy, 16, &self->first));
}

FIXTURE_TEARDOWN(gone)
{
	close(self->fd);
}

/* The device's file, whatever number it has now; below 0 when there is none. */
static int open_again(const char *address)
{
	char path[PATH_MAX], file[PATH_MAX];
	struct dirent *entry;
	int tries, fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/tern", address);
	for (tries = 0; tries < 100 && fd < 0; tries++, usleep(50000)) {
		dir = opendir(path);
		while (dir && (entry = readdir(dir)))
			if (!strncmp(entry->d_name, "tern", 4)) {
				snprintf(file, sizeof(file), "/dev/%s", entry->d_name);
				fd = open(file, O_RDWR);
			}
		if (dir)
			closedir(dir);
	}
	return fd;
}

/* It works. */
static int comes_back(const char *address)
{
	struct tern_cmd nop = cmd_nop();
	int fd = open_again(address), ret;

	if (fd < 0)
		return -ENODEV;
	ret = do_run(fd, &nop, 1);
	close(fd);
	return ret;
}

static sigjmp_buf fault;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(fault, 1);
}

static int faults(volatile uint32_t *word)
{
	struct sigaction action = { .sa_handler = on_fault }, before;
	int faulted;

	sigaction(SIGBUS, &action, &before);
	faulted = sigsetjmp(fault, 1);
	if (!faulted)
		*word = 3;
	sigaction(SIGBUS, &before, NULL);
	return faulted;
}

/* All that an open file can be asked when its driver is gone. */
static void check_gone(struct __test_metadata *_metadata, FIXTURE_DATA(gone) * self)
{
	struct pollfd pfd = { .fd = self->fd, .events = POLLIN };
	struct tern_cmd nop = cmd_nop();
	struct tern_info info;
	uint32_t handle;
	uint64_t value;

	EXPECT_ERR(ENODEV, do_info(self->fd, &info));
	EXPECT_ERR(ENODEV, do_create(self->fd, TERN_BO_DEVICE, PAGE, &handle));
	EXPECT_ERR(ENODEV, do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	EXPECT_ERR(ENODEV, do_destroy(self->fd, self->device));
	EXPECT_ERR(ENODEV, do_offset(self->fd, self->host, &value));
	EXPECT_ERR(ENODEV, do_submit(self->fd, &nop, 1, &value));
	EXPECT_ERR(ENODEV, do_wait(self->fd, self->first, 1, NULL));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLERR | POLLHUP, pfd.revents & (POLLERR | POLLHUP));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 1ul << 40));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_TRUE(faults(self->device_map));
	EXPECT_TRUE(faults(self->host_map));
	EXPECT_OK(munmap(self->device_map, BYTES));
	EXPECT_OK(munmap(self->host_map, BYTES));
}

TEST_F(gone, unbind_and_bind)
{
	ASSERT_OK(put_text(TERN_DRIVER "unbind", self->address));
	check_gone(_metadata, self);
	EXPECT_ERR(ENOENT, do_open_file());
	ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
	EXPECT_OK(comes_back(self->address));
	/* The old file does not lead to the new device. */
	EXPECT_ERR(ENODEV, do_wait(self->fd, self->first, 1, NULL));
	close(self->fd);
	ASSERT_OK(put_text(TERN_DRIVER "unbind", self->address));
	ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
	EXPECT_OK(comes_back(self->address));
}

struct waiter {
	int fd;
	uint64_t job;
	struct tern_result result;
	int ret;
};

static void *wait_for_it(void *arg)
{
	struct waiter *waiter = arg;

	waiter->ret = do_wait(waiter->fd, waiter->job, 1, &waiter->result);
	return NULL;
}

/* Who waits is woken at once, and told. */
TEST_F(gone, unbind_wakes_waiters)
{
	struct waiter waiter = { .fd = self->fd, .job = self->first + 15 };
	pthread_t thread;
	int64_t start;

	ASSERT_OK(pthread_create(&thread, NULL, wait_for_it, &waiter));
	usleep(50000);
	start = do_now();
	ASSERT_OK(put_text(TERN_DRIVER "unbind", self->address));
	pthread_join(thread, NULL);
	EXPECT_GT(5 * NS_PER_S, do_now() - start);
	EXPECT_ERR(ENODEV, waiter.ret ?: waiter.result.error);
	close(self->fd);
	ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
	EXPECT_OK(comes_back(self->address));
}

TEST_F(gone, remove_and_rescan)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", self->address);
	ASSERT_OK(put_text(path, "1"));
	check_gone(_metadata, self);
	close(self->fd);
	ASSERT_OK(put_text("/sys/bus/pci/rescan", "1"));
	EXPECT_OK(comes_back(self->address));
}

TEST_F(gone, module_stays_while_a_file_is_open)
{
	EXPECT_EQ(-1, syscall(SYS_delete_module, "tern", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_OK(do_wait(self->fd, self->first, 16, NULL));
}

/* A dma-buf alone keeps it, too. */
TEST_F(gone, module_stays_while_a_dmabuf_is_open)
{
	struct tern_bo_import import;
	int dmabuf, fd;

	ASSERT_OK(do_export(self->fd, self->host, &dmabuf));
	munmap(self->device_map, BYTES);
	munmap(self->host_map, BYTES);
	close(self->fd);
	EXPECT_EQ(-1, syscall(SYS_delete_module, "tern", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	fd = do_open_file();
	ASSERT_LE(0, fd);
	EXPECT_OK(do_import(fd, dmabuf, &import));
	close(dmabuf);
	close(fd);
}

/* A dma-buf outlives the driver: its memory is gone, and to the next one it is a stranger's. */
TEST_F(gone, dmabuf_across_unbind)
{
	struct tern_bo_import import;
	struct tern_info info;
	int dmabuf[2], fd, i;

	ASSERT_OK(do_export(self->fd, self->device, &dmabuf[0]));
	ASSERT_OK(do_export(self->fd, self->host, &dmabuf[1]));
	munmap(self->device_map, BYTES);
	munmap(self->host_map, BYTES);
	close(self->fd);
	ASSERT_OK(put_text(TERN_DRIVER "unbind", self->address));
	ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
	fd = open_again(self->address);
	ASSERT_LE(0, fd);
	ASSERT_OK(do_info(fd, &info));
	EXPECT_EQ(info.mem_size, info.mem_free);
	for (i = 0; i < 2; i++) {
		EXPECT_ERR(EOPNOTSUPP, do_import(fd, dmabuf[i], &import));
		EXPECT_OK(close(dmabuf[i]));
		EXPECT_ERR(EBADF, do_import(fd, dmabuf[i], &import));
	}
	EXPECT_OK(do_info(fd, &info));
	EXPECT_EQ(info.mem_size, info.mem_free);
	close(fd);
	/* The old device has gone with its last buffer, and its number is free. */
	ASSERT_OK(put_text(TERN_DRIVER "unbind", self->address));
	ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
	EXPECT_OK(comes_back(self->address));
	fd = do_open_file();
	EXPECT_LE(0, fd);
	close(fd);
}

/* Unbound in the middle of everything that a file can be asked, many times. */
TEST_F(gone, unbind_under_load)
{
	int round, p, status;

	close(self->fd);
	for (round = 0; round < 8; round++) {
		for (p = 0; p < 3; p++) {
			if (fork())
				continue;

			int fd = do_open_file(), ret = 0;
			struct tern_cmd nops[16];
			struct tern_result results[16];
			uint32_t handle, *word;
			uint64_t first;
			int i;

			for (i = 0; i < 16; i++)
				nops[i] = cmd_nop();
			while (fd >= 0 && !ret) {
				ret = do_create(fd, p ? TERN_BO_HOST : TERN_BO_DEVICE, PAGE,
						&handle);
				if (ret)
					break;
				word = do_map(fd, handle, PAGE);
				if (word)
					munmap(word, PAGE);
				ret = do_submit(fd, nops, 16, &first);
				if (!ret)
					ret = do_wait(fd, first, 16, results);
				if (!ret)
					ret = do_destroy(fd, handle);
			}
			_exit(ret == -ENODEV || fd < 0 ? 0 : 1);
		}
		usleep(30000);
		ASSERT_OK(put_text(TERN_DRIVER "unbind", self->address));
		for (p = 0; p < 3; p++) {
			ASSERT_LT(0, wait(&status));
			EXPECT_EQ(0, status);
		}
		ASSERT_OK(put_text(TERN_DRIVER "bind", self->address));
		ASSERT_OK(comes_back(self->address));
	}
}

TEST_HARNESS_MAIN
