// SPDX-License-Identifier: Apache-2.0
/*
 * Buffers shared as dma-bufs: between contexts, files and processes of one device.
 */
#include <sys/socket.h>

#include "dmabuf.h"
#include "tern_test.h"

TERN_FIXTURE;

static uint64_t mem_free(int fd)
{
	struct tern_info info;

	return do_info(fd, &info) ? 0 : info.mem_free;
}

TEST_F(tern, export_refused)
{
	struct tern_bo_export args = { .size = sizeof(args) };
	uint32_t handle, user;
	void *pages;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	args.handle = handle;
	args.flags = 1;
	EXPECT_ERR(EOPNOTSUPP, do_call(self->fd, TERN_IOCTL_BO_EXPORT, &args));
	args.flags = 0;
	args.handle = 0;
	EXPECT_ERR(ENOENT, do_call(self->fd, TERN_IOCTL_BO_EXPORT, &args));
	args.handle = handle + 1;
	EXPECT_ERR(ENOENT, do_call(self->fd, TERN_IOCTL_BO_EXPORT, &args));
	pages = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_OK(do_create_user(self->fd, pages, PAGE, 0, &user));
	args.handle = user;
	EXPECT_ERR(EOPNOTSUPP, do_call(self->fd, TERN_IOCTL_BO_EXPORT, &args));
}

TEST_F(tern, import_refused)
{
	struct tern_bo_import args = { .size = sizeof(args), .flags = 1 };
	struct tern_bo_import out;
	uint32_t handle;
	int dmabuf;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	ASSERT_OK(do_export(self->fd, handle, &dmabuf));
	args.fd = dmabuf;
	EXPECT_ERR(EOPNOTSUPP, do_call(self->fd, TERN_IOCTL_BO_IMPORT, &args));
	EXPECT_ERR(EBADF, do_import(self->fd, -1, &out));
	EXPECT_ERR(EBADF, do_import(self->fd, 1000, &out));
	EXPECT_ERR(EINVAL, do_import(self->fd, self->fd, &out));
	EXPECT_OK(do_import(self->fd, dmabuf, &out));
}

/* An output that cannot be written leaves no descriptor and no handle behind. */
TEST_F(tern, unwritable)
{
	struct tern_bo_export *args = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tern_bo_import *import = (void *)(args + 1), out;
	uint32_t handle, next;
	int dmabuf, before, after;

	ASSERT_NE(MAP_FAILED, (void *)args);
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	ASSERT_OK(do_export(self->fd, handle, &dmabuf));
	*args = (struct tern_bo_export){ .size = sizeof(*args), .handle = handle };
	*import = (struct tern_bo_import){ .size = sizeof(*import), .fd = dmabuf };
	ASSERT_OK(mprotect(args, PAGE, PROT_READ));
	before = dup(0);
	close(before);
	EXPECT_ERR(EFAULT, do_call(self->fd, TERN_IOCTL_BO_EXPORT, args));
	after = dup(0);
	EXPECT_EQ(before, after);
	EXPECT_ERR(EFAULT, do_call(self->fd, TERN_IOCTL_BO_IMPORT, import));
	ASSERT_OK(do_import(self->fd, dmabuf, &out));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &next));
	/* The handle that failed is free again. */
	EXPECT_EQ(out.handle + 1, next);
}

/* One buffer, two contexts: both see what either writes, by hand and by the device. */
TEST_F(tern, two_contexts)
{
	static const uint32_t kinds[] = { TERN_BO_DEVICE, TERN_BO_HOST };
	uint32_t *mine, *theirs, handle, i;
	struct tern_bo_import import;
	struct tern_cmd fill;
	int other, dmabuf;

	for (i = 0; i < 2; i++) {
		other = do_open_file();
		ASSERT_LE(0, other);
		ASSERT_OK(do_create(self->fd, kinds[i], 3 * PAGE, &handle));
		ASSERT_OK(do_export(self->fd, handle, &dmabuf));
		EXPECT_EQ(FD_CLOEXEC, fcntl(dmabuf, F_GETFD));
		ASSERT_OK(do_import(other, dmabuf, &import));
		close(dmabuf);
		EXPECT_EQ(kinds[i], import.kind);
		EXPECT_EQ(3 * PAGE, import.bytes);
		EXPECT_EQ(0, import.bo_flags);
		mine = do_map(self->fd, handle, 3 * PAGE);
		theirs = do_map(other, import.handle, 3 * PAGE);
		ASSERT_NE(NULL, mine);
		ASSERT_NE(NULL, theirs);
		mine[5] = 55;
		EXPECT_EQ(55, theirs[5]);
		fill = cmd_fill(import.handle, PAGE, PAGE, 77);
		ASSERT_OK(do_run(other, &fill, 1));
		EXPECT_EQ(77, mine[1024]);
		EXPECT_EQ(77, mine[2047]);
		EXPECT_EQ(0, mine[2048]);
		munmap(mine, 3 * PAGE);
		munmap(theirs, 3 * PAGE);
		close(other);
	}
}

/* The second process gets the descriptor over a socket, and nothing else of the first one's. */
TEST_F(tern, two_processes)
{
	uint32_t *mine, handle;
	int sockets[2], dmabuf, status;
	pid_t child;

	ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	child = fork();
	if (!child) {
		struct tern_bo_import import;
		struct tern_cmd cmds[2];
		uint32_t device, *words;
		int fd = do_open_file();

		close(self->fd);
		dmabuf = receive_fd(sockets[1]);
		if (fd < 0 || dmabuf < 0 || do_import(fd, dmabuf, &import))
			_exit(1);
		words = do_map(fd, import.handle, PAGE);
		if (!words || words[1] != 0x600d || do_create(fd, TERN_BO_DEVICE, PAGE, &device))
			_exit(2);
		cmds[0] = cmd_fill(device, 0, PAGE, 0xcafe);
		cmds[1] = cmd_copy(device, 0, import.handle, 0, PAGE);
		if (do_run(fd, cmds, 2) || words[1] != 0xcafe)
			_exit(3);
		/* No other handle is there. */
		_exit(do_destroy(fd, device + import.handle + 1) == -ENOENT ? 0 : 4);
	}
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	mine = do_map(self->fd, handle, PAGE);
	ASSERT_NE(NULL, mine);
	mine[1] = 0x600d;
	ASSERT_OK(do_export(self->fd, handle, &dmabuf));
	ASSERT_OK(send_fd(sockets[0], dmabuf));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0xcafe, mine[1]);
	EXPECT_EQ(0xcafe, mine[1023]);
}

/* The memory goes with the last of handles, descriptors and mappings, whichever it is. */
TEST_F(tern, last_reference)
{
	uint64_t before = mem_free(self->fd);
	struct tern_bo_import import, again;
	int other = do_open_file(), dmabuf;
	uint32_t handle, *words;

	ASSERT_LE(0, other);
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, 4 * PAGE, &handle));
	ASSERT_OK(do_export(self->fd, handle, &dmabuf));
	ASSERT_OK(do_destroy(self->fd, handle));
	EXPECT_EQ(before - 4 * PAGE, mem_free(self->fd));
	ASSERT_OK(do_import(other, dmabuf, &import));
	ASSERT_OK(do_import(other, dmabuf, &again));
	EXPECT_NE(import.handle, again.handle);
	close(dmabuf);
	EXPECT_OK(do_destroy(other, import.handle));
	words = do_map(other, again.handle, PAGE);
	ASSERT_NE(NULL, words);
	words[0] = 1;
	close(other);
	EXPECT_EQ(1, words[0]);
	EXPECT_EQ(before - 4 * PAGE, mem_free(self->fd));
	munmap(words, PAGE);
	EXPECT_EQ(before, mem_free(self->fd));

	/* The descriptor alone. */
	other = do_open_file();
	ASSERT_OK(do_create(other, TERN_BO_DEVICE, PAGE, &handle));
	ASSERT_OK(do_export(other, handle, &dmabuf));
	close(other);
	EXPECT_EQ(before - PAGE, mem_free(self->fd));
	ASSERT_OK(do_import(self->fd, dmabuf, &import));
	close(dmabuf);
	EXPECT_OK(do_destroy(self->fd, import.handle));
	EXPECT_EQ(before, mem_free(self->fd));
}

/* A buffer counts for the context that made it. */
TEST_F(tern, accounting)
{
	struct tern_context context = { 0 };
	struct tern_bo_import import;
	int other = do_open_file(), dmabuf;
	uint32_t handle;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 2 * PAGE, &handle));
	ASSERT_OK(do_export(self->fd, handle, &dmabuf));
	ASSERT_OK(do_import(other, dmabuf, &import));
	ASSERT_OK(do_context(other, &context));
	EXPECT_EQ(0, context.host_used);
	ASSERT_OK(do_destroy(self->fd, handle));
	memset(&context, 0, sizeof(context));
	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(2 * PAGE, context.host_used);
	close(dmabuf);
	close(other);
	memset(&context, 0, sizeof(context));
	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(0, context.host_used);
}

/* The descriptor itself shows nothing. */
TEST_F(tern, no_other_way_in)
{
	uint32_t handle;
	char byte;
	int dmabuf;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	ASSERT_OK(do_export(self->fd, handle, &dmabuf));
	EXPECT_EQ(PAGE, lseek(dmabuf, 0, SEEK_END));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dmabuf, 0));
	EXPECT_EQ(-1, read(dmabuf, &byte, 1));
}

TEST_HARNESS_MAIN
