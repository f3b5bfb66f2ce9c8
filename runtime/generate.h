/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_GENERATE_H
#define RUNTIME_GENERATE_H

#include <signal.h>

#include "backend.h"
#include "model.h"
#include "options.h"
#include "report.h"

/* Set by Ctrl-C; generation and scoring end at the next token. */
extern volatile sig_atomic_t interrupted;

/** generate() - prompt in, text out; prints all of it, table or JSON too */
int generate(const struct model *model, struct backend *backend, const struct options *options,
	     struct report *report, struct error *err);

/** perplexity() - score a file; prints the result */
int perplexity(const struct model *model, struct backend *backend, const struct options *options,
	       struct report *report, struct error *err);

#endif /* RUNTIME_GENERATE_H */
