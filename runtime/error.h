/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An error is a sentence for the user: what is wrong, with which value, and what
 * to do about it. Functions that can fail return 0 or an exit code of ternlm.
 */
#ifndef RUNTIME_ERROR_H
#define RUNTIME_ERROR_H

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* bad model, failed job, mismatch, no output */
	EXIT_USAGE = 2,		/* bad option, prompt that does not fit */
	EXIT_ENVIRONMENT = 3,	/* no device, no permission, no memory */
	EXIT_INTERRUPTED = 130,	/* Ctrl-C */
};

struct error {
	char text[768];
};

/** error_format() - write the sentence into @err */
void error_format(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline int error_code(enum exit_code code)
{
	return code;
}

/* bail() - write the sentence, and be the code; a macro, so that gcc sees that it is not 0 */
#define bail(err, code, ...) (error_format(err, __VA_ARGS__), error_code(code))

/** bail_memory() - the sentence for an allocation of @what that failed */
int bail_memory(struct error *err, const char *what);

#endif /* RUNTIME_ERROR_H */
