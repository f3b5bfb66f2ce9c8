/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device as a model: what software sees of it, and how long it takes, without its
 * RTL. See docs/simulator.md.
 */
#ifndef TERN_SIM_MODEL_DEVICE_H
#define TERN_SIM_MODEL_DEVICE_H

#include <memory>

#include "device/device.h"
#include "platform/config.h"

namespace tern {

std::unique_ptr<device> make_model_device(const char *name, const config &config);

} /* namespace tern */

#endif /* TERN_SIM_MODEL_DEVICE_H */
