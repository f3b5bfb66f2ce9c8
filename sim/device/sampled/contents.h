/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies in the card's memory and in the host's, looked at from aside: nothing of it
 * takes time, is counted, or suffers a fault on demand.
 */
#ifndef TERN_SIM_CONTENTS_H
#define TERN_SIM_CONTENTS_H

#include <cstdint>
#include <cstring>

#include "link/link.h"
#include "memory/memory.h"

namespace tern {

class contents {
public:
	contents(memory &memory, link &link) : memory_(memory), link_(link) {}

	/*
	 * What the device may read, or (written) has written. False if there is nothing for it.
	 */
	bool read(bool host, std::uint64_t address, bool written, std::uint8_t *to,
		  std::size_t bytes) const
	{
		if (host)
			return link_.peek(address, written, to, bytes);
		if (!in_memory(address, bytes))
			return false;
		std::memcpy(to, memory_.at(address), bytes);
		return true;
	}
	bool writable(bool host, std::uint64_t address, std::size_t bytes) const
	{
		return host ? link_.peek(address, true, nullptr, bytes) : in_memory(address, bytes);
	}

	/* Their time, as it is now. */
	const dram &memory_timing() const { return memory_.timing(); }
	const packets &link_timing() const { return link_.timing(); }
	memory &device_memory() const { return memory_; }

private:
	bool in_memory(std::uint64_t address, std::size_t bytes) const
	{
		return address < memory_.bytes() && bytes <= memory_.bytes() - address;
	}

	memory &memory_;
	link &link_;
};

} /* namespace tern */

#endif /* TERN_SIM_CONTENTS_H */
