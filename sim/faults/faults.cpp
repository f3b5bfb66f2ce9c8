// SPDX-License-Identifier: Apache-2.0
#include "faults/faults.h"

#include "platform/log.h"

namespace tern {

faults::faults() : cycles([] { return std::uint64_t{ 0 }; })
{
}

faults &faults::none()
{
	static faults nothing;

	return nothing;
}

void faults::rearm()
{
	armed_.fill(false);
	for (const entry &entry : loaded_) {
		armed_[static_cast<unsigned>(place_of(entry.fault.kind))] = true;
		/* Jobs are counted by their completions. */
		if (entry.fault.after_jobs)
			armed_[static_cast<unsigned>(fault_place::dma)] = true;
	}
}

std::uint64_t faults::add(const fault &fault)
{
	if (loaded_.size() >= most)
		throw fault_error("there are " + std::to_string(most) +
				  " faults loaded, and that is the most");

	loaded_.push_back({ fault, next_number_, cycles() + fault.after_cycles,
			    jobs_ + fault.after_jobs });
	rearm();
	run_due();
	return next_number_++;
}

bool faults::remove(std::uint64_t number)
{
	const std::size_t before = loaded_.size();

	loaded_.remove_if([&](const entry &entry) { return entry.number == number; });
	rearm();
	return loaded_.size() < before;
}

void faults::clear()
{
	loaded_.clear();
	rearm();
}

std::string faults::list() const
{
	std::string text;

	for (const entry &entry : loaded_)
		text += std::to_string(entry.number) + " " + fault_text(entry.fault) +
			" (happened " + std::to_string(entry.done) + " times)\n";
	return text;
}

bool faults::time_has_come(const entry &entry) const
{
	return jobs_ >= entry.until_job &&
	       (!entry.fault.after_cycles || cycles() >= entry.until_cycle);
}

/* An event that fits the entry: is it one of those that something happens to? */
bool faults::happens(entry &entry)
{
	return time_has_come(entry) && ++entry.seen >= entry.fault.nth;
}

void faults::note(entry &entry)
{
	entry.done++;
	happened_[static_cast<unsigned>(entry.fault.kind)]++;
	log(log_level::debug, "fault %llu: %s",
	    static_cast<unsigned long long>(entry.number), fault_text(entry.fault).c_str());
}

/* One event suffers one fault, the oldest that is due; the others wait for the next event. */
template <typename predicate>
const fault *faults::event(fault_place place, predicate fits)
{
	for (auto it = loaded_.begin(); it != loaded_.end(); ++it) {
		if (place_of(it->fault.kind) != place || !fits(it->fault) || !happens(*it))
			continue;
		note(*it);
		now_ = it->fault;
		if (it->done >= it->fault.count) {
			loaded_.erase(it);
			rearm();
		}
		return &now_;
	}
	return nullptr;
}

bool faults::interrupt_lost(unsigned vector)
{
	return event(fault_place::interrupts, [&](const fault &fault) {
		return !fault.vector || *fault.vector == vector;
	});
}

const fault *faults::dma(std::uint64_t address, bool write)
{
	const int command = write ? -1 : host_rings.commands_at(address);
	const int completion = write ? host_rings.completions_at(address) : -1;
	const int queue = command < 0 ? completion : command;
	const dma_role role = command >= 0    ? dma_role::command :
			      completion >= 0 ? dma_role::completion : dma_role::data;
	const fault *result;

	result = event(fault_place::dma, [&](const fault &fault) {
		if (fault.queue && static_cast<int>(*fault.queue) != queue)
			return false;
		switch (fault.kind) {
		case fault_kind::job_hang:
			return role == dma_role::command;
		case fault_kind::completion_lost:
		case fault_kind::completion_duplicate:
		case fault_kind::completion_wrong:
		case fault_kind::completion_failed:
			return role == dma_role::completion;
		default:
			return (!fault.write || *fault.write == write) &&
			       (fault.role == dma_role::any || fault.role == role);
		}
	});
	if (role == dma_role::completion)
		jobs_++;
	return result;
}

const fault *faults::memory_read()
{
	return event(fault_place::memory, [](const fault &) { return true; });
}

void faults::run_due()
{
	if (!perform)
		return;
	for (auto it = loaded_.begin(); it != loaded_.end();) {
		if (place_of(it->fault.kind) != fault_place::itself || !time_has_come(*it)) {
			++it;
			continue;
		}
		note(*it);

		const fault due = it->fault;

		loaded_.erase(it);
		perform(due);
		/* A reset lets the device go on for some cycles, whose events use up faults. */
		it = loaded_.begin();
	}
	rearm();
}

} /* namespace tern */
