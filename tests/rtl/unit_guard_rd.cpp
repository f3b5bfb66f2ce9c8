// SPDX-License-Identifier: Apache-2.0
/*
 * tern_guard_rd between three units that ask at random and memories that answer, pause, stop for
 * ever, come back late, or take no address. The bench gives every beat a tag, so it knows that a
 * beat that was passed on is the one that the unit waits for.
 */
#include <algorithm>
#include <deque>

#include "Vtern_guard_rd.h"
#include "unit.h"

static const unsigned UNITS = 3, IDS[UNITS] = {1, 4, 2};	/* as unit.mk builds it */
static const unsigned LIMIT = 200;			/* cycles */

struct Bench {
	struct Memory {
		unsigned ready_percent, answer_percent, bad_percent;
	};

	Unit<Vtern_guard_rd> guard;
	std::mt19937 rng;
	Finding found;

	std::deque<uint64_t> unit[UNITS];	/* tags that a unit waits for */
	std::deque<uint64_t> memory[UNITS];	/* tags that the memory still has to send */
	uint64_t next_tag = 0;
	uint64_t passed = 0, timeouts = 0, dropped = 0, trips = 0, silent = 0, addresses = 0;
	bool was_dead = false;
	unsigned limit = LIMIT;

	explicit Bench(unsigned seed) : rng(seed) { restart(); }

	bool percent(unsigned p) { return rng() % 100 < p; }
	size_t owed() const { return total(unit); }

	static size_t total(const std::deque<uint64_t> (&all)[UNITS])
	{
		size_t sum = 0;
		for (auto &one : all)
			sum += one.size();
		return sum;
	}

	void restart()
	{
		guard->limit_i = limit = LIMIT;
		guard->ar_valid_i = 0;
		guard->arready_i = guard->rvalid_i = 0;
		guard.reset();
		for (unsigned u = 0; u < UNITS; u++) {
			unit[u].clear();
			memory[u].clear();
		}
		was_dead = false;
		silent = 0;
	}

	/* What is asked for stays until it is taken, as at tern_ar_mux. */
	void ask(unsigned ask_percent, size_t most)
	{
		unsigned u = rng() % UNITS;

		if (guard->ar_valid_i || unit[u].size() >= most || !percent(ask_percent))
			return;
		guard->ar_valid_i = 1;
		guard->ar_id_i = IDS[u];
		guard->ar_len_i = percent(30) ? 63 : rng() % 64;
		guard->ar_addr_i = next_tag;
		next_tag += guard->ar_len_i + 1;
	}
	static unsigned unit_of(unsigned id)
	{
		unsigned u = 0;
		while (u + 1 < UNITS && IDS[u] != id)
			u++;
		return u;
	}

	void cycle(const Memory &m)
	{
		unsigned which = rng() % UNITS;

		for (unsigned i = 0; i < UNITS && memory[which].empty(); i++)
			which = (which + 1) % UNITS;
		bool send = !memory[which].empty() && percent(m.answer_percent);
		guard->rvalid_i = send;
		guard->rid_i = send ? IDS[which] : rng() % 16;
		guard->rresp_i = percent(m.bad_percent) ? 2 : 0;
		guard->arready_i = percent(m.ready_percent);
		guard.settle();

		bool dead = guard->dead_o;
		unsigned answers = guard->r_valid_o;
		size_t bus_owed = total(memory);

		trips += dead && !was_dead;
		if (dead && !was_dead)
			found.expect(silent == limit, "tripped after %llu cycles",
				     (unsigned long long)silent);
		found.expect(dead || !was_dead || !bus_owed, "back with beats owed by the memory");
		found.expect(!(answers & (answers - 1)), "answers %x", answers);
		if (dead)
			found.expect((answers != 0) == (owed() != 0), "dead: answers %x, %zu owed",
				     answers, owed());
		else
			found.expect(answers == (send ? 1u << which : 0), "alive: answers %x",
				     answers);
		silent = !dead && !send && (bus_owed || guard->arvalid_o) ? silent + 1 : 0;
		for (unsigned u = 0; u < UNITS; u++) {
			if (!(answers >> u & 1))
				continue;
			if (found.expect(!unit[u].empty(), "an answer that nobody waits for")) {
				found.expect(dead || unit[u].front() == memory[u].front(),
					     "a beat that unit %u does not wait for", u);
				unit[u].pop_front();
			}
			found.expect(guard->r_bad_o == (dead || guard->rresp_i), "bad %d",
				     guard->r_bad_o);
			found.expect(guard->r_timeout_o == dead, "timeout %d", guard->r_timeout_o);
			passed += !dead;
			timeouts += dead;
		}
		if (send) {
			memory[which].pop_front();
			dropped += dead;
		}
		/* Addresses are the tags of their first beats. */
		if (guard->arvalid_o && guard->arready_i) {
			for (unsigned i = 0; i <= guard->arlen_o; i++)
				memory[unit_of(guard->arid_o)].push_back(guard->araddr_o + i);
			addresses++;
		}
		bool taken = guard->ar_valid_i && guard->ar_ready_o;
		found.expect(dead || taken == (guard->arvalid_o && guard->arready_i),
			     "alive, but not passed through");
		for (unsigned i = 0; taken && i <= guard->ar_len_i; i++)
			unit[unit_of(guard->ar_id_i)].push_back(guard->ar_addr_i + i);
		was_dead = dead;
		guard.step();
		if (taken)
			guard->ar_valid_i = 0;
	}

	void run(unsigned cycles, const Memory &m, unsigned ask_percent, size_t most = 512)
	{
		for (unsigned i = 0; i < cycles; i++) {
			ask(ask_percent, most);
			cycle(m);
		}
	}
};

static const Bench::Memory FAST = {100, 100, 0}, SLOW = {30, 50, 5}, SILENT = {100, 0, 0},
			   DEAF = {0, 100, 0}, GONE = {0, 0, 0};

int main()
{
	Tap tap;
	Bench b(7);

	b.run(20000, FAST, 100);
	b.found.expect(b.passed > 19900, "%llu beats in 20000 cycles",
		       (unsigned long long)b.passed);
	b.found.expect(!b.trips, "a trip");
	b.found.report(tap, "a memory that is always ready: a beat a cycle, none lost");

	b.run(50000, SLOW, 60);
	b.run(3000, FAST, 0);
	b.found.expect(!b.trips && !b.owed(), "%llu trips, %zu owed",
		       (unsigned long long)b.trips, b.owed());
	b.found.report(tap, "a slow memory: everything passes, nothing trips");

	/* It stops for ever with much owed; what is asked for later is answered too. */
	b.run(100, FAST, 100);
	b.run(100, SILENT, 100);
	size_t owed = b.owed();
	b.found.expect(owed > 200, "only %zu owed", owed);
	b.run(LIMIT + 2000, SILENT, 0);
	b.found.expect(b.trips == 1 && !b.owed(), "%llu trips, %zu owed",
		       (unsigned long long)b.trips, b.owed());
	uint64_t addresses = b.addresses;
	b.run(5000, SILENT, 20);
	b.run(2000, SILENT, 0);
	b.found.expect(!b.owed() && b.guard->dead_o, "%zu owed", b.owed());
	b.found.expect(b.addresses == addresses, "an address reached a dead memory");
	b.found.report(tap,
		       "a memory that stops for ever: all answered, late, and nothing more sent");

	b.restart();
	b.run(1000, FAST, 50);
	b.found.expect(!b.guard->dead_o && b.trips == 1, "dead after a reset");
	b.found.report(tap, "a reset brings the port back");

	/* No address is taken: the one on the bus stays there (an assertion watches it). */
	b.run(1000, FAST, 0);
	b.run(LIMIT + 2000, DEAF, 50);
	b.found.expect(b.trips == 2 && b.guard->arvalid_o, "%llu trips, arvalid %d",
		       (unsigned long long)b.trips, b.guard->arvalid_o);
	addresses = b.addresses;
	b.run(3000, FAST, 0);
	b.found.expect(b.addresses == addresses + 1, "%llu addresses",
		       (unsigned long long)(b.addresses - addresses));
	b.found.expect(!b.guard->dead_o, "still dead");
	b.run(3000, FAST, 50);
	b.found.report(tap,
		       "an address that is not taken waits on the bus, and its beats are dropped");

	/* Everything at random. */
	unsigned comebacks = 0;
	for (unsigned round = 0; round < 2000; round++) {
		static const Bench::Memory *const kinds[] = {&FAST, &SLOW, &SILENT, &DEAF, &GONE};
		const Bench::Memory &m = *kinds[b.rng() % 5];
		unsigned asks = b.rng() % 3 * 40 + 5;
		bool dead = b.guard->dead_o;

		b.run(b.rng() % (3 * LIMIT), m, asks);
		if (b.percent(5))
			b.restart();
		comebacks += dead && !b.guard->dead_o;
	}
	b.run(2 * LIMIT + 3000, FAST, 0);
	b.found.expect(!b.owed() && !b.guard->dead_o, "%zu owed, dead %d", b.owed(),
		       b.guard->dead_o);
	b.found.expect(b.trips > 50 && comebacks > 30 && b.dropped > 1000,
		       "%llu trips, %u comebacks, %llu dropped: the test is too weak",
		       (unsigned long long)b.trips, comebacks, (unsigned long long)b.dropped);
	b.found.report(tap, "memories that stop and come back at random: every beat answered once");
	printf("# %llu beats passed, %llu answered late, %llu dropped, %llu trips\n",
	       (unsigned long long)b.passed, (unsigned long long)b.timeouts,
	       (unsigned long long)b.dropped, (unsigned long long)b.trips);

	/* The most that may be owed: a unit that goes on asking is held, not forgotten. */
	b.restart();
	b.guard->limit_i = 2000;
	b.limit = 2000;
	b.run(1500, SILENT, 100, 100000);
	size_t most = 0;
	for (auto &unit : b.unit)
		most = std::max(most, unit.size());
	b.found.expect(most >= 4096 && most < 4096 + 64, "%zu owed", most);
	b.run(15000, SILENT, 0);
	b.found.expect(!b.owed(), "%zu owed", b.owed());
	b.found.report(tap, "units that ask without end: held at 4096 beats, all answered");

	b.restart();
	b.guard->limit_i = 0;
	b.run(5000, GONE, 10);
	b.found.expect(!b.guard->dead_o && b.guard->arvalid_o, "dead %d", b.guard->dead_o);
	b.run(3000, FAST, 0);
	b.found.expect(!b.owed(), "%zu owed", b.owed());
	b.found.report(tap, "limit 0: waits for ever");
	return tap.end();
}
