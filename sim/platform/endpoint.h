/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's PCIe endpoint: the vfio-user server on the host's side, TLM on the
 * device's.
 */
#ifndef TERN_SIM_ENDPOINT_H
#define TERN_SIM_ENDPOINT_H

#include <memory>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "device/device.h"
#include "faults/faults.h"
#include "link/link.h"
#include "memory/memory.h"
#include "vfio_user/card.h"
#include "vfio_user/server.h"

namespace tern {

class endpoint : public sc_core::sc_module, public card, public interrupt_sink {
public:
	tlm_utils::simple_initiator_socket<endpoint, 32> registers;
	sc_core::sc_export<interrupt_sink> interrupts;

	endpoint(const sc_core::sc_module_name &name, device &device, memory &memory, link &link,
		 faults &faults);

	/* Once, when the simulation runs: asks the device what it is, and makes its server. */
	server &power_on();

	/* NULL before that. */
	const server *host_side() const { return server_.get(); }
	/* Completions written, over all resets. */
	std::uint64_t jobs();

	std::uint32_t read_register(std::uint32_t offset) override;
	void write_register(std::uint32_t offset, std::uint32_t value, unsigned strobes) override;
	std::uint64_t memory_bytes() const override { return memory_.bytes(); }
	std::uint8_t *memory_at(std::uint64_t offset) override { return memory_.at(offset); }
	int memory_fd() const override { return memory_.fd(); }
	unsigned vectors() const override { return vectors_; }
	dma_table &dma() override { return link_.table(); }
	void set_bus_master(bool on) override { link_.set_bus_master(on); }
	bool gone() const override { return faults_.gone(); }
	void reset() override;
	void power_cycle() override;

	void raise(unsigned vector) override;

private:
	void perform(const fault &fault);
	std::uint64_t jobs_since_reset();
	bool access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t *value,
		    unsigned char *enables);

	device &device_;
	memory &memory_;
	link &link_;
	faults &faults_;
	std::unique_ptr<server> server_;
	unsigned vectors_ = 0;
	std::uint64_t jobs_before_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_ENDPOINT_H */
