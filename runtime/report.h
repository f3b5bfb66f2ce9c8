/* SPDX-License-Identifier: Apache-2.0 */
/* The closing table, and the same figures as JSON. */
#ifndef RUNTIME_REPORT_H
#define RUNTIME_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "backend.h"
#include "options.h"

struct phase_time {
	uint64_t tokens;
	double seconds;			/* wall time, without checking */
	double multiply_seconds;	/* of these, in BitLinears */
};

struct report {
	double load_seconds;
	struct phase_time phase[PHASES];
};

/** seconds_now() - of the monotonic clock */
double seconds_now(void);

/** report_table() - the figures for people */
void report_table(FILE *out, const struct report *report, const struct backend *backend,
		  const struct options *options);

/** report_json() - the figures by name, into an object; 0 or -1 when there is no memory */
int report_json(json_t *object, const struct report *report, const struct backend *backend,
		const struct options *options);

/** report_print_json() - the object in one line on stdout */
int report_print_json(json_t *object, struct error *err);

#endif /* RUNTIME_REPORT_H */
