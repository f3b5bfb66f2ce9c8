/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What multiplies a BitLinear: the CPU, or a device. Both give exact sums, so
 * the same bits, which backend_multiply() proves when it is told to.
 *
 * The backend owns the memory of activations and results, because a device
 * reads and writes it in place:
 *
 *     x  int8  [TOKENS_MAX][x_stride]             the input, quantized; a row is
 *                                                 filled up with 0 to TRIT_BLOCK
 *     y  int32 [TOKENS_MAX][y_stride] for each    results of the group's members
 */
#ifndef RUNTIME_BACKEND_H
#define RUNTIME_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kernels.h"
#include "libtern.h"
#include "linear.h"

#define TOKENS_MAX	64	/* of one multiplication */
#define GROUP_MAX	3	/* BitLinears of one input: q, k and v */

enum phase { PHASE_PROMPT, PHASE_DECODE, PHASES };

/* What jobs cost, summed: the device's counters; beats are bytes here. */
struct cost {
	uint64_t jobs;
	uint64_t tokens;		/* columns that the jobs had */
	uint64_t macs;			/* n * k * tokens */
	uint64_t cycles;
	uint64_t array;			/* cycles in which the array worked */
	uint64_t stall_weights;
	uint64_t stall_activations;
	uint64_t stall_results;
	uint64_t stall_commands;
	uint64_t stall_link;
	uint64_t mem_read;		/* bytes */
	uint64_t mem_written;
	uint64_t host_read;
	uint64_t host_written;
	uint64_t adds;
	uint64_t adds_skipped;
};

/** cost_add() - sum += more */
void cost_add(struct cost *sum, const struct cost *more);

struct backend;

struct backend_ops {
	const char *name;
	/* Takes the weights of all the model's BitLinears. */
	int (*load)(struct backend *backend, struct error *err);
	/* y[i] = group[i] * x for tokens rows; adds to backend->cost. */
	int (*multiply)(struct backend *backend, struct linear *const *group,
			unsigned int count, unsigned int tokens, struct error *err);
	void (*close)(struct backend *backend);
};

struct backend {
	const struct backend_ops *ops;
	void *data;			/* the backend's own */
	const struct kernels *kernels;
	int threads;
	int is_device;			/* the counters of cost mean something */
	struct linear *linears;
	unsigned int linear_count;

	int8_t *x;
	size_t x_stride;		/* bytes */
	int32_t *y[GROUP_MAX];
	size_t y_stride;		/* elements */

	enum phase phase;
	struct cost cost[PHASES][LINEAR_KINDS];
	double multiply_seconds;	/* wall time in the backend so far */
	double check_seconds;		/* and in checking it */

	int check;			/* compare everything with the C reference */
	uint8_t *reference;		/* weights for it, rows as P2 */
	uint64_t *reference_place;	/* of each linear */
	int32_t *expected;
	uint64_t checked;		/* jobs */
	uint64_t mismatched;
	char mismatch[160];		/* the first one's story */
};

struct backend_options {
	const char *device;	/* "cpu", or what tern_open() takes */
	const char *isa;	/* NULL for the best one */
	int threads;
	int check;
	const struct tern_packing *packing;	/* of a device's weights */
};

/** backend_open() - open, and load the weights */
int backend_open(struct backend *backend, const struct backend_options *options,
		 struct linear *linears, unsigned int count, struct error *err);

/** backend_multiply() - run one group, and check it if asked to */
int backend_multiply(struct backend *backend, struct linear *const *group,
		     unsigned int count, unsigned int tokens, struct error *err);

/** backend_close() - good for a zeroed struct and after failure too */
void backend_close(struct backend *backend);

/* The backends. */
extern const struct backend_ops backend_cpu;
extern const struct backend_ops backend_tern;

/** backend_tern_open() - open the device that @options name, before load() */
int backend_tern_open(struct backend *backend, const struct backend_options *options,
		      struct error *err);

/** backend_widest() - greatest n, or k if @want_k, among the linears */
uint32_t backend_widest(const struct backend *backend, int want_k);

#endif /* RUNTIME_BACKEND_H */
