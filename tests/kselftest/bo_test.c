// SPDX-License-Identifier: Apache-2.0
/*
 * Buffers: made, mapped, refused, isolated, given back.
 */
#include <sys/resource.h>
#include <stdio.h>

#include "tern_test.h"

TERN_FIXTURE;

static int create_errno(int fd, struct tern_bo_create args)
{
	args.size = sizeof(args);
	return do_call(fd, TERN_IOCTL_BO_CREATE, &args);
}

static uint64_t mem_free(int fd)
{
	struct tern_info info;

	return do_info(fd, &info) ? 0 : info.mem_free;
}

/* Pages of this process that are charged to RLIMIT_MEMLOCK, in KiB. */
static long locked_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmLck: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

TEST_F(tern, create_refused)
{
	struct tern_info info;

	ASSERT_OK(do_info(self->fd, &info));
#define CREATE(...)	create_errno(self->fd, (struct tern_bo_create){ __VA_ARGS__ })
	EXPECT_ERR(EOPNOTSUPP, CREATE(.kind = 3, .bytes = PAGE));
	EXPECT_ERR(EOPNOTSUPP, CREATE(.kind = UINT32_MAX, .bytes = PAGE));
	EXPECT_ERR(EOPNOTSUPP, CREATE(.kind = TERN_BO_DEVICE, .flags = 2, .bytes = PAGE));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_DEVICE, .flags = TERN_BO_READ_ONLY,
				  .bytes = PAGE));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_HOST, .flags = TERN_BO_READ_ONLY,
				  .bytes = PAGE));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_DEVICE, .bytes = 0));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_HOST, .bytes = 0));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_DEVICE, .bytes = PAGE, .user_addr = PAGE));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_HOST, .bytes = PAGE, .user_addr = PAGE));
	EXPECT_ERR(EINVAL, CREATE(.kind = TERN_BO_HOST, .bytes = info.host_bo_max + 1));
	EXPECT_ERR(EOVERFLOW, CREATE(.kind = TERN_BO_DEVICE, .bytes = UINT64_MAX));
	EXPECT_ERR(EOVERFLOW, CREATE(.kind = TERN_BO_HOST, .bytes = UINT64_MAX));
	EXPECT_ERR(ENOSPC, CREATE(.kind = TERN_BO_DEVICE, .bytes = info.mem_size + 1));
	EXPECT_ERR(ENOSPC, CREATE(.kind = TERN_BO_DEVICE, .bytes = 1ull << 62));
}

TEST_F(tern, create_user_refused)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t handle;

	ASSERT_NE(MAP_FAILED, pages);
	EXPECT_ERR(EINVAL, do_create_user(self->fd, NULL, PAGE, 0, &handle));
	EXPECT_ERR(EINVAL, do_create_user(self->fd, pages + 64, PAGE, 0, &handle));
	EXPECT_ERR(EINVAL, do_create_user(self->fd, pages, 0, 0, &handle));
	EXPECT_ERR(EOVERFLOW, do_create_user(self->fd, pages, UINT64_MAX - PAGE, 0, &handle));
	EXPECT_ERR(EFAULT, do_create_user(self->fd, pages, 1ull << 60, 0, &handle));
	/* The pages may only be read. */
	EXPECT_ERR(EFAULT, do_create_user(self->fd, pages, PAGE, 0, &handle));
	EXPECT_OK(do_create_user(self->fd, pages, PAGE, TERN_BO_READ_ONLY, &handle));
	EXPECT_OK(do_destroy(self->fd, handle));
	munmap(pages + PAGE, PAGE);
	EXPECT_ERR(EFAULT, do_create_user(self->fd, pages, 2 * PAGE, TERN_BO_READ_ONLY,
					  &handle));
	munmap(pages, PAGE);
}

TEST_F(tern, handles)
{
	uint32_t a, b, c;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 1, &a));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &b));
	EXPECT_NE(0, a);
	EXPECT_NE(0, b);
	EXPECT_NE(a, b);
	EXPECT_OK(do_destroy(self->fd, a));
	EXPECT_ERR(ENOENT, do_destroy(self->fd, a));
	EXPECT_ERR(ENOENT, do_destroy(self->fd, 0));
	EXPECT_ERR(ENOENT, do_destroy(self->fd, UINT32_MAX));
	EXPECT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &c));
	EXPECT_NE(b, c);
	EXPECT_OK(do_destroy(self->fd, b));
	EXPECT_OK(do_destroy(self->fd, c));
}

TEST_F(tern, handles_are_private)
{
	int other = do_open_file();
	uint32_t handle;
	uint64_t offset;

	ASSERT_LE(0, other);
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	ASSERT_OK(do_offset(self->fd, handle, &offset));
	EXPECT_ERR(ENOENT, do_destroy(other, handle));
	EXPECT_ERR(ENOENT, do_offset(other, handle, &offset));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, other, offset));
	EXPECT_EQ(ENOENT, errno);
	close(other);
}

TEST_F(tern, device_memory_accounting)
{
	uint64_t before = mem_free(self->fd);
	uint32_t handle;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, PAGE + 1, &handle));
	EXPECT_EQ(before - 2 * PAGE, mem_free(self->fd));
	EXPECT_OK(do_destroy(self->fd, handle));
	EXPECT_EQ(before, mem_free(self->fd));
}

TEST_F(tern, device_memory_runs_out)
{
	uint32_t handles[64];
	uint32_t n = 0, extra;
	int ret = 0;

	/* Holes of 8 MiB are enough, and nobody waits for zeroing more than once. */
	while (n < 64 && !(ret = do_create(self->fd, TERN_BO_DEVICE, 8 * MIB, &handles[n])))
		n++;
	if (n == 64)
		SKIP(return, "more device memory than this test fills");
	EXPECT_ERR(ENOSPC, ret);
	EXPECT_OK(do_destroy(self->fd, handles[--n]));
	EXPECT_OK(do_create(self->fd, TERN_BO_DEVICE, 8 * MIB, &extra));
	EXPECT_OK(do_destroy(self->fd, extra));
	while (n)
		EXPECT_OK(do_destroy(self->fd, handles[--n]));
}

/* What one user wrote no other may read: the same memory comes back zeroed. */
TEST_F(tern, zeroed)
{
	static const uint32_t kinds[] = { TERN_BO_DEVICE, TERN_BO_HOST };
	size_t i, round;

	for (i = 0; i < 2; i++) {
		for (round = 0; round < 4; round++) {
			int fd = do_open_file();
			uint32_t handle;
			void *addr;

			ASSERT_LE(0, fd);
			ASSERT_OK(do_create(fd, kinds[i], 64 * PAGE, &handle));
			addr = do_map(fd, handle, 64 * PAGE);
			ASSERT_NE(NULL, addr);
			EXPECT_TRUE(is_zero(addr, 64 * PAGE));
			pattern(addr, 64 * PAGE, round);
			munmap(addr, 64 * PAGE);
			close(fd);
		}
	}
}

TEST_F(tern, map_and_read_back)
{
	static const uint32_t kinds[] = { TERN_BO_DEVICE, TERN_BO_HOST };
	size_t bytes = 80 * PAGE, i;
	uint32_t *expected = malloc(bytes);

	for (i = 0; i < 2; i++) {
		uint32_t *one, *two, handle;

		ASSERT_OK(do_create(self->fd, kinds[i], bytes, &handle));
		one = do_map(self->fd, handle, bytes);
		two = do_map(self->fd, handle, bytes);
		ASSERT_NE(NULL, one);
		ASSERT_NE(NULL, two);
		pattern(one, bytes, i);
		pattern(expected, bytes, i);
		EXPECT_EQ(0, memcmp(expected, two, bytes));
		munmap(one, bytes);
		EXPECT_EQ(0, memcmp(expected, two, bytes));
		munmap(two, bytes);
		EXPECT_OK(do_destroy(self->fd, handle));
	}
	free(expected);
}

TEST_F(tern, map_a_part)
{
	uint32_t *all, *part, handle;
	uint64_t offset;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 128 * PAGE, &handle));
	ASSERT_OK(do_offset(self->fd, handle, &offset));
	all = do_map(self->fd, handle, 128 * PAGE);
	ASSERT_NE(NULL, all);
	pattern(all, 128 * PAGE, 7);
	part = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, self->fd, offset + 69 * PAGE);
	ASSERT_NE(MAP_FAILED, part);
	EXPECT_EQ(0, memcmp(part, (char *)all + 69 * PAGE, 2 * PAGE));
}

TEST_F(tern, map_refused)
{
	uint32_t handle, user;
	uint64_t offset;
	void *pages;

#define MAP_ERROR(error, bytes, flags, where) do {					\
	EXPECT_EQ(MAP_FAILED, mmap(NULL, bytes, PROT_READ, flags, self->fd, where));	\
	EXPECT_EQ(error, errno);							\
} while (0)
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, 2 * PAGE, &handle));
	ASSERT_OK(do_offset(self->fd, handle, &offset));
	MAP_ERROR(EINVAL, PAGE, MAP_PRIVATE, offset);
	MAP_ERROR(ERANGE, 3 * PAGE, MAP_SHARED, offset);
	MAP_ERROR(ERANGE, 2 * PAGE, MAP_SHARED, offset + PAGE);
	MAP_ERROR(ENOENT, PAGE, MAP_SHARED, 0);
	EXPECT_ERR(ENOENT, do_offset(self->fd, 0, &offset));
	EXPECT_ERR(ENOENT, do_offset(self->fd, handle + 1000, &offset));

	pages = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_OK(do_create_user(self->fd, pages, PAGE, 0, &user));
	EXPECT_ERR(EOPNOTSUPP, do_offset(self->fd, user, &offset));
}

/* A mapping keeps the memory when the handle is gone. */
TEST_F(tern, map_outlives_handle)
{
	uint64_t before = mem_free(self->fd);
	uint32_t *addr, handle;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, 4 * PAGE, &handle));
	addr = do_map(self->fd, handle, 4 * PAGE);
	ASSERT_NE(NULL, addr);
	addr[0] = 42;
	EXPECT_OK(do_destroy(self->fd, handle));
	EXPECT_EQ(before - 4 * PAGE, mem_free(self->fd));
	EXPECT_EQ(42, addr[0]);
	addr[1024] = 43;
	EXPECT_EQ(43, addr[1024]);
	munmap(addr, 4 * PAGE);
	EXPECT_EQ(before, mem_free(self->fd));
}

TEST_F(tern, user_pages_are_charged)
{
	char *pages = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	long before = locked_kib();
	uint32_t handle;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_LE(0, before);
	ASSERT_OK(do_create_user(self->fd, pages, 16 * PAGE, 0, &handle));
	EXPECT_EQ(before + 64, locked_kib());
	EXPECT_OK(do_destroy(self->fd, handle));
	EXPECT_EQ(before, locked_kib());
}

TEST_F(tern, user_pages_are_limited)
{
	struct rlimit limit = { .rlim_cur = 8 * PAGE, .rlim_max = 8 * PAGE };
	char *pages = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	uint32_t handle;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_OK(setrlimit(RLIMIT_MEMLOCK, &limit));
	/* The limit does not bind root. */
	ASSERT_OK(setuid(65534));
	EXPECT_ERR(ENOMEM, do_create_user(self->fd, pages, 16 * PAGE, 0, &handle));
	EXPECT_OK(do_create_user(self->fd, pages, 8 * PAGE, 0, &handle));
}

TEST_HARNESS_MAIN
