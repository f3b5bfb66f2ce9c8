// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "bpe.h"

struct merge_slot {
	uint32_t left;		/* NO_TOKEN in a free slot */
	uint32_t right;
	uint32_t rank;
	uint32_t result;
};

/* The slot of a pair: the one that has it, or the free one where it belongs. */
static struct merge_slot *merge_slot(const struct tokenizer *tokenizer, uint32_t left,
				     uint32_t right)
{
	uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15ull;
	size_t at = h >> 32;
	struct merge_slot *slot;

	for (;; at++) {
		slot = &tokenizer->merges[at & tokenizer->merge_mask];
		if (slot->left == NO_TOKEN || (slot->left == left && slot->right == right))
			return slot;
	}
}

static int add_merge(struct tokenizer *tokenizer, struct gguf_string text, uint32_t rank,
		     struct error *err)
{
	const char *space = text.length ? memchr(text.data + 1, ' ', text.length - 1) : NULL;
	size_t left_length = space ? space - text.data : 0;
	struct merge_slot *slot;
	char joined[1024];
	char name[80];
	uint32_t left;
	uint32_t right;
	uint32_t result;

	gguf_printable(text, name);
	if (!space || left_length + 1 == text.length || text.length > sizeof(joined))
		return bail(err, EXIT_FAILED, "merge %u, '%s', is no pair of tokens: the file is damaged",
			    rank, name);
	memcpy(joined, text.data, left_length);
	memcpy(joined + left_length, space + 1, text.length - left_length - 1);
	left = tokenizer_find(tokenizer, text.data, left_length);
	right = tokenizer_find(tokenizer, space + 1, text.length - left_length - 1);
	result = tokenizer_find(tokenizer, joined, text.length - 1);
	if (left == NO_TOKEN || right == NO_TOKEN || result == NO_TOKEN)
		return bail(err, EXIT_FAILED,
			    "merge %u, '%s', names a token that the vocabulary lacks: the file is damaged",
			    rank, name);
	slot = merge_slot(tokenizer, left, right);
	if (slot->left != NO_TOKEN)
		return bail(err, EXIT_FAILED, "merge %u, '%s', comes twice: the file is damaged",
			    rank, name);
	*slot = (struct merge_slot){ left, right, rank, result };
	return 0;
}

int merges_load(struct tokenizer *tokenizer, const struct gguf *file, struct error *err)
{
	struct gguf_string *texts = NULL;
	size_t slots = 16;
	size_t count;
	size_t i;
	int rc;

	rc = gguf_get_strings(file, "tokenizer.ggml.merges", &texts, &count, err);
	if (rc)
		return rc;
	while (slots < 2 * count)
		slots *= 2;
	tokenizer->merges = malloc(slots * sizeof(*tokenizer->merges));
	if (!tokenizer->merges) {
		free(texts);
		return bail_memory(err, "the merges");
	}
	memset(tokenizer->merges, 0xff, slots * sizeof(*tokenizer->merges));
	tokenizer->merge_mask = slots - 1;
	for (i = 0; !rc && i < count; i++)
		rc = add_merge(tokenizer, texts[i], i, err);
	free(texts);
	return rc;
}

/* A word's tokens, in a list, and the merges that they offer, in a heap. */
struct symbol {
	uint32_t id;		/* NO_TOKEN once it is part of its left neighbour */
	uint32_t previous;
	uint32_t next;
};

struct offer {
	uint32_t rank;
	uint32_t at;		/* the left symbol */
	uint32_t left;		/* what it joins; stale if that is no longer there */
	uint32_t right;
	uint32_t result;
};

struct word {
	struct symbol *symbols;
	struct offer *heap;
	size_t offers;
};

static int before(const struct offer *a, const struct offer *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static void push(struct word *word, struct offer offer)
{
	size_t at = word->offers++;

	for (; at && before(&offer, &word->heap[(at - 1) / 2]); at = (at - 1) / 2)
		word->heap[at] = word->heap[(at - 1) / 2];
	word->heap[at] = offer;
}

static struct offer pop(struct word *word)
{
	struct offer top = word->heap[0];
	struct offer last = word->heap[--word->offers];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < word->offers && before(&word->heap[child + 1], &word->heap[child]))
			child++;
		if (child >= word->offers || !before(&word->heap[child], &last))
			break;
		word->heap[at] = word->heap[child];
		at = child;
	}
	word->heap[at] = last;
	return top;
}

static void offer_merge(const struct tokenizer *tokenizer, struct word *word, uint32_t at)
{
	uint32_t left = word->symbols[at].id;
	uint32_t next = word->symbols[at].next;
	const struct merge_slot *slot;
	uint32_t right;

	if (next == NO_TOKEN)
		return;
	right = word->symbols[next].id;
	slot = merge_slot(tokenizer, left, right);
	if (slot->left != NO_TOKEN)
		push(word, (struct offer){ slot->rank, at, left, right, slot->result });
}

static void merge(const struct tokenizer *tokenizer, struct word *word, const struct offer *offer)
{
	struct symbol *left = &word->symbols[offer->at];
	struct symbol *right;

	if (left->id != offer->left || left->next == NO_TOKEN)
		return;
	right = &word->symbols[left->next];
	if (right->id != offer->right)
		return;
	left->id = offer->result;
	left->next = right->next;
	right->id = NO_TOKEN;
	if (left->next != NO_TOKEN)
		word->symbols[left->next].previous = offer->at;
	offer_merge(tokenizer, word, offer->at);
	if (left->previous != NO_TOKEN)
		offer_merge(tokenizer, word, left->previous);
}

int bpe_encode_word(const struct tokenizer *tokenizer, const char *text, size_t length,
		    struct ids *ids, struct error *err)
{
	struct word word = { 0 };
	size_t i;
	int rc = 0;

	if (length >= NO_TOKEN / 4)
		return bail(err, EXIT_USAGE, "a word of %zu bytes is too long", length);
	/* Each merge takes one symbol away and offers at most two more. */
	word.symbols = malloc(length * sizeof(*word.symbols));
	word.heap = malloc(3 * length * sizeof(*word.heap));
	if (!word.symbols || !word.heap) {
		rc = bail_memory(err, "a word");
		goto out;
	}
	for (i = 0; i < length; i++)
		word.symbols[i] = (struct symbol){
			.id = tokenizer->byte_id[(unsigned char)text[i]],
			.previous = i ? i - 1 : NO_TOKEN,
			.next = i + 1 < length ? i + 1 : NO_TOKEN,
		};
	for (i = 0; i < length; i++)
		offer_merge(tokenizer, &word, i);
	while (word.offers) {
		struct offer offer = pop(&word);

		merge(tokenizer, &word, &offer);
	}
	for (i = 0; !rc && i < length; i = word.symbols[i].next) {
		rc = ids_add(ids, word.symbols[i].id, err);
		if (word.symbols[i].next == NO_TOKEN)
			break;
	}
out:
	free(word.symbols);
	free(word.heap);
	return rc;
}
