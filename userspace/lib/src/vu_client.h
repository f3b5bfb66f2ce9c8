/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's end of a vfio-user socket: one request at a time, with file
 * descriptors where the protocol has them. Every call ends: a peer that hangs up
 * or has not answered after VU_REPLY_MS, whatever else it says meanwhile, makes it
 * fail with -ENODEV, for good.
 */
#ifndef TERN_VU_CLIENT_H
#define TERN_VU_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"

#define VU_REPLY_MS	30000

/**
 * struct vu_client - a connection
 * @dev: whose error sentence is written
 * @fd: the socket, -1 if there is none
 * @id: of the last request
 * @deadline_ns: when the exchange under way must have ended, of CLOCK_MONOTONIC
 * @dead: nothing more comes from there
 */
struct vu_client {
	struct tern_device *dev;
	int fd;
	uint16_t id;
	int64_t deadline_ns;
	bool dead;
};

/* A region of the device; @fd is -1 if it cannot be mapped, else the caller's to close. */
struct vu_region {
	uint64_t bytes;
	uint64_t offset;
	int fd;
};

int vu_connect(struct vu_client *client, const char *path);
void vu_disconnect(struct vu_client *client);

/* Agree on the protocol's version; the first request of a connection. */
int vu_version(struct vu_client *client);

int vu_dma_map(struct vu_client *client, int fd, uint64_t address, uint64_t bytes);
int vu_region_info(struct vu_client *client, uint32_t index, struct vu_region *region);
int vu_region_read(struct vu_client *client, uint32_t region, uint64_t offset,
		   void *data, uint32_t count);
int vu_region_write(struct vu_client *client, uint32_t region, uint64_t offset,
		    const void *data, uint32_t count);

/* A write that is not answered: no round trip. Errors show later, if at all. */
int vu_region_post(struct vu_client *client, uint32_t region, uint64_t offset,
		   const void *data, uint32_t count);

/* Signal these eventfds for the first @count MSI-X vectors. */
int vu_set_msix(struct vu_client *client, const int *fds, uint32_t count);

int vu_reset(struct vu_client *client);

#define VU_WAKES	2

/*
 * Wait until an eventfd is readable, the peer says something or hangs up, or the
 * time is over. Bits of the eventfds that were, or -ENODEV if the peer is gone.
 */
int vu_poll(struct vu_client *client, const int wakes[VU_WAKES], int timeout_ms);

#endif /* TERN_VU_CLIENT_H */
