// SPDX-License-Identifier: Apache-2.0
/* The word pattern of GPT-2, see tokenizer.h. */
#include <string.h>
#include <unictype.h>

#include "tokenizer.h"
#include "utf8.h"

enum class { LETTER, NUMBER, SPACE, OTHER };

/* The class of the first character; bytes that are no UTF-8 are one OTHER each. */
static enum class classify(const char *text, size_t length, size_t *bytes)
{
	uint32_t c;
	int decoded = utf8_decode(text, length, &c);

	if (decoded <= 0) {
		*bytes = 1;
		return OTHER;
	}
	*bytes = decoded;
	if (c < 0x80) {
		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			return LETTER;
		if (c >= '0' && c <= '9')
			return NUMBER;
		return c == ' ' || (c >= '\t' && c <= '\r') ? SPACE : OTHER;
	}
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L))
		return LETTER;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_N))
		return NUMBER;
	return uc_is_property_white_space(c) ? SPACE : OTHER;
}

static size_t contraction(const char *text, size_t length)
{
	static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t bytes = strlen(endings[i]);

		if (length >= bytes && !memcmp(text, endings[i], bytes))
			return bytes;
	}
	return 0;
}

size_t word_length(const char *text, size_t length)
{
	enum class class;
	size_t bytes;
	size_t last;
	size_t at;

	at = contraction(text, length);
	if (at)
		return at;
	class = classify(text, length, &bytes);
	if (*text == ' ' && length > 1) {	/* one space belongs to what follows it */
		enum class next = classify(text + 1, length - 1, &last);

		if (next != SPACE) {
			class = next;
			bytes = 1 + last;
		}
	}
	at = bytes;
	while (at < length && classify(text + at, length - at, &bytes) == class)
		at += bytes;
	if (class != SPACE || at >= length)
		return at;
	/* Spaces before a word: all but the last one, which goes to the word if it can. */
	for (last = 0, at = 0; classify(text + at, length - at, &bytes) == SPACE; at += bytes)
		last = at;
	return last ? last : at;
}
