// SPDX-License-Identifier: Apache-2.0
/*
 * Perplexity: the text's tokens are cut into windows of 512 (or the model's
 * context, if that is less). In a window each token is scored from those before
 * it in the window, the first of the next window from the whole of this one; the
 * very first token of the text is not scored. nll is the mean, ppl its exp.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixed_math.h"
#include "generate.h"
#include "transformer.h"

#define WINDOW		512
#define TEXT_MAX	(1ul << 28)	/* bytes; more is a device, not a text */

static int read_file(const char *path, char **text, size_t *length, struct error *err)
{
	FILE *file = fopen(path, "rbe");
	size_t room = 0;
	int failed = 0;
	char *more;

	*text = NULL;
	*length = 0;
	if (!file)
		return bail(err, EXIT_FAILED, "%s: cannot open the text: %s", path,
			    strerror(errno));
	do {
		if (*length == room) {
			room = room ? 2 * room : 1 << 16;
			more = realloc(*text, room);
			if (!more) {
				fclose(file);
				return bail_memory(err, path);
			}
			*text = more;
		}
		*length += fread(*text + *length, 1, room - *length, file);
		if (ferror(file))
			failed = errno;
	} while (!failed && !feof(file) && *length <= TEXT_MAX);
	fclose(file);
	if (failed)
		return bail(err, EXIT_FAILED, "%s: cannot read the text: %s", path,
			    strerror(failed));
	if (*length > TEXT_MAX)
		return bail(err, EXIT_FAILED,
			    "%s: the text has more than %lu bytes: give a part of it", path,
			    TEXT_MAX);
	return 0;
}

/* The next line that is only the end token, from *start on; NULL if there is none. */
static const char *find_separator(const struct tokenizer *tokenizer, const char *text,
				  size_t length, size_t *separator_length)
{
	struct gguf_string token;
	size_t at;

	if (tokenizer->eos == NO_TOKEN)
		return NULL;
	token = tokenizer->text[tokenizer->eos];
	*separator_length = token.length + 2;
	for (at = 0; token.length && at + token.length + 2 <= length; at++)
		if (text[at] == '\n' && text[at + 1 + token.length] == '\n' &&
		    !memcmp(text + at + 1, token.data, token.length))
			return text + at;
	return NULL;
}

/* Each document's tokens, one document behind the other. */
static int encode_documents(const struct tokenizer *tokenizer, const char *text, size_t length,
			    struct ids *ids, struct error *err)
{
	const char *end = text + length;
	int rc;

	for (;;) {
		size_t separator_length;
		const char *separator =
			find_separator(tokenizer, text, end - text, &separator_length);

		rc = tokenizer_encode(tokenizer, text, (separator ? separator : end) - text, ids,
				      err);
		if (rc || !separator)
			return rc;
		text = separator + separator_length;
	}
}

/* -log of the probability that the logits give to a token. */
static double surprise(const float *logits, uint32_t count, uint32_t token)
{
	double sum = 0.0;
	float top = logits[0];
	uint32_t i;

	for (i = 1; i < count; i++)
		top = logits[i] > top ? logits[i] : top;
	for (i = 0; i < count; i++)
		sum += fixed_exp((double)logits[i] - top);
	return fixed_log(sum) + top - logits[token];
}

/* Scores the tokens behind each of inputs[0..count), which are count + 1. */
static int score_window(struct transformer *tr, const uint32_t *inputs, size_t count, double *nll,
			struct error *err)
{
	uint32_t vocabulary = tr->model->vocabulary;
	double surprises[TOKENS_MAX];
	size_t at;
	int rc;

	transformer_restart(tr);
	for (at = 0; at < count; at += TOKENS_MAX) {
		size_t part = count - at < TOKENS_MAX ? count - at : TOKENS_MAX;
		size_t i;

		rc = transformer_eval(tr, inputs + at, part, WANT_ALL, err);
		if (rc)
			return rc;
		#pragma omp parallel for num_threads(tr->backend->threads)
		for (i = 0; i < part; i++)
			surprises[i] = surprise(tr->logits + i * vocabulary, vocabulary,
						inputs[at + i + 1]);
		for (i = 0; i < part; i++)
			*nll += surprises[i];
	}
	return 0;
}

static int score(struct transformer *tr, const struct ids *ids, uint64_t limit, uint64_t *scored,
		 double *nll, struct report *report, struct error *err)
{
	struct backend *backend = tr->backend;
	size_t window = tr->model->context < WINDOW ? tr->model->context : WINDOW;
	size_t count = ids->count - 1;
	double start = seconds_now();
	size_t at;
	int rc = 0;

	if (limit && limit < count)
		count = limit;
	*nll = 0.0;
	for (at = 0; !rc && !interrupted && at < count; at += window) {
		size_t part = count - at < window ? count - at : window;

		rc = score_window(tr, ids->data + at, part, nll, err);
		*scored = at + part;
	}
	report->phase[PHASE_PROMPT] = (struct phase_time){
		.tokens = *scored,
		.seconds = seconds_now() - start - backend->check_seconds,
		.multiply_seconds = backend->multiply_seconds,
	};
	return rc;
}

static int print_score(const struct options *options, const struct backend *backend,
		       const struct report *report, size_t total, uint64_t scored, double nll,
		       struct error *err)
{
	double mean = nll / scored;
	json_t *object;
	int rc;

	if (!options->json) {
		printf("tokens %zu\nscored %" PRIu64 "\nnll    %.6f\nppl    %.6f\n", total, scored,
		       mean, fixed_exp(mean));
		if (fflush(stdout))
			return bail(err, EXIT_FAILED, "cannot write the result to stdout");
		report_table(stderr, report, backend, options);
		return 0;
	}
	object = json_pack("{sI sI sf sf}", "tokens", (json_int_t)total, "scored",
			   (json_int_t)scored, "nll", mean, "ppl", fixed_exp(mean));
	if (!object || report_json(object, report, backend, options))
		rc = bail_memory(err, "the JSON object");
	else
		rc = report_print_json(object, err);
	json_decref(object);
	return rc;
}

int perplexity(const struct model *model, struct backend *backend, const struct options *options,
	       struct report *report, struct error *err)
{
	struct transformer tr = { 0 };
	struct ids ids = { 0 };
	uint64_t scored = 0;
	size_t length;
	double nll;
	char *text;
	int rc;

	rc = read_file(options->perplexity, &text, &length, err);
	if (!rc)
		rc = encode_documents(&model->tokenizer, text, length, &ids, err);
	if (!rc && ids.count < 2)
		rc = bail(err, EXIT_USAGE, "%s: %zu tokens; scoring needs two at least",
			  options->perplexity, ids.count);
	if (!rc)
		rc = transformer_new(&tr, model, backend, 1, err);
	if (!rc)
		rc = score(&tr, &ids, options->limit, &scored, &nll, report, err);
	if (!rc && scored && !isfinite(fixed_exp(nll / scored)))
		rc = bail(err, EXIT_FAILED,
			  "nll is %g, which no model has: the file is damaged, get it again",
			  nll / scored);
	if (!rc && scored)
		rc = print_score(options, backend, report, ids.count, scored, nll, err);
	transformer_free(&tr);
	ids_free(&ids);
	free(text);
	return rc;
}
