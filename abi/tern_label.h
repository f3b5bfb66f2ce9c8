/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A label: one beat in device memory, right in front of the weights of a GEMM, that
 * says what they are. Software may write one; the device does not look at it.
 * Whoever looks at jobs (the simulator's trace, a dump of device memory) reads it,
 * so a name needs no way of its own through driver and link.
 *
 * It counts if n and k are the command's.
 */
#ifndef TERN_LABEL_H
#define TERN_LABEL_H

#include <stdint.h>

/* "TERNNAME" in memory order */
#define TERN_LABEL_MAGIC	0x454d414e4e524554ull

struct tern_label {
	uint64_t magic;
	uint32_t n;		/* output features */
	uint32_t k;		/* input features */
	char name[48];		/* ends at the first 0 */
};

#ifdef __cplusplus
static_assert(sizeof(struct tern_label) == 64, "one beat");
#else
_Static_assert(sizeof(struct tern_label) == 64, "one beat");
#endif

#endif /* TERN_LABEL_H */
