// SPDX-License-Identifier: Apache-2.0
/*
 * What can be seen from outside: fdinfo, debugfs, tracepoints.
 */
#include "sysfs.h"
#include "tern_test.h"

#define DEBUGFS		"/sys/kernel/debug/tern"

TERN_FIXTURE;

TEST_F(tern, usage_counts)
{
	struct tern_result results[2];
	struct tern_info info;
	struct tern_cmd cmds[2];
	uint64_t first, cycles;
	int other = do_open_file();
	uint32_t handle;

	ASSERT_LE(0, other);
	ASSERT_OK(do_info(self->fd, &info));
	EXPECT_LT(0, usage(self->fd, "drm-client-id"));
	EXPECT_NE(usage(other, "drm-client-id"), usage(self->fd, "drm-client-id"));
	EXPECT_EQ(0, usage(self->fd, "drm-cycles-array"));
	EXPECT_EQ(info.clock_khz * 1000ll, usage(self->fd, "drm-maxfreq-array"));
	EXPECT_EQ(0, usage(self->fd, "tern-priority"));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, LONG_BYTES(8), &handle));
	EXPECT_EQ((LONG_BYTES(8) + PAGE - 1) / PAGE * PAGE / 1024,
		  (uint64_t)usage(self->fd, "drm-total-device"));
	EXPECT_EQ(usage(self->fd, "drm-total-device"), usage(self->fd, "drm-resident-device"));
	EXPECT_EQ(0, usage(self->fd, "drm-total-host"));
	EXPECT_EQ(0, usage(self->fd, "drm-resident-host"));
	cmds[0] = cmd_long(handle, 8);
	cmds[1] = cmd_nop();
	ASSERT_OK(do_submit(self->fd, cmds, 2, &first));
	ASSERT_OK(do_wait(self->fd, first, 2, results));
	cycles = results[0].cycles + results[1].cycles;
	EXPECT_LT(0, results[0].array);
	EXPECT_EQ(cycles, (uint64_t)usage(self->fd, "drm-cycles-array"));
	EXPECT_EQ(results[0].array, (uint64_t)usage(self->fd, "tern-array-cycles"));
	EXPECT_EQ(cycles * 1000000 / info.clock_khz, (uint64_t)usage(self->fd, "drm-engine-array"));
	EXPECT_EQ(2, usage(self->fd, "tern-jobs-submitted"));
	EXPECT_EQ(2, usage(self->fd, "tern-jobs-ended"));
	/* Nobody else's. */
	EXPECT_EQ(0, usage(other, "drm-cycles-array"));
	EXPECT_EQ(0, usage(other, "drm-total-device"));
	close(other);
}

static const char *debugfs_text(const char *name)
{
	char path[PATH_MAX], device[PATH_MAX];

	snprintf(device, sizeof(device), "%s", tern_path());
	snprintf(path, sizeof(path), DEBUGFS "/%.32s/%s", basename(device), name);
	return whole_text(path);
}

TEST_F(tern, debugfs)
{
	struct tern_context context = { 0 };
	char line[64], queue[32];
	uint32_t handle;
	uint64_t first;

	snprintf(line, sizeof(line), "ID: %#x\n", TERN_MAGIC);
	EXPECT_EQ(0, strncmp(line, debugfs_text("registers"), strlen(line)));
	snprintf(line, sizeof(line), " pid %d ", getpid());
	EXPECT_NE(NULL, strstr(debugfs_text("contexts"), line));

	ASSERT_OK(do_context(self->fd, &context));
	snprintf(queue, sizeof(queue), "queue%u", context.queue);
	EXPECT_NE(NULL, strstr(debugfs_text(queue), "\n  inflight: 0\n"));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &handle));
	ASSERT_OK(do_busy(self->fd, handle, 2, &first));
	snprintf(line, sizeof(line), " job %llu\n", (unsigned long long)first + 1);
	EXPECT_NE(NULL, strstr(debugfs_text(queue), line));
	ASSERT_OK(do_wait(self->fd, first, 2, NULL));
	EXPECT_EQ(NULL, strstr(debugfs_text(queue), line));
}

/* The events of a job, in their order. */
TEST_F(tern, tracepoints)
{
	static const char * const events[] = {
		"tern_job_submit: ", "tern_job_put: ", "tern_doorbell: ", "tern_completion: ",
		"tern_job_end: ",
	};
	struct tern_cmd nop = cmd_nop();
	const char *at;
	char job[64];
	uint64_t first;
	size_t i;

	ASSERT_OK(access(TRACING "/events/tern/tern_irq", F_OK));
	close(open(TRACING "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC));
	ASSERT_OK(put_text(TRACING "/events/tern/enable", "1"));
	EXPECT_OK(do_submit(self->fd, &nop, 1, &first));
	EXPECT_OK(do_wait(self->fd, first, 1, NULL));
	EXPECT_OK(put_text(TRACING "/events/tern/enable", "0"));
	snprintf(job, sizeof(job), " context=%lld job=%llu ", usage(self->fd, "drm-client-id"),
		 (unsigned long long)first);
	at = whole_text(TRACING "/trace");
	for (i = 0; i < ARRAY_SIZE(events) && at; i++) {
		at = strstr(at, events[i]);
		EXPECT_NE(NULL, at) {
			TH_LOG("no %s", events[i]);
		}
		if (at && !strncmp(events[i], "tern_job", 8))
			EXPECT_NE(NULL, strstr(at, job));
	}
	EXPECT_NE(NULL, strstr(whole_text(TRACING "/trace"), "op=NOP"));
	EXPECT_NE(NULL, strstr(whole_text(TRACING "/trace"), " error=0 cycles="));
}

TEST_HARNESS_MAIN
