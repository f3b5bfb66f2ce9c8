/* SPDX-License-Identifier: Apache-2.0 */
/* Reads tests/vectors/gemm.txt, the golden GEMMs that every part is tested with. */
#ifndef TERN_VECTORS_H
#define TERN_VECTORS_H

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_VECTORS_FILE "tests/vectors/gemm.txt"

struct tern_vector {
	char name[64];
	uint32_t n, k, t;
	int8_t *trits;		/* [n][k] */
	uint8_t *p2;		/* [n][row_bytes] */
	size_t row_bytes;	/* 64 for each 256 of k begun */
	uint8_t *b5;		/* [n][b5_row_bytes] */
	size_t b5_row_bytes;	/* 64 for each 320 of k begun */
	int8_t *x;		/* [t][k] */
	int32_t *y;		/* [t][n] */
};

/**
 * tern_vector_read() - read the next vector
 * @f: the file, opened by the caller
 * @v: out; give it back with tern_vector_free()
 *
 * Returns 1, 0 at the end of the file, or -1 if the file is not as it should be.
 */
int tern_vector_read(FILE *f, struct tern_vector *v);

void tern_vector_free(struct tern_vector *v);

#ifdef __cplusplus
}
#endif

#endif /* TERN_VECTORS_H */
