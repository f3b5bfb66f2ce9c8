/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vfio-user server needs of the card behind it.
 */
#ifndef TERN_SIM_CARD_H
#define TERN_SIM_CARD_H

#include <cstdint>

#include "link/dma_table.h"

namespace tern {

class card {
public:
	virtual ~card() = default;

	/* BAR 0; offset is a multiple of 4 inside it. Where no register is it reads as 0. */
	virtual std::uint32_t read_register(std::uint32_t offset) = 0;
	/* Bit i of strobes: byte i is written. */
	virtual void write_register(std::uint32_t offset, std::uint32_t value,
				    unsigned strobes) = 0;

	/* BAR 4 */
	virtual std::uint64_t memory_bytes() const = 0;
	virtual std::uint8_t *memory_at(std::uint64_t offset) = 0;
	virtual int memory_fd() const = 0;

	virtual unsigned vectors() const = 0;
	virtual dma_table &dma() = 0;
	virtual void set_bus_master(bool on) = 0;

	/* Is nobody there to answer, as when the card was pulled? */
	virtual bool gone() const = 0;

	/* A function-level reset: the device, not its memory. */
	virtual void reset() = 0;
	/* As if the power had been off: nothing of the last client is left. */
	virtual void power_cycle() = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_CARD_H */
