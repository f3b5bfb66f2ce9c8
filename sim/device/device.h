/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of the card: registers on one side, masters to host link and device
 * memory on the other. Implementations differ in how they get from a doorbell to
 * a completion, not in what can be seen from outside.
 */
#ifndef TERN_SIM_DEVICE_H
#define TERN_SIM_DEVICE_H

#include <cstdint>
#include <optional>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "device/sampled/report.h"

namespace tern {

class window;

/* Where interrupts go. */
class interrupt_sink : public virtual sc_core::sc_interface {
public:
	/* MSI-X vector, from 0. */
	virtual void raise(unsigned vector) = 0;
};

class device : public sc_core::sc_module {
public:
	/* BAR 0: accesses of 4 bytes, aligned. */
	tlm_utils::simple_target_socket<device, 32> registers;
	/*
	 * Bursts of 64-byte beats that stay inside 4 KiB, timed by burst_timing. One that comes
	 * back with TLM_INCOMPLETE_RESPONSE has no answer and never will.
	 */
	tlm_utils::simple_initiator_socket<device, 512> host;
	tlm_utils::simple_initiator_socket<device, 512> memory;
	sc_core::sc_port<interrupt_sink> interrupts;

	explicit device(const sc_core::sc_module_name &name)
		: sc_module(name), registers("registers"), host("host"), memory("memory"),
		  interrupts("interrupts")
	{
		registers.register_b_transport(this, &device::register_access);
	}

	/* Is anything going on? If not, neither time nor the host's CPU passes. */
	virtual bool busy() const = 0;

	/* Do a piece of the work; yielded() is notified after it, once for each start(). */
	virtual void start() = 0;
	virtual const sc_core::sc_event &yielded() const = 0;

	/* Write the signals down when the window says so. False: this body has none to show. */
	virtual bool show_signals(window &) { return false; }
	/* Ends what is still being written. */
	virtual void end_signals() {}

	/* At once to the state after power-on; whatever was in flight is gone. */
	virtual void reset() = 0;

	/* That the clock ran, up to now. */
	virtual std::uint64_t cycles() const = 0;

	/* What a sample of its jobs has shown, if one is taken. */
	virtual std::optional<sample_report> samples() const { return std::nullopt; }
	/* Ends the list of them. False if it could not all be written. */
	virtual bool end_samples() { return true; }

	/*
	 * For who runs a body beside the simulation: its time is its own from now on, SystemC's
	 * passes without it, and work() runs it, for so many cycles or until it is idle. Times
	 * and delays of its transactions are meant modulo 2^64.
	 */
	void detach() { detached_ = true; }
	virtual void work(std::uint64_t cycles) = 0;
	/* Its next clock edge. */
	virtual std::uint64_t now_ps() const = 0;

	struct {
		std::uint64_t batches = 0;
		std::uint64_t register_reads = 0, register_writes = 0, register_errors = 0;
		std::uint64_t interrupts = 0;
		std::uint64_t resets = 0;
		std::uint64_t host_ns = 0;	/* of the host's time, spent in evaluation */
	} stats;

protected:
	bool detached() const { return detached_; }

	/* TLM_ADDRESS_ERROR_RESPONSE where no register is; a read gives 0 then. */
	virtual void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay) = 0;

private:
	bool detached_ = false;
};

} /* namespace tern */

#endif /* TERN_SIM_DEVICE_H */
