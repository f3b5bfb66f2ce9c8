// SPDX-License-Identifier: Apache-2.0
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/* A line "<tag> <body>"; returns the body, or NULL if the tag is another. */
static char *body_of(char *line, const char *tag)
{
	size_t len = strlen(tag);

	if (strncmp(line, tag, len) || line[len] != ' ')
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line + len + 1;
}

static int read_trits(char *body, int8_t *out, uint32_t k)
{
	if (strlen(body) != k)
		return -1;
	for (uint32_t i = 0; i < k; i++)
		out[i] = body[i] == '+' ? 1 : body[i] == '-' ? -1 : 0;
	return 0;
}

static int read_hex(const char *body, void *out, size_t bytes)
{
	uint8_t *p = out;

	if (strlen(body) != 2 * bytes)
		return -1;
	for (size_t i = 0; i < bytes; i++) {
		unsigned int value;

		if (sscanf(body + 2 * i, "%2x", &value) != 1)
			return -1;
		p[i] = value;
	}
	return 0;
}

static int read_sums(char *body, int32_t *out, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		char *end;

		out[i] = strtol(body, &end, 10);
		if (end == body)
			return -1;
		body = end;
	}
	return 0;
}

static int read_body(FILE *f, struct tern_vector *v, char **line, size_t *room)
{
	const char *tags[] = { "trits", "p2", "b5", "x", "y" };
	const uint32_t rows[] = { v->n, v->n, v->n, v->t, v->t };

	for (int part = 0; part < 5; part++) {
		for (uint32_t row = 0; row < rows[part]; row++) {
			char *body;
			int bad;

			if (getline(line, room, f) < 0)
				return -1;
			body = body_of(*line, tags[part]);
			if (!body)
				return -1;
			if (part == 0)
				bad = read_trits(body, v->trits + (size_t)row * v->k, v->k);
			else if (part == 1)
				bad = read_hex(body, v->p2 + row * v->row_bytes, v->row_bytes);
			else if (part == 2)
				bad = read_hex(body, v->b5 + row * v->b5_row_bytes, v->b5_row_bytes);
			else if (part == 3)
				bad = read_hex(body, v->x + (size_t)row * v->k, v->k);
			else
				bad = read_sums(body, v->y + (size_t)row * v->n, v->n);
			if (bad)
				return -1;
		}
	}
	return 0;
}

int tern_vector_read(FILE *f, struct tern_vector *v)
{
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	memset(v, 0, sizeof(*v));
	while (getline(&line, &room, f) >= 0) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		ret = -1;
		if (sscanf(line, "gemm %63s %u %u %u", v->name, &v->n, &v->k, &v->t) != 4)
			break;
		v->row_bytes = (size_t)64 * ((v->k + 255) / 256);
		v->trits = calloc(v->n, v->k);
		v->p2 = calloc(v->n, v->row_bytes);
		v->b5_row_bytes = (size_t)64 * ((v->k + 319) / 320);
		v->b5 = calloc(v->n, v->b5_row_bytes);
		v->x = calloc(v->t, v->k);
		v->y = calloc((size_t)v->t * v->n, sizeof(*v->y));
		if (v->trits && v->p2 && v->b5 && v->x && v->y &&
		    !read_body(f, v, &line, &room))
			ret = 1;
		break;
	}
	free(line);
	if (ret < 0)
		tern_vector_free(v);
	return ret;
}

void tern_vector_free(struct tern_vector *v)
{
	free(v->trits);
	free(v->p2);
	free(v->b5);
	free(v->x);
	free(v->y);
	memset(v, 0, sizeof(*v));
}
