// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "sampler.h"
#include "transformer.h"
#include "utf8.h"

volatile sig_atomic_t interrupted;

/* What one run works on. */
struct run {
	const struct model *model;
	const struct options *options;
	struct report *report;
	struct error *err;
	struct transformer transformer;
	struct sampler sampler;
	struct ids prompt;
	struct ids made;
	struct utf8_stream stream;
	char *text;		/* all that was printed */
	size_t text_length;
	size_t text_room;
	const char *stop;	/* why it ended */
};

/* Adds bytes to the text, and prints the characters that are complete. */
static int put(struct run *run, const char *bytes, size_t length, int print)
{
	size_t room = run->text_length + UTF8_STREAM_ROOM(length);
	size_t written;
	char *text;

	if (room > run->text_room) {
		text = realloc(run->text, 2 * room);
		if (!text)
			return bail_memory(run->err, "the text");
		run->text = text;
		run->text_room = 2 * room;
	}
	text = run->text + run->text_length;
	if (length)
		written = utf8_stream_add(&run->stream, bytes, length, text);
	else
		written = utf8_stream_end(&run->stream, text);
	run->text_length += written;
	if (print && written && (fwrite(text, 1, written, stdout) != written || fflush(stdout)))
		return bail(run->err, EXIT_FAILED, "cannot write the text to stdout");
	return 0;
}

static int encode_prompt(struct run *run)
{
	const struct model *model = run->model;
	const char *text = run->options->prompt;
	int rc;

	rc = tokenizer_encode(&model->tokenizer, text, strlen(text), &run->prompt, run->err);
	if (!rc && !run->prompt.count)
		rc = bail(run->err, EXIT_USAGE,
			  "the prompt is empty, and the model has no token to begin with: give a prompt with -p");
	if (!rc && run->prompt.count > model->context)
		rc = bail(run->err, EXIT_USAGE,
			  "the prompt has %zu tokens, but the model's context is %" PRIu32 ": shorten the prompt",
			  run->prompt.count, model->context);
	return rc;
}

/* One evaluation, with its time on the phase's account; checking is not counted. */
static int eval(struct run *run, const uint32_t *tokens, unsigned int count, enum want want)
{
	struct backend *backend = run->transformer.backend;
	struct phase_time *time = &run->report->phase[backend->phase];
	double multiply = backend->multiply_seconds;
	double check = backend->check_seconds;
	double start = seconds_now();
	int rc;

	rc = transformer_eval(&run->transformer, tokens, count, want, run->err);
	time->tokens += count;
	time->seconds += seconds_now() - start - (backend->check_seconds - check);
	time->multiply_seconds += backend->multiply_seconds - multiply;
	return rc;
}

static int eval_prompt(struct run *run)
{
	size_t count = run->prompt.count;
	size_t at;
	int rc = 0;

	run->transformer.backend->phase = PHASE_PROMPT;
	for (at = 0; !rc && !interrupted && at < count; at += TOKENS_MAX) {
		size_t part = count - at < TOKENS_MAX ? count - at : TOKENS_MAX;

		rc = eval(run, run->prompt.data + at, part,
			  at + part == count ? WANT_LAST : WANT_NOTHING);
	}
	return rc;
}

static int decode(struct run *run)
{
	const struct tokenizer *tokenizer = &run->model->tokenizer;
	const struct options *options = run->options;
	const char *bytes;
	size_t length;
	uint32_t id;
	int rc;

	run->transformer.backend->phase = PHASE_DECODE;
	for (;;) {
		if (interrupted) {
			run->stop = "interrupted";
			return 0;
		}
		rc = sampler_next(&run->sampler, run->transformer.logits, &id, run->err);
		if (rc)
			return rc;
		if (id == tokenizer->eos && !options->ignore_eos) {
			run->stop = "eos";
			return 0;
		}
		rc = ids_add(&run->made, id, run->err);
		bytes = tokenizer_bytes(tokenizer, id, &length);
		if (!rc && length)
			rc = put(run, bytes, length, !options->json);
		if (rc)
			return rc;
		if (run->made.count == options->count) {
			run->stop = "length";
			return 0;
		}
		if (run->transformer.position == run->model->context) {
			run->stop = "context";
			return 0;
		}
		rc = eval(run, &id, 1, WANT_LAST);
		if (rc)
			return rc;
	}
}

static json_t *ids_json(const struct ids *ids)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < ids->count; i++)
		if (json_array_append_new(array, json_integer(ids->data[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static int print_json(struct run *run)
{
	struct backend *backend = run->transformer.backend;
	json_t *object = json_pack("{so so ss% ss}", "prompt_ids", ids_json(&run->prompt),
				   "ids", ids_json(&run->made),
				   "text", run->text ? run->text : "", run->text_length,
				   "stop", run->stop);
	int rc;

	if (!object || report_json(object, run->report, backend, run->options))
		rc = bail_memory(run->err, "the JSON object");
	else
		rc = report_print_json(object, run->err);
	json_decref(object);
	return rc;
}

static int finish(struct run *run)
{
	int rc = put(run, NULL, 0, !run->options->json);

	if (!rc && run->options->json)
		return print_json(run);
	if (!rc && (putchar('\n') == EOF || fflush(stdout)))
		rc = bail(run->err, EXIT_FAILED, "cannot write the text to stdout");
	report_table(stderr, run->report, run->transformer.backend, run->options);
	return rc;
}

/* The prompt, what follows it, and after a failure an end of the line at least. */
static int print_all(struct run *run)
{
	int print = !run->options->json;
	int rc;

	if (print && (fputs(run->options->prompt, stdout) == EOF || fflush(stdout)))
		return bail(run->err, EXIT_FAILED, "cannot write the text to stdout");
	rc = eval_prompt(run);
	if (!rc && !interrupted)
		rc = decode(run);
	if (!rc)
		return finish(run);
	if (print) {
		putchar('\n');
		fflush(stdout);
	}
	return rc;
}

int generate(const struct model *model, struct backend *backend, const struct options *options,
	     struct report *report, struct error *err)
{
	struct run run = {
		.model = model,
		.options = options,
		.report = report,
		.err = err,
		.sampler = {
			.temperature = options->temperature,
			.top_k = options->top_k,
			.top_p = options->top_p,
			.state = options->seed,
		},
		.stop = "interrupted",
	};
	int rc;

	rc = encode_prompt(&run);
	if (!rc)
		rc = sampler_new(&run.sampler, model->vocabulary, err);
	if (!rc)
		rc = transformer_new(&run.transformer, model, backend, 0, err);
	if (!rc)
		rc = print_all(&run);
	transformer_free(&run.transformer);
	sampler_free(&run.sampler);
	ids_free(&run.prompt);
	ids_free(&run.made);
	free(run.text);
	return rc;
}
