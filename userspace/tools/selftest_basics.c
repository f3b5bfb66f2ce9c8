// SPDX-License-Identifier: Apache-2.0
/* NOP, BARRIER, FILL, COPY between all kinds of memory, zeroed buffers. */
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

#define BYTES		(3 * 1024 * 1024 / 2u)
#define PAGE_BYTES	4096u
#define PATTERN		0x7e24c0deu

static bool all_bytes(const void *data, size_t bytes, uint8_t value)
{
	const uint8_t *at = data;

	while (bytes && *at == value) {
		at++;
		bytes--;
	}
	return !bytes;
}

static void test_nothing(struct selftest *test)
{
	static const struct {
		uint32_t op;
		const char *name;
	} ops[] = { { TERN_OP_NOP, "NOP" }, { TERN_OP_BARRIER, "BARRIER" } };
	struct tern_result result;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		struct tern_cmd cmd = { .op = ops[i].op };
		bool ok = run_one(test, &cmd, &result);

		report(test, ok && result.cycles, ok ? "it took 0 cycles" : tern_error(test->dev),
		       "%s", ops[i].name);
	}
}

static void test_zeroed(struct selftest *test, enum tern_bo_kind kind, const char *name)
{
	struct tern_bo *bo = NULL;
	bool ok = true;

	/* Twice: the second buffer may be where the first one was. */
	for (int i = 0; ok && i < 2; i++) {
		ok = !tern_bo_create(test->dev, kind, BYTES, &bo) && tern_bo_map(bo);
		if (!ok)
			break;
		ok = all_bytes(tern_bo_map(bo), BYTES, 0);
		if (!ok) {
			report(test, false, "a new buffer is not zero",
			       "%s buffers start as zeros", name);
			tern_bo_destroy(bo);
			return;
		}
		memset(tern_bo_map(bo), 0xff, BYTES);
		tern_bo_destroy(bo);
	}
	report(test, ok, tern_error(test->dev), "%s buffers start as zeros", name);
}

/* @offset and @bytes of a FILL in a buffer of 0x11; what lies around must stay. */
static void test_fill(struct selftest *test, enum tern_bo_kind kind, const char *name,
		      uint64_t offset, uint64_t bytes)
{
	const char *why = NULL;
	struct tern_bo *bo = NULL;
	uint8_t *map = NULL;

	if (!tern_bo_create(test->dev, kind, BYTES, &bo))
		map = tern_bo_map(bo);
	if (!map) {
		why = tern_error(test->dev);
	} else {
		struct tern_cmd cmd = {
			.op = TERN_OP_FILL,
			.dst = { .handle = tern_bo_handle(bo), .offset = offset },
			.length = bytes,
			.pattern = PATTERN,
		};
		const uint32_t pattern = PATTERN;

		memset(map, 0x11, BYTES);
		if (!run_one(test, &cmd, NULL))
			why = tern_error(test->dev);
		for (uint64_t at = 0; !why && at < bytes; at += sizeof(pattern))
			if (memcmp(map + offset + at, &pattern, sizeof(pattern)))
				why = "the pattern is not there";
		if (!why && (!all_bytes(map, offset, 0x11) ||
			     !all_bytes(map + offset + bytes, BYTES - offset - bytes, 0x11)))
			why = "bytes around it changed";
	}
	report(test, !why, why, "FILL %s memory, %llu bytes at %llu", name,
	       (unsigned long long)bytes, (unsigned long long)offset);
	tern_bo_destroy(bo);
}

/* A place for COPY: a buffer and the memory behind it. */
struct place {
	const char *name;
	enum tern_bo_kind kind;
	void *memory;		/* of TERN_BO_USER */
	struct tern_bo *bo;
	uint8_t *map;
};

static bool place_init(struct selftest *test, struct place *place)
{
	int ret;

	if (place->kind == TERN_BO_USER) {
		place->memory = aligned_alloc(PAGE_BYTES, BYTES);
		if (!place->memory)
			return false;
		ret = tern_bo_import_user(test->dev, place->memory, BYTES, 0, &place->bo);
	} else {
		ret = tern_bo_create(test->dev, place->kind, BYTES, &place->bo);
	}
	if (!ret)
		place->map = tern_bo_map(place->bo);
	return place->map;
}

static void place_fini(struct place *place)
{
	tern_bo_destroy(place->bo);
	free(place->memory);
}

static void copy_and_compare(struct selftest *test, const struct place *src,
			     const struct place *dst, uint64_t src_at, uint64_t dst_at,
			     uint64_t bytes)
{
	struct tern_cmd cmd = {
		.op = TERN_OP_COPY,
		.src = { .handle = tern_bo_handle(src->bo), .offset = src_at },
		.dst = { .handle = tern_bo_handle(dst->bo), .offset = dst_at },
		.length = bytes,
	};
	const char *why = NULL;

	random_bytes(&test->random, src->map + src_at, bytes);
	memset(dst->map, 0x22, BYTES);
	if (!run_one(test, &cmd, NULL))
		why = tern_error(test->dev);
	else if (memcmp(src->map + src_at, dst->map + dst_at, bytes))
		why = "the copy differs";
	else if (!all_bytes(dst->map, dst_at, 0x22) ||
		 !all_bytes(dst->map + dst_at + bytes, BYTES - dst_at - bytes, 0x22))
		why = "bytes around it changed";
	report(test, !why, why, "COPY %s to %s, %llu bytes", src->name, dst->name,
	       (unsigned long long)bytes);
}

static void test_copy(struct selftest *test, enum tern_bo_kind from, const char *from_name,
		      enum tern_bo_kind to, const char *to_name)
{
	static const struct {
		uint64_t src_at, dst_at, bytes;
	} parts[] = {
		{ 0, 0, 1 }, { 64, 128, 63 }, { 4096 - 64, 64, 129 }, { 128, 4096, 12345 },
		{ 64, 0, BYTES - 64 },
	};
	struct place src = { .name = from_name, .kind = from };
	struct place dst = { .name = to_name, .kind = to };

	if (place_init(test, &src) && place_init(test, &dst))
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			copy_and_compare(test, &src, &dst, parts[i].src_at, parts[i].dst_at,
					 parts[i].bytes);
	else
		report(test, false, tern_error(test->dev), "COPY %s to %s", from_name, to_name);
	place_fini(&src);
	place_fini(&dst);
}

/* Jobs of one submit see each other's results, in order. */
static void test_order(struct selftest *test)
{
	struct tern_bo *bo = NULL;
	struct tern_cmd cmds[64] = {};
	const uint32_t count = ARRAY_SIZE(cmds);
	const char *why = NULL;
	uint32_t *map = NULL;

	if (!tern_bo_create(test->dev, TERN_BO_DEVICE, 2 * PAGE_BYTES, &bo))
		map = tern_bo_map(bo);
	/* FILL with i, then move it along: the last copy must carry the last fill. */
	for (uint32_t i = 0; map && i < count; i++) {
		cmds[i].op = i % 2 ? TERN_OP_COPY : TERN_OP_FILL;
		cmds[i].dst.handle = tern_bo_handle(bo);
		cmds[i].length = PAGE_BYTES;
		if (i % 2) {
			cmds[i].src.handle = tern_bo_handle(bo);
			cmds[i].dst.offset = PAGE_BYTES;
		} else {
			cmds[i].pattern = i;
		}
	}
	if (!map || tern_run(test->dev, cmds, count, JOB_NS, NULL))
		why = tern_error(test->dev);
	else if (map[PAGE_BYTES / sizeof(*map)] != count - 2)
		why = "a job did not see what the one before it wrote";
	report(test, !why, why, "%u jobs of one submit run in order", count);
	tern_bo_destroy(bo);
}

void test_basics(struct selftest *test)
{
	test_nothing(test);
	test_zeroed(test, TERN_BO_DEVICE, "device");
	test_zeroed(test, TERN_BO_HOST, "host");
	test_fill(test, TERN_BO_DEVICE, "device", 0, 4);
	test_fill(test, TERN_BO_DEVICE, "device", 64, 100000);
	test_fill(test, TERN_BO_HOST, "host", 128, 60);
	test_fill(test, TERN_BO_HOST, "host", 0, BYTES);
	test_copy(test, TERN_BO_HOST, "host", TERN_BO_DEVICE, "device");
	test_copy(test, TERN_BO_DEVICE, "device", TERN_BO_HOST, "host");
	test_copy(test, TERN_BO_DEVICE, "device", TERN_BO_DEVICE, "device");
	test_copy(test, TERN_BO_HOST, "host", TERN_BO_HOST, "host");
	test_copy(test, TERN_BO_USER, "user", TERN_BO_DEVICE, "device");
	test_copy(test, TERN_BO_DEVICE, "device", TERN_BO_USER, "user");
	test_copy(test, TERN_BO_USER, "user", TERN_BO_USER, "user");
	test_order(test);
}
