/* SPDX-License-Identifier: Apache-2.0 */
/* Test results on stdout, and a counter of failed assertions in the RTL. */
#ifndef TAP_H
#define TAP_H

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

/* After a failure: who only wants to know whether there is one need not wait for the rest. */
static inline void stop_if_wanted()
{
	if (getenv("TERN_STOP_AT_FAILURE"))
		_Exit(1);
}

class Tap {
public:
	__attribute__((format(printf, 3, 4))) void ok(bool good, const char *text, ...)
	{
		va_list args;

		printf("%s %d - ", good ? "ok" : "not ok", ++count_);
		va_start(args, text);
		vprintf(text, args);
		va_end(args);
		printf("\n");
		fflush(stdout);
		failed_ += !good;
		if (!good)
			stop_if_wanted();
	}
	int end() const
	{
		printf("1..%d\n", count_);
		return failed_ != 0;
	}
	bool clean() const { return !failed_; }

private:
	int count_ = 0, failed_ = 0;
};

/* Assertions that fired since the start; set by vl_stop(). */
extern unsigned assertions_fired;

#endif /* TAP_H */
