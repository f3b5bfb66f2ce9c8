/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtern - one API for a Tern device, with two ways to reach it:
 *
 *   kernel     /dev/ternN, through tern.ko
 *   vfio-user  a simulator's socket, without a kernel; the library does then
 *              what the driver does: memory, rings, doorbells, completions
 *
 * The structs of commands and results are the kernel's own (driver/uapi/tern.h).
 *
 * Functions return 0 or a negative errno, never print and never exit. After an
 * error tern_error() has a sentence that names the value at fault. A device and
 * all that belongs to it may be used by one thread at a time; different devices
 * are independent.
 */
#ifndef LIBTERN_H
#define LIBTERN_H

#include <stddef.h>
#include <stdint.h>

#include "tern.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_device;
struct tern_bo;

/**
 * tern_open() - open a device
 * @spec: "/dev/ternN"           the kernel driver
 *        "sim"                  start a ternsim of its own (found beside the
 *                               program, in PATH, or named by $TERNSIM), which
 *                               ends with the device
 *        "sim:CONFIG"           the same, with a configuration (name or path),
 *                               keys of it may follow: "sim:CONFIG,KEY=VALUE,..."
 *        "vfio-user:PATH"       connect to a running ternsim's socket
 * @dev: out: the device; also set on failure, for tern_error(), unless there
 *        is no memory (then NULL). Close it in both cases.
 *
 * Refuses a device whose ABI version, ABI hash or configuration it does not
 * know: -EPROTO.
 */
int tern_open(const char *spec, struct tern_device **dev);

/** tern_close() - free everything; buffers and jobs of the device end. NULL is fine. */
void tern_close(struct tern_device *dev);

/** tern_error() - the last error's sentence, "" if there was none; lives as long as @dev. */
const char *tern_error(const struct tern_device *dev);

/** tern_get_info() - what the device is; the kernel's struct tern_info. */
int tern_get_info(struct tern_device *dev, struct tern_info *info);

/** tern_status_name() - name of a completion status, e.g. "HOST_ERROR"; "?" if unknown. */
const char *tern_status_name(uint32_t status);

/** tern_platform_name() - name of a platform, e.g. "RTL_SIM"; "?" if unknown. */
const char *tern_platform_name(uint32_t platform);

/**
 * tern_bo_create() - make a buffer
 * @kind: TERN_BO_DEVICE or TERN_BO_HOST
 * @bytes: at least 1; the contents start as zeros
 */
int tern_bo_create(struct tern_device *dev, enum tern_bo_kind kind,
		   uint64_t bytes, struct tern_bo **bo);

/**
 * tern_bo_import_user() - pin the caller's own memory as a buffer for COPY
 * @addr: page-aligned; must outlive the buffer
 * @flags: TERN_BO_READ_ONLY or 0
 */
int tern_bo_import_user(struct tern_device *dev, void *addr, uint64_t bytes,
			uint32_t flags, struct tern_bo **bo);

/** tern_bo_destroy() - free a buffer; the pointer of tern_bo_map() ends. NULL is fine. */
void tern_bo_destroy(struct tern_bo *bo);

/** tern_bo_map() - the buffer in the caller's memory, mapped once and kept; NULL and tern_error() on failure. */
void *tern_bo_map(struct tern_bo *bo);

/** tern_bo_handle() - what to write into struct tern_operand. */
uint32_t tern_bo_handle(const struct tern_bo *bo);

/** tern_bo_size() - bytes, as asked for. */
uint64_t tern_bo_size(const struct tern_bo *bo);

/**
 * tern_submit() - queue commands; all or none
 * @first: out: number of the first job, the others follow by one
 */
int tern_submit(struct tern_device *dev, const struct tern_cmd *cmds,
		uint32_t count, uint64_t *first);

/**
 * tern_wait() - wait until @count jobs from @first on have ended
 * @count: 1 to TERN_SUBMIT_MAX
 * @timeout_ns: relative; negative waits for ever
 * @results: one each, or NULL
 *
 * Returns 0 if all ended well, -EIO, -ETIMEDOUT, -ECANCELED or -ENODEV of the
 * first job that did not, whose story tern_error() tells; results are filled in
 * either case. -ETIME when the time is over: nothing is collected then.
 */
int tern_wait(struct tern_device *dev, uint64_t first, uint32_t count,
	      int64_t timeout_ns, struct tern_result *results);

/**
 * tern_wait_all() - the same for any jobs, such as those of several batches
 * @jobs: their numbers, ascending
 */
int tern_wait_all(struct tern_device *dev, const uint64_t *jobs, uint32_t count,
		  int64_t timeout_ns, struct tern_result *results);

/**
 * tern_wait_any() - wait until one of the jobs has ended, and collect all that have
 * @jobs: their numbers, ascending
 * @results: one each, or NULL; only the first @ended are filled in
 * @ended: out: how many were collected: as jobs end in order, the first ones of
 *	@jobs. 0 if none was
 *
 * Returns as tern_wait(), for those that were collected.
 */
int tern_wait_any(struct tern_device *dev, const uint64_t *jobs, uint32_t count,
		  int64_t timeout_ns, struct tern_result *results, uint32_t *ended);

/**
 * tern_run() - tern_submit() and tern_wait()
 *
 * After -ETIME the jobs go on and nobody can collect them: who sets a timeout
 * and wants to go on calls the two.
 */
int tern_run(struct tern_device *dev, const struct tern_cmd *cmds,
	     uint32_t count, int64_t timeout_ns, struct tern_result *results);

/* ------------------------------------------------------------ packing, reference */

/** tern_p2_row_bytes() - bytes of one packed row of k trits: 64 for each 256 begun. */
size_t tern_p2_row_bytes(uint32_t k);

/**
 * tern_p2_pack_row() - pack one row of trits
 * @trits: k of -1, 0, +1; any other value makes it return -EINVAL
 * @row: tern_p2_row_bytes(k) bytes; the padding is written as 0
 */
int tern_p2_pack_row(const int8_t *trits, uint32_t k, void *row);

/** tern_p2_unpack_row() - the reverse; a sign without its nonzero bit is 0. */
void tern_p2_unpack_row(const void *row, uint32_t k, int8_t *trits);

/** tern_b5_row_bytes() - bytes of one row of k trits packed as B5: 64 for each 320 begun. */
size_t tern_b5_row_bytes(uint32_t k);

/**
 * tern_b5_pack_row() - pack one row of trits, five a byte
 * @trits: k of -1, 0, +1; any other value makes it return -EINVAL
 * @row: tern_b5_row_bytes(k) bytes; the padding is written as trits of 0, bytes of 121
 */
int tern_b5_pack_row(const int8_t *trits, uint32_t k, void *row);

/**
 * tern_b5_unpack_row() - the reverse
 *
 * Of bytes above 242, which packers don't write, five digits count: byte 243 is
 * read as 0 is, 255 as 12 is. The device does the same.
 */
void tern_b5_unpack_row(const void *row, uint32_t k, int8_t *trits);

/**
 * struct tern_packing - a weight packing, for who lets the user choose
 * @name: "p2" or "b5"
 * @number: for struct tern_cmd's packing
 * @caps: a device that can read it has this bit in struct tern_info's caps
 * @trits_a_beat: of 64 bytes
 * @row_bytes: as tern_p2_row_bytes()
 * @pack_row: as tern_p2_pack_row()
 * @unpack_row: as tern_p2_unpack_row()
 */
struct tern_packing {
	const char *name;
	uint32_t number;
	uint32_t caps;
	uint32_t trits_a_beat;
	size_t (*row_bytes)(uint32_t k);
	int (*pack_row)(const int8_t *trits, uint32_t k, void *row);
	void (*unpack_row)(const void *row, uint32_t k, int8_t *trits);
};

/** tern_packing_find() - the packing of this name; NULL if there is none. */
const struct tern_packing *tern_packing_find(const char *name);

/**
 * tern_ref_gemm() - the C reference of GEMM, plain loops over P2 weights
 * @w: n rows of tern_p2_row_bytes(k)
 * @x: int8 [t][k], rows x_stride bytes apart
 * @y: int32 [t][n], rows y_stride bytes apart
 *
 * y[t][n] = sum over k of x[t][k] * w[n][k]  (arXiv 2402.17764, eq. 1 to 3: the
 * integer part of BitLinear). Exact: |y| <= 128 k must fit int32, k < 2^24.
 */
void tern_ref_gemm(const void *w, const int8_t *x, size_t x_stride,
		   int32_t *y, size_t y_stride, uint32_t n, uint32_t k, uint32_t t);

/** tern_ref_gemm_packed() - the same over weights of any packing, n rows of its row_bytes(k). */
void tern_ref_gemm_packed(const struct tern_packing *packing, const void *w,
			  const int8_t *x, size_t x_stride, int32_t *y, size_t y_stride,
			  uint32_t n, uint32_t k, uint32_t t);

#ifdef __cplusplus
}
#endif

#endif /* LIBTERN_H */
