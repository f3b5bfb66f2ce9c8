// SPDX-License-Identifier: Apache-2.0
#include "platform/config.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

namespace tern {

namespace {

enum class kind { integer, real, bytes };

struct key {
	const char *name;
	kind type;
	double min;
	double max;
	void *(*field)(config &config);
};

#define FIELD(member) [](config &c) -> void * { return &c.member; }

const key keys[] = {
	{ "device.clock_mhz", kind::real, 1, 10000, FIELD(device.clock_mhz) },
	{ "memory.bytes", kind::bytes, 1 << 20, 1ull << 40, FIELD(memory.bytes) },
	{ "memory.bytes_per_cycle", kind::real, 0.5, 65536, FIELD(memory.bytes_per_cycle) },
	{ "memory.latency_cycles", kind::real, 0, 1e6, FIELD(memory.latency_cycles) },
	{ "memory.outstanding", kind::integer, 1, 64, FIELD(memory.outstanding) },
	{ "link.bytes_per_ns", kind::real, 0.01, 65536, FIELD(link.bytes_per_ns) },
	{ "link.read_latency_ns", kind::real, 0, 1e9, FIELD(link.read_latency_ns) },
	{ "link.write_latency_ns", kind::real, 0, 1e9, FIELD(link.write_latency_ns) },
	{ "link.outstanding", kind::integer, 1, 64, FIELD(link.outstanding) },
	{ "simulator.batch_cycles", kind::integer, 1, 1e6, FIELD(simulator.batch_cycles) },
};

#undef FIELD

/* Number of single-character edits that turn a into b. */
std::size_t distance(std::string_view a, std::string_view b)
{
	std::vector<std::size_t> row(b.size() + 1);

	for (std::size_t j = 0; j <= b.size(); j++)
		row[j] = j;
	for (std::size_t i = 1; i <= a.size(); i++) {
		std::size_t diagonal = row[0];

		row[0] = i;
		for (std::size_t j = 1; j <= b.size(); j++) {
			std::size_t above = row[j];

			row[j] = std::min({ above + 1, row[j - 1] + 1,
					    diagonal + (a[i - 1] != b[j - 1]) });
			diagonal = above;
		}
	}
	return row[b.size()];
}

/* The beginning of a name is nearer to it than any misspelling. */
std::size_t strangeness(std::string_view name, std::string_view known)
{
	return known.substr(0, name.size()) == name ? 0 : distance(name, known);
}

std::string nearest(std::string_view name, const std::vector<std::string> &known)
{
	return *std::min_element(known.begin(), known.end(),
				 [&](const std::string &a, const std::string &b) {
					 return strangeness(name, a) < strangeness(name, b);
				 });
}

const key &find_key(const std::string &name, const std::string &source)
{
	std::vector<std::string> known;

	for (const key &k : keys) {
		if (name == k.name)
			return k;
		known.push_back(k.name);
	}
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

/* "256 MiB", "1GiB", "4096" */
double parse_bytes(const std::string &text, const std::string &where)
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

const char *kind_text(kind kind)
{
	switch (kind) {
	case kind::real:
		return "a number";
	case kind::integer:
		return "an integer";
	default:
		return "bytes or a string such as \"256 MiB\"";
	}
}

void set(config &config, const key &key, const toml::node &node, const std::string &source)
{
	const std::string where = source + ": " + key.name;
	double value;

	if (key.type == kind::bytes && node.is_string())
		value = parse_bytes(node.ref<std::string>(), where);
	else if (node.is_integer())
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
		*static_cast<double *>(key.field(config)) = value;
	else
		*static_cast<std::uint64_t *>(key.field(config)) =
			static_cast<std::uint64_t>(value);
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

void apply_table(config &config, const toml::table &table, const std::string &prefix,
		 const std::string &source)
{
	for (auto &&[name, node] : table) {
		const std::string full = prefix + std::string(name.str());

		if (node.is_table() && prefix.empty())
			apply_table(config, *node.as_table(), full + ".", source);
		else
			set(config, find_key(full, source), node, source);
	}
}

} /* namespace */

void config_apply_text(config &config, std::string_view text, const std::string &source)
{
	apply_table(config, parse(text, source), "", source);
}

void config_apply_override(config &config, const std::string &assignment)
{
	const std::string source = "--set " + assignment;
	const std::size_t equals = assignment.find('=');

	if (equals == std::string::npos || !equals)
		throw config_error(source + ": write SECTION.KEY=VALUE");

	const key &key = find_key(assignment.substr(0, equals), source);
	std::string value = assignment.substr(equals + 1);

	/* The shell has eaten the quotes of a size with a unit. */
	if (key.type == kind::bytes && !value.empty() && value.front() != '"')
		value = '"' + value + '"';

	const toml::table table = parse("value = " + value, source);

	if (!table.contains("value") || table.size() != 1)
		throw config_error(source + ": write SECTION.KEY=VALUE");
	set(config, key, *table.get("value"), source);
}

void config_check(const config &config)
{
	/* BAR 4 is a power of two, as every BAR is. */
	if (config.memory.bytes & (config.memory.bytes - 1))
		throw config_error("memory.bytes = " + std::to_string(config.memory.bytes) +
				   " is not a power of two, which the window on it has to be");
}

config config_load(const std::string &name_or_path)
{
	config result;
	std::vector<std::string> names;

	if (name_or_path.find('/') != std::string::npos ||
	    (name_or_path.size() > 5 && name_or_path.substr(name_or_path.size() - 5) == ".toml")) {
		std::ifstream file(name_or_path);
		std::ostringstream text;

		/* Inserting nothing at all counts as a failure, but a file can be empty. */
		if (!file || (file.peek() != EOF && !(text << file.rdbuf())) || file.bad())
			throw config_error("can't read " + name_or_path + ": " +
					   std::strerror(errno));
		config_apply_text(result, text.str(), name_or_path);
		return result;
	}
	for (unsigned i = 0; i < config_preset_count; i++) {
		if (name_or_path == config_presets[i].name) {
			config_apply_text(result, config_presets[i].text, name_or_path);
			return result;
		}
	}
	throw config_error("no preset is called '" + name_or_path + "'; did you mean '" +
			   nearest(name_or_path, config_preset_names()) +
			   "'? (a file needs a '/' or the ending .toml)");
}

std::vector<std::string> config_preset_names()
{
	std::vector<std::string> names;

	for (unsigned i = 0; i < config_preset_count; i++)
		names.push_back(config_presets[i].name);
	return names;
}

std::string config_text(const config &config)
{
	tern::config copy = config;
	std::string section;
	std::string text;

	for (const key &k : keys) {
		const char *dot = std::strchr(k.name, '.');
		const std::string of(k.name, dot);

		if (of != section) {
			section = of;
			text += (text.empty() ? "[" : "\n[") + section + "]\n";
		}
		text += std::string(dot + 1) + " = ";
		if (k.type == kind::real)
			text += number_text(*static_cast<double *>(k.field(copy)));
		else
			text += std::to_string(*static_cast<std::uint64_t *>(k.field(copy)));
		text += "\n";
	}
	return text;
}

} /* namespace tern */
