// SPDX-License-Identifier: Apache-2.0
/*
 * A card that misbehaves: what the driver makes of it, that it recovers, and that a job computes
 * afterwards. The faults come through the simulator's control socket.
 */
#include <ctype.h>

#include "faults.h"
#include "pmu.h"
#include "tern_test.h"

/* As long as the driver's timeout work takes to come by twice. */
#define TICKS_MS	1100
/* Patience in ms with a job that hangs, for the driver. */
#define PATIENCE	"300"
/* Offset in device memory, of a bit that flips: inside a buffer of BUSY_BYTES. */
#define FLIP_AT		(4 * MIB)

FIXTURE(faults) {
	int fd;
	int control;
	uint32_t device;	/* buffers of BUSY_BYTES and 64 KiB, with patterns in them */
	uint32_t host;
	uint32_t *device_words;
	uint32_t *host_words;
	uint32_t resets;
};

#define HOST_BYTES	65536ul

static uint32_t resets(int fd)
{
	struct tern_info info;

	return do_info(fd, &info) ? UINT32_MAX : info.reset_count;
}

static int count_of(const char *attribute)
{
	char text[32];

	class_get(attribute, text, sizeof(text));
	return atoi(text);
}

static int say(int control, const char *line)
{
	return faults_say(control, line, NULL, 0);
}

/* Put the driver off the card and on again. */
static int rebind(const char *address)
{
	int tries, ret;

	ret = put_text(TERN_DRIVER "unbind", address);
	if (!ret)
		ret = put_text(TERN_DRIVER "bind", address);
	for (tries = 0; !ret && tries < 100 && access(tern_path(), F_OK); tries++)
		usleep(20000);
	return ret;
}

FIXTURE_SETUP(faults)
{
	self->control = faults_open();
	if (self->control == -ENOENT)
		SKIP(_exit(SKIPPED), "no control socket");
	ASSERT_LE(0, self->control);
	ASSERT_OK(say(self->control, "clear"));
	self->fd = do_open_file();
	ASSERT_LE(0, self->fd);
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BUSY_BYTES, &self->device));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, HOST_BYTES, &self->host));
	self->device_words = do_map(self->fd, self->device, BUSY_BYTES);
	self->host_words = do_map(self->fd, self->host, HOST_BYTES);
	ASSERT_NE(NULL, self->device_words);
	ASSERT_NE(NULL, self->host_words);
	pattern(self->host_words, HOST_BYTES, 1);
	self->resets = resets(self->fd);
}

FIXTURE_TEARDOWN(faults)
{
	say(self->control, "clear");
	put_text(TERN_MODULE_TIMEOUT, "0");
	close(self->fd);
	close(self->control);
}

/* A job's result. */
static int run_one(int fd, const struct tern_cmd *cmd, struct tern_result *result)
{
	uint64_t first;
	int ret = do_submit(fd, cmd, 1, &first);

	memset(result, 0, sizeof(*result));
	return ret ?: do_wait(fd, first, 1, result);
}

/* There and back again, at the ends of the buffers, with the right bytes. */
static int works(int fd, uint32_t device, uint32_t host, uint32_t *words)
{
	static uint32_t before[1024];
	struct tern_cmd cmds[2] = {
		cmd_copy(host, 0, device, 0, PAGE),
		cmd_copy(device, 0, host, HOST_BYTES - PAGE, PAGE),
	};
	int tries, ret;
	char state[32] = "";

	for (tries = 0; tries < 200 && strcmp(state, "live"); tries++, usleep(20000))
		class_get("state", state, sizeof(state));
	pattern(before, sizeof(before), (uint32_t)do_now());
	memcpy(words, before, sizeof(before));
	memset(words + (HOST_BYTES - PAGE) / 4, 0, PAGE);
	ret = do_run(fd, cmds, 2);
	if (!ret && memcmp(words + (HOST_BYTES - PAGE) / 4, before, PAGE))
		ret = -EILSEQ;
	return ret;
}

#define EXPECT_WORKS() EXPECT_OK(works(self->fd, self->device, self->host, self->host_words))

/* So many resets since the test began; the jobs end before the device is up again. */
static uint32_t resets_since(int fd, uint32_t before, uint32_t wanted)
{
	int tries;

	for (tries = 0; tries < 100 && resets(fd) - before < wanted; tries++)
		usleep(20000);
	return resets(fd) - before;
}

/* None, not even when the driver has looked after the device. */
static uint32_t resets_later(int fd, uint32_t before)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;

	run_one(fd, &nop, &result);
	usleep(TICKS_MS * 1000);
	run_one(fd, &nop, &result);
	return resets(fd) - before;
}

static struct tern_cmd copy_in(uint32_t host, uint32_t device)
{
	return cmd_copy(host, 0, device, 0, HOST_BYTES / 2);
}

static struct tern_cmd copy_out(uint32_t device, uint32_t host)
{
	return cmd_copy(device, 0, host, HOST_BYTES / 2, HOST_BYTES / 2);
}

/* ------------------------------------------------------------------ interrupts */

TEST_F_TIMEOUT(faults, interrupt_lost, 120)
{
	struct tern_cmd cmd = cmd_long(self->device, 256);
	struct tern_result result;
	int64_t start;

	ASSERT_OK(say(self->control, "interrupt lost count=all"));
	start = do_now();
	ASSERT_OK(run_one(self->fd, &cmd, &result));
	EXPECT_OK(result.error);
	/* Found by the timeout work, and not by chance much later. */
	EXPECT_GT(LONG_S * NS_PER_S / 2, do_now() - start);
	EXPECT_LE(1, faults_count(self->control, "interrupt_lost"));
	ASSERT_OK(say(self->control, "clear"));
	EXPECT_EQ(0, resets_later(self->fd, self->resets));
	EXPECT_WORKS();
}

/* Interrupts that the kernel has counted for all vectors of the device. */
static unsigned long interrupts_seen(void)
{
	FILE *file = fopen("/proc/interrupts", "r");
	unsigned long sum = 0;
	char line[1024];

	while (file && fgets(line, sizeof(line), file)) {
		char *at = strchr(line, ':');

		if (!strstr(line, "tern") || !at)
			continue;
		for (at++; isspace(*at) || isdigit(*at);)
			sum += isspace(*at) ? !at++ : strtoul(at, &at, 10);
	}
	if (file)
		fclose(file);
	return sum;
}

TEST_F(faults, interrupt_spurious)
{
	unsigned long before = interrupts_seen();
	struct tern_info info;
	uint32_t i, tries;
	char line[64];

	ASSERT_OK(do_info(self->fd, &info));
	for (i = 0; i < info.queues; i++) {
		snprintf(line, sizeof(line), "interrupt spurious vector=%u", i);
		ASSERT_OK(say(self->control, line));
	}
	for (tries = 0; tries < 100 && interrupts_seen() < before + info.queues; tries++)
		usleep(20000);
	EXPECT_EQ(before + info.queues, interrupts_seen());
	EXPECT_EQ(0, resets_later(self->fd, self->resets));
	EXPECT_WORKS();
}

/* ------------------------------------------------------------------ DMA */

TEST_F(faults, dma_delay)
{
	struct tern_cmd cmd = copy_in(self->host, self->device);
	struct tern_result before, late;
	struct tern_info info;

	ASSERT_OK(do_info(self->fd, &info));
	ASSERT_OK(run_one(self->fd, &cmd, &before));
	ASSERT_OK(say(self->control, "dma delay ns=100000 of=data direction=read"));
	ASSERT_OK(run_one(self->fd, &cmd, &late));
	EXPECT_OK(late.error);
	/* The device waited for it. */
	EXPECT_LT(before.cycles + info.clock_khz / 10 * 9 / 10, late.cycles);
	EXPECT_EQ(0, memcmp(self->host_words, self->device_words, HOST_BYTES / 2));
	EXPECT_WORKS();
}

/* The job fails, and nothing else: no reset, and the job behind it runs. */
TEST_F(faults, dma_abort)
{
	static const char * const lines[] = {
		"dma abort of=data direction=read", "dma abort of=data direction=write",
	};
	struct tern_cmd cmds[2][2] = {
		{ copy_in(self->host, self->device), cmd_nop() },
		{ copy_out(self->device, self->host), cmd_nop() },
	};
	struct tern_result results[2];
	uint64_t first;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_OK(say(self->control, lines[i]));
		ASSERT_OK(do_submit(self->fd, cmds[i], 2, &first));
		ASSERT_OK(do_wait(self->fd, first, 2, results));
		EXPECT_EQ(-EIO, results[0].error);
		EXPECT_EQ(TERN_STATUS_HOST_ERROR, results[0].status);
		EXPECT_OK(results[1].error);
		EXPECT_EQ(0, resets_later(self->fd, self->resets));
		EXPECT_WORKS();
	}
}

/* For each of these a job fails, and the device is reset. */
#define EXPECT_A_RESET_EACH(lines) do {						\
	struct tern_cmd nop = cmd_nop();					\
	struct tern_result result;						\
	uint32_t i;								\
										\
	for (i = 0; i < ARRAY_SIZE(lines); i++) {				\
		ASSERT_OK(say(self->control, (lines)[i]));			\
		ASSERT_OK(run_one(self->fd, &nop, &result));			\
		EXPECT_EQ(-EIO, result.error);					\
		EXPECT_EQ(i + 1, resets_since(self->fd, self->resets, i + 1));	\
		EXPECT_WORKS();							\
	}									\
} while (0)

/* Without its commands or its completions a queue stands: the device says so. */
TEST_F(faults, rings_abort)
{
	static const char * const lines[] = { "dma abort of=command", "dma abort of=completion" };

	EXPECT_A_RESET_EACH(lines);
}

/* Bits in which two buffers differ. */
static unsigned int differences(const uint32_t *a, const uint32_t *b, size_t bytes)
{
	unsigned int bits = 0;
	size_t i;

	for (i = 0; i < bytes / sizeof(*a); i++)
		bits += __builtin_popcount(a[i] ^ b[i]);
	return bits;
}

/* Nobody can tell; and nothing else is touched. */
TEST_F(faults, dma_corrupt)
{
	static const char * const lines[] = {
		"dma corrupt of=data direction=read bit=77",
		"dma corrupt of=data direction=write bit=1000",
	};
	struct tern_cmd cmd;
	int i;

	for (i = 0; i < 2; i++) {
		cmd = cmd_copy(self->host, 0, self->device, 0, HOST_BYTES / 2);
		if (i)
			cmd = copy_out(self->device, self->host);
		ASSERT_OK(say(self->control, lines[i]));
		EXPECT_OK(do_run(self->fd, &cmd, 1));
		EXPECT_EQ(1, differences(self->device_words, self->host_words + (i ?
					 HOST_BYTES / 8 : 0), HOST_BYTES / 2));
		EXPECT_OK(do_run(self->fd, &cmd, 1));
		EXPECT_EQ(0, differences(self->device_words, self->host_words + (i ?
					 HOST_BYTES / 8 : 0), HOST_BYTES / 2));
	}
	EXPECT_WORKS();
}

/* No answer: the device's watchdog says so, and its port is dead until it is reset. */
TEST_F(faults, dma_lost)
{
	struct tern_cmd cmd = copy_in(self->host, self->device);
	struct tern_result result;

	ASSERT_OK(say(self->control, "dma lost of=data direction=read"));
	ASSERT_OK(run_one(self->fd, &cmd, &result));
	EXPECT_EQ(-EIO, result.error);
	EXPECT_EQ(TERN_STATUS_WATCHDOG, result.status);
	EXPECT_EQ(1, resets_since(self->fd, self->resets, 1));
	EXPECT_WORKS();
}

/* ------------------------------------------------------------------ jobs */

/* The registers, beside the driver; needs a kernel that was booted with iomem=relaxed. */
static volatile uint32_t *map_registers(void)
{
	char address[32], path[PATH_MAX];
	void *registers;
	int fd;

	pci_address(address, sizeof(address));
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%d", address,
		 TERN_PCI_BAR_REGISTERS);
	fd = open(path, O_RDWR | O_CLOEXEC);
	registers = mmap(NULL, TERN_PCI_REGISTERS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return registers == MAP_FAILED ? NULL : registers;
}

/* What waits behind it in the same file goes down with it. */
TEST_F(faults, job_hang)
{
	volatile uint32_t *registers = map_registers();
	struct tern_cmd nops[2] = { cmd_nop(), cmd_nop() };
	struct tern_result results[2];
	uint64_t first;

	ASSERT_NE(NULL, registers);
	ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, PATIENCE));
	registers[TERN_REG_WATCHDOG / 4] = 0;
	ASSERT_OK(say(self->control, "job hang"));
	ASSERT_OK(do_submit(self->fd, nops, 2, &first));
	ASSERT_OK(do_wait(self->fd, first, 2, results));
	ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, "0"));
	EXPECT_EQ(-ETIMEDOUT, results[0].error);
	EXPECT_EQ(-ECANCELED, results[1].error);
	EXPECT_EQ(1, resets_since(self->fd, self->resets, 1));
	EXPECT_WORKS();
}

/* The device's watchdog is faster than the driver's patience. */
TEST_F(faults, job_hang_watched)
{
	volatile uint32_t *registers = map_registers();
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;

	ASSERT_NE(NULL, registers);
	registers[TERN_REG_WATCHDOG / 4] = 10000;
	ASSERT_OK(say(self->control, "job hang"));
	ASSERT_OK(run_one(self->fd, &nop, &result));
	EXPECT_EQ(-EIO, result.error);
	EXPECT_EQ(1, resets_since(self->fd, self->resets, 1));
	EXPECT_WORKS();
}

/* The device has nothing to do and a job has not ended. */
TEST_F(faults, completion_lost)
{
	int queue_resets = count_of("queue_reset_count"), aborts = count_of("abort_count");
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;

	ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, PATIENCE));
	ASSERT_OK(say(self->control, "completion lost"));
	ASSERT_OK(run_one(self->fd, &nop, &result));
	ASSERT_OK(put_text(TERN_MODULE_TIMEOUT, "0"));
	EXPECT_EQ(-ETIMEDOUT, result.error);
	/* Nothing is there to abort, and the device is well: the queue alone begins anew. */
	EXPECT_EQ(queue_resets + 1, count_of("queue_reset_count"));
	EXPECT_EQ(aborts, count_of("abort_count"));
	EXPECT_EQ(0, resets_later(self->fd, self->resets));
	EXPECT_WORKS();
}

/* The job has ended, and then again: nothing that the device says can be relied on. */
TEST_F(faults, completion_duplicate)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;

	ASSERT_OK(say(self->control, "completion duplicate"));
	ASSERT_OK(run_one(self->fd, &nop, &result));
	EXPECT_OK(result.error);
	EXPECT_EQ(1, resets_since(self->fd, self->resets, 1));
	EXPECT_WORKS();
}

TEST_F(faults, completion_wrong)
{
	static const char * const lines[] = { "completion wrong", "completion wrong id=4095" };

	EXPECT_A_RESET_EACH(lines);
}

TEST_F(faults, completion_failed)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;

	ASSERT_OK(say(self->control, "completion failed"));
	ASSERT_OK(run_one(self->fd, &nop, &result));
	EXPECT_EQ(-EIO, result.error);
	EXPECT_EQ(TERN_STATUS_PARITY, result.status);
	EXPECT_EQ(0, resets_later(self->fd, self->resets));
	EXPECT_WORKS();
}

/* ------------------------------------------------------------------ memory */

TEST_F(faults, memory_flip)
{
	uint32_t *copy = malloc(BUSY_BYTES);
	char line[64];

	ASSERT_NE(NULL, copy);
	memcpy(copy, self->device_words, BUSY_BYTES);
	snprintf(line, sizeof(line), "memory flip address=%lu bit=5", FLIP_AT);
	ASSERT_OK(say(self->control, line));
	EXPECT_EQ(1, differences(copy, self->device_words, BUSY_BYTES));
	ASSERT_OK(say(self->control, line));
	EXPECT_EQ(0, differences(copy, self->device_words, BUSY_BYTES));
	free(copy);
	EXPECT_WORKS();
}

/* On its way out of the memory: the memory itself is in order. */
TEST_F(faults, memory_corrupt)
{
	struct tern_cmd cmd = copy_out(self->device, self->host);
	uint32_t *out = self->host_words + HOST_BYTES / 8;

	pattern(self->device_words, HOST_BYTES / 2, 3);
	ASSERT_OK(say(self->control, "memory corrupt bit=9"));
	EXPECT_OK(do_run(self->fd, &cmd, 1));
	EXPECT_EQ(1, differences(self->device_words, out, HOST_BYTES / 2));
	EXPECT_OK(do_run(self->fd, &cmd, 1));
	EXPECT_EQ(0, differences(self->device_words, out, HOST_BYTES / 2));
	EXPECT_WORKS();
}

TEST_F(faults, memory_error)
{
	struct tern_cmd cmd = copy_out(self->device, self->host);
	struct tern_result result;

	ASSERT_OK(say(self->control, "memory error"));
	ASSERT_OK(run_one(self->fd, &cmd, &result));
	EXPECT_EQ(-EIO, result.error);
	EXPECT_EQ(TERN_STATUS_MEM_ERROR, result.status);
	EXPECT_EQ(0, resets_later(self->fd, self->resets));
	EXPECT_WORKS();
}

/* The device fails to zero a buffer: the driver does it itself, a piece at a time. */
TEST_F(faults, zeroed_without_the_device)
{
	const uint64_t bytes = 3 * MIB + PAGE;
	struct tern_cmd fill;
	uint32_t handle, *words;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, bytes, &handle));
	fill = cmd_fill(handle, 0, bytes, 0x5a5a5a5a);
	ASSERT_OK(do_run(self->fd, &fill, 1));
	ASSERT_OK(do_destroy(self->fd, handle));
	ASSERT_OK(say(self->control, "dma abort of=command queue=0"));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, bytes, &handle));
	EXPECT_EQ(1, resets_since(self->fd, self->resets, 1));
	words = do_map(self->fd, handle, bytes);
	ASSERT_NE(NULL, words);
	EXPECT_TRUE(is_zero(words, bytes));
	munmap(words, bytes);
	EXPECT_WORKS();
}

/* ------------------------------------------------------------------ the card is gone */

/* With jobs under way: they end, it is dead; when it is back the driver can bind to it again. */
static void comes_and_goes(struct __test_metadata *_metadata, struct _test_data_faults *self,
			   const char *go, const char *come)
{
	struct tern_result results[8] = {};
	uint32_t device, host, *words, i, ended = 0;
	char address[32], state[32];
	uint64_t first;
	int fd;

	pci_address(address, sizeof(address));
	ASSERT_OK(do_busy(self->fd, self->device, 8, &first));
	ASSERT_OK(say(self->control, go));
	ASSERT_OK(do_wait(self->fd, first, 8, results));
	for (i = 0; i < 8; i++)
		ended += results[i].error == -ENODEV;
	EXPECT_LE(1, ended);
	EXPECT_EQ(-ENODEV, results[7].error);
	class_get("state", state, sizeof(state));
	EXPECT_STREQ("dead", state);
	EXPECT_ERR(ENODEV, do_create(self->fd, TERN_BO_HOST, PAGE, &host));
	EXPECT_ERR(ENODEV, do_open_file());

	ASSERT_OK(say(self->control, come));
	/* It stays dead for whoever had it open. */
	EXPECT_ERR(ENODEV, do_open_file());
	ASSERT_OK(rebind(address));
	fd = do_open_file();
	ASSERT_LE(0, fd);
	ASSERT_OK(do_create(fd, TERN_BO_DEVICE, PAGE, &device));
	ASSERT_OK(do_create(fd, TERN_BO_HOST, HOST_BYTES, &host));
	words = do_map(fd, host, HOST_BYTES);
	ASSERT_NE(NULL, words);
	EXPECT_OK(works(fd, device, host, words));
	EXPECT_ERR(ENODEV, do_create(self->fd, TERN_BO_HOST, PAGE, &host));
	close(fd);
}

TEST_F(faults, card_removed)
{
	comes_and_goes(_metadata, self, "card remove", "card return");
}

TEST_F(faults, link_down)
{
	comes_and_goes(_metadata, self, "link down", "link up");
}

/* While nothing runs nobody looks: the next job finds out. */
TEST_F(faults, removed_while_idle)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;
	char address[32];
	int ret;

	pci_address(address, sizeof(address));
	ASSERT_OK(say(self->control, "card remove"));
	ret = run_one(self->fd, &nop, &result);
	EXPECT_EQ(-ENODEV, ret ?: result.error);
	/* Nobody is there to bind to. */
	ASSERT_OK(put_text(TERN_DRIVER "unbind", address));
	EXPECT_ERR(ENODEV, put_text(TERN_DRIVER "bind", address));
	ASSERT_OK(say(self->control, "card return"));
	ASSERT_OK(put_text(TERN_DRIVER "bind", address));
}

/* What was counted stays, and all-ones are not counted, whether the driver has noticed or not. */
TEST_F(faults, events_of_a_card_that_is_gone)
{
	struct tern_cmd nop = cmd_nop();
	struct tern_result result;
	uint64_t jobs, cycles;
	int events[2], ret;
	char address[32];

	pci_address(address, sizeof(address));
	events[0] = event_open(JOBS);
	events[1] = event_open(CYCLES);
	ASSERT_LE(0, events[0]);
	ASSERT_LE(0, events[1]);
	ASSERT_OK(do_run(self->fd, &nop, 1));
	jobs = event_read(events[0]);
	cycles = event_read(events[1]);
	EXPECT_EQ(1, jobs);

	ASSERT_OK(say(self->control, "card remove"));
	EXPECT_EQ(jobs, event_read(events[0]));
	EXPECT_EQ(cycles, event_read(events[1]));
	ret = run_one(self->fd, &nop, &result);
	EXPECT_EQ(-ENODEV, ret ?: result.error);
	EXPECT_EQ(jobs, event_read(events[0]));
	ASSERT_OK(say(self->control, "card return"));
	EXPECT_EQ(jobs, event_read(events[0]));
	ASSERT_OK(rebind(address));
	EXPECT_EQ(jobs, event_read(events[0]));
	EXPECT_EQ(cycles, event_read(events[1]));
	close(events[0]);
	close(events[1]);
}

/* A link that was down for a moment has reset the device: its counters begin anew. */
TEST_F(faults, events_of_a_device_that_was_reset_unnoticed)
{
	struct tern_cmd nop = cmd_nop();
	uint64_t jobs, now;
	char address[32];
	int event;

	pci_address(address, sizeof(address));
	event = event_open(JOBS);
	ASSERT_LE(0, event);
	ASSERT_OK(do_run(self->fd, &nop, 1));
	jobs = event_read(event);
	EXPECT_EQ(1, jobs);
	ASSERT_OK(say(self->control, "link down"));
	ASSERT_OK(say(self->control, "link up"));
	now = event_read(event);
	EXPECT_EQ(jobs, now);
	ASSERT_OK(rebind(address));
	EXPECT_EQ(now, event_read(event));
	close(event);
}

TEST_HARNESS_MAIN
