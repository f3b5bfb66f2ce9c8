// SPDX-License-Identifier: Apache-2.0
/*
 * The tokenizer against what Hugging Face's tokenizers said when the shipped model
 * was made (models/unixdoc/reference.json), the word pattern against cuts made by
 * hand, and the stream of UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tokenizer.h"
#include "utf8.h"

#define MODEL		"models/unixdoc/unixdoc.gguf"
#define REFERENCE	"models/unixdoc/reference.json"
#define HELDOUT		"models/unixdoc/heldout.txt"
#define SEPARATOR	"\n<|endoftext|>\n"

static struct gguf file;
static struct tokenizer tokenizer;
static json_t *reference;

static int setup(void **state)
{
	struct error err;

	(void)state;
	reference = json_load_file(REFERENCE, 0, NULL);
	return !reference || gguf_open(&file, MODEL, &err) ||
	       tokenizer_load(&tokenizer, &file, &err);
}

static int teardown(void **state)
{
	(void)state;
	json_decref(reference);
	tokenizer_free(&tokenizer);
	gguf_close(&file);
	return 0;
}

static void encode(const char *text, size_t length, struct ids *ids)
{
	struct error err;

	assert_int_equal(tokenizer_encode(&tokenizer, text, length, ids, &err), 0);
}

static void prompts(void **state)
{
	json_t *entry;
	size_t i;

	(void)state;
	assert_true(json_array_size(json_object_get(reference, "greedy")) >= 5);
	json_array_foreach(json_object_get(reference, "greedy"), i, entry) {
		const char *prompt = json_string_value(json_object_get(entry, "prompt"));
		json_t *expected = json_object_get(entry, "prompt_ids");
		struct ids ids = { 0 };
		size_t j;

		encode(prompt, strlen(prompt), &ids);
		assert_int_equal(ids.count, json_array_size(expected));
		for (j = 0; j < ids.count; j++)
			assert_int_equal(ids.data[j],
					 json_integer_value(json_array_get(expected, j)));
		ids_free(&ids);
	}
}

static char *read_heldout(void)
{
	FILE *f = fopen(HELDOUT, "r");
	char *text;
	long length;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	length = ftell(f);
	rewind(f);
	text = calloc(length + 1, 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, length, f), length);
	fclose(f);
	return text;
}

static void held_out_text(void **state)
{
	json_t *heldout = json_object_get(reference, "heldout");
	json_t *first = json_object_get(heldout, "first_tokens");
	char *text = read_heldout();
	struct ids ids = { 0 };
	char *at;
	char *end;
	size_t i;

	(void)state;
	for (at = text; at; at = end ? end + strlen(SEPARATOR) : NULL) {
		end = strstr(at, SEPARATOR);
		encode(at, end ? (size_t)(end - at) : strlen(at), &ids);
	}
	assert_int_equal(ids.count, json_integer_value(json_object_get(heldout, "tokens_total")));
	for (i = 0; i < json_array_size(first); i++)
		assert_int_equal(ids.data[i], json_integer_value(json_array_get(first, i)));
	ids_free(&ids);
	free(text);
}

/* What was encoded decodes to itself, whatever bytes it is made of. */
static void round_trip(void **state)
{
	char text[512];
	struct ids ids = { 0 };
	size_t at = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i * 167 + i / 256;
	encode(text, sizeof(text), &ids);
	assert_int_equal(ids.data[0], 0);
	for (i = 1; i < ids.count; i++) {
		size_t length;
		const char *bytes = tokenizer_bytes(&tokenizer, ids.data[i], &length);

		assert_true(at + length <= sizeof(text));
		assert_memory_equal(bytes, text + at, length);
		at += length;
	}
	assert_int_equal(at, sizeof(text));
	ids_free(&ids);
}

static void special_tokens(void **state)
{
	static const char text[] = "a<|endoftext|>a<|endoftex";
	struct ids ids = { 0 };
	size_t length;

	(void)state;
	encode(text, strlen(text), &ids);
	assert_true(ids.count > 5);
	assert_int_equal(ids.data[0], 0);
	assert_int_equal(ids.data[2], 0);
	assert_int_equal(ids.data[1], ids.data[3]);
	tokenizer_bytes(&tokenizer, 0, &length);
	assert_int_equal(length, 0);
	ids_free(&ids);
}

static void long_word(void **state)
{
	const size_t length = 1 << 20;
	char *text = malloc(length);
	struct ids ids = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'e', length);
	encode(text, length, &ids);
	assert_true(ids.count > 2 && ids.count <= length + 1);
	ids_free(&ids);
	free(text);
}

/* Cuts a text and joins the words with '|'. */
static void check_words(const char *text, const char *expected)
{
	char joined[256];
	size_t length = strlen(text);
	size_t at = 0;
	size_t out = 0;

	while (at < length) {
		size_t bytes = word_length(text + at, length - at);

		assert_true(bytes > 0 && at + bytes <= length);
		if (at)
			joined[out++] = '|';
		memcpy(joined + out, text + at, bytes);
		out += bytes;
		at += bytes;
	}
	joined[out] = 0;
	assert_string_equal(joined, expected);
}

static void words(void **state)
{
	(void)state;
	check_words("Hello world", "Hello| world");
	check_words("a  b", "a| | b");
	check_words("a   b", "a|  | b");
	check_words("a\n\nb", "a|\n|\n|b");
	check_words("a \n b", "a| \n| b");
	check_words("a\tb", "a|\t|b");
	check_words("end   ", "end|   ");
	check_words(" ", " ");
	check_words("  ", "  ");
	check_words("don't we'll they've I'm he'd you're it's",
		    "don|'t| we|'ll| they|'ve| I|'m| he|'d| you|'re| it|'s");
	check_words("DON'T", "DON|'|T");
	check_words("'tis", "'t|is");
	check_words("'xyz '", "'|xyz| '");
	check_words("abc123 45.6", "abc|123| 45|.|6");
	check_words("f(x)->y;", "f|(|x|)->|y|;");
	check_words(" ...", " ...");
	check_words("caf\u00e9 \u4f60\u597d\u3002", "caf\u00e9| \u4f60\u597d|\u3002");
	check_words("x\u00b2\u0663 \u2167", "x|\u00b2\u0663| \u2167");	/* numbers: No, Nd, Nl */
	check_words("a\u00a0\u00a0b", "a|\u00a0|\u00a0|b"); /* spaces that join nothing */
	check_words("a\u3000 b", "a|\u3000| b");
	check_words("e\u0301x", "e|\u0301|x");				/* a mark is no letter */
	check_words("\xff\xfe z", "\xff\xfe| z");
	check_words("a\x80 b", "a|\x80| b");
}

static void stream_all(const char *text, size_t length, size_t step, const char *expected)
{
	struct utf8_stream stream = { 0 };
	char out[256];
	size_t count = 0;
	size_t at;

	for (at = 0; at < length; at += step) {
		size_t part = length - at < step ? length - at : step;

		count += utf8_stream_add(&stream, text + at, part, out + count);
	}
	count += utf8_stream_end(&stream, out + count);
	assert_int_equal(count, strlen(expected));
	assert_memory_equal(out, expected, count);
}

static void streams(void **state)
{
	static const char good[] = "a\u00e9\u20ac\U0001f600z";
	struct utf8_stream stream = { 0 };
	char out[16];
	size_t step;

	(void)state;
	for (step = 1; step < 8; step++) {
		stream_all(good, strlen(good), step, good);
		stream_all("a\xe2\x82", 3, step, "a\ufffd");		/* cut off */
		stream_all("a\xe2\x82z", 4, step, "a\ufffdz");		/* broken off */
		stream_all("\x80\xc0z", 3, step, "\ufffd\ufffdz");	/* never right */
		stream_all("\xed\xa0\x80", 3, step, "\ufffd\ufffd\ufffd");	/* a surrogate */
		stream_all("\xe2\xe2\x82\xac", 4, step, "\ufffd\u20ac");
	}
	assert_int_equal(utf8_stream_add(&stream, "\xf0\x9f\x98", 3, out), 0);
	assert_int_equal(utf8_stream_add(&stream, "\x80", 1, out), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prompts),
		cmocka_unit_test(held_out_text),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(special_tokens),
		cmocka_unit_test(long_word),
		cmocka_unit_test(words),
		cmocka_unit_test(streams),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rt_tokenizer", tests, setup, teardown);
}
