/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The far end of one of the card's AXI masters: takes its bursts, hands each on
 * as one TLM transaction, and paces the beats cycle by cycle as the target's times
 * say. Everything here runs once a cycle, so it is inline and touches a channel
 * only when something is valid there.
 */
#ifndef TERN_SIM_AXI_SLAVE_H
#define TERN_SIM_AXI_SLAVE_H

#include <cstdint>
#include <cstring>
#include <memory>

#include <tlm>

#include "device/rtl/verilated_model.h"
#include "platform/burst.h"
#include "tern_abi.h"

namespace tern {

/* The master's ports, in the Verilated model. */
struct axi_pins {
	const CData &awvalid;
	CData &awready;
	const CData &awid;
	const QData &awaddr;
	const CData &awlen;
	const CData &wvalid;
	CData &wready;
	const VlWide<16> &wdata;
	const QData &wstrb;
	const CData &wlast;
	CData &bvalid;
	const CData &bready;
	CData &bid;
	CData &bresp;
	const CData &arvalid;
	CData &arready;
	const CData &arid;
	const QData &araddr;
	const CData &arlen;
	CData &rvalid;
	const CData &rready;
	CData &rid;
	VlWide<16> &rdata;
	CData &rresp;
	CData &rlast;
};

class axi_slave {
public:
	/* name is for messages; outstanding bounds reads and writes, each for itself. */
	axi_slave(const char *name, const axi_pins &pins, tlm::tlm_initiator_socket<512> &socket,
		  unsigned outstanding);

	/* Before a clock edge at now_ps: look at the outputs, set the inputs. */
	void cycle(std::uint64_t now_ps)
	{
		if (reads_.count | pins_.arvalid | pins_.arready | pins_.rvalid)
			read_cycle(now_ps);
		if (writes_.count | pins_.awvalid | pins_.awready | pins_.wready | pins_.bvalid)
			write_cycle(now_ps);
	}

	bool idle() const { return !reads_.count && !writes_.count; }

	/* Forget what is outstanding, the inputs low. */
	void drop();

private:
	static constexpr unsigned max_outstanding = 64;
	static constexpr unsigned boundary_bytes = 4096;
	static constexpr unsigned max_beats = boundary_bytes / TERN_BEAT_BYTES;
	static constexpr std::uint64_t never_ps = UINT64_MAX;

	struct burst {
		std::uint64_t address;
		std::uint64_t due_ps;		/* of the next beat, or of the response */
		std::uint64_t interval_ps;
		unsigned beats;
		unsigned done;
		std::uint8_t id;
		std::uint8_t response;
		bool legal;
		bool partial;			/* a byte of it is not enabled */
		alignas(64) std::uint8_t data[boundary_bytes];
	};

	/* Bursts in the order of their addresses. */
	struct queue {
		std::unique_ptr<burst[]> ring{ new burst[max_outstanding] };
		unsigned head = 0;
		unsigned count = 0;

		burst &first() { return ring[head]; }
		burst &at(unsigned i) { return ring[(head + i) % max_outstanding]; }
		void pop()
		{
			head = (head + 1) % max_outstanding;
			count--;
		}
	};

	void read_cycle(std::uint64_t now_ps);
	void write_cycle(std::uint64_t now_ps);
	burst &accept(queue &queue, std::uint64_t address, unsigned length, std::uint8_t id);
	void take_beat(std::uint64_t now_ps);
	void transport(burst &burst, tlm::tlm_command command, std::uint64_t now_ps);

	const char *name_;
	axi_pins pins_;
	tlm::tlm_initiator_socket<512> &socket_;
	unsigned outstanding_;
	queue reads_;
	queue writes_;
	unsigned filling_ = 0;		/* index in writes_ of the burst that takes W beats */
	/* What was offered before the last edge was taken by it. */
	bool read_taken_ = false;
	bool response_taken_ = false;
	/* One byte for each of TLM's byte enables, for partial bursts. */
	std::uint8_t enables_[boundary_bytes];
	tlm::tlm_generic_payload payload_;
	burst_timing *const timing_ = new burst_timing;	/* belongs to payload_ */
};

} /* namespace tern */

#endif /* TERN_SIM_AXI_SLAVE_H */
