/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERN_SIM_OPTIONS_H
#define TERN_SIM_OPTIONS_H

#include <string>
#include <vector>

#include "platform/log.h"
#include "trace/tracing.h"

namespace tern {

enum exit_code {
	exit_ok = 0,
	exit_failed = 1,
	exit_usage = 2,
	exit_environment = 3,	/* no memory, no socket */
	exit_in_use = 4,	/* another simulator has the socket */
	exit_differ = 5,	/* in a sampled job: other results in RTL, or no end */
};

struct card_options {
	std::string socket;		/* empty with fd */
	std::string config = "base";
	std::vector<std::string> overrides;
	std::string faults;		/* file, empty for none */
	std::string control;		/* socket, empty for none */
	tern::tracing tracing;
};

struct options {
	std::vector<card_options> cards;	/* at least one */
	int fd = -1;
	std::string stats;		/* file, "-" for stdout, empty for none */
	bool show_config = false;
	log_level level = log_level::unset;	/* settled by parse_options() */
};

/* Ends the process on --help and on a mistake. */
options parse_options(int argc, char **argv);

} /* namespace tern */

#endif /* TERN_SIM_OPTIONS_H */
