/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A context of one's own and a job whose results are compared: with the C reference, and with what
 * the job before it left in device memory, which nobody else may have touched meanwhile.
 */
#ifndef TERN_TEST_GOOD_JOB_H
#define TERN_TEST_GOOD_JOB_H

#include "libtern.h"
#include "calls.h"

#define GOOD_N		20u
#define GOOD_K		300u
#define GOOD_T		2u
#define GOOD_STRIDE	320u
/* Places in the host buffer, and the size of both buffers. */
#define GOOD_WEIGHTS	0ul
#define GOOD_X		(4 * PAGE)
#define GOOD_Y		(5 * PAGE)
#define GOOD_BACK	(8 * PAGE)
#define GOOD_BYTES	(16 * PAGE)
/* In device memory: what the next job finds again. */
#define GOOD_KEPT	(8 * PAGE)

struct good {
	int fd;
	uint32_t device, host;
	char *words;		/* the host buffer */
	uint32_t kept;		/* seed of the pattern left behind, 0: none yet */
};

static inline int good_open(struct good *good)
{
	int ret;

	good->kept = 0;
	good->fd = do_open_file();
	if (good->fd < 0)
		return good->fd;
	ret = do_create(good->fd, TERN_BO_DEVICE, GOOD_BYTES, &good->device);
	if (!ret)
		ret = do_create(good->fd, TERN_BO_HOST, GOOD_BYTES, &good->host);
	if (!ret) {
		good->words = do_map(good->fd, good->host, GOOD_BYTES);
		ret = good->words ? 0 : -errno;
	}
	if (ret)
		close(good->fd);
	return ret;
}

static inline void good_close(struct good *good)
{
	munmap(good->words, GOOD_BYTES);
	close(good->fd);
}

/* Operands made of a seed: as many trits and activations as the job has. */
static inline void good_operands(struct good *good, const struct tern_packing *packing,
				 uint32_t seed)
{
	int8_t trits[GOOD_K], *x = (int8_t *)good->words + GOOD_X;
	uint64_t state = seed * 2654435761ull + 1;
	uint32_t row, i;

	for (row = 0; row < GOOD_N; row++) {
		for (i = 0; i < GOOD_K; i++) {
			state = state * 6364136223846793005ull + 1442695040888963407ull;
			trits[i] = (int)(state >> 33) % 3 - 1;
		}
		packing->pack_row(trits, GOOD_K, good->words + GOOD_WEIGHTS +
				  row * packing->row_bytes(GOOD_K));
	}
	for (i = 0; i < GOOD_T * GOOD_STRIDE; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		x[i] = (int8_t)(state >> 33);
	}
}

/*
 * 0, or a negative errno: the first of a call or of a job; -EILSEQ if a result is not what it has
 * to be, -EBADE if what was left in device memory is not there any more.
 */
static inline int good_run(struct good *good, uint32_t seed)
{
	const struct tern_packing *packing = tern_packing_find("p2");
	size_t weights = GOOD_N * packing->row_bytes(GOOD_K);
	static __thread int32_t expected[GOOD_T * GOOD_N];
	static __thread uint32_t kept[PAGE / 4];
	struct tern_cmd cmds[5] = {
		cmd_copy(good->device, GOOD_KEPT, good->host, GOOD_BACK, PAGE),
		cmd_copy(good->host, GOOD_WEIGHTS, good->device, 0, weights),
		{
			.op = TERN_OP_GEMM,
			.weights = { .handle = good->device },
			.src = { .handle = good->host, .offset = GOOD_X, .stride = GOOD_STRIDE },
			.dst = { .handle = good->host, .offset = GOOD_Y, .stride = 128 },
			.n = GOOD_N, .k = GOOD_K, .t = GOOD_T,
		},
		cmd_copy(good->host, GOOD_BACK + PAGE, good->device, GOOD_KEPT, PAGE),
		cmd_copy(good->device, GOOD_KEPT, good->host, GOOD_BACK + 2 * PAGE, PAGE),
	};
	uint32_t before = good->kept, t;
	int ret;

	good_operands(good, packing, seed);
	memset(good->words + GOOD_Y, 0xee, PAGE);
	memset(good->words + GOOD_BACK, 0xee, 3 * PAGE);
	pattern(good->words + GOOD_BACK + PAGE, PAGE, seed);
	tern_ref_gemm_packed(packing, good->words + GOOD_WEIGHTS,
			     (int8_t *)good->words + GOOD_X, GOOD_STRIDE, expected,
			     GOOD_N * sizeof(*expected), GOOD_N, GOOD_K, GOOD_T);
	good->kept = 0;
	ret = do_run(good->fd, cmds, ARRAY_SIZE(cmds));
	if (ret)
		return ret;
	for (t = 0; t < GOOD_T; t++)
		if (memcmp(good->words + GOOD_Y + t * 128, expected + t * GOOD_N,
			   GOOD_N * sizeof(*expected)))
			return -EILSEQ;
	pattern(kept, PAGE, seed);
	if (memcmp(good->words + GOOD_BACK + 2 * PAGE, kept, PAGE))
		return -EILSEQ;
	good->kept = seed;
	if (before) {
		pattern(kept, PAGE, before);
		if (memcmp(good->words + GOOD_BACK, kept, PAGE))
			return -EBADE;
	}
	return 0;
}

/* The same for a moment: a new context, which finds only zeros, and its end. */
static inline int good_once(uint32_t seed)
{
	struct good good;
	int ret = good_open(&good);

	if (ret)
		return ret;
	ret = is_zero(good.words, GOOD_BYTES) ? good_run(&good, seed) : -EBADE;
	if (!ret && !is_zero(good.words + GOOD_BACK, PAGE))
		ret = -EBADE;
	good_close(&good);
	return ret;
}

#endif /* TERN_TEST_GOOD_JOB_H */
