// SPDX-License-Identifier: Apache-2.0
/*
 * Rings: all queues at once, wrap and phase, full completion rings, doorbell
 * misuse, fetch and completion errors, queues turned off, soft reset in mid-job.
 *
 *   queue_test [SEED]
 */
#include <cstdlib>

#include "commands.h"
#include "tap.h"

static const uint64_t MEM_BYTES = 16 << 20, HOST_BYTES = 4 << 20;
static const uint64_t SQ = Dut::HOST_BASE, CQ = Dut::HOST_BASE + 0x80000;
static const uint64_t HOST_DATA = Dut::HOST_BASE + 0x100000;

static Tap tap;
static uint64_t seed = 1;

static void ring_of(Dut &dut, unsigned q, unsigned log2, bool irq = true)
{
	dut.queue_on(q, log2, SQ + q * 0x8000, CQ + q * 0x8000, irq);
}

static uint32_t qreg(Dut &dut, unsigned q, uint32_t reg)
{
	return dut.reg_read(TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE + reg);
}

static void bell(Dut &dut, unsigned q, bool cq, uint32_t value)
{
	dut.reg_write(TERN_QUEUE_DOORBELL_BASE + q * TERN_QUEUE_DOORBELL_STRIDE + 4 * cq, value);
}

static bool rules_kept(Dut &dut)
{
	static unsigned seen;
	bool good = assertions_fired == seen && dut.mem.broken.empty() && dut.host.broken.empty();

	seen = assertions_fired;
	return good;
}

/* A register access, too, is work: busy falls some cycles after the last. */
static bool at_rest(Dut &dut)
{
	dut.run(4);
	return !dut.busy();
}

/* Random work on every queue; each command completes once, in its queue's order. */
static void test_together(bool slow)
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	unsigned sent[Dut::QUEUES] = {}, got[Dut::QUEUES] = {}, irqs = 0, total = 0;
	const unsigned each = 60;
	tern_hw_completion cpl;
	bool good = true;

	if (slow) {
		dut.host.jitter = 200;
		dut.host.idle_percent = 30;
		dut.mem.jitter = 30;
	}
	dut.device_on();
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		ring_of(dut, q, 1 + q % 4);
	for (uint64_t end = dut.now + 3000000; total < each * Dut::QUEUES && dut.now < end;) {
		unsigned q = dut.rng.below(Dut::QUEUES);

		while (sent[q] < each && dut.room(q) && dut.rng.percent(70)) {
			uint64_t a = 0x1000 * q + 64 * dut.rng.below(16);
			tern_hw_command cmd = nop(0);

			switch (dut.rng.below(4)) {
			case 0:
				cmd = fill(0, 0, a, 4 + 4 * dut.rng.below(500), sent[q]);
				break;
			case 1:
				cmd = copy(0, 0, a, 1, HOST_DATA + a, 1 + dut.rng.below(2000));
				break;
			case 2:
				cmd = nop(0, TERN_HW_OP_BARRIER);
				break;
			}
			cmd.id = (uint16_t)(q << 12 | sent[q]);
			cmd.flags = dut.rng.below(2);
			irqs += cmd.flags;
			dut.put(q, cmd);
			sent[q]++;
		}
		dut.ring(q);
		dut.run(dut.rng.below(300));
		q = dut.rng.below(Dut::QUEUES);
		while (dut.poll(q, cpl)) {
			good &= cpl.id == (q << 12 | got[q]) && !cpl.status;
			got[q]++;
			total++;
		}
		dut.give_back(q);
	}
	dut.run(1000);
	for (unsigned q = 0; q < Dut::QUEUES; q++) {
		good &= qreg(dut, q, TERN_QREG_STATUS) == 0;
		irqs -= dut.irqs[q];
	}
	tap.ok(good && total == each * Dut::QUEUES && !irqs && at_rest(dut) &&
	       dut.reg_read64(TERN_REG_COUNT_JOBS) == total && rules_kept(dut),
	       "%u commands on %u queues, in order, with their interrupts%s", total, Dut::QUEUES,
	       slow ? ", slow link" : "");
}

/* Nobody is passed over: with all rings full, served turn about. */
static void test_fair()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;
	unsigned got[Dut::QUEUES] = {}, most = 0, least = ~0u;

	dut.device_on();
	for (unsigned q = 0; q < Dut::QUEUES; q++) {
		ring_of(dut, q, 5);
		for (unsigned i = 0; i < 31; i++)
			dut.put(q, nop((uint16_t)i));
	}
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		dut.ring(q);
	dut.run(4000);
	for (unsigned q = 0; q < Dut::QUEUES; q++) {
		while (dut.poll(q, cpl))
			got[q]++;
		most = got[q] > most ? got[q] : most;
		least = got[q] < least ? got[q] : least;
	}
	tap.ok(least > 2 && most - least <= 2 && rules_kept(dut),
	       "round robin: %u to %u completions a queue", least, most);
}

static void test_full_ring()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;
	unsigned count = 0;

	dut.device_on();
	ring_of(dut, 3, 3);
	for (unsigned i = 0; i < 7; i++)
		dut.put(3, nop((uint16_t)i));
	dut.ring(3);
	dut.run(3000);
	while (dut.poll(3, cpl))
		count++;
	/* Seven completions lie there; the host took them but did not say so. */
	for (unsigned i = 0; i < 7; i++)
		dut.put(3, nop((uint16_t)(10 + i)));
	dut.ring(3);
	dut.run(2000);
	tap.ok(count == 7 && !dut.poll(3, cpl) && at_rest(dut) &&
	       qreg(dut, 3, TERN_QREG_SQ_HEAD) == 7, "a full completion ring: nothing is fetched");
	dut.give_back(3);
	bool good = true;
	for (unsigned i = 0; i < 7; i++)
		good &= dut.wait(3, cpl, 2000) && cpl.id == 10 + i;
	tap.ok(good && rules_kept(dut), "... until there is room again");
}

static void test_doorbells()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;

	dut.device_on();
	ring_of(dut, 2, 2);
	auto refused = [&](bool cq, uint32_t value, const char *what) {
		bell(dut, 2, cq, value);
		dut.run(10);
		tap.ok(dut.reg_read(TERN_REG_ERROR) == TERN_ERROR_DOORBELL_MASK &&
		       dut.reg_read(TERN_REG_ERROR_QUEUE) == 2 &&
		       dut.reg_read64(TERN_REG_ERROR_ADDR_LO) == value, "refused: %s", what);
		dut.reg_write(TERN_REG_ERROR, 7);
		tap.ok(dut.reg_read(TERN_REG_ERROR) == 0, "ERROR is cleared by writing ones");
	};

	refused(false, 4, "a tail past the ring");
	refused(false, 0x10001, "a tail with high bits");
	refused(true, 4, "a head past the ring");
	refused(true, 1, "a head past completions never written");
	tap.ok(dut.irqs[0] == 4, "each raised vector 0");
	bell(dut, 2, false, 77);
	bell(dut, 2, true, 88);
	dut.run(10);
	tap.ok(dut.reg_read64(TERN_REG_ERROR_ADDR_LO) == 77 && dut.irqs[0] == 6,
	       "the record is of the first error");
	dut.reg_write(TERN_REG_ERROR, 7);
	dut.put(2, nop(1));
	dut.put(2, nop(2));
	dut.reg_write(TERN_REG_CTRL, 0);
	dut.ring(2);
	dut.run(500);
	tap.ok(!dut.poll(2, cpl) && at_rest(dut), "nothing is fetched while the device is off");
	refused(false, 1, "a tail that falls back");
	dut.device_on();
	tap.ok(dut.wait(2, cpl, 1000) && cpl.id == 1 && dut.wait(2, cpl, 1000) && cpl.id == 2 &&
	       rules_kept(dut), "the queue works on");
	bell(dut, 5, false, 1);
	dut.run(200);
	tap.ok(at_rest(dut) && !dut.reg_read(TERN_REG_ERROR), "a doorbell of a queue turned off is ignored");
}

/* ERROR_QUEUE and ERROR_ADDR are whole, whatever the queue and wherever its ring is. */
static void test_error_places()
{
	bool bells = true, fetches = true;

	for (unsigned i = 0; i < 24; i++) {
		unsigned q = i % Dut::QUEUES;
		uint64_t high = (uint64_t)(seed * 24 + i + 1) * 0x9e3779b97f4a7c15ull >> 1;
		uint64_t base = high & ~0xfffull;
		Dut dut(seed, MEM_BYTES, HOST_BYTES, 0, base);
		uint32_t value = (uint32_t)high | 1u << (i + 4);

		dut.device_on();
		dut.queue_on(q, 4, base + 0x8000, base);
		bell(dut, q, i & 1, value);
		dut.run(10);
		bells &= dut.reg_read(TERN_REG_ERROR) == TERN_ERROR_DOORBELL_MASK &&
			 dut.reg_read(TERN_REG_ERROR_QUEUE) == q &&
			 dut.reg_read64(TERN_REG_ERROR_ADDR_LO) == value;
		dut.reg_write(TERN_REG_ERROR, TERN_ERROR_DOORBELL_MASK);
		dut.host.bad_reads.push_back({base + 0x8000, base + 0x8040});
		dut.put(q, nop(1));
		dut.ring(q);
		dut.run(200);
		fetches &= dut.reg_read(TERN_REG_ERROR) == TERN_ERROR_FETCH_MASK &&
			   dut.reg_read(TERN_REG_ERROR_QUEUE) == q &&
			   dut.reg_read64(TERN_REG_ERROR_ADDR_LO) == base + 0x8000;
	}
	tap.ok(bells, "the record of a doorbell: any queue, any value");
	tap.ok(fetches, "the record of a fetch: any queue, any address");
}

static void test_ring_errors()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;

	dut.device_on();
	ring_of(dut, 1, 3);
	ring_of(dut, 4, 3);
	dut.host.bad_reads.push_back({SQ + 0x8000 + 64, SQ + 0x8000 + 128});
	for (unsigned i = 0; i < 3; i++) {
		dut.put(1, nop((uint16_t)i));
		dut.put(4, nop((uint16_t)i));
	}
	dut.ring(1);
	dut.ring(4);
	dut.run(3000);
	bool good = dut.poll(1, cpl) && cpl.id == 0 && !dut.poll(1, cpl);
	tap.ok(good && (qreg(dut, 1, TERN_QREG_STATUS) & TERN_Q_STATUS_STOPPED_MASK) &&
	       dut.reg_read(TERN_REG_ERROR) == TERN_ERROR_FETCH_MASK &&
	       dut.reg_read(TERN_REG_ERROR_QUEUE) == 1 &&
	       dut.reg_read64(TERN_REG_ERROR_ADDR_LO) == SQ + 0x8000 + 64, "a fetch error stops the queue");
	for (unsigned i = 0; i < 3; i++)
		good &= dut.poll(4, cpl) && cpl.id == i;
	tap.ok(good, "... and no other");
	dut.host.bad_reads.clear();
	dut.queue_off(1);
	ring_of(dut, 1, 3);
	tap.ok(dut.submit_wait(1, nop(9), cpl, 1000) && cpl.id == 9, "off and on: it works again");

	dut.reg_write(TERN_REG_ERROR, 7);
	dut.host.bad_writes.push_back({CQ + 4 * 0x8000 + 3 * 64, CQ + 4 * 0x8000 + 4 * 64});
	dut.give_back(4);
	for (unsigned i = 0; i < 3; i++)
		dut.put(4, nop((uint16_t)(20 + i)));
	dut.ring(4);
	dut.run(3000);
	tap.ok(!dut.poll(4, cpl) && qreg(dut, 4, TERN_QREG_STATUS) == TERN_Q_STATUS_STOPPED_MASK &&
	       dut.reg_read(TERN_REG_ERROR) == TERN_ERROR_COMPLETE_MASK &&
	       dut.reg_read(TERN_REG_ERROR_QUEUE) == 4 &&
	       dut.reg_read64(TERN_REG_ERROR_ADDR_LO) == CQ + 4 * 0x8000 + 3 * 64,
	       "a completion error stops the queue; nothing is written behind the hole");
	dut.host.bad_writes.clear();
	good = dut.submit_wait(1, nop(10), cpl, 1000) && cpl.id == 10;
	dut.run(60);
	tap.ok(good && at_rest(dut) && rules_kept(dut), "other queues go on");
}

static void test_queue_off()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;

	dut.device_on();
	ring_of(dut, 0, 4);
	ring_of(dut, 6, 4);
	dut.put(6, fill(1, 0, 0, 1 << 20, 1));
	dut.put(6, fill(2, 0, 1 << 20, 1 << 20, 1));
	dut.put(6, nop(3));
	dut.ring(6);
	dut.run(1000);
	dut.queue_off(6);
	bool busy = qreg(dut, 6, TERN_QREG_STATUS) & TERN_Q_STATUS_BUSY_MASK;
	for (int i = 0; i < 100 && (qreg(dut, 6, TERN_QREG_STATUS) & TERN_Q_STATUS_BUSY_MASK); i++)
		dut.run(1000);
	uint64_t zero = 0;
	for (unsigned i = 0; i < 16 * 64; i++)
		zero |= *dut.host.at(CQ + 6 * 0x8000 + i);
	tap.ok(busy && !zero && at_rest(dut) && !*dut.mem.at(1 << 20),
	       "a queue turned off in mid-job: BUSY falls, its ring stays untouched, the rest is dropped");
	ring_of(dut, 6, 4);
	tap.ok(dut.submit_wait(6, nop(4), cpl, 1000) && cpl.id == 4 &&
	       dut.submit_wait(0, nop(5), cpl, 1000) && rules_kept(dut), "and on again");
}

/* The largest rings, around and a bit further, with ids of all 16 bits. */
static void test_large_rings()
{
	const unsigned log2 = TERN_QUEUE_LOG2_MAX, size = 1 << log2, total = size + 5;
	const uint64_t bytes = (uint64_t)size * TERN_ENTRY_BYTES;
	Dut dut(seed, MEM_BYTES, 2 * Dut::QUEUES * bytes);
	unsigned sent[Dut::QUEUES] = {}, got[Dut::QUEUES] = {}, left = Dut::QUEUES;
	tern_hw_completion cpl;
	bool good = true;
	auto id = [](unsigned q, unsigned i) { return (uint16_t)((i + 1) * 40503 + q); };

	dut.device_on();
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		dut.queue_on(q, log2, Dut::HOST_BASE + 2 * q * bytes, Dut::HOST_BASE + (2 * q + 1) * bytes,
			     false);
	for (uint64_t end = dut.now + 4000000; left && dut.now < end;) {
		for (unsigned q = 0; q < Dut::QUEUES; q++) {
			unsigned before = got[q];

			if (got[q] == total)
				continue;
			while (sent[q] < total && dut.room(q))
				dut.put(q, nop(id(q, sent[q]++)));
			dut.ring(q);
			while (dut.poll(q, cpl)) {
				good &= !cpl.status && cpl.id == id(q, got[q]);
				got[q]++;
			}
			if (got[q] != before)
				dut.give_back(q);
			left -= got[q] == total;
		}
		dut.run(3000);
	}
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		good &= qreg(dut, q, TERN_QREG_SQ_HEAD) == 5 && qreg(dut, q, TERN_QREG_CQ_TAIL) == 5;
	tap.ok(good && !left && rules_kept(dut), "%u commands through each of %u rings of %u entries",
	       total, Dut::QUEUES, size);
}

static void abort_job(Dut &dut, unsigned q, unsigned id)
{
	dut.reg_write(TERN_REG_ABORT, TERN_ABORT_GO_MASK | q << TERN_ABORT_QUEUE_SHIFT |
		      id << TERN_ABORT_ID_SHIFT);
	for (int i = 0; i < 20 && (dut.reg_read(TERN_REG_ABORT) & TERN_ABORT_GO_MASK); i++)
		dut.step();
}

/* Every queue has the same ids inside; only the one that is named ends. */
static void test_abort()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	const unsigned count = 4 /* SlotsAQueue */, id = 0x40;
	unsigned aborted = 0;
	bool good = true;

	dut.device_on();
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		ring_of(dut, q, 4);
	for (unsigned round = 0; round < Dut::QUEUES; round++) {
		unsigned victim = round % count, heads = 0;

		for (unsigned q = 0; q < Dut::QUEUES; q++) {
			for (unsigned i = 0; i < count; i++)
				dut.put(q, fill((uint16_t)(id + i), 0, 0x100000 * q, 0x10000, i));
			dut.ring(q);
		}
		/* All are inside, and next to nothing is done. */
		for (unsigned i = 0; i < 100 && heads < Dut::QUEUES; i++) {
			heads = 0;
			for (unsigned q = 0; q < Dut::QUEUES; q++)
				heads += qreg(dut, q, TERN_QREG_SQ_HEAD) == (round + 1) * count % 16;
		}
		abort_job(dut, round, id + count);
		abort_job(dut, Dut::QUEUES, id + victim);
		abort_job(dut, round, id + victim);
		good &= heads == Dut::QUEUES && !(dut.reg_read(TERN_REG_ABORT) & TERN_ABORT_GO_MASK);
		for (unsigned q = 0; q < Dut::QUEUES; q++) {
			for (unsigned i = 0; i < count; i++) {
				tern_hw_completion cpl = {};
				bool it = q == round && i == victim;

				good &= dut.wait(q, cpl, 100000) && cpl.id == id + i &&
					cpl.status == (it ? TERN_STATUS_ABORTED : TERN_STATUS_OK);
				aborted += cpl.status == TERN_STATUS_ABORTED;
			}
			dut.give_back(q);
		}
	}
	tap.ok(good && aborted == Dut::QUEUES && rules_kept(dut),
	       "ABORT ends the job it names, and none with its id or in its queue");
}

static void test_reset()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;
	bool good = true;

	dut.mem.latency = 60;
	for (unsigned round = 0; round < 12; round++) {
		Gemm g = {100, 900, 11, 0, 0, 0x800000, 0xa00000, 0, 960, 448};

		g.fill(dut, dut.rng);
		dut.device_on();
		ring_of(dut, 0, 4);
		dut.put(0, round & 1 ? g.command(1) : copy(1, 0, 0, 1, HOST_DATA, 100000));
		dut.put(0, g.command(2));
		dut.ring(0);
		dut.run(20 + 97 * round);
		dut.reg_write(TERN_REG_CTRL, TERN_CTRL_RESET_MASK | TERN_CTRL_ENABLE_MASK);
		for (int i = 0; i < 100 && (dut.reg_read(TERN_REG_CTRL) & TERN_CTRL_RESET_MASK); i++)
			dut.step();
		good &= dut.reg_read(TERN_REG_CTRL) == 0 && at_rest(dut) &&
			dut.reg_read(TERN_REG_STATUS) == TERN_STATUS_READY_MASK &&
			dut.reg_read64(TERN_REG_COUNT_CYCLES) == 0 && !qreg(dut, 0, TERN_QREG_CTRL);
		dut.device_on();
		ring_of(dut, 0, 4);
		good &= dut.submit_wait(0, g.command(3), cpl) && !cpl.status && cpl.id == 3 &&
			g.right(dut) && cpl.adds == g.adds(dut);
	}
	tap.ok(good && rules_kept(dut), "soft reset at twelve moments of a job, then a right one");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], nullptr, 0);
	printf("# seed %llu\n", (unsigned long long)seed);
	test_together(false);
	test_together(true);
	test_fair();
	test_full_ring();
	test_doorbells();
	test_error_places();
	test_ring_errors();
	test_queue_off();
	test_abort();
	test_reset();
	test_large_rings();
	return tap.end();
}
