// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rt_file.h"

#define WIDTH	256
#define ALIGN	32
#define TOKENS	260

void rt_put(struct rt_file *file, const void *bytes, size_t count)
{
	if (file->count + count > file->room) {
		file->room = 2 * (file->count + count);
		file->bytes = realloc(file->bytes, file->room);
		if (!file->bytes)
			abort();
	}
	memcpy(file->bytes + file->count, bytes, count);
	file->count += count;
}

void rt_u32(struct rt_file *file, uint32_t value)
{
	rt_put(file, &value, sizeof(value));
}

void rt_u64(struct rt_file *file, uint64_t value)
{
	rt_put(file, &value, sizeof(value));
}

void rt_string(struct rt_file *file, const char *text)
{
	rt_u64(file, strlen(text));
	rt_put(file, text, strlen(text));
}

void rt_header(struct rt_file *file, uint64_t tensors, uint64_t pairs)
{
	rt_put(file, "GGUF", 4);
	rt_u32(file, 3);
	rt_u64(file, tensors);
	rt_u64(file, pairs);
}

void rt_pair_u32(struct rt_file *file, const char *key, uint32_t value)
{
	rt_string(file, key);
	rt_u32(file, 4);
	rt_u32(file, value);
}

void rt_pair_f32(struct rt_file *file, const char *key, float value)
{
	rt_string(file, key);
	rt_u32(file, 6);
	rt_put(file, &value, sizeof(value));
}

void rt_pair_string(struct rt_file *file, const char *key, const char *value)
{
	rt_string(file, key);
	rt_u32(file, 8);
	rt_string(file, value);
}

void rt_tensor(struct rt_file *file, const char *name, uint64_t size0, uint64_t size1,
	       uint32_t type, uint64_t offset)
{
	rt_string(file, name);
	rt_u32(file, size1 > 1 ? 2 : 1);
	rt_u64(file, size0);
	if (size1 > 1)
		rt_u64(file, size1);
	rt_u32(file, type);
	rt_u64(file, offset);
}

void rt_align(struct rt_file *file, size_t unit)
{
	while (file->count % unit)
		rt_put(file, "", 1);
}

void rt_free(struct rt_file *file)
{
	free(file->bytes);
	memset(file, 0, sizeof(*file));
}

/* Token 0 ends a text, then the alphabet of bytes, then "ab", "abc", "cd". */
static void put_tokens(struct rt_file *file)
{
	static const char *const more[] = { "ab", "abc", "cd" };
	uint32_t extra = 0x100;
	uint32_t i;

	rt_string(file, "tokenizer.ggml.tokens");
	rt_u32(file, 9);
	rt_u32(file, 8);
	rt_u64(file, TOKENS);
	rt_string(file, "<end>");
	for (i = 0; i < 256; i++) {
		int printable = (i > 0x20 && i < 0x7f) || (i > 0xa0 && i != 0xad);
		uint32_t c = printable ? i : extra++;
		char text[3] = { c };

		if (c >= 0x80) {
			text[0] = 0xc0 | c >> 6;
			text[1] = 0x80 | (c & 0x3f);
		}
		rt_string(file, text);
	}
	for (i = 0; i < 3; i++)
		rt_string(file, more[i]);
	rt_string(file, "tokenizer.ggml.token_type");
	rt_u32(file, 9);
	rt_u32(file, 5);
	rt_u64(file, TOKENS);
	for (i = 0; i < TOKENS; i++)
		rt_u32(file, i ? 1 : 3);
	rt_string(file, "tokenizer.ggml.merges");
	rt_u32(file, 9);
	rt_u32(file, 8);
	rt_u64(file, 3);
	rt_string(file, "c d");
	rt_string(file, "a b");
	rt_string(file, "ab c");
}

static void put_pairs(struct rt_file *file)
{
	rt_pair_string(file, "general.architecture", "bitnet");
	rt_pair_u32(file, "bitnet.vocab_size", TOKENS);
	rt_pair_u32(file, "bitnet.context_length", 16);
	rt_pair_u32(file, "bitnet.embedding_length", WIDTH);
	rt_pair_u32(file, "bitnet.block_count", 1);
	rt_pair_u32(file, "bitnet.feed_forward_length", WIDTH);
	rt_pair_u32(file, "bitnet.rope.dimension_count", WIDTH / 2);
	rt_pair_u32(file, "bitnet.attention.head_count", 2);
	rt_pair_u32(file, "bitnet.attention.head_count_kv", 1);
	rt_pair_f32(file, "bitnet.attention.layer_norm_rms_epsilon", 1e-5f);
	rt_pair_string(file, "tokenizer.ggml.model", "gpt2");
	rt_pair_string(file, "tokenizer.ggml.pre", "gpt-2");
	put_tokens(file);
	rt_pair_u32(file, "tokenizer.ggml.bos_token_id", 0);
	rt_pair_u32(file, "tokenizer.ggml.eos_token_id", 0);
	rt_string(file, "tokenizer.ggml.add_bos_token");
	rt_u32(file, 7);
	rt_put(file, "\1", 1);
}

static uint32_t random_bits(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void put_data(struct rt_file *file, uint64_t size0, uint64_t size1, uint32_t type,
		     uint32_t *state)
{
	const float one = 1.0f;
	uint64_t i;
	int j;

	for (i = 0; type == 0 && i < size0 * size1; i++)
		rt_put(file, &one, sizeof(one));
	for (i = 0; type == 1 && i < size0 * size1; i++) {
		uint16_t half = 0x2000 | (random_bits(state) & 0x83ff);

		rt_put(file, &half, sizeof(half));
	}
	for (i = 0; type == 35 && i < size0 / 256 * size1; i++) {
		for (j = 0; j < 64; j++) {
			uint32_t r = random_bits(state);
			uint8_t codes = r % 3 | r / 3 % 3 << 2 | r / 9 % 3 << 4 | r / 27 % 3 << 6;

			rt_put(file, &codes, 1);
		}
		rt_put(file, "\x00\x38", 2);	/* 0.5 */
	}
	rt_align(file, ALIGN);
}

void rt_small_model(struct rt_file *file)
{
	static const struct {
		const char *name;
		uint32_t size1;
		uint32_t type;
	} tensors[] = {
		{ "token_embd.weight", TOKENS, 1 }, { "output_norm.weight", 1, 0 },
		{ "blk.0.attn_norm.weight", 1, 0 }, { "blk.0.attn_sub_norm.weight", 1, 0 },
		{ "blk.0.ffn_norm.weight", 1, 0 }, { "blk.0.ffn_sub_norm.weight", 1, 0 },
		{ "blk.0.attn_q.weight", WIDTH, 35 }, { "blk.0.attn_k.weight", WIDTH / 2, 35 },
		{ "blk.0.attn_v.weight", WIDTH / 2, 35 }, { "blk.0.attn_output.weight", WIDTH, 35 },
		{ "blk.0.ffn_gate.weight", WIDTH, 35 }, { "blk.0.ffn_up.weight", WIDTH, 35 },
		{ "blk.0.ffn_down.weight", WIDTH, 35 },
	};
	const size_t count = sizeof(tensors) / sizeof(tensors[0]);
	struct rt_file data = { 0 };
	uint32_t state = 1;
	size_t i;

	memset(file, 0, sizeof(*file));
	rt_header(file, count, 18);
	put_pairs(file);
	for (i = 0; i < count; i++) {
		rt_tensor(file, tensors[i].name, WIDTH, tensors[i].size1, tensors[i].type,
			  data.count);
		put_data(&data, WIDTH, tensors[i].size1, tensors[i].type, &state);
	}
	rt_align(file, ALIGN);
	rt_put(file, data.bytes, data.count);
	rt_free(&data);
}

char *rt_write(const uint8_t *bytes, size_t count)
{
	const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	char *path;
	int fd;

	if (asprintf(&path, "%s/rt-XXXXXX", folder) < 0)
		abort();
	fd = mkstemp(path);
	if (fd < 0 || write(fd, bytes, count) != (ssize_t)count || close(fd))
		abort();
	return path;
}
