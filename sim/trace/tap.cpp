// SPDX-License-Identifier: Apache-2.0
#include "trace/tap.h"

#include <algorithm>
#include <cstring>

#include "platform/burst.h"

namespace tern {

tap::tap(const sc_core::sc_module_name &name, job_watch &jobs)
	: sc_module(name), registers_in("registers_in"), registers_out("registers_out"),
	  host_in("host_in"), host_out("host_out"), interrupts_in("interrupts_in"),
	  interrupts_out("interrupts_out"), jobs_(jobs)
{
	registers_in.register_b_transport(this, &tap::register_access);
	host_in.register_b_transport(this, &tap::host_access);
	interrupts_in.bind(*this);
}

void tap::register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay)
{
	std::uint32_t value = 0;

	/* Before the device hears of it: what follows a doorbell comes after it. */
	if (access.is_write() && access.get_data_length() == sizeof(value)) {
		const std::uint64_t now = to_ps(sc_core::sc_time_stamp() + delay);

		std::memcpy(&value, access.get_data_ptr(), sizeof(value));
		jobs_.register_written();
		for (tap_observer *observer : observers_)
			observer->register_written(access.get_address(), value, now);
	}
	registers_out->b_transport(access, delay);
}

void tap::host_access(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay)
{
	transfer transfer = { burst.is_write(), to_ps(sc_core::sc_time_stamp() + delay), 0,
			      burst.get_address(), burst.get_data_ptr(), burst.get_data_length() };
	bool of_ring = false;

	host_out->b_transport(burst, delay);
	transfer.end_ps = to_ps(sc_core::sc_time_stamp() + delay);
	if (burst.is_response_ok())
		of_ring = jobs_.transferred(transfer);
	if (of_ring && transfer.write)
		last_ps_ = transfer.end_ps;
	for (tap_observer *observer : observers_)
		observer->transferred(transfer, of_ring, !burst.is_response_ok());
}

void tap::raise(unsigned vector)
{
	const std::uint64_t now = std::max(to_ps(sc_core::sc_time_stamp()), last_ps_);

	for (tap_observer *observer : observers_)
		observer->interrupted(vector, now);
	interrupts_out->raise(vector);
}

} /* namespace tern */
