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

#include "episode.h"
#include "tap.h"

static Tap tap;
static uint64_t seed = 1;
static double seconds = 10;
static unsigned long episodes = ~0ul;

static double now()
{
	timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
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
		std::string wrong = Episode(seed + count, seen, nullptr).run();

		if (!rules_kept())
			wrong += " assertions fired";
		good = wrong.empty();
		if (!good)
			printf("# %s; again: random_test --episodes 1 --seed %" PRIu64 "\n",
			       wrong.c_str(), seed + count);
	}
	tap.ok(good, "random traffic, seeds %" PRIu64 " to %" PRIu64 ": %s", seed, seed + count - 1,
	       seen.text().c_str());
	return tap.end();
}
