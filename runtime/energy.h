/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An estimate of a device's energy: counted events times published energies.
 *
 * What it is: the additions that the array did and the bytes that moved between
 * the device and its memory. What it is not: buffers, control, clock, leakage,
 * the host link and the host; for these we have no figure that we could cite.
 *
 * The adders' width is an open question of the field: BitNet's papers price an
 * addition as one of 8 bits, though its sum needs about 20. Both are given; the
 * honest one, 32 bits, is what the table shows.
 */
#ifndef RUNTIME_ENERGY_H
#define RUNTIME_ENERGY_H

#include "backend.h"

/*
 * Horowitz, "Computing's energy problem", ISSCC 2014, 45 nm, 0.9 V: integer
 * addition of 32 bits.
 */
#define PJ_ADD_INT32		0.1

/* BitNet, arXiv 2310.11453, table 2, 45 nm: integer addition of 8 bits. */
#define PJ_ADD_INT8		0.03

/*
 * Horowitz 2014: an access of 64 bits to DRAM is 1.3 to 2.6 nJ; the lower end.
 * Weak: read from code that cites the talk, not from the talk; a row's opening
 * and the interface are in it.
 */
#define PJ_DRAM_BIT		(1300.0 / 64)

struct energy {
	double adds_int32;	/* joules */
	double adds_int8;
	double memory;
};

static inline struct energy energy_of(const struct cost *cost)
{
	return (struct energy){
		.adds_int32 = cost->adds * PJ_ADD_INT32 * 1e-12,
		.adds_int8 = cost->adds * PJ_ADD_INT8 * 1e-12,
		.memory = (cost->mem_read + cost->mem_written) * 8 * PJ_DRAM_BIT * 1e-12,
	};
}

#endif /* RUNTIME_ENERGY_H */
