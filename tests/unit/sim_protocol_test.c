// SPDX-License-Identifier: Apache-2.0
/*
 * The vfio-user server of ternsim, message by message: the greeting, headers, the
 * card's description, and clients that go astray. sim_access_test.c has the rest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <cmocka.h>

#include "sim_fixture.h"
#include "tern_abi.h"

#define CONFIG	VFIO_PCI_CONFIG_REGION_INDEX

/* ---------------------------------------------------------------- VERSION */

static int hello(const char *json, size_t bytes, uint16_t major, char *answer, size_t room)
{
	uint8_t message[4096] = { major & 0xff, major >> 8 };
	int fd = sim_connect(&sim);
	int error;

	assert_true(fd >= 0);
	memcpy(message + 4, json, bytes);
	error = sim_call(fd, VFU_VERSION, message, 4 + bytes, NULL, 0, answer,
			 answer ? &room : NULL, NULL);
	close(fd);
	return error;
}

static void version_is_negotiated(void **state)
{
	static const char caps[] = "{\"capabilities\":{\"max_msg_fds\":8,\"pgsizes\":4096,"
				   "\"write_multiple\":true,\"migration\":{\"pgsize\":4096}}}";
	char answer[1024] = "";

	(void)state;
	assert_int_equal(hello(caps, sizeof(caps), 0, answer, sizeof(answer)), 0);
	assert_memory_equal(answer, "\0\0\0\0", 4);
	assert_non_null(strstr(answer + 4, "\"max_msg_fds\":16"));
	assert_non_null(strstr(answer + 4, "\"max_data_xfer_size\":1048576"));
	assert_non_null(strstr(answer + 4, "\"pgsizes\":4096"));
	assert_non_null(strstr(answer + 4, "\"write_multiple\":true"));
	/* The data is optional. */
	assert_int_equal(hello("", 0, 0, NULL, 0), 0);
}

static void version_is_checked(void **state)
{
	static const char *const bad[] = {
		"{", "[]", "{\"capabilities\":1}", "{\"capabilities\":{\"max_msg_fds\":\"8\"}}",
		"{\"capabilities\":{\"max_msg_fds\":-1}}",
		"{\"capabilities\":{\"write_multiple\":1}}",
		"{\"capabilities\":{\"pgsizes\":99999999999999999999999999}}",
	};
	char deep[2001];

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hello(bad[i], strlen(bad[i]) + 1, 0, NULL, 0), EINVAL);
	/* no NUL, nesting without end, another major version */
	assert_int_equal(hello("{}", 2, 0, NULL, 0), EINVAL);
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = 0;
	assert_int_equal(hello(deep, sizeof(deep), 0, NULL, 0), EINVAL);
	assert_int_equal(hello("{}", 3, 1, NULL, 0), ENOTSUP);
}

static void version_comes_first_and_once(void **state)
{
	int fd = sim_connect(&sim);

	(void)state;
	assert_int_equal(sim_say(fd, VFU_DEVICE_RESET, NULL, 0), EINVAL);
	assert_int_equal(sim_say(fd, VFU_VERSION, "\0\0", 2), EINVAL);
	/* A failed greeting ends the connection. */
	assert_int_equal(sim_say(fd, VFU_DEVICE_RESET, NULL, 0), -1);
	close(fd);
	fd = sim_session(&sim);
	assert_int_equal(sim_say(fd, VFU_VERSION, "\0\0\0\0", 4), EINVAL);
	assert_int_equal(sim_get(fd, TERN_REG_ID), TERN_MAGIC);
	close(fd);
}

/* ---------------------------------------------------------------- headers */

static void bad_sizes_end_the_connection(void **state)
{
	static const uint32_t sizes[] = { 0, 15, 0xffffffff, 16 + 16 + (1 << 20) + 1 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct vfu_header header = { 1, VFU_DEVICE_RESET, sizes[i], 0, 0 };
		int fd = sim_session(&sim);
		char byte;

		sim_send(fd, &header, sizeof(header), NULL, 0);
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
		close(fd);
	}
}

static void bad_flags_and_commands(void **state)
{
	struct vfu_header header = { 7, VFU_DEVICE_RESET, sizeof(header), 0x40, 0 };

	(void)state;
	/* unknown flag: an error; a reply nobody asked for: nothing */
	sim_send(client, &header, sizeof(header), NULL, 0);
	assert_int_equal(recv(client, &header, sizeof(header), MSG_WAITALL), sizeof(header));
	assert_int_equal(header.flags, VFU_FLAG_REPLY | VFU_FLAG_ERROR);
	assert_int_equal(header.error, EINVAL);
	header = (struct vfu_header){ 7, VFU_DMA_READ, sizeof(header), VFU_FLAG_REPLY, 0 };
	sim_send(client, &header, sizeof(header), NULL, 0);

	for (unsigned int command = 0; command < 70000; command += command < 24 ? 1 : 9973) {
		if ((command >= VFU_VERSION && command <= VFU_DEVICE_GET_REGION_INFO) ||
		    (command >= VFU_DEVICE_GET_IRQ_INFO && command <= VFU_REGION_WRITE) ||
		    command == VFU_DEVICE_RESET || command == VFU_REGION_WRITE_MULTI)
			continue;
		assert_int_equal(sim_say(client, command & 0xffff, "12345678", 8), ENOTSUP);
	}
}

/* What is refused is logged with the value at fault; a flood of it is not. */
static void refusals_are_logged(void **state)
{
	struct vfu_region_access access = { 0x123450, 0, 4 };

	(void)state;
	sleep(2);
	assert_int_equal(sim_say(client, VFU_REGION_READ, &access, sizeof(access)), EINVAL);
	assert_true(sim_logged(&sim, "refused REGION_READ: 4 bytes at 0x123450 of region 0"));
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(sim_say(client, 77, NULL, 0), ENOTSUP);
	assert_true(sim_logged(&sim, "command 77 is not supported"));
	sleep(2);
	assert_int_equal(sim_say(client, 78, NULL, 0), ENOTSUP);
	assert_true(sim_logged(&sim, "similar messages were left out"));
	assert_true(sim_logged(&sim, "command 78 is not supported"));
	/* What a client sends does not command the terminal. */
	assert_int_equal(hello("\033[31m", 6, 0, NULL, 0), EBUSY);
	close(client);
	assert_int_equal(hello("\033[31m", 6, 0, NULL, 0), EINVAL);
	client = sim_session(&sim);
	assert_true(sim_logged(&sim, "refused VERSION: the version data is not JSON"));
	assert_false(sim_logged(&sim, "\033"));
}

static void no_reply_means_none(void **state)
{
	struct {
		struct vfu_header header;
		struct vfu_region_access access;
		uint32_t data;
	} message = {
		{ 9, VFU_REGION_WRITE, sizeof(message), VFU_FLAG_NO_REPLY, 0 },
		{ PCI_COMMAND, VFIO_PCI_CONFIG_REGION_INDEX, 4 },
		PCI_COMMAND_MASTER,
	};
	uint16_t command;

	(void)state;
	message.header.size = sizeof(message.header) + sizeof(message.access) + 4;
	sim_send(client, &message, message.header.size, NULL, 0);
	/* An error has no reply either. */
	message.access.region = 77;
	sim_send(client, &message, message.header.size, NULL, 0);
	assert_int_equal(sim_read(client, CONFIG, PCI_COMMAND, &command, 2), 0);
	assert_int_equal(command, PCI_COMMAND_MASTER);
}

static void messages_in_pieces(void **state)
{
	struct {
		struct vfu_header header;
		struct vfu_region_access access;
	} message = {
		{ 3, VFU_REGION_READ, sizeof(message), 0, 0 },
		{ TERN_REG_ID, 0, 4 },
	};
	uint8_t reply[36];
	uint32_t id;

	(void)state;
	for (unsigned int i = 0; i < sizeof(message); i++) {
		sim_send(client, (uint8_t *)&message + i, 1, NULL, 0);
		usleep(100);
	}
	assert_int_equal(recv(client, reply, sizeof(reply), MSG_WAITALL), sizeof(reply));
	memcpy(&id, reply + 32, 4);
	assert_int_equal(id, TERN_MAGIC);

	/* Many at once, answered in order. */
	for (unsigned int i = 0; i < 200; i++) {
		message.header.id = i;
		sim_send(client, &message, sizeof(message), NULL, 0);
	}
	for (unsigned int i = 0; i < 200; i++) {
		assert_int_equal(recv(client, reply, sizeof(reply), MSG_WAITALL), sizeof(reply));
		assert_int_equal(reply[0], i);
	}
}

/* ---------------------------------------------------------------- information */

static void device_info(void **state)
{
	struct vfu_device_info info = { .argsz = sizeof(info) };
	size_t bytes = sizeof(info);

	(void)state;
	assert_int_equal(sim_call(client, VFU_DEVICE_GET_INFO, &info, sizeof(info), NULL, 0, &info,
				  &bytes, NULL), 0);
	assert_int_equal(bytes, sizeof(info));
	assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info.num_regions, VFIO_PCI_NUM_REGIONS);
	assert_int_equal(info.num_irqs, VFIO_PCI_NUM_IRQS);
	info.argsz = 12;
	assert_int_equal(sim_say(client, VFU_DEVICE_GET_INFO, &info, sizeof(info)), EINVAL);
	assert_int_equal(sim_say(client, VFU_DEVICE_GET_INFO, &info, 15), EINVAL);
	assert_int_equal(sim_say(client, VFU_DEVICE_GET_INFO, NULL, 0), EINVAL);
}

static void region_infos(void **state)
{
	static const uint64_t sizes[VFIO_PCI_NUM_REGIONS] = {
		[VFIO_PCI_BAR0_REGION_INDEX] = 0x10000,
		[VFIO_PCI_BAR2_REGION_INDEX] = 0x1000,
		[VFIO_PCI_BAR4_REGION_INDEX] = SIM_MEMORY_BYTES,
		[VFIO_PCI_CONFIG_REGION_INDEX] = 4096,
	};
	struct vfio_region_info info;
	int fd;

	(void)state;
	for (unsigned int i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		assert_int_equal(sim_region_info(client, i, &info, &fd), 0);
		assert_int_equal(info.size, sizes[i]);
		assert_int_equal(info.index, i);
		assert_int_equal(!!(info.flags & VFIO_REGION_INFO_FLAG_READ), !!sizes[i]);
		assert_int_equal(fd >= 0, i == VFIO_PCI_BAR4_REGION_INDEX);
		assert_int_equal(!!(info.flags & VFIO_REGION_INFO_FLAG_MMAP), fd >= 0);
		if (fd >= 0)
			close(fd);
	}
	assert_int_equal(sim_region_info(client, VFIO_PCI_NUM_REGIONS, &info, &fd), EINVAL);
	assert_int_equal(sim_region_info(client, UINT32_MAX, &info, &fd), EINVAL);
	info.argsz = 8;
	assert_int_equal(sim_say(client, VFU_DEVICE_GET_REGION_INFO, &info, sizeof(info)), EINVAL);
	assert_int_equal(sim_say(client, VFU_DEVICE_GET_REGION_INFO, &info, 31), EINVAL);
}

static void irq_infos(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < VFIO_PCI_NUM_IRQS + 1; i++) {
		struct vfio_irq_info info = { .argsz = sizeof(info), .index = i };
		size_t bytes = sizeof(info);
		int error = sim_call(client, VFU_DEVICE_GET_IRQ_INFO, &info, sizeof(info), NULL, 0,
				     &info, &bytes, NULL);

		assert_int_equal(error, i < VFIO_PCI_NUM_IRQS ? 0 : EINVAL);
		if (!error)
			assert_int_equal(info.count,
					 i == VFIO_PCI_MSIX_IRQ_INDEX ? SIM_VECTORS : 0);
	}
	assert_int_equal(sim_say(client, VFU_DEVICE_GET_IRQ_INFO, "", 0), EINVAL);
}

/* ---------------------------------------------------------------- clients */

static void clients_die_in_mid_message(void **state)
{
	struct {
		struct vfu_header header;
		struct vfu_region_access access;
		uint8_t data[100];
	} message = {
		{ 1, VFU_REGION_WRITE, sizeof(message), 0, 0 },
		{ 0, 4, 100 },
		{},
	};

	(void)state;
	close(client);
	for (unsigned int bytes = 0; bytes < sizeof(message); bytes += 7) {
		client = sim_session(&sim);
		sim_send(client, &message, bytes, NULL, 0);
		close(client);
	}
	/* before a word, and with a reply on its way */
	close(sim_connect(&sim));
	client = sim_session(&sim);
	message.header.command = VFU_REGION_READ;
	message.header.size = sizeof(message.header) + sizeof(message.access);
	message.access.count = 1 << 20;
	for (unsigned int i = 0; i < 4; i++)
		sim_send(client, &message, message.header.size, NULL, 0);
	close(client);
	client = sim_session(&sim);
	assert_int_equal(sim_get(client, TERN_REG_ID), TERN_MAGIC);
}

/* It reads its replies, but so slowly that nobody else would ever get a turn. */
static void slow_readers_are_given_up(void **state)
{
	struct {
		struct vfu_header header;
		struct vfu_region_access access;
	} message = {
		{ 1, VFU_REGION_READ, sizeof(message), 0, 0 },
		{ 0, 4, 1 << 20 },
	};
	struct timespec start, now;
	char data[8192];
	ssize_t got;

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		sim_send(client, &message, sizeof(message), NULL, 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		usleep(200000);
		got = recv(client, data, sizeof(data), 0);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (got > 0 && now.tv_sec - start.tv_sec < 8 && !sim_logged(&sim, "does not read"));
	assert_true(sim_logged(&sim, "the client does not read"));
}

static void second_client_is_refused(void **state)
{
	int second = sim_connect(&sim);

	(void)state;
	assert_true(second >= 0);
	assert_int_equal(sim_say(second, VFU_VERSION, "\0\0\0\0", 4), EBUSY);
	assert_int_equal(sim_say(second, VFU_VERSION, "\0\0\0\0", 4), -1);
	close(second);
	assert_int_equal(sim_get(client, TERN_REG_ID), TERN_MAGIC);
}

static void idle_costs_nothing(void **state)
{
	double before = sim_cpu_ms(&sim);

	(void)state;
	sleep(1);
	assert_in_range((unsigned int)(sim_cpu_ms(&sim) - before), 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_is_negotiated),
		cmocka_unit_test(version_is_checked),
		cmocka_unit_test(version_comes_first_and_once),
		cmocka_unit_test(bad_sizes_end_the_connection),
		TEST(bad_flags_and_commands),
		TEST(refusals_are_logged),
		TEST(no_reply_means_none),
		TEST(messages_in_pieces),
		TEST(device_info),
		TEST(region_infos),
		TEST(irq_infos),
		TEST(clients_die_in_mid_message),
		TEST(slow_readers_are_given_up),
		TEST(second_client_is_refused),
		TEST(idle_costs_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
