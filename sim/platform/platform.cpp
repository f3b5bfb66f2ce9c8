// SPDX-License-Identifier: Apache-2.0
#include "platform/platform.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <jansson.h>

#include "device/model/model_device.h"
#include "device/rtl/rtl_device.h"
#include "device/sampled/sampled_device.h"

namespace tern {

static std::uint64_t clock_ns(clockid_t clock)
{
	timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static std::unique_ptr<device> make_device(const char *name, const config &config,
					   const tracing &tracing, memory &memory, link &link)
{
	if (config.sample_every())
		return make_sampled_device(name, config, tracing.samples, memory, link);
	if (!tracing.samples.empty())
		throw config_error("--samples " + tracing.samples + ": nothing is sampled with "
				   "--fidelity " + config.simulator.fidelity +
				   "; it is for sampled=N");
	return config.simulator.fidelity == "model" ? make_model_device(name, config) :
						      make_rtl_device(name, config);
}

platform::platform(const sc_core::sc_module_name &name, const config &config,
		   const tracing &tracing)
	: sc_module(name), config_(config), started_ns_(clock_ns(CLOCK_MONOTONIC)),
	  memory_("memory", config, faults_), link_("link", config, faults_),
	  device_(make_device("device", config, tracing, memory_, link_)),
	  endpoint_("endpoint", *device_, memory_, link_, faults_), jobs_(faults_.host_rings)
{
	if (!tracing.chrome.empty())
		chrome_ = std::make_unique<chrome_trace>(tracing.chrome, tracing.chrome_limit,
							 memory_);
	if (tracing.waves.when != waves::never) {
		window_ = std::make_unique<window>(tracing.waves);
		if (!device_->show_signals(*window_))
			throw config_error("--waves: there are no signals to be had here; `make "
					   "waves` builds build/ternsim-waves, which has them");
	}
	device_->memory.bind(memory_.port);
	if (chrome_ || window_)
		bind_tap();
	else
		bind();
}

void platform::bind()
{
	endpoint_.registers.bind(device_->registers);
	device_->host.bind(link_.port);
	device_->interrupts.bind(endpoint_.interrupts);
}

/* The same with an ear at each wire, which costs something only if somebody listens. */
void platform::bind_tap()
{
	tap_ = std::make_unique<tap>("tap", jobs_);
	endpoint_.registers.bind(tap_->registers_in);
	tap_->registers_out.bind(device_->registers);
	device_->host.bind(tap_->host_in);
	tap_->host_out.bind(link_.port);
	device_->interrupts.bind(tap_->interrupts_in);
	tap_->interrupts_out.bind(endpoint_.interrupts);
	if (window_)
		jobs_.add(*window_);
	if (chrome_) {
		jobs_.add(*chrome_);
		tap_->add(*chrome_);
	}
}

bool platform::end_traces()
{
	const bool samples = device_->end_samples();

	device_->end_signals();
	return (!chrome_ || chrome_->end()) && samples;
}

static void put(json_t *object, const char *name, std::uint64_t value)
{
	json_object_set_new(object, name, json_integer(static_cast<json_int_t>(value)));
}

static void put(json_t *object, const char *name, double value)
{
	json_object_set_new(object, name, json_real(value));
}

static json_t *section(json_t *root, const char *name)
{
	json_t *object = json_object();

	json_object_set_new(root, name, object);
	return object;
}

/* Reads, writes and errors are called alike in memory and link. */
template <typename traffic> static void put_traffic(json_t *object, const traffic &stats)
{
	put(object, "reads", stats.reads);
	put(object, "read_bytes", stats.read_bytes);
	put(object, "writes", stats.writes);
	put(object, "written_bytes", stats.written_bytes);
	put(object, "errors", stats.errors);
}

static void put_samples(json_t *root, const sample_report &r)
{
	json_t *const object = section(root, "sampled");
	json_t *part;

	put(object, "every", r.every);
	put(object, "seed", r.seed);
	put(object, "jobs", r.jobs);
	put(object, "model_cycles", r.model_cycles);
	put(object, "jobs_sampled", r.sampled);
	put(object, "jobs_not_measured", r.not_measured);
	put(object, "jobs_crowded", r.crowded);
	put(object, "jobs_not_ended", r.not_ended);
	put(object, "jobs_waiting", r.waiting);
	put(object, "results_differ", r.results_differ);
	put(object, "counts_differ", r.counts_differ);
	put(object, "cycles_differ", r.cycles_differ);
	put(object, "cycles_differ_at_most", r.differ_at_most);
	put(object, "mean_error", r.mean_error);
	put(object, "mean_absolute_error", r.mean_absolute_error);
	put(object, "worst_error", r.worst_error);
	put(object, "worst_job", r.worst_job);

	part = section(object, "estimate");
	if (r.estimate.known) {
		put(part, "ratio", r.estimate.ratio);
		put(part, "cycles", r.estimate.cycles);
	}
	if (r.estimate.bounded) {
		put(part, "confidence", r.estimate.confidence);
		put(part, "low", r.estimate.low);
		put(part, "high", r.estimate.high);
		put(part, "degrees_of_freedom", r.estimate.degrees);
	}

	part = section(object, "again");
	put(part, "same_cycles", r.placed_alike);
	put(part, "mean_error", r.mean_place_error);
	put(part, "worst_error", r.worst_place_error);
	put(part, "rtl_cycles", r.rtl_cycles);
	put(part, "seconds", r.seconds);
}

static void put_timing(json_t *object, const dram &timing)
{
	put(object, "busy_ns", 1e-3 * timing.busy_ps());
	put(object, "row_hits", timing.stats.row_hits);
	put(object, "row_misses", timing.stats.row_misses);
	put(object, "turnarounds", timing.stats.turnarounds);
	put(object, "refreshes", timing.stats.refreshes);
	put(object, "refresh_waits", timing.stats.refresh_waits);
}

std::string platform::statistics()
{
	/* Asked for first: it costs the device some cycles. */
	const std::uint64_t jobs = endpoint_.host_side() ? endpoint_.jobs() : 0;
	const auto &stats = device_->stats;
	json_t *root = json_object();
	json_t *part;

	put(root, "wall_s", 1e-9 * (clock_ns(CLOCK_MONOTONIC) - started_ns_));
	put(root, "cpu_s", 1e-9 * clock_ns(CLOCK_PROCESS_CPUTIME_ID));

	part = section(root, "device");
	put(part, "jobs", jobs);
	put(part, "cycles", device_->cycles());
	json_object_set_new(part, "fidelity", json_string(config_.simulator.fidelity.c_str()));
	put(part, "clock_mhz", config_.device.clock_mhz);
	put(part, "batches", stats.batches);
	put(part, "evaluation_s", 1e-9 * stats.host_ns);
	put(part, "register_reads", stats.register_reads);
	put(part, "register_writes", stats.register_writes);
	put(part, "register_errors", stats.register_errors);
	put(part, "interrupts", stats.interrupts);
	put(part, "resets", stats.resets);

	if (const std::optional<sample_report> samples = device_->samples())
		put_samples(root, *samples);

	part = section(root, "memory");
	put_traffic(part, memory_.stats);
	put_timing(part, memory_.timing());
	put(part, "resident_bytes", memory_.resident_bytes());

	part = section(root, "link");
	put_traffic(part, link_.stats);
	put(part, "dma_faults", link_.stats.dma_faults);
	put(part, "read_busy_ns", 1e-3 * link_.read_busy_ps());
	put(part, "write_busy_ns", 1e-3 * link_.write_busy_ps());
	put(part, "mapped_ranges", link_.table().size());
	put(part, "mapped_bytes", link_.table().mapped_bytes());
	put(part, "ranges_mapped", link_.table().stats.mapped);
	put(part, "ranges_unmapped", link_.table().stats.unmapped);

	if (const server *server = endpoint_.host_side()) {
		part = section(root, "vfio_user");
		put(part, "clients", server->stats.clients);
		put(part, "messages", server->stats.messages);
		put(part, "refused", server->stats.refused);
		put(part, "interrupts_delivered", server->interrupts().delivered());
		put(part, "interrupts_lost", server->interrupts().lost());
	}

	part = section(root, "faults");
	put(part, "loaded", faults_.loaded());
	for (unsigned i = 0; i < static_cast<unsigned>(fault_kind::count); i++) {
		const auto kind = static_cast<fault_kind>(i);
		std::string name = fault_name(kind);

		std::replace(name.begin(), name.end(), ' ', '_');
		put(part, name.c_str(), faults_.happened(kind));
	}

	if (chrome_) {
		part = section(root, "trace");
		put(part, "events", chrome_->stats.events);
		put(part, "left_out", chrome_->stats.left_out);
		put(part, "bytes", chrome_->stats.bytes);
	}

	char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	std::string result = std::string(text) + "\n";

	std::free(text);
	json_decref(root);
	return result;
}

} /* namespace tern */
