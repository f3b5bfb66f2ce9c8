// SPDX-License-Identifier: Apache-2.0
/*
 * ternsim: the simulated card. See README.md.
 */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <sys/stat.h>

#include <systemc>

#include "faults/control.h"
#include "faults/faults.h"
#include "platform/config.h"
#include "platform/host_process.h"
#include "platform/log.h"
#include "platform/options.h"
#include "platform/platform.h"

using namespace tern;

static options arguments;

static config load_config(const card_options &card)
{
	config config = config_load(card.config);

	for (const std::string &assignment : card.overrides)
		config_apply_override(config, assignment);
	config_check(config);
	return config;
}

/*
 * A reader never sees half a file: it is written aside and renamed. What is no
 * file (/dev/null, a FIFO) is written to, and never replaced.
 */
static bool write_statistics(const std::string &path, const std::string &text)
{
	struct stat st;
	const bool replace = stat(path.c_str(), &st) || S_ISREG(st.st_mode);
	const std::string aside = replace ? path + ".new" : path;
	std::FILE *file;
	bool ok;

	if (path == "-")
		return std::fputs(text.c_str(), stdout) >= 0 && !std::fflush(stdout);
	file = std::fopen(aside.c_str(), "we");
	ok = file && std::fputs(text.c_str(), file) >= 0;
	if (file && std::fclose(file))
		ok = false;
	if (ok && (!replace || !std::rename(aside.c_str(), path.c_str())))
		return true;
	log(log_level::error, "can't write %s: %s", path.c_str(), std::strerror(errno));
	if (replace)
		std::remove(aside.c_str());
	return false;
}

/* One card's as they are; of several an array. */
static std::string statistics_text(const std::vector<std::unique_ptr<platform>> &cards)
{
	std::string text;

	if (cards.size() == 1)
		return cards[0]->statistics();
	for (const auto &card : cards)
		text += (text.empty() ? "{\"cards\": [\n" : ",\n") + card->statistics();
	return text + "]}\n";
}

static void say_ready(const std::vector<config> &configs)
{
	for (std::size_t i = 0; i < configs.size(); i++) {
		const card_options &card = arguments.cards[i];

		std::fprintf(stderr, "ternsim: ready: socket %s, configuration %s, "
			     "%llu MiB of device memory\n", card.socket.c_str(),
			     card.config.c_str(),
			     static_cast<unsigned long long>(configs[i].memory.bytes >> 20));
	}
}

/* Faults from files, and the sockets that take more. */
static std::vector<std::unique_ptr<control>>
open_controls(const std::vector<std::unique_ptr<platform>> &cards, host_loop &loop)
{
	std::vector<std::unique_ptr<control>> controls;

	for (std::size_t i = 0; i < cards.size(); i++) {
		const card_options &options = arguments.cards[i];
		platform &card = *cards[i];

		if (!options.faults.empty()) {
			for (const fault &fault : read_faults(options.faults))
				card.faults().add(fault);
		}
		if (options.control.empty())
			continue;
		controls.push_back(std::make_unique<control>(options.control, card.faults()));
		controls.back()->statistics = [&card] { return card.statistics(); };
		loop.add(*controls.back());
	}
	return controls;
}

/* Whoever has asked for it wants to know, whatever is logged. Do RTL and model differ? */
static bool say_sample(const platform &card)
{
	const std::optional<sample_report> r = card.samples();
	char bounds[64] = "unknown bounds";

	if (!r)
		return false;
	if (r->estimate.bounded)
		std::snprintf(bounds, sizeof(bounds), "%.0f to %.0f with %.0f %% confidence",
			      r->estimate.low, r->estimate.high, 100 * r->estimate.confidence);
	std::fprintf(stderr, "ternsim: sampled: %llu of %llu jobs done again in RTL, results of "
		     "%llu differ; error of the model's cycles %+.5f %% on average, %+.5f %% at "
		     "worst; the model's %llu cycles are %.0f in RTL (%s)\n",
		     static_cast<unsigned long long>(r->sampled),
		     static_cast<unsigned long long>(r->jobs),
		     static_cast<unsigned long long>(r->results_differ), 100 * r->mean_error,
		     100 * r->worst_error, static_cast<unsigned long long>(r->model_cycles),
		     r->estimate.cycles, bounds);
	if (r->not_ended)
		std::fprintf(stderr, "ternsim: sampled: %llu jobs did not end when they were done "
			     "again\n", static_cast<unsigned long long>(r->not_ended));
	if (r->not_measured)
		std::fprintf(stderr, "ternsim: warning: sampled: %llu of the jobs to be done again "
			     "could not be (%llu were among too many commands, others ended by "
			     "software): if their errors are unlike the others', the estimate is "
			     "biased\n", static_cast<unsigned long long>(r->not_measured),
			     static_cast<unsigned long long>(r->crowded));
	return r->results_differ || r->not_ended;
}

static int simulate(const std::vector<config> &configs, host_loop &loop)
{
	std::vector<std::unique_ptr<platform>> cards;
	bool ok = true, differ = false;

	for (const config &config : configs) {
		const std::string name = "card" + std::to_string(cards.size());

		const tracing &tracing = arguments.cards[cards.size()].tracing;

		cards.push_back(std::make_unique<platform>(name.c_str(), config, tracing));
	}

	const auto controls = open_controls(cards, loop);
	host_process host("host", loop, cards);
	auto statistics = [&] {
		if (!arguments.stats.empty())
			ok &= write_statistics(arguments.stats, statistics_text(cards));
	};

	host.on_statistics = statistics;
	/* The client of --fd knows by the handshake; anybody else is told, whatever is logged. */
	if (arguments.fd < 0)
		host.on_ready = [&] { say_ready(configs); };
	sc_core::sc_start();
	for (const auto &card : cards)
		ok &= card->end_traces();
	statistics();
	for (const auto &card : cards)
		differ |= say_sample(*card);
	return !ok ? exit_failed : differ ? exit_differ : exit_ok;
}

static bool show_configs(const std::vector<config> &configs)
{
	std::string text;

	for (std::size_t i = 0; i < configs.size(); i++) {
		if (configs.size() > 1)
			text += (i ? "\n# " : "# ") + arguments.cards[i].socket + "\n";
		text += config_text(configs[i]);
	}
	return write_statistics("-", text);
}

static std::unique_ptr<host_loop> open_host()
{
	std::vector<std::string> sockets;

	if (arguments.fd >= 0)
		return std::make_unique<host_loop>(unique_fd(arguments.fd));
	for (const card_options &card : arguments.cards)
		sockets.push_back(card.socket);
	return std::make_unique<host_loop>(sockets);
}

int sc_main(int, char **)
{
	try {
		std::vector<config> configs;

		for (const card_options &card : arguments.cards)
			configs.push_back(load_config(card));
		if (arguments.show_config)
			return show_configs(configs) ? exit_ok : exit_failed;
		return simulate(configs, *open_host());
	} catch (const config_error &error) {
		log(log_level::error, "%s", error.what());
		return exit_usage;
	} catch (const fault_error &error) {
		log(log_level::error, "%s", error.what());
		return exit_usage;
	} catch (const listener::in_use &error) {
		log(log_level::error, "%s", error.what());
		return exit_in_use;
	} catch (const sc_core::sc_report &error) {
		log(log_level::error, "%s", error.what());
		return exit_failed;
	} catch (const std::exception &error) {
		log(log_level::error, "%s", error.what());
		return exit_environment;
	}
}

int main(int argc, char **argv)
{
	arguments = parse_options(argc, argv);
	log_set_level(arguments.level);
	/* SystemC's banner and its note on how the simulation ended. */
	setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
	sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
	return sc_core::sc_elab_and_sim(argc, argv);
}
