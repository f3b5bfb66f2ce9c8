// SPDX-License-Identifier: Apache-2.0
/*
 * Compiled for one configuration: TERN_MODEL is the Verilated class, TERN_MAKE the
 * name of the function that makes a device of it.
 */
#include "device/rtl/rtl_device.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "device/rtl/axi_pins.h"
#include "device/rtl/axi_slave.h"
#ifdef TERN_ASSERTED
#include "device/rtl/checked_clock.h"
#else
#include "device/rtl/model_clock.h"
#endif
#include "device/rtl/standstill.h"
#include "platform/log.h"
#include "tern_abi.h"
#ifdef TERN_SIGNALS
#include "device/rtl/assertions.h"
#include "device/rtl/wave_file.h"
#endif

namespace tern {

std::unique_ptr<device> TERN_MAKE(const char *name, const config &config);

/* Cycles with busy_o low after which the clock stops. */
static constexpr unsigned quiet_cycles = 8;
/* Cycles that a register access may take; it takes a handful. */
static constexpr unsigned register_timeout_cycles = 10000;
static constexpr unsigned reset_cycles = 8;
/* Waiting for so long is worth a look at the model, and is passed over at once... */
static constexpr unsigned long_wait_cycles = 16;
/* ...but for so many cycles before the answer. */
static constexpr unsigned before_answer_cycles = 2;
/* Of cycles that are passed over a batch has so many times as many as of others. */
static constexpr unsigned waits_a_cycle = 16;

namespace {

/* The read ports of device memory, one for each of the n streams. */
template <class top, unsigned n> struct memory_ports {
	memory_ports<top, n - 1> others;
	axi_read_slave<memory_read_pins<top, n - 1>> port;

	memory_ports(top &t, tlm::tlm_initiator_socket<512> &socket, unsigned outstanding)
		: others(t, socket, outstanding), port("memory", t, socket, outstanding)
	{
	}
	void cycle(std::uint64_t now_ps)
	{
		others.cycle(now_ps);
		port.cycle(now_ps);
	}
	void data_cycle(std::uint64_t now_ps)
	{
		others.data_cycle(now_ps);
		port.data_cycle(now_ps);
	}
	std::uint64_t rests_until_ps()
	{
		return std::min(others.rests_until_ps(), port.rests_until_ps());
	}
	void drop()
	{
		others.drop();
		port.drop();
	}
};

template <class top> struct memory_ports<top, 0> {
	memory_ports(top &, tlm::tlm_initiator_socket<512> &, unsigned) {}
	void cycle(std::uint64_t) {}
	void data_cycle(std::uint64_t) {}
	std::uint64_t rests_until_ps() { return axi_bursts::never_ps; }
	void drop() {}
};

class rtl_device : public device {
public:
	rtl_device(const sc_core::sc_module_name &name, const config &config);
	~rtl_device() override;

	bool busy() const override { return busy_; }
	void start() override { start_.notify(sc_core::SC_ZERO_TIME); }
	const sc_core::sc_event &yielded() const override { return yielded_; }
	void reset() override;
	std::uint64_t cycles() const override { return cycles_; }
	void work(std::uint64_t cycles) override;
	std::uint64_t now_ps() const override { return now_ps_; }
#ifdef TERN_SIGNALS
	bool show_signals(window &window) override;
	void end_signals() override;
#endif

private:
	using model = TERN_MODEL;

	void run();
	void end_of_elaboration() override;
	void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay) override;

	bool shown() const;
	void look();
	void poke();
	void step(bool accessed);
	void drop();
	std::uint64_t rests_until_ps();
	bool sees_every_cycle() const;
	std::uint64_t step_and_wait(std::uint64_t most);
	void batch(unsigned cycles);
	/* AXI's response, or -1 if the device did not answer. */
	int write_register(std::uint16_t address, std::uint32_t value, std::uint8_t strobes);
	int read_register(std::uint16_t address, std::uint32_t *value);
	/* Time inside a batch runs ahead of SystemC's. */
	void catch_up();
	void raise_interrupts(unsigned vectors);

	std::unique_ptr<VerilatedContext> context_;
	std::unique_ptr<model> top_;
	model_clock clock_;
	standstill standstill_;
	const bool passes_over_;
	axi_read_slave<host_read_pins<model, 0>> host_reads_;
	axi_write_slave<host_write_pins<model>> host_writes_;
	axi_write_slave<memory_write_pins<model>> memory_writes_;
	memory_ports<model, streams_of<model>> memory_reads_;
	sc_core::sc_event start_;
	sc_core::sc_event yielded_;
	const std::uint64_t period_ps_;
	const unsigned batch_cycles_;
	std::uint64_t now_ps_ = 0;	/* of the next clock edge */
	std::uint64_t cycles_ = 0;	/* that the clock ran */
	unsigned quiet_ = 0;		/* cycles since the device was last busy */
	bool busy_ = false;
#ifdef TERN_SIGNALS
	window *window_ = nullptr;
	std::unique_ptr<wave_file> waves_;
	std::uint64_t assertions_seen_ = 0;
#endif
};

std::uint64_t host_ns()
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Without a word it would start a pool of threads that the model has no use for. */
std::unique_ptr<VerilatedContext> make_context()
{
	auto context = std::make_unique<VerilatedContext>();

	context->threads(1);
#ifdef TERN_SIGNALS
	context->traceEverOn(true);
#endif
	return context;
}

rtl_device::rtl_device(const sc_core::sc_module_name &name, const config &config)
	: device(name), context_(make_context()), top_(new model(context_.get())),
	  clock_(*top_), standstill_(*top_), passes_over_(config.simulator.pass_over_waits),
	  host_reads_("host", *top_, host, config.link.outstanding),
	  host_writes_("host", *top_, host, config.link.outstanding),
	  memory_writes_("memory", *top_, memory, config.memory.outstanding),
	  memory_reads_(*top_, memory, config.memory.outstanding),
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

void rtl_device::drop()
{
	host_reads_.drop();
	host_writes_.drop();
	memory_reads_.drop();
	memory_writes_.drop();
}

void rtl_device::reset()
{
	top_->s_axil_awvalid_i = 0;
	top_->s_axil_wvalid_i = 0;
	top_->s_axil_bready_i = 1;
	top_->s_axil_arvalid_i = 0;
	top_->s_axil_rready_i = 1;
	drop();
	top_->rst_ni = 0;
	for (unsigned i = 0; i < reset_cycles; i++)
		clock_.rise();
	top_->rst_ni = 1;
	clock_.check();
	for (unsigned i = 0; i < quiet_cycles; i++)
		step(true);
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

#ifdef TERN_ASSERTED

inline bool rtl_device::sees_every_cycle() const
{
	return true;
}

/* An answer to a write that there was not: it must wake an assertion. For tests of just that. */
inline void rtl_device::poke()
{
	static const char *const text = std::getenv("TERN_CANARY_CYCLE");
	static const std::uint64_t cycle = text ? std::strtoull(text, nullptr, 10) : 0;

	static enum { waiting, sung, over } canary = waiting;

	if (canary == sung) {
		top_->m_axi_host_bvalid_i = 0;
		canary = over;
	}
	if (canary == waiting && cycle && cycles_ >= cycle && !top_->m_axi_host_bvalid_i) {
		top_->m_axi_host_bvalid_i = 1;
		canary = sung;
	}
}

#else

inline bool rtl_device::sees_every_cycle() const
{
	return !passes_over_ || shown();
}

inline void rtl_device::poke() {}

#endif

#ifdef TERN_SIGNALS

bool rtl_device::show_signals(window &window)
{
	window_ = &window;
	waves_ = std::make_unique<wave_file>(window);
	top_->trace(waves_->sink(), 99);
	waves_->sink()->spTrace()->set_time_unit("1ps");
	waves_->sink()->spTrace()->set_time_resolution("1ps");
	return true;
}

void rtl_device::end_signals()
{
	if (waves_)
		waves_->finish("the simulation has ended");
}

inline bool rtl_device::shown() const
{
	return waves_ != nullptr;
}

/*
 * Behind an edge, whose cycle has been counted. The clocks never fall elsewhere, so they
 * are let down here for the eye.
 */
inline void rtl_device::look()
{
	if (__builtin_expect(!waves_, 1))
		return;
	if (assertions_failed != assertions_seen_) {
		assertions_seen_ = assertions_failed;
		window_->assertion_failed();
	}
	waves_->cycle(cycles_ - 1, now_ps_ - period_ps_, period_ps_, [this] {
		top_->clk_i = top_->clk_ctl_i = 0;
		top_->eval();
	});
	top_->clk_i = 1;
	if (waves_->over())
		waves_.reset();
}

#else

inline bool rtl_device::shown() const
{
	return false;
}

inline void rtl_device::look() {}

#endif

/*
 * One clock cycle. Every output is a register's, so inputs can be decided from them.
 * While the control clock stands, no address is sent, nothing is written, and no output
 * of that half changes: weights stream into the array, and that is all.
 */
inline void rtl_device::step(bool accessed)
{
	const bool control = accessed || top_->clk_ctl_en_o ||
			     !host_reads_.still(now_ps_) || !host_writes_.still(now_ps_) ||
			     !memory_writes_.still(now_ps_);

	now_ps_ += period_ps_;
	cycles_++;
	if (!control) {
		memory_reads_.data_cycle(now_ps_ - period_ps_);
		clock_.rise_streaming(shown());
		look();
		return;
	}
	if (top_->soft_rst_o) {
		drop();
	} else {
		host_reads_.cycle(now_ps_ - period_ps_);
		host_writes_.cycle(now_ps_ - period_ps_);
		memory_writes_.cycle(now_ps_ - period_ps_);
		memory_reads_.cycle(now_ps_ - period_ps_);
	}
	poke();
	clock_.rise();
	look();
	if (top_->irq_o)
		raise_interrupts(top_->irq_o);
	quiet_ = top_->busy_o ? 0 : quiet_ + 1;
	busy_ = quiet_ < quiet_cycles;
}

/* Nothing comes from outside before this time; 0: something is going on. */
std::uint64_t rtl_device::rests_until_ps()
{
	return std::min({ host_reads_.rests_until_ps(), host_writes_.rests_until_ps(),
			  memory_reads_.rests_until_ps(), memory_writes_.rests_until_ps() });
}

/*
 * A cycle, and if the device only waits in it, up to `most` more. Returns how many these
 * were. Assertions and waves see every cycle.
 */
std::uint64_t rtl_device::step_and_wait(std::uint64_t most)
{
	/* A stream, whose control clock stands, is to pay nothing for this. */
	const bool may_wait = !sees_every_cycle() && top_->clk_ctl_en_o && top_->busy_o;
	const std::uint64_t until_ps = may_wait ? rests_until_ps() : 0;
	std::uint64_t cycles;

	if (until_ps < now_ps_ + long_wait_cycles * period_ps_) {
		step(false);
		return 0;
	}
	standstill_.remember();
	step(false);
	cycles = (until_ps - now_ps_) / period_ps_ - before_answer_cycles;
	cycles = standstill_.repeat(std::min(cycles, most));
	if (!cycles)
		return 0;
	now_ps_ += cycles * period_ps_;
	cycles_ += cycles;
	/* What is computed from counters is right again behind this. */
	step(false);
	/* If nothing will ever come, the clock stops until somebody asks for something. */
	if (until_ps == axi_bursts::never_ps && !standstill_.has_patience_limit())
		busy_ = false;
	return cycles;
}

/* Not a cycle more: before and behind those that are passed over one is evaluated. */
void rtl_device::work(std::uint64_t cycles)
{
	const std::uint64_t end = cycles_ + cycles;

	while (cycles_ < end && busy_) {
		if (end - cycles_ > 2)
			step_and_wait(end - cycles_ - 2);
		else
			step(false);
	}
}

void rtl_device::batch(unsigned cycles)
{
	const std::uint64_t start = host_ns();
	std::uint64_t waits = static_cast<std::uint64_t>(cycles) * waits_a_cycle;

	while (cycles-- && busy_)
		waits -= step_and_wait(waits);
	stats.batches++;
	stats.host_ns += host_ns() - start;
}

void rtl_device::catch_up()
{
	const std::uint64_t sc_ps = to_ps(sc_core::sc_time_stamp());

	if (now_ps_ < sc_ps && !detached())
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

		step(true);
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
		step(true);
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

} /* namespace */

std::unique_ptr<device> TERN_MAKE(const char *name, const config &config)
{
	return std::make_unique<rtl_device>(name, config);
}

} /* namespace tern */
