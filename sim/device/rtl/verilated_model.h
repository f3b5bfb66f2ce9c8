/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verilator's headers beside SystemC's: they take SystemC's mere presence as a wish
 * for its global names.
 */
#ifndef TERN_SIM_VERILATED_MODEL_H
#define TERN_SIM_VERILATED_MODEL_H

#include <systemc>

using sc_core::sc_time_stamp;

#include TERN_MODEL_H
#include TERN_MODEL_ROOT_H
#include "verilated.h"

#endif /* TERN_SIM_VERILATED_MODEL_H */
