/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte-level BPE as GPT-2 defined it. Text is cut into words by
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * each byte of a word becomes a token, and then, as long as two neighbours are
 * in the list of merges, the pair that stands first in it is merged, the leftmost
 * one first. Control tokens in the text (<|endoftext|>) are taken as themselves.
 */
#ifndef RUNTIME_TOKENIZER_H
#define RUNTIME_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "gguf.h"

#define NO_TOKEN UINT32_MAX

struct ids {
	uint32_t *data;
	size_t count;
	size_t room;
};

struct vocabulary_slot;
struct merge_slot;

struct tokenizer {
	size_t count;
	struct gguf_string *text;	/* of each token, as in the file */
	uint8_t *kind;			/* enum token_kind */
	char *bytes;			/* what the tokens stand for, one after another */
	uint32_t *start;		/* of each token in bytes; one more than count */
	uint32_t *vocabulary;		/* hash of text -> id */
	size_t vocabulary_mask;
	struct merge_slot *merges;	/* hash of a pair of ids -> rank and result */
	size_t merge_mask;
	uint32_t *special;		/* ids that are looked for in the text */
	size_t special_count;
	uint32_t byte_id[256];
	uint32_t bos;
	uint32_t eos;			/* NO_TOKEN if the file names none */
	int add_bos;
};

enum token_kind {
	TOKEN_NORMAL = 1,
	TOKEN_UNKNOWN = 2,
	TOKEN_CONTROL = 3,
	TOKEN_USER = 4,
	TOKEN_UNUSED = 5,
	TOKEN_BYTE = 6,
};

/** tokenizer_load() - from the tokenizer.* keys of an open file, which must stay open */
int tokenizer_load(struct tokenizer *tokenizer, const struct gguf *file, struct error *err);

/** tokenizer_free() - good for a zeroed struct and after failure too */
void tokenizer_free(struct tokenizer *tokenizer);

/** tokenizer_encode() - append the tokens of a text, behind bos if the model wants one */
int tokenizer_encode(const struct tokenizer *tokenizer, const char *text, size_t length,
		     struct ids *ids, struct error *err);

/** tokenizer_bytes() - what a token stands for; nothing for a control token */
const char *tokenizer_bytes(const struct tokenizer *tokenizer, uint32_t id, size_t *length);

/** word_length() - bytes of the first word of a text of at least one byte */
size_t word_length(const char *text, size_t length);

/** ids_add() - append one */
int ids_add(struct ids *ids, uint32_t id, struct error *err);

void ids_free(struct ids *ids);

#endif /* RUNTIME_TOKENIZER_H */
