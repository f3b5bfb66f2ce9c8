// SPDX-License-Identifier: Apache-2.0
/*
 * What Verilator calls when an assertion fails, in place of its own, which would end
 * the process. Not part of the usual build.
 */
#include "device/rtl/assertions.h"

#include "platform/log.h"
#include "verilated.h"

namespace tern {

std::uint64_t assertions_failed;

} /* namespace tern */

void vl_stop(const char *file, int line, const char *) VL_MT_UNSAFE
{
	static tern::log_limit limit;

	tern::assertions_failed++;
	if (limit.allow())
		tern::log(tern::log_level::error, "an assertion of the RTL failed: %s:%d", file,
			  line);
}
