/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace in the Trace Event Format, which Perfetto and Chrome show: a row of jobs a
 * queue, what DMA was on the link, doorbells and interrupts, and where the cycles of
 * each job went. The file never grows past its limit.
 */
#ifndef TERN_SIM_CHROME_H
#define TERN_SIM_CHROME_H

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "trace/job_watch.h"
#include "trace/tap.h"

namespace tern {

class memory;

class chrome_trace : public job_observer, public tap_observer {
public:
	/* Throws std::system_error if the file can't be made. */
	chrome_trace(const std::string &path, std::uint64_t limit_bytes, memory &memory);
	/* Ends the file, if end() has not. */
	~chrome_trace() override;

	/* False if something could not be written. */
	bool end();

	void job_completed(const job &job, const tern_hw_completion &done,
			   std::uint64_t ps) override;
	void register_written(std::uint32_t offset, std::uint32_t value,
			      std::uint64_t ps) override;
	void transferred(const transfer &transfer, bool of_ring, bool failed) override;
	void interrupted(unsigned vector, std::uint64_t ps) override;

	struct {
		std::uint64_t events = 0, left_out = 0, bytes = 0;
	} stats;

private:
	/* Transfers that overlap are one slice: a link has a wire a direction. */
	struct streak {
		std::uint64_t start_ps = 0, end_ps = 0, address = 0, bytes = 0, bursts = 0;
	};

	[[gnu::format(printf, 2, 3)]] void event(const char *format, ...);
	void name_row(unsigned row, const std::string &name);
	void put(const std::string &text);
	void flush(unsigned row);
	void stalls(const job &job, const tern_hw_completion &done, std::uint64_t start_ps,
		    std::uint64_t end_ps);

	const std::string path_;
	const std::uint64_t limit_;
	memory &memory_;
	std::unique_ptr<std::FILE, int (*)(std::FILE *)> file_;
	bool full_ = false;
	bool failed_ = false;
	std::uint64_t last_ps_ = 0;
	std::map<unsigned, std::string> rows_;
	streak streaks_[4];
	std::uint64_t completed_ps_[TERN_QUEUES_MAX] = {};
};

} /* namespace tern */

#endif /* TERN_SIM_CHROME_H */
