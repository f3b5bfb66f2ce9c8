/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's memory: a file in RAM whose untouched pages cost nothing, shared
 * with the client that maps BAR 4, and its time.
 */
#ifndef TERN_SIM_MEMORY_H
#define TERN_SIM_MEMORY_H

#include <cstdint>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "faults/faults.h"
#include "memory/dram.h"
#include "platform/config.h"
#include "vfio_user/unique_fd.h"

namespace tern {

class memory : public sc_core::sc_module {
public:
	tlm_utils::simple_target_socket<memory, 512> port;

	/* Throws std::system_error if there is no memory to be had. */
	memory(const sc_core::sc_module_name &name, const config &config,
	       tern::faults &faults = faults::none());
	~memory() override;

	/* Sealed: nobody can make it shorter or longer. */
	int fd() const { return fd_.get(); }
	std::uint64_t bytes() const { return bytes_; }

	/* What BAR 4 sees; the caller has checked offset and count. */
	std::uint8_t *at(std::uint64_t offset) { return data_ + offset; }

	/* All zeros again, in a file that nobody has seen yet; at() stays. */
	void clear();

	/* The power was off: zeros in the same file, which whoever mapped it sees. */
	void lose();

	/* Bytes of host memory that it occupies now. */
	std::uint64_t resident_bytes() const;

	struct {
		std::uint64_t reads = 0, writes = 0, read_bytes = 0, written_bytes = 0, errors = 0;
	} stats;
	const dram &timing() const { return timing_; }

private:
	void b_transport(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay);
	void read(tlm::tlm_generic_payload &burst, const std::uint8_t *here);
	void read_faulty(tlm::tlm_generic_payload &burst, const std::uint8_t *here,
			 const fault &fault);
	bool contains(const tlm::tlm_generic_payload &access) const;
	bool make_file();

	unique_fd fd_;
	std::uint64_t bytes_;
	std::uint8_t *data_ = nullptr;
	dram timing_;
	faults &faults_;
};

} /* namespace tern */

#endif /* TERN_SIM_MEMORY_H */
