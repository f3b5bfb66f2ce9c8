// SPDX-License-Identifier: Apache-2.0
/*
 * Faults in words: SUBJECT WHAT [KEY=VALUE]...
 */
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "faults/fault.h"
#include "platform/nearest.h"
#include "tern_abi.h"
#include "tern_abi_names.h"

namespace tern {

namespace {

/* What a key may be used with; the ones that all kinds have are not named. */
enum : unsigned {
	has_vector = 1,
	has_queue = 2,
	has_dma = 4,		/* direction=, of= */
	has_address = 8,
	has_ns = 16,
	has_bit = 32,
	has_id = 64,
	has_status = 128,
	has_events = 256,	/* nth=, count= */
	/* The key must be there. */
	needs_shift = 16,
	needs_address = has_address << needs_shift | has_address,
	needs_ns = has_ns << needs_shift | has_ns,
};

struct kind_entry {
	const char *subject;
	const char *what;
	fault_place place;
	unsigned keys;
	const char *text;
};

constexpr unsigned dma_keys = has_events | has_dma | has_queue;
constexpr unsigned queue_keys = has_events | has_queue;

/* In the order of enum fault_kind. */
const kind_entry kinds[] = {
	{ "interrupt", "lost", fault_place::interrupts, has_events | has_vector,
	  "the device raises it, nobody hears it" },
	{ "interrupt", "spurious", fault_place::itself, has_vector,
	  "nothing has happened, and yet there it is" },
	{ "dma", "delay", fault_place::dma, dma_keys | needs_ns,
	  "the answer comes ns= nanoseconds of the card's time later" },
	{ "dma", "abort", fault_place::dma, dma_keys, "the answer is an error, no byte moves" },
	{ "dma", "corrupt", fault_place::dma, dma_keys | has_bit,
	  "bit= of the burst arrives flipped" },
	{ "dma", "stray", fault_place::dma, dma_keys | needs_address,
	  "it goes to address= instead" },
	{ "dma", "lost", fault_place::dma, dma_keys, "no answer ever comes, no byte moves" },
	{ "job", "hang", fault_place::dma, queue_keys,
	  "the command's fetch gets no answer, the queue stands" },
	{ "completion", "lost", fault_place::dma, queue_keys,
	  "the device has written it, memory has not got it" },
	{ "completion", "duplicate", fault_place::dma, queue_keys,
	  "it is in the ring's next slot as well" },
	{ "completion", "wrong", fault_place::dma, queue_keys | has_id,
	  "its id is id=, or all bits of it are flipped" },
	{ "completion", "failed", fault_place::dma, queue_keys | has_status,
	  "its status is status=, or PARITY" },
	{ "memory", "flip", fault_place::itself, needs_address | has_bit,
	  "bit= from address= on is another one, until it is overwritten" },
	{ "memory", "corrupt", fault_place::memory, has_events | has_bit,
	  "a read of the device sees bit= of its burst flipped" },
	{ "memory", "error", fault_place::memory, has_events,
	  "a read of the device is answered with an error" },
	{ "card", "remove", fault_place::itself, 0,
	  "reads give all-ones, writes go nowhere, its memory is lost" },
	{ "card", "return", fault_place::itself, 0, "it is back, as after power-on" },
	{ "link", "down", fault_place::itself, 0,
	  "reads give all-ones, writes go nowhere, the device is reset" },
	{ "link", "up", fault_place::itself, 0, "it is back, as after a reset" },
};

static_assert(std::size(kinds) == static_cast<std::size_t>(fault_kind::count));

const kind_entry &entry(fault_kind kind)
{
	return kinds[static_cast<std::size_t>(kind)];
}

const char *const roles[] = { "any", "command", "completion", "data" };
const char *const directions[] = { "read", "write" };

#define VALUE(value, name, text) value,
constexpr unsigned statuses[] = { TERN_STATUS_NAMES(VALUE) };
#undef VALUE

std::uint64_t number(std::string_view key, const std::string &value, std::uint64_t least,
		     std::uint64_t most)
{
	char *end = nullptr;
	std::uint64_t result;

	errno = 0;
	result = std::strtoull(value.c_str(), &end, 0);
	/* strtoull() takes signs and blanks, and makes numbers of them. */
	if (value.empty() || value[0] < '0' || value[0] > '9' || *end || errno)
		throw fault_error(std::string(key) + "=" + value + ": " +
				  (value.empty() ? "a number is missing" :
						   "'" + value + "' is not a number"));
	if (result < least || result > most)
		throw fault_error(std::string(key) + "=" + value + " is out of range; it can be " +
				  std::to_string(least) + " to " + std::to_string(most));
	return result;
}

template <std::size_t n>
std::size_t choice(std::string_view key, const std::string &value, const char *const (&names)[n])
{
	const std::vector<std::string> known(names, names + n);
	const auto found = std::find(known.begin(), known.end(), value);

	if (found == known.end())
		throw fault_error(std::string(key) + "=" + value + ": did you mean '" +
				  nearest(value, known) + "'?");
	return found - known.begin();
}

struct key_entry {
	const char *name;
	unsigned bit;		/* of the kinds that have it, 0: all */
	void (*set)(fault &fault, const std::string &value);
	/* Empty: it has its default. */
	std::string (*show)(const fault &fault);
};

template <typename type> std::string optional_text(const std::optional<type> &value)
{
	return value ? std::to_string(*value) : "";
}

std::string unless(std::uint64_t value, std::uint64_t usual)
{
	return value == usual ? "" : std::to_string(value);
}

constexpr std::uint64_t most_events = 1'000'000'000'000;
constexpr std::uint64_t most_ns = 1'000'000'000'000;

const key_entry keys[] = {
	{ "vector", has_vector,
	  [](fault &f, const std::string &v) { f.vector = number("vector", v, 0, 2047); },
	  [](const fault &f) { return optional_text(f.vector); } },
	{ "queue", has_queue,
	  [](fault &f, const std::string &v) {
		  f.queue = number("queue", v, 0, TERN_QUEUES_MAX - 1);
	  },
	  [](const fault &f) { return optional_text(f.queue); } },
	{ "direction", has_dma,
	  [](fault &f, const std::string &v) { f.write = choice("direction", v, directions); },
	  [](const fault &f) { return std::string(f.write ? directions[*f.write] : ""); } },
	{ "of", has_dma,
	  [](fault &f, const std::string &v) {
		  f.role = static_cast<dma_role>(choice("of", v, roles));
	  },
	  [](const fault &f) {
		  return std::string(f.role == dma_role::any ? "" :
				     roles[static_cast<std::size_t>(f.role)]);
	  } },
	{ "address", has_address,
	  [](fault &f, const std::string &v) {
		  f.address = number("address", v, 0, UINT64_MAX);
	  },
	  [](const fault &f) { return std::to_string(f.address); } },
	{ "ns", has_ns,
	  [](fault &f, const std::string &v) { f.ns = number("ns", v, 1, most_ns); },
	  [](const fault &f) { return std::to_string(f.ns); } },
	{ "bit", has_bit,
	  [](fault &f, const std::string &v) { f.bit = number("bit", v, 0, 32767); },
	  [](const fault &f) { return unless(f.bit, 0); } },
	{ "id", has_id,
	  [](fault &f, const std::string &v) { f.id = number("id", v, 0, 65535); },
	  [](const fault &f) { return optional_text(f.id); } },
	{ "status", has_status,
	  [](fault &f, const std::string &v) {
		  /* From 1 on: 0 is the good one. */
		  f.status = number("status", v, 1,
				    *std::max_element(std::begin(statuses), std::end(statuses)));
	  },
	  [](const fault &f) { return std::to_string(f.status); } },
	{ "nth", has_events,
	  [](fault &f, const std::string &v) { f.nth = number("nth", v, 1, most_events); },
	  [](const fault &f) { return unless(f.nth, 1); } },
	{ "count", has_events,
	  [](fault &f, const std::string &v) {
		  f.count = v == "all" ? fault::for_ever : number("count", v, 1, most_events);
	  },
	  [](const fault &f) {
		  return f.count == fault::for_ever ? "all" : unless(f.count, 1);
	  } },
	{ "after_cycles", 0,
	  [](fault &f, const std::string &v) {
		  f.after_cycles = number("after_cycles", v, 0, most_events);
	  },
	  [](const fault &f) { return unless(f.after_cycles, 0); } },
	{ "after_jobs", 0,
	  [](fault &f, const std::string &v) {
		  f.after_jobs = number("after_jobs", v, 0, most_events);
	  },
	  [](const fault &f) { return unless(f.after_jobs, 0); } },
};

bool fits(const key_entry &key, const kind_entry &kind)
{
	return !key.bit || kind.keys & key.bit;
}

std::vector<std::string> words_of(std::string_view line)
{
	std::vector<std::string> words;
	std::size_t at = 0;

	line = line.substr(0, line.find('#'));
	for (;;) {
		const std::size_t begin = line.find_first_not_of(" \t\r\n", at);
		const std::size_t end = line.find_first_of(" \t\r\n", begin);

		if (begin == std::string_view::npos)
			return words;
		words.emplace_back(line.substr(begin, end - begin));
		at = end;
	}
}

fault_kind find_kind(const std::vector<std::string> &words)
{
	const std::vector<std::string> subjects = fault_subjects();
	std::vector<std::string> known;

	if (std::find(subjects.begin(), subjects.end(), words[0]) == subjects.end())
		throw fault_error("unknown '" + words[0] + "'; did you mean '" +
				  nearest(words[0], subjects) + "'?");
	for (std::size_t i = 0; i < std::size(kinds); i++) {
		if (words[0] != kinds[i].subject)
			continue;
		if (words.size() > 1 && words[1] == kinds[i].what)
			return static_cast<fault_kind>(i);
		known.push_back(kinds[i].what);
	}
	if (words.size() < 2)
		throw fault_error("what of the " + words[0] + "? For example '" + words[0] + " " +
				  known[0] + "'");
	throw fault_error("unknown '" + words[0] + " " + words[1] + "'; did you mean '" +
			  words[0] + " " + nearest(words[1], known) + "'?");
}

const key_entry &find_key(const std::string &name, const kind_entry &kind)
{
	std::vector<std::string> known;

	for (const key_entry &key : keys) {
		if (!fits(key, kind))
			continue;
		if (name == key.name)
			return key;
		known.push_back(key.name);
	}
	throw fault_error(std::string("'") + kind.subject + " " + kind.what + "' has no " + name +
			  "=; did you mean '" + nearest(name, known) + "='?");
}

} /* namespace */

fault_place place_of(fault_kind kind)
{
	return entry(kind).place;
}

const char *fault_name(fault_kind kind)
{
	static const std::vector<std::string> names = [] {
		std::vector<std::string> result;

		for (const kind_entry &kind : kinds)
			result.push_back(std::string(kind.subject) + " " + kind.what);
		return result;
	}();

	return names[static_cast<std::size_t>(kind)].c_str();
}

std::vector<std::string> fault_subjects()
{
	std::vector<std::string> result;

	for (const kind_entry &kind : kinds)
		if (result.empty() || result.back() != kind.subject)
			result.push_back(kind.subject);
	return result;
}

fault parse_fault(std::string_view line)
{
	const std::vector<std::string> words = words_of(line);
	std::vector<std::string> seen;
	fault result;

	if (words.empty())
		throw fault_error("a fault is missing, for example 'interrupt lost'");
	result.kind = find_kind(words);
	result.status = TERN_STATUS_PARITY;

	const kind_entry &kind = entry(result.kind);

	for (std::size_t i = 2; i < words.size(); i++) {
		const std::size_t equals = words[i].find('=');
		const std::string name = words[i].substr(0, equals);
		const key_entry &key = find_key(name, kind);

		if (equals == std::string::npos)
			throw fault_error("'" + name + "' needs a value: " + name + "=...");
		if (std::find(seen.begin(), seen.end(), name) != seen.end())
			throw fault_error(name + "= is there twice");
		seen.push_back(name);
		key.set(result, words[i].substr(equals + 1));
	}
	for (const key_entry &key : keys) {
		if (kind.keys & key.bit << needs_shift &&
		    std::find(seen.begin(), seen.end(), key.name) == seen.end())
			throw fault_error(std::string("'") + kind.subject + " " + kind.what +
					  "' needs " + key.name + "=");
	}
	return result;
}

std::string fault_text(const fault &fault)
{
	const kind_entry &kind = entry(fault.kind);
	std::string result = fault_name(fault.kind);

	for (const key_entry &key : keys) {
		const std::string value = fits(key, kind) ? key.show(fault) : "";

		if (!value.empty())
			result += std::string(" ") + key.name + "=" + value;
	}
	return result;
}

std::vector<fault> read_faults(const std::string &path)
{
	std::vector<fault> result;
	std::ifstream file(path);
	std::string line;
	unsigned number = 0;

	errno = 0;
	if (!file)
		throw fault_error("can't read " + path + ": " + std::strerror(errno));
	while (std::getline(file, line)) {
		number++;
		if (words_of(line).empty())
			continue;
		try {
			result.push_back(parse_fault(line));
		} catch (const fault_error &error) {
			throw fault_error(path + ":" + std::to_string(number) + ": " +
					  error.what());
		}
	}
	/* A folder can be opened, too. */
	if (file.bad())
		throw fault_error("can't read " + path + ": " + std::strerror(errno));
	return result;
}

std::string fault_help()
{
	std::string text;

	for (const kind_entry &kind : kinds) {
		std::string names;

		for (const key_entry &key : keys)
			if (key.bit && fits(key, kind))
				names += std::string(" ") + key.name + "=";
		text += std::string(kind.subject) + " " + kind.what + names + "  (" + kind.text +
			")\n";
	}
	return text + "all of them: after_cycles= after_jobs=\n";
}

} /* namespace tern */
