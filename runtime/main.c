// SPDX-License-Identifier: Apache-2.0
/* ternlm: run a ternary language model on a Tern device, or on the CPU. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generate.h"

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

/*
 * A mapped file that somebody cuts off under us raises SIGBUS, and so do a
 * device's buffers once its driver has let it go.
 */
static void on_bus_error(int signal)
{
	static const char text[] =
		"ternlm: memory is gone: the model's file was cut, or the device removed\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	(void)signal;
	_exit(EXIT_FAILED);
}

/* The first Ctrl-C ends generation, the second the program. */
static void handle_signals(void)
{
	struct sigaction interrupt = {
		.sa_handler = on_interrupt,
		.sa_flags = SA_RESTART | SA_RESETHAND,
	};
	struct sigaction bus = { .sa_handler = on_bus_error };

	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGBUS, &bus, NULL);
}

static int run(const struct options *options, struct error *err)
{
	struct report report = { 0 };
	struct backend backend = { 0 };
	struct model model;
	double start = seconds_now();
	int rc;

	rc = model_load(&model, options->model, err);
	if (rc)
		return rc;
	rc = backend_open(&backend, &options->backend, model.linears, model.linear_count, err);
	report.load_seconds = seconds_now() - start;
	if (!rc && options->perplexity)
		rc = perplexity(&model, &backend, options, &report, err);
	else if (!rc)
		rc = generate(&model, &backend, options, &report, err);
	if (!rc && backend.mismatched)
		rc = bail(err, EXIT_FAILED, "%llu of %llu jobs differ from the reference; first %s",
			  (unsigned long long)backend.mismatched,
			  (unsigned long long)backend.checked, backend.mismatch);
	backend_close(&backend);
	model_free(&model);
	return rc ? rc : interrupted ? EXIT_INTERRUPTED : EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = { "" };
	int rc;

	options_parse(&options, argc, argv);
	handle_signals();
	rc = run(&options, &err);
	if (*err.text)
		fprintf(stderr, "ternlm: %s\n", err.text);
	return rc;
}
