// SPDX-License-Identifier: Apache-2.0
#include "device/rtl/axi_bursts.h"

#include <algorithm>
#include <cstring>

#include "platform/log.h"

namespace tern {

axi_bursts::axi_bursts(const char *name, tlm::tlm_command command,
		       tlm::tlm_initiator_socket<512> &socket, unsigned outstanding)
	: name_(name), socket_(socket), outstanding_(std::min(outstanding, most))
{
	for (unsigned i = 0; i < most; i++)
		ring_[i].data = data_.get() + i * boundary_bytes;
	payload_.set_command(command);
	timing_->wants_direct = command == tlm::TLM_READ_COMMAND;
	payload_.set_extension(timing_);
	payload_.set_byte_enable_length(0);
}

axi_burst &axi_bursts::accept(std::uint64_t address, unsigned length, std::uint8_t id)
{
	axi_burst &burst = at(count_++);

	burst.address = address;
	burst.beats = length + 1;
	burst.done = 0;
	burst.id = id;
	burst.response = axi_okay;
	burst.due_ps = never_ps;
	burst.interval_ps = 0;
	burst.partial = false;
	burst.from = burst.data;
	burst.legal = address % TERN_BEAT_BYTES == 0 &&
		      address % boundary_bytes + burst.beats * TERN_BEAT_BYTES <= boundary_bytes;
	if (!burst.legal)
		log(log_level::error,
		    "the device's %s master broke AXI's rules: %u beats at 0x%llx", name_,
		    burst.beats, static_cast<unsigned long long>(address));
	return burst;
}

void axi_bursts::transport(axi_burst &burst, std::uint64_t now_ps)
{
	const std::uint64_t base_ps = to_ps(sc_core::sc_time_stamp());
	const unsigned bytes = burst.beats * TERN_BEAT_BYTES;
	sc_core::sc_time delay = from_ps(now_ps - base_ps);

	if (!burst.legal) {
		burst.response = axi_slverr;
		burst.due_ps = now_ps;
		return;
	}
	payload_.set_address(burst.address);
	payload_.set_data_ptr(burst.data);
	payload_.set_data_length(bytes);
	payload_.set_streaming_width(bytes);
	payload_.set_byte_enable_ptr(burst.partial ? enables_.get() : nullptr);
	payload_.set_byte_enable_length(burst.partial ? bytes : 0);
	payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
	timing_->direct = nullptr;
	socket_->b_transport(payload_, delay);

	/* A fault on demand: nobody answers, now or later. */
	if (payload_.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
		return;
	if (payload_.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE)
		burst.response = axi_decerr;
	else if (!payload_.is_response_ok())
		burst.response = axi_slverr;
	if (timing_->direct)
		burst.from = timing_->direct;
	burst.interval_ps = timing_->times.interval_ps;
	burst.due_ps = payload_.is_read() ? timing_->times.first_ps : timing_->times.last_ps;
}

void axi_bursts::collect(axi_burst &burst, const void *beat, std::uint64_t strobes)
{
	const unsigned at = burst.done * TERN_BEAT_BYTES;

	if (!burst.legal)
		return;
	std::memcpy(burst.data + at, beat, TERN_BEAT_BYTES);
	if (~strobes && !burst.partial) {
		burst.partial = true;
		std::memset(enables_.get(), TLM_BYTE_ENABLED, at);
	}
	if (!burst.partial)
		return;
	for (unsigned i = 0; i < TERN_BEAT_BYTES; i++)
		enables_[at + i] = strobes >> i & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
}

} /* namespace tern */
