// SPDX-License-Identifier: Apache-2.0
/*
 * SUBMIT: each way in which a command can be wrong, one at a time in otherwise valid data.
 */
#include "tern_test.h"

/* GEMM of the tests: T = 3, N = 5, K = 100 */
#define N	5
#define K	100
#define T	3
#define X_STRIDE	128
#define Y_STRIDE	64
#define BYTES		(4 * PAGE)

FIXTURE(submit) {
	int fd;
	uint32_t device, host, user, readonly;
	struct tern_cmd copy, fill, gemm, user_copy;
};

FIXTURE_SETUP(submit)
{
	void *pages;

	self->fd = do_open_file();
	if (self->fd == -ENOENT)
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_LE(0, self->fd);
	pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BYTES, &self->device));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, BYTES, &self->host));
	ASSERT_OK(do_create_user(self->fd, pages, BYTES, 0, &self->user));
	ASSERT_OK(do_create_user(self->fd, pages, BYTES, TERN_BO_READ_ONLY, &self->readonly));
	self->copy = cmd_copy(self->host, 0, self->device, 0, BYTES);
	self->user_copy = cmd_copy(self->user, 0, self->device, 0, BYTES);
	self->fill = cmd_fill(self->device, 0, BYTES, 1);
	self->gemm = (struct tern_cmd){
		.op = TERN_OP_GEMM,
		.packing = TERN_PACKING_P2,
		.src = { .handle = self->host, .stride = X_STRIDE },
		.dst = { .handle = self->host, .stride = Y_STRIDE, .offset = PAGE },
		.weights = { .handle = self->device },
		.n = N,
		.k = K,
		.t = T,
	};
}

FIXTURE_TEARDOWN(submit)
{
	close(self->fd);
}

/* The good command works; with one field changed it is refused. */
#define EXPECT_GOOD(cmd) EXPECT_OK(do_run(self->fd, &self->cmd, 1))
#define EXPECT_BAD(error, good, field, value) do {		\
	struct tern_cmd bad = self->good;			\
	uint64_t first;						\
								\
	bad.field = (value);					\
	EXPECT_ERR(error, do_submit(self->fd, &bad, 1, &first)) {	\
		TH_LOG("%s: %s = %s", #good, #field, #value);	\
	}							\
} while (0)

TEST_F(submit, unknown_op)
{
	EXPECT_BAD(EOPNOTSUPP, copy, op, TERN_OP_BARRIER + 1);
	EXPECT_BAD(EOPNOTSUPP, copy, op, UINT32_MAX);
}

TEST_F(submit, nop_and_barrier)
{
	static const uint32_t ops[] = { TERN_OP_NOP, TERN_OP_BARRIER };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct tern_cmd good = { .op = ops[i] }, bad;
		uint64_t first;

		EXPECT_OK(do_run(self->fd, &good, 1));
#define EXPECT_UNUSED(field) do {						\
		bad = good;							\
		bad.field = 1;							\
		EXPECT_ERR(EINVAL, do_submit(self->fd, &bad, 1, &first)) {	\
			TH_LOG("op %u: %s", ops[i], #field);			\
		}								\
	} while (0)
		EXPECT_UNUSED(packing);
		EXPECT_UNUSED(src.handle);
		EXPECT_UNUSED(src.stride);
		EXPECT_UNUSED(src.offset);
		EXPECT_UNUSED(dst.handle);
		EXPECT_UNUSED(dst.stride);
		EXPECT_UNUSED(dst.offset);
		EXPECT_UNUSED(weights.handle);
		EXPECT_UNUSED(weights.stride);
		EXPECT_UNUSED(weights.offset);
		EXPECT_UNUSED(length);
		EXPECT_UNUSED(n);
		EXPECT_UNUSED(k);
		EXPECT_UNUSED(t);
		EXPECT_UNUSED(pattern);
	}
}

TEST_F(submit, copy)
{
	EXPECT_GOOD(copy);
	EXPECT_GOOD(user_copy);
	EXPECT_BAD(EINVAL, copy, packing, 1);
	EXPECT_BAD(EINVAL, copy, src.stride, 64);
	EXPECT_BAD(EINVAL, copy, dst.stride, 64);
	EXPECT_BAD(EINVAL, copy, weights.handle, self->device);
	EXPECT_BAD(EINVAL, copy, weights.offset, 64);
	EXPECT_BAD(EINVAL, copy, weights.stride, 64);
	EXPECT_BAD(EINVAL, copy, n, 1);
	EXPECT_BAD(EINVAL, copy, k, 1);
	EXPECT_BAD(EINVAL, copy, t, 1);
	EXPECT_BAD(EINVAL, copy, pattern, 1);
	EXPECT_BAD(EINVAL, copy, length, 0);
	EXPECT_BAD(ENOENT, copy, src.handle, 0);
	EXPECT_BAD(ENOENT, copy, dst.handle, 0);
	EXPECT_BAD(ENOENT, copy, src.handle, 9999);
	EXPECT_BAD(ENOENT, copy, dst.handle, 9999);
	EXPECT_BAD(EINVAL, copy, src.offset, 32);
	EXPECT_BAD(EINVAL, copy, dst.offset, 1);
	EXPECT_BAD(ERANGE, copy, src.offset, 64);
	EXPECT_BAD(ERANGE, copy, dst.offset, 64);
	EXPECT_BAD(ERANGE, copy, length, BYTES + 1);
	EXPECT_BAD(ERANGE, copy, length, UINT64_MAX);
	EXPECT_BAD(EOVERFLOW, copy, src.offset, -64ull);
	EXPECT_BAD(EOVERFLOW, copy, dst.offset, -64ull);
	EXPECT_BAD(ERANGE, user_copy, src.offset, 64);
	EXPECT_BAD(EOVERFLOW, user_copy, src.offset, -64ull);
	EXPECT_BAD(EINVAL, copy, dst.handle, self->readonly);
}

TEST_F(submit, fill)
{
	EXPECT_GOOD(fill);
	EXPECT_BAD(EINVAL, fill, packing, 1);
	EXPECT_BAD(EINVAL, fill, src.handle, self->host);
	EXPECT_BAD(EINVAL, fill, src.stride, 64);
	EXPECT_BAD(EINVAL, fill, src.offset, 64);
	EXPECT_BAD(EINVAL, fill, dst.stride, 64);
	EXPECT_BAD(EINVAL, fill, weights.handle, self->device);
	EXPECT_BAD(EINVAL, fill, n, 1);
	EXPECT_BAD(EINVAL, fill, k, 1);
	EXPECT_BAD(EINVAL, fill, t, 1);
	EXPECT_BAD(EINVAL, fill, length, 0);
	EXPECT_BAD(EINVAL, fill, length, 6);
	EXPECT_BAD(ENOENT, fill, dst.handle, 0);
	EXPECT_BAD(ENOENT, fill, dst.handle, 9999);
	EXPECT_BAD(EINVAL, fill, dst.offset, 4);
	EXPECT_BAD(ERANGE, fill, dst.offset, 64);
	EXPECT_BAD(ERANGE, fill, length, BYTES + 4);
	EXPECT_BAD(EOVERFLOW, fill, dst.offset, -64ull);
	EXPECT_BAD(EOPNOTSUPP, fill, dst.handle, self->user);
}

TEST_F(submit, gemm_fields)
{
	EXPECT_GOOD(gemm);
	EXPECT_BAD(EINVAL, gemm, length, 64);
	EXPECT_BAD(EINVAL, gemm, pattern, 1);
	EXPECT_BAD(EINVAL, gemm, weights.stride, 64);
	EXPECT_BAD(EINVAL, gemm, n, 0);
	EXPECT_BAD(EINVAL, gemm, k, 0);
	EXPECT_BAD(EINVAL, gemm, t, 0);
	EXPECT_BAD(EOPNOTSUPP, gemm, packing, TERN_PACKING_B5 + 1);
	EXPECT_BAD(EOPNOTSUPP, gemm, packing, UINT32_MAX);
	EXPECT_BAD(ENOENT, gemm, src.handle, 0);
	EXPECT_BAD(ENOENT, gemm, dst.handle, 0);
	EXPECT_BAD(ENOENT, gemm, weights.handle, 0);
	EXPECT_BAD(ENOENT, gemm, weights.handle, 9999);
	EXPECT_BAD(EOPNOTSUPP, gemm, src.handle, self->user);
	EXPECT_BAD(EOPNOTSUPP, gemm, dst.handle, self->user);
	EXPECT_BAD(EOPNOTSUPP, gemm, weights.handle, self->user);
	EXPECT_BAD(EOPNOTSUPP, gemm, weights.handle, self->host);
}

TEST_F(submit, gemm_places)
{
	EXPECT_BAD(EINVAL, gemm, src.offset, 16);
	EXPECT_BAD(EINVAL, gemm, dst.offset, 4);
	EXPECT_BAD(EINVAL, gemm, weights.offset, 8);
	EXPECT_BAD(EINVAL, gemm, src.stride, X_STRIDE + 1);
	EXPECT_BAD(EINVAL, gemm, dst.stride, Y_STRIDE + 4);
	EXPECT_BAD(EINVAL, gemm, src.stride, 64);
	EXPECT_BAD(EINVAL, gemm, dst.stride, 0);
	EXPECT_BAD(ERANGE, gemm, src.offset, BYTES);
	EXPECT_BAD(ERANGE, gemm, src.offset, BYTES - 2 * X_STRIDE - 64);
	EXPECT_BAD(ERANGE, gemm, dst.offset, BYTES);
	EXPECT_BAD(ERANGE, gemm, dst.offset, BYTES - 2 * Y_STRIDE);
	EXPECT_BAD(ERANGE, gemm, weights.offset, BYTES - 4 * 64);
	EXPECT_BAD(ERANGE, gemm, t, 1000);
	EXPECT_BAD(ERANGE, gemm, t, UINT32_MAX);
	EXPECT_BAD(EOVERFLOW, gemm, src.offset, -64ull);
	EXPECT_BAD(EOVERFLOW, gemm, dst.offset, -64ull);
	EXPECT_BAD(EOVERFLOW, gemm, weights.offset, -64ull);
	EXPECT_BAD(EINVAL, gemm, n, UINT32_MAX);
	EXPECT_BAD(EINVAL, gemm, k, UINT32_MAX);
}

/* The last place that still fits. */
TEST_F(submit, gemm_edges)
{
	struct tern_cmd cmd = self->gemm;

	cmd.src.offset = BYTES - 2 * X_STRIDE - 128;
	cmd.dst.offset = BYTES - PAGE;
	cmd.weights.offset = BYTES - N * 64;
	EXPECT_OK(do_run(self->fd, &cmd, 1));
}

/* B5 where the device has it: K = 320 is one beat a row, 321 two. Elsewhere it is refused. */
TEST_F(submit, gemm_b5)
{
	struct tern_info info;

	ASSERT_OK(do_info(self->fd, &info));
	if (!(info.caps & TERN_CAPS_B5)) {
		EXPECT_BAD(EOPNOTSUPP, gemm, packing, TERN_PACKING_B5);
		return;
	}
	self->gemm.packing = TERN_PACKING_B5;
	self->gemm.k = 320;
	self->gemm.src.stride = 384;
	self->gemm.weights.offset = BYTES - N * 64;
	EXPECT_GOOD(gemm);
	EXPECT_BAD(ERANGE, gemm, k, 321);
	EXPECT_BAD(ERANGE, gemm, n, N + 1);
	EXPECT_BAD(ERANGE, gemm, packing, TERN_PACKING_P2);
	self->gemm.k = 321;
	self->gemm.weights.offset = BYTES - N * 128;
	EXPECT_GOOD(gemm);
	EXPECT_BAD(ERANGE, gemm, n, N + 1);
}

TEST_F(submit, all_or_none)
{
	struct tern_cmd cmds[3] = { self->fill, self->fill, self->fill };
	struct tern_cmd back = cmd_copy(self->device, 0, self->host, 0, BYTES);
	uint64_t before, first, after;
	struct tern_cmd nop = cmd_nop();
	void *host;

	ASSERT_OK(do_submit(self->fd, &nop, 1, &before));
	cmds[2].dst.handle = 9999;
	EXPECT_ERR(ENOENT, do_submit(self->fd, cmds, 3, &first));
	ASSERT_OK(do_submit(self->fd, &nop, 1, &after));
	EXPECT_EQ(before + 1, after);
	ASSERT_OK(do_run(self->fd, &back, 1));
	host = do_map(self->fd, self->host, BYTES);
	ASSERT_NE(NULL, host);
	EXPECT_TRUE(is_zero(host, BYTES));
}

/* A context cannot name another's buffers, whatever the number. */
TEST_F(submit, foreign_handles)
{
	int other = do_open_file();
	uint32_t handle;
	uint64_t first;

	ASSERT_LE(0, other);
	for (handle = 0; handle < 64; handle++) {
		struct tern_cmd cmd = cmd_fill(handle, 0, PAGE, 1);

		EXPECT_ERR(ENOENT, do_submit(other, &cmd, 1, &first));
	}
	close(other);
}

TEST_HARNESS_MAIN
