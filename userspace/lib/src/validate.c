// SPDX-License-Identifier: Apache-2.0
/*
 * The checks that the uapi promises, with a sentence for each. The vfio-user
 * backend relies on them; the kernel has its own, and its backend comes here to
 * learn which value an errno is about.
 */
#include <errno.h>
#include <inttypes.h>

#include "backend.h"
#include "tern_abi.h"

#define ALIGN_BYTES	TERN_BEAT_BYTES

int tern_check_bo_create(struct tern_device *dev, const struct tern_bo_create *arg)
{
	uint64_t end;

	if (arg->kind > TERN_BO_USER)
		return tern_fail(dev, -EOPNOTSUPP, "there is no buffer of kind %u", arg->kind);
	if (arg->flags & ~TERN_BO_READ_ONLY)
		return tern_fail(dev, -EOPNOTSUPP, "buffer flags 0x%x are not known",
				 arg->flags & ~TERN_BO_READ_ONLY);
	if (arg->flags && arg->kind != TERN_BO_USER)
		return tern_fail(dev, -EINVAL, "only a buffer of the caller's memory can be read-only");
	if (!arg->bytes)
		return tern_fail(dev, -EINVAL, "a buffer must have at least 1 byte");
	if (arg->bytes > UINT64_MAX - (TERN_PAGE_BYTES - 1))
		return tern_fail(dev, -EOVERFLOW, "a buffer of %" PRIu64 " bytes does not fit in 64 bits",
				 (uint64_t)arg->bytes);
	if (arg->kind != TERN_BO_USER && arg->user_addr)
		return tern_fail(dev, -EINVAL, "only a buffer of the caller's memory has an address");
	if (arg->kind != TERN_BO_USER)
		return 0;
	if (!arg->user_addr || arg->user_addr % TERN_PAGE_BYTES)
		return tern_fail(dev, -EINVAL, "address 0x%" PRIx64 " is not that of a page of %u bytes",
				 (uint64_t)arg->user_addr, TERN_PAGE_BYTES);
	if (__builtin_add_overflow(arg->user_addr, arg->bytes + TERN_PAGE_BYTES - 1, &end))
		return tern_fail(dev, -EOVERFLOW,
				 "%" PRIu64 " bytes at 0x%" PRIx64 " reach past the end of memory",
				 (uint64_t)arg->bytes, (uint64_t)arg->user_addr);
	return 0;
}

/* One operand of a command, with the words to speak about it. */
struct place {
	struct tern_device *dev;
	uint32_t index;
	const char *op;
	const char *name;
	const struct tern_operand *operand;
};

static int unused(const struct place *p)
{
	if (p->operand->handle || p->operand->stride || p->operand->offset)
		return tern_fail(p->dev, -EINVAL, "command %u: %s has no %s, it must be 0",
				 p->index, p->op, p->name);
	return 0;
}

/* @bytes from the operand's offset on lie inside its buffer. */
static int in_buffer(const struct place *p, uint64_t bytes)
{
	const struct tern_operand *operand = p->operand;
	const struct tern_bo *bo = tern_bo_find(p->dev, operand->handle);
	uint64_t end;

	if (!bo)
		return tern_fail(p->dev, -ENOENT, "command %u: %s: there is no buffer %u",
				 p->index, p->name, operand->handle);
	if (operand->offset % ALIGN_BYTES)
		return tern_fail(p->dev, -EINVAL,
				 "command %u: %s: offset %" PRIu64 " is not a multiple of %u",
				 p->index, p->name, (uint64_t)operand->offset, ALIGN_BYTES);
	if (__builtin_add_overflow(operand->offset, bytes, &end))
		return tern_fail(p->dev, -EOVERFLOW,
				 "command %u: %s: offset %" PRIu64 " plus %" PRIu64 " bytes does not fit in 64 bits",
				 p->index, p->name, (uint64_t)operand->offset, bytes);
	if (end > bo->size)
		return tern_fail(p->dev, -ERANGE,
				 "command %u: %s: %" PRIu64 " bytes at offset %" PRIu64
				 " reach past buffer %u of %" PRIu64 " bytes",
				 p->index, p->name, bytes, (uint64_t)operand->offset,
				 operand->handle, bo->size);
	return 0;
}

static int not_user(const struct place *p)
{
	if (tern_bo_find(p->dev, p->operand->handle)->kind == TERN_BO_USER)
		return tern_fail(p->dev, -EOPNOTSUPP,
				 "command %u: %s: buffer %u is the caller's memory, which only COPY can use",
				 p->index, p->name, p->operand->handle);
	return 0;
}

static int no_stride(const struct place *p)
{
	if (p->operand->stride)
		return tern_fail(p->dev, -EINVAL, "command %u: %s: a stride is for GEMM only, it must be 0",
				 p->index, p->name);
	return 0;
}

/* @t rows, each of @row bytes, one operand->stride after the other: their reach. */
static int rows(const struct place *p, uint32_t t, uint64_t row, uint64_t *bytes)
{
	uint32_t stride = p->operand->stride;

	if (stride % ALIGN_BYTES || stride < row)
		return tern_fail(p->dev, -EINVAL,
				 "command %u: %s: a stride of %u is not a multiple of %u or less than a row of %"
				 PRIu64 " bytes",
				 p->index, p->name, stride, ALIGN_BYTES, row);
	if (__builtin_mul_overflow((uint64_t)(t - 1), (uint64_t)stride, bytes) ||
	    __builtin_add_overflow(*bytes, row, bytes))
		return tern_fail(p->dev, -EOVERFLOW,
				 "command %u: %s: %u rows of stride %u do not fit in 64 bits",
				 p->index, p->name, t, stride);
	return 0;
}

static int check_gemm(const struct place *src, const struct place *dst,
		      const struct place *weights, const struct tern_cmd *cmd, uint32_t caps)
{
	struct tern_device *dev = src->dev;
	uint64_t x_row, y_row, x_bytes, y_bytes, w_bytes;
	uint32_t trits;
	int ret;

	if (!cmd->n || !cmd->k || !cmd->t)
		return tern_fail(dev, -EINVAL, "command %u: GEMM of n=%u, k=%u, t=%u: each must be at least 1",
				 src->index, cmd->n, cmd->k, cmd->t);
	if (cmd->packing > TERN_PACKING_B5)
		return tern_fail(dev, -EOPNOTSUPP, "command %u: there is no weight packing %u",
				 src->index, cmd->packing);
	if (!(caps & (cmd->packing == TERN_PACKING_B5 ? TERN_CAPS_B5 : TERN_CAPS_P2)))
		return tern_fail(dev, -EOPNOTSUPP, "command %u: this device has no %s weights",
				 src->index, cmd->packing == TERN_PACKING_B5 ? "B5" : "P2");
	x_row = ((uint64_t)cmd->k + ALIGN_BYTES - 1) & ~(uint64_t)(ALIGN_BYTES - 1);
	y_row = (uint64_t)cmd->n * sizeof(int32_t);
	trits = cmd->packing == TERN_PACKING_B5 ? TERN_B5_TRITS_A_BEAT : TERN_P2_TRITS_A_BEAT;
	w_bytes = ((uint64_t)cmd->k + trits - 1) / trits * TERN_BEAT_BYTES;
	if (__builtin_mul_overflow(w_bytes, (uint64_t)cmd->n, &w_bytes))
		return tern_fail(dev, -EOVERFLOW, "command %u: weights of n=%u, k=%u do not fit in 64 bits",
				 src->index, cmd->n, cmd->k);
	ret = no_stride(weights);
	if (!ret)
		ret = rows(src, cmd->t, x_row, &x_bytes);
	if (!ret)
		ret = rows(dst, cmd->t, y_row, &y_bytes);
	if (!ret)
		ret = in_buffer(src, x_bytes);
	if (!ret)
		ret = in_buffer(dst, y_bytes);
	if (!ret)
		ret = in_buffer(weights, w_bytes);
	if (!ret)
		ret = not_user(src);
	if (!ret)
		ret = not_user(dst);
	if (!ret && tern_bo_find(dev, cmd->weights.handle)->kind != TERN_BO_DEVICE)
		ret = tern_fail(dev, -EOPNOTSUPP,
				"command %u: weights: buffer %u is not in device memory",
				src->index, cmd->weights.handle);
	return ret;
}

static int check_copy(const struct place *src, const struct place *dst,
		      const struct tern_cmd *cmd)
{
	int ret = no_stride(src);

	if (!ret)
		ret = no_stride(dst);
	if (!ret)
		ret = in_buffer(src, cmd->length);
	if (!ret)
		ret = in_buffer(dst, cmd->length);
	if (!ret && tern_bo_find(dst->dev, cmd->dst.handle)->flags & TERN_BO_READ_ONLY)
		ret = tern_fail(dst->dev, -EINVAL, "command %u: dst: buffer %u is read-only",
				dst->index, cmd->dst.handle);
	return ret;
}

static int check_fill(const struct place *dst, const struct tern_cmd *cmd)
{
	int ret = no_stride(dst);

	if (!ret && cmd->length % sizeof(cmd->pattern))
		ret = tern_fail(dst->dev, -EINVAL,
				"command %u: FILL of %" PRIu64 " bytes: not a multiple of 4",
				dst->index, (uint64_t)cmd->length);
	if (!ret)
		ret = in_buffer(dst, cmd->length);
	if (!ret)
		ret = not_user(dst);
	return ret;
}

static const struct {
	const char *name;
	uint32_t cap;
	bool src, dst, weights, length, shape, pattern;
} ops[] = {
	[TERN_OP_NOP] = { .name = "NOP" },
	[TERN_OP_COPY] = { "COPY", TERN_CAPS_COPY, .src = true, .dst = true, .length = true },
	[TERN_OP_FILL] = { "FILL", TERN_CAPS_FILL, .dst = true, .length = true, .pattern = true },
	[TERN_OP_GEMM] = { "GEMM", TERN_CAPS_GEMM, .src = true, .dst = true, .weights = true,
			   .shape = true },
	[TERN_OP_BARRIER] = { .name = "BARRIER", .cap = TERN_CAPS_BARRIER },
};

int tern_check_cmd(struct tern_device *dev, uint32_t caps, uint32_t index,
		   const struct tern_cmd *cmd)
{
	struct place src = { dev, index, "?", "src", &cmd->src };
	struct place dst = { dev, index, "?", "dst", &cmd->dst };
	struct place weights = { dev, index, "?", "weights", &cmd->weights };
	int ret = 0;

	if (cmd->op >= ARRAY_SIZE(ops))
		return tern_fail(dev, -EOPNOTSUPP, "command %u: there is no operation %u", index,
				 cmd->op);
	src.op = ops[cmd->op].name;
	dst.op = src.op;
	weights.op = src.op;
	if (ops[cmd->op].cap & ~caps)
		return tern_fail(dev, -EOPNOTSUPP, "command %u: this device has no %s", index,
				 src.op);
	if (!ops[cmd->op].src)
		ret = unused(&src);
	if (!ret && !ops[cmd->op].dst)
		ret = unused(&dst);
	if (!ret && !ops[cmd->op].weights)
		ret = unused(&weights);
	if (ret)
		return ret;
	if ((!ops[cmd->op].length && cmd->length) || (!ops[cmd->op].pattern && cmd->pattern) ||
	    (!ops[cmd->op].shape && (cmd->n || cmd->k || cmd->t || cmd->packing)))
		return tern_fail(dev, -EINVAL,
				 "command %u: length, pattern, packing, n, k and t must be 0 where %s has none",
				 index, src.op);
	if (ops[cmd->op].length && !cmd->length)
		return tern_fail(dev, -EINVAL, "command %u: %s of 0 bytes", index, src.op);

	switch (cmd->op) {
	case TERN_OP_COPY:
		return check_copy(&src, &dst, cmd);
	case TERN_OP_FILL:
		return check_fill(&dst, cmd);
	case TERN_OP_GEMM:
		return check_gemm(&src, &dst, &weights, cmd, caps);
	default:
		return 0;
	}
}
