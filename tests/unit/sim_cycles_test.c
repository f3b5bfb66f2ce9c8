// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that connect, run jobs and are killed, one after another, at any moment. The
 * simulator keeps no memory, descriptor, mapping or file of them.
 *
 * TERN_CYCLES=N: how often, default 40; `make sim-cycles` does it 1000 times.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim_fixture.h"
#include "tern_abi.h"

/* After which the allocator and the C library have what they want. */
#define WARM_UP		10
/* From the start of a program to its end; it has connected after some 5 ms. */
#define MAX_MS		80
#define LEAK_KIB	2048

struct usage {
	unsigned int fds, mappings, threads;
	unsigned long private_kib, resident_kib;
};

static char statistics[64];

static unsigned long kib_of(const char *name)
{
	char path[64], line[256];
	unsigned long value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", sim.pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			value = strtoul(line + strlen(name) + 1, NULL, 10);
	}
	fclose(file);
	return value;
}

static unsigned int mappings(void)
{
	unsigned int count = 0;
	char path[64];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "/proc/%d/maps", sim.pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		count += c == '\n';
	fclose(file);
	return count;
}

/* With a client there that has done nothing yet. */
static struct usage measure(void)
{
	struct usage usage;
	int fd = sim_session(&sim);

	assert_int_equal(sim_get(fd, TERN_REG_ID), TERN_MAGIC);
	assert_int_equal(sim_get(fd, TERN_REG_COUNT_JOBS), 0);
	usage = (struct usage){
		sim_fds(&sim), mappings(), kib_of("Threads"), kib_of("RssAnon"), kib_of("VmRSS"),
	};
	close(fd);
	return usage;
}

static void sleep_us(unsigned int us)
{
	const struct timespec pause = { us / 1000000, us % 1000000 * 1000L };

	nanosleep(&pause, NULL);
}

static void connect_run_kill(unsigned int us)
{
	char device[80];
	int status;
	pid_t pid;

	snprintf(device, sizeof(device), "vfio-user:%s", sim.socket);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl("build/tern", "tern", "bench", "-d", device, "--shape", "256,512,2", "--jobs",
		      "100000", NULL);
		_exit(127);
	}
	sleep_us(us);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* It did not end before. */
	assert_true(WIFSIGNALED(status));
}

/* A number of the simulator's statistics, which it writes on demand. */
static unsigned long statistic(const char *name)
{
	char wanted[32], text[8192];
	size_t bytes = 0;
	const char *at;

	unlink(statistics);
	assert_int_equal(kill(sim.pid, SIGUSR1), 0);
	for (unsigned int i = 0; i < 1000 && !bytes; i++) {
		FILE *file = fopen(statistics, "re");

		if (file) {
			bytes = fread(text, 1, sizeof(text) - 1, file);
			fclose(file);
		}
		sleep_us(10000);
	}
	text[bytes] = '\0';
	snprintf(wanted, sizeof(wanted), "\"%s\": ", name);
	at = strstr(text, wanted);
	assert_non_null(at);
	return strtoul(at + strlen(wanted), NULL, 10);
}

static void print(const char *when, const struct usage *usage)
{
	print_message("# %s: %u descriptors, %u mappings, %u threads, %lu KiB private, "
		      "%lu KiB resident\n", when, usage->fds, usage->mappings, usage->threads,
		      usage->private_kib, usage->resident_kib);
}

static void nothing_is_kept(void **state)
{
	const char *text = getenv("TERN_CYCLES");
	const unsigned int count = text ? atoi(text) : 40;
	struct usage before = {}, after;
	unsigned long clients, jobs;
	unsigned int seed = 1;

	(void)state;
	assert_in_range(count, WARM_UP + 1, 1000000);
	for (unsigned int i = 0; i < count; i++) {
		if (i == WARM_UP) {
			before = measure();
			print("before", &before);
		}
		seed = seed * 1103515245 + 12345;
		connect_run_kill((seed >> 8) % (MAX_MS * 1000));
		assert_true(sim_alive(&sim));
		if (text && i % 100 == 99)
			print_message("# %u cycles\n", i + 1);
	}
	clients = statistic("clients");
	jobs = statistic("jobs");
	print_message("# %lu of them had connected, %lu jobs were done\n", clients, jobs);
	/* Most are killed later, but on a machine with much else to do they begin late, too. */
	assert_true(clients > count / 10 && jobs > clients);
	after = measure();
	print("after", &after);
	assert_int_equal(after.fds, before.fds);
	assert_int_equal(after.mappings, before.mappings);
	assert_int_equal(after.threads, before.threads);
	assert_true(after.private_kib < before.private_kib + LEAK_KIB);
	assert_true(after.resident_kib < before.resident_kib + LEAK_KIB);
}

static int start(void **state)
{
	const char *const options[] = { "--stats", statistics, NULL };

	(void)state;
	snprintf(statistics, sizeof(statistics), "/tmp/tern-cycles-%d", getpid());
	sim_start(&sim, options);
	return 0;
}

static int stop(void **state)
{
	stop_simulator(state);
	return unlink(statistics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
