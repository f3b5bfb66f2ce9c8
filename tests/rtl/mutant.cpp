// SPDX-License-Identifier: Apache-2.0
/* Which of the bugs that tests/rtl/mutate built in is alive; none without TERN_MUTANT. */
#include <cstdlib>

extern "C" int tern_mutant_number()
{
	const char *number = getenv("TERN_MUTANT");

	return number ? atoi(number) : 0;
}
