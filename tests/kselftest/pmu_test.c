// SPDX-License-Identifier: Apache-2.0
/*
 * The perf PMU: what its events count, against the results of the jobs that were run, and what
 * becomes of them when the device is reset or goes.
 */
#include <sched.h>

#include "pmu.h"
#include "tern_test.h"

FIXTURE(pmu) {
	int fd;
	int events[EVENTS];
	uint32_t device, host;
};

/* The device, buffers, and an event of every kind. Zeroing the buffers would be counted, too. */
static int open_all(FIXTURE_DATA(pmu) * self)
{
	int i, ret;

	self->fd = do_open_file();
	if (self->fd < 0)
		return self->fd;
	ret = do_create(self->fd, TERN_BO_DEVICE, LONG_BYTES(8), &self->device);
	ret = ret ?: do_create(self->fd, TERN_BO_HOST, 4 * PAGE, &self->host);
	for (i = 0; !ret && i < EVENTS; i++) {
		self->events[i] = event_open(i);
		if (self->events[i] < 0)
			ret = self->events[i];
	}
	return ret;
}

static void close_events(FIXTURE_DATA(pmu) * self)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		close(self->events[i]);
		self->events[i] = -1;
	}
}

FIXTURE_SETUP(pmu)
{
	int ret = open_all(self);

	if (ret == -ENOENT && access(tern_path(), F_OK))
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_OK(ret);
}

FIXTURE_TEARDOWN(pmu)
{
	close_events(self);
	close(self->fd);
}

static void read_events(const int *events, uint64_t *counts)
{
	int i;

	for (i = 0; i < EVENTS; i++)
		counts[i] = event_read(events[i]);
}

/*
 * Run one command of every kind, and add to @counts what their results say. A command is fetched
 * over the host link and its completion written there, a beat each.
 */
static int run_batch(int fd, uint32_t device, uint32_t host, uint64_t *counts)
{
	struct tern_cmd cmds[] = {
		cmd_nop(),
		cmd_copy(host, 0, device, LONG_BYTES(8) - 4 * PAGE, 4 * PAGE - 60),
		cmd_fill(device, 0, 3 * PAGE, 0x55aa00ff),
		cmd_long(device, 8),
		cmd_fill(host, PAGE, 256, 1),
		cmd_copy(device, 128, host, 64, 1000),
		cmd_long(device, 1),
		/* More results than the link can take. */
		{
			.op = TERN_OP_GEMM,
			.weights = { .handle = device },
			.src = { .handle = device, .offset = LONG_WEIGHTS, .stride = 64 },
			.dst = { .handle = host, .stride = 4 * 512 },
			.n = 512,
			.k = 64,
			.t = 8,
		},
	};
	struct tern_result results[ARRAY_SIZE(cmds)];
	uint64_t first;
	size_t i;
	int ret;

	ret = do_submit(fd, cmds, ARRAY_SIZE(cmds), &first);
	ret = ret ?: do_wait(fd, first, ARRAY_SIZE(cmds), results);
	for (i = 0; !ret && i < ARRAY_SIZE(cmds); i++) {
		ret = results[i].error;
		counts[CYCLES] += results[i].cycles;
		counts[ARRAY_BUSY] += results[i].array;
		counts[STALL_WEIGHTS] += results[i].stall_weights;
		counts[STALL_ACTIVATIONS] += results[i].stall_activations;
		counts[STALL_RESULTS] += results[i].stall_results;
		counts[BYTES_READ] += results[i].mem_read;
		counts[BYTES_WRITTEN] += results[i].mem_written;
		counts[HOST_BYTES_READ] += results[i].host_read + BEAT;
		counts[HOST_BYTES_WRITTEN] += results[i].host_written + BEAT;
		counts[JOBS]++;
	}
	return ret;
}

/* The device's own counter of cycles, as debugfs shows it. */
static uint64_t device_cycles(void)
{
	char path[PATH_MAX], line[256];
	uint64_t value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/tern/%.16s/registers",
		 tern_path() + strlen("/dev/"));
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "CYCLES_LO: ", 11))
			value |= strtoull(line + 11, NULL, 0);
		if (!strncmp(line, "CYCLES_HI: ", 11))
			value |= strtoull(line + 11, NULL, 0) << 32;
	}
	if (file)
		fclose(file);
	return value;
}

/*
 * Events that stood at @before count exactly what a batch does. The device's cycles are those of
 * the jobs, and those in which it did nothing but write completions, which are no job's.
 */
static void check_batch(struct __test_metadata *_metadata, FIXTURE_DATA(pmu) * self,
			const uint64_t *before)
{
	uint64_t expected[EVENTS], counts[EVENTS];
	int i;

	memcpy(expected, before, sizeof(expected));
	ASSERT_OK(run_batch(self->fd, self->device, self->host, expected));
	read_events(self->events, counts);
	EXPECT_LE(expected[CYCLES], counts[CYCLES]);
	EXPECT_GT(expected[CYCLES] + 1000 * (expected[JOBS] - before[JOBS]), counts[CYCLES]);
	for (i = CYCLES + 1; i < EVENTS; i++) {
		EXPECT_EQ(expected[i], counts[i]) {
			TH_LOG("%s", event_names[i]);
		}
		EXPECT_LT(before[i], counts[i]) {
			TH_LOG("%s does not count", event_names[i]);
		}
	}
}

TEST_F(pmu, sysfs)
{
	char text[64], file[64], number[16];
	int i;

	pmu_get("format/event", text, sizeof(text));
	EXPECT_STREQ("config:0-7", text);
	/* One processor, and one that is there. */
	pmu_get("cpumask", text, sizeof(text));
	snprintf(number, sizeof(number), "%d", pmu_cpu());
	EXPECT_STREQ(number, text);
	for (i = 0; i < EVENTS; i++) {
		EXPECT_EQ(i, pmu_attr(event_names[i]).config);
		snprintf(file, sizeof(file), "events/%s.unit", event_names[i]);
		pmu_get(file, text, sizeof(text));
		EXPECT_STREQ(strstr(event_names[i], "bytes") ? "Bytes" : "", text);
	}
}

TEST_F(pmu, counts_what_jobs_say)
{
	uint64_t before[EVENTS], cycles;
	int i;

	read_events(self->events, before);
	for (i = 0; i < EVENTS; i++)
		EXPECT_EQ(0, before[i]);
	cycles = device_cycles();
	EXPECT_NE(0, cycles);
	check_batch(_metadata, self, before);
	EXPECT_EQ(device_cycles() - cycles, event_read(self->events[CYCLES]));
	read_events(self->events, before);
	check_batch(_metadata, self, before);
}

TEST_F(pmu, counts_while_enabled)
{
	uint64_t before[EVENTS], after[EVENTS], ignored[EVENTS] = {};
	int i;

	ASSERT_OK(run_batch(self->fd, self->device, self->host, ignored));
	for (i = 0; i < EVENTS; i++)
		ASSERT_OK(ioctl(self->events[i], PERF_EVENT_IOC_DISABLE, 0));
	read_events(self->events, before);
	ASSERT_OK(run_batch(self->fd, self->device, self->host, ignored));
	read_events(self->events, after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	for (i = 0; i < EVENTS; i++)
		ASSERT_OK(ioctl(self->events[i], PERF_EVENT_IOC_ENABLE, 0));
	check_batch(_metadata, self, before);
}

TEST_F(pmu, refuses)
{
	const struct perf_event_attr good = pmu_attr("jobs");
	struct perf_event_attr attr;
	int fd;

	attr = good;
	fd = event_open_of(&attr, -1, pmu_cpu());
	EXPECT_LE(0, fd);
	close(fd);
	/* A task's */
	EXPECT_ERR(EINVAL, event_open_of(&attr, 0, -1));
	EXPECT_ERR(EINVAL, event_open_of(&attr, getpid(), pmu_cpu()));
	/* Sampling */
	attr.sample_period = 1000;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr.sample_period = 1000;
	attr.freq = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	/* Parts of what is done */
	attr = good;
	attr.exclude_user = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr = good;
	attr.exclude_kernel = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr = good;
	attr.exclude_idle = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr = good;
	attr.exclude_guest = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	/* What there is not */
	attr = good;
	attr.config = EVENTS;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr.config = good.config | 1ull << 32;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr = good;
	attr.config1 = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
	attr = good;
	attr.config2 = 1;
	EXPECT_ERR(EINVAL, event_open_of(&attr, -1, pmu_cpu()));
}

/* All of them at once: a group. */
TEST_F(pmu, group)
{
	struct perf_event_attr attr;
	uint64_t counts[1 + EVENTS], expected[EVENTS] = {};
	int fds[EVENTS], i;

	for (i = 0; i < EVENTS; i++) {
		attr = pmu_attr(event_names[i]);
		attr.read_format = PERF_FORMAT_GROUP;
		fds[i] = syscall(SYS_perf_event_open, &attr, -1, pmu_cpu(), i ? fds[0] : -1, 0);
		ASSERT_LE(0, fds[i]);
	}
	ASSERT_OK(run_batch(self->fd, self->device, self->host, expected));
	ASSERT_EQ(sizeof(counts), (size_t)read(fds[0], counts, sizeof(counts)));
	EXPECT_EQ(EVENTS, counts[0]);
	for (i = CYCLES + 1; i < EVENTS; i++)
		EXPECT_EQ(expected[i], counts[1 + i]);
	for (i = EVENTS - 1; i >= 0; i--)
		close(fds[i]);
}

/* A reset clears the device's counters; the events go on. */
TEST_F(pmu, reset)
{
	uint64_t before[EVENTS], after[EVENTS], first;
	uint32_t busy;
	int i;

	memset(before, 0, sizeof(before));
	check_batch(_metadata, self, before);
	read_events(self->events, before);
	ASSERT_OK(class_put("reset", "1"));
	EXPECT_GT(before[CYCLES], device_cycles());
	read_events(self->events, after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	check_batch(_metadata, self, before);

	/* In mid-job. */
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &busy));
	read_events(self->events, before);
	ASSERT_OK(do_busy(self->fd, busy, 4, &first));
	usleep(20000);
	ASSERT_OK(class_put("reset", "1"));
	ASSERT_OK(do_wait(self->fd, first, 4, NULL));
	read_events(self->events, after);
	for (i = 0; i < EVENTS; i++)
		EXPECT_LE(before[i], after[i]);
	EXPECT_LT(before[CYCLES], after[CYCLES]);
	check_batch(_metadata, self, after);
}

static int rebind(const char *address)
{
	int ret = put_text(TERN_DRIVER "unbind", address);

	return ret ?: put_text(TERN_DRIVER "bind", address);
}

/* The processor that counts is taken away, and another one counts on. */
TEST_F(pmu, processor_goes)
{
	uint64_t before[EVENTS] = {};
	char address[32], path[64];
	cpu_set_t cpus, all;
	int cpu;

	/* The driver takes the processor that binds it. The first one cannot be taken away. */
	ASSERT_OK(sched_getaffinity(0, sizeof(all), &all));
	for (cpu = CPU_SETSIZE - 1; cpu > 0 && !CPU_ISSET(cpu, &all); cpu--)
		;
	ASSERT_LT(0, cpu);
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	pci_address(address, sizeof(address));
	close_events(self);
	close(self->fd);
	ASSERT_OK(sched_setaffinity(0, sizeof(cpus), &cpus));
	ASSERT_OK(rebind(address));
	ASSERT_OK(sched_setaffinity(0, sizeof(all), &all));
	ASSERT_EQ(cpu, pmu_cpu());
	ASSERT_OK(open_all(self));
	check_batch(_metadata, self, before);

	read_events(self->events, before);
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	ASSERT_OK(put_text(path, "0"));
	EXPECT_NE(cpu, pmu_cpu());
	check_batch(_metadata, self, before);
	read_events(self->events, before);
	EXPECT_OK(put_text(path, "1"));
	EXPECT_NE(cpu, pmu_cpu());
	check_batch(_metadata, self, before);
}

/* Is there, or is there soon, a PMU of the device with this number? */
static int pmu_present(int number, int wanted)
{
	char path[64];
	int tries;

	snprintf(path, sizeof(path), EVENT_SOURCES "/tern_%d", number);
	for (tries = 0; tries < 200 && (access(path, F_OK) == 0) != wanted; tries++)
		usleep(50000);
	return access(path, F_OK) == 0;
}

/* Events outlive their device, stand still, and have nothing to do with the one that comes next. */
TEST_F_TIMEOUT(pmu, unbind, 60)
{
	uint64_t before[EVENTS] = {}, after[EVENTS];
	struct perf_event_attr old = pmu_attr("jobs");
	FIXTURE_DATA(pmu) next;
	char address[32];
	int number = atoi(tern_path() + strlen("/dev/tern")), cpu = pmu_cpu(), i;

	pci_address(address, sizeof(address));
	check_batch(_metadata, self, before);
	read_events(self->events, before);
	close(self->fd);
	ASSERT_OK(put_text(TERN_DRIVER "unbind", address));
	read_events(self->events, after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	EXPECT_ERR(ENODEV, event_open_of(&old, -1, cpu));
	EXPECT_OK(ioctl(self->events[JOBS], PERF_EVENT_IOC_DISABLE, 0));
	EXPECT_OK(ioctl(self->events[JOBS], PERF_EVENT_IOC_ENABLE, 0));
	ASSERT_OK(put_text(TERN_DRIVER "bind", address));

	/* Its number is taken until then. */
	EXPECT_EQ(1, pmu_present(number, 1));
	EXPECT_NE(number, atoi(tern_path() + strlen("/dev/tern")));
	ASSERT_OK(open_all(&next));
	EXPECT_NE(old.type, pmu_attr("jobs").type);
	memset(after, 0, sizeof(after));
	check_batch(_metadata, &next, after);
	read_events(self->events, after);
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	EXPECT_ERR(ENODEV, event_open_of(&old, -1, cpu));

	for (i = 1; i < EVENTS; i++) {
		close(self->events[i]);
		self->events[i] = -1;
	}
	EXPECT_EQ(before[0], event_read(self->events[0]));
	close_events(self);
	EXPECT_EQ(0, pmu_present(number, 0));
	EXPECT_ERR(ENOENT, event_open_of(&old, -1, cpu));
	close_events(&next);
	close(next.fd);
	ASSERT_OK(rebind(address));
	EXPECT_EQ(number, atoi(tern_path() + strlen("/dev/tern")));
	EXPECT_EQ(1, pmu_present(number, 1));
}

/* Never ends by itself, unless a count goes back. */
static void read_for_ever(int close_again)
{
	uint64_t count = 0, last = 0;
	int event = -1;

	while (last <= count) {
		if (event < 0)
			event = event_open(CYCLES);
		last = count;
		count = event < 0 ? 0 : event_read(event);
		if (event < 0 || close_again) {
			close(event);
			event = -1;
			count = 0;
			last = 0;
		}
	}
}

/* The driver comes and goes while some read what they have open, or open and close all the time. */
TEST_F_TIMEOUT(pmu, unbind_under_load, 120)
{
	pid_t children[3];
	char address[32];
	int round, p, status;

	pci_address(address, sizeof(address));
	close_events(self);
	close(self->fd);
	for (round = 0; round < 4; round++) {
		for (p = 0; p < 3; p++) {
			children[p] = fork();
			if (children[p])
				continue;
			read_for_ever(p);
			_exit(1);
		}
		usleep(100000);
		EXPECT_OK(put_text(TERN_DRIVER "unbind", address));
		usleep(20000);
		EXPECT_OK(put_text(TERN_DRIVER "bind", address));
		for (p = 0; p < 3; p++) {
			kill(children[p], SIGKILL);
			EXPECT_EQ(children[p], waitpid(children[p], &status, 0));
			EXPECT_TRUE(WIFSIGNALED(status));
		}
	}
	/* All that were held are given up, and the first number is free. */
	EXPECT_EQ(1, pmu_present(atoi(tern_path() + strlen("/dev/tern")), 1));
	for (p = 0; p < 9; p++)
		if (p != atoi(tern_path() + strlen("/dev/tern")))
			EXPECT_EQ(0, pmu_present(p, 0));
	ASSERT_OK(rebind(address));
	EXPECT_STREQ("/dev/tern0", tern_path());
	ASSERT_OK(open_all(self));
}

/* An event alone keeps the module. */
TEST_F(pmu, module_stays_while_an_event_is_open)
{
	close(self->fd);
	EXPECT_EQ(-1, syscall(SYS_delete_module, "tern", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	self->fd = do_open_file();
	EXPECT_LE(0, self->fd);
}

TEST_HARNESS_MAIN
