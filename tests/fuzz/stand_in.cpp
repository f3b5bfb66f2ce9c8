// SPDX-License-Identifier: Apache-2.0
#include "stand_in.h"

#include <algorithm>
#include <cstring>

#include "tern_abi.h"

namespace tern {

/* As the RTL has it: a burst stays inside 4 KiB. */
static constexpr unsigned burst_bytes = 4096;

stand_in::stand_in(const sc_core::sc_module_name &name) : device(name)
{
}

void stand_in::reset()
{
	if (written_)
		registers_.fill(0);
	written_ = false;
}

bool stand_in::move(socket &socket, bool write, std::uint64_t address, std::uint8_t *data,
		    unsigned bytes, std::uint64_t enables)
{
	unsigned char mask[TERN_BEAT_BYTES];
	sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
	tlm::tlm_generic_payload burst;

	bytes = std::min<unsigned>(bytes, burst_bytes - address % burst_bytes);
	burst.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
	burst.set_address(address);
	burst.set_data_ptr(data);
	burst.set_data_length(bytes);
	burst.set_streaming_width(bytes);
	if (~enables && bytes <= sizeof(mask)) {
		for (unsigned i = 0; i < bytes; i++)
			mask[i] = enables >> i & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
		burst.set_byte_enable_ptr(mask);
		burst.set_byte_enable_length(bytes);
	}
	socket->b_transport(burst, delay);
	return burst.is_response_ok();
}

std::uint64_t stand_in::queue_address(unsigned queue, unsigned low) const
{
	const unsigned at = (TERN_QUEUE_BASE + queue * TERN_QUEUE_STRIDE + low) / 4;

	return (registers_[at] | static_cast<std::uint64_t>(registers_[at + 1]) << 32) &
	       ~static_cast<std::uint64_t>(TERN_BEAT_BYTES - 1);
}

/*
 * The submission ring's base is read, and written to the completion ring's and to device
 * memory there; the index says how much, and which bytes of a single beat.
 */
void stand_in::doorbell(unsigned queue, std::uint32_t index)
{
	const std::uint64_t from = queue_address(queue, TERN_QREG_SQ_BASE_LO);
	const std::uint64_t to = queue_address(queue, TERN_QREG_CQ_BASE_LO);
	const unsigned bytes = TERN_BEAT_BYTES * (1 + index % (burst_bytes / TERN_BEAT_BYTES));
	std::uint8_t data[burst_bytes] = {};
	bool ok = move(host, false, from, data, bytes);

	ok &= move(memory, true, to, data, bytes);
	ok &= move(memory, false, from, data, bytes);
	ok &= move(host, true, to, data, bytes,
		   bytes == TERN_BEAT_BYTES ? ~0ull << (index >> 8 & 63) : ~0ull);
	if (!ok)
		registers_[TERN_REG_ERROR / 4] |= TERN_ERROR_FETCH_MASK;
	stats.interrupts++;
	interrupts->raise(queue);
}

void stand_in::register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &)
{
	const std::uint64_t offset = access.get_address();
	const unsigned char *enables = access.get_byte_enable_ptr();
	auto *reg = reinterpret_cast<std::uint8_t *>(&registers_[offset / 4]);

	if (access.is_read()) {
		if (offset == TERN_REG_QUEUES) {
			const std::uint32_t count = vectors << TERN_QUEUES_COUNT_SHIFT;

			std::memcpy(access.get_data_ptr(), &count, sizeof(count));
		} else {
			std::memcpy(access.get_data_ptr(), reg, 4);
		}
	} else {
		written_ = true;
		for (unsigned i = 0; i < 4; i++) {
			if (!enables || enables[i] == TLM_BYTE_ENABLED)
				reg[i] = access.get_data_ptr()[i];
		}
	}
	access.set_response_status(tlm::TLM_OK_RESPONSE);
	if (!access.is_write() || offset < TERN_QUEUE_DOORBELL_BASE)
		return;

	const auto queue = static_cast<unsigned>((offset - TERN_QUEUE_DOORBELL_BASE) /
						 TERN_QUEUE_DOORBELL_STRIDE);

	if (queue < vectors)
		doorbell(queue, registers_[offset / 4]);
}

} /* namespace tern */
