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

namespace tern {

/* The defaults are those of the preset `base`. */
struct config {
	struct {
		double clock_mhz = 1000;
	} device;
	struct {
		std::uint64_t bytes = 256u << 20;
		double bytes_per_cycle = 64;
		double latency_cycles = 60;
		std::uint64_t outstanding = 16;
	} memory;
	struct {
		double bytes_per_ns = 16;
		double read_latency_ns = 400;
		double write_latency_ns = 200;
		std::uint64_t outstanding = 32;
	} link;
	struct {
		std::uint64_t batch_cycles = 256;
	} simulator;

	/* Time is kept in picoseconds. */
	std::uint64_t clock_ps() const
	{
		return static_cast<std::uint64_t>(1e6 / device.clock_mhz);
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

/* What must hold between keys. */
void config_check(const config &config);

/* All keys with their values, in TOML. */
std::string config_text(const config &config);

std::vector<std::string> config_preset_names();

/* Made from sim/configs/ when building. */
struct config_preset {
	const char *name;
	const char *text;
};
extern const config_preset config_presets[];
extern const unsigned config_preset_count;

} /* namespace tern */

#endif /* TERN_SIM_CONFIG_H */
