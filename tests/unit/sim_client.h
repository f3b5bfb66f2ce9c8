/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small vfio-user client for tests of the simulator: it can say everything right,
 * and everything wrong.
 */
#ifndef SIM_CLIENT_H
#define SIM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio_user/protocol.h"

#define SIM_MAX_FDS 32

/* A simulator of the test's own. */
struct sim {
	pid_t pid;
	char socket[64];
	char log[64];
};

/* Start ternsim with these options (NULL-terminated) and wait until it is ready. */
void sim_start(struct sim *sim, const char *const *options);

/* SIGTERM; returns its exit status, or -1 if it did not exit by itself. */
int sim_stop(struct sim *sim);

/* Is it still running? */
bool sim_alive(const struct sim *sim);

/* Does a line of its log have this text? */
bool sim_logged(const struct sim *sim, const char *text);

/* Open file descriptors of the simulator. */
unsigned int sim_fds(const struct sim *sim);

/* CPU time of the simulator, in ms. */
double sim_cpu_ms(const struct sim *sim);

/* A connected socket, or -errno. */
int sim_connect(const struct sim *sim);

/* The same, after a good VERSION exchange; fails the test otherwise. */
int sim_session(const struct sim *sim);

/* Send bytes and descriptors as they are. */
void sim_send(int fd, const void *data, size_t bytes, const int *fds, unsigned int nfds);

/*
 * Send a message with a payload and wait for its reply. Returns the errno of the
 * reply, 0 for success, or -1 if the server closed the connection. The reply's
 * payload goes to @reply (may be NULL), of which *reply_bytes is the size and
 * becomes what came; *reply_fd (may be NULL) gets a descriptor or -1.
 */
int sim_call(int fd, uint16_t command, const void *payload, size_t bytes,
	     const int *fds, unsigned int nfds, void *reply, size_t *reply_bytes,
	     int *reply_fd);

/* Only the errno. */
int sim_say(int fd, uint16_t command, const void *payload, size_t bytes);

/* Region accesses; the value through a pointer of @count bytes. */
int sim_read(int fd, uint32_t region, uint64_t offset, void *data, uint32_t count);
int sim_write(int fd, uint32_t region, uint64_t offset, const void *data, uint32_t count);

/* GET_REGION_INFO and SET_IRQS, as sim_call(). */
struct vfio_region_info;
int sim_region_info(int fd, uint32_t index, struct vfio_region_info *info, int *passed);
int sim_set_irqs(int fd, uint32_t flags, uint32_t index, uint32_t first, uint32_t count,
		 const void *data, size_t bytes, const int *fds, unsigned int nfds);

/* Registers of BAR 0; fail the test on an error. */
uint32_t sim_get(int fd, uint32_t reg);
void sim_set(int fd, uint32_t reg, uint32_t value);

/* Map @bytes of a new file as DMA memory at @address, and here. */
void *sim_share(int fd, uint64_t address, size_t bytes);

#endif /* SIM_CLIENT_H */
