// SPDX-License-Identifier: Apache-2.0
/*
 * tern_guard_wr between a writer like the device's (one burst after another) and memories that
 * answer, pause, stop for ever, come back late, or take nothing. The bench's memory keeps what was
 * written under strobes: it may only be what the writer sent.
 */
#include <algorithm>
#include <deque>

#include "Vtern_guard_wr.h"
#include "unit.h"

static const unsigned ID_A = 1, ID_B = 3, LIMIT = 200;	/* tern_pkg, cycles */

struct Bench {
	struct Memory {
		unsigned aw_percent, w_percent, b_percent, bad_percent;
	};
	struct Burst {
		unsigned id, len;
		uint64_t addr;
	};

	Unit<Vtern_guard_wr> guard;
	std::mt19937 rng;
	Finding found;

	/* The writer: its burst, the beats of it that were taken, what waits for an answer. */
	Burst burst{};
	bool open = false;
	unsigned sent = 0;
	unsigned owed[2] = {};

	/* The memory: the burst whose beats come, and those that wait for their answer. */
	Burst writing{};
	bool busy = false;
	unsigned got = 0;
	std::deque<unsigned> answers;

	uint64_t passed = 0, timeouts = 0, trips = 0, addresses = 0, masked = 0, silent = 0;
	unsigned limit = LIMIT;
	bool was_dead = false;

	explicit Bench(unsigned seed) : rng(seed) { restart(); }

	bool percent(unsigned p) { return rng() % 100 < p; }
	unsigned all_owed() const { return owed[0] + owed[1]; }

	void restart()
	{
		guard->limit_i = limit = LIMIT;
		guard->aw_valid_i = guard->w_valid_i = 0;
		guard->awready_i = guard->wready_i = guard->bvalid_i = 0;
		guard.reset();
		open = busy = was_dead = false;
		owed[0] = owed[1] = 0;
		answers.clear();
		silent = 0;
	}

	/* Data that only this beat has. */
	static uint32_t word(uint64_t addr, unsigned beat, unsigned i = 0)
	{
		return (uint32_t)(addr + beat) * 2654435761u + i * 0x01234567u;
	}

	void offer(unsigned aw_percent, unsigned w_percent, unsigned most)
	{
		if (!open && !guard->aw_valid_i && all_owed() < most && percent(aw_percent)) {
			burst.id = percent(30) ? ID_B : ID_A;
			burst.len = percent(30) ? 0 : rng() % 64;
			burst.addr = burst.addr * 6364136223846793005ull + 1442695040888963407ull;
			guard->aw_valid_i = 1;
			guard->aw_id_i = burst.id;
			guard->aw_len_i = burst.len;
			guard->aw_addr_i = burst.addr;
		}
		if (open && !guard->w_valid_i && percent(w_percent)) {
			guard->w_valid_i = 1;
			for (unsigned i = 0; i < 16; i++)
				guard->w_data_i[i] = word(burst.addr, sent, i);
			guard->w_strb_i = ~0ull;
			guard->w_last_i = sent == burst.len;
		}
	}

	void cycle(const Memory &m)
	{
		/* Answers of different ids may change places. */
		size_t which = answers.size() > 1 && answers[0] != answers[1] ? rng() % 2 : 0;
		bool answer = !answers.empty() && percent(m.b_percent);

		guard->bvalid_i = answer;
		guard->bid_i = answer ? answers[which] : rng() % 16;
		guard->bresp_i = percent(m.bad_percent) ? 2 : 0;
		guard->awready_i = percent(m.aw_percent);
		guard->wready_i = percent(m.w_percent);
		guard.settle();

		bool dead = guard->dead_o, a = guard->b_a_valid_o, b = guard->b_b_valid_o;

		trips += dead && !was_dead;
		if (dead && !was_dead)
			found.expect(silent == limit, "tripped after %llu cycles",
				     (unsigned long long)silent);
		if (!dead && was_dead)
			found.expect(answers.empty() && !busy,
				     "back with %zu answers owed, burst %d", answers.size(), busy);
		bool aw = guard->awvalid_o && guard->awready_i;
		bool w = guard->wvalid_o && guard->wready_i;
		if (dead)
			found.expect(a + b == (all_owed() != 0), "dead: %d answers, %u owed", a + b,
				     all_owed());
		else
			found.expect((a || b) == answer, "alive: %d answers, %d sent", a || b,
				     answer);
		bool waits = all_owed() || (guard->awvalid_o && !aw) || (guard->wvalid_o && !w);
		if (dead || answer || !waits)
			silent = 0;
		else
			silent++;
		if (a || b) {
			found.expect(owed[b] != 0, "an answer that nobody waits for");
			found.expect(dead || b == (answers[which] == ID_B), "id of an answer");
			owed[b]--;
			found.expect(guard->b_bad_o == (dead || guard->bresp_i), "bad %d",
				     guard->b_bad_o);
			found.expect(guard->b_timeout_o == dead, "timeout %d", guard->b_timeout_o);
			passed += !dead;
			timeouts += dead;
		}
		if (answer)
			answers.erase(answers.begin() + which);
		memory(aw, w);

		bool core_aw = guard->aw_valid_i && guard->aw_ready_o;
		bool core_w = guard->w_valid_i && guard->w_ready_o;
		if (!dead)
			found.expect(core_aw == aw && core_w == w, "alive, but not passed through");
		if (core_aw) {
			open = true;
			sent = 0;
		}
		if (core_w && sent++ == burst.len) {
			open = false;
			owed[burst.id == ID_B]++;
		}
		was_dead = dead;
		guard.step();
		if (core_aw)
			guard->aw_valid_i = 0;
		if (core_w)
			guard->w_valid_i = 0;
	}

	void memory(bool aw, bool w)
	{
		if (w) {
			found.expect(busy, "a beat without a burst");
			for (unsigned i = 0; i < 16 && guard->wstrb_o; i++)
				found.expect(guard->wdata_o[i] == word(writing.addr, got, i),
					     "burst %llx beat %u: wrong data",
					     (unsigned long long)writing.addr, got);
			masked += !guard->wstrb_o;
			found.expect(guard->wlast_o == (got == writing.len),
				     "last %d at beat %u of %u", guard->wlast_o, got,
				     writing.len + 1);
			if (got++ == writing.len) {
				busy = false;
				answers.push_back(writing.id);
			}
		}
		if (aw) {
			found.expect(!busy, "a burst inside another");
			writing = {guard->awid_o, guard->awlen_o, guard->awaddr_o};
			busy = true;
			got = 0;
			addresses++;
		}
	}

	void run(unsigned cycles, const Memory &m, unsigned aw_percent, unsigned w_percent = 80,
		 unsigned most = 64)
	{
		for (unsigned i = 0; i < cycles; i++) {
			offer(aw_percent, w_percent, most);
			cycle(m);
		}
	}
	/* Nothing new, until the writer's burst and its answers are through. */
	void finish(unsigned cycles, const Memory &m)
	{
		run(cycles, m, 0, 100);
		found.expect(!open && !all_owed(), "burst %d, %u answers owed", open, all_owed());
	}
};

static const Bench::Memory FAST = {100, 100, 100, 0}, SLOW = {20, 40, 30, 5},
			   NO_ADDRESS = {0, 100, 100, 0}, NO_DATA = {100, 0, 100, 0},
			   NO_ANSWER = {100, 100, 0, 0}, GONE = {0, 0, 0, 0};

int main()
{
	Tap tap;
	Bench b(11);

	b.run(20000, FAST, 100, 100);
	b.run(50000, SLOW, 60);
	b.finish(3000, FAST);
	b.found.expect(!b.trips && !b.timeouts && !b.masked, "%llu trips",
		       (unsigned long long)b.trips);
	b.found.report(tap, "memories that answer: everything passes in its cycle, nothing trips");

	static const struct {
		const char *what;
		const Bench::Memory *memory;
	} kinds[] = {{"addresses", &NO_ADDRESS}, {"data", &NO_DATA}, {"everything", &GONE}};
	for (auto &kind : kinds) {
		uint64_t trips = b.trips, timeouts = b.timeouts;
		b.run(2000, FAST, 50);
		b.run(3000, *kind.memory, 50);
		b.found.expect(b.trips == trips + 1 && b.timeouts > timeouts + 20,
			       "%llu trips, %llu late", (unsigned long long)(b.trips - trips),
			       (unsigned long long)(b.timeouts - timeouts));
		uint64_t addresses = b.addresses;
		b.finish(200, *kind.memory);
		b.run(1000, FAST, 0);
		b.found.expect(!b.guard->dead_o && b.addresses <= addresses + 1,
			       "dead %d, %llu addresses", b.guard->dead_o,
			       (unsigned long long)(b.addresses - addresses));
		char name[100];
		snprintf(name, sizeof(name),
			 "a memory that refuses %s: what stands on the bus waits", kind.what);
		b.found.report(tap, name);
	}

	/* Data flow on and on, and no answer comes. */
	uint64_t trips = b.trips;
	b.run(3 * LIMIT, NO_ANSWER, 100, 100, 100000);
	b.found.expect(b.trips == trips + 1, "no trip");
	b.finish(2000, NO_ANSWER);
	b.found.expect(b.guard->dead_o, "alive, with answers owed by the memory");
	b.run(1000, FAST, 0);
	b.found.expect(!b.guard->dead_o, "still dead");
	b.found.report(tap, "a memory that takes everything and answers nothing");

	b.run(500, FAST, 100);
	b.run(3 * LIMIT, GONE, 100);
	b.restart();
	b.run(1000, FAST, 100);
	b.found.expect(!b.guard->dead_o, "dead after a reset");
	b.finish(300, FAST);
	b.found.report(tap, "a reset brings the port back");

	unsigned comebacks = 0;
	for (unsigned round = 0; round < 3000; round++) {
		static const Bench::Memory *const all[] = {&FAST, &SLOW, &NO_ADDRESS, &NO_DATA,
							   &NO_ANSWER, &GONE};
		bool dead = b.guard->dead_o;

		b.run(b.rng() % (3 * LIMIT), *all[b.rng() % 6], b.rng() % 3 * 40 + 5,
		      b.rng() % 2 * 70 + 30);
		if (b.percent(3))
			b.restart();
		comebacks += dead && !b.guard->dead_o;
	}
	b.run(3 * LIMIT, FAST, 0);
	b.finish(500, FAST);
	b.found.expect(b.trips > 200 && comebacks > 100 && b.masked > 1000,
		       "%llu trips, %u comebacks, %llu masked: the test is too weak",
		       (unsigned long long)b.trips, comebacks, (unsigned long long)b.masked);
	b.found.report(tap,
		       "memories that stop and come back at random: every burst answered once");
	printf("# %llu bursts passed, %llu answered late, %llu beats masked, %llu trips\n",
	       (unsigned long long)b.passed, (unsigned long long)b.timeouts,
	       (unsigned long long)b.masked, (unsigned long long)b.trips);

	b.restart();
	b.guard->limit_i = b.limit = 1000000;
	b.run(500000, NO_ANSWER, 100, 100, 100000);
	b.found.expect(b.guard->aw_valid_i && std::max(b.owed[0], b.owed[1]) == 4096,
		       "not held: %u and %u owed", b.owed[0], b.owed[1]);
	b.finish(20000, FAST);
	b.found.report(tap, "a writer is held while it is owed 4096 answers");

	b.restart();
	b.guard->limit_i = 0;
	b.run(5000, GONE, 50);
	b.found.expect(!b.guard->dead_o && b.guard->awvalid_o, "dead %d", b.guard->dead_o);
	b.finish(500, FAST);
	b.found.report(tap, "limit 0: waits for ever");
	return tap.end();
}
