// SPDX-License-Identifier: Apache-2.0
#include "device/model/ports.h"

namespace tern::model {

void beat_cycles::set(std::uint64_t earliest, std::uint64_t due_ps, std::uint64_t interval_ps,
		      std::uint64_t period_ps)
{
	if (due_ps == UINT64_MAX) {
		set(doomsday);
		return;
	}
	dense_ = interval_ps <= period_ps;
	earliest_ = earliest;
	due_ps_ = due_ps;
	interval_ps_ = interval_ps;
	period_ps_ = period_ps;
	if (dense_)
		earliest_ = std::max(earliest, (due_ps + period_ps - 1) / period_ps);
}

read_port::read_port(const char *name, tlm::tlm_initiator_socket<512> &socket,
		     unsigned outstanding, unsigned units, bool memory, std::uint64_t period_ps)
	: bursts_(name, tlm::TLM_READ_COMMAND, socket, most),
	  outstanding_(std::min(outstanding, most)), units_(units), memory_(memory),
	  period_ps_(period_ps)
{
}

void read_port::drop()
{
	bursts_.drop();
	mux_valid_ = taken_ = false;
	first_.count = second_.count = 0;
	ends_.clear();
	bus_free_ = dead_until_ = 0;
	last_ = 0;
}

bool read_port::take(std::uint64_t cycle, std::uint64_t watchdog, read_answer *answer)
{
	while (!ends_.empty() && ends_.front() <= cycle)
		ends_.pop();
	taken_ = second_.valid() && (ends_.count() < outstanding_ || dead(cycle));
	if (!taken_)
		return false;

	answer->request = second_.items[0];
	if (dead(cycle)) {
		/* Nothing new reaches the bus: the watchdog answers at once. */
		bus_free_ = std::max(bus_free_, cycle + 1);
		answer->cycles.set(bus_free_);
		bus_free_ += answer->request.beats;
		answer->wrong = trouble::overdue;
		answer->data = nullptr;
		answer->direct = false;
		return true;
	}

	axi_burst &burst = bursts_.accept(answer->request.address, answer->request.beats - 1, 0);
	const std::uint64_t free = std::max(bus_free_, cycle + 1);

	bursts_.transport(burst, cycle * period_ps_);
	bursts_.pop();
	answer->cycles.set(free, burst.due_ps, burst.interval_ps, period_ps_);
	answer->wrong = burst.response == axi_okay ? trouble::none : trouble::refused;
	answer->data = burst.from;
	answer->direct = burst.from != burst.data;

	const std::uint64_t end = answer->cycles.at(answer->request.beats - 1);

	if (watchdog && answer->cycles.at(0) - free >= watchdog) {
		/* No beat for so long: the watchdog answers, and what comes then is dropped. */
		answer->cycles.set(free + watchdog);
		answer->wrong = trouble::overdue;
		dead_until_ = end + 1;
		bus_free_ = free + watchdog + answer->request.beats;
	} else {
		bus_free_ = end + 1;
	}
	ends_.push(end);
	return true;
}

void read_port::tick(int granted, const read_request &request)
{
	slice *const next = memory_ ? &first_ : &second_;
	const bool from_mux = mux_valid_ && next->ready();
	const read_request waiting = mux_;

	if (granted >= 0) {
		mux_ = request;
		mux_.unit = static_cast<std::uint8_t>(granted);
		last_ = granted;
		mux_valid_ = true;
	} else if (from_mux) {
		mux_valid_ = false;
	}
	if (memory_) {
		const bool passes = first_.valid() && second_.ready();

		second_.tick(taken_, passes, first_.items[0]);
		first_.tick(passes, from_mux, waiting);
	} else {
		second_.tick(taken_, from_mux, waiting);
	}
	taken_ = false;
}

} /* namespace tern::model */
