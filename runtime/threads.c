// SPDX-License-Identifier: Apache-2.0
/*
 * OpenMP's threads wait for work by spinning, 300,000 rounds of it by default.
 * That is right on a machine of our own; on a busy one, or beside a simulator,
 * it takes the CPU from the thread that is waited for (figures: README.md).
 * libgomp reads the number from the environment before main(), so it is set here,
 * earlier still: libgomp is linked statically for this.
 */
#include <stdlib.h>

static void __attribute__((constructor(101))) bound_spinning(void)
{
	if (!getenv("OMP_WAIT_POLICY"))
		setenv("GOMP_SPINCOUNT", "2000", 0);	/* some 40 us: a step of a token's work */
}
