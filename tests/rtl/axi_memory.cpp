// SPDX-License-Identifier: Apache-2.0
#include "axi_memory.h"

#include <cinttypes>
#include <cstdio>

static const unsigned BEAT = 64;

void AxiMemory::rule(bool ok, const char *what, uint64_t addr)
{
	if (ok || !broken.empty())
		return;
	char text[160];

	snprintf(text, sizeof(text), "%s: %s at 0x%" PRIx64, name_, what, addr);
	broken = text;
}

void AxiMemory::keep(const Beat &beat)
{
	for (unsigned i = 0; i < BEAT; i++)
		if (beat.strobes >> i & 1)
			at(beat.addr)[i] = beat.bytes[i];
}

void AxiMemory::drop()
{
	for (auto &reads : reads_)
		reads.clear();
	bursts_.clear();
	answers_.clear();
}

void AxiMemory::drive(AxiWriteIn &in, Random &rng, uint64_t now)
{
	bool lazy = idle_percent != 0;

	in.awready = !lazy || !rng.percent(idle_percent);
	in.wready = !lazy || !rng.percent(idle_percent);
	in.bvalid = false;
	if (!answers_.empty() && answers_.front().due <= now && now >= silent_writes) {
		in.bvalid = true;
		in.bid = answers_.front().id;
		in.bresp = answers_.front().bad ? 2 : 0;
	}
}

void AxiMemory::drive(unsigned port, AxiReadIn &in, uint32_t *rdata, Random &rng, uint64_t now)
{
	bool lazy = idle_percent != 0;
	auto &reads = reads_[port];

	in.arready = reads.size() < outstanding && (!lazy || !rng.percent(idle_percent));
	in.rvalid = false;
	if (!reads.empty() && reads.front().due <= now && now >= silent_reads &&
	    (!lazy || !rng.percent(idle_percent))) {
		const Burst &b = reads.front();
		bool error = bad(bad_reads, b.addr);

		in.rvalid = true;
		in.rid = b.id;
		in.rlast = b.beats == 1;
		in.rresp = error ? 2 : 0;
		if (inside(b.addr))
			memcpy(rdata, at(b.addr), BEAT);
		else
			memset(rdata, 0xff, BEAT);
	}
}

void AxiMemory::edge(unsigned port, const AxiReadOut &out, const AxiReadIn &in, Random &rng,
		     uint64_t now)
{
	auto &list = reads_[port];

	if (in.rvalid) {
		Burst &b = list.front();

		reads++;
		b.addr += BEAT;
		b.due += b.interval;
		if (--b.beats == 0)
			list.pop_front();
	}
	if (out.arvalid && in.arready) {
		unsigned beats = out.arlen + 1u;

		rule(out.araddr % BEAT == 0, "misaligned AR", out.araddr);
		rule(out.araddr / 4096 == (out.araddr + beats * BEAT - 1) / 4096,
		     "AR crosses 4 KiB", out.araddr);
		Burst b = {out.araddr, beats, out.arid, 0, false, 0, beats * BEAT, {}};

		if (timing) {
			AxiTimes times = timing(now, b.addr, b.bytes, false);

			b.due = times.first;
			b.interval = times.interval;
		} else {
			b.due = (double)when(rng, now);
		}
		list.push_back(b);
	}
}

void AxiMemory::edge(const AxiWriteOut &out, const AxiWriteIn &in, Random &rng, uint64_t now)
{
	if (in.bvalid) {
		for (auto &beat : answers_.front().late)
			keep(beat);
		answers_.pop_front();
	}
	if (out.awvalid && in.awready) {
		unsigned beats = out.awlen + 1u;

		rule(out.awaddr % BEAT == 0, "misaligned AW", out.awaddr);
		rule(out.awaddr / 4096 == (out.awaddr + beats * BEAT - 1) / 4096,
		     "AW crosses 4 KiB", out.awaddr);
		bursts_.push_back({out.awaddr, beats, out.awid, 0, false, 0, beats * BEAT, {}});
	}
	if (out.wvalid && in.wready) {
		rule(!bursts_.empty(), "W without AW", 0);
		if (bursts_.empty())
			return;
		Burst &b = bursts_.front();
		bool error = bad(bad_writes, b.addr);

		writes++;
		rule(out.wlast == (b.beats == 1), "WLAST at the wrong beat", b.addr);
		if (!error) {
			Beat beat = {b.addr, out.wstrb, {}};

			memcpy(beat.bytes, out.wdata, BEAT);
			if (late)
				b.late.push_back(beat);
			else
				keep(beat);
		}
		b.bad |= error;
		b.addr += BEAT;
		if (--b.beats == 0) {
			b.due = timing ? timing(now, b.addr - b.bytes, b.bytes, true).last :
					 (double)when(rng, now);
			answers_.push_back(std::move(b));
			bursts_.pop_front();
		}
	}
}
