// SPDX-License-Identifier: Apache-2.0
/*
 * The reader of GGUF and of models: good files give what was put in, bad ones one
 * sentence that names the value at fault. Built with sanitizers: a bad file that
 * makes the reader touch a byte too many fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gguf.h"
#include "model.h"
#include "rt_file.h"

#define FLIPS 30000

/* A copy of exactly the file's size, so that the sanitizer sees its end. */
static int parse(const struct rt_file *file, struct gguf *gguf, struct error *err)
{
	uint8_t *copy = malloc(file->count ? file->count : 1);
	int rc;

	assert_non_null(copy);
	if (file->count)
		memcpy(copy, file->bytes, file->count);
	memset(gguf, 0, sizeof(*gguf));
	rc = gguf_parse(gguf, copy, file->count, err);
	free(gguf->pairs);
	free(gguf->tensors);
	free(copy);
	return rc;
}

static void refused(const struct rt_file *file, const char *part)
{
	struct error err = { "" };
	struct gguf gguf;

	assert_int_equal(parse(file, &gguf, &err), EXIT_FAILED);
	if (!strstr(err.text, part))
		fail_msg("'%s' is not in: %s", part, err.text);
}

static void start(struct rt_file *file, uint64_t tensors, uint64_t pairs)
{
	rt_free(file);
	rt_header(file, tensors, pairs);
}

static void headers(void **state)
{
	struct rt_file file = { 0 };

	(void)state;
	refused(&file, "the file ends at 0");
	rt_put(&file, "GGUX", 4);
	refused(&file, "47 47 55 58");
	rt_free(&file);
	rt_put(&file, "GGUF", 4);
	rt_u32(&file, 2);
	refused(&file, "version 2");
	start(&file, 1ull << 60, 0);
	refused(&file, "1152921504606846976 tensors");
	start(&file, 0, 1ull << 60);
	refused(&file, "1152921504606846976 keys");
	rt_free(&file);
}

static void pairs(void **state)
{
	struct rt_file file = { 0 };

	(void)state;
	start(&file, 0, 1);
	rt_u64(&file, ~0ull);		/* a key of that many bytes */
	rt_put(&file, "abcdefghijklmnop", 16);
	refused(&file, "18446744073709551615 bytes");

	start(&file, 0, 1);
	rt_string(&file, "key");
	rt_u32(&file, 13);
	rt_u32(&file, 0);
	refused(&file, "'key' has value type 13");

	start(&file, 0, 1);
	rt_string(&file, "key");
	rt_u32(&file, 9);
	rt_u32(&file, 9);
	rt_u64(&file, 1);
	refused(&file, "value type 9");

	start(&file, 0, 1);
	rt_string(&file, "key");
	rt_u32(&file, 9);
	rt_u32(&file, 8);
	rt_u64(&file, 1ull << 61);
	refused(&file, "2305843009213693952 strings");

	start(&file, 0, 1);
	rt_string(&file, "key");
	rt_u32(&file, 9);
	rt_u32(&file, 4);
	rt_u64(&file, 1ull << 62);
	refused(&file, "4611686018427387904 values");

	start(&file, 0, 1);
	rt_string(&file, "key");
	rt_u32(&file, 7);
	rt_put(&file, "\2", 1);
	refused(&file, "boolean 2");

	start(&file, 0, 2);
	rt_pair_u32(&file, "twice", 1);
	rt_pair_u32(&file, "twice", 2);
	refused(&file, "'twice' comes twice");

	start(&file, 0, 1);
	rt_pair_u32(&file, "general.alignment", 48);
	refused(&file, "general.alignment is 48");
	rt_free(&file);
}

static void one_tensor(struct rt_file *file, uint64_t size0, uint64_t size1, uint32_t type,
		       uint64_t offset)
{
	start(file, 1, 0);
	rt_tensor(file, "w", size0, size1, type, offset);
	rt_align(file, 32);
	rt_put(file, (const uint8_t[64]){ 0 }, 64);
}

static void tensors(void **state)
{
	struct rt_file file = { 0 };
	struct error err = { "" };
	struct gguf gguf;

	(void)state;
	one_tensor(&file, 16, 1, 0, 0);
	assert_int_equal(parse(&file, &gguf, &err), 0);
	one_tensor(&file, 17, 1, 0, 0);
	refused(&file, "68 bytes at 0");
	one_tensor(&file, 1, 1, 0, 64);
	refused(&file, "4 bytes at 64");
	one_tensor(&file, 1, 1, 0, 4);
	refused(&file, "offset 4");
	one_tensor(&file, 1, 1, 0, ~0ull - 31);
	refused(&file, "18446744073709551584");
	one_tensor(&file, 0, 1, 0, 0);
	refused(&file, "size 0 in dimension 0");
	one_tensor(&file, 1ull << 40, 1ull << 40, 0, 0);
	refused(&file, "in dimension 1");
	one_tensor(&file, 1ull << 62, 1, 0, 0);
	refused(&file, "elements");
	one_tensor(&file, 100, 1, 35, 0);
	refused(&file, "rows of 100 weights");
	one_tensor(&file, 256, 1, 12, 0);
	refused(&file, "type Q4_K (12)");
	one_tensor(&file, 256, 1, 36, 0);
	refused(&file, "type I2_S (36)");
	one_tensor(&file, 256, 1, 999, 0);
	refused(&file, "type unknown (999)");

	start(&file, 2, 0);
	rt_tensor(&file, "a", 16, 1, 0, 0);
	rt_tensor(&file, "b", 8, 1, 0, 32);
	rt_align(&file, 32);
	rt_put(&file, (const uint8_t[64]){ 0 }, 64);
	refused(&file, "lies on top of another");

	start(&file, 2, 0);
	rt_tensor(&file, "a", 8, 1, 0, 0);
	rt_tensor(&file, "a", 8, 1, 0, 32);
	rt_align(&file, 32);
	rt_put(&file, (const uint8_t[64]){ 0 }, 64);
	refused(&file, "'a' comes twice");
	rt_free(&file);
}

/* Loads bytes as a model; on failure there must be a sentence with the path. */
static int load(const uint8_t *bytes, size_t count)
{
	char *path = rt_write(bytes, count);
	struct error err = { "" };
	struct model model;
	int rc = model_load(&model, path, &err);

	unlink(path);
	if (rc)
		assert_non_null(strstr(err.text, path));
	else
		model_free(&model);
	free(path);
	return rc;
}

static void small_model(void **state)
{
	struct rt_file file;
	struct error err = { "" };
	struct model model;
	char *path;

	(void)state;
	rt_small_model(&file);
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), 0);
	assert_int_equal(model.width, 256);
	assert_int_equal(model.head_width, 128);
	assert_int_equal(model.kv_width, 128);
	assert_int_equal(model.linear_count, 7);
	assert_int_equal(model.linears[FFN_DOWN].n, 256);
	assert_true(model.linears[ATTN_V].scale == 0.5f);
	model_free(&model);
	unlink(path);
	free(path);
	rt_free(&file);
}

static void every_truncation(void **state)
{
	struct rt_file file;
	size_t i;

	(void)state;
	rt_small_model(&file);
	for (i = 1; i < file.count - 64; i += i < 12000 ? 7 : 997)
		assert_int_equal(load(file.bytes, i), EXIT_FAILED);
	rt_free(&file);
}

/* Any answer is good, as long as it is one: no crash, no hang, no leak. */
static void random_flips(void **state)
{
	struct rt_file file;
	uint32_t seed = 12345;
	size_t header;
	int i;

	(void)state;
	rt_small_model(&file);
	header = 12000;			/* keys, vocabulary, tensors; then weights */
	assert_true(header < file.count);
	for (i = 0; i < FLIPS; i++) {
		size_t place[4];
		int flips;
		int j;

		seed = seed * 1664525 + 1013904223;
		flips = 1 + (seed >> 30);
		for (j = 0; j < flips; j++) {
			seed = seed * 1664525 + 1013904223;
			place[j] = (seed >> 8) % (i % 8 ? header : file.count);
			file.bytes[place[j]] ^= 1 << (i % 8);
		}
		load(file.bytes, file.count);
		for (j = 0; j < flips; j++)
			file.bytes[place[j]] ^= 1 << (i % 8);
	}
	assert_int_equal(load(file.bytes, file.count), 0);
	rt_free(&file);
}

/* Changes the bytes behind a text that stands once in the small model, and loads it. */
static void refused_after(const char *text, size_t skip, const void *bytes, size_t count,
			  const char *part)
{
	struct error err = { "" };
	struct model model;
	struct rt_file file;
	uint8_t *at;
	char *path;

	rt_small_model(&file);
	at = memmem(file.bytes, file.count, text, strlen(text));
	assert_non_null(at);
	memcpy(at + strlen(text) + skip, bytes, count);
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), EXIT_FAILED);
	if (!strstr(err.text, part))
		fail_msg("'%s' is not in: %s", part, err.text);
	unlink(path);
	free(path);
	rt_free(&file);
}

static void bad_models(void **state)
{
	(void)state;
	refused_after("general.architecture", 12, "botnet", 6, "architecture is 'botnet'");
	refused_after("bitnet.context_length", 4, "\0\0\0\0", 4, "context_length' is 0");
	refused_after("bitnet.block_count", 4, "\2\0\0\0", 4, "'blk.1.attn_norm.weight' is missing");
	refused_after("bitnet.attention.head_count", 4, "\3\0\0\0", 4, "3 heads");
	refused_after("bitnet.vocab_size", 4, "\5\1\0\0", 4, "261");
	refused_after("bitnet.vocab_size", 0, "\5\0\0\0", 4, "'bitnet.vocab_size' is of type 5");
	refused_after("bitnet.rope.dimension_count", 4, "\1\0\0\0", 4, "dimension_count' is 1");
	refused_after("rms_epsilon", 4, "\0\0\xc0\x7f", 4, "epsilon is nan");
	refused_after("tokenizer.ggml.model", 12, "gpt3", 4, "'gpt3'");
	refused_after("tokenizer.ggml.pre", 12, "gpt-4", 5, "'gpt-4'");
	refused_after("tokenizer.ggml.bos_token_id", 4, "\4\1\0\0", 4, "260");
	refused_after("tokenizer.ggml.token_type", 16, "\7\0\0\0", 4, "token 0 has type 7");
	refused_after("tokenizer.ggml.merges", 24, "x", 1, "merge 0, 'x d'");
	refused_after("blk.0.ffn_up.weight", 12, "\x80\0", 2, "blk.0.ffn_up.weight' is 256 x 128 x");
	refused_after("blk.0.ffn_up.weight", 20, "\36\0\0\0", 4, "type BF16");
}

/* What is wrong in the data: codes, scales, numbers that are none. */
static void bad_weights(void **state)
{
	struct rt_file file;
	struct error err = { "" };
	struct model model;
	const struct gguf_tensor *tensor;
	size_t offset;
	char *path;

	(void)state;
	rt_small_model(&file);
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), 0);
	tensor = gguf_tensor(&model.file, "blk.0.ffn_down.weight");
	offset = tensor->offset;
	unlink(path);
	free(path);
	model_free(&model);

	file.bytes[offset + 66 * 3 + 7] = 0xff;
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), EXIT_FAILED);
	assert_non_null(strstr(err.text, "code 3"));
	assert_non_null(strstr(err.text, "block 3"));
	unlink(path);
	free(path);

	file.bytes[offset + 66 * 3 + 7] = 0x55;
	file.bytes[offset + 66 * 9 + 65] = 0x3c;
	path = rt_write(file.bytes, file.count);
	assert_int_equal(model_load(&model, path, &err), EXIT_FAILED);
	assert_non_null(strstr(err.text, "scale 1 in block 9"));
	unlink(path);
	free(path);
	rt_free(&file);
}

static void strange_paths(void **state)
{
	struct error err = { "" };
	struct model model;

	(void)state;
	assert_int_equal(model_load(&model, "/nonexistent/file", &err), EXIT_FAILED);
	assert_non_null(strstr(err.text, "/nonexistent/file: cannot open the model"));
	assert_int_equal(model_load(&model, "/", &err), EXIT_FAILED);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(model_load(&model, "/dev/null", &err), EXIT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(pairs),
		cmocka_unit_test(tensors),
		cmocka_unit_test(small_model),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(random_flips),
		cmocka_unit_test(bad_models),
		cmocka_unit_test(bad_weights),
		cmocka_unit_test(strange_paths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rt_gguf", tests, NULL, NULL);
}
