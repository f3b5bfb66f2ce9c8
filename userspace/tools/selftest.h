/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `tern selftest`, and how they report. */
#ifndef TERN_SELFTEST_H
#define TERN_SELFTEST_H

#include "tool.h"

/* Longest that one job of a selftest may take: also a simulation of RTL under QEMU. */
#define JOB_NS	(300 * 1000000000ll)

/**
 * struct selftest - a run
 * @dev: the device
 * @random: for operands
 * @count: tests so far
 * @failed: of them
 */
struct selftest {
	struct tern_device *dev;
	struct random random;
	unsigned int count;
	unsigned int failed;
};

/* One TAP line; a failed test says why behind it. */
void report(struct selftest *test, bool ok, const char *why, const char *name, ...)
	__attribute__((format(printf, 4, 5)));

/* Run one command; on failure "why" is tern_error(). */
bool run_one(struct selftest *test, const struct tern_cmd *cmd, struct tern_result *result);

void test_basics(struct selftest *test);
void test_gemm(struct selftest *test);
void test_refusals(struct selftest *test);

#endif /* TERN_SELFTEST_H */
