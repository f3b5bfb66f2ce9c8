// SPDX-License-Identifier: Apache-2.0
#include "platform/endpoint.h"

#include "tern_abi.h"

namespace tern {

endpoint::endpoint(const sc_core::sc_module_name &name, device &device, memory &memory, link &link)
	: sc_module(name), registers("registers"), interrupts("interrupts"), device_(device),
	  memory_(memory), link_(link)
{
	interrupts.bind(*this);
}

server &endpoint::power_on()
{
	vectors_ = (read_register(TERN_REG_QUEUES) & TERN_QUEUES_COUNT_MASK) >>
		   TERN_QUEUES_COUNT_SHIFT;
	server_ = std::make_unique<server>(*this);
	return *server_;
}

bool endpoint::access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t *value,
		      unsigned char *enables)
{
	/* The device's time may run ahead of SystemC's; its next batch makes up for it. */
	sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
	tlm::tlm_generic_payload access;

	access.set_command(command);
	access.set_address(offset);
	access.set_data_ptr(reinterpret_cast<unsigned char *>(value));
	access.set_data_length(sizeof(*value));
	access.set_streaming_width(sizeof(*value));
	access.set_byte_enable_ptr(enables);
	access.set_byte_enable_length(enables ? sizeof(*value) : 0);
	registers->b_transport(access, delay);
	if (access.is_response_error())
		log(log_level::debug, "%s of register 0x%x: %s",
		    command == tlm::TLM_READ_COMMAND ? "read" : "write", offset,
		    access.get_response_string().c_str());
	return !access.is_response_error();
}

std::uint32_t endpoint::read_register(std::uint32_t offset)
{
	std::uint32_t value = 0;

	return access(tlm::TLM_READ_COMMAND, offset, &value, nullptr) ? value : 0;
}

void endpoint::write_register(std::uint32_t offset, std::uint32_t value, unsigned strobes)
{
	unsigned char enables[sizeof(value)];

	for (unsigned i = 0; i < sizeof(value); i++)
		enables[i] = strobes >> i & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
	/* A reset clears the count of jobs. */
	if (offset == TERN_REG_CTRL && value & TERN_CTRL_RESET_MASK)
		jobs_before_ += jobs_since_reset();
	access(tlm::TLM_WRITE_COMMAND, offset, &value, strobes == 0xf ? nullptr : enables);
}

std::uint64_t endpoint::jobs_since_reset()
{
	const std::uint64_t low = read_register(TERN_REG_COUNT_JOBS);

	return low | static_cast<std::uint64_t>(read_register(TERN_REG_COUNT_JOBS + 4)) << 32;
}

std::uint64_t endpoint::jobs()
{
	return jobs_before_ + jobs_since_reset();
}

void endpoint::reset()
{
	jobs_before_ += jobs_since_reset();
	device_.reset();
}

void endpoint::power_cycle()
{
	reset();
	memory_.clear();
}

void endpoint::raise(unsigned vector)
{
	if (server_ && vector < vectors_)
		server_->raise(vector);
}

} /* namespace tern */
