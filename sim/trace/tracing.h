/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down about a card besides its statistics; nothing unless asked for.
 */
#ifndef TERN_SIM_TRACING_H
#define TERN_SIM_TRACING_H

#include <cstdint>
#include <string>

namespace tern {

struct tracing {
	std::string chrome;		/* file, empty for none */
	std::uint64_t chrome_limit = 256u << 20;	/* bytes */
};

} /* namespace tern */

#endif /* TERN_SIM_TRACING_H */
