/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vfio-user backend's own structs. It is a driver in user space: what tern.ko
 * does for its files, this does for one caller, without interrupts or threads of
 * its own. Work goes on only inside submit and wait.
 */
#ifndef TERN_VU_H
#define TERN_VU_H

#include <sys/types.h>

#include "backend.h"
#include "tern_abi.h"
#include "vu_client.h"
#include "vu_ranges.h"

/* The device sees the arena at this bus address: above 4 GiB, and 0 is nobody's. */
#define VU_ARENA_ADDRESS	0x100000000ull
/* A sparse file: only what is used takes memory. */
#define VU_ARENA_BYTES		(1ull << 30)
/* Two of them in the arena: a COPY of the caller's own memory goes through here. */
#define VU_BOUNCE_BYTES		(1u << 20)
/* Entries of the rings, unless the device has fewer; more jobs wait in the library. */
#define VU_RING_LOG2		11
#define VU_JOB_BUCKETS		TERN_JOBS_MAX

/**
 * struct vu_bo - a buffer, alive until its handle and its jobs are gone
 * @handle: its slot and a generation
 * @kind: enum tern_bo_kind
 * @destroyed: the handle is gone
 * @jobs: unfinished jobs that use it
 * @size: in whole pages
 * @range: where it is, in device memory or in the arena; NULL for the caller's memory
 * @user: the caller's memory
 */
struct vu_bo {
	uint32_t handle;
	uint32_t kind;
	bool destroyed;
	uint32_t jobs;
	uint64_t size;
	struct vu_range *range;
	uint8_t *user;
};

enum vu_wake {
	VU_WAKE_ERROR,
	VU_WAKE_DONE,
};

enum vu_job_state {
	VU_JOB_QUEUED,		/* in the library */
	VU_JOB_PUSHED,		/* in the ring */
	VU_JOB_DONE,		/* its result waits to be collected */
};

/**
 * struct vu_job - a job from its submit until its result is collected
 * @next: the job after this one, while unfinished
 * @chain: in its bucket, or in the list of free ones
 * @part: bytes of a staged COPY that are in the ring now
 * @copied: bytes of a staged COPY that are done
 */
struct vu_job {
	struct vu_job *next;
	struct vu_job *chain;
	uint64_t number;
	enum vu_job_state state;
	uint16_t id;
	struct tern_cmd cmd;
	struct vu_bo *src;
	struct vu_bo *dst;
	struct vu_bo *weights;
	uint64_t part;
	uint64_t copied;
	struct tern_result result;
};

/**
 * struct vu_queue - the rings in the arena
 * @number: of the device's queue, and of its MSI-X vector
 * @entries: of each ring
 * @sq_tail: next slot to write
 * @cq_head: next slot to read
 * @unread: completions read since the device was told
 * @in_flight: commands without a completion
 * @phase: what a new completion has in its phase bit
 * @rung: the tail that the device knows
 */
struct vu_queue {
	uint32_t number;
	uint32_t entries;
	struct tern_hw_command *sq;
	const struct tern_hw_completion *cq;
	uint32_t sq_tail;
	uint32_t cq_head;
	uint32_t unread;
	uint32_t in_flight;
	uint8_t phase;
	uint32_t rung;
};

/**
 * struct vu_device - the device behind a socket
 * @sim: a simulator of our own, or 0
 * @gone: errno that everything fails with from now on, or 0; @why has the sentence
 * @mem: the device's memory, mapped
 * @arena: host memory that the device can reach
 * @bounce: in the arena, one for a source and one for a destination
 * @wakes: eventfds of the vectors of errors and of completions
 * @bos: by slot
 * @oldest: the first unfinished job; @newest the last; @push the first not in the ring
 * @progress_ns: when a job last started or ended
 * @asked_ns: when the device was last asked whether it is still there
 * @hang_ns: how long that may be ago, before what its size adds
 */
struct vu_device {
	struct tern_device *dev;
	struct vu_client client;
	pid_t sim;
	int gone;
	char why[TERN_ERROR_BYTES];
	struct tern_info info;

	uint8_t *mem;
	uint64_t mem_bytes;
	struct vu_ranges mem_ranges;
	uint8_t *arena;
	int arena_fd;
	struct vu_ranges host_ranges;
	uint8_t *bounce[2];
	int wakes[VU_WAKES];

	struct vu_bo **bos;
	uint32_t bo_slots;
	uint16_t bo_generation;

	struct vu_queue queue;
	struct vu_job *jobs;
	struct vu_job *free_jobs;
	struct vu_job *buckets[VU_JOB_BUCKETS];
	struct vu_job *oldest;
	struct vu_job *newest;
	struct vu_job *push;
	uint32_t uncollected;
	uint64_t next_number;
	uint16_t next_id;
	int64_t progress_ns;
	int64_t asked_ns;
	int64_t hang_ns;
};

static inline struct vu_device *to_vu(struct tern_device *dev)
{
	return dev->priv;
}

/* vu_device.c */

int vu_reg_read(struct vu_device *vu, uint32_t offset, uint32_t *value);
int vu_reg_write(struct vu_device *vu, uint32_t offset, uint32_t value);
int64_t vu_now_ns(void);

/* Check and map the device, and bring it up. The socket is connected. */
int vu_attach(struct vu_device *vu);
void vu_detach(struct vu_device *vu);

/* Reset, and everything from there to a served queue. */
int vu_bring_up(struct vu_device *vu);

/* Fails with vu->gone and what was the matter; @what cannot be had. */
int vu_fail_gone(struct vu_device *vu, const char *what);

/* vu_bo.c */

int vu_bo_create(struct tern_device *dev, struct tern_bo_create *arg);
void vu_bo_destroy(struct tern_device *dev, uint32_t handle);
int vu_bo_map(struct tern_device *dev, const struct tern_bo *bo, void **map);
/* No job is left: forget all buffers. */
void vu_bos_fini(struct vu_device *vu);
struct vu_bo *vu_bo_find(struct vu_device *vu, uint32_t handle);
void vu_bo_get(struct vu_bo *bo);
void vu_bo_put(struct vu_device *vu, struct vu_bo *bo);

/* vu_queue.c */

/* Program the device's queue with empty rings and enable it. */
int vu_queue_start(struct vu_device *vu);
bool vu_queue_has_room(const struct vu_queue *queue);
void vu_queue_push(struct vu_queue *queue, const struct tern_hw_command *command);
/* Tell the device of what was pushed; the last command asks for an interrupt. */
int vu_queue_ring(struct vu_device *vu);
bool vu_queue_ready(const struct vu_queue *queue);
/* Take the completion that is ready. */
int vu_queue_pop(struct vu_device *vu, struct tern_hw_completion *completion);

/* vu_job.c */

int vu_jobs_init(struct vu_device *vu);
/* Go on until no job uses @bo any more. */
void vu_jobs_drain(struct vu_device *vu, const struct vu_bo *bo);
/* The device is stopped: end all jobs and forget them. */
void vu_jobs_fini(struct vu_device *vu);
int vu_submit(struct tern_device *dev, struct tern_submit *arg);
int vu_wait(struct tern_device *dev, struct tern_wait *arg);

#endif /* TERN_VU_H */
