// SPDX-License-Identifier: Apache-2.0
/*
 * The sampler's books: what came of a job that was done again, and of all of them.
 */
#include "device/sampled/sampler.h"

#include <cmath>
#include <optional>

#include "platform/log.h"
#include "trace/labels.h"

namespace tern {

std::string sampler::name_of(const flight &flight) const
{
	const tern_hw_command &c = flight.command.what.command;
	std::string name = "job " + std::to_string(flight.number) + " (" +
			   job_name(contents_.device_memory(), c);

	if (c.opcode == TERN_HW_OP_GEMM)
		name += ", n " + std::to_string(c.n) + ", k " + std::to_string(c.k) + ", t " +
			std::to_string(c.t);
	else if (c.opcode == TERN_HW_OP_COPY || c.opcode == TERN_HW_OP_FILL)
		name += ", " + std::to_string(c.length) + " bytes";
	return name + ", queue " + std::to_string(flight.command.queue) + ")";
}

static std::string byte_text(int value)
{
	char text[16];

	if (value < 0)
		return "nothing";
	std::snprintf(text, sizeof(text), "0x%02x", value);
	return text;
}

void sampler::judge(const task &task)
{
	flight &flight = flights_[task.slot];
	const std::optional<difference> found = rtl_.first_difference();

	flight.rtl = rtl_.completion();
	flight.results_differ = found.has_value();
	if (!found)
		return;
	log(log_level::error,
	    "%s: results of RTL and model differ, first at 0x%llx of %s: %s in RTL, %s in the "
	    "model",
	    name_of(flight).c_str(),
	    static_cast<unsigned long long>(found->address),
	    found->host ? "host memory" : "device memory", byte_text(found->here).c_str(),
	    byte_text(found->there).c_str());
}

/* (model - rtl) / rtl */
static double error_of(double model, double rtl)
{
	return rtl > 0 ? (model - rtl) / rtl : model > 0 ? 1 : 0;
}

/* Beats and adds are the job's, whenever it is done. */
static bool same_counts(const tern_hw_completion &a, const tern_hw_completion &b)
{
	return a.array == b.array && a.mem_read == b.mem_read && a.mem_written == b.mem_written &&
	       a.host_read == b.host_read && a.host_written == b.host_written &&
	       a.adds == b.adds && a.adds_skipped == b.adds_skipped;
}

void sampler::count(const flight &flight, const tern_hw_completion &first)
{
	const double error = error_of(flight.again.cycles, flight.rtl.cycles);
	const double place = error_of(first.cycles, flight.again.cycles);
	const std::string name = name_of(flight);
	sample_report &r = report_;

	r.sampled++;
	r.cycles_differ += flight.again.cycles != flight.rtl.cycles;
	errors_ += error;
	absolute_errors_ += std::fabs(error);
	if (std::fabs(error) > std::fabs(r.worst_error) || !r.worst_job) {
		r.worst_error = error;
		r.worst_job = flight.number;
	}
	r.placed_alike += first.cycles == flight.again.cycles;
	place_errors_ += place;
	if (std::fabs(place) > std::fabs(r.worst_place_error))
		r.worst_place_error = place;

	if (first.status != flight.rtl.status)
		log(log_level::error, "%s: its status is %u in RTL, %u in the model", name.c_str(),
		    flight.rtl.status, first.status);
	r.results_differ += flight.results_differ || first.status != flight.rtl.status;
	if (same_counts(flight.again, flight.rtl))
		return;
	r.counts_differ++;
	log(log_level::warning, "%s: counts of beats or adds differ: array %u, memory %u and %u, "
	    "host %u and %u, adds %llu and %llu in RTL; %u, %u and %u, %u and %u, %llu and %llu "
	    "in the model", name.c_str(), flight.rtl.array, flight.rtl.mem_read,
	    flight.rtl.mem_written, flight.rtl.host_read, flight.rtl.host_written,
	    static_cast<unsigned long long>(flight.rtl.adds),
	    static_cast<unsigned long long>(flight.rtl.adds_skipped), flight.again.array,
	    flight.again.mem_read, flight.again.mem_written, flight.again.host_read,
	    flight.again.host_written, static_cast<unsigned long long>(flight.again.adds),
	    static_cast<unsigned long long>(flight.again.adds_skipped));
}

/* It was chosen and can't be done again, or was not to its end. */
void sampler::not_measured(const flight &flight)
{
	if (!flight.chosen || flight.came == flight::endless)
		return;
	report_.not_measured++;
	report_.crowded += flight.crowded;
	if (flight.crowded)
		log(log_level::warning, "%s is not measured: more than %zu commands were fetched "
		    "since the one before it", name_of(flight).c_str(), excerpt::most_commands);
	else
		log(log_level::info, "%s is not measured: it was aborted, reset, or its queue "
		    "switched off", name_of(flight).c_str());
}

void sampler::write_line(const flight &flight, const tern_hw_completion &first)
{
	const tern_hw_command &c = flight.command.what.command;
	const bool gemm = c.opcode == TERN_HW_OP_GEMM;
	const bool moves = c.opcode == TERN_HW_OP_COPY || c.opcode == TERN_HW_OP_FILL;
	const std::string layer = layer_name(contents_.device_memory(), c);

	if (!list_)
		return;
	std::fprintf(list_, "%llu\t%u\t%s\t%s\t%u\t%u\t%u\t%s\t%llu\t%zu\t%u\t",
		     static_cast<unsigned long long>(flight.number), flight.command.queue,
		     layer.empty() ? "-" : layer.c_str(), op_name(c.opcode).c_str(),
		     gemm ? c.n : 0, gemm ? c.k : 0, gemm ? c.t : 0,
		     !gemm ? "-" : c.packing == TERN_PACKING_B5 ? "b5" : "p2",
		     moves ? static_cast<unsigned long long>(c.length) : 0, flight.before,
		     first.cycles);
	if (flight.came == flight::endless)
		std::fputs("-\t-\tendless\n", list_);
	else
		std::fprintf(list_, "%u\t%u\t%s\n", flight.again.cycles, flight.rtl.cycles,
			     flight.results_differ || first.status != flight.rtl.status ?
				     "differ" : "equal");
	std::fflush(list_);
}

sample_report sampler::report() const
{
	sample_report r = report_;

	for (const flight &flight : flights_)
		r.waiting += flight.inside && flight.chosen;
	if (r.sampled) {
		const auto n = static_cast<double>(r.sampled);

		r.mean_error = errors_ / n;
		r.mean_absolute_error = absolute_errors_ / n;
		r.mean_place_error = place_errors_ / n;
		r.differ_at_most = share_at_most(r.cycles_differ, r.sampled, r.jobs, confidence);
	}
	r.estimate = estimate_.total(confidence);
	return r;
}

} /* namespace tern */
