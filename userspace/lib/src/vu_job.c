// SPDX-License-Identifier: Apache-2.0
/*
 * Jobs of the vfio-user backend. They start and end in order. A job is one
 * command in the ring, but for a COPY from or to the caller's own memory: that
 * goes through the bounce buffers in parts, one after another, and only once
 * every earlier job has ended, because only then the caller's memory is what the
 * job shall see.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vu.h"

#define NS_PER_MS	1000000ll
/* Waiting: look for so long before sleeping, and sleep at most so long before looking. */
#define SPIN_NS		20000
#define SLEEP_MS	20
/* Without progress for so long: ask the device whether it is still there. */
#define ALIVE_NS	(1000 * NS_PER_MS)
/* Slowest simulation that is believed in: what a job's size adds to its time. */
#define NS_PER_MAC	10
#define NS_PER_BYTE	100

int vu_jobs_init(struct vu_device *vu)
{
	vu->jobs = calloc(TERN_JOBS_MAX, sizeof(*vu->jobs));
	if (!vu->jobs)
		return tern_fail(vu->dev, -ENOMEM, "no memory left for jobs");
	for (uint32_t i = TERN_JOBS_MAX; i--; ) {
		vu->jobs[i].chain = vu->free_jobs;
		vu->free_jobs = &vu->jobs[i];
	}
	vu->next_number = 1;
	return 0;
}

static struct vu_job **bucket(struct vu_device *vu, uint64_t number)
{
	return &vu->buckets[number % VU_JOB_BUCKETS];
}

static struct vu_job *find(struct vu_device *vu, uint64_t number)
{
	struct vu_job *job = *bucket(vu, number);

	while (job && job->number != number)
		job = job->chain;
	return job;
}

static bool is_user(const struct vu_bo *bo)
{
	return bo && bo->kind == TERN_BO_USER;
}

static bool is_staged(const struct vu_job *job)
{
	return is_user(job->src) || is_user(job->dst);
}

/* The oldest job ends. */
static void finish(struct vu_device *vu, int error)
{
	struct vu_job *job = vu->oldest;

	job->state = VU_JOB_DONE;
	job->result.error = -error;
	vu->oldest = job->next;
	if (!vu->oldest)
		vu->newest = NULL;
	if (vu->push == job)
		vu->push = job->next;
	vu_bo_put(vu, job->src);
	vu_bo_put(vu, job->dst);
	vu_bo_put(vu, job->weights);
	vu->progress_ns = vu_now_ns();
}

/* Nothing more can be had from the device: all unfinished jobs end with @error. */
static void give_up(struct vu_device *vu, int error)
{
	if (!vu->gone)
		memcpy(vu->why, vu->dev->error, sizeof(vu->why));
	vu->gone = error;
	while (vu->oldest)
		finish(vu, error);
}

/*
 * The oldest job hung or broke the device: reset it. The jobs behind it go too,
 * whether they had started or not, because they may build on its results.
 */
static void take_down(struct vu_device *vu, int error)
{
	int ret = vu_bring_up(vu);

	/* Only now, when the device has let go of their buffers. */
	if (vu->oldest)
		finish(vu, error);
	while (vu->oldest)
		finish(vu, ECANCELED);
	if (ret)
		give_up(vu, ret == -ENODEV ? ENODEV : EIO);
	else
		vu->info.reset_count++;
}

void vu_jobs_fini(struct vu_device *vu)
{
	give_up(vu, ECANCELED);
	free(vu->jobs);
	vu->jobs = NULL;
}

/* An error of the socket; the device's own errors are those of jobs. */
static void link_error(struct vu_device *vu, int ret)
{
	if (ret)
		give_up(vu, ret == -ENODEV ? ENODEV : EIO);
}

static void set_place(const struct vu_bo *bo, uint64_t offset, uint8_t *space, __le64 *address)
{
	*space = bo->kind == TERN_BO_DEVICE ? TERN_SPACE_MEM : TERN_SPACE_HOST;
	*address = htole64(bo->range->start + offset);
}

static void set_bounce(struct vu_device *vu, int which, uint8_t *space, __le64 *address)
{
	*space = TERN_SPACE_HOST;
	*address = htole64(VU_ARENA_ADDRESS + (uint64_t)(vu->bounce[which] - vu->arena));
}

/* Ids go round: a completion that is left over from an earlier command has another one. */
static void push(struct vu_device *vu, struct vu_job *job, struct tern_hw_command *hw)
{
	job->id = vu->next_id++;
	hw->id = htole16(job->id);
	if (!vu->queue.in_flight)
		vu->progress_ns = vu_now_ns();
	job->state = VU_JOB_PUSHED;
	vu_queue_push(&vu->queue, hw);
}

/* The part of a staged COPY that comes next. */
static void push_part(struct vu_device *vu, struct vu_job *job)
{
	const struct tern_cmd *cmd = &job->cmd;
	uint64_t left = cmd->length - job->copied;
	struct tern_hw_command hw = {
		.opcode = TERN_HW_OP_COPY,
	};

	job->part = left < VU_BOUNCE_BYTES ? left : VU_BOUNCE_BYTES;
	hw.length = htole64(job->part);
	if (is_user(job->src)) {
		memcpy(vu->bounce[0], job->src->user + cmd->src.offset + job->copied, job->part);
		set_bounce(vu, 0, &hw.src_space, &hw.src);
	} else {
		set_place(job->src, cmd->src.offset + job->copied, &hw.src_space, &hw.src);
	}
	if (is_user(job->dst))
		set_bounce(vu, 1, &hw.dst_space, &hw.dst);
	else
		set_place(job->dst, cmd->dst.offset + job->copied, &hw.dst_space, &hw.dst);
	push(vu, job, &hw);
}

static void push_whole(struct vu_device *vu, struct vu_job *job)
{
	const struct tern_cmd *cmd = &job->cmd;
	struct tern_hw_command hw = {
		.opcode = (uint8_t)cmd->op,	/* the uapi's numbers are the device's */
		.packing = (uint8_t)cmd->packing,
		.length = htole64(cmd->length),
		.n = htole32(cmd->n),
		.k = htole32(cmd->k),
		.t = htole32(cmd->t),
		.src_stride = htole32(cmd->src.stride),
		.dst_stride = htole32(cmd->dst.stride),
		.pattern = htole32(cmd->pattern),
	};
	uint8_t mem;

	if (job->src)
		set_place(job->src, cmd->src.offset, &hw.src_space, &hw.src);
	if (job->dst)
		set_place(job->dst, cmd->dst.offset, &hw.dst_space, &hw.dst);
	if (job->weights)
		set_place(job->weights, cmd->weights.offset, &mem, &hw.weights);
	push(vu, job, &hw);
}

static_assert((int)TERN_OP_NOP == TERN_HW_OP_NOP && (int)TERN_OP_COPY == TERN_HW_OP_COPY &&
	      (int)TERN_OP_FILL == TERN_HW_OP_FILL && (int)TERN_OP_GEMM == TERN_HW_OP_GEMM &&
	      (int)TERN_OP_BARRIER == TERN_HW_OP_BARRIER, "uapi and device number the ops alike");

/* Move jobs from the library into the ring. */
static void pump(struct vu_device *vu)
{
	while (vu->push && vu_queue_has_room(&vu->queue)) {
		struct vu_job *job = vu->push;

		if (is_staged(job)) {
			/* It stays the next to push until its last part is done. */
			if (job == vu->oldest && job->state == VU_JOB_QUEUED)
				push_part(vu, job);
			break;
		}
		push_whole(vu, job);
		vu->push = job->next;
	}
	link_error(vu, vu_queue_ring(vu));
}

static void add_costs(struct tern_result *result, const struct tern_hw_completion *c)
{
	result->cycles += le32toh(c->cycles);
	result->array += le32toh(c->array);
	result->stall_weights += le32toh(c->stall_weights);
	result->stall_activations += le32toh(c->stall_activations);
	result->stall_results += le32toh(c->stall_results);
	result->stall_commands += le32toh(c->stall_commands);
	result->stall_link += le32toh(c->stall_link);
	result->mem_read += (uint64_t)le32toh(c->mem_read) * TERN_BEAT_BYTES;
	result->mem_written += (uint64_t)le32toh(c->mem_written) * TERN_BEAT_BYTES;
	result->host_read += (uint64_t)le32toh(c->host_read) * TERN_BEAT_BYTES;
	result->host_written += (uint64_t)le32toh(c->host_written) * TERN_BEAT_BYTES;
	result->adds += le64toh(c->adds);
	result->adds_skipped += le64toh(c->adds_skipped);
	result->status = c->status;
}

static void complete(struct vu_device *vu, const struct tern_hw_completion *c)
{
	struct vu_job *job = vu->oldest;

	/* Jobs end in order: a completion of another one is the device's fault. */
	if (!job || job->state != VU_JOB_PUSHED || le16toh(c->id) != job->id) {
		take_down(vu, EIO);
		return;
	}
	add_costs(&job->result, c);
	/* The memory port that owes the device an answer is dead until a reset. */
	if (c->status == TERN_STATUS_WATCHDOG) {
		take_down(vu, EIO);
		return;
	}
	if (c->status != TERN_STATUS_OK) {
		finish(vu, EIO);
		return;
	}
	if (is_staged(job)) {
		if (is_user(job->dst))
			memcpy(job->dst->user + job->cmd.dst.offset + job->copied, vu->bounce[1],
			       job->part);
		job->copied += job->part;
		if (job->copied < job->cmd.length) {
			job->state = VU_JOB_QUEUED;
			return;
		}
	}
	finish(vu, 0);
}

/* Take what has ended, and let the next ones follow. */
static void advance(struct vu_device *vu)
{
	struct tern_hw_completion c;
	int ret;

	while (!vu->gone && vu->queue.in_flight && vu_queue_ready(&vu->queue)) {
		ret = vu_queue_pop(vu, &c);
		complete(vu, &c);
		link_error(vu, ret);
	}
	if (!vu->gone && vu->push)
		pump(vu);
}

static void get_bos(struct vu_device *vu, struct vu_job *job)
{
	const struct tern_cmd *cmd = &job->cmd;

	job->src = cmd->src.handle ? vu_bo_find(vu, cmd->src.handle) : NULL;
	job->dst = cmd->dst.handle ? vu_bo_find(vu, cmd->dst.handle) : NULL;
	job->weights = cmd->weights.handle ? vu_bo_find(vu, cmd->weights.handle) : NULL;
	vu_bo_get(job->src);
	vu_bo_get(job->dst);
	vu_bo_get(job->weights);
}

static void enqueue(struct vu_device *vu, const struct tern_cmd *cmd)
{
	struct vu_job *job = vu->free_jobs;
	struct vu_job **head;

	vu->free_jobs = job->chain;
	*job = (struct vu_job){ .number = vu->next_number++, .cmd = *cmd };
	get_bos(vu, job);
	head = bucket(vu, job->number);
	job->chain = *head;
	*head = job;
	if (vu->newest)
		vu->newest->next = job;
	else
		vu->oldest = job;
	vu->newest = job;
	if (!vu->push)
		vu->push = job;
	vu->uncollected++;
}

int vu_submit(struct tern_device *dev, struct tern_submit *arg)
{
	const struct tern_cmd *cmds = (const struct tern_cmd *)(uintptr_t)arg->cmds;
	struct vu_device *vu = to_vu(dev);
	int ret;

	advance(vu);
	if (vu->gone)
		return vu_fail_gone(vu, "job");
	for (uint32_t i = 0; i < arg->count; i++) {
		ret = tern_check_cmd(dev, vu->info.caps, i, &cmds[i]);
		if (ret)
			return ret;
	}
	if (arg->count > TERN_JOBS_MAX - vu->uncollected)
		return tern_fail(dev, -EAGAIN,
				 "%u jobs have not been waited for, and %u more would be above %u: collect some first",
				 vu->uncollected, arg->count, TERN_JOBS_MAX);
	arg->first = vu->next_number;
	for (uint32_t i = 0; i < arg->count; i++)
		enqueue(vu, &cmds[i]);
	pump(vu);
	return 0;
}

/* Whether the last sign of life, or question for one, is so long ago that one is due. */
static bool is_quiet(const struct vu_device *vu)
{
	int64_t since = vu->progress_ns > vu->asked_ns ? vu->progress_ns : vu->asked_ns;
	int64_t patience = vu->hang_ns < ALIVE_NS ? vu->hang_ns : ALIVE_NS;

	return vu_now_ns() - since > patience;
}

static int64_t patience_ns(const struct vu_device *vu)
{
	const struct tern_cmd *cmd = &vu->oldest->cmd;
	double size_ns = (double)cmd->n * cmd->k * cmd->t * NS_PER_MAC +
			 (double)cmd->length * NS_PER_BYTE;

	return vu->hang_ns + (size_ns > 1e18 ? (int64_t)1e18 : (int64_t)size_ns);
}

/* Nothing has ended for a while: is the device there, has it stopped, does the job hang? */
static void look_after(struct vu_device *vu)
{
	uint32_t id, error;
	int ret;

	vu->asked_ns = vu_now_ns();
	ret = vu_reg_read(vu, TERN_REG_ID, &id);
	if (!ret)
		ret = vu_reg_read(vu, TERN_REG_ERROR, &error);
	if (!ret && id != TERN_MAGIC)
		ret = tern_fail(vu->dev, -ENODEV, "its ID register reads 0x%08x", id);
	link_error(vu, ret);
	/* What came while we asked counts. */
	if (vu->gone || vu_queue_ready(&vu->queue))
		return;
	/* What is wrong with a job its completion says, and the device goes on. */
	if (error & ~TERN_ERROR_JOB_MASK)
		take_down(vu, EIO);
	else if (vu_now_ns() - vu->progress_ns > patience_ns(vu))
		take_down(vu, ETIMEDOUT);
}

/* Leave the core's other thread alone while spinning. */
static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Look for a while, then sleep until something comes, at most until the deadline. */
static void rest(struct vu_device *vu, int64_t deadline_ns)
{
	int64_t start = vu_now_ns(), now = start;
	int64_t left;
	int ret;

	while (now - start < SPIN_NS && now < deadline_ns) {
		for (int i = 0; i < 64; i++) {
			if (vu_queue_ready(&vu->queue))
				return;
			relax();
		}
		now = vu_now_ns();
	}
	if (now >= deadline_ns)
		return;
	left = deadline_ns - now;
	left = left < SLEEP_MS * NS_PER_MS ? (left + NS_PER_MS - 1) / NS_PER_MS : SLEEP_MS;
	ret = vu_poll(&vu->client, vu->wakes, (int)left);
	if (ret < 0) {
		/* The simulator is gone, but what it wrote before is good. */
		if (!vu_queue_ready(&vu->queue))
			link_error(vu, ret);
		return;
	}
	if (!vu_queue_ready(&vu->queue) &&
	    (ret & 1 << VU_WAKE_ERROR || is_quiet(vu)))
		look_after(vu);
}

static void collect(struct vu_device *vu, uint64_t number, struct tern_result *result)
{
	struct vu_job **link = bucket(vu, number);
	struct vu_job *job;

	while ((*link)->number != number)
		link = &(*link)->chain;
	job = *link;
	*link = job->chain;
	if (result)
		*result = job->result;
	job->chain = vu->free_jobs;
	vu->free_jobs = job;
	vu->uncollected--;
}

void vu_jobs_drain(struct vu_device *vu, const struct vu_bo *bo)
{
	for (;;) {
		advance(vu);
		if (!bo->jobs)
			return;
		rest(vu, INT64_MAX);
	}
}

static bool has_ended(struct vu_device *vu, uint64_t number)
{
	return find(vu, number)->state == VU_JOB_DONE;
}

int vu_wait(struct tern_device *dev, struct tern_wait *arg)
{
	struct tern_result *results = (struct tern_result *)(uintptr_t)arg->results;
	struct vu_device *vu = to_vu(dev);
	uint64_t awaited;

	for (uint32_t i = 0; i < arg->count; i++)
		if (!find(vu, tern_wait_number(arg, i)))
			return tern_fail(dev, -ENOENT,
					 "job %llu was never submitted or was already collected",
					 (unsigned long long)tern_wait_number(arg, i));
	/* The numbers ascend, and jobs end in order. */
	awaited = tern_wait_number(arg, arg->flags & TERN_WAIT_ANY ? 0 : arg->count - 1);
	for (;;) {
		advance(vu);
		if (has_ended(vu, awaited))
			break;
		if (vu_now_ns() >= arg->timeout_ns)
			return -ETIMEDOUT;
		rest(vu, arg->timeout_ns);
	}
	for (arg->ended = 0; arg->ended < arg->count; arg->ended++) {
		uint32_t i = arg->ended;

		if (!has_ended(vu, tern_wait_number(arg, i)))
			break;
		collect(vu, tern_wait_number(arg, i), results ? &results[i] : NULL);
	}
	return 0;
}
