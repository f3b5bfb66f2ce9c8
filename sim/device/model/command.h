/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_decode: what can be wrong with a command, and how long it takes to find out.
 */
#ifndef TERN_SIM_MODEL_COMMAND_H
#define TERN_SIM_MODEL_COMMAND_H

#include <cstdint>

#include "tern_abi.h"

namespace tern::model {

struct decoded {
	tern_hw_command command;
	std::uint8_t status;		/* TERN_STATUS_OK: it may be done */
	std::uint64_t row_beats;	/* GEMM: beats of a row of W */
	/* One past the last byte of an operand that the command has, else 0; 2^64 is all ones. */
	std::uint64_t src_end, dst_end, w_end;
	/* From the cycle in which the decoder takes it to the one in which it is done. */
	unsigned cycles;
};

decoded decode(const tern_hw_command &command, std::uint64_t memory_bytes);

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_COMMAND_H */
