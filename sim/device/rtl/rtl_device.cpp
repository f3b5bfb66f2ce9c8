// SPDX-License-Identifier: Apache-2.0
#include "device/rtl/rtl_device.h"

#include <cstring>
#include <ctime>

#include "device/rtl/verilated_model.h"
#include "platform/log.h"
#include "tern_abi.h"

namespace tern {

/* Cycles with busy_o low after which the clock stops. */
static constexpr unsigned quiet_cycles = 8;
/* Cycles that a register access may take; it takes a handful. */
static constexpr unsigned register_timeout_cycles = 10000;
static constexpr unsigned reset_cycles = 8;

#define AXI_PINS(top, prefix) {								\
	(top).prefix##awvalid_o, (top).prefix##awready_i, (top).prefix##awid_o,		\
	(top).prefix##awaddr_o, (top).prefix##awlen_o,					\
	(top).prefix##wvalid_o, (top).prefix##wready_i, (top).prefix##wdata_o,		\
	(top).prefix##wstrb_o, (top).prefix##wlast_o,					\
	(top).prefix##bvalid_i, (top).prefix##bready_o, (top).prefix##bid_i,		\
	(top).prefix##bresp_i,								\
	(top).prefix##arvalid_o, (top).prefix##arready_i, (top).prefix##arid_o,		\
	(top).prefix##araddr_o, (top).prefix##arlen_o,					\
	(top).prefix##rvalid_i, (top).prefix##rready_o, (top).prefix##rid_i,		\
	(top).prefix##rdata_i, (top).prefix##rresp_i, (top).prefix##rlast_i }

static std::uint64_t host_ns()
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Without a word it would start a pool of threads that the model has no use for. */
static std::unique_ptr<VerilatedContext> make_context()
{
	auto context = std::make_unique<VerilatedContext>();

	context->threads(1);
	return context;
}

rtl_device::rtl_device(const sc_core::sc_module_name &name, const config &config)
	: device(name), context_(make_context()), top_(new Vtern_top(context_.get())),
	  host_slave_("host", AXI_PINS(*top_, m_axi_host_), host, config.link.outstanding),
	  memory_slave_("memory", AXI_PINS(*top_, m_axi_mem_), memory, config.memory.outstanding),
	  period_ps_(config.clock_ps()), batch_cycles_(config.simulator.batch_cycles)
{
	top_->platform_i = TERN_PLATFORM_RTL_SIM;
	top_->clock_khz_i = static_cast<IData>(config.device.clock_mhz * 1000);
	top_->mem_size_i = config.memory.bytes;
	SC_HAS_PROCESS(rtl_device);
	SC_THREAD(run);
	set_stack_size(256 << 10);
}

rtl_device::~rtl_device()
{
	top_->final();
}

void rtl_device::end_of_elaboration()
{
	reset();
}

void rtl_device::reset()
{
	top_->clk_i = 1;
	top_->s_axil_awvalid_i = 0;
	top_->s_axil_wvalid_i = 0;
	top_->s_axil_bready_i = 1;
	top_->s_axil_arvalid_i = 0;
	top_->s_axil_rready_i = 1;
	host_slave_.drop();
	memory_slave_.drop();
	top_->rst_ni = 0;
	for (unsigned i = 0; i < reset_cycles; i++)
		edge();
	top_->rst_ni = 1;
	for (unsigned i = 0; i < quiet_cycles; i++)
		step();
	stats.resets++;
}

void rtl_device::raise_interrupts(unsigned vectors)
{
	for (unsigned vector = 0; vectors; vector++, vectors >>= 1) {
		if (vectors & 1) {
			stats.interrupts++;
			interrupts->raise(vector);
		}
	}
}

/*
 * A rising edge of the clock. Nothing happens on the falling one, but evaluating it
 * costs a tenth of the cycle; so the clock stays high, and Verilator, which finds
 * edges by the value that it saw last, is told that it saw a 0.
 */
inline void rtl_device::edge()
{
	top_->rootp->__Vtrigrprev__TOP__clk_i = 0;
	top_->eval();
}

/* One clock cycle. Every output is a register's, so inputs can be decided from them. */
inline void rtl_device::step()
{
	if (top_->soft_rst_o) {
		host_slave_.drop();
		memory_slave_.drop();
	} else {
		host_slave_.cycle(now_ps_);
		memory_slave_.cycle(now_ps_);
	}
	edge();
	now_ps_ += period_ps_;
	stats.cycles++;
	if (top_->irq_o)
		raise_interrupts(top_->irq_o);
	quiet_ = top_->busy_o ? 0 : quiet_ + 1;
	busy_ = quiet_ < quiet_cycles;
}

void rtl_device::batch(unsigned cycles)
{
	const std::uint64_t start = host_ns();

	while (cycles-- && busy_)
		step();
	stats.batches++;
	stats.host_ns += host_ns() - start;
}

void rtl_device::catch_up()
{
	const std::uint64_t sc_ps = to_ps(sc_core::sc_time_stamp());

	if (now_ps_ < sc_ps)
		now_ps_ = sc_ps;
}

void rtl_device::run()
{
	for (;;) {
		wait(start_);
		catch_up();
		batch(batch_cycles_);
		wait(from_ps(now_ps_) - sc_core::sc_time_stamp());
		yielded_.notify(sc_core::SC_ZERO_TIME);
	}
}

int rtl_device::write_register(std::uint16_t address, std::uint32_t value, std::uint8_t strobes)
{
	top_->s_axil_awaddr_i = address;
	top_->s_axil_wdata_i = value;
	top_->s_axil_wstrb_i = strobes;
	top_->s_axil_awvalid_i = 1;
	top_->s_axil_wvalid_i = 1;
	for (unsigned i = 0; i < register_timeout_cycles; i++) {
		/* Before the edge: what it is going to transfer. */
		const bool address_taken = top_->s_axil_awready_o;
		const bool data_taken = top_->s_axil_wready_o;
		const bool answered = top_->s_axil_bvalid_o;
		const int response = top_->s_axil_bresp_o;

		step();
		if (address_taken)
			top_->s_axil_awvalid_i = 0;
		if (data_taken)
			top_->s_axil_wvalid_i = 0;
		if (answered)
			return response;
	}
	return -1;
}

int rtl_device::read_register(std::uint16_t address, std::uint32_t *value)
{
	top_->s_axil_araddr_i = address;
	top_->s_axil_arvalid_i = 1;
	for (unsigned i = 0; i < register_timeout_cycles; i++) {
		const bool taken = top_->s_axil_arready_o;
		const bool answered = top_->s_axil_rvalid_o;
		const int response = top_->s_axil_rresp_o;

		*value = top_->s_axil_rdata_o;
		step();
		if (taken)
			top_->s_axil_arvalid_i = 0;
		if (answered)
			return response;
	}
	return -1;
}

void rtl_device::register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay)
{
	const unsigned char *enables = access.get_byte_enable_ptr();
	std::uint32_t value = 0;
	int response;

	if (access.get_data_length() != sizeof(value) || access.get_address() % sizeof(value)) {
		access.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
		return;
	}
	catch_up();
	if (access.is_read()) {
		stats.register_reads++;
		response = read_register(access.get_address(), &value);
		std::memcpy(access.get_data_ptr(), &value, sizeof(value));
	} else {
		std::uint8_t strobes = 0;

		for (unsigned i = 0; i < sizeof(value); i++)
			strobes |= (!enables || enables[i]) << i;
		std::memcpy(&value, access.get_data_ptr(), sizeof(value));
		stats.register_writes++;
		response = write_register(access.get_address(), value, strobes);
	}
	delay = from_ps(now_ps_) - sc_core::sc_time_stamp();
	if (response < 0) {
		log(log_level::error, "no answer from the device's register 0x%llx for %u cycles",
		    static_cast<unsigned long long>(access.get_address()),
		    register_timeout_cycles);
		stats.register_errors++;
		access.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
	} else if (response) {
		stats.register_errors++;
		access.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
	} else {
		access.set_response_status(tlm::TLM_OK_RESPONSE);
	}
}

} /* namespace tern */
