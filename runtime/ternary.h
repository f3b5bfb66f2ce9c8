/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ternary weight tensors of a file. TQ2_0, 66 bytes for 256 weights of a row:
 * 64 bytes of 2-bit codes, then a scale d as IEEE half. Weight 128 h + 32 l + m
 * (h < 2, l < 4, m < 32) is bits 2l, 2l+1 of byte 32 h + m, as (trit + 1); the
 * weight's value is trit * d. A block whose d is 0 is all zeros.
 *
 * A BitLinear has one scale for the whole tensor: blocks of different scales are
 * refused.
 */
#ifndef RUNTIME_TERNARY_H
#define RUNTIME_TERNARY_H

#include <stdint.h>

#include "error.h"
#include "gguf.h"

/** ternary_check() - every code and scale of a TQ2_0 tensor; gives its scale */
int ternary_check(const struct gguf_tensor *tensor, float *scale, struct error *err);

/** ternary_row() - the trits of a row of a checked tensor, tensor->size[0] of them */
void ternary_row(const struct gguf_tensor *tensor, uint32_t row, int8_t *trits);

#endif /* RUNTIME_TERNARY_H */
