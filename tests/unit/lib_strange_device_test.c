// SPDX-License-Identifier: Apache-2.0
/*
 * Devices that the library must refuse, or not be led astray by: a server in a
 * child process answers as ternsim would, but for one thing.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/vfio.h>

#include "libtern.h"
#include "protocol.h"
#include "tern_abi.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MEM_BYTES	(1u << 20)
#define REGISTERS	(TERN_REG_ERROR_ADDR_HI / 4 + 1)
#define SOME_CONFIG(name, hash, ...) hash,

static char dir[] = "/tmp/tern-strange-XXXXXX";

static const uint32_t config_hashes[] = { TERN_CONFIGS(SOME_CONFIG) };

/* What the server says; a test changes one thing of it. */
struct strange {
	uint32_t pci_id;
	uint32_t registers[REGISTERS];
	bool no_mmap;
	uint64_t file_bytes;		/* of the memory's file */
	uint16_t fail_command;		/* answer this one with an error */
	uint32_t fail_error;
	uint16_t hang_up_at;		/* hang up instead of answering this one */
	uint16_t short_reply_to;	/* leave this one's payload out */
	bool chatter;			/* say unasked things before each answer */
	bool babble;			/* say unasked things instead of answers */
	bool unsealed;			/* the memory's file can be made shorter */
};

static struct strange good(void)
{
	struct strange s = {
		.pci_id = TERN_PCI_DEVICE_ID << 16 | TERN_PCI_VENDOR_ID,
		.file_bytes = MEM_BYTES,
	};

	s.registers[TERN_REG_ID / 4] = TERN_MAGIC;
	s.registers[TERN_REG_ABI_VERSION / 4] = TERN_ABI_MAJOR << 16 | TERN_ABI_MINOR;
	s.registers[TERN_REG_ABI_HASH / 4] = TERN_ABI_HASH;
	s.registers[TERN_REG_CONFIG_HASH / 4] = config_hashes[0];
	s.registers[TERN_REG_PLATFORM / 4] = TERN_PLATFORM_MODEL;
	s.registers[TERN_REG_ARRAY / 4] = 8 << 16 | 256;
	s.registers[TERN_REG_QUEUES / 4] = 4 << 8 | 1;
	s.registers[TERN_REG_MEM_SIZE_LO / 4] = MEM_BYTES;
	s.registers[TERN_REG_STATUS / 4] = TERN_STATUS_READY_MASK;
	return s;
}

/* Bytes of a message's payload, with the descriptors that come along thrown away. */
static bool receive(int fd, void *data, size_t bytes)
{
	while (bytes) {
		char control[CMSG_SPACE(16 * sizeof(int))];
		struct iovec iov = { .iov_base = data, .iov_len = bytes };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				      .msg_controllen = sizeof(control) };
		ssize_t got = recvmsg(fd, &msg, 0);

		if (got <= 0)
			return false;
		data = (char *)data + got;
		bytes -= (size_t)got;
	}
	return true;
}

static void say(int fd, const struct vfu_header *header, const void *payload, int with_fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov[2] = {
		{ .iov_base = (void *)header, .iov_len = sizeof(*header) },
		{ .iov_base = (void *)payload, .iov_len = header->size - sizeof(*header) },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (with_fd >= 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &with_fd, sizeof(int));
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		_exit(0);
}

/* A command to the client, which it must refuse, and a reply to nothing. */
static void chatter(int fd, uint16_t id)
{
	struct vfu_header command = { .id = 7, .command = VFU_DMA_READ, .size = sizeof(command) };
	struct vfu_header reply = { .id = (uint16_t)(id + 1000), .command = VFU_REGION_WRITE,
				    .size = sizeof(reply), .flags = VFU_FLAG_REPLY };
	struct vfu_header answer = {};

	say(fd, &command, NULL, -1);
	if (!receive(fd, &answer, sizeof(answer)) || answer.id != 7 || answer.error != ENOTSUP ||
	    answer.flags != (VFU_FLAG_REPLY | VFU_FLAG_ERROR))
		_exit(1);
	say(fd, &reply, NULL, -1);
}

/* Fills in the payload of the answer and returns its bytes. */
static size_t answer_to(const struct strange *s, uint16_t command, const void *payload, void *out,
			int *fd)
{
	const struct vfu_region_access *access = payload;
	struct vfio_region_info *info = out;
	uint32_t value = s->pci_id;

	switch (command) {
	case VFU_VERSION:
		memset(out, 0, sizeof(struct vfu_version));
		return sizeof(struct vfu_version);
	case VFU_REGION_READ:
		if (access->region == TERN_PCI_BAR_REGISTERS)
			value = access->offset / 4 < REGISTERS ?
				s->registers[access->offset / 4] : 0;
		memcpy(out, access, sizeof(*access));
		memcpy((char *)out + sizeof(*access), &value, sizeof(value));
		return sizeof(*access) + sizeof(value);
	case VFU_REGION_WRITE:
		memcpy(out, access, sizeof(*access));
		return sizeof(*access);
	case VFU_DEVICE_GET_REGION_INFO:
		memcpy(info, payload, sizeof(*info));
		info->size = MEM_BYTES;
		info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
		if (!s->no_mmap)
			info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
		*fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (ftruncate(*fd, (off_t)s->file_bytes) ||
		    (!s->unsealed && fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK)))
			_exit(1);
		return sizeof(*info);
	default:
		return 0;
	}
}

/* Replies to nothing, until the client hangs up. */
static void babble(int fd, uint16_t id)
{
	struct vfu_header reply = { .id = (uint16_t)(id + 1000), .command = VFU_REGION_WRITE,
				    .size = sizeof(reply), .flags = VFU_FLAG_REPLY };

	for (;;) {
		say(fd, &reply, NULL, -1);
		usleep(1000);
	}
}

static void serve(const struct strange *s, int fd)
{
	struct vfu_header header;
	uint64_t payload[64], out[64];

	while (receive(fd, &header, sizeof(header))) {
		int with_fd = -1;

		if (header.size > sizeof(payload) ||
		    !receive(fd, payload, header.size - sizeof(header)))
			_exit(1);
		if (header.command == s->hang_up_at)
			_exit(0);
		if (s->chatter)
			chatter(fd, header.id);
		if (s->babble)
			babble(fd, header.id);
		if (header.flags & VFU_FLAG_NO_REPLY)
			continue;
		header.size = sizeof(header) +
			      answer_to(s, header.command, payload, out, &with_fd);
		header.flags = VFU_FLAG_REPLY;
		if (header.command == s->short_reply_to)
			header.size = sizeof(header);
		if (header.command == s->fail_command) {
			header.size = sizeof(header);
			header.flags |= VFU_FLAG_ERROR;
			header.error = s->fail_error;
		}
		say(fd, &header, out, with_fd);
		if (with_fd >= 0)
			close(with_fd);
	}
	_exit(0);
}

static struct tern_device *open_strange(const struct strange *s, int *ret, pid_t *server)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct tern_device *dev;
	char spec[128];
	int fd;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", dir);
	snprintf(spec, sizeof(spec), "vfio-user:%s", addr.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 1), 0);
	fflush(NULL);
	*server = fork();
	assert_true(*server >= 0);
	if (!*server)
		serve(s, accept(fd, NULL, NULL));
	close(fd);
	*ret = tern_open(spec, &dev);
	assert_non_null(dev);
	unlink(addr.sun_path);
	return dev;
}

static void finish(struct tern_device *dev, pid_t server)
{
	int status;

	tern_close(dev);
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Opening fails with @error, and the sentence has both words. */
static void refused(const struct strange *s, int error, const char *one, const char *other)
{
	struct tern_device *dev;
	pid_t server;
	int ret;

	dev = open_strange(s, &ret, &server);
	if (ret != -error || !strstr(tern_error(dev), one) || !strstr(tern_error(dev), other))
		fail_msg("%d instead of %d with \"%s\" and \"%s\": %s", ret, -error, one, other,
			 tern_error(dev));
	finish(dev, server);
}

static void accepted(const struct strange *s)
{
	struct tern_device *dev;
	struct tern_info info;
	pid_t server;
	int ret;

	dev = open_strange(s, &ret, &server);
	if (ret)
		fail_msg("%d: %s", ret, tern_error(dev));
	assert_int_equal(tern_get_info(dev, &info), 0);
	assert_int_equal(info.mem_size, MEM_BYTES);
	finish(dev, server);
}

static void a_good_one(void **state)
{
	struct strange s = good();

	(void)state;
	accepted(&s);
}

static void other_devices(void **state)
{
	struct strange s = good();

	(void)state;
	s.pci_id = 0x12345678;
	refused(&s, ENOTTY, "5678:1234", "fe57:0158");
	s = good();
	s.registers[TERN_REG_ID / 4] = 0xdeadbeef;
	refused(&s, ENOTTY, "0xdeadbeef", "0x4e524554");
	s.registers[TERN_REG_ID / 4] = UINT32_MAX;
	refused(&s, ENODEV, "gone", "all ones");
}

static void other_contracts(void **state)
{
	char here[16], there[16];
	struct strange s = good();

	(void)state;
	s.registers[TERN_REG_ABI_VERSION / 4] = (TERN_ABI_MAJOR + 1) << 16 | 3;
	snprintf(there, sizeof(there), "%u.3", TERN_ABI_MAJOR + 1);
	snprintf(here, sizeof(here), "%u.%u", TERN_ABI_MAJOR, TERN_ABI_MINOR);
	refused(&s, EPROTO, there, here);
	s = good();
	s.registers[TERN_REG_ABI_HASH / 4] = 0xabcdef01;
	snprintf(here, sizeof(here), "0x%08x", TERN_ABI_HASH);
	refused(&s, EPROTO, "0xabcdef01", here);
	s = good();
	s.registers[TERN_REG_CONFIG_HASH / 4] = 0x55aa55aa;
	refused(&s, EPROTO, "0x55aa55aa", "configuration");
	s = good();
	s.registers[TERN_REG_QUEUES / 4] = 4 << 8;
	refused(&s, EPROTO, "0 queues", "");
	s.registers[TERN_REG_QUEUES / 4] = 31 << 8 | 1;
	refused(&s, EPROTO, "2^31", "");
}

static void unusable_memory(void **state)
{
	struct strange s = good();

	(void)state;
	s.no_mmap = true;
	refused(&s, EPROTO, "be mapped", "");
	s = good();
	s.file_bytes = MEM_BYTES - 1;
	refused(&s, EPROTO, "1048576 bytes", "");
	s = good();
	s.unsealed = true;
	refused(&s, EPROTO, "not sealed", "");
	s = good();
	s.registers[TERN_REG_MEM_SIZE_LO / 4] = 0;
	refused(&s, EPROTO, "0 bytes", "");
}

static void requests_that_fail(void **state)
{
	static const uint16_t commands[] = {
		VFU_VERSION, VFU_REGION_READ, VFU_DEVICE_GET_REGION_INFO, VFU_DMA_MAP,
		VFU_DEVICE_RESET, VFU_REGION_WRITE, VFU_DEVICE_SET_IRQS,
	};
	struct strange s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		s = good();
		s.fail_command = commands[i];
		s.fail_error = ENOSPC;
		refused(&s, ENOSPC, "refuses", "No space");
		s.fail_error = 0;
		refused(&s, EIO, "refuses", "");
		s = good();
		s.hang_up_at = commands[i];
		refused(&s, ENODEV, "closed the connection", "");
	}
	s = good();
	s.short_reply_to = VFU_REGION_READ;
	refused(&s, ENODEV, "does not fit", "");
}

static void chatterbox(void **state)
{
	struct strange s = good();

	(void)state;
	s.chatter = true;
	accepted(&s);
}

/* Whoever says much but never answers is gone after half a minute, as one that is silent. */
static void babbler(void **state)
{
	struct strange s = good();

	(void)state;
	s.babble = true;
	refused(&s, ENODEV, "did not answer for 30 s", "");
}

/* Nobody accepts, and there is no room left to wait in: no call waits for ever. */
static void nobody_accepts(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct tern_device *dev;
	char spec[128];
	int fds[3];

	(void)state;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", dir);
	snprintf(spec, sizeof(spec), "vfio-user:%s", addr.sun_path);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fds[0], (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fds[0], 0), 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&addr, sizeof(addr)), 0);
	alarm(10);
	assert_int_equal(tern_open(spec, &dev), -EBUSY);
	alarm(0);
	assert_non_null(strstr(tern_error(dev), "too many programs"));
	tern_close(dev);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	unlink(addr.sun_path);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one),
		cmocka_unit_test(other_devices),
		cmocka_unit_test(other_contracts),
		cmocka_unit_test(unusable_memory),
		cmocka_unit_test(requests_that_fail),
		cmocka_unit_test(chatterbox),
		cmocka_unit_test(nobody_accepts),
		cmocka_unit_test(babbler),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("lib_strange_device", tests, make_dir, remove_dir);
}
