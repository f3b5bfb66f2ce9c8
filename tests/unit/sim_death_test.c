// SPDX-License-Identifier: Apache-2.0
/*
 * Real sessions, recorded from libtern and from QEMU with the driver in it, whose client
 * dies: after each message, before its answer, and between its bytes. The next client finds
 * the card as new.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <cmocka.h>

#include "session.h"
#include "sim_fixture.h"
#include "tern_abi.h"

#define MAX_SESSION	(64u << 10)
#define MAX_FILES	32

struct recording {
	uint8_t bytes[MAX_SESSION];
	size_t size;
};

static struct recording *read_recording(const char *name)
{
	static struct recording recording;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "tests/fuzz/sessions/%s", name);
	file = fopen(path, "re");
	assert_non_null(file);
	recording.size = fread(recording.bytes, 1, MAX_SESSION, file);
	fclose(file);
	assert_in_range(recording.size, 1000, MAX_SESSION - 1);
	return &recording;
}

static void send_step(int fd, const struct session_step *step, const uint8_t *data, size_t bytes)
{
	const unsigned int count = session_file_count(step);
	int files[MAX_FILES];

	for (unsigned int i = 0; i < count; i++)
		files[i] = session_open(session_file_kind(step));
	sim_send(fd, data, bytes, files, count);
	for (unsigned int i = 0; i < count; i++)
		close(files[i]);
}

/* Descriptors in it are dropped: there is no room for them. */
static void read_answer(int fd, const uint8_t *message)
{
	static uint8_t payload[1 << 21];
	struct vfu_header header;

	memcpy(&header, message, sizeof(header));
	if (header.flags & VFU_FLAG_NO_REPLY)
		return;
	assert_int_equal(recv(fd, &header, sizeof(header), MSG_WAITALL), sizeof(header));
	assert_in_range(header.size, sizeof(header), sizeof(payload));
	header.size -= sizeof(header);
	if (header.size)
		assert_int_equal(recv(fd, payload, header.size, MSG_WAITALL), header.size);
}

enum end { AFTER_ANSWER, BEFORE_ANSWER, IN_MESSAGE, ENDS };

/* Plays the first messages, the last of which is the client's end. False if there are fewer. */
static bool die(const struct recording *recording, unsigned int messages, enum end end)
{
	int fd = sim_connect(&sim);
	struct session_step step;
	const uint8_t *data;
	size_t at = 0;
	bool enough = true;

	assert_true(fd >= 0);
	for (unsigned int i = 1; i <= messages; i++) {
		enough = session_next(recording->bytes, recording->size, &at, &step, &data);
		if (!enough)
			break;
		if (i == messages && end == IN_MESSAGE) {
			/* Somewhere in it, another place in each. */
			send_step(fd, &step, data, 1 + messages * 7 % (step.bytes - 1));
			break;
		}
		send_step(fd, &step, data, step.bytes);
		if (i == messages && end == BEFORE_ANSWER)
			break;
		read_answer(fd, data);
	}
	close(fd);
	return enough;
}

static void expect_as_new(unsigned int fds)
{
	uint16_t command = 0xffff;
	uint64_t memory = 1;

	client = sim_session(&sim);
	assert_int_equal(sim_get(client, TERN_REG_ID), TERN_MAGIC);
	assert_int_equal(sim_get(client, TERN_REG_CTRL), 0);
	assert_int_equal(sim_get(client, TERN_REG_COUNT_JOBS), 0);
	assert_int_equal(sim_read(client, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, &command, 2),
			 0);
	assert_int_equal(command, 0);
	assert_int_equal(sim_read(client, VFIO_PCI_BAR4_REGION_INDEX, 0, &memory, 8), 0);
	assert_int_equal(memory, 0);
	assert_int_equal(sim_fds(&sim), fds);
	close(client);
}

static void die_everywhere(const char *name, unsigned int stride)
{
	const struct recording *recording = read_recording(name);
	unsigned int fds, deaths = 0;

	client = sim_session(&sim);
	fds = sim_fds(&sim);
	close(client);
	for (unsigned int messages = 1;; messages += stride, deaths++) {
		if (!die(recording, messages, deaths % ENDS))
			break;
		expect_as_new(fds);
	}
	/* All ends at the first messages, which are the greeting and what follows. */
	for (unsigned int i = 0; i < 8 * ENDS; i++, deaths++) {
		assert_true(die(recording, 1 + i / ENDS, i % ENDS));
		expect_as_new(fds);
	}
	print_message("# %s: %u deaths\n", name, deaths);
	assert_true(deaths > 50);
}

static void libtern_dies(void **state)
{
	(void)state;
	die_everywhere("libtern-selftest", 1);
}

static void qemu_dies(void **state)
{
	(void)state;
	die_everywhere("qemu-driver", 4);
}

static void qemu_with_an_iommu_dies(void **state)
{
	(void)state;
	die_everywhere("qemu-iommu", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libtern_dies),
		cmocka_unit_test(qemu_dies),
		cmocka_unit_test(qemu_with_an_iommu_dies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
