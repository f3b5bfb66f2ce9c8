/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmocka for tests in C++.
 */
#ifndef SIM_CMOCKA_H
#define SIM_CMOCKA_H

#include <cstdarg>
#include <csetjmp>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}

/* Iostreams have a function of this name. */
#undef fail

#define SIM_RUN(tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, nullptr, nullptr))

#endif /* SIM_CMOCKA_H */
