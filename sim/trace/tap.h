/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sits between a device and what is around it, hands everything on as it is, and
 * tells who wants to know. Bound only if somebody does.
 */
#ifndef TERN_SIM_TAP_H
#define TERN_SIM_TAP_H

#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "device/device.h"
#include "trace/job_watch.h"

namespace tern {

class tap_observer {
public:
	virtual ~tap_observer() = default;
	virtual void register_written(std::uint32_t, std::uint32_t, std::uint64_t) {}
	/* of_ring: a command or a completion. Of a failed one there is no data. */
	virtual void transferred(const transfer &, bool /* of_ring */, bool /* failed */) {}
	virtual void interrupted(unsigned, std::uint64_t) {}
};

class tap : public sc_core::sc_module, public interrupt_sink {
public:
	tlm_utils::simple_target_socket<tap, 32> registers_in;
	tlm_utils::simple_initiator_socket<tap, 32> registers_out;
	tlm_utils::simple_target_socket<tap, 512> host_in;
	tlm_utils::simple_initiator_socket<tap, 512> host_out;
	sc_core::sc_export<interrupt_sink> interrupts_in;
	sc_core::sc_port<interrupt_sink> interrupts_out;

	tap(const sc_core::sc_module_name &name, job_watch &jobs);

	void add(tap_observer &observer) { observers_.push_back(&observer); }

	void raise(unsigned vector) override;

private:
	void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay);
	void host_access(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay);

	job_watch &jobs_;
	std::vector<tap_observer *> observers_;
	/* SystemC's time stands still during a batch; the last completion is a better one. */
	std::uint64_t last_ps_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_TAP_H */
