/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device as its RTL: tern_top, Verilated, evaluated in batches of cycles
 * between two waits of SystemC. There is a model for each named configuration
 * (abi/tern.toml); rtl_device.cpp is compiled once for each.
 */
#ifndef TERN_SIM_RTL_DEVICE_H
#define TERN_SIM_RTL_DEVICE_H

#include <memory>

#include "device/device.h"
#include "platform/config.h"

namespace tern {

/* The body that config.device.config asks for; config_error if there is no model of it. */
std::unique_ptr<device> make_rtl_device(const char *name, const config &config);

} /* namespace tern */

#endif /* TERN_SIM_RTL_DEVICE_H */
