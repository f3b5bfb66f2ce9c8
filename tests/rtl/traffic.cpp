// SPDX-License-Identifier: Apache-2.0
#include "traffic.h"

#include <algorithm>

#include "commands.h"

static const uint64_t W_POOL = 0, W_POOL_END = 3 << 20, MEM_ARENAS = 3 << 20, MEM_POOL = 4 << 20;
static const uint64_t HOST_ARENAS = 256 << 10, HOST_POOL = 768 << 10, POOL_BYTES = 1 << 20;
/* Beats of weights that one job may take, so that none takes for ever. */
static const uint64_t JOB_BEATS = 20000;

#define CONFIG(name, hash, lanes, streams, cols, queues, k_tile, rows_tile) \
	{hash, streams, rows_tile},
Device::Device(Dut &dut)
{
	static const struct {
		uint32_t hash;
		unsigned streams, rows_tile;
	} configs[] = {TERN_CONFIGS(CONFIG)};
	uint32_t array = dut.reg_read(TERN_REG_ARRAY), hash = dut.reg_read(TERN_REG_CONFIG_HASH);

	lanes = (array & TERN_ARRAY_LANES_MASK) >> TERN_ARRAY_LANES_SHIFT;
	cols = (array & TERN_ARRAY_COLS_MASK) >> TERN_ARRAY_COLS_SHIFT;
	queues = (dut.reg_read(TERN_REG_QUEUES) & TERN_QUEUES_COUNT_MASK) >> TERN_QUEUES_COUNT_SHIFT;
	k_tile = dut.reg_read(TERN_REG_K_TILE);
	b5 = dut.reg_read(TERN_REG_CAPS) & TERN_CAPS_B5;
	streams = rows_tile = 0;
	for (auto &c : configs) {
		if (c.hash == hash) {
			streams = c.streams;
			rows_tile = c.rows_tile;
		}
	}
}

uint64_t Traffic::pool(unsigned space) const
{
	return space ? dut_.host.base() + HOST_POOL : dut_.mem.base() + MEM_POOL;
}

uint64_t Traffic::arena(unsigned q, unsigned space) const
{
	return (space ? dut_.host.base() + HOST_ARENAS : dut_.mem.base() + MEM_ARENAS) +
	       q * arena_bytes(space);
}

Traffic::Traffic(Dut &dut, const Device &device, Random &rng, bool errors)
	: dut_(dut), device_(device), rng_(rng)
{
	uint64_t end = dut.mem.base() + W_POOL_END;

	for (AxiMemory *m : {&dut.mem, &dut.host}) {
		for (size_t i = 0; i < m->bytes.size(); i += 4) {
			uint32_t word = rng.next() ^ rng.next() << 16;

			memcpy(&m->bytes[i], &word, 4);
		}
	}
	/* The most negative of activations, for the greatest sums. */
	for (unsigned space : {0, 1})
		memset((space ? dut.host : dut.mem).at(pool(space) + POOL_BYTES / 2), 0x80, 96 << 10);
	results_.k = TERN_P2_TRITS_A_BEAT;
	results_.packing = TERN_PACKING_P2;
	results_.row_bytes = TERN_BEAT_BYTES;
	for (uint64_t addr = dut.mem.base() + W_POOL; matrices_.size() < 12;)
		add_matrix(addr, end);
	if (!errors)
		return;
	/* One line of each kind of place. */
	auto line = [&](uint64_t from, uint64_t bytes) {
		uint64_t addr = from + rng.below((uint32_t)(bytes / 64)) * 64;

		return std::pair<uint64_t, uint64_t>(addr, addr + 64);
	};
	dut.mem.bad_reads.push_back(line(dut.mem.base() + W_POOL, W_POOL_END - W_POOL));
	dut.mem.bad_reads.push_back(line(pool(0), POOL_BYTES));
	dut.host.bad_reads.push_back(line(pool(1), POOL_BYTES));
	for (unsigned space : {0, 1}) {
		unsigned q = rng.below(device.queues);

		(space ? dut.host : dut.mem).bad_writes.push_back(line(arena(q, space), 0x4000));
	}
}

uint32_t Traffic::pick_k()
{
	static const uint32_t hurt[] = {1, 63, 64, 65, 255, 256, 257, 319, 320, 321, 640, 1279, 1280,
					1281, 5460, 8640, 16384, 16385, 40000};

	switch (rng_.below(8)) {
	case 0:
		return device_.k_tile - 1 + rng_.below(3);
	case 1:
		return 1 + rng_.below(3 * device_.k_tile / 2);
	case 2:
	case 3:
	case 4:
		return hurt[rng_.below(sizeof(hurt) / sizeof(*hurt))];
	default:
		return 1 + rng_.below(2000);
	}
}

/* B5 by the contract's words: digit i % 5 of byte i / 5 is the trit + 1. */
static void pack_b5(const std::vector<int8_t> &trits, uint8_t *row, size_t bytes)
{
	static const unsigned weights[] = {1, 3, 9, 27, 81};

	memset(row, 1 + 3 + 9 + 27 + 81, bytes);
	for (size_t i = 0; i < trits.size(); i++)
		row[i / TERN_B5_TRITS_A_BYTE] = (uint8_t)(row[i / TERN_B5_TRITS_A_BYTE] +
			trits[i] * (int)weights[i % TERN_B5_TRITS_A_BYTE]);
}

void Traffic::add_matrix(uint64_t &addr, uint64_t end)
{
	static const unsigned zeros[] = {0, 0, 33, 33, 50, 96};
	Matrix m = {};

	m.k = pick_k();
	m.packing = device_.b5 && rng_.percent(40) ? TERN_PACKING_B5 : TERN_PACKING_P2;
	uint32_t per_beat = m.packing == TERN_PACKING_B5 ? TERN_B5_TRITS_A_BEAT : TERN_P2_TRITS_A_BEAT;

	m.row_bytes = (m.k + per_beat - 1) / per_beat * (size_t)TERN_BEAT_BYTES;
	uint64_t most = std::min<uint64_t>(JOB_BEATS / 8 * 64, (end - addr) / 2) / m.row_bytes;

	m.n = (uint32_t)std::max<uint64_t>(1, std::min<uint64_t>(most, 2 * device_.rows_tile + 3));
	m.addr = addr;
	m.p2.resize(m.n * tern_p2_row_bytes(m.k));
	m.nonzeros.push_back(0);

	unsigned zero = zeros[rng_.below(6)];
	bool worst = rng_.percent(10);
	std::vector<int8_t> trits(m.k);

	for (uint32_t row = 0; row < m.n; row++) {
		uint8_t *p2 = m.p2.data() + row * tern_p2_row_bytes(m.k);
		uint8_t *real = dut_.mem.at(addr + row * m.row_bytes);
		uint64_t count = 0;

		for (auto &trit : trits) {
			trit = worst ? -1 : rng_.percent(zero) ? 0 : rng_.below(2) ? 1 : -1;
			count += trit != 0;
		}
		m.nonzeros.push_back(m.nonzeros.back() + count);
		tern_p2_pack_row(trits.data(), m.k, p2);
		if (m.packing == TERN_PACKING_B5)
			pack_b5(trits, real, m.row_bytes);
		else
			memcpy(real, p2, m.row_bytes);
	}
	addr += m.n * m.row_bytes + 64 * rng_.below(3);
	matrices_.push_back(std::move(m));
}

/* Where to read: what nobody writes, or what this queue wrote. */
uint64_t Traffic::source(unsigned q, uint8_t &space, uint64_t bytes)
{
	const Last &last = last_[q][rng_.below(3)];

	if (last.any && last.bytes >= bytes && rng_.percent(50)) {
		space = last.space;
		return last.addr;
	}
	space = (uint8_t)rng_.below(2);
	if (bytes <= arena_bytes(space) / 2 && rng_.percent(20))
		return arena(q, space) + 64 * rng_.below((uint32_t)(arena_bytes(space) - bytes) / 64 + 1);
	/* Up to the very end of memory. */
	uint32_t lines = (uint32_t)(POOL_BYTES - round64((uint32_t)bytes)) / 64;

	return pool(space) + 64ull * (rng_.percent(10) ? lines : rng_.below(lines + 1));
}

/* Few places, so that commands meet what others before them wrote. */
uint64_t Traffic::target(unsigned q, uint8_t &space, uint64_t bytes)
{
	const Last &last = last_[q][0];

	/* Also over what the one before writes, which has to be done with it. */
	if (last.any && rng_.percent(25) &&
	    last.addr + bytes <= arena(q, last.space) + arena_bytes(last.space)) {
		space = last.space;
		return last.addr;
	}
	space = (uint8_t)rng_.below(2);
	if (bytes > arena_bytes(space))
		space = TERN_SPACE_MEM;
	uint32_t lines = (uint32_t)(arena_bytes(space) - bytes) / 64;

	return arena(q, space) + 64ull * rng_.below(std::min(lines, rng_.percent(70) ? 64u : ~0u) + 1);
}

/* A command that reads what it writes itself has no one result. */
bool Traffic::overlap(const tern_hw_command &cmd, const Matrix *w) const
{
	struct Range {
		unsigned space;
		uint64_t start, end;
	};
	std::vector<Range> reads, writes;
	bool found = false;

	touched(cmd, w, [&](unsigned space, uint64_t addr, uint64_t bytes, bool write) {
		(write ? writes : reads).push_back({space, addr & ~63ull, addr + bytes});
	});
	for (auto &r : reads)
		for (auto &x : writes)
			found |= r.space == x.space && r.start < x.end && x.start < r.end;
	return found;
}

void Traffic::spread(const Job &job, unsigned q)
{
	const tern_hw_command &cmd = job.cmd;
	uint64_t bytes = cmd.opcode == TERN_HW_OP_GEMM ? 4ull * cmd.n : cmd.length;

	if (!bytes)
		return;
	last_[q][2] = last_[q][1];
	last_[q][1] = last_[q][0];
	last_[q][0] = {true, cmd.dst_space, cmd.dst, bytes};
}

Job Traffic::gemm(unsigned q, const Matrix *w)
{
	Job job = {nop(0, TERN_HW_OP_GEMM), 0, w, 0};
	tern_hw_command &cmd = job.cmd;
	const uint32_t edges[] = {1, w->n, device_.rows_tile - 1, device_.rows_tile,
				  device_.rows_tile + 1, 1 + rng_.below(w->n), 1 + rng_.below(w->n)};

	do {
		cmd.n = std::min(w->n, edges[rng_.below(7)]);
		job.row = rng_.below(w->n - cmd.n + 1);
		cmd.k = w->k;
		cmd.packing = w->packing;
		cmd.weights = w->addr + job.row * w->row_bytes;
		uint64_t beats = cmd.n * (w->row_bytes / 64);
		uint32_t passes = (uint32_t)std::min<uint64_t>(17, JOB_BEATS / beats * device_.cols);

		cmd.t = 1 + rng_.below(std::max(1u, passes));
		if (rng_.percent(40))
			cmd.t = 1;
		cmd.src_stride = round64(cmd.k) + 64 * rng_.below(3);
		cmd.dst_stride = round64(4 * cmd.n) + 64 * rng_.below(3);
		cmd.src = source(q, cmd.src_space, (uint64_t)cmd.src_stride * (cmd.t - 1) + cmd.k);
		cmd.dst = target(q, cmd.dst_space, (uint64_t)cmd.dst_stride * cmd.t);
	} while (overlap(cmd, w));
	return job;
}

Job Traffic::good(unsigned q)
{
	const Matrix *w = nullptr;
	Job job = {};
	tern_hw_command &cmd = job.cmd;
	uint32_t kind = rng_.below(100);

	const Last &last = last_[q][rng_.below(3)];

	if (kind < 6 && last.any && last.space == TERN_SPACE_MEM && last.bytes >= TERN_BEAT_BYTES) {
		/* Any bytes are weights, as long as there is no padding. */
		w = &results_;
		job = {nop(0, TERN_HW_OP_GEMM), 0, w, 0};
		cmd.n = 1 + rng_.below((uint32_t)std::min<uint64_t>(last.bytes / TERN_BEAT_BYTES, 70));
		cmd.k = w->k;
		cmd.t = 1 + rng_.below(3);
		cmd.weights = last.addr;
		cmd.src_stride = w->k;
		cmd.dst_stride = round64(4 * cmd.n);
		do {
			cmd.src = source(q, cmd.src_space, cmd.t * cmd.src_stride);
			cmd.dst = target(q, cmd.dst_space, cmd.t * cmd.dst_stride);
		} while (overlap(cmd, w));
	} else if (kind < 45) {
		auto m = matrices_.begin();

		std::advance(m, rng_.below((uint32_t)matrices_.size()));
		w = &*m;
		job = gemm(q, w);
		/* The same with weights that the command before it brings. */
		uint64_t bytes = cmd.n * w->row_bytes;
		if (bytes <= arena_bytes(TERN_SPACE_MEM) / 4 && rng_.percent(25)) {
			Job use = job;
			uint8_t space = TERN_SPACE_HOST;

			while (space != TERN_SPACE_MEM)
				use.cmd.weights = target(q, space, bytes);
			cmd = copy(0, TERN_SPACE_MEM, use.cmd.src, space, use.cmd.weights, bytes);
			cmd.src = w->addr + job.row * w->row_bytes;
			if (!overlap(use.cmd, w) && !overlap(cmd, w))
				planned_[q].push_back(use);
			job.w = nullptr;
		}
	} else if (kind < 70) {
		cmd = nop(0, TERN_HW_OP_COPY);
		do {
			cmd.length = 1 + rng_.below(rng_.percent(80) ? 3000 : 40000);
			cmd.src = source(q, cmd.src_space, cmd.length);
			cmd.dst = target(q, cmd.dst_space, cmd.length);
		} while (overlap(cmd, w));
	} else if (kind < 85) {
		cmd = nop(0, TERN_HW_OP_FILL);
		cmd.length = 4 + 4 * rng_.below(rng_.percent(80) ? 800 : 10000);
		cmd.dst = target(q, cmd.dst_space, cmd.length);
		cmd.pattern = rng_.next() ^ rng_.next() << 16;
	} else {
		cmd = nop(0, kind < 95 ? TERN_HW_OP_NOP : TERN_HW_OP_BARRIER);
	}
	return job;
}

/* One thing wrong, so that there is one status for it. */
Job Traffic::wrong(unsigned q)
{
	struct Wrong {
		unsigned ops, status;
		std::function<void(tern_hw_command &)> change;
	};
	static const unsigned COPY = 1 << TERN_HW_OP_COPY, FILL = 1 << TERN_HW_OP_FILL,
		GEMM = 1 << TERN_HW_OP_GEMM, ALL = ~0u;
	using Cmd = tern_hw_command &;
	const uint32_t r = rng_.next();
	const uint64_t mem_end = dut_.mem.base() + dut_.mem.bytes.size();
	const Wrong list[] = {
		{ALL, TERN_STATUS_BAD_OPCODE, [=](Cmd c) { c.opcode = (uint8_t)(5 + r % 251); }},
		{ALL, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.flags |= (uint8_t)(2 << r % 7); }},
		{ALL, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.reserved_07[0] = (uint8_t)(1 << r % 8); }},
		{ALL & ~GEMM, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.n = 1u << r % 32; }},
		{ALL & ~GEMM, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.k = 1u << r % 32; }},
		{ALL & ~GEMM, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.weights = 1ull << r % 64; }},
		{ALL & ~GEMM, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.src_stride = 1u << r % 32; }},
		{ALL & ~FILL, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.pattern = 1u << r % 32; }},
		{GEMM, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.length = 1ull << r % 64; }},
		{GEMM, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.packing = (uint8_t)(2 << r % 7); }},
		{GEMM, TERN_STATUS_BAD_FIELD, [](Cmd c) { c.n = 0; }},
		{GEMM, TERN_STATUS_BAD_FIELD, [](Cmd c) { c.k = 0; }},
		{GEMM, TERN_STATUS_BAD_FIELD, [](Cmd c) { c.t = 0; }},
		{GEMM, TERN_STATUS_BAD_FIELD, [](Cmd c) { c.src_stride = (c.k - 1) & ~63u; }},
		{GEMM, TERN_STATUS_BAD_FIELD, [](Cmd c) { c.dst_stride = (4 * c.n - 1) & ~63u; }},
		{GEMM | COPY, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.src_space = (uint8_t)(2 << r % 7); }},
		{GEMM | COPY | FILL, TERN_STATUS_BAD_FIELD,
		 [=](Cmd c) { c.dst_space = (uint8_t)(2 << r % 7); }},
		{COPY | FILL, TERN_STATUS_BAD_FIELD, [](Cmd c) { c.length = 0; }},
		{FILL, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.length += 1 + r % 3; }},
		{FILL, TERN_STATUS_BAD_FIELD, [=](Cmd c) { c.src = 64ull << r % 58; }},
		{GEMM | COPY, TERN_STATUS_MISALIGNED, [=](Cmd c) { c.src += 1 + r % 63; }},
		{GEMM | COPY | FILL, TERN_STATUS_MISALIGNED, [=](Cmd c) { c.dst += 1 + r % 63; }},
		{GEMM, TERN_STATUS_MISALIGNED, [=](Cmd c) { c.weights += 1 + r % 63; }},
		{GEMM, TERN_STATUS_MISALIGNED, [=](Cmd c) { c.src_stride += 1 + r % 63; }},
		{GEMM, TERN_STATUS_MISALIGNED, [=](Cmd c) { c.dst_stride += 1 + r % 63; }},
		{GEMM, TERN_STATUS_RANGE, [=](Cmd c) { c.weights = mem_end; }},
		{GEMM | COPY, TERN_STATUS_RANGE, [=](Cmd c) {
			c.src_space = TERN_SPACE_MEM;
			c.src = mem_end - 64 * (r % 2 && c.opcode == TERN_HW_OP_COPY && c.length > 64);
		}},
		{GEMM | COPY | FILL, TERN_STATUS_RANGE, [=](Cmd c) {
			c.dst_space = TERN_SPACE_MEM;
			c.dst = mem_end;
		}},
		{COPY, TERN_STATUS_RANGE, [](Cmd c) { c.length = ~0ull; }},
		{GEMM, TERN_STATUS_RANGE, [=](Cmd c) {
			c.dst_space = TERN_SPACE_MEM;
			c.dst = mem_end - 64;
			c.t = 2 + r % 1000;
		}},
	};
	Job job;
	const Wrong *w;

	do {
		job = good(q);
		w = &list[rng_.below(sizeof(list) / sizeof(*list))];
	} while (!(w->ops >> job.cmd.opcode & 1));
	planned_[q].clear();
	w->change(job.cmd);
	job.statuses = 1u << w->status;
	return job;
}

/* The statuses that the places it touches can give. */
void Traffic::foresee(Job &job) const
{
	auto meets = [](const std::vector<std::pair<uint64_t, uint64_t>> &list, uint64_t addr,
			uint64_t bytes) {
		for (auto &r : list)
			if (addr < r.second && r.first < addr + bytes)
				return true;
		return false;
	};

	touched(job.cmd, job.w, [&](unsigned space, uint64_t addr, uint64_t bytes, bool write) {
		const AxiMemory &m = space ? dut_.host : dut_.mem;

		if (meets(write ? m.bad_writes : m.bad_reads, addr, bytes))
			job.statuses |= 1u << (space ? TERN_STATUS_HOST_ERROR : TERN_STATUS_MEM_ERROR);
	});
	if (!job.statuses)
		job.statuses = 1u << TERN_STATUS_OK;
}

Job Traffic::next(unsigned q, uint16_t id)
{
	Job job;

	if (!planned_[q].empty()) {
		job = planned_[q].front();
		planned_[q].pop_front();
	} else if (rng_.percent(8)) {
		job = wrong(q);
	} else {
		job = good(q);
	}
	if (!job.statuses) {
		foresee(job);
		spread(job, q);
	}
	job.cmd.id = id;
	/* A flag that is wrong stays wrong. */
	job.cmd.flags |= (uint8_t)rng_.below(2);
	return job;
}
