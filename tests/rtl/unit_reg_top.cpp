// SPDX-License-Identifier: Apache-2.0
/*
 * tern_reg_top: every register of the ABI by its name, who may read and write
 * it, what it is after reset, what an access to anything else answers.
 */
#include <cstring>
#include <map>
#include <vector>

#include "Vtern_reg_top.h"
#include "tern_abi.h"
#include "tern_abi_names.h"
#include "unit.h"

static const unsigned QUEUES = 8, OKAY = 0, SLVERR = 2;

struct Register {
	uint32_t offset;
	const char *name;
	bool readable, writable;
};
#define X(offset, name, readable, writable) {offset, name, readable, writable},
static const Register REGISTERS[] = {TERN_REGISTER_NAMES(X)};
static const Register QUEUE_REGISTERS[] = {TERN_QUEUE_REGISTER_NAMES(X)};
#undef X

struct Bell {
	bool cq;
	unsigned queue;
	uint32_t value;
};

enum Order { TOGETHER, ADDRESS_FIRST, DATA_FIRST };

class Bench {
public:
	Unit<Vtern_reg_top> dut;
	std::mt19937 rng{6};
	Finding found;
	std::vector<Bell> bells;
	std::map<uint32_t, IData *> inputs;	/* what drives a ro register */
	std::map<uint32_t, QData *> counters;	/* by the offset of LO */

	Bench()
	{
		Vtern_reg_top *t = dut.top.get();

		inputs = {{TERN_REG_ID, &t->id_i}, {TERN_REG_ABI_VERSION, &t->abi_version_i},
			  {TERN_REG_ABI_HASH, &t->abi_hash_i},
			  {TERN_REG_CONFIG_HASH, &t->config_hash_i},
			  {TERN_REG_PLATFORM, &t->platform_i}, {TERN_REG_CAPS, &t->caps_i},
			  {TERN_REG_ARRAY, &t->array_i}, {TERN_REG_QUEUES, &t->queues_i},
			  {TERN_REG_K_TILE, &t->k_tile_i}, {TERN_REG_CLOCK_KHZ, &t->clock_khz_i},
			  {TERN_REG_MEM_SIZE_LO, &t->mem_size_lo_i},
			  {TERN_REG_MEM_SIZE_HI, &t->mem_size_hi_i},
			  {TERN_REG_STATUS, &t->status_i},
			  {TERN_REG_ERROR_QUEUE, &t->error_queue_i},
			  {TERN_REG_ERROR_ADDR_LO, &t->error_addr_lo_i},
			  {TERN_REG_ERROR_ADDR_HI, &t->error_addr_hi_i},
			  {TERN_REG_JOB_ERROR, &t->job_error_i}};
		counters = {{TERN_REG_COUNT_CYCLES, &t->count_cycles_i},
			    {TERN_REG_COUNT_ARRAY, &t->count_array_i},
			    {TERN_REG_COUNT_STALL_WEIGHTS, &t->count_stall_weights_i},
			    {TERN_REG_COUNT_STALL_ACTIVATIONS, &t->count_stall_activations_i},
			    {TERN_REG_COUNT_STALL_RESULTS, &t->count_stall_results_i},
			    {TERN_REG_COUNT_MEM_READ, &t->count_mem_read_i},
			    {TERN_REG_COUNT_MEM_WRITTEN, &t->count_mem_written_i},
			    {TERN_REG_COUNT_HOST_READ, &t->count_host_read_i},
			    {TERN_REG_COUNT_HOST_WRITTEN, &t->count_host_written_i},
			    {TERN_REG_COUNT_JOBS, &t->count_jobs_i}};
		reset();
	}
	void reset()
	{
		dut.reset();
		bells.clear();
	}
	void cycle()
	{
		dut.step();
		if (dut->doorbell_valid_o)
			bells.push_back({!!dut->doorbell_cq_o, dut->doorbell_queue_o,
					 dut->doorbell_value_o});
	}
	unsigned write(uint32_t addr, uint32_t value, unsigned strobes = 15, Order order = TOGETHER,
		       unsigned apart = 0, unsigned answer_after = 0)
	{
		bool aw = true, w = true;
		unsigned waited = 0;

		for (unsigned i = 0; aw || w; i++) {
			dut->s_axil_awvalid_i = aw && (order != DATA_FIRST || i >= apart);
			dut->s_axil_wvalid_i = w && (order != ADDRESS_FIRST || i >= apart);
			dut->s_axil_awaddr_i = dut->s_axil_awvalid_i ? addr : rng() & 0xffff;
			dut->s_axil_wdata_i = dut->s_axil_wvalid_i ? value : rng();
			dut->s_axil_wstrb_i = dut->s_axil_wvalid_i ? strobes : 15;
			dut.settle();
			aw &= !(dut->s_axil_awvalid_i && dut->s_axil_awready_o);
			w &= !(dut->s_axil_wvalid_i && dut->s_axil_wready_o);
			found.expect(!dut->s_axil_bvalid_o, "%04x: answered before it was asked", addr);
			cycle();
		}
		dut->s_axil_awvalid_i = dut->s_axil_wvalid_i = 0;
		while (!dut->s_axil_bvalid_o && waited++ < 10)
			cycle();
		while (answer_after--)
			cycle();
		found.expect(dut->s_axil_bvalid_o, "%04x: a write got no answer", addr);
		unsigned resp = dut->s_axil_bresp_o;
		dut->s_axil_bready_i = 1;
		cycle();
		dut->s_axil_bready_i = 0;
		found.expect(!dut->s_axil_bvalid_o, "%04x: two answers to a write", addr);
		return resp;
	}
	uint32_t read(uint32_t addr, unsigned want = OKAY, unsigned answer_after = 0)
	{
		unsigned waited = 0;

		dut->s_axil_arvalid_i = 1;
		dut->s_axil_araddr_i = addr;
		for (;;) {
			dut.settle();
			bool taken = dut->s_axil_arready_o;
			cycle();
			if (taken)
				break;
		}
		dut->s_axil_arvalid_i = 0;
		while (!dut->s_axil_rvalid_o && waited++ < 10)
			cycle();
		while (answer_after--)
			cycle();
		found.expect(dut->s_axil_rvalid_o, "%04x: a read got no answer", addr);
		found.expect(dut->s_axil_rresp_o == want, "%04x: read answered with %u, not %u", addr,
			     dut->s_axil_rresp_o, want);
		uint32_t value = dut->s_axil_rdata_o;
		dut->s_axil_rready_i = 1;
		cycle();
		dut->s_axil_rready_i = 0;
		found.expect(!dut->s_axil_rvalid_o, "%04x: two answers to a read", addr);
		return value;
	}
	void reads(uint32_t addr, uint32_t want, const char *what)
	{
		uint32_t got = read(addr);

		found.expect(got == want, "%s (%04x): %08x, not %08x", what, addr, got, want);
	}
	void writes(uint32_t addr, uint32_t value, unsigned want = OKAY)
	{
		unsigned got = write(addr, value);

		found.expect(got == want, "%04x: write answered with %u, not %u", addr, got, want);
	}
};

static uint32_t qreg(unsigned q, uint32_t offset)
{
	return TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE + offset;
}

static uint32_t bell_addr(unsigned q, bool cq)
{
	return TERN_QUEUE_DOORBELL_BASE + q * TERN_QUEUE_DOORBELL_STRIDE + (cq ? 4 : 0);
}

/* Which bits of a queue's register software sets. */
static uint32_t qreg_mask(uint32_t offset)
{
	if (offset == TERN_QREG_SIZE)
		return TERN_Q_SIZE_LOG2_MASK;
	if (offset == TERN_QREG_CTRL)
		return TERN_Q_CTRL_ENABLE_MASK | TERN_Q_CTRL_IRQ_MASK;
	return 0xffffffff;
}

static uint32_t *qreg_input(Bench &b, uint32_t offset, unsigned q)
{
	switch (offset) {
	case TERN_QREG_STATUS: return &b.dut->q_status_i[q];
	case TERN_QREG_SQ_HEAD: return &b.dut->q_sq_head_i[q];
	case TERN_QREG_SQ_TAIL: return &b.dut->q_sq_tail_i[q];
	case TERN_QREG_CQ_HEAD: return &b.dut->q_cq_head_i[q];
	case TERN_QREG_CQ_TAIL: return &b.dut->q_cq_tail_i[q];
	}
	return nullptr;
}

static uint32_t qreg_output(Bench &b, uint32_t offset, unsigned q)
{
	switch (offset) {
	case TERN_QREG_SQ_BASE_LO: return b.dut->q_sq_base_lo_o[q];
	case TERN_QREG_SQ_BASE_HI: return b.dut->q_sq_base_hi_o[q];
	case TERN_QREG_CQ_BASE_LO: return b.dut->q_cq_base_lo_o[q];
	case TERN_QREG_CQ_BASE_HI: return b.dut->q_cq_base_hi_o[q];
	case TERN_QREG_SIZE: return b.dut->q_size_o[q];
	default: return b.dut->q_ctrl_o[q];
	}
}

static bool is_rw(const Register &r)
{
	return r.offset == TERN_REG_CTRL || r.offset == TERN_REG_ERROR ||
	       r.offset == TERN_REG_WATCHDOG || r.offset == TERN_REG_ABORT;
}

/* abi/tern.toml says so. */
static const uint32_t WATCHDOG_RESET = 0x100000;

static void all_zero(Bench &b, const char *when)
{
	b.reads(TERN_REG_CTRL, 0, when);
	b.reads(TERN_REG_ERROR, 0, when);
	b.reads(TERN_REG_WATCHDOG, WATCHDOG_RESET, when);
	b.reads(TERN_REG_ABORT, 0, when);
	for (unsigned q = 0; q < QUEUES; q++)
		for (const Register &r : QUEUE_REGISTERS)
			if (r.writable)
				b.reads(qreg(q, r.offset), 0, when);
}

static void read_only(Bench &b, Tap &tap)
{
	for (const Register &r : REGISTERS) {
		uint32_t lo = r.offset & ~4u;

		if (is_rw(r) || b.counters.count(lo))
			continue;
		if (!b.found.expect(b.inputs.count(r.offset) && r.readable && !r.writable,
				    "%s is a register that this bench doesn't know", r.name))
			continue;
		for (unsigned i = 0; i < 16; i++) {
			*b.inputs[r.offset] = b.rng();
			b.reads(r.offset, *b.inputs[r.offset], r.name);
			b.writes(r.offset, ~*b.inputs[r.offset], SLVERR);
			b.reads(r.offset, *b.inputs[r.offset], r.name);
		}
	}
	for (unsigned q = 0; q < QUEUES; q++) {
		for (const Register &r : QUEUE_REGISTERS) {
			if (r.writable)
				continue;
			uint32_t *input = qreg_input(b, r.offset, q);

			if (!b.found.expect(input, "%s is unknown to this bench", r.name))
				continue;
			for (unsigned i = 0; i < 16; i++) {
				*input = b.rng();
				b.reads(qreg(q, r.offset), *input, r.name);
				b.writes(qreg(q, r.offset), ~*input, SLVERR);
			}
		}
	}
	b.found.report(tap, "ro registers show their source and refuse writes");

	for (auto &c : b.counters) {
		for (unsigned i = 0; i < 16; i++) {
			uint64_t value = (uint64_t)b.rng() << 32 | b.rng();

			*c.second = value;
			b.reads(c.first, (uint32_t)value, "LO");
			b.reads(c.first + 4, (uint32_t)(value >> 32), "HI");
		}
		*c.second = 0x1ffffffffull;
		b.reads(c.first, 0xffffffff, "LO");
		*c.second = 0x200000005ull;	/* HI stays what it was when LO was read */
		b.reads(c.first + 4, 1, "HI");
		b.reads(c.first + 4, 1, "HI again");
		b.reads(c.first, 5, "LO");
		b.reads(c.first + 4, 2, "HI");
		b.writes(c.first, 0, SLVERR);
		b.writes(c.first + 4, 0, SLVERR);
	}
	b.found.report(tap, "counters: reading LO latches HI");
}

static void control(Bench &b, Tap &tap)
{
	b.writes(TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
	b.reads(TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK, "CTRL");
	b.found.expect(b.dut->ctrl_enable_o && !b.dut->ctrl_reset_o, "CTRL outputs");
	b.writes(TERN_REG_CTRL, 0xfffffffcu);
	b.reads(TERN_REG_CTRL, 0, "CTRL, bits without a field");
	b.writes(TERN_REG_CTRL, TERN_CTRL_RESET_MASK);
	b.found.expect(b.dut->ctrl_reset_o, "RESET is not set");
	b.writes(TERN_REG_CTRL, 0);
	b.reads(TERN_REG_CTRL, TERN_CTRL_RESET_MASK, "RESET can't be taken back");
	b.dut->ctrl_reset_clear_i = 1;
	b.cycle();
	b.dut->ctrl_reset_clear_i = 0;
	b.reads(TERN_REG_CTRL, 0, "RESET, cleared by the device");
	b.found.report(tap, "CTRL: ENABLE is rw, RESET is w1s");

	for (uint32_t value : {0u, 1u, 0xdeadbeefu, WATCHDOG_RESET}) {
		b.writes(TERN_REG_WATCHDOG, value);
		b.reads(TERN_REG_WATCHDOG, value, "WATCHDOG");
		b.found.expect(b.dut->watchdog_o == value, "WATCHDOG output 0x%x", b.dut->watchdog_o);
	}
	b.writes(TERN_REG_ABORT, TERN_ABORT_GO_MASK | 5u << TERN_ABORT_QUEUE_SHIFT | 0x1234);
	b.reads(TERN_REG_ABORT, TERN_ABORT_GO_MASK | 5u << TERN_ABORT_QUEUE_SHIFT | 0x1234, "ABORT");
	b.found.expect(b.dut->abort_go_o && b.dut->abort_queue_o == 5 && b.dut->abort_id_o == 0x1234,
		       "ABORT's outputs");
	b.dut->abort_go_clear_i = 1;
	b.cycle();
	b.dut->abort_go_clear_i = 0;
	b.reads(TERN_REG_ABORT, 5u << TERN_ABORT_QUEUE_SHIFT | 0x1234, "ABORT, noted by the device");
	b.writes(TERN_REG_ABORT, 0);
	b.found.report(tap, "WATCHDOG is rw, ABORT.GO is w1s");

	CData *sets[] = {&b.dut->error_fetch_set_i, &b.dut->error_complete_set_i,
			 &b.dut->error_doorbell_set_i, &b.dut->error_job_set_i};
	for (unsigned have = 0; have < 16; have++) {
		for (unsigned clear = 0; clear < 16; clear++) {
			for (unsigned i = 0; i < 4; i++)
				*sets[i] = have >> i & 1;
			b.cycle();
			for (CData *s : sets)
				*s = 0;
			b.reads(TERN_REG_ERROR, have, "ERROR");
			unsigned out = b.dut->error_fetch_o | b.dut->error_complete_o << 1 |
				b.dut->error_doorbell_o << 2 | b.dut->error_job_o << 3;
			b.found.expect(out == have, "ERROR outputs %u, not %u", out, have);
			b.writes(TERN_REG_ERROR, clear | 0xfffffff0);
			b.reads(TERN_REG_ERROR, have & ~clear, "ERROR after clearing");
			b.writes(TERN_REG_ERROR, 15);
		}
	}
	for (CData *s : sets)
		*s = 1;
	b.writes(TERN_REG_ERROR, 15);	/* an error in the cycle of the write is not lost */
	for (CData *s : sets)
		*s = 0;
	b.reads(TERN_REG_ERROR, 15, "ERROR set while cleared");
	b.writes(TERN_REG_ERROR, 15);
	b.found.report(tap, "ERROR is w1c, bit by bit, and setting wins");
}

static void queues(Bench &b, Tap &tap)
{
	uint32_t values[QUEUES][16] = {};

	for (unsigned q = 0; q < QUEUES; q++)
		for (const Register &r : QUEUE_REGISTERS)
			if (r.writable && r.offset != TERN_QREG_CTRL) {
				values[q][r.offset / 4] = b.rng();
				b.writes(qreg(q, r.offset), values[q][r.offset / 4]);
			}
	auto unchanged = [&](const char *when) {
		for (unsigned q = 0; q < QUEUES; q++)
			for (const Register &r : QUEUE_REGISTERS)
				if (r.writable) {
					uint32_t v = values[q][r.offset / 4] & qreg_mask(r.offset);

					b.reads(qreg(q, r.offset), v, when);
					b.found.expect(qreg_output(b, r.offset, q) == v,
						       "%s of queue %u: output %08x", r.name, q,
						       qreg_output(b, r.offset, q));
				}
	};
	unchanged("queue registers");
	b.found.report(tap, "queue registers are each queue's own");

	for (unsigned on = 0; on < QUEUES; on++) {
		values[on][TERN_QREG_CTRL / 4] = 0xfffffffd;
		b.writes(qreg(on, TERN_QREG_CTRL), 0xfffffffd);
		for (const Register &r : QUEUE_REGISTERS)
			if (r.writable && r.offset != TERN_QREG_CTRL)
				b.writes(qreg(on, r.offset), ~values[on][r.offset / 4]);
		unchanged("locked while the queue is on");
		values[on][TERN_QREG_CTRL / 4] = TERN_Q_CTRL_ENABLE_MASK | TERN_Q_CTRL_IRQ_MASK;
		b.writes(qreg(on, TERN_QREG_CTRL), values[on][TERN_QREG_CTRL / 4]);
		unchanged("CTRL isn't locked");
		values[on][TERN_QREG_CTRL / 4] = 0;
		b.writes(qreg(on, TERN_QREG_CTRL), 0);
		values[on][TERN_QREG_SIZE / 4] = 9;
		b.writes(qreg(on, TERN_QREG_SIZE), 9);
		unchanged("writable again");
	}
	b.found.report(tap, "locked while their queue is on, and only then");

	b.writes(TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK);
	b.dut->error_fetch_set_i = 1;
	b.cycle();
	b.dut->error_fetch_set_i = 0;
	b.dut->clear_i = 1;
	b.cycle();
	b.reads(TERN_REG_CTRL, 0, "CTRL during a soft reset");	/* the bus goes on */
	b.dut->clear_i = 0;
	all_zero(b, "after a soft reset");
	b.found.report(tap, "a soft reset brings the reset values back");
}

static void bells(Bench &b, Tap &tap)
{
	for (unsigned q = 0; q < QUEUES; q++) {
		for (int cq = 0; cq < 2; cq++) {
			uint32_t value = b.rng();

			b.bells.clear();
			b.writes(bell_addr(q, cq), value);
			for (unsigned i = 0; i < 5; i++)
				b.cycle();
			b.found.expect(b.bells.size() == 1, "queue %u: %zu events", q, b.bells.size());
			if (!b.bells.empty())
				b.found.expect(b.bells[0].queue == q && b.bells[0].cq == cq &&
					       b.bells[0].value == value, "queue %u, cq %d: %u, %d, %08x",
					       q, cq, b.bells[0].queue, b.bells[0].cq,
					       b.bells[0].value);
			b.reads(bell_addr(q, cq), 0, "a doorbell");
		}
	}
	b.bells.clear();
	b.writes(bell_addr(QUEUES, false), 1, SLVERR);
	b.found.expect(b.bells.empty(), "a doorbell of a queue that isn't there rang");
	b.found.report(tap, "a doorbell is one event, with its queue and value");
}

static void refused(Bench &b, Tap &tap)
{
	std::map<uint32_t, Register> known;

	for (const Register &r : REGISTERS)
		known[r.offset] = r;
	for (unsigned q = 0; q < QUEUES; q++) {
		for (const Register &r : QUEUE_REGISTERS)
			known[qreg(q, r.offset)] = r;
		for (int cq = 0; cq < 2; cq++)
			known[bell_addr(q, cq)] = {0, "doorbell", true, true};
	}
	for (uint32_t addr = 0; addr < TERN_PCI_REGISTERS_BYTES; addr++) {
		auto k = known.find(addr);
		bool there = k != known.end();
		uint32_t value = b.read(addr, there && k->second.readable ? OKAY : SLVERR);

		b.found.expect(there || value == 0, "%04x: %08x where no register is", addr, value);
	}
	b.found.report(tap, "64 KiB of reads: SLVERR and 0 where no register is");
	for (uint32_t addr = 0; addr < TERN_PCI_REGISTERS_BYTES; addr++) {
		auto k = known.find(addr);

		b.writes(addr, 0, k != known.end() && k->second.writable ? OKAY : SLVERR);
	}
	b.found.report(tap, "64 KiB of writes: SLVERR where nothing can be written");

	b.writes(TERN_REG_WATCHDOG, WATCHDOG_RESET);
	all_zero(b, "before");
	b.bells.clear();
	for (unsigned strobes = 0; strobes < 15; strobes++) {
		for (auto &k : known) {
			unsigned resp = b.write(k.first, 0xffffffff, strobes);

			b.found.expect(resp == SLVERR, "%04x, strobes %x: %u", k.first, strobes, resp);
		}
	}
	b.found.expect(b.bells.empty(), "%zu doorbells rang", b.bells.size());
	b.found.expect(!b.dut->ctrl_reset_o, "RESET was set");
	all_zero(b, "after partial writes");
	b.found.report(tap, "partial writes are refused and change nothing");
}

static void orders(Bench &b, Tap &tap)
{
	static const char *const names[] = {"address and data together", "address before data",
					    "data before address"};
	uint32_t model[QUEUES] = {};

	for (unsigned order = TOGETHER; order <= DATA_FIRST; order++) {
		for (unsigned i = 0; i < 300; i++) {
			unsigned q = b.rng() % QUEUES, resp;
			uint32_t value = b.rng();

			resp = b.write(qreg(q, TERN_QREG_SQ_BASE_LO), value, 15, (Order)order,
				       b.rng() % 6, b.rng() % 4);
			b.found.expect(resp == OKAY, "answered with %u", resp);
			model[q] = value;
			q = b.rng() % QUEUES;
			uint32_t got = b.read(qreg(q, TERN_QREG_SQ_BASE_LO), OKAY, b.rng() % 4);
			b.found.expect(got == model[q], "queue %u: %08x, not %08x", q, got, model[q]);
		}
		b.found.report(tap, names[order]);
	}

	/* The next request may come while an answer waits: both are answered, in order. */
	for (unsigned i = 0; i < 50; i++) {
		unsigned taken = 0, answered = 0;
		const uint32_t addrs[] = {qreg(1, TERN_QREG_SQ_BASE_LO), 0x9000,
					  qreg(2, TERN_QREG_SQ_BASE_LO)};
		const unsigned want[] = {OKAY, SLVERR, OKAY};

		for (unsigned cycle = 0; cycle < 100 && answered < 3; cycle++) {
			b.dut->s_axil_awvalid_i = b.dut->s_axil_wvalid_i = taken < 3;
			b.dut->s_axil_awaddr_i = addrs[taken % 3];
			b.dut->s_axil_wdata_i = i * 3 + taken;
			b.dut->s_axil_wstrb_i = 15;
			b.dut->s_axil_bready_i = b.rng() % 3 == 0;
			b.dut.settle();
			/* Both channels are taken in the same cycles here. */
			b.found.expect(b.dut->s_axil_awready_o == b.dut->s_axil_wready_o, "ready apart");
			bool take = taken < 3 && b.dut->s_axil_awready_o;
			if (b.dut->s_axil_bvalid_o && b.dut->s_axil_bready_i) {
				b.found.expect(b.dut->s_axil_bresp_o == want[answered],
					       "answer %u: %u", answered, b.dut->s_axil_bresp_o);
				answered++;
			}
			b.cycle();
			taken += take;
		}
		b.dut->s_axil_awvalid_i = b.dut->s_axil_wvalid_i = b.dut->s_axil_bready_i = 0;
		b.found.expect(answered == 3, "%u of 3 answers", answered);
		b.reads(addrs[0], i * 3, "the first of three writes");
		b.reads(addrs[2], i * 3 + 2, "the third");
	}
	b.found.report(tap, "writes on each other's heels");
}

int main()
{
	Bench b;
	Tap tap;

	all_zero(b, "after reset");
	b.found.expect(b.bells.empty() && !b.dut->busy_o, "something happened in reset");
	b.found.report(tap, "reset values");
	read_only(b, tap);
	control(b, tap);
	queues(b, tap);
	bells(b, tap);
	b.reset();
	refused(b, tap);
	orders(b, tap);
	return tap.end();
}
