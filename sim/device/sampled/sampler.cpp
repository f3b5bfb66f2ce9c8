// SPDX-License-Identifier: Apache-2.0
#include "device/sampled/sampler.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

#include "device/model/jobs.h"
#include "device/model/model_device.h"
#include "device/rtl/rtl_device.h"
#include "platform/log.h"

namespace tern {

/* Of queues and slots that there can be. */
static constexpr unsigned most_slots = TERN_QUEUES_MAX * model::slots_a_queue;
/* The model does so many cycles in the time that the RTL takes for one. */
static constexpr unsigned model_speed = 64;
/* An RTL that takes so much longer than the model will never end. */
static constexpr std::uint64_t patience = 16, patience_cycles = 1 << 24;

static double seconds()
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

sampler::sampler(const config &config, const std::string &list, model::core &core,
		 memory &memory, link &link)
	: plan_(config.sample_every(), config.simulator.sample_seed),
	  period_ps_(config.clock_ps()), batch_cycles_(config.simulator.batch_cycles),
	  core_(core), contents_(memory, link),
	  model_("again_model", make_model_device("again_model_body", config), contents_,
		 period_ps_),
	  rtl_("again_rtl", make_rtl_device("again_rtl_body", config), contents_, period_ps_),
	  estimate_(plan_.block_size()), flights_(most_slots), queues_(TERN_QUEUES_MAX)
{
	report_.every = config.sample_every();
	report_.seed = config.simulator.sample_seed;
	if (!list.empty()) {
		list_ = std::fopen(list.c_str(), "we");
		if (!list_)
			throw std::system_error(errno, std::generic_category(),
						"can't write " + list);
		std::fputs("job\tqueue\tname\top\tn\tk\tt\tpacking\tbytes\tbefore\tcycles\t"
			   "cycles_again\tcycles_rtl\tresults\n", list_);
	}
	core.watch(*this);
}

sampler::~sampler()
{
	end();
}

bool sampler::end()
{
	if (list_ && (std::ferror(list_) | std::fclose(list_)))
		list_ok_ = false;
	list_ = nullptr;
	return list_ok_;
}

/* ------------------------------------------------------------------ what the host does */

std::shared_ptr<const timing> sampler::timing_now() const
{
	return std::make_shared<timing>(timing{ contents_.memory_timing(),
						contents_.link_timing() });
}

void sampler::ring(unsigned number, std::uint32_t tail, std::uint64_t now_ps)
{
	const std::uint32_t entries =
		1u << (core_.written_register(model::registers::queue(number, TERN_QREG_SIZE)) &
		       TERN_Q_SIZE_LOG2_MASK);
	queue &queue = queues_[number];

	/* The device takes no other one. */
	if (!queue.on || tail >= entries)
		return;
	if (!core_.busy() && !working()) {
		opening_ = timing_now();
		opened_ps_ = now_ps;
		opens_ = true;
	}
	queue.rung += (tail - queue.tail) & (entries - 1);
	queue.tail = tail;
	queue.bells.push_back({ queue.rung, now_ps });
}

void sampler::register_written(std::uint32_t offset, std::uint32_t value, std::uint64_t now_ps)
{
	const std::uint32_t bell = offset - TERN_QUEUE_DOORBELL_BASE;
	const std::uint32_t number = (offset - TERN_QUEUE_BASE) / TERN_QUEUE_STRIDE;

	if (offset == TERN_REG_CTRL && value & TERN_CTRL_RESET_MASK) {
		lost();
	} else if (offset >= TERN_QUEUE_DOORBELL_BASE &&
		   bell < TERN_QUEUES_MAX * TERN_QUEUE_DOORBELL_STRIDE) {
		if (bell % TERN_QUEUE_DOORBELL_STRIDE == 0)
			ring(bell / TERN_QUEUE_DOORBELL_STRIDE, value, now_ps);
	} else if (offset >= TERN_QUEUE_BASE && number < TERN_QUEUES_MAX &&
		   (offset - TERN_QUEUE_BASE) % TERN_QUEUE_STRIDE == TERN_QREG_CTRL) {
		const bool on = value & TERN_Q_CTRL_ENABLE_MASK;

		if (!on)
			withdraw(number);
		if (on != queues_[number].on)
			queues_[number] = {};
		queues_[number].on = on;
	}
}

/* ------------------------------------------------------------------ what the model does */

void sampler::taken(unsigned slot, const model::job &job)
{
	const unsigned number = model::jobs::queue_of(slot);
	queue &queue = queues_[number];
	flight &flight = flights_[slot];
	record record = {};

	queue.taken++;
	while (queue.bells.size() > 1 && queue.bells.front().first < queue.taken)
		queue.bells.pop_front();
	record.number = ++taken_;
	record.opens = opens_;
	record.start_ps = opens_ ? opened_ps_ : now_ps();
	record.command = { number,
			   queue.bells.empty() ? now_ps() : queue.bells.front().second,
			   job.what };
	record.fresh = fresh_;
	opens_ = fresh_ = false;
	if (record.opens)
		record.timing = opening_;
	else if (plan_.any_chosen(record.number, record.number + warm_up))
		record.timing = timing_now();

	flight = {};
	flight.inside = true;
	flight.number = taken_;
	flight.command = record.command;
	records_.push_back(std::move(record));
	trim();
	flight.chosen = plan_.chosen(taken_);
	if (flight.chosen) {
		flight.seen = std::make_unique<footprint>(contents_);
		seen_.push_back(slot);
	}
}

/*
 * Kept are those inside the device, those before them, and all since: any number of one queue's may
 * pass a long job of another.
 */
void sampler::trim()
{
	std::uint64_t oldest = taken_;

	for (const flight &flight : flights_)
		if (flight.inside)
			oldest = std::min(oldest, flight.number);
	while (records_.size() > excerpt::most_commands ||
	       records_.front().number + warm_up < oldest)
		records_.pop_front();
}

void sampler::reads(const model::job_burst &burst)
{
	if (flights_[burst.slot].seen)
		flights_[burst.slot].seen->reads(burst);
}

void sampler::writes(const model::job_burst &burst)
{
	for (unsigned slot : seen_) {
		if (slot == burst.slot)
			flights_[slot].seen->writes(burst);
		else
			flights_[slot].seen->overwritten_by(burst);
	}
}

void sampler::forget(flight &flight)
{
	const auto slot = static_cast<unsigned>(&flight - flights_.data());

	flight.seen.reset();
	seen_.erase(std::remove(seen_.begin(), seen_.end(), slot), seen_.end());
}

bool sampler::ended(unsigned slot, const model::job &job)
{
	flight &flight = flights_[slot];

	if (!flight.seen)
		return false;
	/* When exactly software has aborted it, nobody can say again. */
	if (job.status == TERN_STATUS_ABORTED) {
		forget(flight);
		return false;
	}

	std::optional<excerpt> again = make_excerpt(flight.number);

	if (!again) {
		flight.crowded = true;
		forget(flight);
		return false;
	}
	tasks_.push_back({ slot, std::move(*again) });
	return true;
}

void sampler::completed(unsigned slot, const tern_hw_completion *completion)
{
	flight &flight = flights_[slot];
	const std::uint64_t block = plan_.block_of(flight.number);

	if (!flight.inside)
		return;
	forget(flight);
	if (!completion) {
		estimate_.lost(block);
		not_measured(flight);
	} else {
		report_.jobs++;
		report_.model_cycles += completion->cycles;
		if (flight.came == flight::measured) {
			const double again = flight.again.cycles, rtl = flight.rtl.cycles;

			estimate_.measured(block, completion->cycles, rtl - again);
			count(flight, *completion);
			write_line(flight, *completion);
		} else {
			estimate_.completed(block, completion->cycles);
			if (flight.came == flight::endless)
				write_line(flight, *completion);
			else
				not_measured(flight);
		}
	}
	flight = {};
}

void sampler::lost()
{
	tasks_.clear();
	for (flight &flight : flights_) {
		if (!flight.inside)
			continue;
		forget(flight);
		estimate_.lost(plan_.block_of(flight.number));
		not_measured(flight);
		flight = {};
	}
	for (queue &queue : queues_)
		queue = {};
	opens_ = false;
	fresh_ = true;
}

/* The host waits for the queue to stop. */
void sampler::withdraw(unsigned queue)
{
	for (auto task = tasks_.begin(); task != tasks_.end();) {
		if (model::jobs::queue_of(task->slot) != queue) {
			++task;
			continue;
		}
		forget(flights_[task->slot]);
		core_.release(task->slot);
		task = tasks_.erase(task);
	}
}

/* ------------------------------------------------------------------ doing it again */

/* Nobody knows which of them writes first: of two queues, to one place. */
static bool race(const excerpt::command &a, const excerpt::command &b)
{
	return a.queue != b.queue && a.what.command.dst_space == b.what.command.dst_space &&
	       a.what.command.dst < b.what.dst_end && b.what.command.dst < a.what.dst_end;
}

std::optional<excerpt> sampler::make_excerpt(std::uint64_t number) const
{
	const std::uint64_t oldest = records_.front().number;
	const auto record_of = [&](std::uint64_t n) -> const record & {
		return records_[n - oldest];
	};

	/* It, or the one before it, had to be forgotten: only when there were too many. */
	if (oldest > 1 && number < oldest + warm_up)
		return std::nullopt;

	const record &job = record_of(number);
	std::uint64_t first = number;
	excerpt result = {};

	while (!record_of(first).opens && number - first < warm_up && first > oldest &&
	       record_of(first - 1).timing)
		first--;

	const record &begin = record_of(first);

	result.start_ps = begin.start_ps;
	result.timing = begin.timing;
	result.after_others = begin.opens && !begin.fresh;
	result.watchdog = core_.written_register(TERN_REG_WATCHDOG);
	for (std::uint64_t n = first; n <= taken_; n++) {
		const excerpt::command &command = record_of(n).command;

		if (race(command, job.command))
			continue;
		if (n == number)
			result.job = result.commands.size();
		result.commands.push_back(command);
	}
	return result;
}

void sampler::work()
{
	task &task = tasks_.front();
	flight &flight = flights_[task.slot];
	const double start = seconds();
	const std::uint64_t model_cycles = model_.cycles(), rtl_cycles = rtl_.cycles();
	bench::state state = bench::state::working;

	switch (task.stage) {
	case task::begins:
		flight.before = task.excerpt.job;
		model_.begin(task.excerpt, *flight.seen);
		task.stage = task::in_model;
		break;
	case task::in_model:
		state = model_.work(batch_cycles_ * model_speed);
		task.model_cycles += model_.cycles() - model_cycles;
		if (state != bench::state::ended)
			break;
		state = bench::state::working;
		flight.again = model_.completion();
		rtl_.begin(task.excerpt, *flight.seen);
		task.stage = task::in_rtl;
		break;
	case task::in_rtl:
		state = rtl_.work(batch_cycles_);
		task.rtl_cycles += rtl_.cycles() - rtl_cycles;
		if (task.rtl_cycles > patience * task.model_cycles + patience_cycles)
			state = bench::state::stuck;
		break;
	}
	report_.rtl_cycles += rtl_.cycles() - rtl_cycles;
	report_.seconds += seconds() - start;
	if (state == bench::state::stuck) {
		report_.not_ended++;
		flight.came = flight::endless;
		log(log_level::error, "%s does not end when the %s does it again",
		    name_of(flight).c_str(), task.stage == task::in_rtl ? "RTL" : "model");
		finish();
	} else if (state == bench::state::ended) {
		judge(task);
		flight.came = flight::measured;
		finish();
	}
}

void sampler::finish()
{
	const unsigned slot = tasks_.front().slot;

	forget(flights_[slot]);
	tasks_.pop_front();
	core_.release(slot);
}

} /* namespace tern */
