// SPDX-License-Identifier: Apache-2.0
/*
 * Random traffic on all queues of tern_top, as the contract allows it, against
 * the C reference (episode.cpp says what is checked). Runs episodes, each from
 * a seed of its own, until the time is over.
 */
#include <argp.h>
#include <cinttypes>
#include <cstdlib>
#include <ctime>
#include <iterator>

#include "episode.h"
#include "tap.h"

static Tap tap;
static uint64_t seed = 1;
static double seconds = 10;
static unsigned long episodes = ~0ul;
static Options options;

static double now()
{
	timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* The same with the control clock standing still where it may, and always running. */
static void compare_clocks()
{
	std::vector<uint64_t> traces[2];
	Seen seen;
	Options how = options;
	std::string wrong;
	const size_t groups = std::size(Dut::GROUPS);
	size_t at = 0;

	for (unsigned gated = 0; gated < 2; gated++) {
		how.gated = gated;
		how.trace = &traces[gated];
		wrong += Episode(seed, seen, how).run();
	}
	while (at < traces[0].size() && at < traces[1].size() && traces[0][at] == traces[1][at])
		at++;
	if (traces[0] != traces[1])
		printf("# %s differ in cycle %zu\n", Dut::GROUPS[at % groups], at / groups);
	if (!wrong.empty())
		printf("# %s\n", wrong.c_str());
	tap.ok(traces[0] == traces[1] && wrong.empty(),
	       "every output the same in %zu cycles, control clock gated or not", at / groups);
}

static bool rules_kept()
{
	static unsigned fired;
	bool good = assertions_fired == fired;

	fired = assertions_fired;
	return good;
}

static error_t option(int key, char *arg, argp_state *state)
{
	char *end = arg;

	switch (key) {
	case 's':
		seed = strtoull(arg, &end, 0);
		break;
	case 't':
		seconds = strtod(arg, &end);
		break;
	case 'n':
		episodes = strtoul(arg, &end, 0);
		break;
	case 'l':
		options.log = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (*end)
		argp_error(state, "'%s' is not a number", arg);
	return 0;
}

int main(int argc, char **argv)
{
	static const argp_option known[] = {
		{"seed", 's', "NUMBER", 0, "of the first episode (1); the next has the next", 0},
		{"seconds", 't', "NUMBER", 0, "begin no episode after so many (10)", 0},
		{"episodes", 'n', "NUMBER", 0, "begin no more than so many", 0},
		{"log", 'l', nullptr, 0, "print every command and completion", 0},
		{},
	};
	static const argp parser = {
		known, option, "",
		"Random traffic on the RTL against the C reference.\v"
		"Exit: 0 all good, 1 something went wrong, 64 wrong usage.", nullptr, nullptr, nullptr};
	Seen seen;
	unsigned long count = 0;
	bool good = true;

	argp_parse(&parser, argc, argv, 0, nullptr, nullptr);
	for (double end = now() + seconds; good && count < episodes && now() < end; count++) {
		std::string wrong = Episode(seed + count, seen, options).run();

		if (!rules_kept())
			wrong += " assertions fired";
		good = wrong.empty();
		if (!good)
			printf("# %s; again: random_test --episodes 1 --seed %" PRIu64 "\n",
			       wrong.c_str(), seed + count);
	}
	tap.ok(good, "random traffic, seeds %" PRIu64 " to %" PRIu64 ": %s", seed, seed + count - 1,
	       seen.text().c_str());
	compare_clocks();
	return tap.end();
}
