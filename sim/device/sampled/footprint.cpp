// SPDX-License-Identifier: Apache-2.0
#include "device/sampled/footprint.h"

#include <cstring>

namespace tern {

static unsigned beat_of(std::uint64_t address)
{
	return address % footprint::page_bytes / TERN_BEAT_BYTES;
}

static std::uint64_t bit_of(std::uint64_t address)
{
	return 1ull << beat_of(address);
}

static std::uint64_t beats_of(const model::job_burst &burst)
{
	return (burst.beats < footprint::beats_a_page ? (1ull << burst.beats) - 1 : ~0ull)
	       << beat_of(burst.address);
}

footprint::page &footprint::page_of(const model::job_burst &burst)
{
	return pages_[{ burst.host, burst.address / page_bytes }];
}

const footprint::page *footprint::find(bool host, std::uint64_t address) const
{
	const auto found = pages_.find({ host, address / page_bytes });

	return found == pages_.end() ? nullptr : &found->second;
}

/* A beat as it is now. One that cannot be read is one that nobody can overwrite. */
void footprint::keep(const model::job_burst &burst, unsigned beat, bool result, page &page)
{
	const std::uint64_t offset = beat * TERN_BEAT_BYTES;
	copy &to = result ? page.old_results : page.old_inputs;

	if (!to)
		to.reset(new std::uint8_t[page_bytes]);
	if (contents_.read(burst.host, burst.address / page_bytes * page_bytes + offset, result,
			   to.get() + offset, TERN_BEAT_BYTES))
		(result ? page.kept_results : page.kept_inputs) |= 1ull << beat;
}

void footprint::reads(const model::job_burst &burst)
{
	page_of(burst).inputs |= beats_of(burst);
}

void footprint::writes(const model::job_burst &burst)
{
	const std::uint64_t beats = beats_of(burst);

	/* What it writes over its own inputs, it writes over somebody's. */
	overwritten_by(burst);

	page &page = page_of(burst);

	page.results |= beats;
	page.kept_results &= ~beats;
	for (unsigned i = 0; i < burst.beats; i++)
		if (~burst.strobes[i])
			partial_[{ burst.host, burst.address + i * TERN_BEAT_BYTES }] =
				burst.strobes[i];
}

void footprint::overwritten_by(const model::job_burst &burst)
{
	const auto found = pages_.find({ burst.host, burst.address / page_bytes });

	if (found == pages_.end())
		return;

	page &page = found->second;
	const std::uint64_t beats = beats_of(burst);

	for (unsigned beat = 0; beat < beats_a_page; beat++) {
		const std::uint64_t bit = 1ull << beat;

		if (beats & bit & page.inputs & ~page.kept_inputs)
			keep(burst, beat, false, page);
		if (beats & bit & page.results & ~page.kept_results)
			keep(burst, beat, true, page);
	}
}

bool footprint::is_input(bool host, std::uint64_t address) const
{
	const page *const page = find(host, address);

	return page && page->inputs & bit_of(address);
}

bool footprint::is_result(bool host, std::uint64_t address) const
{
	const page *const page = find(host, address);

	return page && page->results & bit_of(address);
}

bool footprint::get(bool host, std::uint64_t address, bool result, std::uint8_t *to) const
{
	const page &page = *find(host, address);

	if (!((result ? page.kept_results : page.kept_inputs) & bit_of(address)))
		return contents_.read(host, address, result, to, TERN_BEAT_BYTES);
	std::memcpy(to, (result ? page.old_results : page.old_inputs).get() + address % page_bytes,
		    TERN_BEAT_BYTES);
	return true;
}

bool footprint::input(bool host, std::uint64_t address, std::uint8_t *to) const
{
	return get(host, address, false, to);
}

bool footprint::result(bool host, std::uint64_t address, std::uint8_t *to,
		       std::uint64_t *strobes) const
{
	const auto part = partial_.find({ host, address });

	*strobes = part == partial_.end() ? ~0ull : part->second;
	return get(host, address, true, to);
}

} /* namespace tern */
