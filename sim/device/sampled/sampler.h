/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets some of the model's jobs be done again by the RTL, and keeps the books. A job is done
 * again as soon as it has ended: before its completion, so its operands are still its
 * own, and while the model stands: for the card time passes in register accesses only.
 *
 * Done again is an excerpt: the job, those right before it (which it overlaps), and those
 * behind it that the device had fetched. The model does it too, so that it is known what the
 * model makes of just that; where the device was idle before, it is what it made of it at first.
 */
#ifndef TERN_SIM_SAMPLER_H
#define TERN_SIM_SAMPLER_H

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/model/core.h"
#include "device/model/watcher.h"
#include "device/sampled/bench.h"
#include "device/sampled/contents.h"
#include "device/sampled/estimate.h"
#include "device/sampled/excerpt.h"
#include "device/sampled/footprint.h"
#include "device/sampled/plan.h"
#include "device/sampled/report.h"
#include "platform/config.h"

namespace tern {

class sampler : public model::watcher {
public:
	/* list: a file for a line of each sampled job, empty for none. std::system_error. */
	sampler(const config &config, const std::string &list, model::core &core, memory &memory,
		link &link);
	~sampler() override;

	/* Before the device sees it. */
	void register_written(std::uint32_t offset, std::uint32_t value, std::uint64_t now_ps);

	/* Is there a job to be done again? Then some cycles of it. */
	bool working() const { return !tasks_.empty(); }
	void work();

	sample_report report() const;
	/* Closes the list. False if it could not all be written. */
	bool end();

	void taken(unsigned slot, const model::job &job) override;
	void reads(const model::job_burst &burst) override;
	void writes(const model::job_burst &burst) override;
	bool ended(unsigned slot, const model::job &job) override;
	void completed(unsigned slot, const tern_hw_completion *completion) override;
	void lost() override;

private:
	/* Jobs before the one in question that are done again with it, at most. */
	static constexpr unsigned warm_up = 1;
	static constexpr double confidence = 0.95;

	/* A command since it has its slot, and as long as an excerpt may need it. */
	struct record {
		std::uint64_t number;
		std::uint64_t start_ps;		/* of an excerpt that begins with it */
		bool opens;			/* the device was idle before */
		bool fresh;			/* as after a reset */
		std::shared_ptr<const tern::timing> timing;
		excerpt::command command;
	};
	/* A job inside the device. */
	struct flight {
		bool inside = false;
		bool chosen = false;
		std::uint64_t number = 0;
		excerpt::command command = {};
		std::unique_ptr<footprint> seen;	/* while it is measured */
		enum { no, measured, endless } came = no;	/* of doing it again */
		bool crowded = false;			/* too much, to do it again */
		tern_hw_completion again = {}, rtl = {};
		std::size_t before = 0;			/* jobs done again in front of it */
		bool results_differ = false;
	};
	struct task {
		unsigned slot;
		tern::excerpt excerpt;
		enum { begins, in_model, in_rtl } stage = begins;
		std::uint64_t model_cycles = 0, rtl_cycles = 0;
	};
	/* What the host has told of a queue. */
	struct queue {
		bool on = false;
		std::uint32_t tail = 0;
		std::uint64_t rung = 0, taken = 0;	/* commands */
		std::deque<std::pair<std::uint64_t, std::uint64_t>> bells; /* rung then, when */
	};

	std::uint64_t now_ps() const { return core_.cycle() * period_ps_; }
	std::shared_ptr<const tern::timing> timing_now() const;
	void ring(unsigned queue, std::uint32_t tail, std::uint64_t now_ps);
	/* None if there are too many commands in it. */
	std::optional<excerpt> make_excerpt(std::uint64_t number) const;
	void trim();
	void judge(const task &task);
	void finish();
	void forget(flight &flight);
	void withdraw(unsigned queue);
	void count(const flight &flight, const tern_hw_completion &first);
	void write_line(const flight &flight, const tern_hw_completion &first);
	void not_measured(const flight &flight);
	std::string name_of(const flight &flight) const;

	const sample_plan plan_;
	const std::uint64_t period_ps_, batch_cycles_;
	model::core &core_;
	const contents contents_;
	bench model_, rtl_;
	estimate estimate_;

	std::uint64_t taken_ = 0;
	std::deque<record> records_;
	std::vector<flight> flights_;		/* by slot */
	std::vector<unsigned> seen_;		/* slots with a footprint */
	std::deque<task> tasks_;
	std::vector<queue> queues_;
	/* When the device was idle the last time. */
	std::shared_ptr<const tern::timing> opening_;
	std::uint64_t opened_ps_ = 0;
	bool opens_ = false;			/* and nothing was fetched yet */
	bool fresh_ = true;			/* nothing was since a reset */

	sample_report report_;
	double errors_ = 0, absolute_errors_ = 0, place_errors_ = 0;	/* sums */
	std::FILE *list_ = nullptr;
	bool list_ok_ = true;
};

} /* namespace tern */

#endif /* TERN_SIM_SAMPLER_H */
