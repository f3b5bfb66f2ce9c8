/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam inside libtern: what a way to reach a device has to do. The calls are
 * the kernel's ioctls (driver/uapi/tern.h), with the same structs, checks and
 * errnos, so that everything above the seam cannot tell the ways apart.
 */
#ifndef TERN_BACKEND_H
#define TERN_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libtern.h"

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#define TERN_BO_BUCKETS		256
#define TERN_ERROR_BYTES	512

/**
 * struct tern_backend - one way to reach a device
 * @open: @arg is what the spec says behind the backend's name
 * @close: frees everything, buffers included, also after a failed @open, and
 *	sets dev->priv to NULL; jobs in flight end unwaited, and dev->error stays
 * @why_gone: of a device that is gone, the reason; NULL if it is not known
 *
 * All others return 0 or a negative errno and leave a sentence in dev->error. WAIT's
 * -ETIMEDOUT and its absolute deadline are as in the uapi.
 */
struct tern_backend {
	int (*open)(struct tern_device *dev, const char *arg);
	void (*close)(struct tern_device *dev);
	int (*info)(struct tern_device *dev, struct tern_info *arg);
	int (*bo_create)(struct tern_device *dev, struct tern_bo_create *arg);
	void (*bo_destroy)(struct tern_device *dev, uint32_t handle);
	int (*bo_map)(struct tern_device *dev, const struct tern_bo *bo, void **map);
	void (*bo_unmap)(struct tern_device *dev, const struct tern_bo *bo);
	int (*submit)(struct tern_device *dev, struct tern_submit *arg);
	int (*wait)(struct tern_device *dev, struct tern_wait *arg);
	const char *(*why_gone)(struct tern_device *dev);
};

/* The number of a WAIT's job. */
static inline uint64_t tern_wait_number(const struct tern_wait *arg, uint32_t i)
{
	const uint64_t *numbers = (const uint64_t *)(uintptr_t)arg->jobs;

	return numbers ? numbers[i] : arg->first + i;
}

extern const struct tern_backend tern_backend_kernel;
extern const struct tern_backend tern_backend_vfio_user;	/* arg: a socket's path */
extern const struct tern_backend tern_backend_sim;		/* arg: a configuration, or "" */

/**
 * struct tern_device - what the caller opened
 * @backend: how it is reached; NULL if the spec was never understood
 * @priv: the backend's own; NULL if the device is not open
 * @buckets: the buffers, by handle
 * @error: the last error's sentence
 */
struct tern_device {
	const struct tern_backend *backend;
	void *priv;
	struct tern_bo *buckets[TERN_BO_BUCKETS];
	char error[TERN_ERROR_BYTES];
};

/**
 * struct tern_bo - a buffer
 * @dev: whose it is
 * @next: in its bucket
 * @handle: its name in a struct tern_operand
 * @kind: enum tern_bo_kind
 * @flags: TERN_BO_READ_ONLY
 * @bytes: as asked for
 * @size: rounded up to pages; operands are checked against it
 * @map: where the caller sees it, or NULL as long as nobody asked
 */
struct tern_bo {
	struct tern_device *dev;
	struct tern_bo *next;
	uint32_t handle;
	uint32_t kind;
	uint32_t flags;
	uint64_t bytes;
	uint64_t size;
	void *map;
};

/* device.c */

/* Writes the sentence of dev->error and returns @ret: `return tern_fail(dev, -EINVAL, ...);`. */
int tern_fail(struct tern_device *dev, int ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* -EPROTO, with both values, if the library does not know what it sees. */
int tern_check_abi(struct tern_device *dev, const struct tern_info *info);

/* A sentence on a completion status, or NULL. */
const char *tern_status_text(uint32_t status);

/* bo.c */

#define TERN_PAGE_BYTES		4096u

/* The device closes, and with it the backend's buffers: free what the library has of them. */
void tern_bo_forget_all(struct tern_device *dev);

struct tern_bo *tern_bo_find(const struct tern_device *dev, uint32_t handle);

/* validate.c */

/* The uapi's checks of BO_CREATE. */
int tern_check_bo_create(struct tern_device *dev, const struct tern_bo_create *arg);

/* The uapi's checks of one command; @index is its place in the SUBMIT, for the sentence. */
int tern_check_cmd(struct tern_device *dev, uint32_t caps, uint32_t index,
		   const struct tern_cmd *cmd);

#endif /* TERN_BACKEND_H */
