/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory behind one AXI4 master of tern_top: bytes, a latency, some
 * back-pressure from a seed, places that answer with an error, and the rules of
 * AXI that the master has to keep. A master may have more than one port to read
 * with; each has answers, and a pace, of its own.
 */
#ifndef AXI_MEMORY_H
#define AXI_MEMORY_H

#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <vector>

/* A small generator with a seed, the same everywhere. */
struct Random {
	uint64_t state;

	explicit Random(uint64_t seed) : state(seed * 2 + 1) {}
	uint32_t next()
	{
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		return (uint32_t)(state >> 33);
	}
	uint32_t below(uint32_t n) { return next() % n; }
	bool percent(uint32_t p) { return next() % 100 < p; }
};

/* One cycle's view of the master's outputs and of the slave's answers, writes and reads. */
struct AxiWriteOut {
	bool awvalid, wvalid, wlast;
	uint64_t awaddr, wstrb;
	uint8_t awlen, awid;
	const uint32_t *wdata;
};

struct AxiWriteIn {
	bool awready, wready, bvalid;
	uint8_t bid, bresp;
};

struct AxiReadOut {
	bool arvalid;
	uint64_t araddr;
	uint8_t arlen, arid;
};

struct AxiReadIn {
	bool arready, rvalid, rlast;
	uint8_t rid, rresp;
};

/* When the beats of a burst are there, in cycles. */
struct AxiTimes {
	double first, interval, last;
};

class AxiMemory {
public:
	AxiMemory(const char *name, uint64_t base, uint64_t size, unsigned read_ports = 1)
		: bytes(size), name_(name), base_(base), reads_(read_ports) {}

	std::vector<uint8_t> bytes;
	unsigned latency = 16;       /* cycles from an address to its first beat */
	unsigned jitter = 0;         /* up to so many more */
	unsigned idle_percent = 0;   /* chance that a channel isn't ready or has nothing */
	/* Wanted: a memory with times of its own, in place of latency and jitter. */
	std::function<AxiTimes(uint64_t now, uint64_t addr, unsigned bytes, bool write)> timing;
	unsigned outstanding = UINT32_MAX; /* bursts of reads that a port holds */
	/* What is written can be read when it is answered: until then AXI promises nothing. */
	bool late = false;
	/* Nothing is answered before these cycles. */
	uint64_t silent_reads = 0, silent_writes = 0;
	std::vector<std::pair<uint64_t, uint64_t>> bad_reads, bad_writes;
	std::string broken;          /* the first rule the master broke */
	uint64_t reads = 0, writes = 0;

	uint64_t base() const { return base_; }
	uint8_t *at(uint64_t addr) { return bytes.data() + (addr - base_); }

	/* The answers of this cycle; rdata goes straight to where the model wants it. */
	void drive(AxiWriteIn &in, Random &rng, uint64_t now);
	void drive(unsigned port, AxiReadIn &in, uint32_t *rdata, Random &rng, uint64_t now);
	/* What the clock edge makes of them. */
	void edge(const AxiWriteOut &out, const AxiWriteIn &in, Random &rng, uint64_t now);
	void edge(unsigned port, const AxiReadOut &out, const AxiReadIn &in, Random &rng,
		  uint64_t now);
	/* Soft reset: everything outstanding is dropped. */
	void drop();

private:
	struct Beat {
		uint64_t addr, strobes;
		uint8_t bytes[64];
	};
	struct Burst {
		uint64_t addr;
		unsigned beats;
		uint8_t id;
		double due;      /* the cycle of the next beat, or of the response */
		bool bad;
		double interval; /* from one beat to the next, if not every cycle */
		unsigned bytes;
		std::vector<Beat> late; /* written, and not yet to be seen */
	};

	const char *name_;
	uint64_t base_;
	std::vector<std::deque<Burst>> reads_; /* of each port */
	std::deque<Burst> bursts_, answers_;

	bool inside(uint64_t addr) const
	{
		return addr >= base_ && addr - base_ < bytes.size();
	}
	bool bad(const std::vector<std::pair<uint64_t, uint64_t>> &ranges, uint64_t addr) const
	{
		for (auto &r : ranges)
			if (addr >= r.first && addr < r.second)
				return true;
		return !inside(addr);
	}
	void rule(bool ok, const char *what, uint64_t addr);
	void keep(const Beat &beat);
	uint64_t when(Random &rng, uint64_t now) const
	{
		return now + latency + (jitter ? rng.below(jitter + 1) : 0);
	}
};

#endif /* AXI_MEMORY_H */
