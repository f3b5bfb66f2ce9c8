// SPDX-License-Identifier: Apache-2.0
/* An assertion that fails is counted, so that a test can go on and say which. */
#include "tap.h"
#include "verilated.h"

unsigned assertions_fired;

void vl_stop(const char *file, int line, const char *hier)
{
	if (assertions_fired++ < 10)
		fprintf(stderr, "# assertion fired: %s:%d %s\n", file, line, hier);
	stop_if_wanted();
}
