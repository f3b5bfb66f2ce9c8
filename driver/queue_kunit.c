// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: rings. The test is the device: it reads commands where the doorbell says that they are,
 * and writes completions, good ones and bad ones.
 */
#include <linux/bitmap.h>

#include "tern_kunit.h"

/* The device's side of a queue. */
struct fake {
	struct kunit *test;
	struct tern_queue *q;
	u32 sq_head;
	u32 cq_tail;
	u8 phase;
};

static struct fake tern_fake(struct kunit *test, unsigned int queue)
{
	struct tern_device *tdev = test->priv;

	return (struct fake){ .test = test, .q = &tdev->queues[queue], .phase = 1 };
}

static u32 fake_ring(const struct fake *fake)
{
	return fake->q->tdev->ring_size;
}

static u32 fake_tail(const struct fake *fake)
{
	return readl(fake->q->doorbell);
}

/* Fetch a command. False when there is none. */
static bool fake_fetch(struct fake *fake, u16 *id)
{
	if (fake->sq_head == fake_tail(fake))
		return false;
	*id = le16_to_cpu(fake->q->sq[fake->sq_head].id);
	fake->sq_head = (fake->sq_head + 1) % fake_ring(fake);
	return true;
}

/* Write a completion, with any phase. */
static void fake_write(struct fake *fake, u16 id, u8 status, u8 phase)
{
	struct tern_hw_completion *cqe = &fake->q->cq[fake->cq_tail];

	cqe->cycles = cpu_to_le32(10);
	cqe->id = cpu_to_le16(id);
	cqe->status = status;
	cqe->phase = phase;
}

static void fake_complete(struct fake *fake, u16 id, u8 status)
{
	u32 told = readl(fake->q->doorbell + sizeof(u32));

	/* Never onto a place that the driver may not have read yet. */
	KUNIT_EXPECT_NE(fake->test, told, (fake->cq_tail + 1) % fake_ring(fake));
	fake_write(fake, id, status, fake->phase);
	if (++fake->cq_tail == fake_ring(fake)) {
		fake->cq_tail = 0;
		fake->phase ^= 1;
	}
}

/* Submit @count NOPs. */
static void fake_submit(struct kunit *test, struct tern_ctx *ctx, u32 count)
{
	struct tern_cmd nop = { .op = TERN_OP_NOP };
	LIST_HEAD(jobs);
	u32 i;

	for (i = 0; i < count; i++) {
		struct tern_job *job = tern_job_alloc();

		KUNIT_ASSERT_NOT_NULL(test, job);
		list_add_tail(&job->node, &jobs);
		KUNIT_ASSERT_EQ(test, 0, tern_job_check(ctx, &nop, job));
	}
	mutex_lock(&ctx->lock);
	KUNIT_EXPECT_EQ(test, 0, tern_ctx_queue(ctx, &jobs, count));
	mutex_unlock(&ctx->lock);
}

static struct tern_job *fake_job(struct tern_ctx *ctx, u64 number)
{
	return xa_load(&ctx->jobs, number);
}

/* More jobs than there is room: the ring takes what it may, every id is another, and all end. */
static void tern_queue_full(struct kunit *test)
{
	struct fake fake = tern_fake(test, 1);
	struct tern_queue *q = fake.q;
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	u32 ring = fake_ring(&fake), capacity = q->tdev->ring_capacity;
	unsigned long *seen = kunit_kzalloc(test, BITS_TO_BYTES(1 << 16), GFP_KERNEL);
	u16 ids[TERN_KUNIT_RING];
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	KUNIT_ASSERT_LT(test, capacity, ring);
	tern_queue_start(q);
	fake_submit(test, ctx, 2 * capacity);
	KUNIT_EXPECT_EQ(test, capacity, q->inflight);
	KUNIT_EXPECT_EQ(test, capacity, fake_tail(&fake));
	for (i = 0; fake_fetch(&fake, &ids[i]); i++) {
		KUNIT_EXPECT_FALSE(test, test_and_set_bit(ids[i], seen));
		KUNIT_EXPECT_EQ(test, (int)TERN_HW_OP_NOP, (int)q->sq[i].opcode);
	}
	KUNIT_EXPECT_EQ(test, capacity, i);
	/* The last command of a full ring says so, or nobody would come to make room. */
	KUNIT_EXPECT_TRUE(test, q->sq[capacity - 1].flags & TERN_COMMAND_FLAG_IRQ);

	for (i = 0; i < capacity; i++)
		fake_complete(&fake, ids[i], TERN_STATUS_OK);
	tern_queue_check(q);
	KUNIT_EXPECT_EQ(test, (u64)capacity + 1, ctx->ended);
	KUNIT_EXPECT_EQ(test, capacity, q->inflight);
	for (i = 0; fake_fetch(&fake, &ids[i]); i++)
		KUNIT_EXPECT_FALSE(test, test_and_set_bit(ids[i], seen));
	for (i = 0; i < capacity; i++)
		fake_complete(&fake, ids[i], TERN_STATUS_OK);
	tern_queue_check(q);
	KUNIT_EXPECT_EQ(test, 2 * (u64)capacity + 1, ctx->ended);
	KUNIT_EXPECT_EQ(test, 0u, q->inflight);
	KUNIT_EXPECT_EQ(test, 2 * (u64)capacity, q->completed);
}

/* Many rounds, in batches of every size: all wraps, and old ids do not return. */
static void tern_queue_wraps(struct kunit *test)
{
	struct fake fake = tern_fake(test, 1);
	struct tern_queue *q = fake.q;
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	u32 capacity = q->tdev->ring_capacity, round, i, sent = 0;
	u16 id, last[TERN_KUNIT_RING];

	memset(last, 0xff, sizeof(last));
	tern_queue_start(q);
	for (round = 0; round < 4 * capacity; round++) {
		u32 count = 1 + round % capacity;

		fake_submit(test, ctx, count);
		sent += count;
		KUNIT_EXPECT_EQ(test, sent % fake_ring(&fake), fake_tail(&fake));
		for (i = 0; fake_fetch(&fake, &id); i++) {
			u32 slot = id % (1 << TERN_QUEUE_LOG2_MAX);

			KUNIT_ASSERT_LT(test, slot, fake_ring(&fake));
			KUNIT_EXPECT_NE(test, last[slot], id);
			last[slot] = id;
			fake_complete(&fake, id, TERN_STATUS_OK);
			if (i % 2)
				tern_queue_check(q);
		}
		KUNIT_EXPECT_EQ(test, count, i);
		tern_queue_check(q);
		KUNIT_EXPECT_EQ(test, fake.cq_tail, q->cq_head);
		KUNIT_EXPECT_EQ(test, fake.phase, q->phase);
		KUNIT_EXPECT_EQ(test, (u64)sent + 1, ctx->ended);
	}
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&q->tdev->reset_causes));
}

/* The device completes in any order; users see theirs in the order they have submitted. */
static void tern_queue_out_of_order(struct kunit *test)
{
	struct fake fake = tern_fake(test, 1);
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	u16 first, second, third;

	tern_queue_start(fake.q);
	fake_submit(test, ctx, 3);
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &first));
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &second));
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &third));
	fake_complete(&fake, third, TERN_STATUS_OK);
	fake_complete(&fake, second, TERN_STATUS_BAD_FIELD);
	tern_queue_check(fake.q);
	KUNIT_EXPECT_EQ(test, 1ull, ctx->ended);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&ctx->ready));
	fake_complete(&fake, first, TERN_STATUS_OK);
	tern_queue_check(fake.q);
	KUNIT_EXPECT_EQ(test, 4ull, ctx->ended);
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&ctx->ready));
	KUNIT_EXPECT_EQ(test, 0, fake_job(ctx, 1)->result.error);
	KUNIT_EXPECT_EQ(test, -EIO, fake_job(ctx, 2)->result.error);
	KUNIT_EXPECT_EQ(test, (u32)TERN_STATUS_BAD_FIELD, fake_job(ctx, 2)->result.status);
	KUNIT_EXPECT_EQ(test, 0, fake_job(ctx, 3)->result.error);
	KUNIT_EXPECT_EQ(test, 10ull, fake_job(ctx, 3)->result.cycles);
}

/* What is left of the round before is no completion. */
static void tern_queue_stale_phase(struct kunit *test)
{
	struct fake fake = tern_fake(test, 1);
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	u16 id;

	tern_queue_start(fake.q);
	fake_submit(test, ctx, 1);
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &id));
	fake_write(&fake, id, TERN_STATUS_OK, 0);
	KUNIT_EXPECT_FALSE(test, tern_queue_ready(fake.q));
	tern_queue_check(fake.q);
	KUNIT_EXPECT_EQ(test, 1ull, ctx->ended);
	/* Only bit 0 counts. */
	fake_write(&fake, id, TERN_STATUS_OK, 0xff);
	tern_queue_check(fake.q);
	KUNIT_EXPECT_EQ(test, 2ull, ctx->ended);
}

/* Ids that name no command in flight: the job goes on, and the device will be reset. */
static void tern_queue_wrong_ids(struct kunit *test)
{
	struct tern_device *tdev = test->priv;
	struct fake fake = tern_fake(test, 1);
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	u16 old, id, wrong[5];
	size_t i;

	tern_queue_start(fake.q);
	fake_submit(test, ctx, 1);
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &old));
	fake_complete(&fake, old, TERN_STATUS_OK);
	tern_queue_check(fake.q);
	KUNIT_ASSERT_EQ(test, 2ull, ctx->ended);

	fake_submit(test, ctx, 1);
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &id));
	wrong[0] = old;					/* has completed */
	wrong[1] = id ^ 1;				/* of a free slot */
	wrong[2] = id ^ (1 << TERN_QUEUE_LOG2_MAX);	/* of another generation */
	wrong[3] = id ^ 0x8000;				/* of one far off */
	wrong[4] = id ^ (1 << (TERN_QUEUE_LOG2_MAX - 1));	/* past the slots */
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		atomic_set(&tdev->reset_causes, 0);
		fake_complete(&fake, wrong[i], TERN_STATUS_OK);
		tern_queue_check(fake.q);
		KUNIT_EXPECT_EQ_MSG(test, (int)BIT(TERN_RESET_COMPLETION),
				    atomic_read(&tdev->reset_causes), "id %#x", wrong[i]);
		KUNIT_EXPECT_EQ(test, 2ull, ctx->ended);
		KUNIT_EXPECT_EQ(test, 1u, fake.q->inflight);
	}
	fake_complete(&fake, id, TERN_STATUS_OK);
	tern_queue_check(fake.q);
	KUNIT_EXPECT_EQ(test, 3ull, ctx->ended);
}

/* The context of each command, in the order in which the device gets them. */
static void fake_expect(struct fake *fake, struct tern_ctx *ctx, u32 count)
{
	u16 id;

	while (count--) {
		if (!fake_fetch(fake, &id)) {
			KUNIT_FAIL(fake->test, "%u commands are missing", count + 1);
			return;
		}
		KUNIT_EXPECT_PTR_EQ(fake->test, ctx,
				    fake->q->slots[id % (1 << TERN_QUEUE_LOG2_MAX)].job->ctx);
		fake_complete(fake, id, TERN_STATUS_OK);
		tern_queue_check(fake->q);
	}
}

/* On one queue: first all of high priority, then turns of 16 for equals, then low. */
static void tern_queue_priorities(struct kunit *test)
{
	struct fake fake = tern_fake(test, 1);
	struct tern_ctx *low = tern_kunit_context(test, 1, TERN_PRIORITY_LOW);
	struct tern_ctx *one = tern_kunit_context(test, 1, TERN_PRIORITY_NORMAL);
	struct tern_ctx *two = tern_kunit_context(test, 1, TERN_PRIORITY_NORMAL);
	struct tern_ctx *high = tern_kunit_context(test, 1, TERN_PRIORITY_HIGH);
	u16 id;

	/* The queue stands still until all have come. */
	fake_submit(test, low, 20);
	fake_submit(test, one, 20);
	fake_submit(test, two, 40);
	fake_submit(test, high, 36);
	KUNIT_EXPECT_FALSE(test, fake_fetch(&fake, &id));
	tern_queue_start(fake.q);
	fake_expect(&fake, high, 36);
	fake_expect(&fake, one, 16);
	fake_expect(&fake, two, 16);
	fake_expect(&fake, one, 4);
	fake_expect(&fake, two, 24);
	fake_expect(&fake, low, 20);
	KUNIT_EXPECT_FALSE(test, fake_fetch(&fake, &id));
}

/* A queue goes down: who was in the ring loses his jobs, who was not loses nothing. */
static void tern_queue_goes_down(struct kunit *test)
{
	struct fake fake = tern_fake(test, 1);
	struct tern_queue *q = fake.q;
	struct tern_ctx *in = tern_kunit_context(test, 1, 0);
	struct tern_ctx *out = tern_kunit_context(test, 1, 0);
	u32 capacity = q->tdev->ring_capacity, i;
	u16 first, id;

	tern_queue_start(q);
	fake_submit(test, in, capacity);
	fake_submit(test, out, 1);
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &first));
	tern_queue_stop(q, 0);
	/* One of them ends while the device stops; the next is why it had to. */
	fake_complete(&fake, first, TERN_STATUS_OK);
	spin_lock_irq(&q->lock);
	tern_queue_poll(q);
	tern_queue_blame(q, -ETIMEDOUT);
	spin_unlock_irq(&q->lock);
	tern_queue_take_down(q, -ECANCELED, 0);
	KUNIT_EXPECT_EQ(test, 0u, q->inflight);
	KUNIT_EXPECT_EQ(test, (u64)capacity + 1, in->ended);
	KUNIT_EXPECT_EQ(test, 0, fake_job(in, 1)->result.error);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fake_job(in, 2)->result.error);
	for (i = 3; i <= capacity; i++)
		KUNIT_EXPECT_EQ(test, -ECANCELED, fake_job(in, i)->result.error);
	KUNIT_EXPECT_EQ(test, 1ull, out->ended);

	/* Up again, from the start of the rings. */
	fake = tern_fake(test, 1);
	tern_queue_start(q);
	KUNIT_ASSERT_TRUE(test, fake_fetch(&fake, &id));
	KUNIT_EXPECT_NE(test, first, id);
	fake_complete(&fake, id, TERN_STATUS_OK);
	tern_queue_check(q);
	KUNIT_EXPECT_EQ(test, 2ull, out->ended);
	KUNIT_EXPECT_EQ(test, 0, fake_job(out, 1)->result.error);
}

/* A dead queue takes nobody's jobs any more. */
static void tern_queue_dead(struct kunit *test)
{
	struct tern_device *tdev = test->priv;
	struct tern_queue *q = &tdev->queues[1];
	struct tern_ctx *ctx = tern_kunit_context(test, 1, 0);
	struct tern_job *job = tern_job_alloc();
	struct tern_cmd nop = { .op = TERN_OP_NOP };
	LIST_HEAD(jobs);

	KUNIT_ASSERT_NOT_NULL(test, job);
	fake_submit(test, ctx, 1);
	tern_queue_take_down(q, -ENODEV, -EIO);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake_job(ctx, 1)->result.error);
	KUNIT_EXPECT_EQ(test, 0, tern_job_check(ctx, &nop, job));
	list_add(&job->node, &jobs);
	mutex_lock(&ctx->lock);
	KUNIT_EXPECT_EQ(test, -EIO, tern_ctx_queue(ctx, &jobs, 1));
	mutex_unlock(&ctx->lock);
	KUNIT_EXPECT_NULL(test, fake_job(ctx, 2));
	KUNIT_EXPECT_EQ(test, 2ull, ctx->next);
	tern_job_free(job);
	tern_queue_start(q);
	KUNIT_EXPECT_FALSE(test, q->live);
}

/* Which queue a new context gets, for every number of queues. */
static void tern_queue_chosen(struct kunit *test)
{
	static const struct {
		unsigned int queues;
		unsigned int low, normal_first, normal_last, high;
	} cases[] = {
		{ 1, 0, 0, 0, 0 },
		{ 2, 1, 1, 1, 1 },
		{ 3, 1, 1, 1, 2 },
		{ 4, 2, 1, 1, 3 },
	};
	struct tern_device *tdev = test->priv;
	unsigned int queues = tdev->queue_count;
	size_t i;
	int tries;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tdev->queue_count = cases[i].queues;
		KUNIT_EXPECT_EQ(test, cases[i].high,
				tern_queue_choose(tdev, TERN_PRIORITY_HIGH)->index);
		KUNIT_EXPECT_EQ(test, cases[i].low,
				tern_queue_choose(tdev, TERN_PRIORITY_LOW)->index);
		for (tries = 0; tries < 8; tries++) {
			unsigned int index = tern_queue_choose(tdev, TERN_PRIORITY_NORMAL)->index;

			KUNIT_EXPECT_LE(test, cases[i].normal_first, index);
			KUNIT_EXPECT_GE(test, cases[i].normal_last, index);
		}
	}
	tdev->queue_count = queues;
}

static struct kunit_case tern_queue_cases[] = {
	KUNIT_CASE(tern_queue_full),
	KUNIT_CASE(tern_queue_wraps),
	KUNIT_CASE(tern_queue_out_of_order),
	KUNIT_CASE(tern_queue_stale_phase),
	KUNIT_CASE(tern_queue_wrong_ids),
	KUNIT_CASE(tern_queue_priorities),
	KUNIT_CASE(tern_queue_goes_down),
	KUNIT_CASE(tern_queue_dead),
	KUNIT_CASE(tern_queue_chosen),
	{}
};

struct kunit_suite tern_queue_suite = {
	.name = "tern_queue",
	.init = tern_kunit_init,
	.exit = tern_kunit_exit,
	.test_cases = tern_queue_cases,
};
