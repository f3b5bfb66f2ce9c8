/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of jobs: what stands in front of a GEMM's weights (abi/tern_label.h), or
 * what the command says.
 */
#ifndef TERN_SIM_LABELS_H
#define TERN_SIM_LABELS_H

#include <string>

#include "memory/memory.h"
#include "tern_abi.h"

namespace tern {

/* "blk.3.ffn_down", or "" if nobody left a name. Letters, digits and ._- only. */
std::string layer_name(memory &memory, const tern_hw_command &command);

/* "blk.3.ffn_down", "GEMM 640x256", "COPY": for people. */
std::string job_name(memory &memory, const tern_hw_command &command);

/* "GEMM"; "op 77" of one that the contract does not know. */
std::string op_name(unsigned opcode);

} /* namespace tern */

#endif /* TERN_SIM_LABELS_H */
