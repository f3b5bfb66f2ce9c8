/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model, some of whose jobs the RTL does again: fidelity sampled=N. See docs/simulator.md.
 */
#ifndef TERN_SIM_SAMPLED_DEVICE_H
#define TERN_SIM_SAMPLED_DEVICE_H

#include <memory>
#include <string>

#include "device/device.h"
#include "link/link.h"
#include "memory/memory.h"
#include "platform/config.h"

namespace tern {

/*
 * Looks into memory and link from aside, too. list: a file for a line of each sampled job,
 * empty for none; std::system_error if it can't be made.
 */
std::unique_ptr<device> make_sampled_device(const char *name, const config &config,
					    const std::string &list, memory &memory, link &link);

} /* namespace tern */

#endif /* TERN_SIM_SAMPLED_DEVICE_H */
