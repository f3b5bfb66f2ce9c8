// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the checks of users' commands. Each of the good commands below is made bad in one field at
 * a time; and what the good ones become for the device.
 */
#include "tern_kunit.h"

/* Handles of the buffers, and what they are. */
enum { DEVICE = 1, HOST, SHARED, READ_ONLY, ABSENT };

#define BUFFER_BYTES	SZ_64K
#define DEVICE_ADDR	0x100000ull
#define HOST_ADDR	0x7f0000000ull

/* The SHARED buffers' DMA segments. */
static const struct {
	u64 addr;
	u32 bytes;
} tern_segments[] = {
	{ 0x10000000, SZ_4K }, { 0x20000000, SZ_32K }, { 0x30000000, SZ_16K },
	{ 0x40000000, SZ_8K }, { 0x50000000, SZ_4K },
};

/* The sizes of a GEMM: 3 tokens of 100 features to 40; a row of its weights is a beat. */
#define GEMM_N		40
#define GEMM_K		100
#define GEMM_T		3

static const struct tern_cmd tern_good[] = {
	[TERN_OP_NOP] = { .op = TERN_OP_NOP },
	[TERN_OP_COPY] = {
		.op = TERN_OP_COPY,
		.src = { .handle = HOST, .offset = 128 },
		.dst = { .handle = DEVICE, .offset = 64 },
		.length = 1000,
	},
	[TERN_OP_FILL] = {
		.op = TERN_OP_FILL,
		.dst = { .handle = DEVICE, .offset = 64 },
		.length = 1000,
		.pattern = 0x12345678,
	},
	[TERN_OP_GEMM] = {
		.op = TERN_OP_GEMM,
		.packing = TERN_PACKING_B5,
		.src = { .handle = HOST, .offset = 64, .stride = 192 },
		.dst = { .handle = DEVICE, .offset = 128, .stride = 256 },
		.weights = { .handle = DEVICE, .offset = 4096 },
		.n = GEMM_N,
		.k = GEMM_K,
		.t = GEMM_T,
	},
	[TERN_OP_BARRIER] = { .op = TERN_OP_BARRIER },
};

/* One field of a good command, and what is wrong with its value. */
struct tern_bad {
	const char *name;
	u32 op;
	size_t offset;
	u64 value;
	int error;
};

#define BAD(of, field, wrong, errno)					\
	{								\
		.name = #of " " #field "=" #wrong,			\
		.op = TERN_OP_##of,					\
		.offset = offsetof(struct tern_cmd, field),		\
		.value = (wrong),					\
		.error = -(errno),					\
	}

static const struct tern_bad tern_bads[] = {
	BAD(NOP, op, TERN_OP_BARRIER + 1, EOPNOTSUPP),
	BAD(NOP, op, U32_MAX, EOPNOTSUPP),
	BAD(NOP, packing, 1, EINVAL),
	BAD(NOP, src.handle, HOST, EINVAL),
	BAD(NOP, src.stride, 64, EINVAL),
	BAD(NOP, src.offset, 64, EINVAL),
	BAD(NOP, dst.handle, DEVICE, EINVAL),
	BAD(NOP, dst.offset, 64, EINVAL),
	BAD(NOP, weights.handle, DEVICE, EINVAL),
	BAD(NOP, length, 1, EINVAL),
	BAD(NOP, n, 1, EINVAL),
	BAD(NOP, k, 1, EINVAL),
	BAD(NOP, t, 1, EINVAL),
	BAD(NOP, pattern, 1, EINVAL),
	BAD(BARRIER, packing, 1, EINVAL),
	BAD(BARRIER, src.handle, HOST, EINVAL),
	BAD(BARRIER, dst.stride, 64, EINVAL),
	BAD(BARRIER, length, 1, EINVAL),
	BAD(BARRIER, pattern, 1, EINVAL),

	BAD(COPY, length, 0, EINVAL),
	BAD(COPY, length, BUFFER_BYTES, ERANGE),
	BAD(COPY, length, BUFFER_BYTES - 127, ERANGE),
	BAD(COPY, length, U64_MAX, EOVERFLOW),
	BAD(COPY, pattern, 1, EINVAL),
	BAD(COPY, packing, 1, EINVAL),
	BAD(COPY, n, 1, EINVAL),
	BAD(COPY, k, 1, EINVAL),
	BAD(COPY, t, 1, EINVAL),
	BAD(COPY, weights.handle, DEVICE, EINVAL),
	BAD(COPY, weights.offset, 64, EINVAL),
	BAD(COPY, weights.stride, 64, EINVAL),
	BAD(COPY, src.handle, 0, ENOENT),
	BAD(COPY, src.handle, ABSENT, ENOENT),
	BAD(COPY, src.stride, 64, EINVAL),
	BAD(COPY, src.offset, 1, EINVAL),
	BAD(COPY, src.offset, 32, EINVAL),
	BAD(COPY, src.offset, BUFFER_BYTES - 960, ERANGE),
	BAD(COPY, src.offset, BUFFER_BYTES, ERANGE),
	BAD(COPY, src.offset, U64_MAX - 63, EOVERFLOW),
	BAD(COPY, dst.handle, 0, ENOENT),
	BAD(COPY, dst.handle, ABSENT, ENOENT),
	BAD(COPY, dst.handle, READ_ONLY, EINVAL),
	BAD(COPY, dst.stride, 64, EINVAL),
	BAD(COPY, dst.offset, 8, EINVAL),
	BAD(COPY, dst.offset, BUFFER_BYTES - 960, ERANGE),
	BAD(COPY, dst.offset, U64_MAX - 63, EOVERFLOW),

	BAD(FILL, length, 0, EINVAL),
	BAD(FILL, length, 1001, EINVAL),
	BAD(FILL, length, 1002, EINVAL),
	BAD(FILL, length, BUFFER_BYTES, ERANGE),
	BAD(FILL, length, U64_MAX - 3, EOVERFLOW),
	BAD(FILL, packing, 1, EINVAL),
	BAD(FILL, n, 1, EINVAL),
	BAD(FILL, weights.handle, DEVICE, EINVAL),
	BAD(FILL, src.handle, HOST, EINVAL),
	BAD(FILL, src.offset, 64, EINVAL),
	BAD(FILL, src.stride, 64, EINVAL),
	BAD(FILL, dst.handle, 0, ENOENT),
	BAD(FILL, dst.handle, SHARED, EOPNOTSUPP),
	BAD(FILL, dst.stride, 64, EINVAL),
	BAD(FILL, dst.offset, 4, EINVAL),
	BAD(FILL, dst.offset, BUFFER_BYTES - 960, ERANGE),

	BAD(GEMM, packing, 2, EOPNOTSUPP),
	BAD(GEMM, packing, U32_MAX, EOPNOTSUPP),
	BAD(GEMM, length, 1, EINVAL),
	BAD(GEMM, pattern, 1, EINVAL),
	BAD(GEMM, weights.stride, 64, EINVAL),
	BAD(GEMM, n, 0, EINVAL),
	BAD(GEMM, k, 0, EINVAL),
	BAD(GEMM, t, 0, EINVAL),
	/* Rows that do not hold what they must, are too many, or too long for their buffers. */
	BAD(GEMM, n, 65, EINVAL),
	BAD(GEMM, k, 193, EINVAL),
	BAD(GEMM, t, 257, ERANGE),
	BAD(GEMM, t, U32_MAX, ERANGE),
	BAD(GEMM, src.stride, 64, EINVAL),
	BAD(GEMM, src.stride, 190, EINVAL),
	BAD(GEMM, src.stride, 0, EINVAL),
	BAD(GEMM, src.stride, 1 << 16, ERANGE),
	BAD(GEMM, dst.stride, 128, EINVAL),
	BAD(GEMM, dst.stride, 257, EINVAL),
	BAD(GEMM, dst.stride, 1 << 16, ERANGE),
	BAD(GEMM, src.handle, 0, ENOENT),
	BAD(GEMM, dst.handle, 0, ENOENT),
	BAD(GEMM, weights.handle, 0, ENOENT),
	BAD(GEMM, src.handle, SHARED, EOPNOTSUPP),
	BAD(GEMM, dst.handle, SHARED, EOPNOTSUPP),
	BAD(GEMM, weights.handle, SHARED, EOPNOTSUPP),
	BAD(GEMM, weights.handle, HOST, EOPNOTSUPP),
	BAD(GEMM, src.offset, 1, EINVAL),
	BAD(GEMM, dst.offset, 1, EINVAL),
	BAD(GEMM, weights.offset, 1, EINVAL),
	/* The last token's row of X is read in whole beats: 2 * 192 + 128 bytes. */
	BAD(GEMM, src.offset, BUFFER_BYTES - 448, ERANGE),
	BAD(GEMM, dst.offset, BUFFER_BYTES - 640, ERANGE),
	BAD(GEMM, weights.offset, BUFFER_BYTES - 64 * (GEMM_N - 1), ERANGE),
	BAD(GEMM, weights.offset, U64_MAX - 63, EOVERFLOW),
};

static void tern_bad_name(const struct tern_bad *bad, char *name)
{
	strscpy(name, bad->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tern_bad, tern_bads, tern_bad_name);

/* A context with a buffer of each kind. */
static struct tern_ctx *tern_command_context(struct kunit *test)
{
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	struct tern_bo bo = { .size = BUFFER_BYTES };
	struct scatterlist *sgl, *sg;
	int i;

	sgl = kunit_kcalloc(test, ARRAY_SIZE(tern_segments), sizeof(*sgl), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sgl);
	sg_init_table(sgl, ARRAY_SIZE(tern_segments));
	for_each_sg(sgl, sg, ARRAY_SIZE(tern_segments), i) {
		sg_dma_address(sg) = tern_segments[i].addr;
		sg_dma_len(sg) = tern_segments[i].bytes;
	}

	bo.kind = TERN_BO_DEVICE;
	bo.addr = DEVICE_ADDR;
	tern_kunit_buffer(test, ctx, DEVICE, &bo);
	bo.kind = TERN_BO_HOST;
	bo.addr = HOST_ADDR;
	tern_kunit_buffer(test, ctx, HOST, &bo);
	bo.kind = TERN_BO_IMPORT;
	bo.sgt.sgl = sgl;
	bo.sgt.nents = ARRAY_SIZE(tern_segments);
	bo.sgt.orig_nents = bo.sgt.nents;
	tern_kunit_buffer(test, ctx, SHARED, &bo);
	bo.flags = TERN_BO_READ_ONLY;
	tern_kunit_buffer(test, ctx, READ_ONLY, &bo);
	return ctx;
}

/* Only the handle holds them. */
static void tern_expect_unused(struct kunit *test, struct tern_ctx *ctx)
{
	unsigned long handle;
	struct tern_bo *bo;

	xa_for_each(&ctx->bos, handle, bo)
		KUNIT_EXPECT_EQ_MSG(test, 1u, kref_read(&bo->ref), "handle %lu", handle);
}

static struct tern_job *tern_command_job(struct kunit *test)
{
	struct tern_job *job = tern_job_alloc();

	KUNIT_ASSERT_NOT_NULL(test, job);
	return job;
}

/* One field is wrong. */
static void tern_command_bad(struct kunit *test)
{
	const struct tern_bad *bad = test->param_value;
	struct tern_ctx *ctx = tern_command_context(test);
	struct tern_job *job = tern_command_job(test);
	struct tern_cmd cmd = tern_good[bad->op];
	void *field = (void *)&cmd + bad->offset;

	switch (bad->offset) {
	case offsetof(struct tern_cmd, src.offset):
	case offsetof(struct tern_cmd, dst.offset):
	case offsetof(struct tern_cmd, weights.offset):
	case offsetof(struct tern_cmd, length):
		*(u64 *)field = bad->value;
		break;
	default:
		*(u32 *)field = bad->value;
	}
	KUNIT_EXPECT_EQ(test, bad->error, tern_job_check(ctx, &cmd, job));
	tern_job_free(job);
	tern_expect_unused(test, ctx);
}

/* None is wrong. */
static void tern_command_good(struct kunit *test)
{
	struct tern_ctx *ctx = tern_command_context(test);
	u32 op;

	for (op = 0; op < ARRAY_SIZE(tern_good); op++) {
		struct tern_job *job = tern_command_job(test);

		KUNIT_EXPECT_EQ_MSG(test, 0, tern_job_check(ctx, &tern_good[op], job), "op %u", op);
		KUNIT_EXPECT_LT(test, 0u, job->limit_ms);
		tern_job_free(job);
	}
	tern_expect_unused(test, ctx);
}

/* The device lacks what a command needs. */
static void tern_command_caps(struct kunit *test)
{
	static const u32 needs[] = {
		[TERN_OP_COPY] = TERN_CAPS_COPY,
		[TERN_OP_FILL] = TERN_CAPS_FILL,
		[TERN_OP_GEMM] = TERN_CAPS_GEMM | TERN_CAPS_B5,
		[TERN_OP_BARRIER] = TERN_CAPS_BARRIER,
	};
	struct tern_device *tdev = test->priv;
	struct tern_ctx *ctx = tern_command_context(test);
	u32 caps = tdev->info.caps, op, bit;

	for (op = 0; op < ARRAY_SIZE(tern_good); op++) {
		for (bit = 1; bit <= caps; bit <<= 1) {
			struct tern_job *job = tern_command_job(test);

			tdev->info.caps = caps & ~bit;
			KUNIT_EXPECT_EQ_MSG(test, needs[op] & bit ? -EOPNOTSUPP : 0,
					    tern_job_check(ctx, &tern_good[op], job),
					    "op %u, without %#x", op, bit);
			tern_job_free(job);
		}
	}
	tdev->info.caps = caps;
}

/* Check a good command, and give what the device gets. */
static struct tern_hw_command tern_first(struct kunit *test, const struct tern_cmd *cmd)
{
	struct tern_ctx *ctx = tern_command_context(test);
	struct tern_job *job = tern_command_job(test);
	struct tern_hw_command hw;

	KUNIT_EXPECT_EQ(test, 0, tern_job_check(ctx, cmd, job));
	tern_job_next(job, &hw);
	KUNIT_EXPECT_TRUE(test, job->all_put);
	tern_job_free(job);
	return hw;
}

static void tern_command_translated(struct kunit *test)
{
	const struct tern_hw_command copy = {
		.opcode = TERN_HW_OP_COPY,
		.src_space = TERN_SPACE_HOST,
		.dst_space = TERN_SPACE_MEM,
		.src = cpu_to_le64(HOST_ADDR + 128),
		.dst = cpu_to_le64(DEVICE_ADDR + 64),
		.length = cpu_to_le64(1000),
	};
	const struct tern_hw_command fill = {
		.opcode = TERN_HW_OP_FILL,
		.dst_space = TERN_SPACE_MEM,
		.dst = cpu_to_le64(DEVICE_ADDR + 64),
		.length = cpu_to_le64(1000),
		.pattern = cpu_to_le32(0x12345678),
	};
	const struct tern_hw_command gemm = {
		.opcode = TERN_HW_OP_GEMM,
		.packing = TERN_PACKING_B5,
		.src_space = TERN_SPACE_HOST,
		.dst_space = TERN_SPACE_MEM,
		.src = cpu_to_le64(HOST_ADDR + 64),
		.dst = cpu_to_le64(DEVICE_ADDR + 128),
		.weights = cpu_to_le64(DEVICE_ADDR + 4096),
		.n = cpu_to_le32(GEMM_N),
		.k = cpu_to_le32(GEMM_K),
		.t = cpu_to_le32(GEMM_T),
		.src_stride = cpu_to_le32(192),
		.dst_stride = cpu_to_le32(256),
	};
	struct tern_hw_command got;

	got = tern_first(test, &tern_good[TERN_OP_COPY]);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&copy, &got, sizeof(got)));
	got = tern_first(test, &tern_good[TERN_OP_FILL]);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&fill, &got, sizeof(got)));
	got = tern_first(test, &tern_good[TERN_OP_GEMM]);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&gemm, &got, sizeof(got)));
}

/* Where byte @offset of a SHARED buffer lies for the device. */
static u64 tern_shared_addr(u64 offset)
{
	size_t i;

	for (i = 0; offset >= tern_segments[i].bytes; i++)
		offset -= tern_segments[i].bytes;
	return tern_segments[i].addr + offset;
}

/* Every byte of a COPY to or from memory in pieces goes where it belongs, once. */
static void tern_command_pieces(struct kunit *test)
{
	static const struct {
		u64 offset, length;
		unsigned int commands;
	} cases[] = {
		{ 0, SZ_4K, 1 },
		{ 0, SZ_4K + 1, 2 },
		{ SZ_4K - 64, 64, 1 },
		{ SZ_4K - 64, 65, 2 },
		{ SZ_4K, SZ_32K, 1 },
		{ 64, BUFFER_BYTES - 64, 5 },
		{ 0, BUFFER_BYTES, 5 },
		{ BUFFER_BYTES - 64, 1, 1 },
	};
	struct tern_ctx *ctx = tern_command_context(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tern_job *job = tern_command_job(test);
		struct tern_cmd cmd = {
			.op = TERN_OP_COPY,
			.src = { .handle = i % 2 ? SHARED : READ_ONLY, .offset = cases[i].offset },
			.dst = { .handle = DEVICE },
			.length = cases[i].length,
		};
		unsigned int commands = 0;
		u64 done = 0;

		KUNIT_ASSERT_EQ(test, 0, tern_job_check(ctx, &cmd, job));
		while (!job->all_put && commands < 8) {
			struct tern_hw_command hw;

			tern_job_next(job, &hw);
			KUNIT_EXPECT_EQ(test, (int)TERN_SPACE_HOST, (int)hw.src_space);
			KUNIT_EXPECT_EQ(test, tern_shared_addr(cases[i].offset + done),
					le64_to_cpu(hw.src));
			KUNIT_EXPECT_EQ(test, DEVICE_ADDR + done, le64_to_cpu(hw.dst));
			done += le64_to_cpu(hw.length);
			commands++;
		}
		KUNIT_EXPECT_EQ(test, cases[i].length, done);
		KUNIT_EXPECT_EQ(test, cases[i].commands, commands);
		tern_job_free(job);
	}
	tern_expect_unused(test, ctx);
}

static struct kunit_case tern_command_cases[] = {
	KUNIT_CASE(tern_command_good),
	KUNIT_CASE_PARAM(tern_command_bad, tern_bad_gen_params),
	KUNIT_CASE(tern_command_caps),
	KUNIT_CASE(tern_command_translated),
	KUNIT_CASE(tern_command_pieces),
	{}
};

struct kunit_suite tern_command_suite = {
	.name = "tern_command",
	.init = tern_kunit_init,
	.exit = tern_kunit_exit,
	.test_cases = tern_command_cases,
};
