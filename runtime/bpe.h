/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the tokenizer: the merges, and one word's way through them. */
#ifndef RUNTIME_BPE_H
#define RUNTIME_BPE_H

#include "tokenizer.h"

/** merges_load() - the list of merges; the vocabulary must be there */
int merges_load(struct tokenizer *tokenizer, const struct gguf *file, struct error *err);

/** bpe_encode_word() - append the tokens of one word */
int bpe_encode_word(const struct tokenizer *tokenizer, const char *word, size_t length,
		    struct ids *ids, struct error *err);

/** tokenizer_find() - the token with this text, as the file writes it, or NO_TOKEN */
uint32_t tokenizer_find(const struct tokenizer *tokenizer, const char *data, size_t length);

#endif /* RUNTIME_BPE_H */
