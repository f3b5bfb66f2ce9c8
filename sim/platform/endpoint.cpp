// SPDX-License-Identifier: Apache-2.0
#include "platform/endpoint.h"

#include "tern_abi.h"
#include "vfio_user/foreign_fd.h"

namespace tern {

endpoint::endpoint(const sc_core::sc_module_name &name, device &device, memory &memory, link &link,
		   tern::faults &faults)
	: sc_module(name), registers("registers"), interrupts("interrupts"), device_(device),
	  memory_(memory), link_(link), faults_(faults)
{
	post_event_init();
	interrupts.bind(*this);
}

server &endpoint::power_on()
{
	vectors_ = (read_register(TERN_REG_QUEUES) & TERN_QUEUES_COUNT_MASK) >>
		   TERN_QUEUES_COUNT_SHIFT;
	server_ = std::make_unique<server>(*this);
	faults_.cycles = [this] { return device_.cycles(); };
	faults_.perform = [this](const fault &fault) { perform(fault); };
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
	faults_.host_rings.observe(offset, value);
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
	faults_.host_rings.reset();
}

void endpoint::power_cycle()
{
	reset();
	memory_.clear();
}

void endpoint::raise(unsigned vector)
{
	if (faults_.armed(fault_place::interrupts) && faults_.interrupt_lost(vector))
		return;
	if (server_ && vector < vectors_)
		server_->raise(vector);
}

/* A fault that needs no burst and no interrupt to happen to. */
void endpoint::perform(const fault &fault)
{
	const std::uint64_t byte = (fault.address + fault.bit / 8) % memory_.bytes();

	switch (fault.kind) {
	case fault_kind::interrupt_spurious:
		if (fault.vector.value_or(0) < vectors_)
			server_->raise(fault.vector.value_or(0));
		break;
	case fault_kind::memory_flip:
		*memory_.at(byte) ^= 1u << fault.bit % 8;
		break;
	case fault_kind::card_remove:
		memory_.lose();
		[[fallthrough]];
	case fault_kind::link_down:
		/* A link that is down resets the function behind it. */
		server_->reset_function();
		faults_.set_gone(true);
		break;
	case fault_kind::card_return:
	case fault_kind::link_up:
		faults_.set_gone(false);
		break;
	default:
		break;
	}
}

} /* namespace tern */
