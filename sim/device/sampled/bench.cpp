// SPDX-License-Identifier: Apache-2.0
#include "device/sampled/bench.h"

#include <algorithm>
#include <cstring>

#include "platform/burst.h"

namespace tern {

static constexpr unsigned page_bytes = footprint::page_bytes;
/* A page. */
static constexpr unsigned least_ring_log2 = 6;

bench::bench(const sc_core::sc_module_name &name, std::unique_ptr<device> body,
	     const contents &contents, std::uint64_t period_ps)
	: sc_module(name), registers_("registers"), host_("host"), memory_("memory"),
	  body_(std::move(body)), contents_(contents), period_ps_(period_ps),
	  queues_(TERN_QUEUES_MAX)
{
	host_.register_b_transport(this, &bench::host_access);
	memory_.register_b_transport(this, &bench::memory_access);
	registers_.bind(body_->registers);
	body_->host.bind(host_);
	body_->memory.bind(memory_);
	body_->interrupts.bind(*this);
	body_->detach();
}

void bench::write_register(std::uint32_t offset, std::uint32_t value)
{
	sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
	tlm::tlm_generic_payload access;

	access.set_write();
	access.set_address(offset);
	access.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
	access.set_data_length(sizeof(value));
	access.set_streaming_width(sizeof(value));
	registers_->b_transport(access, delay);
}

static bool meet(std::uint64_t a, std::uint64_t a_end, std::uint64_t b, std::uint64_t b_end)
{
	return a < b_end && b < a_end;
}

bool bench::meets_operands(std::uint64_t rings) const
{
	const std::uint64_t end = rings + rings_bytes();

	for (const excerpt::command &command : excerpt_->commands) {
		const model::decoded &what = command.what;

		if ((what.command.src_space == TERN_SPACE_HOST &&
		     meet(what.command.src, what.src_end, rings, end)) ||
		    (what.command.dst_space == TERN_SPACE_HOST &&
		     meet(what.command.dst, what.dst_end, rings, end)))
			return true;
	}
	return false;
}

void bench::choose_rings()
{
	std::size_t most = 0;

	for (const queue &queue : queues_)
		most = std::max(most, queue.commands.size());
	ring_log2_ = least_ring_log2;
	/* The tail is never behind the last entry. */
	while (most >> ring_log2_)
		ring_log2_++;
	rings_ = 1ull << 62;
	while (meets_operands(rings_))
		rings_ += 1ull << 40;
}

/* Of commands that are told of at the same time, in one queue, all at once. */
void bench::plan_bells()
{
	bells_.clear();
	rung_ = 0;
	for (queue &queue : queues_)
		queue = {};
	/* The account of a job begins when the last one's ends: let there be a last one. */
	if (excerpt_->after_others)
		queues_[excerpt_->commands.front().queue].commands.emplace_back();
	for (std::size_t i = 0; i < excerpt_->commands.size(); i++) {
		const excerpt::command &command = excerpt_->commands[i];
		queue &queue = queues_[command.queue];
		const bell bell = { std::max(command.rung_ps, excerpt_->start_ps), command.queue,
				    static_cast<unsigned>(queue.commands.size() + 1) };

		if (i == excerpt_->job)
			position_ = static_cast<unsigned>(queue.commands.size());
		queue.commands.push_back(command.what.command);

		const auto same = std::find_if(bells_.begin(), bells_.end(),
					       [&](const struct bell &b) {
						       return b.ps == bell.ps &&
							      b.queue == bell.queue;
					       });

		if (same == bells_.end())
			bells_.push_back(bell);
		else
			same->tail = bell.tail;
	}
	std::stable_sort(bells_.begin(), bells_.end(),
			 [](const bell &a, const bell &b) { return a.ps < b.ps; });
}

void bench::set_up()
{
	body_->reset();
	write_register(TERN_REG_WATCHDOG, excerpt_->watchdog);
	for (unsigned q = 0; q < queues_.size(); q++) {
		const std::uint32_t base = TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE;
		const std::uint64_t ring = rings_ + 2 * q * ring_bytes();

		if (queues_[q].commands.empty())
			continue;
		write_register(base + TERN_QREG_SQ_BASE_LO, static_cast<std::uint32_t>(ring));
		write_register(base + TERN_QREG_SQ_BASE_HI, ring >> 32);
		write_register(base + TERN_QREG_CQ_BASE_LO,
			       static_cast<std::uint32_t>(ring + ring_bytes()));
		write_register(base + TERN_QREG_CQ_BASE_HI, (ring + ring_bytes()) >> 32);
		write_register(base + TERN_QREG_SIZE, ring_log2_);
		write_register(base + TERN_QREG_CTRL, TERN_Q_CTRL_ENABLE_MASK);
	}
	write_register(TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
	synchronize();
	if (excerpt_->after_others)
		ring(excerpt_->commands.front().queue, 1);
}

/* Time, and whatever had to wait for it, is as it was when the excerpt began. */
void bench::synchronize()
{
	timing_ = *excerpt_->timing;
	shift_ = excerpt_->start_ps - body_->now_ps();
}

void bench::ring(unsigned queue, unsigned tail)
{
	write_register(TERN_QUEUE_DOORBELL_BASE + queue * TERN_QUEUE_DOORBELL_STRIDE, tail);
}

void bench::begin(const excerpt &excerpt, const footprint &seen)
{
	excerpt_ = &excerpt;
	seen_ = &seen;
	ready_ = ended_ = false;
	written_.clear();
	wrong_.clear();
	plan_bells();
	choose_rings();
	set_up();
}

bench::state bench::work(std::uint64_t cycles)
{
	if (!ready_) {
		body_->work(cycles);
		if (body_->busy())
			return state::working;
		synchronize();
		ready_ = true;
	}
	while (rung_ < bells_.size()) {
		const bell &bell = bells_[rung_];
		const std::uint64_t now = now_ps();

		/* Of an idle device time would stand still. */
		if (now < bell.ps && body_->busy()) {
			cycles = std::min(cycles, (bell.ps - now) / period_ps_);
			break;
		}
		ring(bell.queue, bell.tail);
		rung_++;
	}
	if (!ended_)
		body_->work(std::max<std::uint64_t>(cycles, 1));
	if (ended_)
		return state::ended;
	return body_->busy() || rung_ < bells_.size() ? state::working : state::stuck;
}

/* ------------------------------------------------------------------ what it reads and writes */

/* Commands from their rings, completions into theirs. */
bool bench::of_ring(const tlm::tlm_generic_payload &burst)
{
	const std::uint64_t at = burst.get_address() - rings_;
	const unsigned q = static_cast<unsigned>(at / ring_bytes() / 2);
	const std::uint64_t slot = at % ring_bytes() / TERN_ENTRY_BYTES;
	const unsigned count = burst.get_data_length() / TERN_ENTRY_BYTES;

	if (at >= rings_bytes())
		return false;
	for (unsigned i = 0; i < count; i++) {
		std::uint8_t *const entry = burst.get_data_ptr() + i * TERN_ENTRY_BYTES;

		if (burst.is_write())
			complete(q, entry);
		else if (slot + i < queues_[q].commands.size())
			std::memcpy(entry, &queues_[q].commands[slot + i], TERN_ENTRY_BYTES);
		else
			std::memset(entry, 0, TERN_ENTRY_BYTES);
	}
	return true;
}

/* Completions of a queue come in the order of its commands. */
void bench::complete(unsigned q, const std::uint8_t *entry)
{
	if (q != excerpt_->commands[excerpt_->job].queue || queues_[q].completed++ != position_)
		return;
	std::memcpy(&completion_, entry, sizeof(completion_));
	ended_ = true;
}

/* Does the command write this beat? Then it does so once. */
static bool writes(const model::decoded &what, bool host, std::uint64_t address)
{
	const tern_hw_command &c = what.command;
	const std::uint64_t at = address - c.dst;

	if (what.status != TERN_STATUS_OK || (c.dst_space == TERN_SPACE_HOST) != host ||
	    address < c.dst)
		return false;
	if (c.opcode == TERN_HW_OP_GEMM)
		return at / c.dst_stride < c.t && at % c.dst_stride < 4ull * c.n;
	return at < c.length;
}

/* How many of the excerpt's first commands write this beat? */
unsigned bench::writers(bool host, std::uint64_t address, std::size_t count) const
{
	unsigned result = 0;

	for (std::size_t i = 0; i < count; i++)
		result += writes(excerpt_->commands[i].what, host, address);
	return result;
}

/*
 * Jobs before the one in question may be over for the host, and their operands gone:
 * what they read has no meaning, but that it comes has. Of the job itself it is as it was.
 */
bool bench::read(bool host, std::uint64_t address, std::uint8_t *to) const
{
	if (seen_->is_input(host, address))
		return seen_->input(host, address, to);
	if (!contents_.read(host, address, false, to, TERN_BEAT_BYTES))
		std::memset(to, 0, TERN_BEAT_BYTES);
	return true;
}

static difference compare(bool host, std::uint64_t address, const std::uint8_t *here,
			  std::uint64_t here_strobes, const std::uint8_t *there,
			  std::uint64_t there_strobes, bool *found)
{
	for (unsigned i = 0; i < TERN_BEAT_BYTES; i++) {
		const int a = here_strobes >> i & 1 ? here[i] : -1;
		const int b = there_strobes >> i & 1 ? there[i] : -1;

		*found = a != b;
		if (*found)
			return { host, address + i, a, b };
	}
	return {};
}

/*
 * Others of the job's queue may write to the same beats, in their order; so it is known which
 * write is the job's.
 */
bool bench::write(bool host, std::uint64_t address, const std::uint8_t *from,
		  std::uint64_t strobes)
{
	const place here = { host, address };
	std::uint8_t there[TERN_BEAT_BYTES];
	std::uint64_t there_strobes;
	bool wrong;

	if (!seen_->is_result(host, address)) {
		if (!writers(host, address, excerpt_->commands.size()))
			wrong_[here] = compare(host, address, from, strobes, from, 0, &wrong);
		return true;
	}
	if (!contents_.writable(host, address, TERN_BEAT_BYTES) ||
	    !seen_->result(host, address, there, &there_strobes))
		return false;

	std::uint8_t &times = written_[{ host, address / page_bytes }]
				      [address % page_bytes / TERN_BEAT_BYTES];

	if (times++ != writers(host, address, excerpt_->job))
		return true;

	const difference found = compare(host, address, from, strobes, there, there_strobes,
					 &wrong);

	if (wrong)
		wrong_[here] = found;
	return true;
}

bool bench::move(bool host, tlm::tlm_generic_payload &burst)
{
	const unsigned char *const enables = burst.get_byte_enable_ptr();
	bool ok = true;

	for (unsigned at = 0; at < burst.get_data_length(); at += TERN_BEAT_BYTES) {
		const std::uint64_t address = burst.get_address() + at;
		std::uint8_t *const beat = burst.get_data_ptr() + at;
		std::uint64_t strobes = enables ? 0 : ~0ull;

		for (unsigned i = 0; enables && i < TERN_BEAT_BYTES; i++)
			strobes |= static_cast<std::uint64_t>(enables[at + i] != 0) << i;
		ok &= burst.is_write() ? write(host, address, beat, strobes) :
					 read(host, address, beat);
	}
	return ok;
}

/* As tern::link and tern::memory do it. */
void bench::host_access(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay)
{
	const std::uint64_t now = to_ps(sc_core::sc_time_stamp() + delay);
	const std::uint64_t count = burst.get_data_length();
	const bool ok = of_ring(burst) || move(true, burst);
	beat_times times = burst.is_read() ? timing_->link.read(now + shift_, count) :
					     timing_->link.write(now + shift_, count);

	times.first_ps -= shift_;
	times.last_ps -= shift_;
	report_times(burst, delay, now, times);
	burst.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void bench::memory_access(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay)
{
	const std::uint64_t now = to_ps(sc_core::sc_time_stamp() + delay);
	const bool ok = move(false, burst);
	beat_times times = timing_->memory.take(now + shift_, burst.get_address(),
						burst.get_data_length(), burst.is_write());

	times.first_ps -= shift_;
	times.last_ps -= shift_;
	report_times(burst, delay, now, times);
	burst.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

/* Wrong beats, and those that are missing. */
std::optional<difference> bench::first_difference() const
{
	std::optional<difference> first;
	const auto earlier = [&](const difference &d) {
		if (!first || place(d.host, d.address) < place(first->host, first->address))
			first = d;
	};

	if (!wrong_.empty())
		earlier(wrong_.begin()->second);
	seen_->for_each_result([&](bool host, std::uint64_t address) {
		const auto page = written_.find({ host, address / page_bytes });
		const unsigned beat = address % page_bytes / TERN_BEAT_BYTES;
		std::uint8_t there[TERN_BEAT_BYTES];
		std::uint64_t strobes;

		if ((page == written_.end() ||
		     page->second[beat] <= writers(host, address, excerpt_->job)) &&
		    seen_->result(host, address, there, &strobes))
			earlier({ host, address, -1, there[0] });
	});
	return first;
}

} /* namespace tern */
