// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bpe.h"
#include "tokenizer.h"
#include "utf8.h"

#define TOKENS_MAX (1u << 24)

int ids_add(struct ids *ids, uint32_t id, struct error *err)
{
	if (ids->count == ids->room) {
		size_t room = ids->room ? 2 * ids->room : 256;
		uint32_t *data = realloc(ids->data, room * sizeof(*data));

		if (!data)
			return bail_memory(err, "the tokens of the text");
		ids->data = data;
		ids->room = room;
	}
	ids->data[ids->count++] = id;
	return 0;
}

void ids_free(struct ids *ids)
{
	free(ids->data);
	memset(ids, 0, sizeof(*ids));
}

/*
 * The alphabet of byte-level BPE: printable bytes of Latin-1 stand for
 * themselves, the others for U+0100 and on, in their order.
 */
static int is_printable(unsigned int byte)
{
	return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

static uint32_t byte_to_character(unsigned int byte)
{
	uint32_t character = 0x100;
	unsigned int i;

	if (is_printable(byte))
		return byte;
	for (i = 0; i < byte; i++)
		character += !is_printable(i);
	return character;
}

static uint64_t hash(const char *data, size_t length)
{
	uint64_t h = 0xcbf29ce484222325ull;	/* FNV-1a */
	size_t i;

	for (i = 0; i < length; i++)
		h = (h ^ (unsigned char)data[i]) * 0x100000001b3ull;
	return h ^ h >> 29;
}

/* The slot of a text: the one that has it, or the free one where it belongs. */
static uint32_t *vocabulary_slot(const struct tokenizer *tokenizer, const char *data, size_t length)
{
	size_t at = hash(data, length);
	uint32_t *slot;

	for (;; at++) {
		slot = &tokenizer->vocabulary[at & tokenizer->vocabulary_mask];
		if (*slot == NO_TOKEN || (tokenizer->text[*slot].length == length &&
					  !memcmp(tokenizer->text[*slot].data, data, length)))
			return slot;
	}
}

uint32_t tokenizer_find(const struct tokenizer *tokenizer, const char *data, size_t length)
{
	return *vocabulary_slot(tokenizer, data, length);
}

static int build_vocabulary(struct tokenizer *tokenizer, struct error *err)
{
	char name[80];
	size_t slots = 16;
	size_t i;

	while (slots < 2 * tokenizer->count)
		slots *= 2;
	tokenizer->vocabulary = malloc(slots * sizeof(*tokenizer->vocabulary));
	if (!tokenizer->vocabulary)
		return bail_memory(err, "the vocabulary");
	memset(tokenizer->vocabulary, 0xff, slots * sizeof(*tokenizer->vocabulary));
	tokenizer->vocabulary_mask = slots - 1;
	for (i = 0; i < tokenizer->count; i++) {
		struct gguf_string text = tokenizer->text[i];
		uint32_t *slot = vocabulary_slot(tokenizer, text.data, text.length);

		if (*slot != NO_TOKEN)
			return bail(err, EXIT_FAILED, "tokens %" PRIu32 " and %zu are both '%s': the file is damaged",
				    *slot, i, gguf_printable(text, name));
		*slot = i;
	}
	for (i = 0; i < 256; i++) {
		char text[2];
		int length = utf8_encode(byte_to_character(i), text);

		tokenizer->byte_id[i] = tokenizer_find(tokenizer, text, length);
		if (tokenizer->byte_id[i] == NO_TOKEN)
			return bail(err, EXIT_FAILED,
				    "no token stands for byte 0x%02zx: it is no byte-level BPE", i);
	}
	return 0;
}

/* The bytes that a token's text stands for. */
static int decode_token(const struct tokenizer *tokenizer, size_t id, const uint8_t *to_byte,
			char *bytes, uint32_t *length, struct error *err)
{
	struct gguf_string text = tokenizer->text[id];
	char name[80];
	size_t at = 0;

	*length = 0;
	if (tokenizer->kind[id] == TOKEN_CONTROL || tokenizer->kind[id] == TOKEN_UNUSED)
		return 0;
	if (tokenizer->kind[id] == TOKEN_USER) {
		memcpy(bytes, text.data, text.length);
		*length = text.length;
		return 0;
	}
	while (at < text.length) {
		uint32_t character;
		int n = utf8_decode(text.data + at, text.length - at, &character);

		if (n <= 0 || character >= 0x200 ||
		    (!to_byte[character] && character != 0x100))
			return bail(err, EXIT_FAILED,
				    "token %zu, '%s', has a character outside the byte-level alphabet: the file is damaged, or its tokenizer is another",
				    id, gguf_printable(text, name));
		bytes[(*length)++] = to_byte[character];
		at += n;
	}
	return 0;
}

static int build_bytes(struct tokenizer *tokenizer, struct error *err)
{
	uint8_t to_byte[0x200] = { 0 };
	size_t total = 0;
	size_t i;

	for (i = 0; i < 256; i++)
		to_byte[byte_to_character(i)] = i;
	for (i = 0; i < tokenizer->count; i++)
		total += tokenizer->text[i].length;
	if (total > UINT32_MAX)
		return bail(err, EXIT_FAILED,
			    "the vocabulary has %zu bytes, more than can be right", total);
	tokenizer->bytes = malloc(total + 1);
	tokenizer->start = calloc(tokenizer->count + 1, sizeof(*tokenizer->start));
	if (!tokenizer->bytes || !tokenizer->start)
		return bail_memory(err, "the vocabulary");
	for (i = 0; i < tokenizer->count; i++) {
		uint32_t start = tokenizer->start[i];
		uint32_t length;
		int rc =
			decode_token(tokenizer, i, to_byte, tokenizer->bytes + start, &length, err);

		if (rc)
			return rc;
		tokenizer->start[i + 1] = start + length;
	}
	return 0;
}

static int load_kinds(struct tokenizer *tokenizer, const struct gguf *file, struct error *err)
{
	static const char key[] = "tokenizer.ggml.token_type";
	const struct gguf_pair *pair = gguf_find(file, key);
	size_t i;

	tokenizer->kind = malloc(tokenizer->count);
	tokenizer->special = calloc(tokenizer->count, sizeof(*tokenizer->special));
	if (!tokenizer->kind || !tokenizer->special)
		return bail_memory(err, "the vocabulary");
	memset(tokenizer->kind, TOKEN_NORMAL, tokenizer->count);
	if (!pair)
		return 0;
	if (!pair->is_array || pair->type != GGUF_I32 || pair->count != tokenizer->count)
		return bail(err, EXIT_FAILED,
			    "key '%s' has %" PRIu64 " values of type %" PRIu32 ", not %zu of type %d",
			    key, pair->count, pair->type, tokenizer->count, GGUF_I32);
	for (i = 0; i < tokenizer->count; i++) {
		int32_t kind;

		memcpy(&kind, pair->value + i * sizeof(kind), sizeof(kind));
		if (kind < TOKEN_NORMAL || kind > TOKEN_BYTE)
			return bail(err, EXIT_FAILED, "token %zu has type %" PRId32 ", not 1 to 6",
				    i, kind);
		tokenizer->kind[i] = kind;
		if ((kind == TOKEN_CONTROL || kind == TOKEN_USER) && tokenizer->text[i].length)
			tokenizer->special[tokenizer->special_count++] = i;
	}
	return 0;
}

static int load_id(const struct tokenizer *tokenizer, const struct gguf *file, const char *key,
		   uint32_t *id, struct error *err)
{
	int rc;

	*id = NO_TOKEN;
	rc = gguf_get_u32(file, key, 1, id, err);
	if (!rc && *id != NO_TOKEN && *id >= tokenizer->count)
		rc = bail(err, EXIT_FAILED, "key '%s' is %" PRIu32 ", but there are %zu tokens",
			  key, *id, tokenizer->count);
	return rc;
}

static int check_model(const struct gguf *file, struct error *err)
{
	struct gguf_string model;
	struct gguf_string pre = { "gpt-2", 5 };
	char name[80];
	int rc;

	rc = gguf_get_string(file, "tokenizer.ggml.model", 0, &model, err);
	if (!rc)
		rc = gguf_get_string(file, "tokenizer.ggml.pre", 1, &pre, err);
	if (rc)
		return rc;
	if (!gguf_string_is(model, "gpt2"))
		return bail(err, EXIT_FAILED,
			    "the tokenizer is '%s'; ternlm reads 'gpt2' (byte-level BPE): use a model with such a tokenizer",
			    gguf_printable(model, name));
	if (!gguf_string_is(pre, "gpt-2"))
		return bail(err, EXIT_FAILED,
			    "the tokenizer cuts words by the rules '%s'; ternlm knows 'gpt-2': use a model with those",
			    gguf_printable(pre, name));
	return 0;
}

int tokenizer_load(struct tokenizer *tokenizer, const struct gguf *file, struct error *err)
{
	int rc;

	memset(tokenizer, 0, sizeof(*tokenizer));
	rc = check_model(file, err);
	if (rc)
		return rc;
	rc = gguf_get_strings(file, "tokenizer.ggml.tokens", &tokenizer->text, &tokenizer->count,
			      err);
	if (rc)
		return rc;
	if (!tokenizer->count || tokenizer->count > TOKENS_MAX)
		return bail(err, EXIT_FAILED, "the vocabulary has %zu tokens, not 1 to %u",
			    tokenizer->count, TOKENS_MAX);
	rc = load_kinds(tokenizer, file, err);
	if (!rc)
		rc = build_vocabulary(tokenizer, err);
	if (!rc)
		rc = build_bytes(tokenizer, err);
	if (!rc)
		rc = merges_load(tokenizer, file, err);
	if (!rc)
		rc = load_id(tokenizer, file, "tokenizer.ggml.bos_token_id", &tokenizer->bos, err);
	if (!rc)
		rc = load_id(tokenizer, file, "tokenizer.ggml.eos_token_id", &tokenizer->eos, err);
	if (!rc)
		rc = gguf_get_bool(file, "tokenizer.ggml.add_bos_token", 1, &tokenizer->add_bos,
				   err);
	if (!rc && tokenizer->add_bos && tokenizer->bos == NO_TOKEN)
		rc = bail(err, EXIT_FAILED,
			  "the tokenizer adds a first token, but 'tokenizer.ggml.bos_token_id' is missing");
	return rc;
}

void tokenizer_free(struct tokenizer *tokenizer)
{
	free(tokenizer->text);
	free(tokenizer->kind);
	free(tokenizer->bytes);
	free(tokenizer->start);
	free(tokenizer->vocabulary);
	free(tokenizer->merges);
	free(tokenizer->special);
	memset(tokenizer, 0, sizeof(*tokenizer));
}

/* The longest special token that stands here, or NO_TOKEN. */
static uint32_t special_at(const struct tokenizer *tokenizer, const char *text, size_t length)
{
	uint32_t best = NO_TOKEN;
	size_t i;

	for (i = 0; i < tokenizer->special_count; i++) {
		uint32_t id = tokenizer->special[i];
		struct gguf_string name = tokenizer->text[id];

		if (name.length <= length && name.data[0] == text[0] &&
		    !memcmp(name.data, text, name.length) &&
		    (best == NO_TOKEN || name.length > tokenizer->text[best].length))
			best = id;
	}
	return best;
}

static int encode_words(const struct tokenizer *tokenizer, const char *text, size_t length,
			struct ids *ids, struct error *err)
{
	size_t at = 0;
	int rc = 0;

	while (!rc && at < length) {
		size_t bytes = word_length(text + at, length - at);

		rc = bpe_encode_word(tokenizer, text + at, bytes, ids, err);
		at += bytes;
	}
	return rc;
}

int tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t length,
		     struct ids *ids, struct error *err)
{
	size_t start = 0;
	size_t at = 0;
	int rc = 0;

	if (tokenizer->add_bos)
		rc = ids_add(ids, tokenizer->bos, err);
	while (!rc && at < length) {
		uint32_t id = special_at(tokenizer, text + at, length - at);

		if (id == NO_TOKEN) {
			at++;
			continue;
		}
		rc = encode_words(tokenizer, text + start, at - start, ids, err);
		if (!rc)
			rc = ids_add(ids, id, err);
		at += tokenizer->text[id].length;
		start = at;
	}
	return rc ? rc : encode_words(tokenizer, text + start, at - start, ids, err);
}

const char *tokenizer_bytes(const struct tokenizer *tokenizer, uint32_t id, size_t *length)
{
	*length = tokenizer->start[id + 1] - tokenizer->start[id];
	return tokenizer->bytes + tokenizer->start[id];
}
