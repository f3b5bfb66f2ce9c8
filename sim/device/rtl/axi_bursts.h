/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bursts of one direction of one of the card's AXI masters, in the order of their
 * addresses: each is handed on as one TLM transaction, whose target says when its
 * beats are.
 */
#ifndef TERN_SIM_AXI_BURSTS_H
#define TERN_SIM_AXI_BURSTS_H

#include <cstdint>
#include <memory>

#include <tlm>

#include "platform/burst.h"
#include "tern_abi.h"

namespace tern {

/* AXI's responses */
enum : std::uint8_t { axi_okay = 0, axi_slverr = 2, axi_decerr = 3 };

struct axi_burst {
	std::uint64_t address;
	std::uint64_t due_ps;		/* of the next beat, or of the response */
	std::uint64_t interval_ps;
	unsigned beats;
	unsigned done;
	std::uint8_t id;
	std::uint8_t response;
	bool legal;
	bool partial;			/* a byte of it is not enabled */
	/* Reads: where the beats lie. Writes: where they are collected. */
	const std::uint8_t *from;
	std::uint8_t *data;
};

class axi_bursts {
public:
	static constexpr unsigned boundary_bytes = 4096;
	/* due_ps of what will not come. */
	static constexpr std::uint64_t never_ps = UINT64_MAX;

	/* name is for messages. */
	axi_bursts(const char *name, tlm::tlm_command command,
		   tlm::tlm_initiator_socket<512> &socket, unsigned outstanding);

	unsigned count() const { return count_; }
	bool full() const { return count_ >= outstanding_; }
	axi_burst &first() { return ring_[head_]; }
	axi_burst &at(unsigned i) { return ring_[(head_ + i) % most]; }
	void pop()
	{
		head_ = (head_ + 1) % most;
		count_--;
	}
	void drop() { head_ = count_ = 0; }

	/* A new last one; it has no times yet. */
	axi_burst &accept(std::uint64_t address, unsigned length, std::uint8_t id);

	/* Does it. due_ps is then its first beat's or, of a write, its response's. */
	void transport(axi_burst &burst, std::uint64_t now_ps);

	/* A beat of a write, with strobes. */
	void collect(axi_burst &burst, const void *beat, std::uint64_t strobes);

	const char *name() const { return name_; }

private:
	static constexpr unsigned most = 64;

	const char *name_;
	tlm::tlm_initiator_socket<512> &socket_;
	const unsigned outstanding_;
	unsigned head_ = 0;
	unsigned count_ = 0;
	axi_burst ring_[most];
	std::unique_ptr<std::uint8_t[]> data_{ new std::uint8_t[most * boundary_bytes] };
	/* One byte for each of TLM's byte enables, for partial bursts. */
	std::unique_ptr<std::uint8_t[]> enables_{ new std::uint8_t[boundary_bytes] };
	tlm::tlm_generic_payload payload_;
	burst_timing *const timing_ = new burst_timing;	/* belongs to payload_ */
};

} /* namespace tern */

#endif /* TERN_SIM_AXI_BURSTS_H */
