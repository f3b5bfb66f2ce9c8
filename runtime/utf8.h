/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, decoded strictly (no overlong forms, no surrogates), and a stream that
 * turns bytes into whole characters: those of a character that is still
 * incomplete are kept back, and what can be no UTF-8 becomes U+FFFD.
 */
#ifndef RUNTIME_UTF8_H
#define RUNTIME_UTF8_H

#include <stddef.h>
#include <stdint.h>

/**
 * utf8_decode() - the first character of a text
 * Returns its bytes; 0 if the text ends inside it; -n if its first n bytes can
 * be no UTF-8.
 */
int utf8_decode(const char *text, size_t length, uint32_t *character);

/** utf8_encode() - of an alphabet's character below U+0800; returns its bytes */
int utf8_encode(uint32_t character, char text[2]);

struct utf8_stream {
	char kept[4];
	size_t kept_count;
};

/* Bytes that utf8_stream_add() may write for so many read. */
#define UTF8_STREAM_ROOM(bytes) (3 * (bytes) + 12)

/** utf8_stream_add() - whole characters of what has come so far, into @out */
size_t utf8_stream_add(struct utf8_stream *stream, const char *text, size_t length, char *out);

/** utf8_stream_end() - U+FFFD if a character stayed incomplete; at most 3 bytes */
size_t utf8_stream_end(struct utf8_stream *stream, char *out);

#endif /* RUNTIME_UTF8_H */
