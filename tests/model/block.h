/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linear layers of a block of a model of the shape table, as jobs of one body of the
 * simulated card.
 */
#ifndef TERN_TESTS_MODEL_BLOCK_H
#define TERN_TESTS_MODEL_BLOCK_H

#include <stdint.h>

#include "libtern.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define SHAPES		7
#define JOBS		7	/* of a block: q, k, v, o, gate, up, down */

/* Hidden size d, keys and values kv, feed-forward f. */
struct shape {
	const char *name;
	uint32_t d, kv, f;
};

extern const struct shape shapes[SHAPES];

/* What is compared: a point of the table. */
struct cell {
	const char *card;		/* what ternsim's --config takes, and overrides */
	const struct shape *shape;
	const struct tern_packing *packing;
	uint32_t t;
	uint32_t rows;			/* of each layer at most; 0: all */
};

struct layer {
	uint32_t n, k;
};

struct layer cell_layer(const struct cell *cell, unsigned int job);

enum body { RTL, MODEL, BODIES };
extern const char *const body_names[BODIES];

/* What is left of a block that ran. */
struct outcome {
	struct tern_result results[JOBS];
	uint64_t sums;		/* a hash of all results, to see whether they are equal */
	double seconds;		/* of wall time */
};

/* Run the block; ends the process with 3 if there is no such card. */
void run_cell(const struct cell *cell, enum body body, struct outcome *outcome);

#endif /* TERN_TESTS_MODEL_BLOCK_H */
