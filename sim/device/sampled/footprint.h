/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a job has read and written, beat by beat, as it was then: most of it still lies where
 * it was, and what the device itself has since overwritten is kept.
 */
#ifndef TERN_SIM_FOOTPRINT_H
#define TERN_SIM_FOOTPRINT_H

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "device/model/watcher.h"
#include "device/sampled/contents.h"

namespace tern {

class footprint {
public:
	/* Beats are kept by pages: a bit each fits into a word, and no burst leaves one. */
	static constexpr unsigned page_bytes = 4096;
	static constexpr unsigned beats_a_page = page_bytes / TERN_BEAT_BYTES;

	explicit footprint(const contents &contents) : contents_(contents) {}

	/* The job's own bursts, and others', before they write. */
	void reads(const model::job_burst &burst);
	void writes(const model::job_burst &burst);
	void overwritten_by(const model::job_burst &burst);

	/* A beat by its address, which is a multiple of its size. */
	bool is_input(bool host, std::uint64_t address) const;
	bool is_result(bool host, std::uint64_t address) const;
	/* As the job has read it. False if it could not. */
	bool input(bool host, std::uint64_t address, std::uint8_t *to) const;
	/* As the job has left it, and which of its bytes the job wrote. False if it could not. */
	bool result(bool host, std::uint64_t address, std::uint8_t *to,
		    std::uint64_t *strobes) const;

	/* Calls what(host, address) for each beat of the results, memory first, then upwards. */
	template <class function> void for_each_result(function what) const
	{
		for (const auto &[key, page] : pages_)
			for (unsigned beat = 0; beat < beats_a_page; beat++)
				if (page.results >> beat & 1)
					what(key.first,
					     key.second * page_bytes + beat * TERN_BEAT_BYTES);
	}

private:
	using key = std::pair<bool, std::uint64_t>;	/* of the host's; address / page_bytes */
	using copy = std::unique_ptr<std::uint8_t[]>;

	/* A bit a beat. */
	struct page {
		std::uint64_t inputs = 0, results = 0;
		std::uint64_t kept_inputs = 0, kept_results = 0;
		copy old_inputs, old_results;
	};

	page &page_of(const model::job_burst &burst);
	const page *find(bool host, std::uint64_t address) const;
	void keep(const model::job_burst &burst, unsigned beat, bool result, page &page);
	bool get(bool host, std::uint64_t address, bool result, std::uint8_t *to) const;

	const contents &contents_;
	std::map<key, page> pages_;
	/* Strobes of beats that were written in part. */
	std::map<key, std::uint64_t> partial_;
};

} /* namespace tern */

#endif /* TERN_SIM_FOOTPRINT_H */
