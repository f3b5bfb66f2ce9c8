// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands: what a user asks for is checked here, once, and becomes what the device is told.
 */
#include <linux/nospec.h>
#include <linux/overflow.h>

#include "tern_drv.h"

/* What a slow link or memory moves at least; for timeouts. */
#define TERN_BYTES_A_CYCLE	8

static bool tern_operand_unused(const struct tern_operand *operand)
{
	return !operand->handle && !operand->stride && !operand->offset;
}

static bool tern_gemm_unused(const struct tern_cmd *cmd)
{
	return !cmd->packing && !cmd->n && !cmd->k && !cmd->t && tern_operand_unused(&cmd->weights);
}

/* Find an operand's buffer, and check that its @bytes from its offset on lie inside. */
static int tern_operand_get(struct tern_ctx *ctx, const struct tern_operand *operand, u64 bytes,
			    struct tern_bo **out)
{
	struct tern_bo *bo = tern_bo_lookup(ctx, operand->handle);
	u64 end;

	if (!bo)
		return -ENOENT;
	/* The job owns it from here on, also when the check fails. */
	*out = bo;
	if (operand->offset % TERN_BEAT_BYTES)
		return -EINVAL;
	if (check_add_overflow(operand->offset, bytes, &end))
		return -EOVERFLOW;
	return end > bo->size ? -ERANGE : 0;
}

static u8 tern_bo_space(const struct tern_bo *bo)
{
	return bo->kind == TERN_BO_DEVICE ? TERN_SPACE_MEM : TERN_SPACE_HOST;
}

static void tern_cursor_init(struct tern_cursor *cursor, const struct tern_bo *bo, u64 offset)
{
	cursor->space = tern_bo_space(bo);
	if (!tern_bo_scattered(bo)) {
		cursor->addr = bo->addr + offset;
		cursor->left = bo->size - offset;
		return;
	}
	cursor->sg = bo->sgt.sgl;
	while (offset >= sg_dma_len(cursor->sg)) {
		offset -= sg_dma_len(cursor->sg);
		cursor->sg = sg_next(cursor->sg);
	}
	cursor->addr = sg_dma_address(cursor->sg) + offset;
	cursor->left = sg_dma_len(cursor->sg) - offset;
}

static void tern_cursor_advance(struct tern_cursor *cursor, u64 bytes)
{
	cursor->addr += bytes;
	cursor->left -= bytes;
	if (!cursor->left && cursor->sg)
		cursor->sg = sg_next(cursor->sg);
	else
		return;
	if (cursor->sg) {
		cursor->addr = sg_dma_address(cursor->sg);
		cursor->left = sg_dma_len(cursor->sg);
	}
}

static int tern_check_copy(struct tern_ctx *ctx, const struct tern_cmd *cmd, struct tern_job *job)
{
	int ret;

	if (!tern_gemm_unused(cmd) || cmd->pattern || cmd->src.stride || cmd->dst.stride ||
	    !cmd->length)
		return -EINVAL;
	ret = tern_operand_get(ctx, &cmd->src, cmd->length, &job->bo[TERN_SRC]);
	if (ret)
		return ret;
	ret = tern_operand_get(ctx, &cmd->dst, cmd->length, &job->bo[TERN_DST]);
	if (ret)
		return ret;
	if (job->bo[TERN_DST]->flags & TERN_BO_READ_ONLY)
		return -EINVAL;

	tern_cursor_init(&job->src, job->bo[TERN_SRC], cmd->src.offset);
	tern_cursor_init(&job->dst, job->bo[TERN_DST], cmd->dst.offset);
	tern_user_sync_for_device(job->bo[TERN_SRC]);
	tern_user_sync_for_device(job->bo[TERN_DST]);
	job->left = cmd->length;
	job->limit_ms = tern_job_limit_ms(ctx->tdev, cmd->length / TERN_BYTES_A_CYCLE);
	return 0;
}

static int tern_check_fill(struct tern_ctx *ctx, const struct tern_cmd *cmd, struct tern_job *job)
{
	struct tern_bo *bo;
	int ret;

	if (!tern_gemm_unused(cmd) || !tern_operand_unused(&cmd->src) || cmd->dst.stride ||
	    !cmd->length || cmd->length % sizeof(u32))
		return -EINVAL;
	ret = tern_operand_get(ctx, &cmd->dst, cmd->length, &job->bo[TERN_DST]);
	if (ret)
		return ret;
	bo = job->bo[TERN_DST];
	if (tern_bo_scattered(bo))
		return -EOPNOTSUPP;

	job->cmd.dst_space = tern_bo_space(bo);
	job->cmd.dst = cpu_to_le64(bo->addr + cmd->dst.offset);
	job->cmd.length = cpu_to_le64(cmd->length);
	job->cmd.pattern = cpu_to_le32(cmd->pattern);
	job->limit_ms = tern_job_limit_ms(ctx->tdev, cmd->length / TERN_BYTES_A_CYCLE);
	return 0;
}

/* Bytes of @rows rows of @row bytes that begin @stride apart. Cannot overflow: 32 by 32 bits. */
static u64 tern_rows_bytes(u32 rows, u32 stride, u64 row)
{
	return (u64)(rows - 1) * stride + row;
}

static int tern_check_gemm(struct tern_ctx *ctx, const struct tern_cmd *cmd, struct tern_job *job)
{
	u64 x_row, y_row, w_row, x_bytes, y_bytes, w_bytes, cycles;
	struct tern_bo *x, *y, *w;
	u32 trits;
	int ret;

	if (cmd->length || cmd->pattern || cmd->weights.stride)
		return -EINVAL;
	if (!cmd->n || !cmd->k || !cmd->t)
		return -EINVAL;
	switch (cmd->packing) {
	case TERN_PACKING_P2:
		if (!(ctx->tdev->info.caps & TERN_CAPS_P2))
			return -EOPNOTSUPP;
		trits = TERN_P2_TRITS_A_BEAT;
		break;
	case TERN_PACKING_B5:
		if (!(ctx->tdev->info.caps & TERN_CAPS_B5))
			return -EOPNOTSUPP;
		trits = TERN_B5_TRITS_A_BEAT;
		break;
	default:
		return -EOPNOTSUPP;
	}

	x_row = ALIGN((u64)cmd->k, TERN_BEAT_BYTES);
	y_row = (u64)cmd->n * sizeof(s32);
	w_row = DIV_ROUND_UP_ULL(cmd->k, trits) * TERN_BEAT_BYTES;
	if (cmd->src.stride % TERN_BEAT_BYTES || cmd->dst.stride % TERN_BEAT_BYTES ||
	    cmd->src.stride < cmd->k || cmd->dst.stride < y_row)
		return -EINVAL;
	x_bytes = tern_rows_bytes(cmd->t, cmd->src.stride, x_row);
	y_bytes = tern_rows_bytes(cmd->t, cmd->dst.stride, y_row);
	if (check_mul_overflow(w_row, (u64)cmd->n, &w_bytes))
		return -EOVERFLOW;

	ret = tern_operand_get(ctx, &cmd->src, x_bytes, &job->bo[TERN_SRC]);
	if (ret)
		return ret;
	ret = tern_operand_get(ctx, &cmd->dst, y_bytes, &job->bo[TERN_DST]);
	if (ret)
		return ret;
	ret = tern_operand_get(ctx, &cmd->weights, w_bytes, &job->bo[TERN_WEIGHTS]);
	if (ret)
		return ret;
	x = job->bo[TERN_SRC];
	y = job->bo[TERN_DST];
	w = job->bo[TERN_WEIGHTS];
	if (tern_bo_scattered(x) || tern_bo_scattered(y) || w->kind != TERN_BO_DEVICE)
		return -EOPNOTSUPP;

	job->cmd.packing = cmd->packing;
	job->cmd.src_space = tern_bo_space(x);
	job->cmd.dst_space = tern_bo_space(y);
	job->cmd.src = cpu_to_le64(x->addr + cmd->src.offset);
	job->cmd.dst = cpu_to_le64(y->addr + cmd->dst.offset);
	job->cmd.weights = cpu_to_le64(w->addr + cmd->weights.offset);
	job->cmd.n = cpu_to_le32(cmd->n);
	job->cmd.k = cpu_to_le32(cmd->k);
	job->cmd.t = cpu_to_le32(cmd->t);
	job->cmd.src_stride = cpu_to_le32(cmd->src.stride);
	job->cmd.dst_stride = cpu_to_le32(cmd->dst.stride);

	/* As many trits as there are lanes feed all columns for a cycle; operands come and go. */
	cycles = div_u64(w_bytes / TERN_BEAT_BYTES * trits, ctx->tdev->info.lanes) *
		 DIV_ROUND_UP(cmd->t, ctx->tdev->info.cols) +
		 (x_bytes + y_bytes) / TERN_BYTES_A_CYCLE;
	job->limit_ms = tern_job_limit_ms(ctx->tdev, cycles);
	return 0;
}

static int tern_check_nothing(struct tern_ctx *ctx, const struct tern_cmd *cmd,
			      struct tern_job *job)
{
	if (!tern_gemm_unused(cmd) || !tern_operand_unused(&cmd->src) ||
	    !tern_operand_unused(&cmd->dst) || cmd->length || cmd->pattern)
		return -EINVAL;
	job->limit_ms = tern_job_limit_ms(ctx->tdev, 0);
	return 0;
}

static const struct {
	u8 opcode;
	u32 caps;	/* what the device must be able to do */
	int (*check)(struct tern_ctx *ctx, const struct tern_cmd *cmd, struct tern_job *job);
} tern_ops[] = {
	[TERN_OP_NOP] = { TERN_HW_OP_NOP, 0, tern_check_nothing },
	[TERN_OP_COPY] = { TERN_HW_OP_COPY, TERN_CAPS_COPY, tern_check_copy },
	[TERN_OP_FILL] = { TERN_HW_OP_FILL, TERN_CAPS_FILL, tern_check_fill },
	[TERN_OP_GEMM] = { TERN_HW_OP_GEMM, TERN_CAPS_GEMM, tern_check_gemm },
	[TERN_OP_BARRIER] = { TERN_HW_OP_BARRIER, TERN_CAPS_BARRIER, tern_check_nothing },
};

/*
 * Check a user's command and make @job of it. On failure the job may hold buffers already, which
 * tern_job_free() gives back.
 */
int tern_job_check(struct tern_ctx *ctx, const struct tern_cmd *cmd, struct tern_job *job)
{
	u32 op = cmd->op;

	if (op >= ARRAY_SIZE(tern_ops))
		return -EOPNOTSUPP;
	op = array_index_nospec(op, ARRAY_SIZE(tern_ops));
	if (~ctx->tdev->info.caps & tern_ops[op].caps)
		return -EOPNOTSUPP;
	job->cmd.opcode = tern_ops[op].opcode;
	return tern_ops[op].check(ctx, cmd, job);
}

/* Make @job fill a whole buffer of the device's memory. Takes a reference of the buffer. */
void tern_job_fill(struct tern_device *tdev, struct tern_job *job, struct tern_bo *bo, u32 pattern)
{
	kref_get(&bo->ref);
	job->bo[TERN_DST] = bo;
	job->cmd.opcode = TERN_HW_OP_FILL;
	job->cmd.dst_space = tern_bo_space(bo);
	job->cmd.dst = cpu_to_le64(bo->addr);
	job->cmd.length = cpu_to_le64(bo->size);
	job->cmd.pattern = cpu_to_le32(pattern);
	job->limit_ms = tern_job_limit_ms(tdev, bo->size / TERN_BYTES_A_CYCLE);
}

/* Write the job's next command, all but its id. A COPY is split where a DMA segment ends. */
void tern_job_next(struct tern_job *job, struct tern_hw_command *cmd)
{
	u64 bytes;

	*cmd = job->cmd;
	job->all_put = true;
	if (job->cmd.opcode != TERN_HW_OP_COPY)
		return;

	bytes = min3(job->left, job->src.left, job->dst.left);
	cmd->src_space = job->src.space;
	cmd->dst_space = job->dst.space;
	cmd->src = cpu_to_le64(job->src.addr);
	cmd->dst = cpu_to_le64(job->dst.addr);
	cmd->length = cpu_to_le64(bytes);
	job->left -= bytes;
	job->all_put = !job->left;
	if (job->left) {
		tern_cursor_advance(&job->src, bytes);
		tern_cursor_advance(&job->dst, bytes);
	}
}
