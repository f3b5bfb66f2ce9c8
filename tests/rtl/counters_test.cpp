// SPDX-License-Identifier: Apache-2.0
/*
 * Counters of jobs and of the device are as wide as the contract says, all the way into the
 * completion and the registers. No bench counts that far, so this one makes them great in mid-job;
 * its model lets it (coverage.mk).
 */
#include "Vtern_top.h"
#include "Vtern_top___024root.h"
#include "commands.h"
#include "tap.h"

static const uint64_t SQ = Dut::HOST_BASE, CQ = Dut::HOST_BASE + 0x8000;
static const uint64_t HOST_DATA = Dut::HOST_BASE + 0x100000;
static const uint64_t LITTLE = 1 << 17; /* more than is counted meanwhile */

static Tap tap;

#define TALLY(root, name) (root)->tern_top__DOT__u_account__DOT__##name##__DOT__count_q
#define TILE(root, n) TALLY(root, gen_tile__BRA__##n##__KET____DOT__u_tally)
#define TOTAL(root, name) (root)->tern_top__DOT__u_totals__DOT__##name##_q

struct Great {
	uint32_t tile[5], weights, x, copied, written, command, link;
	uint64_t adds, skipped, totals[10];

	explicit Great(Random &rng)
	{
		/* Sums of three stay below 2^32. */
		auto word = [&](unsigned bits) {
			return (uint32_t)((uint64_t)(rng.next() ^ rng.next() << 7) << 14 & ((1ull << bits) - 1));
		};
		auto wide = [&]() { return (uint64_t)rng.next() << 41 ^ (uint64_t)rng.next() << 14; };

		for (auto &t : tile)
			t = word(30);
		tile[1] = word(31);
		weights = word(31);
		x = word(30);
		copied = word(31);
		written = word(31);
		command = word(30);
		link = word(30);
		adds = wide();
		skipped = wide();
		for (auto &t : totals)
			t = wide();
	}

	void set(Vtern_top___024root *r) const
	{
		auto all = [](auto &ram, uint64_t value) {
			for (auto &slot : ram.m_storage)
				slot = value;
		};

		all(TILE(r, 0), tile[0]);
		all(TILE(r, 1), tile[1]);
		all(TILE(r, 2), tile[2]);
		all(TILE(r, 3), tile[3]);
		all(TILE(r, 4), tile[4]);
		all(TALLY(r, gen_weights__BRA__0__KET____DOT__u_tally), weights);
		all(TALLY(r, u_x), x);
		all(TALLY(r, u_c), copied);
		all(TALLY(r, u_written), written);
		all(TALLY(r, u_command), command);
		all(TALLY(r, u_link), link);
		all(TALLY(r, u_adds), adds);
		all(TALLY(r, u_skipped), skipped);
		TOTAL(r, cycles) = totals[0];
		TOTAL(r, array) = totals[1];
		TOTAL(r, stall_weights) = totals[2];
		TOTAL(r, stall_activations) = totals[3];
		TOTAL(r, stall_results) = totals[4];
		TOTAL(r, mem_read) = totals[5];
		TOTAL(r, mem_written) = totals[6];
		TOTAL(r, host_read) = totals[7];
		TOTAL(r, host_written) = totals[8];
		TOTAL(r, jobs) = totals[9];
	}
};

template <class T> static bool near(T got, T from, const char *what)
{
	bool good = (T)(got - from) < LITTLE;

	if (!good)
		printf("# %s: 0x%llx, from 0x%llx\n", what, (unsigned long long)got,
		       (unsigned long long)from);
	return good;
}

int main()
{
	static const uint32_t registers[] = {
		TERN_REG_COUNT_CYCLES, TERN_REG_COUNT_ARRAY, TERN_REG_COUNT_STALL_WEIGHTS,
		TERN_REG_COUNT_STALL_ACTIVATIONS, TERN_REG_COUNT_STALL_RESULTS, TERN_REG_COUNT_MEM_READ,
		TERN_REG_COUNT_MEM_WRITTEN, TERN_REG_COUNT_HOST_READ, TERN_REG_COUNT_HOST_WRITTEN,
		TERN_REG_COUNT_JOBS};
	Dut dut(1, 16 << 20, 4 << 20);
	const Gemm g = {130, 5000, 3, 0, 0, 0x800000, 0xa00000, 0, 5056, 576};
	bool jobs = true, totals = true;

	g.fill(dut, dut.rng);
	dut.device_on();
	dut.queue_on(0, 4, SQ, CQ);
	for (unsigned round = 0; round < 80; round++) {
		Great from(dut.rng);
		bool gemm = round & 1;
		uint8_t way = round >> 1 & 3;
		tern_hw_completion cpl = {};

		dut.put(0, gemm ? g.command(1) :
			   copy(2, way & 1, way & 1 ? HOST_DATA : 0x900000, way >> 1,
				way >> 1 ? HOST_DATA + 0x80000 : 0xb00000, 0x40000));
		dut.ring(0);
		dut.run(2500);
		from.set(dut.model().rootp);
		jobs &= dut.wait(0, cpl) && !cpl.status;
		dut.give_back(0);
		if (gemm) {
			jobs &= near(cpl.cycles, from.tile[0] + from.command, "cycles") &
				near(cpl.array, from.tile[1], "array") &
				near(cpl.stall_weights, from.tile[2], "stall_weights") &
				near(cpl.stall_activations, from.tile[3], "stall_activations") &
				near(cpl.stall_results, from.tile[4], "stall_results") &
				near(cpl.stall_commands, from.command, "stall_commands") &
				near(cpl.mem_read, from.weights + from.x, "mem_read") &
				near(cpl.mem_written, from.written, "mem_written") &
				(cpl.adds - from.adds < 1 << 21) &
				(cpl.adds_skipped - from.skipped < 1 << 21);
		} else {
			jobs &= near(cpl.cycles, from.link + from.command, "cycles") &
				near(cpl.stall_link, from.link, "stall_link") &
				near(way & 1 ? cpl.host_read : cpl.mem_read, from.copied, "read") &
				near(way >> 1 ? cpl.host_written : cpl.mem_written, from.written,
				     "written");
		}
		for (unsigned i = 0; i < 10; i++)
			totals &= near(dut.reg_read64(registers[i]), from.totals[i], "a total");
	}
	tap.ok(jobs, "a job's counters, from any value on");
	tap.ok(totals, "the device's totals, from any value on");
	return tap.end();
}
