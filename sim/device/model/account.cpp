// SPDX-License-Identifier: Apache-2.0
#include "device/model/account.h"

#include <algorithm>

namespace tern::model {

void account::reset()
{
	for (slot &slot : slots_)
		slot = {};
	std::fill(std::begin(total_), std::end(total_), 0);
	state_ = {};
	link_wait_ = command_wait_ = 0;
}

void account::tick(const events &e)
{
	const unsigned *const done = e.done[0] ? e.done[0] : e.done[1];
	const bool copy = state_.array_idle && state_.copying && !done;
	const bool link = link_cycle(done != nullptr);
	const bool command = command_cycle();

	if (done)
		slots_[*done].link += link_wait_;
	else if (copy)
		slots_[state_.copy_slot].link++;
	if (done || link)
		link_wait_ = (done ? 0 : link_wait_) + link;

	if (e.end && e.end->first)
		slots_[e.end->slot].commands += command_wait_;
	else if (e.begin)
		slots_[*e.begin].commands += command_wait_;
	if ((e.end && e.end->first) || e.begin)
		command_wait_ = command;
	else
		command_wait_ += command;

	total_[cycles] += copy || link || command || (state_.array_idle && state_.completing);
	if (!e.end)
		return;

	slot &slot = slots_[e.end->slot];

	slot.cycles += e.end->cycles;
	slot.array += e.end->array;
	slot.stall_weights += e.end->stall_weights;
	slot.stall_activations += e.end->stall_activations;
	slot.stall_results += e.end->stall_results;
	slot.adds += e.end->nonzeros * e.end->cols;
	slot.skipped += (e.end->trits - e.end->nonzeros) * e.end->cols;
	total_[cycles] += e.end->cycles;
	total_[array] += e.end->array;
	total_[stall_weights] += e.end->stall_weights;
	total_[stall_activations] += e.end->stall_activations;
	total_[stall_results] += e.end->stall_results;
}

void account::skip(std::uint64_t n)
{
	if (!state_.array_idle)
		return;
	if (state_.copying)
		slots_[state_.copy_slot].link += n;
	else if (state_.answers_due)
		link_wait_ += n;
	else if (state_.commands_inside)
		command_wait_ += n;
	else if (!state_.completing)
		return;
	total_[cycles] += n;
}

/* Counters of 32 bits stay at their greatest value. */
static std::uint32_t count(std::uint64_t value)
{
	return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

tern_hw_completion account::completion(unsigned index, const job &job) const
{
	const slot &slot = slots_[index];
	const tern_hw_command &command = job.what.command;
	const bool src_host = command.src_space == TERN_SPACE_HOST;
	const bool dst_host = command.dst_space == TERN_SPACE_HOST;
	tern_hw_completion result = {};

	result.adds = slot.adds;
	result.adds_skipped = slot.skipped;
	result.cycles = count(slot.cycles + slot.link + slot.commands);
	result.array = count(slot.array);
	result.stall_weights = count(slot.stall_weights);
	result.stall_activations = count(slot.stall_activations);
	result.stall_results = count(slot.stall_results);
	result.stall_commands = count(slot.commands);
	result.stall_link = count(slot.link);
	result.mem_read = count(slot.weights + (src_host ? 0 : slot.data));
	result.mem_written = dst_host ? 0 : count(slot.written);
	result.host_read = src_host ? count(slot.data) : 0;
	result.host_written = dst_host ? count(slot.written) : 0;
	result.id = command.id;
	result.status = job.status;
	return result;
}

} /* namespace tern::model */
