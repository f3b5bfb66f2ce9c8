/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the objects of tern.ko share. See README.md for lifetimes and lock order.
 */
#ifndef TERN_DRV_H
#define TERN_DRV_H

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/genalloc.h>
#include <linux/io.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "compat.h"
#include "tern.h"
#include "tern_abi.h"

#define TERN_NAME		"tern"

/* Greatest TERN_BO_HOST: what the page allocator can give in one piece on every kernel. */
#define TERN_HOST_BO_MAX	SZ_4M

/*
 * States of the device. tern_set_state() is the only writer and knows the legal edges; whoever
 * makes the edge to RESETTING owns the device until it makes the edge away from it.
 */
enum tern_state {
	TERN_INIT,	/* probing: no doorbell is rung yet */
	TERN_LIVE,	/* jobs run */
	TERN_RESETTING,	/* queues or the device are taken down; jobs submitted to them wait */
	TERN_SUSPENDED,	/* asleep; submitted jobs wait */
	TERN_DEAD,	/* for good: nothing touches the device any more */
};

/* Why the device is reset. */
enum tern_reset_cause {
	TERN_RESET_TIMEOUT,	/* a job made no progress */
	TERN_RESET_ERROR,	/* the device's ERROR register */
	TERN_RESET_COMPLETION,	/* a completion of a command that was never sent */
	TERN_RESET_SYSFS,	/* asked for by the administrator */
	TERN_RESET_PCI,		/* function level reset */
	TERN_RESET_AER,		/* PCI error recovery */
	TERN_RESET_PM,		/* suspend and resume */
};

/* What the device counts; the events of its PMU have these numbers. */
enum tern_counter {
	TERN_COUNTER_CYCLES,
	TERN_COUNTER_ARRAY,
	TERN_COUNTER_STALL_WEIGHTS,
	TERN_COUNTER_STALL_ACTIVATIONS,
	TERN_COUNTER_STALL_RESULTS,
	TERN_COUNTER_MEM_READ,
	TERN_COUNTER_MEM_WRITTEN,
	TERN_COUNTER_HOST_READ,
	TERN_COUNTER_HOST_WRITTEN,
	TERN_COUNTER_JOBS,
	TERN_COUNTERS,
};

struct dma_buf_attachment;
struct seq_buf;
struct seq_file;
struct tern_ctx;
struct tern_job;
struct tern_pmu;

/* A command that the device has not completed. The index into the array is part of its id. */
struct tern_slot {
	struct tern_job *job;	/* NULL: free */
	u64 seq;		/* grows with every command of the queue */
	u8 generation;		/* part of the id: tells late completions from current ones */
	u16 place;		/* in the submission ring */
	bool irq;		/* its completion raises an interrupt */
	bool aborted;		/* the device was asked to abort it */
};

/* A submission ring and its completion ring. Queue 0 belongs to the kernel. */
struct tern_queue {
	struct tern_device *tdev;
	unsigned int index;		/* of the hardware queue, and of its vector */
	void __iomem *doorbell;		/* SQ_TAIL, and 4 bytes on CQ_HEAD */
	struct tern_hw_command *sq;	/* the submission ring */
	struct tern_hw_completion *cq;	/* the completion ring */
	dma_addr_t sq_dma;		/* its address for the device */
	dma_addr_t cq_dma;		/* its address for the device */
	char irq_name[24];

	/*
	 * Protects everything below, and the fields of this queue's contexts and jobs that say so.
	 * Taken in the interrupt handler.
	 */
	spinlock_t lock;
	bool live;			/* commands may be put into the ring */
	int dead;			/* 0, or the errno that jobs and submitters get */
	u32 sq_tail;			/* where the next command goes */
	u32 cq_head;			/* where the next completion is expected */
	u32 cq_told;			/* the cq_head that the device knows */
	u8 phase;			/* phase bit of the next completion */
	u32 inflight;			/* commands that have no completion yet */
	u32 since_irq;			/* commands put since one asked for an interrupt */
	u32 turn;			/* commands put of the context whose turn it is */
	u64 seq;			/* of the next command */
	u64 completed;			/* commands completed */
	struct tern_slot *slots;	/* one for each ring entry */
	u16 *free_slots;		/* stack of free indices, ring size - inflight deep */
	struct list_head contexts;	/* tern_ctx.queue_node: all of them */
	struct list_head ready;		/* tern_ctx.ready_node: those with commands to put */
	struct tern_ctx *wake;		/* context to wake when the ring has been looked through */

	/* For the timeout work. */
	u64 tick_completed;		/* completed, at the last tick */
	u32 tick_head;			/* cq_head at the last tick, or ~0: nothing was there */
	unsigned int charged_ms;	/* time that the oldest command had the device for itself */
	bool hung;			/* reset_work shall reset this queue; queue lock */
};

/* What a context's limits count. */
enum tern_account { TERN_ACCOUNT_DEVICE, TERN_ACCOUNT_HOST, TERN_ACCOUNTS };

struct tern_device {
	struct device dev;		/* its reference count is the device's */
	struct cdev cdev;
	struct pci_dev *pdev;
	int minor;
	struct dentry *debugfs;

	void __iomem *regs;		/* BAR of the registers */
	void __iomem *mem;		/* BAR of device memory, write-combined */
	phys_addr_t mem_start;		/* its address */
	struct tern_info info;		/* the fields that never change */
	const char *config;		/* name of the device's configuration */

	/* Readers are inside a file operation; tern_stop() waits for them. */
	struct srcu_struct gate;
	bool unbound;			/* set once; no file operation begins after it */

	spinlock_t state_lock;		/* protects state; innermost */
	enum tern_state state;
	wait_queue_head_t state_wq;	/* woken when state changes */
	int dead_errno;			/* set before state becomes DEAD: -ENODEV or -EIO */
	bool announced;			/* in sysfs: state changes send uevents */
	atomic_t resets;		/* resets since the driver bound */
	atomic_t queue_resets;		/* of one queue */
	atomic_t aborts;		/* jobs that the device was asked to abort */
	atomic_t reset_causes;		/* bit enum tern_reset_cause: reset_work shall act on it */
	struct work_struct reset_work;
	struct delayed_work tick;	/* liveness and timeouts; runs while jobs are in flight */
	ktime_t ticked;			/* when it last did; used by it alone */
	bool pci_owns;			/* PCI core takes us down: its next callback brings us up */

	unsigned int queue_count;	/* queues in use */
	u32 ring_max;			/* entries of a ring that the device can do with */
	u32 ring_size;			/* entries of a ring, a power of two */
	u32 ring_quarter;		/* CQ_HEAD and interrupts come at least so often */
	u32 ring_capacity;		/* commands in flight at most: CQ_HEAD may lag */
	struct tern_queue *queues;
	unsigned int irqs;		/* vectors requested */

	struct gen_pool *pool;		/* device memory, addresses offset by TERN_POOL_BASE */

	/*
	 * Protects what is below, and the device's latch of a counter's high half. perf takes it
	 * with interrupts off and raw locks held; innermost.
	 */
	raw_spinlock_t counter_lock;
	bool counting;			/* the device's counters may be read */
	struct tern_total {
		u64 seen;		/* what the device had counted when it was last asked */
		u64 count;		/* the sum of all that, across resets */
	} totals[TERN_COUNTERS];
	struct tern_pmu *pmu;		/* or NULL; for probe and remove alone */

	struct mutex lists_lock;	/* protects contexts and bos, and revoking of buffers */
	struct list_head contexts;	/* tern_ctx.node: open files, and the kernel's own */
	struct list_head bos;		/* tern_bo.node: buffers that were not revoked */
	atomic_t bos_held;		/* buffers that have their memory; 0 is waited for */
	struct tern_ctx *kernel_ctx;	/* context of the driver itself, on queue 0 */
	atomic_t next_queue;		/* spreads contexts over the queues */
	atomic64_t next_ctx;		/* numbers contexts */
	u64 ctx_limit[TERN_ACCOUNTS];	/* limits of new contexts, set by sysfs */
};

/* A buffer. Handles, jobs and mappings hold references; each may be the last one. */
struct tern_bo {
	struct kref ref;
	struct tern_device *tdev;	/* holds a reference */
	u32 kind;			/* enum tern_bo_kind */
	u32 flags;			/* TERN_BO_READ_ONLY */
	u64 size;			/* bytes, whole pages */
	struct list_head node;		/* in tern_device.bos, under its lists_lock */
	struct work_struct free_work;	/* for a last reference given up in an interrupt */
	bool revoked;			/* the memory below is gone; under lists_lock */
	struct tern_ctx *charged;	/* whose limit it counts for, with a reference, or NULL */

	u64 addr;			/* DEVICE: device address; HOST: DMA address */
	void *vaddr;			/* HOST: the kernel's address */
	struct sg_table sgt;		/* HOST: its pages; USER, IMPORT: its DMA segments */
	struct page **pages;		/* USER: pinned */
	unsigned long npages;		/* USER: how many */
	struct mm_struct *mm;		/* USER: charged with them; mmgrab()bed */
	bool need_sync;			/* USER: DMA goes through bounce buffers */
	struct dma_buf_attachment *attach;	/* IMPORT: to its dma-buf */
	struct sg_table *attach_sgt;	/* IMPORT: what sgt is a copy of */
};

/* Is the buffer in pieces for the device? */
static inline bool tern_bo_scattered(const struct tern_bo *bo)
{
	return bo->kind == TERN_BO_USER || bo->kind == TERN_BO_IMPORT;
}

/* A place in a buffer that moves on while a COPY is split into DMA segments. */
struct tern_cursor {
	u64 addr;			/* where the device goes on */
	u64 left;			/* bytes of this segment */
	struct scatterlist *sg;		/* the segment of a scattered buffer; else NULL */
	u8 space;			/* TERN_SPACE_* */
};

enum { TERN_SRC, TERN_DST, TERN_WEIGHTS, TERN_OPERANDS };

/*
 * A job: one command of a user, one or more of the device. Until it has ended it belongs to the
 * queue, then to its context's array of jobs.
 */
struct tern_job {
	struct list_head node;		/* in a list of its context; queue lock */
	struct tern_ctx *ctx;		/* holds a reference until it has ended */
	u64 number;			/* in its context */
	struct tern_bo *bo[TERN_OPERANDS];	/* with references, or NULL */
	struct tern_hw_command cmd;	/* all but id, flags and what the cursors give */
	struct tern_cursor src, dst;	/* next command's place; queue lock */
	u64 left;			/* COPY: bytes not yet put into the ring; queue lock */
	unsigned int limit_ms;		/* without progress for longer, it hangs */
	u32 outstanding;		/* commands in the ring; queue lock */
	bool all_put;			/* no command is left to put; queue lock */
	bool closes;			/* the last of its SUBMIT */
	bool ended;			/* result is final; queue lock */
	bool orphan;			/* nobody will collect it; queue lock */
	int blame;			/* errno, when it is why the device is reset; queue lock */
	struct tern_result result;	/* queue lock until ended */
};

/* An open file, or the kernel itself. Referenced by the file and by every job not ended. */
struct tern_ctx {
	struct kref ref;
	struct tern_device *tdev;	/* holds a reference */
	struct tern_queue *queue;	/* where its jobs run; changes under lock, without jobs */
	struct address_space *mapping;	/* of the file: mappings are undone through it */
	pid_t pid;			/* who opened it, for people; 0: the kernel */
	u64 id;				/* names it in traces and fdinfo */
	struct list_head node;		/* in tern_device.contexts, under its lists_lock */
	struct work_struct free_work;
	wait_queue_head_t wq;		/* woken when jobs end */
	atomic_t ready;			/* jobs ended and not collected */

	struct xarray bos;		/* handle -> tern_bo, under its own lock */
	atomic64_t used[TERN_ACCOUNTS];	/* bytes that its buffers hold */
	u64 limit[TERN_ACCOUNTS];	/* bytes that they may; written under lock */

	/* Protects jobs, next, uncollected, queue and priority; order of submission. */
	struct mutex lock;
	struct xarray jobs;		/* number -> tern_job, until collected */
	u64 next;			/* number of the next job */
	u32 uncollected;		/* jobs in the array */

	/* Protected by queue->lock. */
	struct list_head queue_node;	/* in queue->contexts */
	struct list_head ready_node;	/* in queue->ready, or empty */
	struct list_head pending;	/* jobs that have no command in the ring yet */
	struct list_head running;	/* jobs that have or had one, in order */
	struct tern_job *putting;	/* the last of them, while it has commands to put */
	int priority;			/* TERN_PRIORITY_*; changes without jobs */
	u64 ended;			/* all jobs below this number have ended */
	u64 cycles;			/* device cycles of ended jobs */
	u64 array_cycles;		/* of these, with the array at work */
	u64 told;			/* ended, when the eventfd was last signalled */
	struct eventfd_ctx *eventfd;	/* or NULL */
	bool closed;			/* no file: jobs are freed as they end */
};

extern struct workqueue_struct *tern_wq;

/* cdev.c */
int tern_cdev_init(void);
void tern_cdev_exit(void);
struct tern_device *tern_device_alloc(struct pci_dev *pdev);
int tern_device_publish(struct tern_device *tdev);
void tern_device_unpublish(struct tern_device *tdev);
int tern_enter(struct tern_device *tdev);
void tern_exit(struct tern_device *tdev, int idx);
bool tern_unbound(struct tern_device *tdev);
int tern_respond(void __user *uarg, const void *arg, size_t size);

/* sysfs.c */
extern const struct attribute_group *tern_groups[];

/* context.c */
struct tern_ctx *tern_ctx_create(struct tern_device *tdev, struct tern_queue *queue,
				 struct address_space *mapping);
void tern_ctx_close(struct tern_ctx *ctx);
void tern_ctx_put(struct tern_ctx *ctx);
int tern_ctx_charge(struct tern_ctx *ctx, enum tern_account account, u64 bytes);
void tern_ctx_uncharge(struct tern_ctx *ctx, enum tern_account account, u64 bytes);
void tern_ctx_wake(struct tern_ctx *ctx);
void tern_ctx_show(struct tern_ctx *ctx, struct seq_file *file);
int tern_ioctl_eventfd(struct tern_ctx *ctx, void *arg, void __user *uarg);
int tern_ioctl_context(struct tern_ctx *ctx, void *arg, void __user *uarg);

/* bo.c */
struct tern_bo *tern_bo_lookup(struct tern_ctx *ctx, u32 handle);
void tern_bo_put(struct tern_bo *bo);
void tern_bo_put_atomic(struct tern_bo *bo);
void tern_bo_revoke_all(struct tern_device *tdev);
int tern_bo_pool_init(struct tern_device *tdev);
void tern_bo_pool_fini(struct tern_device *tdev);
u64 tern_bo_device_free(struct tern_device *tdev);
struct tern_bo *tern_bo_alloc(struct tern_device *tdev, u32 kind, u32 flags, u64 size);
void tern_bo_add(struct tern_bo *bo);
int tern_bo_name(struct tern_ctx *ctx, struct tern_bo *bo, u32 *handle, void __user *uarg,
		 const void *arg, size_t size);
int tern_ioctl_bo_create(struct tern_ctx *ctx, void *arg, void __user *uarg);
int tern_ioctl_bo_destroy(struct tern_ctx *ctx, void *arg, void __user *uarg);
int tern_ioctl_bo_mmap(struct tern_ctx *ctx, void *arg, void __user *uarg);

/* mmap.c */
u64 tern_mmap_offset(u32 handle);
int tern_mmap(struct tern_ctx *ctx, struct vm_area_struct *vma);
#define TERN_HANDLE_MAX		((1u << 22) - 1)
#define TERN_BO_MAX_LOG2	40

/* user.c */
int tern_user_pin(struct tern_bo *bo, u64 addr);
void tern_user_unpin(struct tern_bo *bo);
void tern_user_uncharge(struct tern_bo *bo);
void tern_user_sync_for_device(struct tern_bo *bo);
void tern_user_sync_for_cpu(struct tern_bo *bo);

/* dmabuf.c */
void tern_import_release(struct tern_bo *bo);
int tern_ioctl_bo_export(struct tern_ctx *ctx, void *arg, void __user *uarg);
int tern_ioctl_bo_import(struct tern_ctx *ctx, void *arg, void __user *uarg);

/* command.c */
int tern_job_check(struct tern_ctx *ctx, const struct tern_cmd *cmd, struct tern_job *job);
void tern_job_fill(struct tern_device *tdev, struct tern_job *job, struct tern_bo *bo, u32 pattern);
void tern_job_next(struct tern_job *job, struct tern_hw_command *slot);

/* job.c */
int tern_job_init(void);
void tern_job_exit(void);
struct tern_job *tern_job_alloc(void);
void tern_job_free(struct tern_job *job);
u8 tern_job_account(struct tern_job *job, const struct tern_hw_completion *cqe);
void tern_job_end(struct tern_job *job, int error);
int tern_ctx_queue(struct tern_ctx *ctx, struct list_head *jobs, u32 count);
int tern_kernel_run(struct tern_device *tdev, struct tern_job *job);
int tern_ioctl_submit(struct tern_ctx *ctx, void *arg, void __user *uarg);
int tern_ioctl_wait(struct tern_ctx *ctx, void *arg, void __user *uarg);

/* queue.c */
int tern_queues_alloc(struct tern_device *tdev);
void tern_queues_free(struct tern_device *tdev);
void tern_queues_start(struct tern_device *tdev);
void tern_queues_release(struct tern_device *tdev);
void tern_queues_stop(struct tern_device *tdev, int dead);
void tern_queue_stop(struct tern_queue *q, int dead);
void tern_queue_start(struct tern_queue *q);
void tern_queue_take_down(struct tern_queue *q, int error, int dead);
void tern_queues_take_down(struct tern_device *tdev, int error, int dead);
u32 tern_queues_inflight(struct tern_device *tdev);
unsigned int tern_queue_poll(struct tern_queue *q);
void tern_queue_pump(struct tern_queue *q);
void tern_queue_add_ready(struct tern_queue *q, struct tern_ctx *ctx);
struct tern_queue *tern_queue_choose(struct tern_device *tdev, int priority);
unsigned int tern_queue_check(struct tern_queue *q);
bool tern_queue_ready(const struct tern_queue *q);
struct tern_slot *tern_queue_oldest(struct tern_queue *q);
u16 tern_slot_id(const struct tern_queue *q, const struct tern_slot *slot);
void tern_queue_blame(struct tern_queue *q, int error);

/* irq.c */
int tern_irq_init(struct tern_device *tdev);
void tern_irq_fini(struct tern_device *tdev);
int tern_vectors_alloc(struct tern_device *tdev, unsigned int wanted);

/* reset.c */
const char *tern_state_name(enum tern_state state);
enum tern_state tern_get_state(struct tern_device *tdev);
bool tern_set_state(struct tern_device *tdev, enum tern_state to);
void tern_tell(struct tern_device *tdev, const char *key, const char *value);
void tern_reset_request(struct tern_device *tdev, enum tern_reset_cause cause);
void tern_reset_work(struct work_struct *work);
void tern_reset_end(struct tern_device *tdev);
bool tern_reset_own(struct tern_device *tdev, enum tern_reset_cause cause, bool reachable);
void tern_die(struct tern_device *tdev, int error, bool stop);
void tern_sleep(struct tern_device *tdev);
void tern_wake(struct tern_device *tdev);

/* timeout.c */
void tern_tick(struct work_struct *work);
void tern_tick_arm(struct tern_device *tdev);
void tern_tick_now(struct tern_device *tdev);
unsigned int tern_job_limit_ms(struct tern_device *tdev, u64 cycles);

/* debugfs.c */
void tern_debugfs_init(void);
void tern_debugfs_exit(void);
void tern_debugfs_add(struct tern_device *tdev);
void tern_debugfs_remove(struct tern_device *tdev);

/* dump.c */
void tern_dump_registers(struct seq_buf *out, struct tern_device *tdev);
void tern_dump_queue(struct seq_buf *out, struct tern_queue *q, bool reachable);
void tern_dump_contexts(struct seq_buf *out, struct tern_device *tdev);
void tern_coredump(struct tern_device *tdev, const char *why);

/* pmu.c */
#ifdef CONFIG_PERF_EVENTS
int tern_pmu_init(void);
void tern_pmu_exit(void);
void tern_pmu_add(struct tern_device *tdev);
void tern_pmu_remove(struct tern_device *tdev);
void tern_counters_start(struct tern_device *tdev);
void tern_counters_stop(struct tern_device *tdev, bool reachable);
#else
static inline int tern_pmu_init(void) { return 0; }
static inline void tern_pmu_exit(void) { }
static inline void tern_pmu_add(struct tern_device *tdev) { }
static inline void tern_pmu_remove(struct tern_device *tdev) { }
static inline void tern_counters_start(struct tern_device *tdev) { }
static inline void tern_counters_stop(struct tern_device *tdev, bool reachable) { }
#endif

/* tern_kunit.c */
#if IS_BUILTIN(CONFIG_KUNIT)
void tern_kunit_run(void);
void tern_kunit_forget(void);
#else
static inline void tern_kunit_run(void) { }
static inline void tern_kunit_forget(void) { }
#endif

/* hw.c */
u32 tern_read(struct tern_device *tdev, u32 reg);
void tern_write(struct tern_device *tdev, u32 reg, u32 value);
u32 tern_queue_read(struct tern_queue *q, u32 reg);
bool tern_hw_gone(struct tern_device *tdev);
bool tern_hw_counter(struct tern_device *tdev, u32 reg, u64 *value);
int tern_hw_identify(struct tern_device *tdev);
int tern_hw_reset(struct tern_device *tdev);
int tern_hw_start(struct tern_device *tdev);
void tern_hw_start_queue(struct tern_queue *q);
int tern_hw_stop_queue(struct tern_queue *q);
bool tern_hw_fetched(struct tern_queue *q, u16 place);
int tern_hw_abort(struct tern_queue *q, u16 id);
const char *tern_hw_platform(struct tern_device *tdev);

#define TERN_GET(field, value)	(((value) & field##_MASK) >> field##_SHIFT)

#endif /* TERN_DRV_H */
