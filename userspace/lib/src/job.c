// SPDX-License-Identifier: Apache-2.0
/* Jobs: submit, wait, and the story of the first one that went wrong. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "backend.h"

#define NS_PER_S	1000000000ll

static int check_count(struct tern_device *dev, const char *what, uint32_t count)
{
	if (!dev->priv)
		return tern_fail(dev, -ENODEV, "the device is not open");
	if (!count || count > TERN_SUBMIT_MAX)
		return tern_fail(dev, -EINVAL, "%s: a count of %u is not between 1 and %u",
				 what, count, TERN_SUBMIT_MAX);
	return 0;
}

int tern_submit(struct tern_device *dev, const struct tern_cmd *cmds,
		uint32_t count, uint64_t *first)
{
	struct tern_submit arg = {
		.size = sizeof(arg),
		.count = count,
		.cmd_size = sizeof(*cmds),
		.cmds = (uintptr_t)cmds,
	};
	int ret;

	ret = check_count(dev, "tern_submit", count);
	if (ret)
		return ret;
	if (!cmds || !first)
		return tern_fail(dev, -EINVAL, "tern_submit: a pointer is NULL");
	ret = dev->backend->submit(dev, &arg);
	if (!ret)
		*first = arg.first;
	return ret;
}

/* A relative timeout as an absolute CLOCK_MONOTONIC time; 0 stays 0 and only looks. */
static int64_t deadline_ns(int64_t timeout_ns)
{
	struct timespec now;
	int64_t now_ns, deadline;

	if (!timeout_ns)
		return 0;
	if (timeout_ns < 0)
		return INT64_MAX;
	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
	if (__builtin_add_overflow(now_ns, timeout_ns, &deadline))
		return INT64_MAX;
	return deadline;
}

static int tell_failure(struct tern_device *dev, uint64_t job, const struct tern_result *result)
{
	const char *text = tern_status_text(result->status);
	const char *why = dev->backend->why_gone(dev);
	int ret = result->error;

	switch (-ret) {
	case EIO:
		if (!result->status || !text)
			return tern_fail(dev, ret,
					 "job %" PRIu64 " failed: the device stopped at it (status %u)",
					 job, result->status);
		return tern_fail(dev, ret, "job %" PRIu64 " failed: %s, %s", job,
				 tern_status_name(result->status), text);
	case ETIMEDOUT:
		return tern_fail(dev, ret,
				 "job %" PRIu64 " hung and was taken down by a reset of the device",
				 job);
	case ECANCELED:
		return tern_fail(dev, ret,
				 "job %" PRIu64 " was taken down by a reset for another job", job);
	case ENODEV:
		return tern_fail(dev, ret,
				 "the device went away before job %" PRIu64 " ended%s%.400s", job,
				 why ? ": " : "", why ? why : "");
	default:
		return tern_fail(dev, ret, "job %" PRIu64 " failed with errno %d", job,
				 -ret);
	}
}

/* Wait for the jobs of @arg, which lacks the rest; @ended is told unless the wait itself failed. */
static int wait_for(struct tern_device *dev, struct tern_wait *arg, int64_t timeout_ns,
		    struct tern_result *results, uint32_t *ended)
{
	struct tern_result *all = results;
	int ret;

	if (!all)
		all = malloc(arg->count * sizeof(*all));
	if (!all)
		return tern_fail(dev, -ENOMEM, "no memory left for %u results", arg->count);
	arg->size = sizeof(*arg);
	arg->result_size = sizeof(*all);
	arg->results = (uintptr_t)all;
	arg->timeout_ns = deadline_ns(timeout_ns);
	ret = dev->backend->wait(dev, arg);
	if (ret == -ETIMEDOUT)
		ret = tern_fail(dev, -ETIME,
				"jobs %" PRIu64 " to %" PRIu64 " did not end within %" PRId64 " ns",
				tern_wait_number(arg, 0), tern_wait_number(arg, arg->count - 1),
				timeout_ns);
	/* Kernels from before TERN_WAIT_ANY do not say how many. */
	if (!(arg->flags & TERN_WAIT_ANY))
		arg->ended = arg->count;
	if (!ret && ended)
		*ended = arg->ended;
	for (uint32_t i = 0; !ret && i < arg->ended; i++)
		if (all[i].error)
			ret = tell_failure(dev, tern_wait_number(arg, i), &all[i]);
	if (!results)
		free(all);
	return ret;
}

int tern_wait(struct tern_device *dev, uint64_t first, uint32_t count,
	      int64_t timeout_ns, struct tern_result *results)
{
	struct tern_wait arg = { .first = first, .count = count };
	int ret = check_count(dev, "tern_wait", count);

	return ret ? ret : wait_for(dev, &arg, timeout_ns, results, NULL);
}

/* The checks of an array of job numbers, which are the kernel's. */
static int check_jobs(struct tern_device *dev, const char *what, const uint64_t *jobs,
		      uint32_t count)
{
	int ret = check_count(dev, what, count);

	if (!ret && !jobs)
		ret = tern_fail(dev, -EINVAL, "%s: a pointer is NULL", what);
	for (uint32_t i = 1; !ret && i < count; i++)
		if (jobs[i] <= jobs[i - 1])
			ret = tern_fail(dev, -EINVAL,
					"%s: job %" PRIu64 " comes after job %" PRIu64 ": the numbers must ascend",
					what, jobs[i], jobs[i - 1]);
	return ret;
}

int tern_wait_all(struct tern_device *dev, const uint64_t *jobs, uint32_t count,
		  int64_t timeout_ns, struct tern_result *results)
{
	struct tern_wait arg = { .count = count, .jobs = (uintptr_t)jobs };
	int ret = check_jobs(dev, "tern_wait_all", jobs, count);

	return ret ? ret : wait_for(dev, &arg, timeout_ns, results, NULL);
}

int tern_wait_any(struct tern_device *dev, const uint64_t *jobs, uint32_t count,
		  int64_t timeout_ns, struct tern_result *results, uint32_t *ended)
{
	struct tern_wait arg = {
		.flags = TERN_WAIT_ANY,
		.count = count,
		.jobs = (uintptr_t)jobs,
	};
	int ret = check_jobs(dev, "tern_wait_any", jobs, count);

	if (!ret && !ended)
		ret = tern_fail(dev, -EINVAL, "tern_wait_any: a pointer is NULL");
	if (ret)
		return ret;
	*ended = 0;
	return wait_for(dev, &arg, timeout_ns, results, ended);
}

int tern_run(struct tern_device *dev, const struct tern_cmd *cmds,
	     uint32_t count, int64_t timeout_ns, struct tern_result *results)
{
	uint64_t first;
	int ret;

	ret = tern_submit(dev, cmds, count, &first);
	if (ret)
		return ret;
	return tern_wait(dev, first, count, timeout_ns, results);
}
