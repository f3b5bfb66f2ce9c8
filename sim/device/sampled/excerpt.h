/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece of what the device has done, to be done again: some commands, when the host told of
 * them, and how things stood when it begins.
 */
#ifndef TERN_SIM_EXCERPT_H
#define TERN_SIM_EXCERPT_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "device/model/command.h"
#include "link/packets.h"
#include "memory/dram.h"

namespace tern {

/* Rows that are open, tags in use, ... */
struct timing {
	dram memory;
	packets link;
};

struct excerpt {
	/*
	 * All may be of one queue, with one more in front (after_others), and the largest ring
	 * holds one less than it has entries.
	 */
	static constexpr std::size_t most_commands = (1u << TERN_QUEUE_LOG2_MAX) - 2;

	struct command {
		unsigned queue;
		std::uint64_t rung_ps;	/* when its doorbell was rung */
		model::decoded what;
	};

	std::vector<command> commands;	/* in the order in which they were fetched */
	std::size_t job;		/* the one that it is about */
	bool after_others;		/* the device was idle, but not as after a reset */
	std::uint64_t start_ps;
	std::shared_ptr<const tern::timing> timing;
	std::uint32_t watchdog;
};

} /* namespace tern */

#endif /* TERN_SIM_EXCERPT_H */
