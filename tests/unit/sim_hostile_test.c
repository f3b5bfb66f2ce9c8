// SPDX-License-Identifier: Apache-2.0
/*
 * Clients that want the simulator to wait for ever: with eventfds that are full when it
 * writes to them, and with files that only a file system of theirs could answer for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <cmocka.h>

#include "sim_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(eventfds_that_are_filled),
		TEST(files_that_are_not_in_memory),
		TEST(descriptors_of_any_kind_are_closed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start_simulator, stop_simulator);
}
