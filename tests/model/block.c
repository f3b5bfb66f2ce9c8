// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct shape shapes[SHAPES] = {
	{ "700M", 1536, 1536, 4096 },
	{ "1.3B", 2048, 2048, 5460 },
	{ "3B", 3200, 3200, 8640 },
	{ "2B-4T", 2560, 640, 6912 },
	{ "7B", 4096, 4096, 11008 },
	{ "13B", 5120, 5120, 13824 },
	{ "70B", 8192, 1024, 28672 },
};

const char *const body_names[BODIES] = { "rtl", "model" };

struct layer cell_layer(const struct cell *cell, unsigned int job)
{
	const struct shape *s = cell->shape;
	const struct layer layers[JOBS] = {
		{ s->d, s->d }, { s->kv, s->d }, { s->kv, s->d }, { s->d, s->d },
		{ s->f, s->d }, { s->f, s->d }, { s->d, s->f },
	};
	struct layer layer = layers[job];

	if (cell->rows && layer.n > cell->rows)
		layer.n = cell->rows;
	return layer;
}

/* ------------------------------------------------------------------ a device */

struct device {
	struct tern_device *dev;
	struct tern_bo *w, *x, *y;
	uint8_t *w_map, *x_map, *y_map;
};

static void check(struct device *device, int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "study: %s: %s\n", what, tern_error(device->dev));
	exit(3);
}

static uint8_t *buffer(struct device *device, enum tern_bo_kind kind, uint64_t bytes,
		       struct tern_bo **bo)
{
	uint8_t *map;

	check(device, tern_bo_create(device->dev, kind, bytes, bo), "no buffer");
	map = tern_bo_map(*bo);
	check(device, map ? 0 : -1, "no mapping");
	return map;
}

static uint64_t round64(uint64_t bytes)
{
	return (bytes + 63) & ~63ull;
}

/* ------------------------------------------------------------------ its memory */

/* Layers of one K have the same weights: those of d, and behind them those of f. */
struct places {
	uint64_t w_of_f;
	uint64_t w_bytes, x_bytes, y_bytes;	/* X of the largest job, Y of all */
};

static struct places find_places(const struct cell *cell)
{
	const struct tern_packing *packing = cell->packing;
	struct places places = { 0 };

	for (unsigned int i = 0; i < JOBS; i++) {
		const struct layer layer = cell_layer(cell, i);
		const uint64_t w = packing->row_bytes(layer.k) * layer.n;
		const uint64_t x = round64(layer.k) * cell->t;

		if (i < JOBS - 1 && w > places.w_of_f)
			places.w_of_f = w;
		if (x > places.x_bytes)
			places.x_bytes = x;
		places.y_bytes += round64(4ull * layer.n) * cell->t;
		places.w_bytes = places.w_of_f + w;
	}
	return places;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Some rows of any trits with the padding that the contract asks for, again and again. */
static void fill_weights(const struct tern_packing *packing, uint32_t k, uint8_t *w,
			 uint64_t bytes, uint64_t *state)
{
	static int8_t trits[1 << 16];
	const uint64_t row = packing->row_bytes(k);
	uint64_t done = 0;

	for (; done < bytes && done < 64 * row; done += row) {
		for (uint32_t i = 0; i < k; i++)
			trits[i] = (int8_t)(next_random(state) % 3) - 1;
		packing->pack_row(trits, k, w + done);
	}
	while (done < bytes) {
		const uint64_t part = done < bytes - done ? done : bytes - done;

		memcpy(w + done, w, part);
		done += part;
	}
}

static void fill(const struct cell *cell, const struct places *places, uint8_t *w, uint8_t *x)
{
	uint64_t state = 0x9e3779b97f4a7c15;

	for (uint64_t i = 0; i + 8 <= places->x_bytes; i += 8) {
		const uint64_t word = next_random(&state);

		memcpy(x + i, &word, 8);
	}
	fill_weights(cell->packing, cell->shape->d, w, places->w_of_f, &state);
	fill_weights(cell->packing, cell->shape->f, w + places->w_of_f,
		     places->w_bytes - places->w_of_f, &state);
}

/* FNV-1a by words. */
static uint64_t hash(const uint8_t *bytes, uint64_t count)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (uint64_t i = 0; i + 4 <= count; i += 4) {
		uint32_t word;

		memcpy(&word, bytes + i, 4);
		sum = (sum ^ word) * 0x100000001b3;
	}
	return sum;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

void run_cell(const struct cell *cell, enum body body, struct outcome *outcome)
{
	const struct places places = find_places(cell);
	struct tern_cmd cmds[JOBS] = { 0 };
	struct device device;
	char spec[256];
	uint64_t y = 0;
	double start;

	snprintf(spec, sizeof(spec), "sim:%s,simulator.fidelity=%s", cell->card, body_names[body]);
	check(&device, tern_open(spec, &device.dev), spec);
	device.w_map = buffer(&device, TERN_BO_DEVICE, places.w_bytes, &device.w);
	device.x_map = buffer(&device, TERN_BO_HOST, places.x_bytes, &device.x);
	device.y_map = buffer(&device, TERN_BO_HOST, places.y_bytes, &device.y);
	fill(cell, &places, device.w_map, device.x_map);
	for (unsigned int i = 0; i < JOBS; i++) {
		const struct layer layer = cell_layer(cell, i);

		cmds[i] = (struct tern_cmd) {
			.op = TERN_OP_GEMM,
			.packing = cell->packing->number,
			.src = { .handle = tern_bo_handle(device.x), .stride = round64(layer.k) },
			.dst = { .handle = tern_bo_handle(device.y), .offset = y,
				 .stride = round64(4ull * layer.n) },
			.weights = { .handle = tern_bo_handle(device.w),
				     .offset = i < JOBS - 1 ? 0 : places.w_of_f },
			.n = layer.n,
			.k = layer.k,
			.t = cell->t,
		};
		y += round64(4ull * layer.n) * cell->t;
	}
	start = now_s();
	check(&device, tern_run(device.dev, cmds, JOBS, -1, outcome->results), "a block of GEMMs");
	outcome->seconds = now_s() - start;
	outcome->sums = hash(device.y_map, places.y_bytes);
	tern_bo_destroy(device.w);
	tern_bo_destroy(device.x);
	tern_bo_destroy(device.y);
	tern_close(device.dev);
}
