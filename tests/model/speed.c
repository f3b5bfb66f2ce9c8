// SPDX-License-Identifier: Apache-2.0
/*
 * How fast the simulator's model is, through the whole platform: GEMVs one after
 * another, and all BitLinears of one token of BitNet b1.58 2B-4T, each with weights of
 * its own. Prints name, value, unit.
 *
 *   speed [DEVICE]       sim:base,simulator.fidelity=model,memory.bytes=1GiB by default
 *   speed DEVICE NAME    some tokens' BitLinears, all the time that they take; the name is NAME
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libtern.h"

#define SPEC		"sim:base,simulator.fidelity=model,memory.bytes=1GiB"
#define LAYERS		30
#define A_BLOCK		7
#define JOBS		(LAYERS * A_BLOCK)
#define GEMVS		64
#define GEMV		4096
#define TRIES		5
#define TOKENS		8

static const uint32_t block[A_BLOCK][2] = {
	{ 2560, 2560 }, { 640, 2560 }, { 640, 2560 }, { 2560, 2560 },
	{ 6912, 2560 }, { 6912, 2560 }, { 2560, 6912 },
};

static struct tern_device *dev;

static void check(int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "speed: %s: %s\n", what, tern_error(dev));
	exit(3);
}

static uint8_t *buffer(enum tern_bo_kind kind, uint64_t bytes, struct tern_bo **bo)
{
	uint8_t *map;

	check(tern_bo_create(dev, kind, bytes, bo), "no buffer");
	map = tern_bo_map(*bo);
	check(map ? 0 : -1, "no mapping");
	for (uint64_t i = 0; i < bytes; i++)
		map[i] = (uint8_t)(i * 0x9e3779b1u >> 24);
	return map;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

/* The shortest of some tries; *cycles is the device's. */
static double shortest(const struct tern_cmd *cmds, uint32_t count, uint64_t *cycles)
{
	static struct tern_result results[JOBS];
	double best = 0;

	for (int try = 0; try < TRIES; try++) {
		double start = now_s(), took;

		check(tern_run(dev, cmds, count, -1, results), "GEMMs");
		took = now_s() - start;
		if (!try || took < best)
			best = took;
	}
	*cycles = 0;
	for (uint32_t i = 0; i < count; i++)
		*cycles += results[i].cycles;
	return best;
}

/* Of a device that does not take the same time for each. */
static double all_tokens(const struct tern_cmd *cmds)
{
	static struct tern_result results[JOBS];
	double start = now_s();

	for (int token = 0; token < TOKENS; token++)
		check(tern_run(dev, cmds, JOBS, -1, results), "GEMMs");
	return now_s() - start;
}

static struct tern_cmd gemv(struct tern_bo *w, uint64_t at, struct tern_bo *x, struct tern_bo *y,
			    uint32_t n, uint32_t k)
{
	return (struct tern_cmd) {
		.op = TERN_OP_GEMM,
		.src = { .handle = tern_bo_handle(x), .stride = k },
		.dst = { .handle = tern_bo_handle(y), .stride = 4 * n },
		.weights = { .handle = tern_bo_handle(w), .offset = at },
		.n = n,
		.k = k,
		.t = 1,
	};
}

int main(int argc, char **argv)
{
	static struct tern_cmd cmds[JOBS];
	struct tern_bo *w, *x, *y;
	uint64_t at = 0, cycles;
	double macs = 0, took;

	check(tern_open(argc > 1 ? argv[1] : SPEC, &dev), "no device");
	for (unsigned int i = 0; i < JOBS; i++)
		at += tern_p2_row_bytes(block[i % A_BLOCK][1]) * block[i % A_BLOCK][0];
	buffer(TERN_BO_DEVICE, at, &w);
	buffer(TERN_BO_HOST, 8192, &x);
	buffer(TERN_BO_HOST, 4 * 8192, &y);

	for (unsigned int i = 0; i < GEMVS; i++)
		cmds[i] = gemv(w, 0, x, y, GEMV, GEMV);
	if (argc < 3) {
		took = shortest(cmds, GEMVS, &cycles);
		printf("sim.model.gmacs.t1\t%.2f\tGMAC/s\n", 1e-9 * GEMV * GEMV * GEMVS / took);
		printf("sim.model.mcycles.t1\t%.1f\tMcycles/s\n", 1e-6 * cycles / took);
	}

	at = 0;
	for (unsigned int i = 0; i < JOBS; i++) {
		const uint32_t n = block[i % A_BLOCK][0], k = block[i % A_BLOCK][1];

		cmds[i] = gemv(w, at, x, y, n, k);
		at += tern_p2_row_bytes(k) * n;
		macs += (double)n * k;
	}
	if (argc > 2) {
		printf("%s\t%.2f\tGMAC/s\n", argv[2], 1e-9 * macs * TOKENS / all_tokens(cmds));
		tern_close(dev);
		return 0;
	}
	took = shortest(cmds, JOBS, &cycles);
	printf("sim.model.s_per_token.2b4t\t%.4f\ts\n", took);
	printf("sim.model.cycles_per_token.2b4t\t%llu\tcycles\n", (unsigned long long)cycles);
	fprintf(stderr, "# %.3g weights, %.2f GMAC/s\n", macs, 1e-9 * macs / took);
	tern_close(dev);
	return 0;
}
