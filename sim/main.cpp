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

#include <sys/stat.h>

#include <systemc>

#include "platform/config.h"
#include "platform/host_loop.h"
#include "platform/log.h"
#include "platform/options.h"
#include "platform/platform.h"

using namespace tern;

static options arguments;

static config load_config()
{
	config config = config_load(arguments.config);

	for (const std::string &assignment : arguments.overrides)
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

static int simulate(const config &config, host_loop &host)
{
	platform platform("card", config, host);
	bool ok = true;

	auto statistics = [&] {
		if (!arguments.stats.empty())
			ok &= write_statistics(arguments.stats, platform.statistics());
	};

	platform.endpoint().on_statistics = statistics;
	/* The client of --fd knows by the handshake; anybody else is told, whatever is logged. */
	platform.endpoint().on_ready = [&] {
		if (arguments.socket.empty())
			return;
		std::fprintf(stderr, "ternsim: ready: socket %s, configuration %s, "
			     "%llu MiB of device memory\n",
			     arguments.socket.c_str(), arguments.config.c_str(),
			     static_cast<unsigned long long>(config.memory.bytes >> 20));
	};
	sc_core::sc_start();
	statistics();
	return ok ? exit_ok : exit_failed;
}

int sc_main(int, char **)
{
	try {
		const config config = load_config();

		if (arguments.show_config) {
			return write_statistics("-", config_text(config)) ? exit_ok : exit_failed;
		}

		std::unique_ptr<host_loop> host =
			arguments.fd < 0 ? std::make_unique<host_loop>(arguments.socket) :
					 std::make_unique<host_loop>(unique_fd(arguments.fd));

		return simulate(config, *host);
	} catch (const config_error &error) {
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
