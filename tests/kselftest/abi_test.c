// SPDX-License-Identifier: Apache-2.0
/*
 * The front door: sizes, flags and unknown numbers of every ioctl.
 */
#include "tern_test.h"

TERN_FIXTURE;

TEST_F(tern, unknown_ioctl)
{
	struct tern_info info = { .size = sizeof(info) };

	EXPECT_ERR(ENOTTY, do_call(self->fd, _IO(TERN_IOCTL_TYPE, 0x40), &info));
	EXPECT_ERR(ENOTTY, do_call(self->fd, _IO(TERN_IOCTL_TYPE, 0xff), &info));
	EXPECT_ERR(ENOTTY, do_call(self->fd, _IO(TERN_IOCTL_TYPE + 1, 0x00), &info));
	EXPECT_ERR(ENOTTY, do_call(self->fd, _IOWR(TERN_IOCTL_TYPE, 0x00, info), &info));
}

TEST_F(tern, info)
{
	struct tern_info info;

	ASSERT_OK(do_info(self->fd, &info));
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(TERN_ABI_MAJOR, info.abi_major);
	EXPECT_EQ(TERN_ABI_MINOR, info.abi_minor);
	EXPECT_EQ(TERN_ABI_HASH, info.abi_hash);
	EXPECT_NE(0, info.lanes);
	EXPECT_NE(0, info.cols);
	EXPECT_NE(0, info.clock_khz);
	EXPECT_LE(1, info.queues);
	EXPECT_GE(TERN_QUEUES_MAX, info.queues);
	EXPECT_LE(PAGE, info.host_bo_max);
	EXPECT_LE(MIB, info.mem_size);
	EXPECT_GE(info.mem_size, info.mem_free);
}

/* Every struct, zero but for its size, and what such a call gives. */
FIXTURE(length) {
	int fd;
};

FIXTURE_VARIANT(length) {
	unsigned long nr;
	uint32_t first_size;	/* of the struct's first version */
	uint32_t size;
	int error;
};

#define LENGTH_VARIANT(name, number, type, last, zero_error)		\
	FIXTURE_VARIANT_ADD(length, name) {				\
		.nr = (number),						\
		.first_size = offsetof(struct type, last) +		\
			      sizeof(((struct type *)NULL)->last),	\
		.size = sizeof(struct type),				\
		.error = (zero_error),					\
	}

LENGTH_VARIANT(info, TERN_IOCTL_INFO, tern_info, mem_free, 0);
LENGTH_VARIANT(bo_create, TERN_IOCTL_BO_CREATE, tern_bo_create, user_addr, EINVAL);
LENGTH_VARIANT(bo_destroy, TERN_IOCTL_BO_DESTROY, tern_bo_destroy, handle, ENOENT);
LENGTH_VARIANT(bo_mmap, TERN_IOCTL_BO_MMAP, tern_bo_mmap, offset, ENOENT);
LENGTH_VARIANT(submit, TERN_IOCTL_SUBMIT, tern_submit, first, EINVAL);
LENGTH_VARIANT(wait, TERN_IOCTL_WAIT, tern_wait, timeout_ns, EINVAL);
LENGTH_VARIANT(eventfd, TERN_IOCTL_EVENTFD, tern_eventfd, pad, EINVAL);
LENGTH_VARIANT(context, TERN_IOCTL_CONTEXT, tern_context, host_used, 0);
LENGTH_VARIANT(bo_export, TERN_IOCTL_BO_EXPORT, tern_bo_export, fd, ENOENT);
LENGTH_VARIANT(bo_import, TERN_IOCTL_BO_IMPORT, tern_bo_import, bytes, EINVAL);

FIXTURE_SETUP(length)
{
	self->fd = do_open_file();
	if (self->fd == -ENOENT)
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(length)
{
	close(self->fd);
}

TEST_F(length, too_short)
{
	unsigned char arg[8192] = { 0 };
	uint32_t size;

	for (size = 0; size < variant->first_size; size++) {
		memcpy(arg, &size, sizeof(size));
		EXPECT_ERR(EINVAL, do_call(self->fd, variant->nr, arg)) {
			TH_LOG("size %u", size);
		}
	}
}

/* A program built with an older header: nothing behind its struct is read or written. */
TEST_F(length, older)
{
	unsigned char arg[8192];
	uint32_t size;

	for (size = variant->first_size; size < variant->size; size++) {
		memset(arg, 0, sizeof(arg));
		memset(arg + size, 0xa5, sizeof(arg) - size);
		memcpy(arg, &size, sizeof(size));
		EXPECT_ERR(variant->error, do_call(self->fd, variant->nr, arg)) {
			TH_LOG("size %u", size);
		}
		EXPECT_EQ(0xa5, arg[size]);
		EXPECT_EQ(0, memcmp(arg + size, arg + size + 1, sizeof(arg) - size - 1));
	}
}

TEST_F(length, exact)
{
	unsigned char arg[8192] = { 0 };

	memcpy(arg, &variant->size, sizeof(variant->size));
	EXPECT_ERR(variant->error, do_call(self->fd, variant->nr, arg));
}

TEST_F(length, longer_with_zero_tail)
{
	unsigned char arg[8192];
	uint32_t size;

	for (size = variant->size + 1; size <= variant->size + 32; size++) {
		memset(arg, 0, sizeof(arg));
		memcpy(arg, &size, sizeof(size));
		EXPECT_ERR(variant->error, do_call(self->fd, variant->nr, arg));
		/* Nothing is written that the kernel does not know. */
		EXPECT_TRUE(is_zero(arg + variant->size, sizeof(arg) - variant->size));
	}
	size = PAGE;
	memset(arg, 0, sizeof(arg));
	memcpy(arg, &size, sizeof(size));
	EXPECT_ERR(variant->error, do_call(self->fd, variant->nr, arg));
}

TEST_F(length, longer_with_nonzero_tail)
{
	unsigned char arg[8192];
	uint32_t size, extra;

	for (extra = 1; extra <= 32; extra++) {
		memset(arg, 0, sizeof(arg));
		size = variant->size + extra;
		memcpy(arg, &size, sizeof(size));
		arg[size - 1] = 1;
		EXPECT_ERR(E2BIG, do_call(self->fd, variant->nr, arg));
	}
}

TEST_F(length, absurd)
{
	unsigned char arg[8192] = { 0 };
	uint32_t size = PAGE + 1;

	memcpy(arg, &size, sizeof(size));
	EXPECT_ERR(E2BIG, do_call(self->fd, variant->nr, arg));
	size = UINT32_MAX;
	memcpy(arg, &size, sizeof(size));
	EXPECT_ERR(E2BIG, do_call(self->fd, variant->nr, arg));
}

TEST_F(length, unreadable)
{
	unsigned char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *arg = pages + PAGE - variant->size + 4;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_OK(mprotect(pages + PAGE, PAGE, PROT_NONE));
	EXPECT_ERR(EFAULT, do_call(self->fd, variant->nr, NULL));
	EXPECT_ERR(EFAULT, do_call(self->fd, variant->nr, pages + PAGE));
	/* The size can be read, its end cannot. */
	memcpy(arg, &variant->size, sizeof(variant->size));
	EXPECT_ERR(EFAULT, do_call(self->fd, variant->nr, arg));
	munmap(pages, 2 * PAGE);
}

/* An output that cannot be written: nothing has happened. */
TEST_F(tern, unwritable)
{
	struct tern_bo_create *create = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tern_submit *submit = (void *)(create + 1);
	struct tern_cmd nop = cmd_nop();
	struct tern_info before, after;
	uint64_t first, second;

	ASSERT_NE(MAP_FAILED, (void *)create);
	*create = (struct tern_bo_create){ .size = sizeof(*create), .bytes = PAGE };
	*submit = (struct tern_submit){
		.size = sizeof(*submit),
		.count = 1,
		.cmd_size = sizeof(nop),
		.cmds = (uintptr_t)&nop,
	};
	ASSERT_OK(mprotect(create, PAGE, PROT_READ));
	ASSERT_OK(do_info(self->fd, &before));
	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	EXPECT_ERR(EFAULT, do_call(self->fd, TERN_IOCTL_BO_CREATE, create));
	EXPECT_ERR(EFAULT, do_call(self->fd, TERN_IOCTL_SUBMIT, submit));
	ASSERT_OK(do_submit(self->fd, &nop, 1, &second));
	EXPECT_EQ(first + 1, second);
	ASSERT_OK(do_wait(self->fd, first, 2, NULL));
	ASSERT_OK(do_info(self->fd, &after));
	EXPECT_EQ(before.mem_free, after.mem_free);
}

TEST_F(tern, submit_header)
{
	struct tern_cmd cmds[2] = { cmd_nop(), cmd_nop() };
	struct tern_submit good = {
		.size = sizeof(good),
		.count = 1,
		.cmd_size = sizeof(cmds[0]),
		.cmds = (uintptr_t)cmds,
	};
	struct tern_submit args = good;

	args.flags = 1;
	EXPECT_ERR(EOPNOTSUPP, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args = good;
	args.count = 0;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args.count = TERN_SUBMIT_MAX + 1;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args = good;
	args.cmd_size = sizeof(cmds[0]) - 8;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args.cmd_size = sizeof(cmds[0]) + 4;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args.cmd_size = 2 * PAGE;
	EXPECT_ERR(E2BIG, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args = good;
	args.cmds = 0;
	EXPECT_ERR(EFAULT, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	args = good;
	EXPECT_OK(do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	EXPECT_OK(do_wait(self->fd, args.first, 1, NULL));
}

TEST_F(tern, submit_larger_commands)
{
	struct {
		struct tern_cmd cmd;
		uint64_t more;
	} cmds[2] = { { .cmd = cmd_nop() }, { .cmd = cmd_nop() } };
	struct tern_submit args = {
		.size = sizeof(args),
		.count = 2,
		.cmd_size = sizeof(cmds[0]),
		.cmds = (uintptr_t)cmds,
	};

	EXPECT_OK(do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
	EXPECT_OK(do_wait(self->fd, args.first, 2, NULL));
	cmds[1].more = 1;
	EXPECT_ERR(E2BIG, do_call(self->fd, TERN_IOCTL_SUBMIT, &args));
}

TEST_F(tern, wait_header)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;
	struct tern_wait good = {
		.size = sizeof(good),
		.count = 1,
		.result_size = sizeof(result),
		.results = (uintptr_t)&result,
		.timeout_ns = do_now() + LONG_S * NS_PER_S,
	};
	struct tern_wait args;
	uint64_t first;

	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	good.first = first;
	args = good;
	args.flags = TERN_WAIT_ANY << 1;
	EXPECT_ERR(EOPNOTSUPP, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args = good;
	args.pad = 1;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args = good;
	args.count = 0;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.count = TERN_SUBMIT_MAX + 1;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args = good;
	args.result_size = sizeof(result) - 8;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.result_size = sizeof(result) + 4;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.result_size = 0;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args.result_size = 2 * PAGE;
	EXPECT_ERR(E2BIG, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args = good;
	args.timeout_ns = -1;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args = good;
	args.first = UINT64_MAX;
	args.count = 2;
	EXPECT_ERR(EOVERFLOW, do_call(self->fd, TERN_IOCTL_WAIT, &args));
	args = good;
	EXPECT_OK(do_call(self->fd, TERN_IOCTL_WAIT, &args));
}

TEST_F(tern, wait_larger_results)
{
	struct {
		struct tern_result result;
		uint64_t more;
	} results[2];
	struct tern_cmd cmds[2] = { cmd_nop(), cmd_nop() };
	struct tern_wait args = {
		.size = sizeof(args),
		.count = 2,
		.result_size = sizeof(results[0]),
		.results = (uintptr_t)results,
		.timeout_ns = do_now() + LONG_S * NS_PER_S,
	};

	memset(results, 0xff, sizeof(results));
	ASSERT_OK(do_submit(self->fd, cmds, 2, (uint64_t *)&args.first));
	ASSERT_OK(do_call(self->fd, TERN_IOCTL_WAIT, &args));
	EXPECT_EQ(0, results[0].result.error);
	EXPECT_EQ(0, results[1].result.error);
	EXPECT_EQ(0, results[0].more);
	EXPECT_EQ(0, results[1].more);
}

/* A WAIT that cannot write its results collects nothing. */
TEST_F(tern, wait_unwritable)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result *results = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
					   -1, 0);
	uint64_t first;

	ASSERT_NE(MAP_FAILED, (void *)results);
	ASSERT_OK(do_submit(self->fd, &nop, 1, &first));
	EXPECT_ERR(EFAULT, do_wait(self->fd, first, 1, results));
	EXPECT_OK(do_wait(self->fd, first, 1, NULL));
}

TEST_HARNESS_MAIN
