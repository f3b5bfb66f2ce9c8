// SPDX-License-Identifier: Apache-2.0
#include "device/model/core.h"

#include <cstring>

#include "device/model/status.h"

namespace tern::model {

/* Cycles without anything to do after which the clock stops. */
static constexpr unsigned quiet_cycles = 8;

/* Units of the ports, in the order of their arbiters. */
enum { host_fetch, host_x, host_copy, host_units };
enum { memory_weights, memory_x, memory_copy, memory_units };

core::core(const hardware &hardware, const config &config, tlm::tlm_initiator_socket<512> &host,
	   tlm::tlm_initiator_socket<512> &memory, std::function<void(unsigned)> interrupt)
	: hardware_(hardware), memory_bytes_(config.memory.bytes), interrupt_(std::move(interrupt)),
	  registers_(hardware), queues_(hardware), jobs_(hardware), account_(hardware),
	  x_(hardware), w_([&] {
		  std::vector<weights> streams;

		  for (unsigned s = 0; s < hardware.streams; s++)
			  streams.emplace_back(hardware, s);
		  return streams;
	  }()),
	  seq_(hardware, x_, w_), issue_(hardware, jobs_, queues_),
	  writer_(host, memory, config.link.outstanding, config.memory.outstanding,
		  config.clock_ps()),
	  host_reads_("host", host, config.link.outstanding, host_units, false, config.clock_ps())
{
	for (unsigned s = 0; s < hardware.streams; s++)
		memory_reads_.push_back(std::make_unique<read_port>(
			"memory", memory, config.memory.outstanding, s ? 1 : memory_units, true,
			config.clock_ps()));

	registers &r = registers_;

	r[TERN_REG_ID] = TERN_MAGIC;
	r[TERN_REG_ABI_VERSION] = TERN_ABI_MAJOR << TERN_ABI_VERSION_MAJOR_SHIFT |
				  TERN_ABI_MINOR << TERN_ABI_VERSION_MINOR_SHIFT;
	r[TERN_REG_ABI_HASH] = TERN_ABI_HASH;
	r[TERN_REG_CONFIG_HASH] = hardware.hash;
	r[TERN_REG_PLATFORM] = TERN_PLATFORM_MODEL;
	r[TERN_REG_CAPS] = TERN_CAPS_COPY | TERN_CAPS_FILL | TERN_CAPS_GEMM | TERN_CAPS_BARRIER |
			   TERN_CAPS_P2 | TERN_CAPS_B5;
	r[TERN_REG_ARRAY] = hardware.lanes * hardware.streams << TERN_ARRAY_LANES_SHIFT |
			    hardware.cols << TERN_ARRAY_COLS_SHIFT;
	r[TERN_REG_QUEUES] = hardware.queues << TERN_QUEUES_COUNT_SHIFT |
			     TERN_QUEUE_LOG2_MAX << TERN_QUEUES_LOG2_MAX_SHIFT;
	r[TERN_REG_K_TILE] = hardware.k_tile;
	r[TERN_REG_CLOCK_KHZ] = static_cast<std::uint32_t>(config.device.clock_mhz * 1000);
	r[TERN_REG_MEM_SIZE_LO] = static_cast<std::uint32_t>(memory_bytes_);
	r[TERN_REG_MEM_SIZE_HI] = static_cast<std::uint32_t>(memory_bytes_ >> 32);
}

void core::reset()
{
	registers_.clear(true);
	reset_left_ = abort_left_ = 0;
	counter_high_ = 0;
	reset_core();
	cycle_ += quiet_cycles;
	busy_ = false;
}

/* Everything but the registers that the host writes, and the time. */
void core::reset_core()
{
	queues_.reset();
	set_queue_control();
	jobs_.reset();
	account_.reset();
	x_.reset();
	for (weights &w : w_)
		w.reset();
	seq_.reset();
	y_.reset();
	copy_.reset();
	issue_.reset();
	writer_.reset();
	host_reads_.drop();
	for (const auto &port : memory_reads_)
		port->drop();
	seq_room_ = true;
	block_ = ended_ = false;
	used_ = -1;
	fetch_ = fetch_state::idle;
	decoding_ = false;
	complete_ = complete_state::idle;
	irqs_ = 0;
	registers_[TERN_REG_ERROR_QUEUE] = registers_[TERN_REG_JOB_ERROR] = 0;
	registers_[TERN_REG_ERROR_ADDR_LO] = registers_[TERN_REG_ERROR_ADDR_HI] = 0;
	awake_ = true;
	quiet_ = 0;
	if (watcher_)
		watcher_->lost();
}

void core::watch(watcher &watcher)
{
	watcher_ = &watcher;
	writer_.watch(watcher);
}

void core::job_ended(unsigned slot)
{
	if (!watcher_ || !watcher_->ended(slot, jobs_.at(slot)))
		return;
	jobs_.hold(slot);
	pause_ = true;
}

void core::release(unsigned slot)
{
	jobs_.release(slot);
	awake_ = busy_ = true;
	quiet_ = 0;
}

void core::set_queue_control()
{
	for (unsigned q = 0; q < hardware_.queues; q++)
		queues_.set_control(q, registers_[registers::queue(q, TERN_QREG_CTRL)],
				    registers_[registers::queue(q, TERN_QREG_SIZE)]);
}

/* ------------------------------------------------------------------ the bus */

void core::host_answer(const read_answer &answer)
{
	switch (answer.request.unit) {
	case host_fetch:
		/* Through the port's register. */
		fetch_at_ = answer.cycles.at(0) + 1;
		fetch_bad_ = answer.wrong != trouble::none;
		if (!fetch_bad_)
			std::memcpy(&command_, answer.data, sizeof(command_));
		break;
	case host_x:
		x_.arrive(answer, true);
		break;
	case host_copy:
		copy_.arrive(answer, true);
		break;
	}
}

void core::memory_answer(unsigned stream, const read_answer &answer)
{
	switch (answer.request.unit) {
	case memory_weights:
		w_[stream].arrive(answer);
		break;
	case memory_x:
		x_.arrive(answer, false);
		break;
	case memory_copy:
		copy_.arrive(answer, false);
		break;
	}
}

/* In the order in which the simulator's ports look at the pins of the RTL. */
void core::take_from_bus()
{
	const std::uint64_t watchdog = registers_[TERN_REG_WATCHDOG];
	read_answer answer;

	if (host_reads_.take(cycle_, watchdog, &answer)) {
		if (watcher_ && answer.request.unit != host_fetch)
			watcher_->reads({ answer.request.slot, true, answer.request.address,
					  answer.request.beats, nullptr });
		host_answer(answer);
	}
	writer_.bus(cycle_, watchdog);
	for (unsigned s = 0; s < hardware_.streams; s++) {
		if (!memory_reads_[s]->take(cycle_, watchdog, &answer))
			continue;
		if (watcher_)
			watcher_->reads({ answer.request.slot, false, answer.request.address,
					  answer.request.beats, nullptr });
		memory_answer(s, answer);
	}
}

int core::grant_host()
{
	const int unit = host_reads_.grant(
		(fetch_ == fetch_state::request) << host_fetch | x_.reads.asks(true) << host_x |
		(copy_.reads.asks(true) && copy_.room()) << host_copy);
	read_request request = { fetch_address_, 1, 0, 0 };
	unsigned slot = 0;

	if (unit == host_fetch)
		account_.add(account::host_read, 1);
	if (unit == host_x) {
		request = x_.reads.request();
		slot = x_.tiles.front().slot;
		account_.data_read(slot, request.beats, true);
	}
	if (unit == host_copy) {
		request = copy_.reads.request();
		slot = copy_.slot();
		account_.data_read(slot, request.beats, true);
	}
	request.slot = static_cast<std::uint8_t>(slot);
	host_reads_.tick(unit, request);
	return unit;
}

int core::grant_memory(unsigned stream)
{
	unsigned requests = w_[stream].asks() << memory_weights;
	read_request request = {};

	if (!stream)
		requests |= x_.reads.asks(false) << memory_x |
			    (copy_.reads.asks(false) && copy_.room()) << memory_copy;

	const int unit = memory_reads_[stream]->grant(requests);
	unsigned slot = 0;

	if (unit == memory_weights) {
		request = w_[stream].request();
		slot = w_[stream].tiles.front().slot;
		account_.weights_read(slot, request.beats);
	}
	if (unit == memory_x) {
		request = x_.reads.request();
		slot = x_.tiles.front().slot;
		account_.data_read(slot, request.beats, false);
	}
	if (unit == memory_copy) {
		request = copy_.reads.request();
		slot = copy_.slot();
		account_.data_read(slot, request.beats, false);
	}
	request.slot = static_cast<std::uint8_t>(slot);
	memory_reads_[stream]->tick(unit, request);
	return unit;
}

writer::inputs core::wanted() const
{
	return { y_.stretch(),
		 y_.has_data(),
		 copy_.write(),
		 copy_.fills(),
		 copy_.has_data(cycle_),
		 complete_ == complete_state::write,
		 complete_address_ };
}

writer::outputs core::write(bool writing)
{
	if (!writing) {
		writer::outputs nothing = {};

		nothing.copy_sent = writer_.copy_sent();
		return nothing;
	}

	const writer::inputs in = wanted();
	const writer::outputs out = writer_.tick(cycle_, in, [&](writer::source from,
								 write_beat &beat) {
		switch (from) {
		case writer::source::results:
			std::memcpy(beat.data, seq_.results(y_.bank(), y_.col(), y_.word()),
				    beat_bytes);
			break;
		case writer::source::copy:
			copy_.give(beat);
			break;
		case writer::source::completion:
			std::memcpy(beat.data, &entry_, beat_bytes);
			break;
		}
	});

	if (out.beat)
		account_.add(out.beat_host ? account::host_written : account::memory_written, 1);
	if (out.data_beat)
		account_.written(out.beat_slot);
	return out;
}

/* ------------------------------------------------------------------ commands */

/* Of those that no completion can report. */
void core::error(std::uint32_t bit, unsigned queue, std::uint64_t address)
{
	const std::uint32_t recorded = TERN_ERROR_FETCH_MASK | TERN_ERROR_COMPLETE_MASK |
				       TERN_ERROR_DOORBELL_MASK;

	if (!(registers_[TERN_REG_ERROR] & recorded)) {
		registers_[TERN_REG_ERROR_QUEUE] = queue;
		registers_[TERN_REG_ERROR_ADDR_LO] = static_cast<std::uint32_t>(address);
		registers_[TERN_REG_ERROR_ADDR_HI] = static_cast<std::uint32_t>(address >> 32);
	}
	registers_[TERN_REG_ERROR] |= bit;
	irqs_ |= 1;
}

static std::uint64_t ring_base(const registers &r, unsigned q, unsigned low)
{
	const std::uint64_t base = r[registers::queue(q, low)] & ~(TERN_ENTRY_BYTES - 1u);

	return base | static_cast<std::uint64_t>(r[registers::queue(q, low + 4)]) << 32;
}

void core::tick_fetch(const view &v, bool granted)
{
	const bool mine = v.turn == queues::turn::fetch;

	switch (fetch_) {
	case fetch_state::idle:
		if (v.pick >= 0 && mine) {
			fetch_queue_ = static_cast<unsigned>(v.pick);
			fetch_ = fetch_state::address;
		}
		break;
	case fetch_state::address:
		fetch_address_ = ring_base(registers_, fetch_queue_, TERN_QREG_SQ_BASE_LO) +
				 queues_.at(fetch_queue_).sq_head * TERN_ENTRY_BYTES;
		fetch_ = fetch_state::request;
		break;
	case fetch_state::request:
		if (granted) {
			fetch_at_ = never;
			fetch_ = fetch_state::wait;
		}
		break;
	case fetch_state::wait:
		if (cycle_ >= fetch_at_)
			fetch_ = fetch_bad_ ? fetch_state::bad : fetch_state::good;
		break;
	case fetch_state::good:
		if (mine)
			fetch_ = fetch_state::hold;
		break;
	case fetch_state::bad:
		if (mine) {
			error(TERN_ERROR_FETCH_MASK, fetch_queue_, fetch_address_);
			fetch_ = fetch_state::idle;
		}
		break;
	case fetch_state::hold:
		if (!decoding_)
			fetch_ = fetch_state::idle;
		break;
	}
}

void core::tick_decode(bool taken)
{
	if (taken) {
		decoded_ = decode(command_, memory_bytes_);
		decoded_queue_ = fetch_queue_;
		decoded_at_ = cycle_ + decoded_.cycles;
		decoding_ = true;
	} else if (decoding_ && cycle_ == decoded_at_) {
		const unsigned slot = jobs_.fill(decoded_queue_, decoded_);

		account_.open(slot);
		decoding_ = false;
		if (watcher_)
			watcher_->taken(slot, jobs_.at(slot));
	}
}

void core::tick_complete(const view &v, const writer::outputs &out)
{
	const bool mine = v.turn == queues::turn::completion;

	switch (complete_) {
	case complete_state::idle: {
		if (v.retire < 0)
			break;

		const auto q = static_cast<unsigned>(v.retire);
		const unsigned slot = jobs::slot_of(q, jobs_.of(q).head);
		const job &job = jobs_.at(slot);

		complete_queue_ = q;
		complete_irq_ = job.what.command.flags & TERN_COMMAND_FLAG_IRQ;
		complete_written_ = false;
		entry_ = account_.completion(slot, job);
		entry_.phase = queues_.at(q).phase;
		complete_ = complete_state::address;
		if (watcher_)
			watcher_->completed(slot, queues_.at(q).orphan ? nullptr : &entry_);
		if (job.status == TERN_STATUS_OK)
			break;
		if (!(registers_[TERN_REG_ERROR] & TERN_ERROR_JOB_MASK))
			registers_[TERN_REG_JOB_ERROR] =
				static_cast<std::uint32_t>(entry_.id) << TERN_JOB_ERROR_ID_SHIFT |
				static_cast<std::uint32_t>(job.status)
					<< TERN_JOB_ERROR_STATUS_SHIFT |
				q << TERN_JOB_ERROR_QUEUE_SHIFT;
		registers_[TERN_REG_ERROR] |= TERN_ERROR_JOB_MASK;
		break;
	}
	case complete_state::address:
		complete_address_ =
			ring_base(registers_, complete_queue_, TERN_QREG_CQ_BASE_LO) +
			queues_.at(complete_queue_).cq_tail * TERN_ENTRY_BYTES;
		complete_ = queues_.at(complete_queue_).orphan ? complete_state::good :
								 complete_state::take;
		break;
	case complete_state::take:
		if (mine)
			complete_ = complete_state::write;
		break;
	case complete_state::write:
		complete_written_ = true;
		if (out.completion_ready)
			complete_ = complete_state::answer;
		break;
	case complete_state::answer:
		if (out.completion_done)
			complete_ = out.completion_bad ? complete_state::bad : complete_state::good;
		break;
	case complete_state::good:
		if (!mine)
			break;
		if (complete_written_) {
			account_.add(account::completed, 1);
			if (complete_irq_ &&
			    registers_[registers::queue(complete_queue_, TERN_QREG_CTRL)] &
				    TERN_Q_CTRL_IRQ_MASK)
				irqs_ |= 1u << complete_queue_;
		}
		complete_ = complete_state::idle;
		break;
	case complete_state::bad:
		if (mine) {
			error(TERN_ERROR_COMPLETE_MASK, complete_queue_, complete_address_);
			complete_ = complete_state::idle;
		}
		break;
	}
}

/* One slot of the queue a cycle. */
void core::tick_abort()
{
	const std::uint32_t what = registers_[TERN_REG_ABORT];

	if (!(what & TERN_ABORT_GO_MASK))
		return;
	if (++abort_left_ < slots_a_queue)
		return;
	abort_left_ = 0;
	registers_[TERN_REG_ABORT] &= ~TERN_ABORT_GO_MASK;
	jobs_.abort((what & TERN_ABORT_QUEUE_MASK) >> TERN_ABORT_QUEUE_SHIFT,
		    (what & TERN_ABORT_ID_MASK) >> TERN_ABORT_ID_SHIFT);
}

/* ------------------------------------------------------------------ a cycle */

/* How things are as a cycle begins. Returns whether anybody has something to do. */
bool core::see(view *v)
{
	bool awake = seq_room_ != seq_.room() || block_ || ended_ || used_ >= 0;

	v->room = x_.tiles.count() < tiles_ahead && y_.blocks.count() < tiles_ahead && seq_room_;
	for (unsigned s = 0; s < hardware_.streams; s++) {
		v->room &= w_[s].tiles.count() < tiles_ahead;
		awake |= w_[s].awake() || !memory_reads_[s]->idle();
	}
	v->copy_ready = copy_.ready();
	v->seq_room = seq_.room();
	v->passed = x_.passed();
	v->retire = jobs_.retire();
	v->pick = queues_.pick(registers_[TERN_REG_CTRL] & TERN_CTRL_ENABLE_MASK);

	v->issue = issue_.pick(v->room, v->copy_ready);

	const bool issuing = issue_.busy() || v->issue >= 0;
	const bool fetching = fetch_ != fetch_state::idle;
	const bool completing = complete_ == complete_state::take ||
				complete_ == complete_state::good ||
				complete_ == complete_state::bad;

	v->turn = queues_.choose(completing, (fetch_ == fetch_state::idle && v->pick >= 0) ||
						     fetch_ == fetch_state::good ||
						     fetch_ == fetch_state::bad);
	v->state = { !seq_.here(),
		     copy_.runs(writer_.copy_sent()),
		     copy_.slot(),
		     jobs_.open(),
		     fetching || decoding_ || issuing || jobs_.next_valid(),
		     complete_ != complete_state::idle || irqs_ };

	const bool fetch_awake =
		fetching && (fetch_ != fetch_state::wait || cycle_ >= fetch_at_);
	const bool complete_awake =
		complete_ != complete_state::idle && complete_ != complete_state::answer;

	v->writing = writer_.next() <= cycle_ || writer_.awake(wanted());
	return awake || v->writing || fetch_awake || decoding_ || issuing || complete_awake ||
	       irqs_ ||
	       v->retire >= 0 || v->turn != queues::turn::none || queues_.work() ||
	       registers_[TERN_REG_ABORT] & TERN_ABORT_GO_MASK ||
	       copy_.awake(cycle_, writer_.copy_sent()) || x_.awake(cycle_) || y_.awake() ||
	       !host_reads_.idle() || !(v->state == account_.seen());
}

bool core::working() const
{
	if (fetch_ != fetch_state::idle || decoding_ || complete_ != complete_state::idle ||
	    jobs_.open() || jobs_.next_valid() || jobs_.retire() >= 0 || copy_.busy() ||
	    writer_.busy(cycle_) || !x_.reads.idle(cycle_) || !copy_.reads.idle(cycle_))
		return true;
	for (unsigned s = 0; s < hardware_.streams; s++)
		if (memory_reads_[s]->dead(cycle_))
			return true;
	return host_reads_.dead(cycle_);
}

void core::tick_reset()
{
	/* The request is noted, then 16 cycles of reset. */
	if (!reset_left_) {
		reset_left_ = 1 + 16;
	} else if (--reset_left_ == 0) {
		registers_[TERN_REG_CTRL] &= ~TERN_CTRL_RESET_MASK;
	} else {
		registers_.clear(false);
		reset_core();
	}
}

void core::step()
{
	view v;

	if (irqs_) {
		for (unsigned vector = 0; vector < hardware_.queues; vector++)
			if (irqs_ >> vector & 1)
				interrupt_(vector);
		irqs_ = 0;
	}
	if (registers_[TERN_REG_CTRL] & TERN_CTRL_RESET_MASK) {
		tick_reset();
		cycle_++;
		busy_ = true;
		return;
	}
	awake_ = see(&v);
	take_from_bus();

	const int host_unit = grant_host();
	int memory_unit[most_streams] = { -1, -1 };
	unsigned x_beats = 0, copy_beats = 0;

	/* What was granted, before anybody moves on. */
	const bool x_accepted = x_.asks() && x_.reads.ready(cycle_, x_.stretch().host);
	const bool copy_accepted = copy_.asks() && copy_.reads.ready(cycle_, copy_.stretch().host);
	const reader::stretch x_stretch = x_.stretch();
	const reader::stretch copy_stretch = copy_.stretch();

	for (unsigned s = 0; s < hardware_.streams; s++)
		memory_unit[s] = grant_memory(s);
	if (host_unit == host_x || memory_unit[0] == memory_x)
		x_beats = x_.reads.request().beats;
	if (host_unit == host_copy || memory_unit[0] == memory_copy)
		copy_beats = copy_.reads.request().beats;

	const writer::outputs written = write(v.writing);
	const unsigned asked = y_.asked_slot();
	const bool y_failed = jobs_.at(asked).failed || queues_.at(jobs::queue_of(asked)).orphan;
	const int freed = y_.tick(block_, y_failed, written.results_ready, written.results_read);

	x_.reads.tick(x_beats, x_accepted ? &x_stretch : nullptr);
	x_.tick(cycle_, x_accepted, used_);
	for (unsigned s = 0; s < hardware_.streams; s++)
		w_[s].tick(memory_unit[s] == memory_weights);

	const sequence::events now = seq_.cycle(cycle_, v.passed, freed);
	const bool any_done = written.host.done || written.memory.done;
	const issue::outputs issued =
		issue_.tick(v.issue, any_done, { x_, w_, seq_, y_ });

	copy_.reads.tick(copy_beats, copy_accepted ? &copy_stretch : nullptr);

	const std::uint8_t copy_failure = copy_.failure(cycle_);
	const unsigned copy_slot = copy_.slot();

	copy_.tick(issued.chunk ? &issued.what : nullptr, copy_accepted, copy_beats,
		   written.copy_ready, written.copy_read, written.copy_sent);

	/* Commands, their jobs and their completions. */
	const bool command_taken = fetch_ == fetch_state::hold && !decoding_;
	const fetch_event fetched = fetch_ == fetch_state::idle ? fetch_event::begins :
				    fetch_ == fetch_state::good ? fetch_event::good :
								  fetch_event::bad;
	const completion_event completed =
		complete_ == complete_state::take ? completion_event::takes :
		complete_ == complete_state::good ? completion_event::good :
						    completion_event::bad;
	const unsigned event_queue = v.turn == queues::turn::completion ? complete_queue_ :
				     fetch_ == fetch_state::idle && v.pick >= 0 ?
						static_cast<unsigned>(v.pick) :
						fetch_queue_;
	const bool retires = v.retire >= 0 && complete_ == complete_state::idle;

	tick_complete(v, written);
	tick_fetch(v, host_unit == host_fetch);
	if (!queues_.tick(v.turn, event_queue, fetched, completed))
		error(TERN_ERROR_DOORBELL_MASK, queues_.bad_bell().queue,
		      queues_.bad_bell().value);

	account::events events;
	const unsigned *const begin = (issued.advance && issued.done) || issued.copy_begins ?
					      &issued.slot : nullptr;

	events.done[0] = written.host.done ? &written.host.slot : nullptr;
	events.done[1] = written.memory.done ? &written.memory.slot : nullptr;
	events.end = ended_ ? &end_ : nullptr;
	events.begin = begin;
	account_.tick(events);
	account_.set_state(v.state);

	/* The first failure of a job counts. */
	if (ended_ && end_.status != TERN_STATUS_OK)
		jobs_.fail(end_.slot, end_.status);
	if (written.host.failed)
		jobs_.fail(written.host.slot, written.host.status);
	if (written.memory.failed)
		jobs_.fail(written.memory.slot, written.memory.status);
	if (copy_failure != TERN_STATUS_OK)
		jobs_.fail(copy_slot, copy_failure);
	tick_abort();
	if (issued.advance)
		jobs_.advance(issued.queue, issued.done);
	if (issued.advance && issued.done)
		job_ended(issued.slot);
	for (const writer::done &done : { written.host, written.memory }) {
		if (!done.done)
			continue;
		jobs_.done(done.slot);
		job_ended(done.slot);
	}
	if (retires)
		jobs_.retired(static_cast<unsigned>(v.retire));
	tick_decode(command_taken);

	/* What the streaming side says is seen a cycle later. */
	seq_room_ = v.seq_room;
	block_ = now.block;
	used_ = now.used;
	ended_ = now.ended;
	if (ended_)
		end_ = seq_.end();
	awake_ |= now.started || now.block || now.ended || now.used >= 0;

	cycle_++;

	const bool busy = awake_ || irqs_ || seq_.here() || seq_.settling() || working();

	quiet_ = busy ? 0 : quiet_ + 1;
	busy_ = quiet_ < quiet_cycles;
}

std::uint64_t core::next_event() const
{
	std::uint64_t next = std::min({ writer_.next(), x_.next(), copy_.next() });

	if (fetch_ == fetch_state::wait)
		next = std::min(next, fetch_at_);
	return next;
}

void core::run(std::uint64_t cycles)
{
	const std::uint64_t end = cycle_ + cycles;

	pause_ = false;
	while (cycle_ < end && busy_ && !pause_) {
		if (!awake_ && !quiet_ && skips_) {
			const std::uint64_t next = next_event();
			const std::uint64_t limit = std::min(end, next);

			/* Only an answer would help, and none comes: the host has the word. */
			if (next >= doomsday && !seq_.goes_on()) {
				busy_ = false;
				break;
			}
			const std::uint64_t until =
				cycle_ < limit ? seq_.skip(cycle_, limit, x_.passed()) : cycle_;

			if (until > cycle_) {
				account_.skip(until - cycle_);
				cycle_ = until;
				continue;
			}
		}
		step();
	}
}

/* ------------------------------------------------------------------ registers */

void core::refresh_registers()
{
	const bool busy = working() || seq_.here() || seq_.settling();
	const bool resetting = reset_left_ != 0;

	registers_[TERN_REG_STATUS] = (resetting ? 0 : TERN_STATUS_READY_MASK) |
				      (busy ? TERN_STATUS_BUSY_MASK : 0);
	for (unsigned q = 0; q < hardware_.queues; q++) {
		const queues::queue &queue = queues_.at(q);

		registers_[registers::queue(q, TERN_QREG_STATUS)] =
			(queue.stopped ? TERN_Q_STATUS_STOPPED_MASK : 0) |
			(queue.busy ? TERN_Q_STATUS_BUSY_MASK : 0);
		registers_[registers::queue(q, TERN_QREG_SQ_HEAD)] = queue.sq_head;
		registers_[registers::queue(q, TERN_QREG_SQ_TAIL)] = queue.sq_tail;
		registers_[registers::queue(q, TERN_QREG_CQ_HEAD)] = queue.cq_head;
		registers_[registers::queue(q, TERN_QREG_CQ_TAIL)] = queue.cq_tail;
	}
}

bool core::read_register(unsigned offset, std::uint32_t *value)
{
	const bool known = registers_.known(offset);
	const unsigned counter = offset - TERN_REG_COUNT_CYCLES;

	step();
	refresh_registers();
	*value = known ? registers_[offset] : 0;
	if (known && offset >= TERN_REG_COUNT_CYCLES && counter < account::totals * 8) {
		const std::uint64_t total = account_.read(static_cast<account::total>(counter / 8));

		/* Reading the low half keeps the high one. */
		if (counter % 8 == 0) {
			*value = static_cast<std::uint32_t>(total);
			counter_high_ = static_cast<std::uint32_t>(total >> 32);
		} else {
			*value = counter_high_;
		}
	}
	step();
	step();
	return known;
}

bool core::write_register(unsigned offset, std::uint32_t value, bool whole_word)
{
	step();
	step();

	const bool known = whole_word && registers_.write(offset, value);

	if (known)
		set_queue_control();
	step();
	if (known && registers_.is_doorbell(offset))
		queues_.doorbell({ (offset & 4) != 0,
				   (offset - TERN_QUEUE_DOORBELL_BASE) /
					   TERN_QUEUE_DOORBELL_STRIDE,
				   value });
	awake_ = busy_ = true;
	quiet_ = 0;
	return known;
}

} /* namespace tern::model */
