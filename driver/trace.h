/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: the life of a job, and what happens to the device. ABI/tracefs-tern describes them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tern

#if !defined(TERN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TERN_TRACE_H

#include <linux/tracepoint.h>

#include "tern_drv.h"

#define tern_show_op(op)				\
	__print_symbolic(op,				\
			 { TERN_HW_OP_NOP, "NOP" },	\
			 { TERN_HW_OP_COPY, "COPY" },	\
			 { TERN_HW_OP_FILL, "FILL" },	\
			 { TERN_HW_OP_GEMM, "GEMM" },	\
			 { TERN_HW_OP_BARRIER, "BARRIER" })

#define tern_show_state(state)				\
	__print_symbolic(state,				\
			 { TERN_INIT, "init" },		\
			 { TERN_LIVE, "live" },		\
			 { TERN_RESETTING, "resetting" },	\
			 { TERN_SUSPENDED, "suspended" },	\
			 { TERN_DEAD, "dead" })

#define tern_show_cause(cause)				\
	__print_symbolic(cause,				\
			 { TERN_RESET_TIMEOUT, "timeout" },	\
			 { TERN_RESET_ERROR, "error" },	\
			 { TERN_RESET_COMPLETION, "completion" },	\
			 { TERN_RESET_SYSFS, "sysfs" },	\
			 { TERN_RESET_PCI, "pci" },	\
			 { TERN_RESET_AER, "aer" },	\
			 { TERN_RESET_PM, "pm" })

/* A job is in its context's list. */
TRACE_EVENT(tern_job_submit,
	TP_PROTO(const struct tern_job *job),
	TP_ARGS(job),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(unsigned int, queue)
		__field(u64, context)
		__field(u64, job)
		__field(u8, op)
	),
	TP_fast_assign(
		__entry->minor = job->ctx->tdev->minor;
		__entry->queue = job->ctx->queue->index;
		__entry->context = job->ctx->id;
		__entry->job = job->number;
		__entry->op = job->cmd.opcode;
	),
	TP_printk("tern%d queue=%u context=%llu job=%llu op=%s", __entry->minor, __entry->queue,
		  __entry->context, __entry->job, tern_show_op(__entry->op))
);

/* A command of it is in the ring. */
TRACE_EVENT(tern_job_put,
	TP_PROTO(const struct tern_job *job, u16 id),
	TP_ARGS(job, id),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(unsigned int, queue)
		__field(u64, context)
		__field(u64, job)
		__field(u16, id)
	),
	TP_fast_assign(
		__entry->minor = job->ctx->tdev->minor;
		__entry->queue = job->ctx->queue->index;
		__entry->context = job->ctx->id;
		__entry->job = job->number;
		__entry->id = id;
	),
	TP_printk("tern%d queue=%u context=%llu job=%llu id=%#x", __entry->minor, __entry->queue,
		  __entry->context, __entry->job, __entry->id)
);

/* The device has completed a command. */
TRACE_EVENT(tern_completion,
	TP_PROTO(const struct tern_queue *q, u16 id, u8 status),
	TP_ARGS(q, id, status),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(unsigned int, queue)
		__field(u16, id)
		__field(u8, status)
	),
	TP_fast_assign(
		__entry->minor = q->tdev->minor;
		__entry->queue = q->index;
		__entry->id = id;
		__entry->status = status;
	),
	TP_printk("tern%d queue=%u id=%#x status=%u", __entry->minor, __entry->queue, __entry->id,
		  __entry->status)
);

/* A job has its result. */
TRACE_EVENT(tern_job_end,
	TP_PROTO(const struct tern_job *job),
	TP_ARGS(job),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(unsigned int, queue)
		__field(u64, context)
		__field(u64, job)
		__field(int, error)
		__field(u64, cycles)
	),
	TP_fast_assign(
		__entry->minor = job->ctx->tdev->minor;
		__entry->queue = job->ctx->queue->index;
		__entry->context = job->ctx->id;
		__entry->job = job->number;
		__entry->error = job->result.error;
		__entry->cycles = job->result.cycles;
	),
	TP_printk("tern%d queue=%u context=%llu job=%llu error=%d cycles=%llu", __entry->minor,
		  __entry->queue, __entry->context, __entry->job, __entry->error, __entry->cycles)
);

DECLARE_EVENT_CLASS(tern_queue_value,
	TP_PROTO(const struct tern_queue *q, unsigned int value),
	TP_ARGS(q, value),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(unsigned int, queue)
		__field(unsigned int, value)
	),
	TP_fast_assign(
		__entry->minor = q->tdev->minor;
		__entry->queue = q->index;
		__entry->value = value;
	),
	TP_printk("tern%d queue=%u value=%u", __entry->minor, __entry->queue, __entry->value)
);

/* The device is told of commands: value is the ring's new tail. */
DEFINE_EVENT(tern_queue_value, tern_doorbell,
	TP_PROTO(const struct tern_queue *q, unsigned int value),
	TP_ARGS(q, value)
);

/* An interrupt came: value is how many completions it found that asked for one. */
DEFINE_EVENT(tern_queue_value, tern_irq,
	TP_PROTO(const struct tern_queue *q, unsigned int value),
	TP_ARGS(q, value)
);

/* A job took too long: value is the id of the command that is aborted. */
DEFINE_EVENT(tern_queue_value, tern_abort,
	TP_PROTO(const struct tern_queue *q, unsigned int value),
	TP_ARGS(q, value)
);

/* One queue is reset: value is how many commands were in flight. */
DEFINE_EVENT(tern_queue_value, tern_queue_reset,
	TP_PROTO(const struct tern_queue *q, unsigned int value),
	TP_ARGS(q, value)
);

/* The device is reset. */
TRACE_EVENT(tern_reset,
	TP_PROTO(const struct tern_device *tdev, int cause),
	TP_ARGS(tdev, cause),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(int, cause)
	),
	TP_fast_assign(
		__entry->minor = tdev->minor;
		__entry->cause = cause;
	),
	TP_printk("tern%d cause=%s", __entry->minor, tern_show_cause(__entry->cause))
);

TRACE_EVENT(tern_state,
	TP_PROTO(const struct tern_device *tdev, int state),
	TP_ARGS(tdev, state),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(int, state)
	),
	TP_fast_assign(
		__entry->minor = tdev->minor;
		__entry->state = state;
	),
	TP_printk("tern%d state=%s", __entry->minor, tern_show_state(__entry->state))
);

#endif /* TERN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
