/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KUnit suites share: a device object without a device. Its rings are memory, and the test
 * is who reads commands and writes completions.
 */
#ifndef TERN_KUNIT_H
#define TERN_KUNIT_H

#include <kunit/test.h>

#include "tern_drv.h"

/* As many entries as a fake ring has at most; the module's queue_depth may say less. */
#define TERN_KUNIT_RING	32

extern struct kunit_suite tern_queue_suite, tern_state_suite, tern_command_suite;

/* For struct kunit_suite: test->priv is the struct tern_device. */
int tern_kunit_init(struct kunit *test);
void tern_kunit_exit(struct kunit *test);

struct tern_ctx *tern_kunit_context(struct kunit *test, unsigned int queue, int priority);
void tern_kunit_buffer(struct kunit *test, struct tern_ctx *ctx, u32 handle, struct tern_bo *bo);

#endif /* TERN_KUNIT_H */
