// SPDX-License-Identifier: Apache-2.0
#include "dut.h"

#include <cstdio>
#include <cstdlib>

#include "Vtern_top.h"
#include "verilated.h"

/* $time of assertion messages. */
double sc_time_stamp() { return 0; }

Dut::Dut(uint64_t seed, uint64_t mem_bytes, uint64_t host_bytes)
	: rng(seed), mem("device memory", 0, mem_bytes),
	  host("host link", HOST_BASE, host_bytes), top_(new Vtern_top)
{
	top_->platform_i = TERN_PLATFORM_RTL_SIM;
	top_->clock_khz_i = 1000000;
	top_->mem_size_i = mem_bytes;
	reset();
}

Dut::~Dut() { top_->final(); }

void Dut::reset()
{
	top_->rst_ni = 0;
	for (int i = 0; i < 4; i++) {
		top_->clk_i = 0;
		top_->eval();
		top_->clk_i = 1;
		top_->eval();
	}
	top_->clk_i = 0;
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
	AxiIn mi, hi;

	if (t->soft_rst_o) {
		mem.drop();
		host.drop();
	}
	mem.drive(mi, t->m_axi_mem_rdata_i.data(), rng, now);
	host.drive(hi, t->m_axi_host_rdata_i.data(), rng, now);

	AxiOut mo = {!!t->m_axi_mem_awvalid_o, !!t->m_axi_mem_wvalid_o, !!t->m_axi_mem_wlast_o,
		     !!t->m_axi_mem_arvalid_o, t->m_axi_mem_awaddr_o, t->m_axi_mem_araddr_o,
		     t->m_axi_mem_wstrb_o, t->m_axi_mem_awlen_o, t->m_axi_mem_arlen_o,
		     t->m_axi_mem_awid_o, t->m_axi_mem_arid_o, t->m_axi_mem_wdata_o.data()};
	AxiOut ho = {!!t->m_axi_host_awvalid_o, !!t->m_axi_host_wvalid_o,
		     !!t->m_axi_host_wlast_o, !!t->m_axi_host_arvalid_o,
		     t->m_axi_host_awaddr_o, t->m_axi_host_araddr_o, t->m_axi_host_wstrb_o,
		     t->m_axi_host_awlen_o, t->m_axi_host_arlen_o, t->m_axi_host_awid_o,
		     t->m_axi_host_arid_o, t->m_axi_host_wdata_o.data()};

	mem.edge(mo, mi, rng, now);
	host.edge(ho, hi, rng, now);

	t->m_axi_mem_awready_i = mi.awready;
	t->m_axi_mem_wready_i = mi.wready;
	t->m_axi_mem_arready_i = mi.arready;
	t->m_axi_mem_bvalid_i = mi.bvalid;
	t->m_axi_mem_bid_i = mi.bid;
	t->m_axi_mem_bresp_i = mi.bresp;
	t->m_axi_mem_rvalid_i = mi.rvalid;
	t->m_axi_mem_rid_i = mi.rid;
	t->m_axi_mem_rresp_i = mi.rresp;
	t->m_axi_mem_rlast_i = mi.rlast;
	t->m_axi_host_awready_i = hi.awready;
	t->m_axi_host_wready_i = hi.wready;
	t->m_axi_host_arready_i = hi.arready;
	t->m_axi_host_bvalid_i = hi.bvalid;
	t->m_axi_host_bid_i = hi.bid;
	t->m_axi_host_bresp_i = hi.bresp;
	t->m_axi_host_rvalid_i = hi.rvalid;
	t->m_axi_host_rid_i = hi.rid;
	t->m_axi_host_rresp_i = hi.rresp;
	t->m_axi_host_rlast_i = hi.rlast;

	/* Inputs change with the clock low: assertions look at what stands before the edge. */
	t->clk_i = 0;
	t->eval();
	t->clk_i = 1;
	t->eval();
	now++;
	if (t->irq_o)
		for (unsigned q = 0; q < QUEUES; q++)
			irqs[q] += t->irq_o >> q & 1;
}

void Dut::run(uint64_t cycles)
{
	while (cycles--)
		step();
}

unsigned Dut::reg_write(uint32_t addr, uint32_t value, unsigned strobes)
{
	Vtern_top *t = top_.get();
	bool aw = true, w = true;
	unsigned resp;

	t->s_axil_awaddr_i = addr;
	t->s_axil_wdata_i = value;
	t->s_axil_wstrb_i = strobes;
	while (aw || w) {
		t->s_axil_awvalid_i = aw;
		t->s_axil_wvalid_i = w;
		bool aw_taken = aw && t->s_axil_awready_o, w_taken = w && t->s_axil_wready_o;

		step();
		aw = aw && !aw_taken;
		w = w && !w_taken;
	}
	t->s_axil_awvalid_i = 0;
	t->s_axil_wvalid_i = 0;
	while (!t->s_axil_bvalid_o)
		step();
	resp = t->s_axil_bresp_o;
	t->s_axil_bready_i = 1;
	step();
	t->s_axil_bready_i = 0;
	return resp;
}

uint32_t Dut::reg_read(uint32_t addr, unsigned *resp)
{
	Vtern_top *t = top_.get();
	uint32_t value;

	t->s_axil_araddr_i = addr;
	t->s_axil_arvalid_i = 1;
	while (!t->s_axil_arready_o)
		step();
	step();
	t->s_axil_arvalid_i = 0;
	while (!t->s_axil_rvalid_o)
		step();
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
	if (!wait(q, cpl, cycles))
		return false;
	give_back(q);
	return true;
}
