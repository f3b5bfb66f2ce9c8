// SPDX-License-Identifier: Apache-2.0
#include "link/link.h"

#include "link/host_copy.h"
#include "platform/burst.h"

namespace tern {

link::link(const sc_core::sc_module_name &name, const config &config, tern::faults &faults)
	: sc_module(name), port("port"), wires_(config.link), faults_(faults)
{
	host_copy_init();
	port.register_b_transport(this, &link::b_transport);
}

void link::refuse(const tlm::tlm_generic_payload &burst, std::uint64_t address, const char *why)
{
	stats.errors++;
	if (!log_limit_.allow())
		return;
	log(log_level::warning, "DMA %s of %u bytes at 0x%llx failed: 0x%llx %s",
	    burst.is_read() ? "read" : "write", burst.get_data_length(),
	    static_cast<unsigned long long>(burst.get_address()),
	    static_cast<unsigned long long>(address), why);
}

static const char *reason(dma_table::fault fault, bool write)
{
	switch (fault) {
	case dma_table::fault::no_memory:
		return "was mapped without a file";
	case dma_table::fault::forbidden:
		return write ? "is mapped read-only" : "is mapped write-only";
	default:
		return "is not mapped";
	}
}

bool link::copy(tlm::tlm_generic_payload &burst)
{
	const bool write = burst.is_write();
	const std::uint8_t *enables = burst.get_byte_enable_ptr();
	std::uint8_t *data = burst.get_data_ptr();
	std::uint64_t address = burst.get_address();
	std::size_t left = burst.get_data_length();

	if (!bus_master_) {
		refuse(burst, address, "needs bus mastering, which is off (PCI command register)");
		return false;
	}
	while (left) {
		dma_table::fault fault;
		std::size_t bytes = left;
		std::uint8_t *host = table_.find(address, &bytes, write, &fault);

		if (!host) {
			stats.dma_faults++;
			refuse(burst, address, reason(fault, write));
			return false;
		}
		if (!(write ? host_write(host, data, bytes, enables) :
			      host_read(data, host, bytes))) {
			refuse(burst, address, "is past the end of its file, which became shorter");
			return false;
		}
		address += bytes;
		data += bytes;
		left -= bytes;
		if (enables)
			enables += bytes;
	}
	return true;
}

bool link::peek(std::uint64_t address, bool written, std::uint8_t *to, std::size_t bytes)
{
	while (bytes && bus_master_) {
		dma_table::fault fault;
		std::size_t here = bytes;
		const std::uint8_t *const host = table_.find(address, &here, written, &fault);

		if (!host || (to && !host_read(to, host, here)))
			return false;
		address += here;
		to += to ? here : 0;
		bytes -= here;
	}
	return !bytes;
}

void link::b_transport(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay)
{
	const fault *fault = nullptr;

	if (__builtin_expect(faults_.armed(fault_place::dma), false))
		fault = faults_.dma(burst.get_address(), burst.is_write());
	if (fault)
		go_wrong(burst, delay, *fault);
	else
		finish(burst, delay, copy(burst), 0);
}

/* Time and counters, after the copy. late_ps: the answer comes so much later than it could. */
void link::finish(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay, bool ok,
		  std::uint64_t late_ps)
{
	const std::uint64_t now = to_ps(sc_core::sc_time_stamp() + delay);
	const std::uint64_t count = burst.get_data_length();
	beat_times times;

	/* An error takes as long as the answer would have. */
	times = burst.is_read() ? wires_.read(now, count) : wires_.write(now, count);
	times.first_ps += late_ps;
	times.last_ps += late_ps;
	report_times(burst, delay, now, times);
	burst.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
	if (!ok)
		return;
	if (burst.is_read()) {
		stats.reads++;
		stats.read_bytes += count;
	} else {
		stats.writes++;
		stats.written_bytes += count;
	}
}

} /* namespace tern */
