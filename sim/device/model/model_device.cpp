// SPDX-License-Identifier: Apache-2.0
#include "device/model/model_device.h"

#include <cstring>
#include <ctime>

namespace tern {

/*
 * A batch is so many times simulator.batch_cycles: a cycle costs that much less of the
 * host's time than one of the RTL, and the socket is to be looked at as often.
 */
static constexpr unsigned cycles_a_cycle = 64;

static const model::hardware configurations[] = {
#define CONFIGURATION(name, hash, ...) { #name, hash, __VA_ARGS__ },
	TERN_CONFIGS(CONFIGURATION)
#undef CONFIGURATION
};

static const model::hardware &find_hardware(const std::string &name)
{
	for (const model::hardware &known : configurations)
		if (name == known.name)
			return known;
	throw config_error("device.config = \"" + name + "\": no such configuration");
}

static std::uint64_t host_ns()
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

model_device::model_device(const sc_core::sc_module_name &name, const config &config)
	: device(name), period_ps_(config.clock_ps()),
	  batch_cycles_(config.simulator.batch_cycles * cycles_a_cycle),
	  core_(find_hardware(config.device.config), config, host, memory,
		[this](unsigned vector) {
			stats.interrupts++;
			interrupts->raise(vector);
		})
{
	SC_HAS_PROCESS(model_device);
	SC_THREAD(run);
	set_stack_size(256 << 10);
}

void model_device::reset()
{
	core_.reset();
	stats.resets++;
}

void model_device::catch_up()
{
	if (!detached())
		core_.catch_up((to_ps(sc_core::sc_time_stamp()) + period_ps_ - 1) / period_ps_);
}

/* Time inside a batch, and of a register access, runs ahead of SystemC's. */
sc_core::sc_time model_device::ahead() const
{
	return from_ps(core_.cycle() * period_ps_) - sc_core::sc_time_stamp();
}

void model_device::work(std::uint64_t cycles)
{
	const std::uint64_t start = host_ns();

	core_.run(cycles);
	stats.batches++;
	stats.host_ns += host_ns() - start;
}

void model_device::run()
{
	for (;;) {
		wait(start_);
		if (!work_aside()) {
			catch_up();
			work(batch_cycles_);
			wait(ahead());
		}
		yielded_.notify(sc_core::SC_ZERO_TIME);
	}
}

void model_device::register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay)
{
	const unsigned char *const enables = access.get_byte_enable_ptr();
	const auto offset = static_cast<unsigned>(access.get_address());
	std::uint32_t value = 0;
	bool whole = true, known;

	if (access.get_data_length() != sizeof(value) || offset % sizeof(value)) {
		access.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
		return;
	}
	catch_up();
	if (access.is_read()) {
		stats.register_reads++;
		known = core_.read_register(offset, &value);
		std::memcpy(access.get_data_ptr(), &value, sizeof(value));
	} else {
		for (unsigned i = 0; enables && i < sizeof(value); i++)
			whole &= enables[i] == TLM_BYTE_ENABLED;
		std::memcpy(&value, access.get_data_ptr(), sizeof(value));
		stats.register_writes++;
		known = core_.write_register(offset, value, whole);
	}
	stats.register_errors += !known;
	delay = ahead();
	access.set_response_status(known ? tlm::TLM_OK_RESPONSE :
					   tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

std::unique_ptr<device> make_model_device(const char *name, const config &config)
{
	return std::make_unique<model_device>(name, config);
}

} /* namespace tern */
