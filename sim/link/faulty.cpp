// SPDX-License-Identifier: Apache-2.0
/*
 * What a fault does to a DMA. The initiator's buffer is changed for the copy at most:
 * it is as before when the burst returns.
 */
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "link/link.h"
#include "tern_abi.h"

namespace tern {

/* A write's data belong to whoever sends them: put back what was there. */
class borrowed {
public:
	explicit borrowed(tlm::tlm_generic_payload &burst)
		: address_(burst.get_address()), burst_(burst)
	{
		std::memcpy(entry_, burst.get_data_ptr(),
			    std::min<std::size_t>(burst.get_data_length(), sizeof(entry_)));
	}
	~borrowed()
	{
		burst_.set_address(address_);
		if (burst_.is_write())
			std::memcpy(burst_.get_data_ptr(), entry_,
				    std::min<std::size_t>(burst_.get_data_length(),
							  sizeof(entry_)));
	}
	borrowed(const borrowed &) = delete;
	borrowed &operator=(const borrowed &) = delete;

private:
	const std::uint64_t address_;
	tlm::tlm_generic_payload &burst_;
	std::uint8_t entry_[TERN_ENTRY_BYTES];
};

static void flip(tlm::tlm_generic_payload &burst, std::uint64_t bit)
{
	bit %= burst.get_data_length() * 8;
	burst.get_data_ptr()[bit / 8] ^= 1u << bit % 8;
}

static void change_completion(tlm::tlm_generic_payload &burst, const fault &fault)
{
	auto *const entry = reinterpret_cast<tern_hw_completion *>(burst.get_data_ptr());
	std::uint16_t id = entry->id;

	if (fault.kind == fault_kind::completion_failed)
		entry->status = fault.status;
	else
		entry->id = fault.id ? *fault.id : static_cast<std::uint16_t>(~id);
}

void link::go_wrong(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay, const fault &fault)
{
	const bool whole = burst.get_data_length() == TERN_ENTRY_BYTES;
	bool ok;

	switch (fault.kind) {
	case fault_kind::dma_delay:
		finish(burst, delay, copy(burst), fault.ns * 1000);
		return;
	case fault_kind::dma_lost:
	case fault_kind::job_hang:
		/* TLM's word for it: nobody has answered. */
		burst.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
		return;
	case fault_kind::dma_abort:
		refuse(burst, burst.get_address(), "was aborted by a fault on demand");
		finish(burst, delay, false, 0);
		return;
	case fault_kind::completion_lost:
		finish(burst, delay, true, 0);
		return;
	case fault_kind::dma_corrupt:
		/* On the way out, and back again; or on the way in. */
		if (burst.is_write())
			flip(burst, fault.bit);
		ok = copy(burst);
		flip(burst, fault.bit);
		finish(burst, delay, ok, 0);
		return;
	case fault_kind::dma_stray: {
		const borrowed as_it_was(burst);

		burst.set_address(fault.address + burst.get_address() % TERN_BEAT_BYTES);
		ok = copy(burst);
		finish(burst, delay, ok, 0);
		return;
	}
	case fault_kind::completion_wrong:
	case fault_kind::completion_failed: {
		const borrowed as_it_was(burst);

		if (whole)
			change_completion(burst, fault);
		ok = copy(burst);
		finish(burst, delay, ok, 0);
		return;
	}
	case fault_kind::completion_duplicate: {
		const borrowed as_it_was(burst);
		const std::uint64_t here = burst.get_address();
		const int queue = faults_.host_rings.completions_at(here);
		bool wraps;

		ok = copy(burst);
		if (ok && whole && queue >= 0) {
			burst.set_address(faults_.host_rings.next_completion(queue, here, &wraps));
			burst.get_data_ptr()[offsetof(tern_hw_completion, phase)] ^= wraps;
			ok = copy(burst);
		}
		finish(burst, delay, ok, 0);
		return;
	}
	default:
		/* No fault of the link's. */
		finish(burst, delay, copy(burst), 0);
		return;
	}
}

} /* namespace tern */
