// SPDX-License-Identifier: Apache-2.0
/*
 * The control socket: what it answers, and that nobody at it holds up the simulator.
 * What the faults do is in tests of those whom they happen to.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim_client.h"
#include "sim_fixture.h"
#include "tern_abi.h"

static char path[64];

static int start(void **state)
{
	const char *const options[] = { "--control", path, NULL };

	(void)state;
	snprintf(path, sizeof(path), "/tmp/tern-control-%d", getpid());
	sim_start(&sim, options);
	return 0;
}

static int stop(void **state)
{
	stop_simulator(state);
	assert_int_not_equal(access(path, F_OK), 0);
	return 0;
}

static int control_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* One answer, with its last line, in a buffer that is the next one's, too. */
static const char *answer(int fd)
{
	static char text[1 << 20];
	size_t have = 0;

	for (;;) {
		char *last;

		assert_true(have + 1 < sizeof(text));
		assert_int_equal(recv(fd, text + have, 1, 0), 1);
		text[++have] = '\0';
		if (text[have - 1] != '\n')
			continue;
		last = have > 1 ? memrchr(text, '\n', have - 1) : NULL;
		last = last ? last + 1 : text;
		if (!strncmp(last, "ok", 2) || !strncmp(last, "error: ", 7))
			return text;
	}
}

static void ask(int fd, const char *line, const char *words)
{
	const char *got;

	say(fd, line);
	say(fd, "\n");
	got = answer(fd);
	if (!strstr(got, words))
		fail_msg("\"%s\": \"%s\" lacks \"%s\"", line, got, words);
}

static bool hung_up(int fd)
{
	char rest[4096];
	ssize_t bytes;

	do {
		bytes = recv(fd, rest, sizeof(rest), 0);
	} while (bytes > 0);
	return !bytes;
}

static void lines_and_answers(void **state)
{
	int fd = control_open();

	(void)state;
	ask(fd, "help", "interrupt lost");
	ask(fd, "clear", "ok");
	ask(fd, "interrupt lost nth=2", "ok ");
	ask(fd, "list", "interrupt lost nth=2 (happened 0 times)\nok\n");
	ask(fd, "# a comment", "ok");
	ask(fd, "", "ok");
	ask(fd, "lst", "did you mean 'list'");
	ask(fd, "list all", "'list' stands alone");
	ask(fd, "interrupt lot", "did you mean 'interrupt lost'");
	ask(fd, "clear 12345", "no fault '12345' is loaded");
	ask(fd, "clear 1x", "no fault '1x' is loaded");
	ask(fd, "statistics", "\"loaded\": 1");
	ask(fd, "clear", "ok");
	ask(fd, "list", "ok");
	/* Several lines at once, with and without the carriage return of a terminal. */
	say(fd, "clear\r\nlist\nlis");
	assert_string_equal(answer(fd), "ok\n");
	assert_string_equal(answer(fd), "ok\n");
	say(fd, "t\n");
	assert_string_equal(answer(fd), "ok\n");
	close(fd);
}

/* The last line needs no end, and answers come to who only listens any more. */
static void half_closed(void **state)
{
	int fd = control_open();

	(void)state;
	say(fd, "clear\nnonsense");
	shutdown(fd, SHUT_WR);
	assert_string_equal(answer(fd), "ok\n");
	assert_non_null(strstr(answer(fd), "error: unknown 'nonsense'"));
	assert_true(hung_up(fd));
	close(fd);
}

/* As `printf ... | socat` and the like may do: all lines are done, though nobody waits for them. */
static void said_and_gone(void **state)
{
	/* More than are done at once. */
	const unsigned int clients = 5, lines = 50;
	char text[64], list[64];
	int fd = control_open();

	(void)state;
	ask(fd, "clear", "ok");
	for (unsigned int i = 0; i < clients; i++) {
		int gone = control_open();

		for (unsigned int j = 1; j <= lines; j++) {
			snprintf(text, sizeof(text), "dma delay ns=%u%s", j,
				 j < lines ? "\n" : "");
			say(gone, text);
		}
		close(gone);
	}
	snprintf(list, sizeof(list), "\"loaded\": %u,", clients * lines);
	for (unsigned int tries = 0; ; tries++, usleep(10000)) {
		say(fd, "statistics\n");
		if (strstr(answer(fd), list))
			break;
		assert_true(tries < 500);
	}
	ask(fd, "clear", "ok");
	close(fd);
}

static void garbage(void **state)
{
	char line[8192];
	int fd = control_open();

	(void)state;
	/* A line without end is not waited for. */
	memset(line, 'x', sizeof(line));
	assert_int_equal(send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
	assert_non_null(strstr(answer(fd), "error: a line has more than 512 bytes"));
	hung_up(fd);
	close(fd);
	fd = control_open();
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = (char)(i * 7 + i / 256);
	line[sizeof(line) - 1] = '\n';
	assert_int_equal(send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
	for (size_t i = 0; i < sizeof(line); i++) {
		const char *got;

		if (line[i] != '\n')
			continue;
		got = answer(fd);
		assert_null(memchr(got, '\x7', strlen(got)));
	}
	close(fd);
}

/* It asks and asks and never reads. Others, and the host, are served as if it were not there. */
static void slow_client(void **state)
{
	int slow = control_open(), other = control_open(), host = sim_session(&sim);
	unsigned int sent = 0;
	double cpu;

	(void)state;
	for (int i = 0; i < 256; i++)
		ask(other, "dma corrupt of=command", "ok ");
	ask(other, "dma corrupt of=command", "error: there are 256 faults loaded");
	while (send(slow, "list\n", 5, MSG_DONTWAIT | MSG_NOSIGNAL) == 5)
		sent++;
	assert_true(sent > 100);
	assert_int_equal(sim_get(host, TERN_REG_ID), TERN_MAGIC);
	ask(other, "clear", "ok");
	/* Nor does it keep it busy. */
	cpu = sim_cpu_ms(&sim);
	usleep(300000);
	assert_true(sim_cpu_ms(&sim) - cpu < 100);
	/* Its questions are answered when it reads. */
	for (unsigned int i = 0; i < sent; i++)
		answer(slow);
	close(slow);
	close(other);
	close(host);
}

static void many_clients(void **state)
{
	const unsigned int before = sim_fds(&sim);
	int fds[8], one_more;

	(void)state;
	for (int i = 0; i < 8; i++) {
		fds[i] = control_open();
		ask(fds[i], "list", "ok");
	}
	one_more = control_open();
	assert_non_null(strstr(answer(one_more), "error: there are too many clients"));
	assert_true(hung_up(one_more));
	close(one_more);
	/* Some vanish in the middle of a line or of an answer. */
	for (int i = 0; i < 8; i++) {
		say(fds[i], i % 2 ? "help\n" : "hel");
		close(fds[i]);
	}
	for (int i = 0; i < 1000 && sim_fds(&sim) != before; i++)
		usleep(2000);
	assert_int_equal(sim_fds(&sim), before);
}

/* A card that is gone answers with all-ones, and is as new when it is back. */
static void pulled_and_put_back(void **state)
{
	int control = control_open(), host = sim_session(&sim);
	uint32_t word = 0x12345678;

	(void)state;
	assert_int_equal(sim_write(host, TERN_PCI_BAR_MEMORY, 0x1000, &word, 4), 0);
	sim_set(host, TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
	sim_set(host, TERN_REG_WATCHDOG, 77);
	for (int power = 0; power < 2; power++) {
		ask(control, power ? "card remove" : "link down", "ok ");
		assert_int_equal(sim_get(host, TERN_REG_ID), 0xffffffff);
		assert_int_equal(sim_read(host, TERN_PCI_BAR_MEMORY, 0x1000, &word, 4), 0);
		assert_int_equal(word, 0xffffffff);
		/* PCI's identity, region 7 of vfio. */
		assert_int_equal(sim_read(host, 7, 0, &word, 4), 0);
		assert_int_equal(word, 0xffffffff);
		sim_set(host, TERN_REG_WATCHDOG, 5);
		ask(control, power ? "card return" : "link up", "ok ");
		assert_int_equal(sim_get(host, TERN_REG_ID), TERN_MAGIC);
		assert_int_equal(sim_get(host, TERN_REG_CTRL), 0);
		assert_int_not_equal(sim_get(host, TERN_REG_WATCHDOG), 5);
		assert_int_not_equal(sim_get(host, TERN_REG_WATCHDOG), 77);
		assert_int_equal(sim_read(host, TERN_PCI_BAR_MEMORY, 0x1000, &word, 4), 0);
		assert_int_equal(word, power ? 0 : 0x12345678);
	}
	ask(control, "memory flip address=0x1001 bit=3", "ok ");
	assert_int_equal(sim_read(host, TERN_PCI_BAR_MEMORY, 0x1000, &word, 4), 0);
	assert_int_equal(word, 0x800);
	ask(control, "statistics", "\"card_remove\": 1");
	close(host);
	close(control);
}

/* Exit status of ternsim with these arguments and a socket that is free. */
static int run(const char *arguments)
{
	const char *name = getenv("TERNSIM");
	char command[256];

	snprintf(command, sizeof(command), "%s %s > /dev/null 2>&1", name ?: "build/ternsim",
		 arguments);
	return WEXITSTATUS(system(command));
}

static void wrong_usage(void **state)
{
	char arguments[160];
	FILE *file;

	(void)state;
	snprintf(arguments, sizeof(arguments), "--socket %s.s --control %s", path, path);
	assert_int_equal(run(arguments), 4);
	snprintf(arguments, sizeof(arguments), "--socket %s.s --faults %s.f", path, path);
	assert_int_equal(run(arguments), 2);
	snprintf(arguments, sizeof(arguments), "%s.f", path);
	file = fopen(arguments, "w");
	assert_non_null(file);
	fputs("dma abort\ndma arbot\n", file);
	fclose(file);
	snprintf(arguments, sizeof(arguments), "--socket %s.s --faults %s.f", path, path);
	assert_int_equal(run(arguments), 2);
	snprintf(arguments, sizeof(arguments), "%s.f", path);
	unlink(arguments);
	snprintf(arguments, sizeof(arguments), "--socket %s.s --control /nowhere/at/all", path);
	assert_int_equal(run(arguments), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_and_answers),
		TEST(half_closed),
		TEST(said_and_gone),
		TEST(garbage),
		cmocka_unit_test(slow_client),
		cmocka_unit_test(pulled_and_put_back),
		TEST(many_clients),
		TEST(wrong_usage),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
