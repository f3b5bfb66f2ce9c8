// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD */

int utf8_decode(const char *text, size_t length, uint32_t *character)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = p[0];
	unsigned int low = 0x80;	/* bounds of the second byte */
	unsigned int high = 0xbf;
	int bytes;
	int i;

	if (c < 0x80) {
		*character = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf) {
		bytes = 2;
		c &= 0x1f;
	} else if (c >= 0xe0 && c <= 0xef) {
		bytes = 3;
		low = c == 0xe0 ? 0xa0 : 0x80;
		high = c == 0xed ? 0x9f : 0xbf;
		c &= 0x0f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		bytes = 4;
		low = c == 0xf0 ? 0x90 : 0x80;
		high = c == 0xf4 ? 0x8f : 0xbf;
		c &= 0x07;
	} else {
		return -1;
	}
	for (i = 1; i < bytes; i++) {
		if ((size_t)i == length)
			return 0;
		if (p[i] < low || p[i] > high)
			return -i;
		c = c << 6 | (p[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*character = c;
	return bytes;
}

int utf8_encode(uint32_t character, char text[2])
{
	if (character < 0x80) {
		text[0] = character;
		return 1;
	}
	text[0] = 0xc0 | character >> 6;
	text[1] = 0x80 | (character & 0x3f);
	return 2;
}

size_t utf8_stream_add(struct utf8_stream *stream, const char *text, size_t length, char *out)
{
	size_t written = 0;

	while (length) {
		uint32_t character;
		int bytes;

		stream->kept[stream->kept_count++] = *text++;
		length--;
		bytes = utf8_decode(stream->kept, stream->kept_count, &character);
		if (!bytes)
			continue;
		if (bytes > 0) {
			memcpy(out + written, stream->kept, bytes);
			written += bytes;
			stream->kept_count = 0;
			continue;
		}
		/* The last byte did not fit: it starts anew, unless it is alone. */
		memcpy(out + written, REPLACEMENT, 3);
		written += 3;
		if (stream->kept_count > 1) {
			text--;
			length++;
		}
		stream->kept_count = 0;
	}
	return written;
}

size_t utf8_stream_end(struct utf8_stream *stream, char *out)
{
	if (!stream->kept_count)
		return 0;
	stream->kept_count = 0;
	memcpy(out, REPLACEMENT, 3);
	return 3;
}
