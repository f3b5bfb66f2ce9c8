/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of tern.ko share that run in the kernel's harness; once a program.
 */
#ifndef TERN_TEST_H
#define TERN_TEST_H

#include "calls.h"
#include "kselftest_harness.h"

#define EXPECT_OK(call)		EXPECT_EQ(0, call)
#define ASSERT_OK(call)		ASSERT_EQ(0, call)
#define EXPECT_ERR(error, call)	EXPECT_EQ(-(error), call)

/* The harness's own code for a skipped test. Its SKIP(return) would go on after a fixture. */
#define SKIPPED		255

/* The fixture: an open device. Without one the test is skipped. */
#define TERN_FIXTURE							\
	FIXTURE(tern) {							\
		int fd;							\
	};								\
	FIXTURE_SETUP(tern)						\
	{								\
		self->fd = do_open_file();				\
		if (self->fd == -ENOENT)				\
			SKIP(_exit(SKIPPED), "no device");		\
		ASSERT_LE(0, self->fd);					\
	}								\
	FIXTURE_TEARDOWN(tern)						\
	{								\
		close(self->fd);					\
	}								\
	struct tern_fixture_end

#endif /* TERN_TEST_H */
