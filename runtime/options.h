/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of ternlm. */
#ifndef RUNTIME_OPTIONS_H
#define RUNTIME_OPTIONS_H

#include <stdint.h>

#include "backend.h"

struct options {
	const char *model;
	const char *prompt;
	const char *perplexity;		/* file to score, or NULL */
	uint64_t limit;			/* tokens of it; 0 is all */
	uint32_t count;			/* tokens to generate */
	double temperature;
	uint32_t top_k;
	double top_p;
	uint64_t seed;
	int ignore_eos;
	int json;
	int layers;
	struct backend_options backend;
};

/** options_parse() - exits by itself for --help and for usage errors */
void options_parse(struct options *options, int argc, char **argv);

#endif /* RUNTIME_OPTIONS_H */
