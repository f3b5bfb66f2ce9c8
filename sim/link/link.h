/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's way into host memory: packets on wires, and the
 * table of what the host has opened to it.
 */
#ifndef TERN_SIM_LINK_H
#define TERN_SIM_LINK_H

#include <cstdint>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "faults/faults.h"
#include "link/dma_table.h"
#include "link/packets.h"
#include "platform/config.h"
#include "platform/log.h"

namespace tern {

class link : public sc_core::sc_module {
public:
	tlm_utils::simple_target_socket<link, 512> port;

	link(const sc_core::sc_module_name &name, const config &config,
	     tern::faults &faults = faults::none());

	dma_table &table() { return table_; }

	/* PCI's bus master enable: without it every DMA fails. */
	void set_bus_master(bool on) { bus_master_ = on; }

	/*
	 * What the device could read there now, or (written) has been allowed to write; no time
	 * passes. False: nothing. to: NULL to ask for no more than that.
	 */
	bool peek(std::uint64_t address, bool written, std::uint8_t *to, std::size_t bytes);

	struct {
		std::uint64_t reads = 0, writes = 0, read_bytes = 0, written_bytes = 0, errors = 0;
		/* Of the errors, those that an IOMMU would report: nothing is mapped for it. */
		std::uint64_t dma_faults = 0;
	} stats;
	const packets &timing() const { return wires_; }
	std::uint64_t read_busy_ps() const { return wires_.read_busy_ps(); }
	std::uint64_t write_busy_ps() const { return wires_.write_busy_ps(); }

private:
	void b_transport(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay);
	void finish(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay, bool ok,
		    std::uint64_t late_ps);
	void go_wrong(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay,
		      const fault &fault);
	bool copy(tlm::tlm_generic_payload &burst);
	void refuse(const tlm::tlm_generic_payload &burst, std::uint64_t address, const char *why);

	dma_table table_;
	bool bus_master_ = false;
	packets wires_;
	faults &faults_;
	log_limit log_limit_;
};

} /* namespace tern */

#endif /* TERN_SIM_LINK_H */
