// SPDX-License-Identifier: Apache-2.0
/*
 * Runs build/ternlm and compares what it says with models/unixdoc/reference.json,
 * which numpy computed in float64, and its variants with each other. Prints TAP.
 *
 *   ternlm_compare ids "OPTIONS"...         greedy ids of every prompt, one variant
 *                                           of options after the other
 *   ternlm_compare perplexity "OPTIONS"...  of the held-out text
 *
 * Options are split at spaces. With --check in them, jobs must have been checked.
 */
#include <jansson.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TERNLM		"build/ternlm"
#define MODEL		"models/unixdoc/unixdoc.gguf"
#define REFERENCE	"models/unixdoc/reference.json"
#define HELDOUT		"models/unixdoc/heldout.txt"
#define TOKENS		"64"
#define ARGS_MAX	64

extern char **environ;

static int count;
static int failures;

static void ok(int good, const char *what, const char *name, const char *variant)
{
	printf("%sok %d - %s: '%s' with %s\n", good ? "" : "not ", ++count, what, name, variant);
	fflush(stdout);
	failures += !good;
}

/* Runs ternlm with --json, some arguments and a variant's options; its object or NULL. */
static json_t *run(const char *const *arguments, const char *variant)
{
	char *options = strdup(variant);
	char *args[ARGS_MAX + 1] = { TERNLM, "-m", MODEL, "--json" };
	posix_spawn_file_actions_t actions;
	json_error_t error;
	json_t *object = NULL;
	int used = 4;
	int status = -1;
	char *option;
	FILE *from;
	int ends[2];
	pid_t pid;

	if (!options || pipe(ends))
		abort();
	while (*arguments && used < ARGS_MAX)
		args[used++] = (char *)*arguments++;
	for (option = strtok(options, " "); option && used < ARGS_MAX; option = strtok(NULL, " "))
		args[used++] = option;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	if (posix_spawn(&pid, TERNLM, &actions, NULL, args, environ)) {
		printf("# cannot start " TERNLM "\n");
		pid = -1;
	}
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (from && pid > 0) {
		object = json_loadf(from, 0, &error);
		if (!object)
			printf("# no JSON object: %s\n", error.text);
	}
	if (from)
		fclose(from);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (status) {
		printf("# " TERNLM " %s ended with status 0x%x\n", variant, status);
		json_decref(object);
		object = NULL;
	}
	free(options);
	return object;
}

static json_int_t integer_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* If the variant checks: all jobs were, and none differed. */
static int checked(const json_t *said, const char *variant)
{
	if (!strstr(variant, "--check"))
		return 1;
	return integer_of(said, "jobs") > 0 &&
	       integer_of(said, "jobs_checked") == integer_of(said, "jobs") &&
	       integer_of(said, "jobs_mismatched") == 0;
}

/*
 * The reference's ids, for as long as its two best logits are 0.05 apart. (They
 * are float64's of numpy; equality beyond that is more than is promised.)
 */
static int follows(const json_t *ids, const json_t *entry)
{
	json_t *expected = json_object_get(entry, "greedy_ids");
	json_t *gaps = json_object_get(entry, "gap");
	size_t i;

	for (i = 0; i < json_array_size(expected); i++) {
		if (json_number_value(json_array_get(gaps, i)) <= 0.05)
			break;
		if (!json_equal(json_array_get(ids, i), json_array_get(expected, i))) {
			printf("# token %zu differs\n", i);
			return 0;
		}
	}
	return i > 0;
}

static void compare_ids(const json_t *reference, char **variants)
{
	json_t *first = NULL;
	json_t *entry;
	size_t i;
	char **variant;

	json_array_foreach(json_object_get(reference, "greedy"), i, entry) {
		const char *prompt = json_string_value(json_object_get(entry, "prompt"));
		const char *const arguments[] = {"-n", TOKENS, "--ignore-eos", "-p", prompt, NULL};

		for (variant = variants; *variant; variant++) {
			json_t *said = run(arguments, *variant);
			json_t *ids = json_object_get(said, "ids");

			ok(json_equal(json_object_get(said, "prompt_ids"),
				      json_object_get(entry, "prompt_ids")) &&
			   checked(said, *variant) && follows(ids, entry),
			   "the reference's ids", prompt, *variant);
			if (variant == variants) {
				first = json_incref(ids);
			} else {
				ok(json_array_size(ids) == 64 && json_equal(ids, first),
				   "64 ids as with the first options", prompt, *variant);
			}
			json_decref(said);
		}
		json_decref(first);
	}
}

/* A prompt of many chunks of columns, the last one short: 16 ids, the same from all. */
static void compare_long_prompt(char **variants)
{
	FILE *file = fopen(HELDOUT, "r");
	char prompt[701] = "";
	const char *const arguments[] = { "-n", "16", "--ignore-eos", "-p", prompt, NULL };
	json_t *first = NULL;
	char **variant;

	if (!file || fread(prompt, 1, sizeof(prompt) - 1, file) != sizeof(prompt) - 1)
		printf("# cannot read " HELDOUT "\n");
	if (file)
		fclose(file);
	for (variant = variants; *variant; variant++) {
		json_t *said = run(arguments, *variant);
		json_t *ids = json_object_get(said, "ids");

		if (!first)
			first = json_incref(ids);
		ok(json_array_size(json_object_get(said, "prompt_ids")) > 128 &&
		   json_array_size(ids) == 16 && json_equal(ids, first) && checked(said, *variant),
		   "16 ids as with the first options", "a prompt of three chunks", *variant);
		json_decref(said);
	}
	json_decref(first);
}

static void compare_perplexity(const json_t *reference, char **variants)
{
	json_t *heldout = json_object_get(reference, "heldout");
	json_int_t scored = integer_of(heldout, "scored");
	double expected = json_real_value(json_object_get(heldout, "ppl"));
	char limit[32];
	const char *const arguments[] = { "--perplexity", HELDOUT, "--limit", limit, NULL };
	json_t *first = NULL;
	char **variant;

	snprintf(limit, sizeof(limit), "%" JSON_INTEGER_FORMAT, scored);
	for (variant = variants; *variant; variant++) {
		json_t *said = run(arguments, *variant);
		double ppl = json_real_value(json_object_get(said, "ppl"));

		printf("# %" JSON_INTEGER_FORMAT " tokens, ppl %.9f, the reference's is %.9f\n",
		       integer_of(said, "scored"), ppl, expected);
		ok(integer_of(said, "scored") == scored &&
		   integer_of(said, "tokens") == integer_of(heldout, "tokens_total") &&
		   checked(said, *variant) && fabs(ppl / expected - 1.0) < 1e-3,
		   "perplexity within 0.1 %", HELDOUT, *variant);
		if (!first)
			first = json_incref(json_object_get(said, "ppl"));
		else
			ok(json_equal(first, json_object_get(said, "ppl")),
			   "perplexity as with the first options", HELDOUT, *variant);
		json_decref(said);
	}
	json_decref(first);
}

int main(int argc, char **argv)
{
	json_t *reference = json_load_file(REFERENCE, 0, NULL);
	int ids = argc > 2 && !strcmp(argv[1], "ids");

	if (!ids && !(argc > 2 && !strcmp(argv[1], "perplexity"))) {
		fprintf(stderr, "usage: ternlm_compare ids|perplexity \"OPTIONS\"...\n"
			"Runs from the repository's root; exit: 0 all equal, 1 not, 2 usage\n");
		return 2;
	}
	if (!reference) {
		fprintf(stderr, "ternlm_compare: cannot read %s\n", REFERENCE);
		return 1;
	}
	if (ids) {
		compare_ids(reference, argv + 2);
		compare_long_prompt(argv + 2);
	} else {
		compare_perplexity(reference, argv + 2);
	}
	printf("1..%d\n", count);
	json_decref(reference);
	return failures || !count;
}
