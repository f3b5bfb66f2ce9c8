/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register file of BAR 0, as the contract has it: which registers there are, which
 * bits stay, are cleared or set by a write, what a reset leaves.
 */
#ifndef TERN_SIM_MODEL_REGISTERS_H
#define TERN_SIM_MODEL_REGISTERS_H

#include <cstdint>
#include <vector>

#include "device/model/hardware.h"
#include "tern_abi.h"

namespace tern::model {

class registers {
public:
	explicit registers(const hardware &hardware);

	/* What a register reads as. */
	std::uint32_t &operator[](unsigned offset) { return words_[offset / 4]; }
	std::uint32_t operator[](unsigned offset) const { return words_[offset / 4]; }
	static unsigned queue(unsigned q, unsigned offset)
	{
		return TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE + offset;
	}

	bool known(unsigned offset) const;
	/* False if there is no such register, or nothing in it to write. */
	bool write(unsigned offset, std::uint32_t value);
	bool is_doorbell(unsigned offset) const;

	/* To the reset values; CTRL.RESET outlives the reset that it asks for. */
	void clear(bool all);

private:
	struct behaviour {
		std::uint32_t offset, write, clear, set, reset;
		bool locked;
	};

	const behaviour *find(unsigned offset, unsigned *q) const;

	const hardware &hardware_;
	std::vector<std::uint32_t> words_;
	static const behaviour device_[];
	static const behaviour queue_[];
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_REGISTERS_H */
