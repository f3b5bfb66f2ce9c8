/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean ...?"
 */
#ifndef TERN_SIM_NEAREST_H
#define TERN_SIM_NEAREST_H

#include <string>
#include <string_view>
#include <vector>

namespace tern {

/* The name of `known`, which must not be empty, that somebody who wrote `name` may have meant. */
std::string nearest(std::string_view name, const std::vector<std::string> &known);

} /* namespace tern */

#endif /* TERN_SIM_NEAREST_H */
