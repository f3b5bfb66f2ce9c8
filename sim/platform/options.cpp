// SPDX-License-Identifier: Apache-2.0
#include "platform/options.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <set>

#include <argp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "platform/config.h"

namespace tern {

enum {
	key_fd = 256, key_set, key_faults, key_control, key_stats, key_trace, key_trace_limit,
	key_waves, key_waves_jobs, key_waves_cycles, key_waves_assertion, key_waves_limit,
	key_level, key_show, key_fidelity, key_samples,
};

static std::string names(const std::string &section)
{
	std::string text;

	for (const std::string &name : config_preset_names(section))
		text += (text.empty() ? "" : ", ") + name;
	return text;
}

/* In --help the presets are those that there are. */
static const std::string config_help =
	"Configuration: TOML file, or preset (" + names("") + "), or card of the preset base with "
	"another memory (" + names("memory") + ") or link (" + names("link") + "); written with "
	"its folder, e.g. memory/ideal, where two have the same name. Default base";

static const argp_option argp_options[] = {
	{ "socket", 's', "PATH", 0,
	  "Listen for vfio-user clients at PATH; given again, another card in this process", 0 },
	{ "fd", key_fd, "N", 0,
	  "Serve the client at the other end of socket N, one of a pair, and end with it", 0 },
	{ "config", 'c', "NAME|PATH", 0,
	  config_help.c_str(), 0 },
	{ "set", key_set, "KEY=VALUE", 0,
	  "Override one key of the configuration, e.g. memory.bytes_per_cycle=128 or "
	  "memory.preset=lpddr5; can be given again, the last one counts", 0 },
	{ "fidelity", key_fidelity, "NAME", 0,
	  "rtl (default), model, which is faster, or sampled=N: the model, one in N of whose jobs "
	  "is done again by the RTL and compared. simulator.fidelity of the configuration", 0 },
	{ "samples", key_samples, "FILE", 0,
	  "Write a line of each job that --fidelity sampled=N has compared to FILE", 0 },
	{ "show-config", key_show, nullptr, 0, "Print the configuration with all its keys and end",
	  0 },
	{ "faults", key_faults, "FILE", 0,
	  "Let happen what FILE says, a fault a line, such as \"interrupt lost nth=3\"", 0 },
	{ "control", key_control, "PATH", 0,
	  "Listen at PATH for lines that command faults and ask for statistics; `tern fault` "
	  "sends them, \"help\" tells all", 0 },
	{ "stats", key_stats, "FILE", 0,
	  "Write statistics (JSON) to FILE at the end and on SIGUSR1; - is standard output", 0 },
	{ "trace", key_trace, "FILE", 0,
	  "Write a trace of jobs, DMA and stalls to FILE, for ui.perfetto.dev or chrome://tracing",
	  0 },
	{ "trace-limit", key_trace_limit, "SIZE", 0,
	  "End the trace before the file has SIZE, such as 64MiB; default 256MiB", 0 },
	{ "waves", key_waves, "FILE", 0,
	  "Write the RTL's signals to FILE (FST, for GTKWave), when one of the following says so; "
	  "of build/ternsim-waves only (`make waves`)", 0 },
	{ "waves-jobs", key_waves_jobs, "N[-M]", 0,
	  "from the fetch of the Nth command to the end of the Mth, of all since the start", 0 },
	{ "waves-cycles", key_waves_cycles, "A-B", 0,
	  "in cycles A to B of the device's clock, which stands while it is idle", 0 },
	{ "waves-assertion", key_waves_assertion, "CYCLES", 0,
	  "at least CYCLES cycles before the first assertion that fails (in FILE and in a second "
	  "one, .before.fst), and as many after; of build/ternsim-checked only", 0 },
	{ "waves-limit", key_waves_limit, "SIZE", 0,
	  "End it before FILE (or both together) have SIZE; default 256MiB", 0 },
	{ "log-level", key_level, "LEVEL", 0,
	  "error, warning (default with --fd), info (default with --socket) or debug", 0 },
	{}
};

static const char doc[] =
	"Simulates a Tern card: its RTL or a model of it, device memory and host link, behind a "
	"vfio-user socket that QEMU and libtern connect to."
	"\v"
	"Serves one client at a time; when it goes, the card is as new and the next one may come. "
	"One line on the standard error says when the socket is ready. SIGINT and SIGTERM end it.\n"
	"\n"
	"Each --socket is a card of its own. Behind one, --config, --set, --faults, --control, "
	"--trace, --samples and --waves are for that card; in front of the first one, for all, but "
	"each control, trace, sample and wave file needs a name of its own.\n"
	"\n"
	"Exit status:\n"
	"  0  ended by a signal, or by the client of --fd or its process\n"
	"  1  the simulation failed, or statistics or a trace could not be written\n"
	"  2  wrong usage, configuration or faults\n"
	"  3  no memory or no socket to be had\n"
	"  4  another simulator listens at a PATH\n"
	"  5  a sampled job had other results in RTL than in the model, or did not end there";

/* What argp hands from one option to the next. */
struct parser_state {
	options result;
	card_options common;		/* in front of the first --socket */

	card_options &current() { return result.cards.empty() ? common : result.cards.back(); }
};

static void add_card(argp_state *state, const char *socket)
{
	auto &parser = *static_cast<parser_state *>(state->input);

	for (const card_options &card : parser.result.cards) {
		if (card.socket == socket)
			argp_error(state, "--socket %s is there twice; each card needs its own",
				   socket);
	}
	parser.result.cards.push_back(parser.common);
	parser.result.cards.back().socket = socket;
}

static void check_controls(argp_state *state, const std::vector<card_options> &cards)
{
	for (const card_options &card : cards) {
		if (!card.control.empty() && card.control == card.socket)
			argp_error(state, "--control %s is the card's own --socket; it needs "
				   "another path", card.control.c_str());
		for (const card_options &other : cards) {
			if (&card != &other && !card.control.empty() &&
			    (card.control == other.control || card.control == other.socket))
				argp_error(state, "--control %s is another card's; each card needs "
					   "its own, behind its --socket", card.control.c_str());
		}
	}
}

static int parse_fd(argp_state *state, const char *text)
{
	char *end;
	const long fd = std::strtol(text, &end, 10);
	struct stat stat;

	if (end == text || *end || fd < 0 || fd > 1 << 20)
		argp_error(state, "--fd %s is not a file descriptor", text);
	if (fstat(fd, &stat) || !S_ISSOCK(stat.st_mode))
		argp_error(state, "--fd %s is not an open socket", text);
	return static_cast<int>(fd);
}

/* At least what an empty file of the kind needs. */
static std::uint64_t parse_size(argp_state *state, const char *option, const char *text,
				unsigned smallest)
{
	const double largest = 1ull << 40;

	try {
		const double bytes = config_parse_bytes(text, option);

		if (bytes >= smallest && bytes <= largest)
			return static_cast<std::uint64_t>(bytes);
		argp_error(state, "%s %s: it can be %u KiB to 1 TiB", option, text,
			   smallest >> 10);
	} catch (const config_error &error) {
		argp_error(state, "%s", error.what());
	}
	return 0;
}

static std::uint64_t parse_number(argp_state *state, const char *option, const char *text,
				  const char **end)
{
	char *after;

	errno = 0;
	const std::uint64_t value = std::strtoull(text, &after, 10);

	if (!std::isdigit(static_cast<unsigned char>(*text)) || errno)
		argp_error(state, "%s: '%s' does not begin with a whole number", option, text);
	*end = after;
	return value;
}

/* "3-5", and "3" where one will do. */
static void parse_range(argp_state *state, const char *option, const char *text,
			std::uint64_t least, bool one_will_do, waves &waves)
{
	const char *rest;

	waves.first = waves.last = parse_number(state, option, text, &rest);
	if (*rest == '-')
		waves.last = parse_number(state, option, rest + 1, &rest);
	else if (!one_will_do)
		argp_error(state, "%s %s: write FIRST-LAST", option, text);
	if (*rest || waves.first < least || waves.last < waves.first)
		argp_error(state, "%s %s: not a range of numbers from %u on", option, text,
			   static_cast<unsigned>(least));
}

static void set_when(argp_state *state, int key, const char *text, waves &waves)
{
	const char *rest;

	if (waves.when != waves::never)
		argp_error(state, "give one of --waves-jobs, --waves-cycles and --waves-assertion");
	switch (key) {
	case key_waves_jobs:
		waves.when = waves::of_jobs;
		parse_range(state, "--waves-jobs", text, 1, true, waves);
		break;
	case key_waves_cycles:
		waves.when = waves::in_cycles;
		parse_range(state, "--waves-cycles", text, 0, false, waves);
		break;
	default:
		waves.when = waves::around_assertion;
		waves.first = parse_number(state, "--waves-assertion", text, &rest);
		if (*rest || !waves.first)
			argp_error(state, "--waves-assertion %s: not a number of cycles", text);
	}
}

static void check_waves(argp_state *state, const waves &waves)
{
	if (waves.file.empty() && waves.when != waves::never)
		argp_error(state, "--waves FILE is missing: where to?");
	if (!waves.file.empty() && waves.when == waves::never)
		argp_error(state, "--waves %s needs to know when: --waves-jobs, --waves-cycles or "
			   "--waves-assertion", waves.file.c_str());
}

static void check_traces(argp_state *state, const std::vector<card_options> &cards)
{
	std::set<std::string> files;

	for (const card_options &card : cards) {
		check_waves(state, card.tracing.waves);
		if (!card.tracing.waves.file.empty() &&
		    !files.insert(card.tracing.waves.file).second)
			argp_error(state, "--waves %s is for two cards; give each its own, behind "
				   "its --socket", card.tracing.waves.file.c_str());
		if (!card.tracing.chrome.empty() && !files.insert(card.tracing.chrome).second)
			argp_error(state, "--trace %s is for two cards; give each its own, behind "
				   "its --socket", card.tracing.chrome.c_str());
		if (!card.tracing.samples.empty() && !files.insert(card.tracing.samples).second)
			argp_error(state, "--samples %s is for two cards; give each its own, "
				   "behind its --socket", card.tracing.samples.c_str());
	}
}

static error_t parse(int key, char *arg, argp_state *state)
{
	auto &parser = *static_cast<parser_state *>(state->input);
	options &options = parser.result;

	switch (key) {
	case 's':
		add_card(state, arg);
		break;
	case key_fd:
		options.fd = parse_fd(state, arg);
		break;
	case 'c':
		parser.current().config = arg;
		break;
	case key_set:
		parser.current().overrides.push_back(arg);
		break;
	case key_fidelity:
		parser.current().overrides.push_back(std::string("simulator.fidelity=") + arg);
		break;
	case key_show:
		options.show_config = true;
		break;
	case key_faults:
		parser.current().faults = arg;
		break;
	case key_control:
		parser.current().control = arg;
		break;
	case key_stats:
		options.stats = arg;
		break;
	case key_trace:
		parser.current().tracing.chrome = arg;
		break;
	case key_trace_limit:
		parser.current().tracing.chrome_limit =
			parse_size(state, "--trace-limit", arg, 64 << 10);
		break;
	case key_samples:
		parser.current().tracing.samples = arg;
		break;
	case key_waves:
		parser.current().tracing.waves.file = arg;
		break;
	case key_waves_jobs:
	case key_waves_cycles:
	case key_waves_assertion:
		set_when(state, key, arg, parser.current().tracing.waves);
		break;
	case key_waves_limit:
		parser.current().tracing.waves.limit =
			parse_size(state, "--waves-limit", arg, 1 << 20);
		break;
	case key_level:
		if (!log_parse_level(arg, options.level))
			argp_error(state, "--log-level %s is not error, warning, info or debug",
				   arg);
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", arg);
		break;
	case ARGP_KEY_END:
		/* A private simulator writes to its owner's terminal. */
		if (options.level == log_level::unset)
			options.level = options.fd < 0 ? log_level::info : log_level::warning;
		if (!options.show_config && options.cards.empty() == (options.fd < 0))
			argp_error(state, "give one of --socket PATH and --fd N");
		if (options.cards.empty())
			options.cards.push_back(parser.common);
		check_traces(state, options.cards);
		check_controls(state, options.cards);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

options parse_options(int argc, char **argv)
{
	static const argp parser = { argp_options, parse, nullptr, doc, nullptr, nullptr, nullptr };
	parser_state state;

	argp_err_exit_status = exit_usage;
	argp_parse(&parser, argc, argv, 0, nullptr, &state);
	return state.result;
}

} /* namespace tern */
