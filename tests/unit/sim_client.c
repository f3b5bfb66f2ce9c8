// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <cmocka.h>

#include "sim_client.h"

#define START_TIMEOUT_MS	10000
#define REPLY_TIMEOUT_S		20

static void sleep_ms(unsigned int ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

static const char *program(void)
{
	const char *name = getenv("TERNSIM");

	return name ? name : "build/ternsim";
}

void sim_start(struct sim *sim, const char *const *options)
{
	static unsigned int serial;
	const char *argv[32] = { "ternsim", "--socket", sim->socket };
	unsigned int n = 3;

	snprintf(sim->socket, sizeof(sim->socket), "/tmp/tern-test-%d-%u", getpid(), serial);
	snprintf(sim->log, sizeof(sim->log), "/tmp/tern-test-%d-%u.log", getpid(), serial++);
	while (options && *options && n < 31)
		argv[n++] = *options++;

	sim->pid = fork();
	assert_true(sim->pid >= 0);
	if (!sim->pid) {
		int log = open(sim->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		closefrom(STDERR_FILENO + 1);
		execv(program(), (char *const *)argv);
		_exit(127);
	}
	for (unsigned int ms = 0; !sim_logged(sim, "ready"); ms += 5) {
		assert_true(ms < START_TIMEOUT_MS);
		sleep_ms(5);
	}
}

bool sim_alive(const struct sim *sim)
{
	return waitpid(sim->pid, NULL, WNOHANG) == 0;
}

int sim_stop(struct sim *sim)
{
	int status = -1;

	kill(sim->pid, SIGTERM);
	for (unsigned int ms = 0; ms < START_TIMEOUT_MS; ms += 5) {
		if (waitpid(sim->pid, &status, WNOHANG) == sim->pid)
			break;
		sleep_ms(5);
	}
	if (getenv("TERN_TEST_LOG")) {
		char command[128];

		snprintf(command, sizeof(command), "sed 's/^/# /' %s >&2", sim->log);
		if (system(command))
			fprintf(stderr, "# no log\n");
	}
	unlink(sim->log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool sim_logged(const struct sim *sim, const char *text)
{
	char line[1024];
	bool found = false;
	FILE *file = fopen(sim->log, "re");

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, text);
	fclose(file);
	return found;
}

unsigned int sim_fds(const struct sim *sim)
{
	char path[64];
	unsigned int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", sim->pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

double sim_cpu_ms(const struct sim *sim)
{
	struct timespec time;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(sim->pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &time), 0);
	return 1e3 * time.tv_sec + 1e-6 * time.tv_nsec;
}

int sim_connect(const struct sim *sim)
{
	struct timeval timeout = { REPLY_TIMEOUT_S, 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, sim->socket);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int error = errno;

		close(fd);
		return -error;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return fd;
}

void sim_send(int fd, const void *data, size_t bytes, const int *fds, unsigned int nfds)
{
	char control[CMSG_SPACE(SIM_MAX_FDS * sizeof(int))] __attribute__((aligned(8))) = {};
	struct iovec iov = { (void *)data, bytes };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		struct cmsghdr *c;

		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	while (iov.iov_len) {
		ssize_t sent = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (sent < 0)
			return;		/* closed: the reply will tell */
		iov.iov_base = (char *)iov.iov_base + sent;
		iov.iov_len -= sent;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
}

/* All of it, or false if the server closed. */
static bool receive(int fd, void *data, size_t bytes, int *got_fd)
{
	char control[CMSG_SPACE(SIM_MAX_FDS * sizeof(int))] __attribute__((aligned(8)));

	while (bytes) {
		struct iovec iov = { data, bytes };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

		if (got <= 0)
			return false;
		if (c && c->cmsg_type == SCM_RIGHTS && got_fd)
			memcpy(got_fd, CMSG_DATA(c), sizeof(*got_fd));
		data = (char *)data + got;
		bytes -= got;
	}
	return true;
}

int sim_call(int fd, uint16_t command, const void *payload, size_t bytes,
	     const int *fds, unsigned int nfds, void *reply, size_t *reply_bytes,
	     int *reply_fd)
{
	static uint16_t id;
	static uint8_t buffer[(1 << 20) + 4096];
	struct vfu_header header = {
		.id = ++id,
		.command = command,
		.size = sizeof(header) + bytes,
	};
	size_t room = reply_bytes ? *reply_bytes : 0;
	int passed = -1;

	memcpy(buffer, &header, sizeof(header));
	if (bytes)
		memcpy(buffer + sizeof(header), payload, bytes);
	sim_send(fd, buffer, sizeof(header) + bytes, fds, nfds);

	if (!receive(fd, &header, sizeof(header), &passed))
		return -1;
	assert_int_equal(header.id, id);
	assert_int_equal(header.command, command);
	assert_int_equal(header.flags & VFU_FLAG_TYPE, VFU_FLAG_REPLY);
	assert_in_range(header.size, sizeof(header), sizeof(buffer));
	bytes = header.size - sizeof(header);
	if (!receive(fd, buffer, bytes, NULL))
		return -1;
	if (reply)
		memcpy(reply, buffer, bytes < room ? bytes : room);
	if (reply_bytes)
		*reply_bytes = bytes;
	if (reply_fd)
		*reply_fd = passed;
	else if (passed >= 0)
		close(passed);
	if (!(header.flags & VFU_FLAG_ERROR))
		return 0;
	assert_int_equal(bytes, 0);
	assert_int_not_equal(header.error, 0);
	return (int)header.error;
}

int sim_say(int fd, uint16_t command, const void *payload, size_t bytes)
{
	return sim_call(fd, command, payload, bytes, NULL, 0, NULL, NULL, NULL);
}

int sim_session(const struct sim *sim)
{
	static const char hello[] = "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":8}}";
	int fd = sim_connect(sim);

	assert_true(fd >= 0);
	assert_int_equal(sim_say(fd, VFU_VERSION, hello, sizeof(hello)), 0);
	return fd;
}

int sim_read(int fd, uint32_t region, uint64_t offset, void *data, uint32_t count)
{
	struct vfu_region_access access = { offset, region, count };
	size_t bytes = sizeof(access) + count;
	uint8_t *reply = malloc(bytes);
	int error = sim_call(fd, VFU_REGION_READ, &access, sizeof(access), NULL, 0, reply,
			     &bytes, NULL);

	if (!error) {
		assert_int_equal(bytes, sizeof(access) + count);
		assert_memory_equal(reply, &access, sizeof(access));
		memcpy(data, reply + sizeof(access), count);
	}
	free(reply);
	return error;
}

int sim_write(int fd, uint32_t region, uint64_t offset, const void *data, uint32_t count)
{
	struct vfu_region_access access = { offset, region, count };
	uint8_t *message = malloc(sizeof(access) + count);
	int error;

	memcpy(message, &access, sizeof(access));
	memcpy(message + sizeof(access), data, count);
	error = sim_say(fd, VFU_REGION_WRITE, message, sizeof(access) + count);
	free(message);
	return error;
}

uint32_t sim_get(int fd, uint32_t reg)
{
	uint32_t value;

	assert_int_equal(sim_read(fd, 0, reg, &value, sizeof(value)), 0);
	return value;
}

void sim_set(int fd, uint32_t reg, uint32_t value)
{
	assert_int_equal(sim_write(fd, 0, reg, &value, sizeof(value)), 0);
}

void *sim_share(int fd, uint64_t address, size_t bytes)
{
	struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFU_DMA_READABLE | VFU_DMA_WRITEABLE,
		.address = address,
		.size = bytes,
	};
	int memory = memfd_create("sim-test", MFD_CLOEXEC);
	void *here;

	assert_true(memory >= 0);
	assert_int_equal(ftruncate(memory, (off_t)bytes), 0);
	here = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	assert_ptr_not_equal(here, MAP_FAILED);
	assert_int_equal(sim_call(fd, VFU_DMA_MAP, &map, sizeof(map), &memory, 1, NULL, NULL,
				  NULL), 0);
	close(memory);
	return here;
}

int sim_region_info(int fd, uint32_t index, struct vfio_region_info *info, int *passed)
{
	size_t bytes = sizeof(*info);

	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return sim_call(fd, VFU_DEVICE_GET_REGION_INFO, info, sizeof(*info), NULL, 0, info,
			&bytes, passed);
}

int sim_set_irqs(int fd, uint32_t flags, uint32_t index, uint32_t first, uint32_t count,
		 const void *data, size_t bytes, const int *fds, unsigned int nfds)
{
	struct {
		uint32_t argsz, flags, index, start, count;
		uint8_t data[64];
	} set = { 20 + bytes, flags, index, first, count, {} };

	if (bytes)
		memcpy(set.data, data, bytes);
	return sim_call(fd, VFU_DEVICE_SET_IRQS, &set, 20 + bytes, fds, nfds, NULL, NULL, NULL);
}
