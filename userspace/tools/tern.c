// SPDX-License-Identifier: Apache-2.0
/* tern - look at, test and measure Tern devices. One subcommand a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const struct command commands[] = {
	{ "list", "show the devices that can be opened", list_main },
	{ "info", "show what a device is", info_main },
	{ "selftest", "test a device against the C reference", selftest_main },
	{ "bench", "measure a device", bench_main },
	{ "fault", "make a simulated card misbehave", fault_main },
};

const char *argp_program_version = "tern 1.0";

static char *help_filter(int key, const char *text, void *input)
{
	char *help = NULL;
	size_t size;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&help, &size);
	if (!out)
		return (char *)text;
	fputs("Commands:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].text);
	fprintf(out, "\n`tern COMMAND --help` says more about one.\n%s", EXIT_TEXT);
	fclose(out);
	return help;
}

struct choice {
	int first;	/* index in argv of the subcommand, 0 if there is none */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct choice *choice = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_ARG:
		/* The rest is the subcommand's. */
		choice->first = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a command is missing");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "COMMAND [OPTION...]",
	.doc = "Look at, test and measure Tern devices.\v-",
	.help_filter = help_filter,
};

/* What was said and did not arrive is a failure, too. */
static int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "tern: cannot write to the standard output\n");
	return status == EXIT_OK ? EXIT_FAILED : status;
}

int main(int argc, char **argv)
{
	struct choice choice = { 0 };
	char name[64];

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[choice.first], commands[i].name))
			continue;
		snprintf(name, sizeof(name), "tern %s", commands[i].name);
		argv[choice.first] = name;
		return finish(commands[i].main(argc - choice.first, argv + choice.first));
	}
	fprintf(stderr, "tern: there is no command \"%s\"; see `tern --help`\n",
		argv[choice.first]);
	return EXIT_USAGE;
}
