// SPDX-License-Identifier: Apache-2.0
#include "dut.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include "Vtern_top.h"
#ifdef ROOT_HEADER
#include ROOT_HEADER
#endif
#include "tap.h"
#include "verilated.h"
#if VM_COVERAGE
#include "coverage.h"
#else
class Coverage {};
#endif

/* $time of assertion messages. */
double sc_time_stamp() { return 0; }

/* Rows of weights at once: each has a port of its own to read device memory with. */
static constexpr unsigned STREAMS = sizeof(Vtern_top::m_axi_mem_rdata_i) / TERN_BEAT_BYTES;

/* Field @index of a port of fields of @width bits, which is one word, or many. */
template <class T> static uint64_t field(const T &port, unsigned index, unsigned width)
{
	uint64_t value = 0;

	if constexpr (std::is_integral_v<T>) {
		value = (uint64_t)port >> index * width;
	} else {
		for (unsigned i = 0; i < width; i += 32)
			value |= (uint64_t)port.m_storage[(index * width + i) / 32] << i;
	}
	return width < 64 ? value & ((1ull << width) - 1) : value;
}

static void set_bits(uint8_t &port, unsigned index, unsigned width, unsigned value)
{
	unsigned mask = (1u << width) - 1;

	port = (uint8_t)((port & ~(mask << index * width)) | value << index * width);
}

template <class T> static uint32_t *beat(T &port, unsigned index)
{
	return port.data() + index * (TERN_BEAT_BYTES / 4);
}

Dut::Dut(uint64_t seed, uint64_t mem_bytes, uint64_t host_bytes, uint64_t mem_base,
	 uint64_t host_base)
	: rng(seed), mem("device memory", mem_base, mem_bytes, STREAMS),
	  host("host link", host_base, host_bytes), context_(new VerilatedContext),
	  top_(new Vtern_top(context_.get()))
{
#if VM_COVERAGE
	coverage_.reset(new Coverage(*top_));
#endif
	top_->platform_i = TERN_PLATFORM_RTL_SIM;
	top_->clock_khz_i = 1000000;
	top_->mem_size_i = mem_base + mem_bytes;
	reset();
}

Dut::~Dut() { top_->final(); }

void Dut::reset()
{
	top_->rst_ni = 0;
	for (int i = 0; i < 4; i++) {
		top_->clk_i = top_->clk_ctl_i = 0;
		top_->eval();
		top_->clk_i = top_->clk_ctl_i = 1;
		top_->eval();
	}
	top_->clk_i = top_->clk_ctl_i = 0;
	top_->rst_ni = 1;
	top_->eval();
	mem.drop();
	host.drop();
}

bool Dut::busy() const { return top_->busy_o; }
bool Dut::soft_reset_on() const { return top_->soft_rst_o; }

/* One clock: outputs are registers, so they are read before the inputs are set. */
void Dut::step()
{
	Vtern_top *t = top_.get();
	AxiWriteIn mw = {}, hw = {};
	AxiReadIn mr[STREAMS] = {}, hr = {};

	if (t->soft_rst_o) {
		mem.drop();
		host.drop();
	}
	mem.drive(mw, rng, now);
	for (unsigned s = 0; s < STREAMS; s++)
		mem.drive(s, mr[s], beat(t->m_axi_mem_rdata_i, s), rng, now);
	host.drive(hw, rng, now);
	host.drive(0, hr, beat(t->m_axi_host_rdata_i, 0), rng, now);

	AxiWriteOut mo = {!!t->m_axi_mem_awvalid_o, !!t->m_axi_mem_wvalid_o,
			  !!t->m_axi_mem_wlast_o, t->m_axi_mem_awaddr_o, t->m_axi_mem_wstrb_o,
			  t->m_axi_mem_awlen_o, t->m_axi_mem_awid_o,
			  t->m_axi_mem_wdata_o.data()};
	AxiWriteOut ho = {!!t->m_axi_host_awvalid_o, !!t->m_axi_host_wvalid_o,
			  !!t->m_axi_host_wlast_o, t->m_axi_host_awaddr_o,
			  t->m_axi_host_wstrb_o, t->m_axi_host_awlen_o, t->m_axi_host_awid_o,
			  t->m_axi_host_wdata_o.data()};
	AxiReadOut hro = {!!t->m_axi_host_arvalid_o, t->m_axi_host_araddr_o,
			  t->m_axi_host_arlen_o, t->m_axi_host_arid_o};

	mem.edge(mo, mw, rng, now);
	host.edge(ho, hw, rng, now);
	host.edge(0, hro, hr, rng, now);
	for (unsigned s = 0; s < STREAMS; s++) {
		AxiReadOut ro = {!!field(t->m_axi_mem_arvalid_o, s, 1),
				 field(t->m_axi_mem_araddr_o, s, 64),
				 (uint8_t)field(t->m_axi_mem_arlen_o, s, 8),
				 (uint8_t)field(t->m_axi_mem_arid_o, s, 4)};

		mem.edge(s, ro, mr[s], rng, now);
		set_bits(t->m_axi_mem_arready_i, s, 1, mr[s].arready);
		set_bits(t->m_axi_mem_rvalid_i, s, 1, mr[s].rvalid);
		set_bits(t->m_axi_mem_rid_i, s, 4, mr[s].rid);
		set_bits(t->m_axi_mem_rresp_i, s, 2, mr[s].rresp);
		set_bits(t->m_axi_mem_rlast_i, s, 1, mr[s].rlast);
	}
	t->m_axi_mem_awready_i = mw.awready;
	t->m_axi_mem_wready_i = mw.wready;
	t->m_axi_mem_bvalid_i = mw.bvalid;
	t->m_axi_mem_bid_i = mw.bid;
	t->m_axi_mem_bresp_i = mw.bresp;
	t->m_axi_host_awready_i = hw.awready;
	t->m_axi_host_wready_i = hw.wready;
	t->m_axi_host_bvalid_i = hw.bvalid;
	t->m_axi_host_bid_i = hw.bid;
	t->m_axi_host_bresp_i = hw.bresp;
	t->m_axi_host_arready_i = hr.arready;
	t->m_axi_host_rvalid_i = hr.rvalid;
	t->m_axi_host_rid_i = hr.rid;
	t->m_axi_host_rresp_i = hr.rresp;
	t->m_axi_host_rlast_i = hr.rlast;

	const bool control = !gated || t->clk_ctl_en_o || t->s_axil_awvalid_i ||
			     t->s_axil_wvalid_i || t->s_axil_arvalid_i || hr.rvalid ||
			     hw.bvalid || mw.bvalid;

#ifdef ROOT_HEADER
	/* As the simulator does it: see rtl_device::edge(). */
	t->clk_i = t->clk_ctl_i = 1;
	t->rootp->__Vtrigrprev__TOP__clk_i = 0;
	t->rootp->__Vtrigrprev__TOP__clk_ctl_i = !control;
#else
	/* Inputs change with the clock low: assertions look at what stands before the edge. */
	t->clk_i = t->clk_ctl_i = 0;
	t->eval();
#if VM_COVERAGE
	/* Once in a while is enough for the clocks. */
	if (now % 16 == 0)
		coverage_->sample();
#endif
	t->clk_i = 1;
	t->clk_ctl_i = control;
#endif
	t->eval();
#if VM_COVERAGE
	coverage_->sample();
#endif
	now++;
	if (trace)
		note();
	if (t->irq_o)
		for (unsigned q = 0; q < QUEUES; q++)
			irqs[q] += t->irq_o >> q & 1;
}

/* FNV-1a, a port at a time. */
class Digest {
public:
	uint64_t value = 0xcbf29ce484222325ull;

	template <class T> void add(const T &port)
	{
		uint64_t word = 0;

		for (size_t i = 0; i < sizeof(port); i += sizeof(word)) {
			memcpy(&word, (const char *)&port + i, std::min(sizeof(word), sizeof(port) - i));
			value = (value ^ word) * 0x100000001b3ull;
		}
	}
};

const char *const Dut::GROUPS[] = {"requests and registers", "host writes", "host reads",
				   "device memory's writes", "device memory's reads"};

template <class... T> static uint64_t digest(const T &...ports)
{
	Digest d;

	(d.add(ports), ...);
	return d.value;
}

void Dut::note()
{
	const Vtern_top *t = top_.get();

	trace->push_back(digest(t->soft_rst_o, t->busy_o, t->irq_o, t->s_axil_awready_o,
				t->s_axil_wready_o, t->s_axil_bvalid_o, t->s_axil_bresp_o,
				t->s_axil_arready_o, t->s_axil_rvalid_o, t->s_axil_rdata_o,
				t->s_axil_rresp_o));
	trace->push_back(digest(t->m_axi_host_awvalid_o, t->m_axi_host_awid_o, t->m_axi_host_awaddr_o,
				t->m_axi_host_awlen_o, t->m_axi_host_awsize_o,
				t->m_axi_host_awburst_o, t->m_axi_host_wvalid_o,
				t->m_axi_host_wdata_o, t->m_axi_host_wstrb_o,
				t->m_axi_host_wlast_o, t->m_axi_host_bready_o));
	trace->push_back(digest(t->m_axi_host_arvalid_o, t->m_axi_host_arid_o, t->m_axi_host_araddr_o,
				t->m_axi_host_arlen_o, t->m_axi_host_arsize_o,
				t->m_axi_host_arburst_o, t->m_axi_host_rready_o));
	trace->push_back(digest(t->m_axi_mem_awvalid_o, t->m_axi_mem_awid_o, t->m_axi_mem_awaddr_o,
				t->m_axi_mem_awlen_o, t->m_axi_mem_awsize_o,
				t->m_axi_mem_awburst_o, t->m_axi_mem_wvalid_o,
				t->m_axi_mem_wdata_o, t->m_axi_mem_wstrb_o, t->m_axi_mem_wlast_o,
				t->m_axi_mem_bready_o));
	trace->push_back(digest(t->m_axi_mem_arvalid_o, t->m_axi_mem_arid_o, t->m_axi_mem_araddr_o,
				t->m_axi_mem_arlen_o, t->m_axi_mem_arsize_o,
				t->m_axi_mem_arburst_o, t->m_axi_mem_rready_o));
}

void Dut::run(uint64_t cycles)
{
	while (cycles--)
		step();
}

/* A bench that waits for ever tells nobody why. */
void Dut::step_for_register(uint64_t since)
{
	step();
	if (now - since < 1000000)
		return;
	printf("not ok - a register access is not answered\n");
	fflush(stdout);
	_Exit(1);
}

unsigned Dut::reg_write(uint32_t addr, uint32_t value, unsigned strobes)
{
	Vtern_top *t = top_.get();
	bool aw = true, w = true;
	const uint64_t since = now;
	unsigned resp;

	t->s_axil_awaddr_i = addr;
	t->s_axil_wdata_i = value;
	t->s_axil_wstrb_i = strobes;
	while (aw || w) {
		t->s_axil_awvalid_i = aw;
		t->s_axil_wvalid_i = w;
		bool aw_taken = aw && t->s_axil_awready_o, w_taken = w && t->s_axil_wready_o;

		step_for_register(since);
		aw = aw && !aw_taken;
		w = w && !w_taken;
	}
	t->s_axil_awvalid_i = 0;
	t->s_axil_wvalid_i = 0;
	while (!t->s_axil_bvalid_o)
		step_for_register(since);
	resp = t->s_axil_bresp_o;
	t->s_axil_bready_i = 1;
	step();
	t->s_axil_bready_i = 0;
	return resp;
}

uint32_t Dut::reg_read(uint32_t addr, unsigned *resp)
{
	Vtern_top *t = top_.get();
	const uint64_t since = now;
	uint32_t value;

	t->s_axil_araddr_i = addr;
	t->s_axil_arvalid_i = 1;
	while (!t->s_axil_arready_o)
		step_for_register(since);
	step();
	t->s_axil_arvalid_i = 0;
	while (!t->s_axil_rvalid_o)
		step_for_register(since);
	value = t->s_axil_rdata_o;
	if (resp)
		*resp = t->s_axil_rresp_o;
	t->s_axil_rready_i = 1;
	step();
	t->s_axil_rready_i = 0;
	return value;
}

uint64_t Dut::reg_read64(uint32_t addr)
{
	uint64_t low = reg_read(addr);

	return low | (uint64_t)reg_read(addr + 4) << 32;
}

void Dut::device_on() { reg_write(TERN_REG_CTRL, TERN_CTRL_ENABLE_MASK); }

void Dut::queue_on(unsigned q, unsigned log2, uint64_t sq, uint64_t cq, bool irq)
{
	uint32_t base = TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE;

	reg_write(base + TERN_QREG_SQ_BASE_LO, (uint32_t)sq);
	reg_write(base + TERN_QREG_SQ_BASE_HI, (uint32_t)(sq >> 32));
	reg_write(base + TERN_QREG_CQ_BASE_LO, (uint32_t)cq);
	reg_write(base + TERN_QREG_CQ_BASE_HI, (uint32_t)(cq >> 32));
	reg_write(base + TERN_QREG_SIZE, log2);
	memset(host.at(cq), 0, TERN_ENTRY_BYTES << log2);
	queues_[q] = Queue();
	queues_[q].sq = sq;
	queues_[q].cq = cq;
	queues_[q].log2 = log2;
	reg_write(base + TERN_QREG_CTRL,
		  TERN_Q_CTRL_ENABLE_MASK | (irq ? TERN_Q_CTRL_IRQ_MASK : 0));
}

void Dut::queue_off(unsigned q)
{
	reg_write(TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE + TERN_QREG_CTRL, 0);
}

unsigned Dut::room(unsigned q) const
{
	const Queue &u = queues_[q];

	return (1u << u.log2) - 1 - (u.put - u.taken);
}

void Dut::put(unsigned q, const tern_hw_command &cmd)
{
	Queue &u = queues_[q];

	if (!room(q)) {
		fprintf(stderr, "bench: ring %u is full\n", q);
		abort();
	}
	memcpy(host.at(u.sq + u.tail * TERN_ENTRY_BYTES), &cmd, sizeof(cmd));
	u.tail = (u.tail + 1) & ((1u << u.log2) - 1);
	u.put++;
}

void Dut::ring(unsigned q)
{
	reg_write(TERN_QUEUE_DOORBELL_BASE + q * TERN_QUEUE_DOORBELL_STRIDE, queues_[q].tail);
}

bool Dut::poll(unsigned q, tern_hw_completion &cpl)
{
	Queue &u = queues_[q];

	memcpy(&cpl, host.at(u.cq + u.cq_head * TERN_ENTRY_BYTES), sizeof(cpl));
	if ((cpl.phase & 1) != u.phase)
		return false;
	u.cq_head = (u.cq_head + 1) & ((1u << u.log2) - 1);
	if (!u.cq_head)
		u.phase ^= 1;
	u.taken++;
	return true;
}

void Dut::give_back(unsigned q)
{
	reg_write(TERN_QUEUE_DOORBELL_BASE + q * TERN_QUEUE_DOORBELL_STRIDE + 4,
		  queues_[q].cq_head);
}

bool Dut::wait(unsigned q, tern_hw_completion &cpl, uint64_t cycles)
{
	for (uint64_t end = now + cycles; now < end; step())
		if (poll(q, cpl))
			return true;
	return false;
}

bool Dut::submit_wait(unsigned q, const tern_hw_command &cmd, tern_hw_completion &cpl,
		      uint64_t cycles)
{
	put(q, cmd);
	ring(q);
	if (!wait(q, cpl, cycles)) {
		fprintf(stderr, "# queue %u: command %u did not complete in %llu cycles\n", q, cmd.id,
			(unsigned long long)cycles);
		stop_if_wanted();
		return false;
	}
	give_back(q);
	return true;
}
