// SPDX-License-Identifier: Apache-2.0
#include "device/model/writer.h"

#include <algorithm>

#include "device/model/status.h"

namespace tern::model {

write_port::write_port(const char *name, tlm::tlm_initiator_socket<512> &socket,
		       unsigned outstanding, std::uint64_t period_ps)
	: bursts_(name, tlm::TLM_WRITE_COMMAND, socket, most),
	  outstanding_(std::min(outstanding, most)), period_ps_(period_ps)
{
}

void write_port::drop()
{
	bursts_.drop();
	address_valid_ = beat_valid_ = address_busy_ = false;
	last_answer_ = dead_until_ = 0;
	ends_.clear();
	answers_.clear();
}

void write_port::give_address(std::uint64_t address, unsigned beats, unit from, unsigned slot)
{
	address_ = address;
	beats_ = beats;
	unit_ = from;
	slot_ = slot;
	address_valid_ = true;
}

void write_port::give_beat(const write_beat &beat)
{
	beat_ = beat;
	beat_valid_ = true;
}

void write_port::take(std::uint64_t cycle, std::uint64_t watchdog)
{
	address_busy_ = address_valid_;
	while (!ends_.empty() && ends_.front() <= cycle)
		ends_.pop();
	if (address_valid_ && (ends_.count() + bursts_.count() < outstanding_ || dead(cycle))) {
		bursts_.accept(address_, beats_ - 1, 0);
		address_valid_ = false;
	}
	if (!beat_valid_)
		return;

	axi_burst &burst = bursts_.first();

	beat_valid_ = false;
	bursts_.collect(burst, beat_.data, beat_.strobes);
	strobes_[burst.done] = beat_.strobes;
	if (++burst.done < burst.beats)
		return;

	const std::uint64_t free = std::max(last_answer_, cycle) + 1;
	std::uint64_t at = free;
	trouble wrong = trouble::overdue;

	/* What a dead port is given is swallowed. */
	if (!dead(cycle)) {
		if (watcher_ && unit_ == data)
			watcher_->writes({ slot_, host_, burst.address, burst.beats, strobes_ });
		bursts_.transport(burst, cycle * period_ps_);

		const std::uint64_t due = burst.due_ps == UINT64_MAX ?
						  doomsday :
						  (burst.due_ps + period_ps_ - 1) / period_ps_;

		at = std::max(free, due);
		ends_.push(at);
		wrong = burst.response == axi_okay ? trouble::none : trouble::refused;
		if (watchdog && at - free >= watchdog) {
			dead_until_ = at + 1;
			at = free + watchdog;
			wrong = trouble::overdue;
		}
	}
	last_answer_ = at;
	answers_.push({ at + 1, unit_, wrong });
	bursts_.pop();
}

void writer::reset()
{
	drop();
	host_tracker_.clear();
	memory_tracker_.clear();
	results_ = copy_ = {};
	state_ = state::idle;
	turn_ = valid_ = nothing_pending_ = false;
}

void writer::accept(pending &to, const stretch &from)
{
	to = { true, from.host, from.last, from.slot, from.address,
	       (from.bytes + beat_bytes - 1) / beat_bytes,
	       static_cast<unsigned>(from.bytes % beat_bytes) };
}

void writer::begin(pending &from, source unit)
{
	const unsigned beats = next_burst(from.address, from.beats);

	unit_ = unit;
	to_host_ = from.host;
	address_ = from.address;
	burst_ = beats_ = beats;
	tail_ = from.tail;
	slot_ = from.slot;
	final_ = from.beats == beats;
	last_ = from.last && final_;
	from.address += beats * beat_bytes;
	from.beats -= beats;
	from.active = from.beats != 0;
	state_ = state::address;
}

writer::done writer::follow(write_port &port, tracker &t, std::uint64_t cycle, bool host,
			    outputs *out)
{
	const write_port::answer *const answer = port.answered(cycle);
	done result = {};

	if (answer && answer->to == write_port::completion) {
		out->completion_done = true;
		out->completion_bad = answer->wrong != trouble::none;
	}
	if (!t.empty() && (t.front().nothing || (answer && answer->to == write_port::data))) {
		result.slot = t.front().slot;
		result.done = t.front().last;
		if (!t.front().nothing && answer->wrong != trouble::none) {
			result.failed = true;
			result.status = status_of(answer->wrong, host);
		}
		t.pop();
	}
	if (answer)
		port.pop_answer();
	return result;
}

} /* namespace tern::model */
