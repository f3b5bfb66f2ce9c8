/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assertions of rtl/sva that failed, in a build that has them.
 */
#ifndef TERN_SIM_ASSERTIONS_H
#define TERN_SIM_ASSERTIONS_H

#include <cstdint>

namespace tern {

/* Of all cards of the process. */
extern std::uint64_t assertions_failed;

} /* namespace tern */

#endif /* TERN_SIM_ASSERTIONS_H */
