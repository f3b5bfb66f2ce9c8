// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>

#include "error.h"

void error_format(struct error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
}

int bail_memory(struct error *err, const char *what)
{
	return bail(err, EXIT_ENVIRONMENT,
		    "no memory for %s: free some, or use a smaller model", what);
}
