// SPDX-License-Identifier: Apache-2.0
/*
 * A card that misbehaves, and what the library makes of it without a kernel: the right errno, the
 * device back where it can be had back, and a job afterwards that computes.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "libtern.h"
#include "tern_abi.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define SECOND_NS	1000000000ll
#define LONG_NS		(120 * SECOND_NS)
#define PAGE		4096u
/* Patience with a job that hangs, in ms. */
#define HANG_MS		"1500"

static char dir[] = "/tmp/tern-lib-faults-XXXXXX";
static char spec[64], control_path[64];
static pid_t simulator;
static int control = -1;
static struct tern_device *dev;
static struct tern_bo *device_bo, *host_bo;

static int start_simulator(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *program = getenv("TERNSIM") ?: "build/ternsim";

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(spec, sizeof(spec), "vfio-user:%s/s", dir);
	snprintf(control_path, sizeof(control_path), "%s/c", dir);
	setenv("TERN_HANG_MS", HANG_MS, 1);
	simulator = fork();
	assert_true(simulator >= 0);
	if (!simulator) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(program, program, "--log-level", "error", "--socket", strchr(spec, '/'),
		      "--control", control_path, NULL);
		_exit(127);
	}
	strcpy(address.sun_path, control_path);
	control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (int tries = 0; tries < 1000; tries++, usleep(10000))
		if (!connect(control, (struct sockaddr *)&address, sizeof(address)))
			return 0;
	fail_msg("no control socket at %s", control_path);
	return 0;
}

static int stop_simulator(void **state)
{
	int status;

	(void)state;
	close(control);
	kill(simulator, SIGTERM);
	assert_int_equal(waitpid(simulator, &status, 0), simulator);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

/* Say a line to the control socket; the answer must be "ok". */
static void order(const char *line)
{
	char answer[512];
	size_t have = 0;

	assert_true(dprintf(control, "%s\n", line) > 0);
	do {
		assert_true(have + 1 < sizeof(answer));
		assert_int_equal(read(control, answer + have, 1), 1);
	} while (answer[have++] != '\n');
	answer[have] = '\0';
	if (strncmp(answer, "ok", 2))
		fail_msg("'%s': %s", line, answer);
}

static void ok(int ret)
{
	if (ret)
		fail_msg("%d: %s", ret, tern_error(dev));
}

static int open_device(void **state)
{
	int ret = -1;

	(void)state;
	order("clear");
	/* The last one's connection may not have been seen to end yet. */
	for (int tries = 0; tries < 100; tries++) {
		ret = tern_open(spec, &dev);
		if (ret != -EBUSY)
			break;
		tern_close(dev);
		usleep(20000);
	}
	ok(ret);
	ok(tern_bo_create(dev, TERN_BO_DEVICE, 4 * PAGE, &device_bo));
	ok(tern_bo_create(dev, TERN_BO_HOST, 4 * PAGE, &host_bo));
	return 0;
}

static int close_device(void **state)
{
	(void)state;
	tern_bo_destroy(device_bo);
	tern_bo_destroy(host_bo);
	tern_close(dev);
	device_bo = NULL;
	host_bo = NULL;
	dev = NULL;
	return 0;
}

static struct tern_cmd nop(void)
{
	return (struct tern_cmd){ .op = TERN_OP_NOP };
}

static struct tern_cmd copy(const struct tern_bo *src, const struct tern_bo *dst, uint64_t at)
{
	return (struct tern_cmd){
		.op = TERN_OP_COPY,
		.src = { .handle = tern_bo_handle(src), .offset = at },
		.dst = { .handle = tern_bo_handle(dst), .offset = at },
		.length = PAGE,
	};
}

static uint32_t resets(void)
{
	struct tern_info info;

	ok(tern_get_info(dev, &info));
	return info.reset_count;
}

static struct tern_result run(const struct tern_cmd *cmd)
{
	struct tern_result result = {};
	uint64_t first;
	int ret;

	ok(tern_submit(dev, cmd, 1, &first));
	ret = tern_wait(dev, first, 1, LONG_NS, &result);
	/* It says what is wrong with the job. */
	assert_int_equal(ret, result.error);
	return result;
}

/* There and back again. */
static void works(void)
{
	struct tern_cmd cmds[2] = { copy(host_bo, device_bo, 0), copy(device_bo, host_bo, 0) };
	static uint8_t seed;
	uint8_t *bytes = tern_bo_map(host_bo);

	memset(bytes, ++seed, PAGE);
	ok(tern_run(dev, cmds, 1, LONG_NS, NULL));
	memset(bytes, 0, PAGE);
	ok(tern_run(dev, cmds + 1, 1, LONG_NS, NULL));
	assert_int_equal(bytes[0], seed);
	assert_memory_equal(bytes, bytes + 1, PAGE - 1);
}

struct order {
	const char *line;
	int error;			/* of a COPY from host to device */
	unsigned int status;
	unsigned int resets;
};

static void jobs_suffer(void **state)
{
	static const struct order orders[] = {
		{ "dma delay ns=100000", 0, TERN_STATUS_OK, 0 },
		{ "interrupt lost count=all", 0, TERN_STATUS_OK, 0 },
		{ "interrupt spurious vector=0", 0, TERN_STATUS_OK, 0 },
		{ "dma abort of=data", EIO, TERN_STATUS_HOST_ERROR, 0 },
		{ "completion failed status=8", EIO, TERN_STATUS_PARITY, 0 },
		{ "dma lost of=data", EIO, TERN_STATUS_WATCHDOG, 1 },
		{ "dma abort of=command", EIO, TERN_STATUS_OK, 1 },
		{ "dma abort of=completion", EIO, TERN_STATUS_OK, 1 },
		{ "completion wrong", EIO, TERN_STATUS_OK, 1 },
		{ "completion lost", ETIMEDOUT, TERN_STATUS_OK, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct tern_cmd cmd = copy(host_bo, device_bo, PAGE);
		const uint32_t before = resets();
		struct tern_result result;

		order(orders[i].line);
		result = run(&cmd);
		if (result.error != -orders[i].error || result.status != orders[i].status ||
		    resets() - before != orders[i].resets)
			fail_msg("%s: error %d, status %u, %u resets", orders[i].line,
				 result.error, result.status, resets() - before);
		order("clear");
		works();
	}
}

/* However long the wait, it is simulated to the cycle; a cycle of this card is a nanosecond. */
static void delays_are_exact(void **state)
{
	static const unsigned int delays_ns[] = { 1, 17, 100, 1000, 54321, 900000 };
	const struct tern_cmd cmd = copy(host_bo, device_bo, PAGE);
	struct tern_result usual;

	(void)state;
	/* The first one finds a link that has never been used. */
	run(&cmd);
	usual = run(&cmd);
	for (size_t i = 0; i < ARRAY_SIZE(delays_ns); i++) {
		struct tern_result late;
		char line[64];

		snprintf(line, sizeof(line), "dma delay of=data direction=read ns=%u",
			 delays_ns[i]);
		order(line);
		late = run(&cmd);
		assert_int_equal(late.error, 0);
		assert_int_equal(late.cycles, usual.cycles + delays_ns[i]);
		assert_int_equal(late.stall_link, usual.stall_link + delays_ns[i]);
	}
}

static void memory_fails(void **state)
{
	struct tern_cmd cmd = copy(device_bo, host_bo, PAGE);
	const uint32_t before = resets();
	struct tern_result result;
	uint8_t *bytes = tern_bo_map(host_bo);

	(void)state;
	order("memory error");
	result = run(&cmd);
	assert_int_equal(result.error, -EIO);
	assert_int_equal(result.status, TERN_STATUS_MEM_ERROR);
	memset(tern_bo_map(device_bo), 0, 4 * PAGE);
	order("memory corrupt bit=19");
	assert_int_equal(run(&cmd).error, 0);
	assert_int_equal(bytes[PAGE + 2], 8);
	assert_int_equal(run(&cmd).error, 0);
	assert_int_equal(bytes[PAGE + 2], 0);
	assert_int_equal(resets(), before);
	works();
}

/* What is left in the ring is no completion of the next job. */
static void duplicates_are_noticed(void **state)
{
	const uint32_t before = resets();
	struct tern_cmd cmd = nop();

	(void)state;
	order("completion duplicate");
	assert_int_equal(run(&cmd).error, 0);
	/* The next one's completion would take the place: it never comes. */
	order("job hang");
	cmd = copy(host_bo, device_bo, PAGE);
	assert_int_equal(run(&cmd).error, -EIO);
	assert_int_equal(resets() - before, 1);
	works();
}

/* A job that failed long ago says nothing about one that takes its time. */
static void failures_are_forgotten(void **state)
{
	struct tern_cmd cmds[2] = { copy(host_bo, device_bo, PAGE), nop() };
	const uint32_t before = resets();

	(void)state;
	order("dma abort of=data");
	assert_int_equal(run(cmds).error, -EIO);
	/* It hangs: what was wrong before is not what is wrong now. */
	order("completion lost");
	assert_int_equal(run(cmds + 1).error, -ETIMEDOUT);
	assert_int_equal(resets() - before, 1);
	works();
}

static void gone(const char *line, const char *back)
{
	struct tern_cmd cmd = nop();
	uint64_t first;
	int ret;

	order(line);
	ret = tern_submit(dev, &cmd, 1, &first);
	if (!ret)
		ret = tern_wait(dev, first, 1, LONG_NS, NULL);
	assert_int_equal(ret, -ENODEV);
	assert_int_equal(tern_submit(dev, &cmd, 1, &first), -ENODEV);
	close_device(NULL);
	/* Nor can it be opened. */
	ret = -EBUSY;
	for (int tries = 0; ret == -EBUSY && tries < 100; tries++, usleep(20000)) {
		ret = tern_open(spec, &dev);
		close_device(NULL);
	}
	assert_int_equal(ret, -ENODEV);
	order(back);
	open_device(NULL);
	works();
}

static void card_removed(void **state)
{
	(void)state;
	gone("card remove", "card return");
}

static void link_down(void **state)
{
	(void)state;
	gone("link down", "link up");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_suffer),
		TEST(delays_are_exact),
		TEST(memory_fails),
		TEST(duplicates_are_noticed),
		TEST(failures_are_forgotten),
		TEST(card_removed),
		TEST(link_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
