/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_top as a model: the units of the RTL, each by what it does and in which cycle.
 *
 * A cycle is step(): every unit sees the others as they were when the cycle began, as
 * registers have it. But most cycles of a job are of a kind in which weights stream into
 * the array, or an answer is awaited, and no unit has anything to do. Those are not
 * stepped through: the account gets them all at once.
 */
#ifndef TERN_SIM_MODEL_CORE_H
#define TERN_SIM_MODEL_CORE_H

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "device/model/account.h"
#include "device/model/activations.h"
#include "device/model/copier.h"
#include "device/model/drain.h"
#include "device/model/issue.h"
#include "device/model/jobs.h"
#include "device/model/queues.h"
#include "device/model/registers.h"
#include "device/model/sequence.h"
#include "device/model/watcher.h"
#include "device/model/weights.h"
#include "device/model/writer.h"
#include "platform/config.h"

namespace tern::model {

class core {
public:
	core(const hardware &hardware, const config &config,
	     tlm::tlm_initiator_socket<512> &host, tlm::tlm_initiator_socket<512> &memory,
	     std::function<void(unsigned vector)> interrupt);

	/* As many cycles, or until there is nothing to do, or a job is held. */
	void run(std::uint64_t cycles);
	bool busy() const { return busy_; }
	std::uint64_t cycle() const { return cycle_; }
	/* Of them, those that the clock ran. */
	std::uint64_t clocked() const { return cycle_ - stood_; }
	/* Time has passed while the clock stood. */
	void catch_up(std::uint64_t cycle)
	{
		if (cycle <= cycle_)
			return;
		stood_ += cycle - cycle_;
		cycle_ = cycle;
	}

	/* One, from the start on. */
	void watch(watcher &watcher);
	/* The job that was held may be completed. */
	void release(unsigned slot);
	/* The register as it is; of one that the host writes. */
	std::uint32_t written_register(unsigned offset) const { return registers_[offset]; }

	/* False where no register is. Both take a few cycles. */
	bool read_register(unsigned offset, std::uint32_t *value);
	bool write_register(unsigned offset, std::uint32_t value, bool whole_word);

	/* After power-on. */
	void reset();

	/* Don't skip anything: for tests, which compare. */
	void step_always() { skips_ = false; }

private:
	enum class fetch_state { idle, address, request, wait, good, bad, hold };
	enum class complete_state { idle, address, take, write, answer, good, bad };

	/* What all units have in common in a cycle, as it was when that began. */
	struct view {
		bool room, copy_ready, seq_room;
		std::uint64_t passed;
		account::state state;
		int retire, pick, issue;
		bool writing;		/* the writer has something to do */
		queues::turn turn;
	};

	void step();
	bool see(view *v);
	void take_from_bus();
	void host_answer(const read_answer &answer);
	void memory_answer(unsigned stream, const read_answer &answer);
	int grant_host();
	int grant_memory(unsigned stream);
	writer::inputs wanted() const;
	writer::outputs write(bool writing);
	void tick_fetch(const view &v, bool granted);
	void tick_decode(bool taken);
	void tick_complete(const view &v, const writer::outputs &out);
	void tick_abort();
	void tick_reset();
	void reset_core();
	void job_ended(unsigned slot);
	void error(std::uint32_t bit, unsigned queue, std::uint64_t address);
	void refresh_registers();
	bool working() const;
	std::uint64_t next_event() const;
	void set_queue_control();

	const hardware &hardware_;
	const std::uint64_t memory_bytes_;
	std::function<void(unsigned)> interrupt_;

	registers registers_;
	queues queues_;
	jobs jobs_;
	account account_;
	activations x_;
	std::vector<weights> w_;
	sequence seq_;
	drain y_;
	copier copy_;
	issue issue_;
	writer writer_;
	read_port host_reads_;
	std::vector<std::unique_ptr<read_port>> memory_reads_;

	watcher *watcher_ = nullptr;
	bool pause_ = false;		/* a job is held since this cycle */

	std::uint64_t cycle_ = 0;
	std::uint64_t stood_ = 0;	/* cycles of it in which the clock did */
	bool skips_ = true;
	bool awake_ = true;		/* in the last cycle a unit had something to do */
	bool busy_ = false;
	unsigned quiet_ = 0;		/* cycles since it was last busy */
	unsigned reset_left_ = 0;
	unsigned abort_left_ = 0;

	/* Registers between the streaming side and the others. */
	bool seq_room_ = true, block_ = false, ended_ = false;
	int used_ = -1;
	tile_end end_ = {};

	fetch_state fetch_ = fetch_state::idle;
	unsigned fetch_queue_ = 0;
	std::uint64_t fetch_address_ = 0;
	std::uint64_t fetch_at_ = never;	/* the cycle in which the command is here */
	bool fetch_bad_ = false;
	tern_hw_command command_ = {};

	bool decoding_ = false;
	std::uint64_t decoded_at_ = 0;
	unsigned decoded_queue_ = 0;
	decoded decoded_ = {};

	complete_state complete_ = complete_state::idle;
	unsigned complete_queue_ = 0;
	bool complete_irq_ = false, complete_written_ = false;
	std::uint64_t complete_address_ = 0;
	tern_hw_completion entry_ = {};

	std::uint32_t irqs_ = 0;	/* that are up in the next cycle */
	std::uint32_t counter_high_ = 0;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_CORE_H */
