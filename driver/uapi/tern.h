/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tern.h - the ioctl contract of the Tern ternary accelerator (/dev/ternN)
 *
 * Every open file is a context of its own: its handles, memory and job numbers
 * mean nothing in another one, and closing it frees all of it, also in mid-job.
 *
 * Every struct starts with its size. The kernel takes a shorter struct of an
 * older user (missing fields count as 0, and are not written) and a longer one
 * of a newer user as long as the bytes that it does not know are 0.
 *
 * Errors, the same for every ioctl:
 *
 *   ENOTTY      the ioctl's number is not known
 *   EFAULT      a pointer cannot be read or written
 *   E2BIG       the struct is longer than the kernel's and its tail is not 0,
 *               or a struct, command or result is longer than 4096 bytes
 *   EINVAL      size is below the first version's, or that of a command or
 *               result no multiple of 8; a field or pad has a value that can
 *               never be right
 *   EOPNOTSUPP  a flag, kind, packing or opcode that this kernel or device
 *               lacks, or a buffer of a kind that the command cannot take
 *   ENOENT      no buffer has this handle, no job this number
 *   EBADF       no file has this descriptor
 *   EPERM       the caller lacks the capability
 *   EBUSY       the context has jobs that have not ended
 *   EOVERFLOW   offset, stride or size arithmetic does not fit in 64 bits
 *   ERANGE      an operand reaches past the end of its buffer, whole pages
 *               counted
 *   ENOMEM      no host memory left
 *   ENOSPC      no device memory left
 *   EDQUOT      the buffer would put the context above its limit
 *   EAGAIN      the context has TERN_JOBS_MAX jobs that were not waited for
 *   ETIMEDOUT   WAIT's time is over; the jobs go on
 *   EINTR       a signal came first; call again
 *   ENODEV      the device is gone for good
 *   EIO         the device answers, but could not be brought back by a reset,
 *               or its memory cannot be written
 *
 * A success is 0. No ioctl takes or returns a DMA address.
 *
 * On a device that died, WAIT and BO_DESTROY go on, so that results can be
 * collected; once the driver is unbound everything is ENODEV.
 */
#ifndef _UAPI_TERN_H
#define _UAPI_TERN_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define TERN_IOCTL_TYPE		0xb5

/* Jobs of a context whose results have not been collected by WAIT. */
#define TERN_JOBS_MAX		4096
/* Commands in one SUBMIT, and jobs in one WAIT. */
#define TERN_SUBMIT_MAX		1024

/**
 * struct tern_info - TERN_IOCTL_INFO: what the device is
 * @size: in: sizeof(struct tern_info)
 * @abi_major: out: version of the device contract, see docs/registers.md
 * @abi_minor: out: of it
 * @abi_hash: out: hash of the device contract
 * @config_hash: out: hash of the named configuration
 * @platform: out: what it is made of, enum platform of the device contract
 * @caps: out: capability bits of the device
 * @lanes: out: trits a cycle and column
 * @cols: out: token columns
 * @queues: out: hardware queues
 * @k_tile: out: activations of a token that fit on the device at once
 * @clock_khz: out: device clock
 * @reset_count: out: resets since the driver bound to the device
 * @host_bo_max: out: greatest buffer of TERN_BO_HOST, in bytes
 * @mem_size: out: bytes of device memory
 * @mem_free: out: bytes of device memory that no buffer holds
 */
struct tern_info {
	__u32 size;
	__u16 abi_major;
	__u16 abi_minor;
	__u32 abi_hash;
	__u32 config_hash;
	__u32 platform;
	__u32 caps;
	__u32 lanes;
	__u32 cols;
	__u32 queues;
	__u32 k_tile;
	__u32 clock_khz;
	__u32 reset_count;
	__aligned_u64 host_bo_max;
	__aligned_u64 mem_size;
	__aligned_u64 mem_free;
};

/**
 * enum tern_bo_kind - where a buffer lives
 * @TERN_BO_DEVICE: device memory, zeroed; mapped write-combined
 * @TERN_BO_HOST: host memory, zeroed, coherent, contiguous for the device
 * @TERN_BO_USER: pages of the caller, pinned and charged to RLIMIT_MEMLOCK;
 *	for COPY only (they are not contiguous for the device)
 * @TERN_BO_IMPORT: a dma-buf of another driver, of BO_IMPORT and not of BO_CREATE;
 *	for COPY only
 */
enum tern_bo_kind {
	TERN_BO_DEVICE = 0,
	TERN_BO_HOST = 1,
	TERN_BO_USER = 2,
	TERN_BO_IMPORT = 3,
};

/*
 * TERN_BO_USER, TERN_BO_IMPORT: the device only reads the pages; they may be read-only. As a
 * destination: EINVAL.
 */
#define TERN_BO_READ_ONLY	(1u << 0)

/**
 * struct tern_bo_create - TERN_IOCTL_BO_CREATE: make a buffer
 * @size: in: sizeof(struct tern_bo_create)
 * @kind: in: enum tern_bo_kind
 * @flags: in: TERN_BO_READ_ONLY
 * @handle: out: name of the buffer in this context, never 0
 * @bytes: in: its length, at least 1; rounded up to whole pages. EINVAL for a
 *	TERN_BO_HOST above host_bo_max
 * @user_addr: in: TERN_BO_USER: address of the pages, page-aligned; else 0
 */
struct tern_bo_create {
	__u32 size;
	__u32 kind;
	__u32 flags;
	__u32 handle;
	__aligned_u64 bytes;
	__aligned_u64 user_addr;
};

/**
 * struct tern_bo_destroy - TERN_IOCTL_BO_DESTROY: give a handle up
 * @size: in: sizeof(struct tern_bo_destroy)
 * @handle: in: the buffer; jobs and mappings that use it keep it alive
 */
struct tern_bo_destroy {
	__u32 size;
	__u32 handle;
};

/**
 * struct tern_bo_mmap - TERN_IOCTL_BO_MMAP: where to mmap() a buffer
 * @size: in: sizeof(struct tern_bo_mmap)
 * @handle: in: a buffer of TERN_BO_DEVICE or TERN_BO_HOST, else EOPNOTSUPP
 * @offset: out: offset for mmap() on the same file, with MAP_SHARED (else
 *	EINVAL); a range past the buffer's end is ERANGE
 */
struct tern_bo_mmap {
	__u32 size;
	__u32 handle;
	__aligned_u64 offset;
};

/**
 * struct tern_bo_export - TERN_IOCTL_BO_EXPORT: a dma-buf of a buffer
 * @size: in: sizeof(struct tern_bo_export)
 * @handle: in: a buffer of TERN_BO_DEVICE or TERN_BO_HOST, else EOPNOTSUPP
 * @flags: in: 0
 * @fd: out: its descriptor, O_CLOEXEC. It keeps the buffer alive
 *
 * Whoever is given the descriptor may read and write the buffer. It serves
 * BO_IMPORT in other contexts of the same device; to other drivers, and to
 * mmap(), it is of no use, because their access could not be ended when the
 * driver is unbound.
 */
struct tern_bo_export {
	__u32 size;
	__u32 handle;
	__u32 flags;
	__s32 fd;
};

/**
 * struct tern_bo_import - TERN_IOCTL_BO_IMPORT: a handle for a dma-buf
 * @size: in: sizeof(struct tern_bo_import)
 * @flags: in: 0
 * @fd: in: its descriptor, which is not needed any more afterwards. EBADF if it is
 *	no file, EINVAL if it is no dma-buf or no whole pages, EOPNOTSUPP if this
 *	device cannot reach its memory
 * @handle: out: name of the buffer in this context; each import makes a new one
 * @kind: out: enum tern_bo_kind: the exported buffer's, when it is one of this
 *	device, or TERN_BO_IMPORT
 * @bo_flags: out: TERN_BO_READ_ONLY, if the descriptor does not allow to write
 * @bytes: out: its length
 *
 * Nobody waits for others who use the memory, as its implicit fences may ask for:
 * that is the users' business.
 */
struct tern_bo_import {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 handle;
	__u32 kind;
	__u32 bo_flags;
	__aligned_u64 bytes;
};

/**
 * enum tern_op - what a command does
 * @TERN_OP_NOP: nothing
 * @TERN_OP_COPY: dst[0..length) = src[0..length); all kinds of buffers
 * @TERN_OP_FILL: dst[0..length) = pattern, repeated; length a multiple of 4
 * @TERN_OP_GEMM: dst int32 [t][n] = src int8 [t][k] * weights ternary [n][k]
 * @TERN_OP_BARRIER: done when all earlier commands of the context are done
 */
enum tern_op {
	TERN_OP_NOP = 0,
	TERN_OP_COPY = 1,
	TERN_OP_FILL = 2,
	TERN_OP_GEMM = 3,
	TERN_OP_BARRIER = 4,
};

/**
 * struct tern_operand - a place in a buffer
 * @handle: the buffer
 * @stride: GEMM: bytes from one token's row to the next, a multiple of 64; else 0
 * @offset: bytes from the buffer's start, a multiple of 64
 */
struct tern_operand {
	__u32 handle;
	__u32 stride;
	__aligned_u64 offset;
};

/**
 * struct tern_cmd - one command of a SUBMIT
 * @op: enum tern_op
 * @packing: GEMM: packing of the weights (see docs/registers.md): 0 is P2, 1 is
 *           B5; struct tern_info's caps say which ones the device has
 * @src: COPY: source; GEMM: activations X
 * @dst: COPY, FILL: destination; GEMM: sums Y
 * @weights: GEMM: packed weights W, in a buffer of TERN_BO_DEVICE
 * @length: COPY, FILL: bytes
 * @n: GEMM: output features, at least 1
 * @k: GEMM: input features, at least 1
 * @t: GEMM: tokens, at least 1
 * @pattern: FILL: the pattern
 *
 * Fields that an op does not name must be 0. X is read in whole 64-byte beats:
 * a row of X takes k rounded up to 64 bytes of its buffer.
 */
struct tern_cmd {
	__u32 op;
	__u32 packing;
	struct tern_operand src;
	struct tern_operand dst;
	struct tern_operand weights;
	__aligned_u64 length;
	__u32 n;
	__u32 k;
	__u32 t;
	__u32 pattern;
};

/**
 * struct tern_submit - TERN_IOCTL_SUBMIT: queue commands
 * @size: in: sizeof(struct tern_submit)
 * @flags: in: 0
 * @count: in: commands, 1 to TERN_SUBMIT_MAX
 * @cmd_size: in: sizeof(struct tern_cmd), so that it may grow
 * @cmds: in: address of an array of struct tern_cmd
 * @first: out: number of the first command's job; the others follow by one
 *
 * All commands are checked before the first one is queued: either all are
 * queued or none is. Jobs of a context are numbered from 1 on, and start and end
 * in order. Never blocks.
 */
struct tern_submit {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 cmd_size;
	__aligned_u64 cmds;
	__aligned_u64 first;
};

/**
 * struct tern_result - how a job ended, and what it cost
 * @error: 0, or a negative errno: EIO the device refused or failed the command (see
 *	@status), ETIMEDOUT it took too long and was aborted, or taken down by a
 *	reset, ECANCELED a reset for another job took it down, ENODEV the device
 *	went away. After an EIO or an abort the context's later jobs go on
 * @status: status byte of the device's completion, see docs/registers.md
 * @cycles: device cycles; 0 for a job that has no completion
 * @array: cycles in which the array worked
 * @stall_weights: cycles in which it waited for weights
 * @stall_activations: for activations
 * @stall_results: for room for results
 * @stall_commands: the command waited for its fetch
 * @stall_link: the job waited for its last results to be written
 * @mem_read: bytes read from device memory
 * @mem_written: bytes written to it
 * @host_read: bytes read over the host link
 * @host_written: bytes written over it
 * @adds: additions done
 * @adds_skipped: additions not done because the trit was 0
 */
struct tern_result {
	__s32 error;
	__u32 status;
	__aligned_u64 cycles;
	__aligned_u64 array;
	__aligned_u64 stall_weights;
	__aligned_u64 stall_activations;
	__aligned_u64 stall_results;
	__aligned_u64 stall_commands;
	__aligned_u64 stall_link;
	__aligned_u64 mem_read;
	__aligned_u64 mem_written;
	__aligned_u64 host_read;
	__aligned_u64 host_written;
	__aligned_u64 adds;
	__aligned_u64 adds_skipped;
};

/* Return as soon as one of the jobs has ended. Needs a struct that has @ended, else EINVAL. */
#define TERN_WAIT_ANY		(1u << 0)

/**
 * struct tern_wait - TERN_IOCTL_WAIT: wait for jobs and collect their results
 * @size: in: sizeof(struct tern_wait)
 * @flags: in: TERN_WAIT_ANY
 * @first: in: number of the first job, the others follow by one; 0 with @jobs
 * @count: in: jobs, 1 to TERN_SUBMIT_MAX
 * @result_size: in: sizeof(struct tern_result), so that it may grow
 * @results: in: address of an array of struct tern_result, or 0
 * @timeout_ns: in: absolute CLOCK_MONOTONIC time, in ns; 0 only looks
 * @jobs: in: address of an array of __u64, the jobs' numbers, ascending (else
 *	EINVAL); or 0
 * @ended: out: how many of them were collected, the first ones: @count without
 *	TERN_WAIT_ANY
 * @pad: in: 0
 *
 * Returns 0 when all of them have ended, or with TERN_WAIT_ANY one, however they
 * ended. All that have ended by then are collected: their results are written,
 * and gone from the context; a second WAIT for them gives ENOENT. As jobs end in
 * order, these are the first ones of the array; results of the others are not
 * written. When it returns an error, nothing is collected.
 */
struct tern_wait {
	__u32 size;
	__u32 flags;
	__aligned_u64 first;
	__u32 count;
	__u32 result_size;
	__aligned_u64 results;
	__s64 timeout_ns __attribute__((aligned(8)));
	__aligned_u64 jobs;
	__u32 ended;
	__u32 pad;
};

/**
 * struct tern_eventfd - TERN_IOCTL_EVENTFD: tell an eventfd when jobs end
 * @size: in: sizeof(struct tern_eventfd)
 * @flags: in: 0
 * @fd: in: an eventfd, which takes the place of an earlier one; or -1: none.
 *	EBADF if it is no file, EINVAL if it is another kind of file
 * @pad: in: 0
 *
 * It is signalled when jobs of the context have ended, once for several that are
 * found to have ended together; for a job in the middle of a SUBMIT no later
 * than for the SUBMIT's last.
 */
struct tern_eventfd {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 pad;
};

/* Priorities: whose jobs go first. */
#define TERN_PRIORITY_LOW	(-1)
#define TERN_PRIORITY_NORMAL	0
#define TERN_PRIORITY_HIGH	1

/* What to change of a context; without a flag TERN_IOCTL_CONTEXT only tells. */
#define TERN_CONTEXT_PRIORITY	(1u << 0)
#define TERN_CONTEXT_DEVICE_LIMIT	(1u << 1)
#define TERN_CONTEXT_HOST_LIMIT	(1u << 2)

/**
 * struct tern_context - TERN_IOCTL_CONTEXT: a context's priority and limits
 * @size: in: sizeof(struct tern_context)
 * @flags: in: TERN_CONTEXT_PRIORITY, TERN_CONTEXT_DEVICE_LIMIT,
 *	TERN_CONTEXT_HOST_LIMIT. All that they ask for is done, or nothing
 * @priority: in, out: TERN_PRIORITY_*. TERN_PRIORITY_HIGH needs CAP_SYS_NICE, else
 *	EPERM. EBUSY while jobs of the context have not ended
 * @queue: out: hardware queue that its jobs go to
 * @device_limit: in, out: bytes of device memory that its buffers may hold;
 *	to raise it needs CAP_SYS_RESOURCE, else EPERM
 * @host_limit: in, out: the same of TERN_BO_HOST
 * @device_used: out: bytes of device memory that its buffers hold
 * @host_used: out: the same of TERN_BO_HOST
 *
 * Fields that are not changed are ignored as input. The device serves its queues
 * in turn. High and low priority have a queue of their own each if there are
 * enough (from 3 and 4 on, TERN_IOCTL_INFO counts them); where priorities share a
 * queue, jobs of a lower one wait until those of higher ones are in the ring.
 *
 * A buffer counts for the context that made it until it is freed, and for no
 * other. New contexts have the limits that sysfs says. A limit keeps a program
 * from taking more than it means to; it is none for its user, who may open the
 * device again and has a context more.
 */
struct tern_context {
	__u32 size;
	__u32 flags;
	__s32 priority;
	__u32 queue;
	__aligned_u64 device_limit;
	__aligned_u64 host_limit;
	__aligned_u64 device_used;
	__aligned_u64 host_used;
};

/*
 * poll() on the file: POLLIN when a job has ended that was not collected,
 * POLLERR | POLLHUP when the device is gone.
 */

#define TERN_IOCTL_INFO		_IO(TERN_IOCTL_TYPE, 0x00)
#define TERN_IOCTL_BO_CREATE	_IO(TERN_IOCTL_TYPE, 0x01)
#define TERN_IOCTL_BO_DESTROY	_IO(TERN_IOCTL_TYPE, 0x02)
#define TERN_IOCTL_BO_MMAP	_IO(TERN_IOCTL_TYPE, 0x03)
#define TERN_IOCTL_SUBMIT	_IO(TERN_IOCTL_TYPE, 0x04)
#define TERN_IOCTL_WAIT		_IO(TERN_IOCTL_TYPE, 0x05)
#define TERN_IOCTL_EVENTFD	_IO(TERN_IOCTL_TYPE, 0x06)
#define TERN_IOCTL_CONTEXT	_IO(TERN_IOCTL_TYPE, 0x07)
#define TERN_IOCTL_BO_EXPORT	_IO(TERN_IOCTL_TYPE, 0x08)
#define TERN_IOCTL_BO_IMPORT	_IO(TERN_IOCTL_TYPE, 0x09)

#endif /* _UAPI_TERN_H */
