// SPDX-License-Identifier: Apache-2.0
/*
 * What a context can be given: an eventfd, a priority, limits.
 */
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include "sysfs.h"
#include "tern_test.h"

TERN_FIXTURE;

/* The rest of the process does without a capability. */
static int drop_capability(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[capability / 32].effective &= ~(1u << capability % 32);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* ------------------------------------------------------------------ eventfd */

TEST_F(tern, eventfd_refused)
{
	struct tern_eventfd args = { .size = sizeof(args), .fd = -1 };
	int fds[2];

	EXPECT_OK(do_call(self->fd, TERN_IOCTL_EVENTFD, &args));
	args.flags = 1;
	EXPECT_ERR(EOPNOTSUPP, do_call(self->fd, TERN_IOCTL_EVENTFD, &args));
	args.flags = 0;
	args.pad = 1;
	EXPECT_ERR(EINVAL, do_call(self->fd, TERN_IOCTL_EVENTFD, &args));
	EXPECT_ERR(EINVAL, do_eventfd(self->fd, -2));
	EXPECT_ERR(EBADF, do_eventfd(self->fd, 1000));
	ASSERT_OK(pipe(fds));
	EXPECT_ERR(EINVAL, do_eventfd(self->fd, fds[0]));
	EXPECT_ERR(EINVAL, do_eventfd(self->fd, self->fd));
}

TEST_F(tern, eventfd_tells)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd pfd = { .fd = event, .events = POLLIN };
	struct tern_cmd cmds[4] = { cmd_nop(), cmd_nop(), cmd_nop(), cmd_nop() };
	uint64_t first, count;

	ASSERT_LE(0, event);
	ASSERT_OK(do_eventfd(self->fd, event));
	/* Nothing has ended yet. */
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	ASSERT_OK(do_submit(self->fd, cmds, 4, &first));
	EXPECT_EQ(1, poll(&pfd, 1, LONG_S * 1000));
	ASSERT_EQ(sizeof(count), read(event, &count, sizeof(count)));
	EXPECT_LE(1, count);
	EXPECT_GE(4, count);
	EXPECT_OK(do_wait(self->fd, first, 4, NULL));
	/* Taken away, it hears no more of it. */
	while (read(event, &count, sizeof(count)) > 0)
		;
	ASSERT_OK(do_eventfd(self->fd, -1));
	ASSERT_OK(do_submit(self->fd, cmds, 4, &first));
	EXPECT_OK(do_wait(self->fd, first, 4, NULL));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	close(event);
}

/* Was the end of the context's job noticed by an interrupt, as the trace has it? */
static bool ended_in_interrupt(long long context, uint64_t job)
{
	char end[96];
	const char *line;

	snprintf(end, sizeof(end), " context=%lld job=%llu ", context, (unsigned long long)job);
	for (line = whole_text(TRACING "/trace"); line && *line; line = strchr(line + 1, '\n')) {
		const char *flags = strstr(line, "] "), *event = strstr(line, "tern_job_end: ");
		const char *named = strstr(line, end), *next = strchr(line + 1, '\n');

		if (flags && event && named && next && named < next)
			/* Interrupts off, reschedule, and then where: in a handler, or not. */
			return flags[4] == 'h' || flags[4] == 'H';
	}
	return false;
}

/*
 * A SUBMIT that waits for room in the ring, and one with long jobs behind it: the first one's end
 * is told by an interrupt when it comes, and not when the driver looks after the device or those
 * long jobs end. fdinfo is looked at, because WAIT would take completions itself.
 */
TEST_F(tern, eventfd_tells_of_each_submit)
{
	long long context = usage(self->fd, "drm-client-id");
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd pfd = { .fd = event, .events = POLLIN };
	struct tern_cmd nops[300];
	uint64_t first, waiting, last, count;
	uint32_t handle, i;

	ASSERT_LE(0, event);
	ASSERT_OK(do_eventfd(self->fd, event));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	for (i = 0; i < ARRAY_SIZE(nops); i++)
		nops[i] = cmd_nop();
	close(open(TRACING "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC));
	ASSERT_OK(put_text(TRACING "/events/tern/tern_job_end/enable", "1"));
	ASSERT_OK(do_busy(self->fd, handle, 2, &first));
	ASSERT_OK(do_submit(self->fd, nops, ARRAY_SIZE(nops), &first));
	ASSERT_OK(do_submit(self->fd, nops, 5, &waiting));
	ASSERT_OK(do_busy(self->fd, handle, 8, &last));
	while (usage(self->fd, "tern-jobs-ended") < (long long)waiting + 4) {
		ASSERT_EQ(1, poll(&pfd, 1, LONG_S * 1000));
		ASSERT_EQ(sizeof(count), read(event, &count, sizeof(count)));
	}
	EXPECT_GT((long long)last + 7, usage(self->fd, "tern-jobs-ended"));
	ASSERT_OK(put_text(TRACING "/events/tern/tern_job_end/enable", "0"));
	EXPECT_TRUE(ended_in_interrupt(context, waiting + 4));
	EXPECT_OK(do_wait(self->fd, last, 8, NULL));
	close(event);
}

/* The kernel's reference is its own, and another context's jobs do not count. */
TEST_F(tern, eventfd_is_private)
{
	int event = eventfd(0, EFD_CLOEXEC), kept = dup(event), other = do_open_file();
	struct pollfd pfd = { .fd = kept, .events = POLLIN };
	struct tern_cmd nop = cmd_nop();

	ASSERT_LE(0, other);
	ASSERT_OK(do_eventfd(self->fd, event));
	close(event);
	ASSERT_OK(do_run(other, &nop, 1));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	ASSERT_OK(do_run(self->fd, &nop, 1));
	EXPECT_EQ(1, poll(&pfd, 1, LONG_S * 1000));
	close(other);
}

/* A file closed in mid-job: its eventfd is let go of, and may be closed before or after. */
TEST_F(tern, eventfd_outlived)
{
	int round;

	for (round = 0; round < 2; round++) {
		int event = eventfd(0, EFD_CLOEXEC), fd = do_open_file();
		uint32_t handle;
		uint64_t first;

		ASSERT_LE(0, fd);
		ASSERT_OK(do_eventfd(fd, event));
		ASSERT_OK(do_create(fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
		ASSERT_OK(do_busy(fd, handle, 2, &first));
		close(round ? event : fd);
		close(round ? fd : event);
	}
}

/* Jobs that a reset ends are ended, too. */
TEST_F(tern, eventfd_tells_of_resets)
{
	int event = eventfd(0, EFD_CLOEXEC);
	struct pollfd pfd = { .fd = event, .events = POLLIN };
	struct tern_result results[4];
	uint32_t handle;
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_eventfd(self->fd, event));
	ASSERT_OK(do_busy(self->fd, handle, 4, &first));
	ASSERT_OK(class_put("reset", "1"));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	ASSERT_OK(do_wait(self->fd, first, 4, results));
	EXPECT_EQ(-ECANCELED, results[3].error);
}

/* ------------------------------------------------------------------ priorities */

static int set_priority(int fd, int priority)
{
	struct tern_context context = {
		.flags = TERN_CONTEXT_PRIORITY,
		.priority = priority,
	};

	return do_context(fd, &context);
}

TEST_F(tern, context_refused)
{
	struct tern_context context = { .flags = 8 };
	uint32_t handle;
	uint64_t first;

	EXPECT_ERR(EOPNOTSUPP, do_context(self->fd, &context));
	EXPECT_ERR(EINVAL, set_priority(self->fd, TERN_PRIORITY_HIGH + 1));
	EXPECT_ERR(EINVAL, set_priority(self->fd, TERN_PRIORITY_LOW - 1));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 2, &first));
	EXPECT_ERR(EBUSY, set_priority(self->fd, TERN_PRIORITY_LOW));
	/* What it is already it may stay. */
	EXPECT_OK(set_priority(self->fd, TERN_PRIORITY_NORMAL));
	ASSERT_OK(do_wait(self->fd, first, 2, NULL));
	EXPECT_OK(set_priority(self->fd, TERN_PRIORITY_LOW));
	ASSERT_OK(drop_capability(CAP_SYS_NICE));
	EXPECT_ERR(EPERM, set_priority(self->fd, TERN_PRIORITY_HIGH));
	EXPECT_OK(set_priority(self->fd, TERN_PRIORITY_NORMAL));
}

/* Each priority has a queue of its own where there are enough, and works. */
TEST_F(tern, priorities_have_queues)
{
	static const int priorities[] = {
		TERN_PRIORITY_NORMAL, TERN_PRIORITY_LOW, TERN_PRIORITY_HIGH,
	};
	struct tern_cmd nop = cmd_nop();
	struct tern_context context;
	struct tern_info info;
	uint32_t queue[3], i;
	char vectors[16];

	ASSERT_OK(do_info(self->fd, &info));
	for (i = 0; i < 3; i++) {
		ASSERT_OK(set_priority(self->fd, priorities[i]));
		memset(&context, 0, sizeof(context));
		ASSERT_OK(do_context(self->fd, &context));
		EXPECT_EQ(priorities[i], context.priority);
		EXPECT_GT(info.queues, context.queue);
		queue[i] = context.queue;
		EXPECT_OK(do_run(self->fd, &nop, 1));
	}
	get_text("/sys/module/tern/parameters/max_vectors", vectors, sizeof(vectors));
	if (!strcmp(vectors, "1")) {
		EXPECT_EQ(0, queue[0] | queue[1] | queue[2]);
	} else {
		EXPECT_NE(queue[0], queue[1]);
		EXPECT_NE(queue[0], queue[2]);
		EXPECT_NE(queue[1], queue[2]);
	}
}

/*
 * Much work of low priority, then a little of high: it does not wait for the other, whether the two
 * share a queue or not.
 */
TEST_F_TIMEOUT(tern, high_goes_first, 120)
{
	struct tern_cmd nops[8], fills[64];
	int low = do_open_file();
	uint32_t handle, i;
	uint64_t first, urgent;

	ASSERT_LE(0, low);
	ASSERT_OK(set_priority(low, TERN_PRIORITY_LOW));
	ASSERT_OK(set_priority(self->fd, TERN_PRIORITY_HIGH));
	ASSERT_OK(do_create(low, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	for (i = 0; i < ARRAY_SIZE(fills); i++)
		fills[i] = cmd_fill(handle, 0, BUSY_BYTES / 8, i);
	for (i = 0; i < ARRAY_SIZE(nops); i++)
		nops[i] = cmd_nop();
	ASSERT_OK(do_submit(low, fills, ARRAY_SIZE(fills), &first));
	ASSERT_OK(do_submit(self->fd, nops, ARRAY_SIZE(nops), &urgent));
	EXPECT_OK(do_wait(self->fd, urgent, ARRAY_SIZE(nops), NULL));
	EXPECT_ERR(ETIMEDOUT, do_wait_until(low, first + ARRAY_SIZE(fills) / 2, 1, 0, NULL));
	EXPECT_OK(do_wait(low, first, ARRAY_SIZE(fills), NULL));
	close(low);
}

/* ------------------------------------------------------------------ limits */

static int set_limits(int fd, uint64_t device, uint64_t host)
{
	struct tern_context context = {
		.flags = TERN_CONTEXT_DEVICE_LIMIT | TERN_CONTEXT_HOST_LIMIT,
		.device_limit = device,
		.host_limit = host,
	};

	return do_context(fd, &context);
}

TEST_F(tern, limits_hold)
{
	static const uint32_t kinds[] = { TERN_BO_DEVICE, TERN_BO_HOST };
	struct tern_context context = { 0 };
	uint32_t one, two, i;

	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(UINT64_MAX, context.device_limit);
	EXPECT_EQ(UINT64_MAX, context.host_limit);
	EXPECT_EQ(0, context.device_used);
	EXPECT_EQ(0, context.host_used);
	ASSERT_OK(set_limits(self->fd, 4 * PAGE, 4 * PAGE));
	for (i = 0; i < 2; i++) {
		ASSERT_OK(do_create(self->fd, kinds[i], 3 * PAGE, &one));
		EXPECT_ERR(EDQUOT, do_create(self->fd, kinds[i], PAGE + 1, &two));
		ASSERT_OK(do_create(self->fd, kinds[i], PAGE, &two));
		EXPECT_ERR(EDQUOT, do_create(self->fd, kinds[i], 1, &two));
		memset(&context, 0, sizeof(context));
		ASSERT_OK(do_context(self->fd, &context));
		EXPECT_EQ(4 * PAGE, context.device_used);
		EXPECT_EQ(i * 4 * PAGE, context.host_used);
		EXPECT_OK(do_destroy(self->fd, one));
		EXPECT_OK(do_create(self->fd, kinds[i], 3 * PAGE, &one));
	}
}

/* A limit binds one context, and is raised by the privileged only. */
TEST_F(tern, limits_are_private)
{
	int other = do_open_file();
	uint32_t handle;

	ASSERT_LE(0, other);
	ASSERT_OK(set_limits(self->fd, 0, 0));
	EXPECT_ERR(EDQUOT, do_create(self->fd, TERN_BO_DEVICE, 1, &handle));
	EXPECT_OK(do_create(other, TERN_BO_DEVICE, 1, &handle));
	ASSERT_OK(set_limits(self->fd, PAGE, PAGE));
	ASSERT_OK(drop_capability(CAP_SYS_RESOURCE));
	EXPECT_ERR(EPERM, set_limits(self->fd, PAGE + 1, PAGE));
	EXPECT_ERR(EPERM, set_limits(self->fd, PAGE, PAGE + 1));
	EXPECT_OK(set_limits(self->fd, PAGE - 1, PAGE));
	EXPECT_OK(set_limits(other, PAGE, UINT64_MAX));
	close(other);
}

/* One of them, and the other stays. */
TEST_F(tern, limits_one_by_one)
{
	struct tern_context context = {
		.flags = TERN_CONTEXT_DEVICE_LIMIT,
		.device_limit = 2 * PAGE,
		.host_limit = 1,
	};

	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(2 * PAGE, context.device_limit);
	EXPECT_EQ(UINT64_MAX, context.host_limit);
	context.flags = TERN_CONTEXT_HOST_LIMIT;
	context.device_limit = 1;
	context.host_limit = 3 * PAGE;
	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(2 * PAGE, context.device_limit);
	EXPECT_EQ(3 * PAGE, context.host_limit);
}

/* A change that is refused in one part is made in none. */
TEST_F(tern, context_all_or_nothing)
{
	struct tern_context context = {
		.flags = TERN_CONTEXT_PRIORITY | TERN_CONTEXT_DEVICE_LIMIT |
			 TERN_CONTEXT_HOST_LIMIT,
		.priority = TERN_PRIORITY_LOW,
		.device_limit = PAGE,
		.host_limit = 2 * PAGE,
	};

	ASSERT_OK(set_limits(self->fd, PAGE, PAGE));
	ASSERT_OK(drop_capability(CAP_SYS_RESOURCE));
	EXPECT_ERR(EPERM, do_context(self->fd, &context));
	context.priority = TERN_PRIORITY_HIGH + 1;
	context.device_limit = 0;
	context.host_limit = 0;
	EXPECT_ERR(EINVAL, do_context(self->fd, &context));
	memset(&context, 0, sizeof(context));
	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(TERN_PRIORITY_NORMAL, context.priority);
	EXPECT_EQ(PAGE, context.device_limit);
	EXPECT_EQ(PAGE, context.host_limit);
}

/* What is mapped is held, also without its handle. */
TEST_F(tern, limits_count_mappings)
{
	uint32_t handle;
	void *addr;

	ASSERT_OK(set_limits(self->fd, UINT64_MAX, PAGE));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	addr = do_map(self->fd, handle, PAGE);
	ASSERT_NE(NULL, addr);
	ASSERT_OK(do_destroy(self->fd, handle));
	EXPECT_ERR(EDQUOT, do_create(self->fd, TERN_BO_HOST, PAGE, &handle));
	munmap(addr, PAGE);
}

TEST_F(tern, limits_of_the_administrator)
{
	struct tern_context context = { 0 };
	char text[32];
	int other;

	EXPECT_ERR(EINVAL, class_put("context_device_limit", "much"));
	EXPECT_ERR(ERANGE, class_put("context_device_limit", "18446744073709551616"));
	ASSERT_OK(class_put("context_device_limit", "8192"));
	ASSERT_OK(class_put("context_host_limit", "0x3000"));
	class_get("context_host_limit", text, sizeof(text));
	EXPECT_STREQ("12288", text);
	other = do_open_file();
	EXPECT_OK(class_put("context_device_limit", "18446744073709551615"));
	EXPECT_OK(class_put("context_host_limit", "18446744073709551615"));
	ASSERT_LE(0, other);
	ASSERT_OK(do_context(other, &context));
	EXPECT_EQ(8192, context.device_limit);
	EXPECT_EQ(12288, context.host_limit);
	close(other);
	memset(&context, 0, sizeof(context));
	ASSERT_OK(do_context(self->fd, &context));
	EXPECT_EQ(UINT64_MAX, context.device_limit);
}

TEST_HARNESS_MAIN
