// SPDX-License-Identifier: Apache-2.0
#include "device/rtl/axi_slave.h"

#include <algorithm>

#include "platform/log.h"

namespace tern {

/* AXI's responses */
static constexpr std::uint8_t resp_okay = 0;
static constexpr std::uint8_t resp_slverr = 2;
static constexpr std::uint8_t resp_decerr = 3;

axi_slave::axi_slave(const char *name, const axi_pins &pins,
		     tlm::tlm_initiator_socket<512> &socket, unsigned outstanding)
	: name_(name), pins_(pins), socket_(socket),
	  outstanding_(std::min(outstanding, max_outstanding))
{
	payload_.set_extension(timing_);
	payload_.set_byte_enable_length(0);
}

void axi_slave::drop()
{
	reads_.head = reads_.count = 0;
	writes_.head = writes_.count = 0;
	filling_ = 0;
	read_taken_ = response_taken_ = false;
	pins_.awready = 0;
	pins_.wready = 0;
	pins_.bvalid = 0;
	pins_.arready = 0;
	pins_.rvalid = 0;
}

axi_slave::burst &axi_slave::accept(queue &queue, std::uint64_t address, unsigned length,
				    std::uint8_t id)
{
	burst &burst = queue.at(queue.count++);

	burst.address = address;
	burst.beats = length + 1;
	burst.done = 0;
	burst.id = id;
	burst.response = resp_okay;
	burst.due_ps = never_ps;
	burst.interval_ps = 0;
	burst.partial = false;
	burst.legal = address % TERN_BEAT_BYTES == 0 &&
		      address % boundary_bytes + burst.beats * TERN_BEAT_BYTES <= boundary_bytes;
	if (!burst.legal)
		log(log_level::error,
		    "the device's %s master broke AXI's rules: %u beats at 0x%llx", name_,
		    burst.beats, static_cast<unsigned long long>(address));
	return burst;
}

void axi_slave::transport(burst &burst, tlm::tlm_command command, std::uint64_t now_ps)
{
	const std::uint64_t base_ps = to_ps(sc_core::sc_time_stamp());
	sc_core::sc_time delay = from_ps(now_ps - base_ps);

	if (!burst.legal) {
		burst.response = resp_slverr;
		burst.due_ps = now_ps;
		return;
	}
	payload_.set_command(command);
	payload_.set_address(burst.address);
	payload_.set_data_ptr(burst.data);
	payload_.set_data_length(burst.beats * TERN_BEAT_BYTES);
	payload_.set_streaming_width(burst.beats * TERN_BEAT_BYTES);
	payload_.set_byte_enable_ptr(burst.partial ? enables_ : nullptr);
	payload_.set_byte_enable_length(burst.partial ? burst.beats * TERN_BEAT_BYTES : 0);
	payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
	socket_->b_transport(payload_, delay);

	if (payload_.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE)
		burst.response = resp_decerr;
	else if (!payload_.is_response_ok())
		burst.response = resp_slverr;
	burst.interval_ps = timing_->times.interval_ps;
	burst.due_ps = command == tlm::TLM_READ_COMMAND ? timing_->times.first_ps :
							  timing_->times.last_ps;
}

void axi_slave::read_cycle(std::uint64_t now_ps)
{
	if (read_taken_) {
		read_taken_ = false;
		pins_.rvalid = 0;
	}
	/* A beat that was offered and not taken stays as it is. */
	if (!pins_.rvalid && reads_.count && reads_.first().due_ps <= now_ps) {
		const burst &burst = reads_.first();

		if (burst.response == resp_okay)
			std::memcpy(pins_.rdata.m_storage,
				    burst.data + burst.done * TERN_BEAT_BYTES, TERN_BEAT_BYTES);
		else
			std::memset(pins_.rdata.m_storage, 0, TERN_BEAT_BYTES);
		pins_.rid = burst.id;
		pins_.rresp = burst.response;
		pins_.rlast = burst.done + 1 == burst.beats;
		pins_.rvalid = 1;
	}
	if (pins_.rvalid && pins_.rready) {
		burst &burst = reads_.first();

		read_taken_ = true;
		burst.due_ps += burst.interval_ps;
		if (++burst.done == burst.beats)
			reads_.pop();
	}
	if (pins_.arvalid && reads_.count < outstanding_) {
		transport(accept(reads_, pins_.araddr, pins_.arlen, pins_.arid),
			  tlm::TLM_READ_COMMAND, now_ps);
		pins_.arready = 1;
	} else {
		pins_.arready = 0;
	}
}

/* The model's data bus, 64 bytes as they lie in memory. */
static inline const std::uint8_t *bytes_of(const VlWide<16> &wide)
{
	return reinterpret_cast<const std::uint8_t *>(wide.m_storage);
}

void axi_slave::take_beat(std::uint64_t now_ps)
{
	burst &burst = writes_.at(filling_);
	const std::uint64_t strobes = pins_.wstrb;

	if (burst.legal) {
		const unsigned at = burst.done * TERN_BEAT_BYTES;

		std::memcpy(burst.data + at, bytes_of(pins_.wdata), TERN_BEAT_BYTES);
		if (~strobes && !burst.partial) {
			burst.partial = true;
			std::memset(enables_, TLM_BYTE_ENABLED, at);
		}
		if (burst.partial) {
			for (unsigned i = 0; i < TERN_BEAT_BYTES; i++)
				enables_[at + i] = strobes >> i & 1 ? TLM_BYTE_ENABLED :
								      TLM_BYTE_DISABLED;
		}
	}
	burst.done++;
	if (pins_.wlast != (burst.done == burst.beats))
		log(log_level::error, "the device's %s master: wlast is %u in beat %u of %u", name_,
		    pins_.wlast, burst.done, burst.beats);
	if (burst.done == burst.beats) {
		transport(burst, tlm::TLM_WRITE_COMMAND, now_ps);
		filling_++;
	}
}

void axi_slave::write_cycle(std::uint64_t now_ps)
{
	if (response_taken_) {
		response_taken_ = false;
		pins_.bvalid = 0;
	}
	if (!pins_.bvalid && writes_.count && writes_.first().due_ps <= now_ps) {
		pins_.bid = writes_.first().id;
		pins_.bresp = writes_.first().response;
		pins_.bvalid = 1;
	}
	if (pins_.bvalid && pins_.bready) {
		response_taken_ = true;
		writes_.pop();
		filling_--;
	}
	if (pins_.awvalid && writes_.count < outstanding_) {
		accept(writes_, pins_.awaddr, pins_.awlen, pins_.awid);
		pins_.awready = 1;
	} else {
		pins_.awready = 0;
	}
	if (pins_.wvalid && filling_ < writes_.count) {
		take_beat(now_ps);
		pins_.wready = 1;
	} else {
		pins_.wready = 0;
	}
}

} /* namespace tern */
