/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card and its surroundings: builds the blocks and binds their sockets.
 */
#ifndef TERN_SIM_PLATFORM_H
#define TERN_SIM_PLATFORM_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "device/device.h"
#include "faults/faults.h"
#include "link/link.h"
#include "memory/memory.h"
#include "platform/config.h"
#include "platform/endpoint.h"
#include "trace/chrome.h"
#include "trace/tap.h"
#include "trace/tracing.h"
#include "trace/window.h"

namespace tern {

class platform : public sc_core::sc_module {
public:
	/* Throws std::system_error if there is no memory for it, or a file can't be made. */
	platform(const sc_core::sc_module_name &name, const config &config,
		 const tracing &tracing);

	tern::endpoint &endpoint() { return endpoint_; }
	tern::device &device() { return *device_; }
	tern::faults &faults() { return faults_; }

	/* The statistics so far, as JSON. */
	std::string statistics();

	/* What a sample of its jobs has shown, if one is taken. */
	std::optional<sample_report> samples() const { return device_->samples(); }

	/* Ends what is being written. False if it could not all be. */
	bool end_traces();

private:
	void bind();
	void bind_tap();

	const config config_;
	const std::uint64_t started_ns_;
	tern::faults faults_;
	memory memory_;
	link link_;
	std::unique_ptr<tern::device> device_;
	tern::endpoint endpoint_;
	job_watch jobs_;
	std::unique_ptr<tap> tap_;
	std::unique_ptr<chrome_trace> chrome_;
	std::unique_ptr<window> window_;
};

} /* namespace tern */

#endif /* TERN_SIM_PLATFORM_H */
