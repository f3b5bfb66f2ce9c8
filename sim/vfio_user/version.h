/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERN_SIM_VERSION_H
#define TERN_SIM_VERSION_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tern {

/*
 * The reply's payload to a VERSION message, capabilities included. Throws `refused`
 * if the proposal is malformed or of another major version.
 */
std::string version_answer(const std::vector<std::uint8_t> &proposal, unsigned max_fds,
			   std::size_t max_transfer_bytes, std::size_t max_dma_maps,
			   std::uint64_t page_sizes);

} /* namespace tern */

#endif /* TERN_SIM_VERSION_H */
