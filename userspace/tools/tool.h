/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `tern` share. */
#ifndef TERN_TOOL_H
#define TERN_TOOL_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libtern.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes, the same for every subcommand; EXIT_TEXT goes into its --help. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* it was tried and went wrong */
	EXIT_USAGE = 2,
	EXIT_NO_DEVICE = 3,	/* no device to try it with, or no permission */
};

#define EXIT_TEXT \
	"Exit status: 0 success, 1 failure, 2 wrong usage, 3 no device or no permission."

#define DEVICE_TEXT \
	"DEVICE is /dev/ternN, sim, sim:CONFIG or vfio-user:SOCKET. " \
	"The default is the first /dev/ternN that there is, else sim."

/* A row of the table of subcommands. @main gets argv[0] = "tern NAME". */
struct command {
	const char *name;
	const char *text;
	int (*main)(int argc, char **argv);
};

int info_main(int argc, char **argv);
int list_main(int argc, char **argv);
int selftest_main(int argc, char **argv);
int bench_main(int argc, char **argv);
int fault_main(int argc, char **argv);

/* devices.c */

/*
 * The kernel's devices, by number. @paths becomes an array of *@count strings,
 * freed by free_devices(). False if there is no memory.
 */
bool find_devices(char ***paths, size_t *count);
void free_devices(char **paths, size_t count);

/*
 * Open @spec, or the default device if it is NULL. On failure prints why and
 * returns NULL. @used, if not NULL, becomes the spec that was opened; free() it.
 */
struct tern_device *open_device(const char *spec, char **used);

/* random.c: the same numbers for the same seed, everywhere. */

struct random {
	uint64_t state;
};

uint32_t random_next(struct random *random);
void random_bytes(struct random *random, void *data, size_t bytes);
/* Trits: a third each of -1, 0 and +1. */
void random_trits(struct random *random, int8_t *trits, size_t count);

/* gemm.c: one GEMM with its buffers, for selftest and bench. */

struct gemm {
	const struct tern_packing *packing;
	uint32_t n, k, t;
	uint32_t x_stride, y_stride;	/* bytes */
	uint64_t nonzero;		/* trits of W that are not 0 */
	struct tern_bo *w, *x, *y;
	struct tern_cmd cmd;
	int32_t *expected;		/* y by tern_ref_gemm_packed(), rows y_stride apart */
};

/*
 * Make buffers with random contents (X and Y in a buffer of @kind) and the sums
 * that must come out. Y is filled with 0xa5 bytes. -errno, with the story in
 * tern_error() unless it is -ENOMEM.
 */
int gemm_init(struct gemm *gemm, struct tern_device *dev, const struct tern_packing *packing,
	      enum tern_bo_kind kind, uint32_t n, uint32_t k, uint32_t t, uint32_t pad,
	      struct random *random);
void gemm_fini(struct gemm *gemm);

/* Compare Y and the bytes between its rows. False and *@row, *@col of the first difference. */
bool gemm_matches(const struct gemm *gemm, uint32_t *row, uint32_t *col);

/* bench_model.c: the matrix products of a token, for bench. */

struct token_cost {
	uint64_t weights;		/* of all jobs of a token */
	uint32_t jobs;
	double least_s, median_s;
};

bool bench_model_known(const char *name);

/*
 * Put random weights in the shapes of a known model into device memory and run all
 * jobs of a token, @tokens times. NULL on success, else what went wrong.
 */
const char *bench_model(struct tern_device *dev, const char *name,
			const struct tern_packing *packing, uint32_t tokens,
			struct token_cost *cost);

#endif /* TERN_TOOL_H */
