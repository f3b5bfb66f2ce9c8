// SPDX-License-Identifier: Apache-2.0
/* tern fault: lines to a simulator's control socket, and its answers. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool.h"

struct options {
	const char *control;
	int first;	/* index in argv of the line's first word, 0: lines come from stdin */
};

static const struct argp_option options_of_fault[] = {
	{ "control", 'c', "PATH", 0, "the simulator's control socket", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c':
		options->control = arg;
		return 0;
	case ARGP_KEY_ARG:
		options->first = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!options->control)
			argp_error(state, "--control is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static FILE *connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	FILE *stream;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return NULL;
	}
	stream = fdopen(fd, "r+");
	if (!stream)
		close(fd);
	return stream;
}

/* Send a line, which has its end, and print the answer. EXIT_OK if it was "ok". */
static int converse(FILE *control, const char *line)
{
	int status = EXIT_NO_DEVICE;
	char *answer = NULL;
	size_t size = 0;

	if (fputs(line, control) == EOF || fflush(control))
		goto out;
	while (getline(&answer, &size, control) > 0) {
		if (!strncmp(answer, "error: ", 7)) {
			fprintf(stderr, "tern fault: %s", answer + 7);
			status = EXIT_FAILED;
			break;
		}
		if (!strcmp(answer, "ok\n") || !strncmp(answer, "ok ", 3)) {
			/* The number of a fault that was loaded. */
			if (answer[2] == ' ')
				fputs(answer + 3, stdout);
			status = EXIT_OK;
			break;
		}
		fputs(answer, stdout);
	}
out:
	if (status == EXIT_NO_DEVICE)
		fprintf(stderr, "tern fault: the simulator has hung up\n");
	free(answer);
	return status;
}

static int converse_words(FILE *control, char **words, int count)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);
	int status;

	if (!out)
		return EXIT_FAILED;
	for (int i = 0; i < count; i++)
		fprintf(out, "%s%c", words[i], i + 1 < count ? ' ' : '\n');
	if (fclose(out)) {
		free(line);
		return EXIT_FAILED;
	}
	status = converse(control, line);
	free(line);
	return status;
}

static int converse_lines(FILE *control)
{
	int status = EXIT_OK;
	char *line = NULL;
	size_t size = 0;
	ssize_t bytes;

	while (status != EXIT_NO_DEVICE) {
		int one;

		bytes = getline(&line, &size, stdin);
		if (bytes <= 0)
			break;
		if (line[bytes - 1] != '\n') {
			char *ended = realloc(line, (size_t)bytes + 2);

			if (!ended) {
				status = EXIT_FAILED;
				break;
			}
			line = ended;
			size = (size_t)bytes + 2;
			strcpy(line + bytes, "\n");
		}
		one = converse(control, line);
		if (one != EXIT_OK)
			status = one;
	}
	free(line);
	return status;
}

int fault_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options_of_fault,
		.parser = parse,
		.args_doc = "[WORD...]",
		.doc = "Make a simulated card misbehave: send a line, or each line of the standard "
		       "input, to the control socket of `ternsim --control PATH`."
		       "\vPrints the number of each fault that was loaded. The line \"help\" prints "
		       "all faults, \"list\" those that are loaded, \"clear [NUMBER]\" unloads, "
		       "\"statistics\" prints the simulator's, as JSON.\n"
		       "\n"
		       "  tern fault -c /tmp/control interrupt lost nth=3\n"
		       "\n" EXIT_TEXT,
	};
	struct options options = { 0 };
	FILE *control;
	int status;

	/* A simulator that hangs up is told by the write's error. */
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
	control = connect_to(options.control);
	if (!control) {
		fprintf(stderr, "tern fault: cannot connect to %s: %s\n", options.control,
			strerror(errno));
		return EXIT_NO_DEVICE;
	}
	status = options.first ? converse_words(control, argv + options.first,
						argc - options.first) :
				 converse_lines(control);
	fclose(control);
	return status;
}
