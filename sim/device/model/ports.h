/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's memory ports: from a unit's request to the burst on the bus, and when
 * the answers are there. The far end is as fast as axi_slave.h makes it for the RTL.
 *
 * A unit takes every beat of a read in the cycle in which it comes. So the cycles of a
 * burst's beats are known as soon as the memory has said when it has them, and no
 * beat need be looked at.
 */
#ifndef TERN_SIM_MODEL_PORTS_H
#define TERN_SIM_MODEL_PORTS_H

#include <algorithm>
#include <cstdint>

#include "device/model/hardware.h"
#include "device/rtl/axi_bursts.h"

namespace tern::model {

/* Cycles in which the beats of a burst are on the bus. */
class beat_cycles {
public:
	std::uint64_t at(unsigned beat) const
	{
		if (dense_)
			return earliest_ + beat;
		return std::max(earliest_ + beat, (due_ps_ + beat * interval_ps_ + period_ps_ - 1) /
						  period_ps_);
	}

	/* Not before the cycle `earliest`, a beat a cycle at most. */
	void set(std::uint64_t earliest, std::uint64_t due_ps, std::uint64_t interval_ps,
		 std::uint64_t period_ps);
	/* A beat a cycle from this one on. */
	void set(std::uint64_t first)
	{
		earliest_ = first;
		dense_ = true;
	}

private:
	std::uint64_t earliest_ = 0;
	std::uint64_t due_ps_ = 0, interval_ps_ = 0, period_ps_ = 1;
	bool dense_ = true;
};

struct read_request {
	std::uint64_t address;
	std::uint8_t beats;
	std::uint8_t unit;
	std::uint8_t slot;		/* of the job that it is for; of no meaning for a command */
};

/* What came of a request that the bus has taken. */
struct read_answer {
	read_request request;
	beat_cycles cycles;
	trouble wrong;
	const std::uint8_t *data;	/* valid until the next request */
	bool direct;			/* valid for ever */
};

/* A register slice: two places. */
struct slice {
	unsigned count = 0;
	read_request items[2] = {};

	bool ready() const { return count < 2; }
	bool valid() const { return count > 0; }
	void tick(bool taken, bool given, const read_request &what)
	{
		if (taken) {
			items[0] = items[1];
			count--;
		}
		if (given)
			items[count++] = what;
	}
};

class read_port {
public:
	/* With a second slice if the port is device memory's. */
	read_port(const char *name, tlm::tlm_initiator_socket<512> &socket, unsigned outstanding,
		  unsigned units, bool memory, std::uint64_t period_ps);

	/* First in a cycle: the bus may take an address. */
	bool take(std::uint64_t cycle, std::uint64_t watchdog, read_answer *answer);

	/* The unit whose request is granted in this cycle, or -1. */
	int grant(unsigned requests) const
	{
		if (!requests || !mux_free())
			return -1;
		return static_cast<int>(round_robin(requests, last_, units_));
	}

	/* Last in a cycle. */
	void tick(int granted, const read_request &request);

	bool idle() const { return !mux_valid_ && !first_.count && !second_.count; }
	/* The watchdog has answered for the memory, which still owes something. */
	bool dead(std::uint64_t cycle) const { return cycle < dead_until_; }
	void drop();

private:
	static constexpr unsigned most = 64;

	bool mux_free() const { return !mux_valid_ || (memory_ ? first_ : second_).ready(); }

	axi_bursts bursts_;
	const unsigned outstanding_;
	const unsigned units_;
	const bool memory_;
	const std::uint64_t period_ps_;

	bool mux_valid_ = false;
	bool taken_ = false;		/* in this cycle, by the bus */
	read_request mux_ = {};
	slice first_, second_;
	unsigned last_ = 0;

	std::uint64_t bus_free_ = 0;	/* the first cycle without a beat of what was asked for */
	std::uint64_t dead_until_ = 0;
	ring<std::uint64_t, most> ends_; /* cycle of each outstanding burst's last beat */
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_PORTS_H */
