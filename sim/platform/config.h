/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of a card: a TOML file or a preset of sim/configs, and
 * overrides from the command line.
 */
#ifndef TERN_SIM_CONFIG_H
#define TERN_SIM_CONFIG_H

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "link/packets.h"
#include "memory/dram.h"

namespace tern {

/* The defaults are those of the preset `base`. */
struct config {
	struct {
		std::string config = "base";
		double clock_mhz = 1000;
	} device;
	struct : dram_parameters {
		std::uint64_t bytes = 256u << 20;
		/* Of the device's clock; the one that is not 0 counts. */
		double bytes_per_cycle = 64;
		double latency_cycles = 60;
		std::uint64_t outstanding = 16;
	} memory;
	struct : link_parameters {
		std::uint64_t outstanding = 32;
	} link;
	struct {
		std::uint64_t batch_cycles = 256;
		std::string fidelity = "rtl";	/* or "model", "sampled=N" */
		std::uint64_t sample_seed = 1;
		/* Cycles in which the RTL only waits need not be evaluated. */
		bool pass_over_waits = true;
	} simulator;

	config() { memory.bytes_per_ns = 0; }

	/* N of fidelity "sampled=N", else 0. */
	std::uint64_t sample_every() const;

	/* Time is kept in picoseconds. */
	std::uint64_t clock_ps() const
	{
		return static_cast<std::uint64_t>(1e6 / device.clock_mhz);
	}

	/* The memory's parameters with what was said in cycles turned into time. */
	dram_parameters dram() const
	{
		dram_parameters result = memory;

		if (memory.bytes_per_cycle > 0)
			result.bytes_per_ns = memory.bytes_per_cycle * 1000 / clock_ps();
		result.latency_ns = memory.latency_cycles * clock_ps() / 1000;
		return result;
	}
};

struct config_error : std::runtime_error {
	using std::runtime_error::runtime_error;
};

/* The functions below throw config_error with a sentence for the user. */

/* A preset's name, or a path: it has a '/' or ends in ".toml". */
config config_load(const std::string &name_or_path);

/* The text of a file; `source` names it in errors. */
void config_apply_text(config &config, std::string_view text, const std::string &source);

/* One override, "memory.bytes_per_cycle=128". */
void config_apply_override(config &config, const std::string &assignment);

/* "256 MiB", "1GiB", "4096" */
double config_parse_bytes(const std::string &text, const std::string &where);

/* What must hold between keys. */
void config_check(const config &config);

/* All keys with their values, in TOML. */
std::string config_text(const config &config);

/* Of whole cards; those of a section, such as "memory/hbm2e", are asked for by the section. */
std::vector<std::string> config_preset_names(const std::string &section = "");

/* Made from sim/configs/ when building; a section's have its name in front. */
struct config_preset {
	const char *name;
	const char *text;
};
extern const config_preset config_presets[];
extern const unsigned config_preset_count;

} /* namespace tern */

#endif /* TERN_SIM_CONFIG_H */
