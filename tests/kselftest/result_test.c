// SPDX-License-Identifier: Apache-2.0
/*
 * What commands do: the bytes they leave, against the C reference, and the results they give.
 */
#include "libtern.h"
#include "tern_test.h"

TERN_FIXTURE;

TEST_F(tern, nop)
{
	struct tern_cmd cmd = cmd_nop();
	struct tern_result result;
	uint64_t first;

	memset(&result, 0xff, sizeof(result));
	ASSERT_OK(do_submit(self->fd, &cmd, 1, &first));
	ASSERT_OK(do_wait(self->fd, first, 1, &result));
	EXPECT_EQ(0, result.error);
	EXPECT_EQ(TERN_STATUS_OK, result.status);
	EXPECT_NE(0, result.cycles);
	EXPECT_EQ(0, result.adds);
}

/* Lengths that end in the middle of a beat: the rest of it stays. */
TEST_F(tern, copy_lengths)
{
	static const uint32_t lengths[] = { 1, 2, 63, 64, 65, 127, 4095, 4096, 4097, 10000 };
	uint32_t host, device, back;
	uint8_t *src, *dst;
	size_t i;

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 4 * PAGE, &host));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 4 * PAGE, &back));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, 4 * PAGE, &device));
	src = do_map(self->fd, host, 4 * PAGE);
	dst = do_map(self->fd, back, 4 * PAGE);
	ASSERT_NE(NULL, src);
	ASSERT_NE(NULL, dst);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint32_t length = lengths[i];
		struct tern_cmd cmds[] = {
			cmd_fill(device, 0, 4 * PAGE, 0xa5a5a5a5),
			cmd_copy(host, 64, device, 128, length),
			cmd_copy(device, 128, back, 64, length),
			cmd_copy(device, 0, back, 3 * PAGE, 128),
		};

		pattern(src, 4 * PAGE, length);
		memset(dst, 0x5a, 4 * PAGE);
		ASSERT_OK(do_run(self->fd, cmds, 4));
		EXPECT_EQ(0, memcmp(dst + 64, src + 64, length)) {
			TH_LOG("length %u", length);
		}
		EXPECT_EQ(0x5a, dst[63]);
		EXPECT_EQ(0x5a, dst[64 + length]);
		EXPECT_EQ(0xa5, dst[3 * PAGE + 127]);
	}
}

TEST_F(tern, fill)
{
	uint32_t device, host, *word;
	struct tern_cmd cmds[4];
	size_t i;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, 2 * PAGE, &device));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 2 * PAGE, &host));
	word = do_map(self->fd, host, 2 * PAGE);
	ASSERT_NE(NULL, word);
	cmds[0] = cmd_fill(device, 0, 2 * PAGE, 0x01020304);
	cmds[1] = cmd_fill(device, 64, 68, 0xdeadbeef);
	cmds[2] = cmd_copy(device, 0, host, 0, 2 * PAGE);
	cmds[3] = cmd_fill(host, PAGE, 64, 0xffffffff);
	ASSERT_OK(do_run(self->fd, cmds, 4));
	for (i = 0; i < 2 * PAGE / 4; i++) {
		uint32_t expected = 0x01020304;

		if (i >= 16 && i < 33)
			expected = 0xdeadbeef;
		if (i >= 1024 && i < 1040)
			expected = 0xffffffff;
		ASSERT_EQ(expected, word[i]) {
			TH_LOG("word %zu", i);
		}
	}
}

/* Pages that are not contiguous for the device: one COPY of the user, many of the device. */
TEST_F(tern, copy_user_pages)
{
	size_t bytes = 300 * PAGE + 100, room = 301 * PAGE, i;
	uint8_t *src = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *dst = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t from, to, device;
	struct tern_cmd cmds[3];
	struct tern_result results[3];
	uint64_t first;

	ASSERT_NE(MAP_FAILED, src);
	ASSERT_NE(MAP_FAILED, dst);
	/* Touched out of order, so that neighbours in memory are no neighbours here. */
	for (i = 0; i < 301; i++)
		src[i * 151 % 301 * PAGE] = 1;
	for (i = 0; i < 301; i++)
		dst[i * 97 % 301 * PAGE] = 1;
	pattern(src, room, 3);
	memset(dst, 0x77, room);
	ASSERT_OK(do_create_user(self->fd, src, room, TERN_BO_READ_ONLY, &from));
	ASSERT_OK(do_create_user(self->fd, dst, room, 0, &to));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, room, &device));
	cmds[0] = cmd_copy(from, 0, device, 0, bytes);
	cmds[1] = cmd_copy(device, 0, to, 0, bytes);
	/* Both ends split, at different places. */
	cmds[2] = cmd_copy(from, 4096 + 64, to, 64, 10 * PAGE);
	ASSERT_OK(do_submit(self->fd, cmds, 3, &first));
	ASSERT_OK(do_wait(self->fd, first, 3, results));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, results[i].error);
		EXPECT_NE(0, results[i].cycles);
	}
	/* The parts' counters are summed. */
	EXPECT_LE(bytes, results[0].host_read);
	EXPECT_LE(bytes, results[0].mem_written);
	EXPECT_LE(bytes, results[1].host_written);
	EXPECT_EQ(0, memcmp(dst, src, 64));
	EXPECT_EQ(0, memcmp(dst + 64, src + 4096 + 64, 10 * PAGE));
	EXPECT_EQ(0, memcmp(dst + 64 + 10 * PAGE, src + 64 + 10 * PAGE, bytes - 64 - 10 * PAGE));
	EXPECT_EQ(0x77, dst[bytes]);
}

/*
 * A buffer that the device only reads shows what its pages hold when a COPY runs, however they came
 * to be: not there yet when they were pinned, private to a file, or a file's own, read-only.
 */
TEST_F(tern, pages_written_after_pinning)
{
	int file = memfd_create("tern", MFD_CLOEXEC);
	uint8_t *pages[3], *shown;
	uint32_t from, to;
	size_t i;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, ftruncate(file, 2 * PAGE));
	pages[0] = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pages[1] = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	pages[2] = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, file, 0);
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 2 * PAGE, &to));
	shown = do_map(self->fd, to, 2 * PAGE);
	ASSERT_NE(NULL, shown);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		struct tern_cmd copy;

		ASSERT_NE(MAP_FAILED, pages[i]);
		ASSERT_OK(do_create_user(self->fd, pages[i], 2 * PAGE, TERN_BO_READ_ONLY, &from));
		if (i < 2)
			pattern(pages[i], 2 * PAGE, 5 + i);
		ASSERT_EQ(sizeof(i), pwrite(file, &i, sizeof(i), PAGE));
		copy = cmd_copy(from, 0, to, 0, 2 * PAGE);
		ASSERT_OK(do_run(self->fd, &copy, 1));
		EXPECT_EQ(0, memcmp(shown, pages[i], 2 * PAGE));
		EXPECT_OK(do_destroy(self->fd, from));
	}
}

FIXTURE(gemm) {
	int fd;
};

FIXTURE_VARIANT(gemm) {
	uint32_t n, k, t;
	uint32_t x_extra, y_extra;	/* bytes of stride beyond the least */
	uint32_t x_kind;
	const char *packing;		/* NULL: p2 */
};

FIXTURE_VARIANT_ADD(gemm, one) { .n = 1, .k = 1, .t = 1 };
FIXTURE_VARIANT_ADD(gemm, one_row) { .n = 1, .k = 300, .t = 1 };
FIXTURE_VARIANT_ADD(gemm, one_beat) { .n = 16, .k = 256, .t = 1 };
FIXTURE_VARIANT_ADD(gemm, odd) { .n = 67, .k = 257, .t = 3, .x_extra = 64, .y_extra = 128 };
FIXTURE_VARIANT_ADD(gemm, all_columns) { .n = 64, .k = 512, .t = 8 };
FIXTURE_VARIANT_ADD(gemm, two_passes) { .n = 33, .k = 640, .t = 11 };
FIXTURE_VARIANT_ADD(gemm, uneven_k) { .n = 20, .k = 5460, .t = 2 };
FIXTURE_VARIANT_ADD(gemm, two_tiles) { .n = 3, .k = 16384 + 300, .t = 2 };
FIXTURE_VARIANT_ADD(gemm, from_device) {
	.n = 40, .k = 700, .t = 9, .x_kind = TERN_BO_DEVICE + 1,
};
FIXTURE_VARIANT_ADD(gemm, b5_one) { .n = 1, .k = 1, .t = 1, .packing = "b5" };
FIXTURE_VARIANT_ADD(gemm, b5_one_beat) { .n = 16, .k = 320, .t = 1, .packing = "b5" };
FIXTURE_VARIANT_ADD(gemm, b5_odd) {
	.n = 67, .k = 321, .t = 11, .x_extra = 64, .y_extra = 128, .packing = "b5",
};
FIXTURE_VARIANT_ADD(gemm, b5_uneven_k) { .n = 20, .k = 5460, .t = 2, .packing = "b5" };
FIXTURE_VARIANT_ADD(gemm, b5_two_tiles) { .n = 3, .k = 16384 + 300, .t = 2, .packing = "b5" };

FIXTURE_SETUP(gemm)
{
	self->fd = do_open_file();
	if (self->fd == -ENOENT)
		SKIP(_exit(SKIPPED), "no device");
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(gemm)
{
	close(self->fd);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

TEST_F(gemm, equals_reference)
{
	uint32_t n = variant->n, k = variant->k, t = variant->t, seed = n * k + t;
	const struct tern_packing *packing = tern_packing_find(variant->packing ?: "p2");
	size_t row = packing->row_bytes(k), i, j;
	uint32_t x_stride = (k + 63) / 64 * 64 + variant->x_extra;
	uint32_t y_stride = (n * 4 + 63) / 64 * 64 + variant->y_extra;
	uint32_t x_kind = variant->x_kind ? variant->x_kind - 1 : TERN_BO_HOST;
	uint32_t xb, yb, wb;
	int8_t *trits = calloc(k, 1), *x;
	int32_t *y, *expected = malloc((size_t)y_stride * t);
	struct tern_result result;
	uint64_t first, nonzero = 0;
	struct tern_info info;
	void *w;

	ASSERT_OK(do_info(self->fd, &info));
	ASSERT_OK(do_create(self->fd, x_kind, (uint64_t)x_stride * t, &xb));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, (uint64_t)y_stride * t, &yb));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, row * n, &wb));
	x = do_map(self->fd, xb, (uint64_t)x_stride * t);
	y = do_map(self->fd, yb, (uint64_t)y_stride * t);
	w = do_map(self->fd, wb, row * n);
	ASSERT_NE(NULL, x);
	ASSERT_NE(NULL, y);
	ASSERT_NE(NULL, w);

	for (i = 0; i < n; i++) {
		for (j = 0; j < k; j++) {
			trits[j] = next_random(&seed) % 3 - 1;
			nonzero += trits[j] != 0;
		}
		ASSERT_OK(packing->pack_row(trits, k, (char *)w + i * row));
	}
	for (i = 0; i < t; i++)
		for (j = 0; j < k; j++)
			x[i * x_stride + j] = next_random(&seed);
	x[0] = -128;
	memset(y, 0x77, (size_t)y_stride * t);
	memset(expected, 0x77, (size_t)y_stride * t);
	tern_ref_gemm_packed(packing, w, x, x_stride, expected, y_stride, n, k, t);

	struct tern_cmd cmd = {
		.op = TERN_OP_GEMM,
		.packing = packing->number,
		.src = { .handle = xb, .stride = x_stride },
		.dst = { .handle = yb, .stride = y_stride },
		.weights = { .handle = wb },
		.n = n,
		.k = k,
		.t = t,
	};
	if (!(info.caps & packing->caps)) {
		/* A packing that the device lacks. */
		EXPECT_ERR(EOPNOTSUPP, do_submit(self->fd, &cmd, 1, &first));
		EXPECT_EQ(0x77777777, y[0]);
		free(trits);
		free(expected);
		return;
	}
	ASSERT_OK(do_submit(self->fd, &cmd, 1, &first));
	ASSERT_OK(do_wait(self->fd, first, 1, &result));
	ASSERT_EQ(0, result.error) {
		TH_LOG("status %u", result.status);
	}
	for (i = 0; i < t; i++)
		for (j = 0; j < n; j++)
			ASSERT_EQ(expected[i * y_stride / 4 + j], y[i * y_stride / 4 + j]) {
				TH_LOG("y[%zu][%zu]", i, j);
			}
	/* And not a byte beside them. */
	EXPECT_EQ(0, memcmp(expected, y, (size_t)y_stride * t));
	EXPECT_EQ(nonzero * t, result.adds);
	EXPECT_EQ(((uint64_t)n * k - nonzero) * t, result.adds_skipped);
	EXPECT_NE(0, result.cycles);
	EXPECT_NE(0, result.array);
	EXPECT_LE(row * n, result.mem_read);
	free(trits);
	free(expected);
}

/* Each command works on what the one before has left: they run in order. */
TEST_F(tern, order)
{
	uint32_t a, b, *word, i;
	struct tern_cmd cmds[256];

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 2 * PAGE, &a));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, 2 * PAGE, &b));
	word = do_map(self->fd, a, 2 * PAGE);
	ASSERT_NE(NULL, word);
	pattern(word, PAGE, 11);
	/* The first page wanders 64 bytes at a time, up on the device and down on the host. */
	for (i = 0; i < 128; i += 2) {
		cmds[i] = cmd_copy(a, i % 64 * 64, b, (i % 64 + 1) * 64, 64);
		cmds[i + 1] = cmd_copy(b, (i % 64 + 1) * 64, a, (i % 64 + 2) * 64, 64);
	}
	ASSERT_OK(do_run(self->fd, cmds, 64));
	for (i = 2; i <= 64; i += 2)
		EXPECT_EQ(0, memcmp(word, word + i * 16, 64));
}

/* More commands than a ring holds, from one context and in one batch. */
TEST_F(tern, large_batches)
{
	struct tern_cmd *cmds = calloc(TERN_SUBMIT_MAX, sizeof(*cmds));
	struct tern_result *results = calloc(TERN_SUBMIT_MAX, sizeof(*results));
	uint64_t first[4];
	size_t i, j;

	for (i = 0; i < TERN_SUBMIT_MAX; i++)
		cmds[i] = cmd_nop();
	for (i = 0; i < 4; i++)
		ASSERT_OK(do_submit(self->fd, cmds, TERN_SUBMIT_MAX, &first[i]));
	for (i = 0; i < 4; i++) {
		ASSERT_OK(do_wait(self->fd, first[i], TERN_SUBMIT_MAX, results));
		for (j = 0; j < TERN_SUBMIT_MAX; j++)
			ASSERT_EQ(0, results[j].error);
	}
	free(cmds);
	free(results);
}

TEST_HARNESS_MAIN
