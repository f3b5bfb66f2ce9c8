// SPDX-License-Identifier: Apache-2.0
/*
 * The DRAM's time against traces computed by hand from the standards' parameters,
 * and the bandwidth that the presets reach.
 */
#include "sim_cmocka.h"

#include <deque>
#include <vector>

#include "memory/dram.h"
#include "platform/config.h"

using namespace tern;

/* HBM2's times on one channel of 16 bytes a ns: a beat takes 4 ns, a row has 1 KiB. */
static dram_parameters one_channel(unsigned banks)
{
	dram_parameters p;

	p.bytes_per_ns = 16;
	p.latency_ns = 0;
	p.banks = banks;
	p.row_bytes = 1024;
	p.t_rcd_ns = 14;
	p.t_rp_ns = 14;
	p.t_ras_ns = 34;
	p.t_rrd_ns = 6;
	p.t_faw_ns = 40;
	p.t_cl_ns = 14;
	p.t_cwl_ns = 4;
	p.t_rtp_ns = 6;
	p.t_wr_ns = 16;
	p.t_wtr_ns = 8;
	p.t_rtw_ns = 2;
	return p;
}

static void is(beat_times t, std::uint64_t first_ns, std::uint64_t interval_ns,
	       std::uint64_t last_ns)
{
	assert_int_equal(t.first_ps, first_ns * 1000);
	assert_int_equal(t.interval_ps, interval_ns * 1000);
	assert_int_equal(t.last_ps, last_ns * 1000);
}

/*
 * Commands and data, in ns, all asked for at 0. Bank 0 is row 0 at 0 and, with four
 * banks, row 1 at 6 KiB.
 *
 *   ACT 0  RD 14 .. 26     data 28 .. 44    256 bytes
 *          RD 30 .. 42     data 44 .. 60    the row is open
 *   ACT 6  (bank 1)        data 60 .. 76    opened while bank 0 streams: no gap
 *   PRE 52 = last RD 46 + tRTP, ACT 66, RD 80, data 94 .. 110
 *          WR 108          data 112 .. 128  tRTW after the read data
 *          RD 136          data 150 .. 154  tWTR after the written data
 */
static void golden_trace(void **)
{
	dram d(one_channel(4));

	is(d.take(0, 0, 256, false), 32, 4, 44);
	is(d.take(0, 256, 256, false), 48, 4, 60);
	is(d.take(0, 1024, 256, false), 64, 4, 76);
	is(d.take(0, 6144, 256, false), 98, 4, 110);
	is(d.take(0, 6144, 256, true), 116, 4, 128);
	is(d.take(0, 6400, 64, false), 154, 0, 154);
	assert_int_equal(d.stats.row_hits, 3);
	assert_int_equal(d.stats.row_misses, 3);
	assert_int_equal(d.stats.turnarounds, 2);
	assert_int_equal(d.busy_ps(), (5 * 16 + 4) * 1000);
}

/* Activates at 0, 6, 12, 18, and the fifth at tFAW. Of a ninth: 4 * 6 = 24 after 80. */
static void four_activates(void **)
{
	dram d(one_channel(8));

	for (unsigned i = 0; i < 4; i++)
		is(d.take(0, i * 1024, 64, false), 32 + 6 * i, 0, 32 + 6 * i);
	is(d.take(0, 4096, 64, false), 72, 0, 72);
	is(d.take(0, 5120, 64, false), 78, 0, 78);
	is(d.take(0, 6144, 64, false), 84, 0, 84);
	is(d.take(0, 7168, 64, false), 90, 0, 90);
}

/* A beat of another row each time, banks in turn: tFAW for every four of them. */
static void many_bank_rows(void **)
{
	dram_parameters p = one_channel(8);

	p.t_ras_ns = 20;	/* so that a bank is no limit */

	dram d(p);

	for (unsigned i = 0; i < 800; i++) {
		const unsigned at = 40 * (i / 4) + 6 * (i % 4) + 32;

		is(d.take(0, i * 1024, 64, false), at, 0, at);
	}
	assert_int_equal(d.stats.row_misses, 800);
}

/* A beat of another row of the one bank each time: tRAS + tRP apart. */
static void same_bank_rows(void **)
{
	dram d(one_channel(1));

	for (unsigned i = 0; i < 100; i++)
		is(d.take(0, i * 1024, 64, false), 32 + 48 * i, 0, 32 + 48 * i);
}

/* Write, tWTR + CL, read, tRTW: 4 + 22 + 4 + 2 ns for two beats. */
static void turns(void **)
{
	dram d(one_channel(4));

	is(d.take(0, 0, 64, true), 22, 0, 22);	/* tRCD, tCWL, 4 ns */
	for (unsigned i = 0; i < 100; i++) {
		const unsigned at = 22 + 32 * i;

		is(d.take(0, 64, 64, false), at + 26, 0, at + 26);
		is(d.take(0, 0, 64, true), at + 32, 0, at + 32);
	}
}

/* Two channels side by side: a burst over both takes half the time. */
static void interleaved_channels(void **)
{
	dram_parameters p = one_channel(4);

	p.channels = 2;		/* 8 bytes a ns each */

	dram d(p);
	beat_times t = d.take(0, 0, 2048, false);

	/*
	 * Each has 1 KiB from 28 on. Chunks of 256 bytes end at 60, 92, 124, 156 on both: beat 0
	 * is there at 36, beats 27 and 31 at 156. A line over 120 ns for 31 beats is at 27
	 * when beat 27 is there.
	 */
	assert_int_equal(t.interval_ps, 120000 / 31);
	assert_int_equal(t.first_ps, 156000 - 27 * (120000 / 31));
	assert_int_equal(t.last_ps, 156000 + 4 * (120000 / 31));
	/* One channel only. */
	is(d.take(1000000, 0, 256, false), 1014 + 8, 8, 1014 + 32);
	is(d.take(1000000, 256, 256, false), 1014 + 8, 8, 1014 + 32);
}

static dram_parameters refreshed(bool per_bank)
{
	dram_parameters p = one_channel(2);

	p.t_refi_ns = 1000;
	p.t_rfc_ns = 100;
	p.per_bank_refresh = per_bank;
	return p;
}

/* Bank 0 is due at 500, 1500, ..., bank 1 at 1000, 2000, ... */
static void refresh_of_a_bank(void **)
{
	dram d(refreshed(true));

	is(d.take(400000, 0, 64, false), 432, 0, 432);
	/* Nobody wanted bank 0, so it has been closed at 500; it is free at 614 = PRE + tRFC. */
	is(d.take(550000, 0, 64, false), 600 + 32, 0, 600 + 32);
	assert_int_equal(d.stats.refresh_waits, 1);
	/* Bank 1 does not notice. */
	is(d.take(550000, 1024, 64, false), 550 + 32, 0, 550 + 32);
	/* Long after, all of them are past. */
	is(d.take(50200000, 1024, 64, false), 50232, 0, 50232);
	assert_int_equal(d.stats.refresh_waits, 1);
	assert_int_equal(d.stats.refreshes, 1 + 50);
}

/* A bank that is wanted all the time owes refreshes, but no more than allowed. */
static void refresh_postponed(void **)
{
	dram_parameters p = refreshed(true);
	std::uint64_t last = 0;

	p.refresh_postponed = 3;

	dram d(p);

	/* 1 KiB of one row takes 64 ns; the queue is never empty. */
	while (last < 3500000) {
		last = d.take(last > 200000 ? last - 200000 : 0, 0, 1024, false).last_ps;
		if (last < 3400000)
			assert_int_equal(d.stats.refreshes, 0);
	}
	while (last < 100000000)
		last = d.take(last - 200000, 0, 1024, false).last_ps;
	assert_in_range(d.stats.refreshes, 96, 97);
	assert_int_equal(d.stats.refresh_waits, d.stats.refreshes);
}

/* All banks at once, every 1000: the row is precharged, tRFC later it can be opened. */
static void refresh_of_all(void **)
{
	dram d(refreshed(false));

	is(d.take(900000, 0, 64, false), 932, 0, 932);
	is(d.take(990000, 64, 64, false), 1008, 0, 1008);	/* asked for before */
	is(d.take(1050000, 0, 64, false), 1000 + 14 + 100 + 32, 0, 1000 + 14 + 100 + 32);
	is(d.take(7500000, 0, 64, false), 7532, 0, 7532);
	assert_int_equal(d.stats.refreshes, 7);
}

/* Bytes a ns of a master with so many bursts of 4 KiB in flight, of the peak's. */
static double use_of(const dram_parameters &p, unsigned outstanding, unsigned streams,
		     unsigned write_every)
{
	dram d(p);
	std::deque<std::uint64_t> pending;
	const unsigned bursts = 20000;
	std::uint64_t now = 0, last = 0;

	for (unsigned i = 0; i < bursts; i++) {
		const std::uint64_t at = (i % streams) * 0x1003000ull + i / streams * 4096;

		if (pending.size() == outstanding) {
			now = std::max(now, pending.front());
			pending.pop_front();
		}
		last = d.take(now, at, 4096, write_every && i % write_every == 0).last_ps;
		pending.push_back(last);
	}
	return bursts * 4096.0 / (last * 1e-3) / p.bytes_per_ns;
}

/* A second stream, `distance` behind the first: often both want the same bank. */
static double use_of_two(const dram_parameters &p, std::uint64_t distance)
{
	dram d(p);
	std::deque<std::uint64_t> pending;
	std::uint64_t now = 0, last = 0;

	for (unsigned i = 0; i < 2000; i++) {
		if (pending.size() == 32) {
			now = std::max(now, pending.front());
			pending.pop_front();
		}

		const std::uint64_t at = i % 2 * distance + i / 2 * 4096;

		pending.push_back(d.take(now, at, 4096, false).last_ps);
		last = std::max(last, pending.back());
	}
	return 2000 * 4096.0 / (last * 1e-3) / p.bytes_per_ns;
}

/* A burst whose row is open goes ahead of one that waits for a bank. */
static void two_streams(void **)
{
	for (const char *name : { "hbm2e", "lpddr4x", "lpddr5" }) {
		config c;
		double least = 1, sum = 0;

		config_apply_override(c, std::string("memory.preset=") + name);
		for (unsigned pages = 1; pages <= 512; pages++) {
			const double use = use_of_two(c.dram(), pages * 4096ull);

			least = std::min(least, use);
			sum += use;
		}
		print_message("# %s, two streams: least %.4f, mean %.4f\n", name, least, sum / 512);
		assert_true(least >= 0.95);
	}
}

/*
 * While bank 0 waits for its second row, others have the bus: PRE 40 (tRAS after ACT 6),
 * ACT 54, RD 68, data 82 .. 86, and nothing from 38 on.
 */
static void gaps(void **)
{
	dram d(one_channel(4));

	is(d.take(0, 1024, 64, false), 32, 0, 32);	/* bank 1, open from now on */
	is(d.take(0, 0, 64, false), 38, 0, 38);		/* bank 0 */
	is(d.take(0, 6144, 64, false), 86, 0, 86);	/* PRE 40, ACT 54, RD 68, data 82 */
	is(d.take(0, 1088, 64, false), 40, 0, 40);	/* data 32 .. 34, 38 .. 40 */
	is(d.take(0, 1088, 960, false), 48, 4, 104);	/* 42 ns fit, 18 don't */
}

/* Refresh and row misses are hidden behind a stream, as a controller hides them. */
static void presets_stream(void **)
{
	for (const std::string &name : config_preset_names("memory")) {
		config c;

		config_apply_override(c, "memory.preset=" + name);
		config_check(c);

		const double one = use_of(c.dram(), 16, 1, 0);
		const double two = use_of(c.dram(), 32, 2, 0);
		const double mixed = use_of(c.dram(), 16, 1, 4);

		print_message("# %s: sequential %.4f, two streams %.4f, a quarter writes %.4f\n",
			      name.c_str(), one, two, mixed);
		assert_true(one >= 0.95 && one <= 1);
		assert_true(two >= 0.95 && two <= 1);
		assert_true(mixed >= 0.5 && mixed <= 1);
	}
}

/* If all banks are refreshed at once, what is left is 1 - (tRFC + tRP + tRCD + CL) / tREFI. */
static void all_bank_refresh_costs(void **)
{
	config c;

	config_apply_override(c, "memory.preset=lpddr4x");
	config_apply_override(c, "memory.per_bank_refresh=false");
	config_apply_override(c, "memory.t_rfc_ns=280");

	const double use = use_of(c.dram(), 16, 1, 0);

	print_message("# all banks at once: %.4f\n", use);
	assert_true(use > 0.90 && use < 0.93);
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(golden_trace),
		cmocka_unit_test(four_activates),
		cmocka_unit_test(many_bank_rows),
		cmocka_unit_test(same_bank_rows),
		cmocka_unit_test(turns),
		cmocka_unit_test(interleaved_channels),
		cmocka_unit_test(refresh_of_a_bank),
		cmocka_unit_test(refresh_postponed),
		cmocka_unit_test(refresh_of_all),
		cmocka_unit_test(gaps),
		cmocka_unit_test(two_streams),
		cmocka_unit_test(presets_stream),
		cmocka_unit_test(all_bank_refresh_costs),
	};

	return SIM_RUN(tests);
}
