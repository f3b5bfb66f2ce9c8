/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the host keeps its rings, learnt from what it writes into the registers: so
 * that a DMA can be told for a command's fetch or a completion, whatever the device
 * is made of. As in the device, what describes a ring is locked while its queue is on, and
 * a reset forgets it.
 */
#ifndef TERN_SIM_RINGS_H
#define TERN_SIM_RINGS_H

#include <array>
#include <cstdint>

#include "tern_abi.h"

namespace tern {

class rings {
public:
	/* The host writes a register. */
	void observe(std::uint32_t offset, std::uint32_t value);
	/* The device is reset by other means than that. */
	void reset() { queues_ = {}; }

	bool is_on(unsigned queue) const { return queues_[queue].on; }

	/* The queue whose submission (or completion) ring an address is in, or -1. */
	int commands_at(std::uint64_t address) const { return find(address, sq_base); }
	int completions_at(std::uint64_t address) const { return find(address, cq_base); }

	/* The completion slot behind this one, and whether that begins a new round. */
	std::uint64_t next_completion(unsigned queue, std::uint64_t address, bool *wraps) const;

private:
	enum base { sq_base, cq_base };

	struct queue {
		std::uint64_t base[2] = {};
		unsigned log2 = 0;
		bool on = false;
	};

	int find(std::uint64_t address, base which) const;

	std::array<queue, TERN_QUEUES_MAX> queues_{};
};

} /* namespace tern */

#endif /* TERN_SIM_RINGS_H */
