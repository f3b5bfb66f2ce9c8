// SPDX-License-Identifier: Apache-2.0
#include "memory/memory.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/burst.h"

namespace tern {

memory::memory(const sc_core::sc_module_name &name, const config &config, tern::faults &faults)
	: sc_module(name), port("port"), bytes_(config.memory.bytes),
	  timing_(config.dram()), faults_(faults)
{
	if (!make_file())
		throw std::system_error(errno, std::generic_category(),
					"can't make " + std::to_string(bytes_) +
						" bytes of device memory");
	port.register_b_transport(this, &memory::b_transport);
}

/* A new file in place of the old one, mapped where that was. False and errno if none. */
bool memory::make_file()
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	const int flags = MAP_SHARED | MAP_NORESERVE | (data_ ? MAP_FIXED : 0);
	unique_fd fd(memfd_create("tern-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	void *data = MAP_FAILED;

	if (fd && !ftruncate(fd.get(), static_cast<off_t>(bytes_)) &&
	    !fcntl(fd.get(), F_ADD_SEALS, seals))
		data = mmap(data_, bytes_, PROT_READ | PROT_WRITE, flags, fd.get(), 0);
	if (data == MAP_FAILED)
		return false;
	data_ = static_cast<std::uint8_t *>(data);
	fd_ = std::move(fd);
	return true;
}

memory::~memory()
{
	munmap(data_, bytes_);
}

bool memory::contains(const tlm::tlm_generic_payload &access) const
{
	return access.get_address() < bytes_ &&
	       access.get_data_length() <= bytes_ - access.get_address();
}

void memory::read(tlm::tlm_generic_payload &burst, const std::uint8_t *here)
{
	auto *timing = burst.get_extension<burst_timing>();

	if (timing && timing->wants_direct)
		timing->direct = here;
	else
		std::memcpy(burst.get_data_ptr(), here, burst.get_data_length());
}

/* Never direct: the memory itself is in order. */
void memory::read_faulty(tlm::tlm_generic_payload &burst, const std::uint8_t *here,
			 const fault &fault)
{
	const std::uint64_t bit = fault.bit % (burst.get_data_length() * 8);

	std::memcpy(burst.get_data_ptr(), here, burst.get_data_length());
	if (fault.kind == fault_kind::memory_corrupt) {
		burst.get_data_ptr()[bit / 8] ^= 1u << bit % 8;
		return;
	}
	stats.errors++;
	burst.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
}

void memory::b_transport(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay)
{
	const std::uint64_t now = to_ps(sc_core::sc_time_stamp() + delay);
	const std::uint64_t count = burst.get_data_length();
	const unsigned char *enables = burst.get_byte_enable_ptr();

	if (!contains(burst)) {
		stats.errors++;
		burst.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
		report_times(burst, delay, now, { now, 0, now });
		return;
	}

	std::uint8_t *here = data_ + burst.get_address();

	burst.set_response_status(tlm::TLM_OK_RESPONSE);
	if (burst.is_read()) {
		const fault *fault = nullptr;

		if (__builtin_expect(faults_.armed(fault_place::memory), false))
			fault = faults_.memory_read();
		if (fault)
			read_faulty(burst, here, *fault);
		else
			read(burst, here);
		stats.reads++;
		stats.read_bytes += count;
	} else if (!enables) {
		std::memcpy(here, burst.get_data_ptr(), count);
	} else {
		for (std::uint64_t i = 0; i < count; i++) {
			if (enables[i])
				here[i] = burst.get_data_ptr()[i];
		}
	}
	if (burst.is_write()) {
		stats.writes++;
		stats.written_bytes += count;
	}
	report_times(burst, delay, now,
		     timing_.take(now, burst.get_address(), count, burst.is_write()));
}

void memory::clear()
{
	/* The old file may have no pages left, but whoever mapped it would share the new ones. */
	if (!make_file())
		throw std::system_error(errno, std::generic_category(),
					"can't clear the device memory");
}

void memory::lose()
{
	if (fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		      static_cast<off_t>(bytes_)))
		throw std::system_error(errno, std::generic_category(),
					"can't empty the device memory");
}

std::uint64_t memory::resident_bytes() const
{
	struct stat stat;

	return fstat(fd_.get(), &stat) ? 0 : stat.st_blocks * 512ull;
}

} /* namespace tern */
