/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Surroundings for a body that does again what was done before. It has memory, link and time
 * of an excerpt, and nothing that it does is seen by anybody: reads give what there was,
 * writes are compared with what the job has written, interrupts are nobody's.
 */
#ifndef TERN_SIM_BENCH_H
#define TERN_SIM_BENCH_H

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "device/device.h"
#include "device/sampled/contents.h"
#include "device/sampled/excerpt.h"
#include "device/sampled/footprint.h"

namespace tern {

/* The first byte that a job left otherwise than its footprint has it. */
struct difference {
	bool host;
	std::uint64_t address;
	/* -1: did not write it. */
	int here, there;
};

class bench : public sc_core::sc_module, public interrupt_sink {
public:
	bench(const sc_core::sc_module_name &name, std::unique_ptr<device> body,
	      const contents &contents, std::uint64_t period_ps);

	/* Both have to stay until it has ended; the next one may begin before. */
	void begin(const excerpt &excerpt, const footprint &seen);

	enum class state { working, ended, stuck };

	/* Some cycles, or until it is over: the job's completion is there, or never comes. */
	state work(std::uint64_t cycles);

	const tern_hw_completion &completion() const { return completion_; }
	std::optional<difference> first_difference() const;

	/* Of all excerpts. */
	std::uint64_t cycles() const { return body_->cycles(); }

	void raise(unsigned) override {}

private:
	struct bell {
		std::uint64_t ps;
		unsigned queue, tail;
	};
	struct queue {
		std::vector<tern_hw_command> commands;
		unsigned completed = 0;
	};
	using place = std::pair<bool, std::uint64_t>;	/* of the host's; address */

	std::uint64_t ring_bytes() const { return TERN_ENTRY_BYTES << ring_log2_; }
	std::uint64_t rings_bytes() const { return 2 * TERN_QUEUES_MAX * ring_bytes(); }
	bool meets_operands(std::uint64_t rings) const;
	void choose_rings();
	void plan_bells();
	void set_up();
	void synchronize();
	void ring(unsigned queue, unsigned tail);
	void write_register(std::uint32_t offset, std::uint32_t value);
	/* In the simulation's time. */
	std::uint64_t now_ps() const { return body_->now_ps() + shift_; }

	void host_access(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay);
	void memory_access(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay);
	bool of_ring(const tlm::tlm_generic_payload &burst);
	void complete(unsigned queue, const std::uint8_t *entry);
	bool move(bool host, tlm::tlm_generic_payload &burst);
	bool read(bool host, std::uint64_t address, std::uint8_t *to) const;
	bool write(bool host, std::uint64_t address, const std::uint8_t *from,
		   std::uint64_t strobes);
	unsigned writers(bool host, std::uint64_t address, std::size_t count) const;

	tlm_utils::simple_initiator_socket<bench, 32> registers_;
	tlm_utils::simple_target_socket<bench, 512> host_, memory_;
	std::unique_ptr<device> body_;
	const contents &contents_;
	const std::uint64_t period_ps_;

	const excerpt *excerpt_ = nullptr;
	const footprint *seen_ = nullptr;
	std::optional<timing> timing_;
	std::uint64_t shift_ = 0;	/* from the body's time to the simulation's */
	/* The rings are where no operand is: a page for each, or more. */
	std::uint64_t rings_ = 0;	/* their address */
	unsigned ring_log2_ = 0;	/* entries of each; none goes round */
	std::vector<queue> queues_;
	std::vector<bell> bells_;
	std::size_t rung_ = 0;
	unsigned position_ = 0;		/* the job's, of its queue's commands */
	bool ready_ = false;		/* the excerpt may begin */
	bool ended_ = false;
	tern_hw_completion completion_ = {};

	/* Beats of the job's results, by pages: how often they were written, by whomever. */
	std::map<place, std::array<std::uint8_t, footprint::beats_a_page>> written_;
	/* What is wrong with what was written. */
	std::map<place, difference> wrong_;
};

} /* namespace tern */

#endif /* TERN_SIM_BENCH_H */
