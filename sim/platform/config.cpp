// SPDX-License-Identifier: Apache-2.0
#include "platform/config.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

#include "platform/nearest.h"
#include "tern_abi.h"

namespace tern {

double config_parse_bytes(const std::string &text, const std::string &where)
{
	static const struct {
		const char *unit;
		double factor;
	} units[] = {
		{ "", 1 },		     { "B", 1 },
		{ "KiB", 1024.0 },	     { "MiB", 1024.0 * 1024 },
		{ "GiB", 1024.0 * 1048576 }, { "TiB", 1048576.0 * 1048576 },
	};
	char *end;
	double value = std::strtod(text.c_str(), &end);

	if (end != text.c_str()) {
		while (*end == ' ')
			end++;
		for (const auto &unit : units) {
			if (!std::strcmp(end, unit.unit))
				return value * unit.factor;
		}
	}
	throw config_error(where + ": '" + text +
			   "' is not a size; write bytes, or a string such as \"256 MiB\"");
}

namespace {

enum class kind { integer, real, bytes, boolean, hardware, fidelity };

struct key {
	const char *name;
	kind type;
	double min;
	double max;
	void *(*field)(config &config);
};

#define FIELD(member) [](config &c) -> void * { return &c.member; }

const double ns_max = 1e9;

const key keys[] = {
	{ "device.config", kind::hardware, 0, 0, FIELD(device.config) },
	{ "device.clock_mhz", kind::real, 1, 10000, FIELD(device.clock_mhz) },
	{ "memory.bytes", kind::bytes, 1 << 20, 1ull << 40, FIELD(memory.bytes) },
	{ "memory.bytes_per_cycle", kind::real, 0, 65536, FIELD(memory.bytes_per_cycle) },
	{ "memory.bytes_per_ns", kind::real, 0, 65536, FIELD(memory.bytes_per_ns) },
	{ "memory.latency_cycles", kind::real, 0, 1e6, FIELD(memory.latency_cycles) },
	{ "memory.outstanding", kind::integer, 1, 64, FIELD(memory.outstanding) },
	{ "memory.banks", kind::integer, 0, 1024, FIELD(memory.banks) },
	{ "memory.channels", kind::integer, 1, 64, FIELD(memory.channels) },
	{ "memory.row_bytes", kind::integer, 64, 1 << 20, FIELD(memory.row_bytes) },
	{ "memory.interleave_bytes", kind::integer, 64, 1 << 20, FIELD(memory.interleave_bytes) },
	{ "memory.t_rcd_ns", kind::real, 0, ns_max, FIELD(memory.t_rcd_ns) },
	{ "memory.t_rp_ns", kind::real, 0, ns_max, FIELD(memory.t_rp_ns) },
	{ "memory.t_ras_ns", kind::real, 0, ns_max, FIELD(memory.t_ras_ns) },
	{ "memory.t_rrd_ns", kind::real, 0, ns_max, FIELD(memory.t_rrd_ns) },
	{ "memory.t_faw_ns", kind::real, 0, ns_max, FIELD(memory.t_faw_ns) },
	{ "memory.t_cl_ns", kind::real, 0, ns_max, FIELD(memory.t_cl_ns) },
	{ "memory.t_cwl_ns", kind::real, 0, ns_max, FIELD(memory.t_cwl_ns) },
	{ "memory.t_rtp_ns", kind::real, 0, ns_max, FIELD(memory.t_rtp_ns) },
	{ "memory.t_wr_ns", kind::real, 0, ns_max, FIELD(memory.t_wr_ns) },
	{ "memory.t_wtr_ns", kind::real, 0, ns_max, FIELD(memory.t_wtr_ns) },
	{ "memory.t_rtw_ns", kind::real, 0, ns_max, FIELD(memory.t_rtw_ns) },
	{ "memory.t_rfc_ns", kind::real, 0, ns_max, FIELD(memory.t_rfc_ns) },
	{ "memory.t_refi_ns", kind::real, 0, ns_max, FIELD(memory.t_refi_ns) },
	{ "memory.per_bank_refresh", kind::boolean, 0, 1, FIELD(memory.per_bank_refresh) },
	{ "memory.refresh_postponed", kind::integer, 0, 64, FIELD(memory.refresh_postponed) },
	{ "link.bytes_per_ns", kind::real, 0.01, 65536, FIELD(link.bytes_per_ns) },
	{ "link.read_latency_ns", kind::real, 0, ns_max, FIELD(link.read_latency_ns) },
	{ "link.write_latency_ns", kind::real, 0, ns_max, FIELD(link.write_latency_ns) },
	{ "link.outstanding", kind::integer, 1, 64, FIELD(link.outstanding) },
	{ "link.payload_bytes", kind::integer, 0, 4096, FIELD(link.payload_bytes) },
	{ "link.write_header_bytes", kind::integer, 0, 64, FIELD(link.write_header_bytes) },
	{ "link.completion_header_bytes", kind::integer, 0, 64,
	  FIELD(link.completion_header_bytes) },
	{ "link.read_request_bytes", kind::integer, 64, 4096, FIELD(link.read_request_bytes) },
	{ "link.read_tags", kind::integer, 1, 1024, FIELD(link.read_tags) },
	{ "link.write_credits", kind::integer, 1, 1024, FIELD(link.write_credits) },
	{ "simulator.batch_cycles", kind::integer, 1, 1e6, FIELD(simulator.batch_cycles) },
	{ "simulator.fidelity", kind::fidelity, 0, 0, FIELD(simulator.fidelity) },
	{ "simulator.pass_over_waits", kind::boolean, 0, 1, FIELD(simulator.pass_over_waits) },
	{ "simulator.sample_seed", kind::integer, 0, 4294967295.0, FIELD(simulator.sample_seed) },
};

#undef FIELD

bool has_presets(const std::string &section)
{
	return !config_preset_names(section).empty();
}

std::string section_of(const key &key)
{
	return std::string(key.name, std::strchr(key.name, '.'));
}

std::vector<std::string> section_names()
{
	std::vector<std::string> names;

	for (const key &k : keys)
		if (names.empty() || names.back() != section_of(k))
			names.push_back(section_of(k));
	return names;
}

const key &find_key(const std::string &name, const std::string &source)
{
	std::vector<std::string> known;

	for (const key &k : keys) {
		if (name == k.name)
			return k;
		known.push_back(k.name);
	}
	for (const std::string &section : section_names())
		if (has_presets(section))
			known.push_back(section + ".preset");
	throw config_error(source + ": unknown key '" + name + "'; did you mean '" +
			   nearest(name, known) + "'?");
}

std::string number_text(double value)
{
	std::ostringstream out;

	out.precision(15);
	out << value;
	return out.str();
}

const char *kind_text(kind kind)
{
	switch (kind) {
	case kind::real:
		return "a number";
	case kind::integer:
		return "an integer";
	case kind::boolean:
		return "true or false";
	case kind::hardware:
		return "the name of a hardware configuration in quotes";
	case kind::fidelity:
		return "\"rtl\", \"model\" or \"sampled=N\"";
	default:
		return "bytes or a string such as \"256 MiB\"";
	}
}

/* The configurations of abi/tern.toml, each of which the simulator has a model of. */
const std::string &hardware_name(const std::string &name, const std::string &where)
{
#define NAME(config, ...) #config,
	static const std::vector<std::string> known = { TERN_CONFIGS(NAME) };
#undef NAME
	const auto found = std::find(known.begin(), known.end(), name);

	if (found == known.end())
		throw config_error(where + ": no hardware configuration is called '" + name +
				   "'; did you mean '" + nearest(name, known) + "'?");
	return *found;
}

const char sampled[] = "sampled=";
const std::uint64_t most_every = 1000000;

/* N of "sampled=N", or 0 if there is none that is allowed. */
std::uint64_t every_of(const std::string &fidelity)
{
	const std::string digits = fidelity.substr(sizeof(sampled) - 1);
	std::uint64_t every = 0;

	if (digits.empty() || digits.size() > 7 ||
	    digits.find_first_not_of("0123456789") != std::string::npos)
		return 0;
	every = std::stoull(digits);
	return every <= most_every ? every : 0;
}

const std::string &fidelity_name(const std::string &name, const std::string &where)
{
	if (name == "rtl" || name == "model")
		return name;
	if (name.compare(0, sizeof(sampled) - 1, sampled))
		throw config_error(where + ": '" + name + "' is no fidelity; it can be \"rtl\", "
				   "\"model\" or \"sampled=N\"");
	if (!every_of(name))
		throw config_error(where + ": '" + name + "' does not say which jobs; N of "
				   "\"sampled=N\" can be 1 to " + std::to_string(most_every));
	return name;
}

bool is_name(kind kind)
{
	return kind == kind::hardware || kind == kind::fidelity;
}

void set(config &config, const key &key, const toml::node &node, const std::string &source)
{
	const std::string where = source + ": " + key.name;
	void *const field = key.field(config);
	double value;

	if (is_name(key.type) && node.is_string()) {
		const std::string &name = node.ref<std::string>();

		*static_cast<std::string *>(field) = key.type == kind::hardware ?
							     hardware_name(name, where) :
							     fidelity_name(name, where);
		return;
	}
	if (key.type == kind::boolean && node.is_boolean()) {
		*static_cast<bool *>(field) = node.ref<bool>();
		return;
	}
	if (key.type == kind::bytes && node.is_string())
		value = config_parse_bytes(node.ref<std::string>(), where);
	else if (node.is_integer() && key.type != kind::boolean && !is_name(key.type))
		value = static_cast<double>(node.ref<int64_t>());
	else if (node.is_floating_point() && key.type == kind::real)
		value = node.ref<double>();
	else
		throw config_error(where + " must be " + kind_text(key.type));
	if (!(value >= key.min && value <= key.max))
		throw config_error(where + " = " + number_text(value) +
				   " is out of range; it can be " + number_text(key.min) + " to " +
				   number_text(key.max));
	if (key.type == kind::real)
		*static_cast<double *>(field) = value;
	else
		*static_cast<std::uint64_t *>(field) = static_cast<std::uint64_t>(value);
	/* One bandwidth in two units: the last word counts. */
	if (field == &config.memory.bytes_per_ns && value > 0)
		config.memory.bytes_per_cycle = 0;
	if (field == &config.memory.bytes_per_cycle && value > 0)
		config.memory.bytes_per_ns = 0;
}

toml::table parse(std::string_view text, const std::string &source)
{
	try {
		return toml::parse(text);
	} catch (const toml::parse_error &error) {
		throw config_error(source + ":" + std::to_string(error.source().begin.line) + ": " +
				   std::string(error.description()));
	}
}

bool is_path(const std::string &name)
{
	return name.find('/') != std::string::npos ||
	       (name.size() > 5 && name.substr(name.size() - 5) == ".toml");
}

std::string read_file(const std::string &path)
{
	std::ifstream file(path);
	std::ostringstream text;

	/* Inserting nothing at all counts as a failure, but a file can be empty. */
	if (!file || (file.peek() != EOF && !(text << file.rdbuf())) || file.bad())
		throw config_error("can't read " + path + ": " + std::strerror(errno));
	return text.str();
}

/* The text of a preset or a file, for a section or (with none) a card. */
std::string find_text(const std::string &name, const std::string &section,
		      const std::string &where)
{
	const std::string full = section.empty() ? name : section + "/" + name;
	const std::string kind = section.empty() ? "" : section + " ";
	std::vector<std::string> known = config_preset_names(section);

	/* A preset's whole name, "memory/lpddr5", looks like a path. */
	for (unsigned i = 0; i < config_preset_count; i++)
		if (full == config_presets[i].name)
			return config_presets[i].text;
	if (is_path(name))
		return read_file(name);
	/* A card may be asked for by what its memory or its link is, and is `base` else. */
	for (const std::string &part : section_names()) {
		for (const std::string &preset : config_preset_names(part)) {
			if (!section.empty())
				continue;
			if (preset == name)
				return find_text(name, part, where);
			known.push_back(preset);
		}
	}
	throw config_error(where + "no " + kind + "preset is called '" + name +
			   "'; did you mean '" + nearest(name, known) +
			   "'? (a file needs a '/' or the ending .toml)");
}

void apply_section(config &config, const toml::table &section, const std::string &prefix,
		   const std::string &source);

/* A section's "preset" names a file with that section alone, to begin with. */
void apply_preset(config &config, const toml::node &node, const std::string &section,
		  const std::string &source)
{
	const std::string where = source + ": " + section + ".preset";

	if (!node.is_string())
		throw config_error(where + " must be the name of a preset in quotes, or a path");

	const std::string name = node.ref<std::string>();
	const toml::table table = parse(find_text(name, section, where + ": "), name);
	const toml::table *part = table[section].as_table();

	if (!part || table.size() != 1)
		throw config_error(where + ": " + name + " must have a section [" + section +
				   "] and nothing else");
	if (part->contains("preset"))
		throw config_error(where + ": " + name + " is a preset and can't name another");
	apply_section(config, *part, section + ".", name);
}

void apply_section(config &config, const toml::table &section, const std::string &prefix,
		   const std::string &source)
{
	for (auto &&[name, node] : section) {
		if (name.str() != "preset")
			set(config, find_key(prefix + std::string(name.str()), source), node,
			    source);
	}
}

/* An empty section has no key that could be unknown. */
void check_section(const std::string &name, const std::string &source)
{
	const std::vector<std::string> known = section_names();

	if (std::find(known.begin(), known.end(), name) == known.end())
		throw config_error(source + ": unknown section '" + name + "'; did you mean '" +
				   nearest(name, known) + "'?");
}

void apply_table(config &config, const toml::table &table, const std::string &source)
{
	for (auto &&[key, node] : table) {
		const std::string name(key.str());
		const toml::table *section = node.as_table();

		if (!section) {
			set(config, find_key(name, source), node, source);
			continue;
		}
		check_section(name, source);
		if (section->contains("preset")) {
			if (!has_presets(name))
				find_key(name + ".preset", source);
			apply_preset(config, *section->get("preset"), name, source);
		}
		apply_section(config, *section, name + ".", source);
	}
}

} /* namespace */

void config_apply_text(config &config, std::string_view text, const std::string &source)
{
	apply_table(config, parse(text, source), source);
}

void config_apply_override(config &config, const std::string &assignment)
{
	const std::string source = "--set " + assignment;
	const std::size_t equals = assignment.find('=');

	if (equals == std::string::npos || !equals)
		throw config_error(source + ": write SECTION.KEY=VALUE");

	const std::string name = assignment.substr(0, equals);
	const std::size_t dot = name.find('.');
	const bool preset = dot != std::string::npos && name.substr(dot) == ".preset" &&
			    has_presets(name.substr(0, dot));
	const key *const key = preset ? nullptr : &find_key(name, source);
	std::string value = assignment.substr(equals + 1);

	/* The shell has eaten the quotes of a name and of a size with a unit. */
	if ((preset || key->type == kind::bytes || is_name(key->type)) &&
	    !value.empty() && value.front() != '"')
		value = '"' + value + '"';

	toml::table table;

	try {
		table = toml::parse("value = " + value);
	} catch (const toml::parse_error &) {
		throw config_error(source + ": '" + value + "' is not " +
				   (preset ? "a preset's name" : kind_text(key->type)));
	}
	if (!table.contains("value") || table.size() != 1)
		throw config_error(source + ": write SECTION.KEY=VALUE");
	if (preset)
		apply_preset(config, *table.get("value"), name.substr(0, dot), source);
	else
		set(config, *key, *table.get("value"), source);
}

static void check_power_of_two(const char *name, std::uint64_t value, const char *why)
{
	if (value & (value - 1))
		throw config_error(std::string(name) + " = " + std::to_string(value) +
				   " is not a power of two, which " + why + " has to be");
}

void config_check(const config &config)
{
	const auto &m = config.memory;

	check_power_of_two("memory.bytes", m.bytes, "the window on it");
	check_power_of_two("memory.banks", m.banks, "a part of an address");
	check_power_of_two("memory.channels", m.channels, "a part of an address");
	check_power_of_two("memory.row_bytes", m.row_bytes, "a part of an address");
	check_power_of_two("memory.interleave_bytes", m.interleave_bytes, "a part of an address");
	if (m.interleave_bytes > m.row_bytes)
		throw config_error("memory.interleave_bytes = " +
				   std::to_string(m.interleave_bytes) +
				   " is more than memory.row_bytes = " +
				   std::to_string(m.row_bytes));
	if (m.bytes_per_cycle < 0.5 && m.bytes_per_ns < 0.001)
		throw config_error("memory.bytes_per_cycle = " + number_text(m.bytes_per_cycle) +
				   " and memory.bytes_per_ns = " + number_text(m.bytes_per_ns) +
				   ": one must be at least 0.5, or 0.001");
	if (m.banks && m.t_refi_ns > 0 && m.t_rfc_ns * 2 > m.t_refi_ns)
		throw config_error("memory.t_rfc_ns = " + number_text(m.t_rfc_ns) +
				   " leaves less than half of memory.t_refi_ns = " +
				   number_text(m.t_refi_ns) + " for work");
}

std::uint64_t config::sample_every() const
{
	return simulator.fidelity.compare(0, sizeof(sampled) - 1, sampled) ?
		       0 : every_of(simulator.fidelity);
}

config config_load(const std::string &name_or_path)
{
	config result;

	config_apply_text(result, find_text(name_or_path, "", ""), name_or_path);
	return result;
}

std::vector<std::string> config_preset_names(const std::string &section)
{
	const std::string prefix = section.empty() ? "" : section + "/";
	std::vector<std::string> names;

	for (unsigned i = 0; i < config_preset_count; i++) {
		const std::string name = config_presets[i].name;

		if (section.empty() ? name.find('/') == std::string::npos :
				      name.substr(0, prefix.size()) == prefix)
			names.push_back(name.substr(prefix.size()));
	}
	return names;
}

static std::string value_text(const key &key, config &config)
{
	void *const field = key.field(config);

	switch (key.type) {
	case kind::real:
		return number_text(*static_cast<double *>(field));
	case kind::boolean:
		return *static_cast<bool *>(field) ? "true" : "false";
	case kind::hardware:
	case kind::fidelity:
		return '"' + *static_cast<std::string *>(field) + '"';
	default:
		return std::to_string(*static_cast<std::uint64_t *>(field));
	}
}

std::string config_text(const config &config)
{
	tern::config copy = config;
	std::string section;
	std::string text;

	for (const key &k : keys) {
		const std::string of = section_of(k);

		if (of != section) {
			section = of;
			text += (text.empty() ? "[" : "\n[") + section + "]\n";
		}
		text += std::string(k.name + of.size() + 1) + " = ";
		text += value_text(k, copy);
		text += "\n";
	}
	return text;
}

} /* namespace tern */
