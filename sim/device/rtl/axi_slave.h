/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far ends of the card's AXI masters: they take bursts and pace their beats
 * cycle by cycle. Everything here runs once a cycle, so it is inline, knows where
 * in the model its pins are, and touches a channel only when something is there.
 *
 * cycle() comes before a clock edge at now_ps: it looks at the outputs and sets
 * the inputs.
 */
#ifndef TERN_SIM_AXI_SLAVE_H
#define TERN_SIM_AXI_SLAVE_H

#include <cstdint>
#include <cstring>

#include "device/rtl/axi_bursts.h"
#include "platform/log.h"

namespace tern {

/* pins: see axi_pins.h */
template <class pins> class axi_read_slave {
public:
	using model = typename pins::model;

	axi_read_slave(const char *name, model &top, tlm::tlm_initiator_socket<512> &socket,
		       unsigned outstanding)
		: top_(top), bursts_(name, tlm::TLM_READ_COMMAND, socket, outstanding)
	{
	}

	/* Addresses and data. */
	void cycle(std::uint64_t now_ps)
	{
		data_cycle(now_ps);
		if (!(pins::arvalid(top_) | ready_))
			return;
		ready_ = pins::arvalid(top_) && !bursts_.full();
		pins::set_arready(top_, ready_);
		if (ready_)
			bursts_.transport(bursts_.accept(pins::araddr(top_), pins::arlen(top_),
							 pins::arid(top_)), now_ps);
	}

	/* Data alone, if there can't be an address: the part of the device that has them stands. */
	void data_cycle(std::uint64_t now_ps)
	{
		if (taken_) {
			taken_ = offered_ = false;
			/* Most often the next one follows at once. */
			if (!bursts_.count() || bursts_.first().due_ps > now_ps) {
				pins::set_rvalid(top_, false);
				return;
			}
		}
		if (!bursts_.count())
			return;

		axi_burst &burst = bursts_.first();

		/* A beat that was offered and not taken stays as it is. */
		if (!offered_) {
			if (burst.due_ps > now_ps)
				return;
			offer(burst);
		}
		if (!pins::rready(top_))
			return;
		taken_ = true;
		burst.due_ps += burst.interval_ps;
		if (++burst.done == burst.beats)
			bursts_.pop();
	}

	/* Nothing to do in this cycle: no answer is due, and none stands. */
	bool still(std::uint64_t now_ps)
	{
		return !taken_ && !offered_ && !ready_ &&
		       (!bursts_.count() || bursts_.first().due_ps > now_ps);
	}

	/* Nothing to do before this time, if the device does not change its outputs. */
	std::uint64_t rests_until_ps()
	{
		if (taken_ || offered_ || ready_ || pins::arvalid(top_))
			return 0;
		return bursts_.count() ? bursts_.first().due_ps : axi_bursts::never_ps;
	}

	/* Forget what is outstanding, the inputs low. */
	void drop()
	{
		bursts_.drop();
		taken_ = offered_ = ready_ = false;
		pins::set_arready(top_, false);
		pins::set_rvalid(top_, false);
	}

private:
	void offer(const axi_burst &burst)
	{
		if (burst.response == axi_okay)
			std::memcpy(pins::rdata(top_), burst.from + burst.done * TERN_BEAT_BYTES,
				    TERN_BEAT_BYTES);
		else
			std::memset(pins::rdata(top_), 0, TERN_BEAT_BYTES);
		pins::set_answer(top_, burst.id, burst.response, burst.done + 1 == burst.beats);
		pins::set_rvalid(top_, true);
		offered_ = true;
	}

	model &top_;
	axi_bursts bursts_;
	bool ready_ = false;		/* arready */
	bool offered_ = false;		/* rvalid */
	bool taken_ = false;		/* by the last edge */
};

template <class pins> class axi_write_slave {
public:
	using model = typename pins::model;

	axi_write_slave(const char *name, model &top, tlm::tlm_initiator_socket<512> &socket,
			unsigned outstanding)
		: top_(top), bursts_(name, tlm::TLM_WRITE_COMMAND, socket, outstanding)
	{
	}

	void cycle(std::uint64_t now_ps)
	{
		if (busy_ | pins::awvalid(top_))
			work(now_ps);
	}

	/* Nothing to do in this cycle, if the device sends nothing. */
	bool still(std::uint64_t now_ps)
	{
		return !taken_ && !offered_ &&
		       (!bursts_.count() || bursts_.first().due_ps > now_ps);
	}

	/* Nothing to do before this time, if the device does not change its outputs. */
	std::uint64_t rests_until_ps()
	{
		if (taken_ || offered_ || pins::awvalid(top_) || pins::wvalid(top_))
			return 0;
		return bursts_.count() ? bursts_.first().due_ps : axi_bursts::never_ps;
	}

	void drop()
	{
		bursts_.drop();
		filling_ = 0;
		busy_ = taken_ = offered_ = false;
		pins::set_awready(top_, false);
		pins::set_wready(top_, false);
		pins::set_bvalid(top_, false);
	}

private:
	void work(std::uint64_t now_ps)
	{
		if (taken_) {
			taken_ = offered_ = false;
			pins::set_bvalid(top_, false);
		}
		if (!offered_ && bursts_.count() && bursts_.first().due_ps <= now_ps) {
			pins::set_response(top_, bursts_.first().id, bursts_.first().response);
			pins::set_bvalid(top_, true);
			offered_ = true;
		}
		if (offered_ && pins::bready(top_)) {
			taken_ = true;
			bursts_.pop();
			filling_--;
		}

		const bool address = pins::awvalid(top_) && !bursts_.full();

		pins::set_awready(top_, address);
		if (address)
			bursts_.accept(pins::awaddr(top_), pins::awlen(top_), pins::awid(top_));

		const bool data = pins::wvalid(top_) && filling_ < bursts_.count();

		pins::set_wready(top_, data);
		if (data)
			take_beat(now_ps);
		/* Ready stays for the cycle in which it is seen; then all is low. */
		busy_ = bursts_.count() || address || data || offered_;
	}

	void take_beat(std::uint64_t now_ps)
	{
		axi_burst &burst = bursts_.at(filling_);

		bursts_.collect(burst, pins::wdata(top_), pins::wstrb(top_));
		burst.done++;
		if (pins::wlast(top_) != (burst.done == burst.beats))
			log(log_level::error,
			    "the device's %s master: wlast is %u in beat %u of %u",
			    bursts_.name(), pins::wlast(top_), burst.done, burst.beats);
		if (burst.done == burst.beats) {
			bursts_.transport(burst, now_ps);
			filling_++;
		}
	}

	model &top_;
	axi_bursts bursts_;
	unsigned filling_ = 0;		/* index of the burst that takes W beats */
	bool busy_ = false;		/* something is outstanding, or an input high */
	bool offered_ = false;		/* bvalid */
	bool taken_ = false;		/* by the last edge */
};

} /* namespace tern */

#endif /* TERN_SIM_AXI_SLAVE_H */
