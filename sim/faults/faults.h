/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults that are loaded, and whether one comes to pass now: the link asks for each
 * burst, the memory for each burst, the endpoint for each interrupt and each access to
 * a register. While no fault is loaded, asking costs a test of a flag.
 */
#ifndef TERN_SIM_FAULTS_H
#define TERN_SIM_FAULTS_H

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <string>

#include "faults/fault.h"
#include "faults/rings.h"

namespace tern {

class faults {
public:
	static constexpr std::size_t most = 256;

	faults();
	faults(const faults &) = delete;
	faults &operator=(const faults &) = delete;

	/* For blocks without a platform around them: nothing is ever loaded. */
	static faults &none();

	/*
	 * Load a fault and return its number. One of those that need no event happens
	 * before this returns, if its time has come. fault_error if there are too many.
	 */
	std::uint64_t add(const fault &fault);
	/* Unload one (false: there is none) or all. */
	bool remove(std::uint64_t number);
	void clear();

	/* What is loaded, a line each, "NUMBER TEXT (happened N times)". */
	std::string list() const;

	/* Is anything loaded that has to do with the place? */
	bool armed(fault_place place) const { return armed_[static_cast<unsigned>(place)]; }

	/* ---- interrupts: does this one get lost? */
	bool interrupt_lost(unsigned vector);

	/* ---- the link: what happens to a DMA. NULL: nothing. */
	const fault *dma(std::uint64_t address, bool write);
	/* Where bursts of the rings go; kept up to date by the endpoint. Traces ask it, too. */
	rings host_rings;

	/* ---- memory: what happens to a read of the device. NULL: nothing. */
	const fault *memory_read();

	/* ---- registers: nobody is there, reads give all-ones. */
	bool gone() const { return gone_; }
	void set_gone(bool gone) { gone_ = gone; }

	/*
	 * ---- faults that happen by themselves. The endpoint, which makes them happen,
	 * asks between two batches whether one is due.
	 */
	std::function<void(const fault &)> perform;
	std::function<std::uint64_t()> cycles;
	void run_due();

	/* How many times each kind has happened. */
	std::uint64_t happened(fault_kind kind) const
	{
		return happened_[static_cast<unsigned>(kind)];
	}
	std::uint64_t loaded() const { return loaded_.size(); }

private:
	struct entry {
		tern::fault fault;
		std::uint64_t number;
		std::uint64_t until_cycle;	/* nothing happens before it */
		std::uint64_t until_job;	/* nor before so many jobs_ */
		std::uint64_t seen = 0;		/* events that fit */
		std::uint64_t done = 0;		/* times that it has happened */
	};

	bool time_has_come(const entry &entry) const;
	bool happens(entry &entry);
	void note(entry &entry);
	template <typename predicate>
	const fault *event(fault_place place, predicate fits);
	void rearm();

	std::list<entry> loaded_;
	std::array<bool, 4> armed_{};
	std::array<std::uint64_t, static_cast<unsigned>(fault_kind::count)> happened_{};
	std::uint64_t next_number_ = 1;
	/* Completions seen while a fault was loaded that counts them. */
	std::uint64_t jobs_ = 0;
	bool gone_ = false;
	/* Of the event that happens now, whose entry may be used up with it. */
	tern::fault now_;
};

} /* namespace tern */

#endif /* TERN_SIM_FAULTS_H */
