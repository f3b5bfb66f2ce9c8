// SPDX-License-Identifier: Apache-2.0
/*
 * Clients that want the simulator to wait for ever: with eventfds that are full when it
 * writes to them, with files that only a file system of theirs could answer for, with
 * sockets that take their time to be closed; and a process that can open no more files.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <cmocka.h>

#include "sim_fixture.h"
#include "tern_abi.h"

#define TRIGGERS	6000
#define ROOM_FOR_ONE	(UINT64_MAX - 2)

static atomic_bool over;
static sem_t go, done;

/* Takes the last place in the counter; waits for it if the simulator was faster. */
static void *take_the_room(void *arg)
{
	const uint64_t one = 1;

	for (;;) {
		sem_wait(&go);
		if (over || write(*(int *)arg, &one, sizeof(one)) != sizeof(one))
			return NULL;
		sem_post(&done);
	}
}

static void drain(int fd)
{
	struct pollfd any = { fd, POLLIN, 0 };
	uint64_t count;

	if (poll(&any, 1, 0) == 1)
		assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
}

/* Who of the two finds it full waits for a reader, and nobody reads before the reply. */
static void eventfds_that_are_filled(void **state)
{
	const uint32_t flags = VFIO_IRQ_SET_ACTION_TRIGGER;
	const uint64_t most = ROOM_FOR_ONE;
	int fd = eventfd(0, EFD_CLOEXEC);
	pthread_t thread;

	(void)state;
	assert_int_equal(sim_set_irqs(client, flags | VFIO_IRQ_SET_DATA_EVENTFD,
				      VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, NULL, 0, &fd, 1), 0);
	assert_int_equal(sem_init(&go, 0, 0) | sem_init(&done, 0, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, take_the_room, &fd), 0);
	for (unsigned int i = 0; i < TRIGGERS; i++) {
		assert_int_equal(write(fd, &most, sizeof(most)), sizeof(most));
		sem_post(&go);
		assert_int_equal(sim_set_irqs(client, flags | VFIO_IRQ_SET_DATA_NONE,
					      VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, NULL, 0, NULL, 0), 0);
		/* The other thread may be the one that waits. */
		drain(fd);
		sem_wait(&done);
		drain(fd);
	}
	over = true;
	sem_post(&go);
	assert_int_equal(pthread_join(thread, NULL), 0);
	sem_destroy(&go);
	sem_destroy(&done);
	close(fd);
}

static void files_that_are_not_in_memory(void **state)
{
	struct vfu_dma_map map = { sizeof(map), VFU_DMA_READABLE, 0, 0, 0x1000 };
	int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(file >= 0);
	assert_int_equal(sim_call(client, VFU_DMA_MAP, &map, sizeof(map), &file, 1, NULL, NULL,
				  NULL), EMEDIUMTYPE);
	assert_true(sim_logged(&sim, "the file must be in memory: a memfd, or one of tmpfs"));
	close(file);
}

/* What it does not know the simulator closes elsewhere, but it does close it. */
static void descriptors_of_any_kind_are_closed(void **state)
{
	char byte;

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		struct pollfd end;
		int pipes[2];

		assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
		assert_int_equal(sim_call(client, VFU_DEVICE_RESET, NULL, 0, &pipes[1], 1, NULL,
					  NULL, NULL), 0);
		close(pipes[1]);
		end = (struct pollfd){ pipes[0], POLLIN, 0 };
		assert_int_equal(poll(&end, 1, 10000), 1);
		assert_int_equal(read(pipes[0], &byte, 1), 0);
		close(pipes[0]);
	}
}

/* The simulator has as many as before the test, if not at once. */
static unsigned int settled_fds(unsigned int wanted)
{
	for (unsigned int i = 0; i < 1000 && sim_fds(&sim) != wanted; i++)
		usleep(10000);
	return sim_fds(&sim);
}

/* A socket whose last close() waits for a reader that does not read, and that reader. */
static int lingering_socket(int listener, int *reader)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 60 };
	static const char text[4096];
	struct sockaddr_in address = {};
	socklen_t bytes = sizeof(address);
	const int small = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd room = { fd, POLLOUT, 0 };

	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &bytes), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	*reader = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*reader >= 0);
	while (poll(&room, 1, 2) == 1)
		assert_true(send(fd, text, sizeof(text), MSG_DONTWAIT | MSG_NOSIGNAL) > 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	return fd;
}

/* The same inside another one, unread: whoever closes that has to wait. */
static int slow_socket(int listener, int *reader)
{
	int inner = lingering_socket(listener, reader), pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	sim_send(pair[0], "", 1, &inner, 1);
	close(inner);
	close(pair[0]);
	return pair[1];
}

#define A_MESSAGE	16
/* One more than the queue is meant for. */
#define MESSAGES	(64 / A_MESSAGE + 1)

/* What the server says to a message that has these, and that nobody else has any more. */
static int reset_with(int session, int (*make)(int listener, int *reader), int listener,
		      int *readers)
{
	struct vfu_header header = { .id = 1, .command = VFU_DEVICE_RESET, .size = sizeof(header) };
	int fds[A_MESSAGE];
	ssize_t bytes;

	for (unsigned int i = 0; i < A_MESSAGE; i++)
		fds[i] = make(listener, &readers[i]);
	kill(sim.pid, SIGSTOP);
	sim_send(session, &header, sizeof(header), fds, A_MESSAGE);
	for (unsigned int i = 0; i < A_MESSAGE; i++)
		close(fds[i]);
	kill(sim.pid, SIGCONT);
	bytes = recv(session, &header, sizeof(header), MSG_WAITALL);
	return bytes == sizeof(header) ? (int)header.error : -1;
}

static int local_listener(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int small = 1;

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* What a reader has not read yet is little. */
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, A_MESSAGE), 0);
	return fd;
}

/*
 * They wait in a queue of the simulator's. It has an end: then so has the session, and nobody
 * else is taken until some of it is gone.
 */
static void descriptors_that_do_not_close(void **state)
{
	const unsigned int before = sim_fds(&sim);
	struct pollfd answered = { .events = POLLIN };
	int readers[MESSAGES][A_MESSAGE];
	int listener = local_listener();
	double cpu;
	char byte;

	(void)state;
	/* One that is not hidden is closed without waiting. */
	assert_int_equal(reset_with(client, lingering_socket, listener, readers[0]), 0);
	assert_int_equal(settled_fds(before), before);
	for (unsigned int i = 0; i < A_MESSAGE; i++)
		close(readers[0][i]);

	for (unsigned int i = 0; i < MESSAGES; i++)
		assert_int_equal(reset_with(client, slow_socket, listener, readers[i]), 0);
	assert_int_equal(recv(client, &byte, 1, 0), 0);
	assert_true(sim_logged(&sim, "take too long to be closed"));
	close(client);
	assert_true(sim_fds(&sim) <= before + MESSAGES * A_MESSAGE);
	client = sim_connect(&sim);
	sim_send(client, &(struct vfu_header){ .size = 1 }, sizeof(struct vfu_header), NULL, 0);
	answered.fd = client;
	cpu = sim_cpu_ms(&sim);
	assert_int_equal(poll(&answered, 1, 300), 0);
	assert_true(sim_cpu_ms(&sim) - cpu < 100);
	close(client);

	/* Nobody waits for the data any more, so the sockets close. */
	for (unsigned int i = 0; i < MESSAGES * A_MESSAGE; i++)
		close(readers[i / A_MESSAGE][i % A_MESSAGE]);
	close(listener);
	client = sim_session(&sim);
	assert_int_equal(settled_fds(before), before);
}

/* Below it the simulator has no number free, or it would have been given. */
static rlim_t highest_fd(void)
{
	rlim_t highest = 0;
	char path[64], target[8];

	for (rlim_t i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", sim.pid, (int)i);
		if (readlink(path, target, sizeof(target)) > 0)
			highest = i;
	}
	return highest;
}

/* One more client is turned away, the one that is there stays, and nothing burns. */
static void no_descriptor_left(void **state)
{
	struct rlimit usual, none;
	double cpu;
	char byte;
	int fd;

	(void)state;
	assert_int_equal(prlimit(sim.pid, RLIMIT_NOFILE, NULL, &usual), 0);
	none = (struct rlimit){ highest_fd() + 1, usual.rlim_max };
	assert_int_equal(prlimit(sim.pid, RLIMIT_NOFILE, &none, NULL), 0);
	fd = sim_connect(&sim);
	assert_true(fd >= 0);
	cpu = sim_cpu_ms(&sim);
	usleep(300000);
	assert_true(sim_cpu_ms(&sim) - cpu < 100);
	assert_int_equal(sim_get(client, TERN_REG_ID), TERN_MAGIC);
	assert_true(sim_logged(&sim, "was turned away: Too many open files"));
	assert_int_equal(prlimit(sim.pid, RLIMIT_NOFILE, &usual, NULL), 0);
	/* It may have had to wait for that to be told. */
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(eventfds_that_are_filled),
		TEST(files_that_are_not_in_memory),
		TEST(descriptors_of_any_kind_are_closed),
		TEST(descriptors_that_do_not_close),
		TEST(no_descriptor_left),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
