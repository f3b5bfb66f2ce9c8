// SPDX-License-Identifier: Apache-2.0
/*
 * Wrong commands get the errno of the uapi, the rest of their submit does not run,
 * and the device goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "selftest.h"

#define BYTES	8192u

/* Buffers for commands that are right, until one field is not. */
struct fixture {
	struct tern_bo *mem;
	struct tern_bo *host;
};

static struct tern_cmd good_gemm(const struct fixture *f)
{
	return (struct tern_cmd){
		.op = TERN_OP_GEMM,
		.src = { .handle = tern_bo_handle(f->host), .stride = 128 },
		.dst = { .handle = tern_bo_handle(f->host), .stride = 64, .offset = 4096 },
		.weights = { .handle = tern_bo_handle(f->mem) },
		.n = 16, .k = 100, .t = 2,
	};
}

static struct tern_cmd good_copy(const struct fixture *f)
{
	return (struct tern_cmd){
		.op = TERN_OP_COPY,
		.src = { .handle = tern_bo_handle(f->host) },
		.dst = { .handle = tern_bo_handle(f->mem) },
		.length = BYTES,
	};
}

static struct tern_cmd good_fill(const struct fixture *f)
{
	return (struct tern_cmd){
		.op = TERN_OP_FILL,
		.dst = { .handle = tern_bo_handle(f->mem) },
		.length = BYTES,
		.pattern = 0x33333333,
	};
}

static void expect(struct selftest *test, const struct tern_cmd *cmd, int error, const char *name)
{
	char why[64];
	uint64_t first;
	int ret = tern_submit(test->dev, cmd, 1, &first);

	if (!ret)
		tern_wait(test->dev, first, 1, JOB_NS, NULL);
	snprintf(why, sizeof(why), "it returned %s instead of %s",
		 ret ? strerrorname_np(-ret) : "0", strerrorname_np(error));
	report(test, ret == -error, why, "%s: %s", name, strerrorname_np(error));
}

#define EXPECT(kind, error, name, ...) do {		\
	struct tern_cmd cmd = good_##kind(f);		\
							\
	__VA_ARGS__;					\
	expect(test, &cmd, error, name);		\
} while (0)

static void test_commands(struct selftest *test, const struct fixture *f)
{
	EXPECT(copy, EOPNOTSUPP, "an unknown operation", cmd.op = 99);
	EXPECT(copy, ENOENT, "an unknown source", cmd.src.handle = 0xabcdef);
	EXPECT(copy, ENOENT, "no destination", cmd.dst.handle = 0);
	EXPECT(copy, EINVAL, "COPY of nothing", cmd.length = 0);
	EXPECT(copy, EINVAL, "COPY from an odd offset", cmd.src.offset = 32);
	EXPECT(copy, EINVAL, "COPY with a stride", cmd.src.stride = 64);
	EXPECT(copy, EINVAL, "COPY with a pattern", cmd.pattern = 1);
	EXPECT(copy, ERANGE, "COPY past its source", cmd.src.offset = 64);
	EXPECT(copy, ERANGE, "COPY past its destination", cmd.dst.offset = 64);
	EXPECT(copy, EOVERFLOW, "COPY past 64 bits",
	       cmd.src.offset = UINT64_MAX - 63, cmd.length = 128);
	EXPECT(fill, EINVAL, "FILL of 6 bytes", cmd.length = 6);
	EXPECT(fill, EINVAL, "FILL with a source", cmd.src.handle = tern_bo_handle(f->mem));
	EXPECT(fill, ERANGE, "FILL past its buffer", cmd.length = BYTES + 4);
	EXPECT(gemm, EINVAL, "GEMM with n = 0", cmd.n = 0);
	EXPECT(gemm, EINVAL, "GEMM with k = 0", cmd.k = 0);
	EXPECT(gemm, EINVAL, "GEMM with t = 0", cmd.t = 0);
	EXPECT(gemm, EINVAL, "GEMM with a length", cmd.length = 1);
	EXPECT(gemm, EINVAL, "GEMM whose rows of X overlap", cmd.src.stride = 64);
	EXPECT(gemm, EINVAL, "GEMM with an odd stride of Y", cmd.dst.stride = 65);
	EXPECT(gemm, EINVAL, "GEMM with a stride of W", cmd.weights.stride = 64);
	EXPECT(gemm, EOPNOTSUPP, "GEMM with an unknown packing", cmd.packing = 77);
	EXPECT(gemm, EOPNOTSUPP, "GEMM with weights in host memory",
	       cmd.weights.handle = tern_bo_handle(f->host));
	EXPECT(gemm, ERANGE, "GEMM past its X", cmd.src.offset = BYTES - 192);
	EXPECT(gemm, ERANGE, "GEMM past its Y", cmd.dst.offset = BYTES - 64);
	EXPECT(gemm, ERANGE, "GEMM past its W", cmd.n = 129, cmd.dst.stride = 576);
	EXPECT(gemm, ERANGE, "GEMM of the greatest shape",
	       cmd.n = UINT32_MAX / 4 - 15, cmd.k = UINT32_MAX - 63, cmd.t = UINT32_MAX,
	       cmd.src.stride = UINT32_MAX - 63, cmd.dst.stride = UINT32_MAX - 63);
}

/* One wrong command, and none of its submit runs. */
static void test_all_or_none(struct selftest *test, const struct fixture *f)
{
	struct tern_cmd cmds[2] = { good_fill(f), good_copy(f) };
	const uint8_t *map = tern_bo_map(f->mem);
	uint64_t first;
	int ret;

	cmds[1].length = BYTES + 1;
	ret = tern_submit(test->dev, cmds, 2, &first);
	if (!ret)
		tern_wait(test->dev, first, 2, JOB_NS, NULL);
	report(test, ret == -ERANGE && !map[0], "the good command ran",
	       "a submit with one wrong command runs none");
}

static void test_waits(struct selftest *test)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	uint64_t first = 0;
	int ret;

	ret = tern_submit(test->dev, &nop, 1, &first);
	if (!ret)
		ret = tern_wait(test->dev, first, 1, JOB_NS, NULL);
	report(test, !ret, tern_error(test->dev), "a job can be waited for");
	ret = tern_wait(test->dev, first, 1, 0, NULL);
	report(test, ret == -ENOENT, tern_error(test->dev), "and only once");
	ret = tern_wait(test->dev, first + 1000, 1, 0, NULL);
	report(test, ret == -ENOENT, tern_error(test->dev), "a job that never was cannot");
}

void test_refusals(struct selftest *test)
{
	const struct tern_cmd nop = { .op = TERN_OP_NOP };
	struct fixture f = {};

	if (tern_bo_create(test->dev, TERN_BO_DEVICE, BYTES, &f.mem) ||
	    tern_bo_create(test->dev, TERN_BO_HOST, BYTES, &f.host) || !tern_bo_map(f.mem)) {
		report(test, false, tern_error(test->dev), "buffers for wrong commands");
	} else {
		test_commands(test, &f);
		test_all_or_none(test, &f);
		test_waits(test);
		report(test, run_one(test, &nop, NULL), tern_error(test->dev),
		       "the device works after all of this");
	}
	tern_bo_destroy(f.mem);
	tern_bo_destroy(f.host);
}
