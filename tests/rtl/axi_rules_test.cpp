// SPDX-License-Identifier: Apache-2.0
/*
 * Every assertion that watches an AXI master must fire when its rule is broken, or
 * it proves nothing about the masters that keep them.
 */
#include <memory>

#include "Vaxi_rules.h"
#include "tap.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

static Tap tap;

struct Rules {
	std::unique_ptr<Vaxi_rules> top{new Vaxi_rules};

	Rules()
	{
		top->rst_ni = 0;
		step();
		step();
		top->rst_ni = 1;
	}
	~Rules() { top->final(); }
	void step()
	{
		top->clk_i = 0;
		top->eval();
		top->clk_i = 1;
		top->eval();
	}
};

/* Nothing fires while no rule is broken. */
static void test_lawful()
{
	Rules u;

	u.top->awvalid_i = u.top->awready_i = u.top->wready_i = 1;
	u.step();
	u.top->awvalid_i = 0;
	u.top->wvalid_i = u.top->wlast_i = 1;
	u.step();
	u.top->wvalid_i = 0;
	u.top->bvalid_i = 1;
	u.step();
	u.top->bvalid_i = 0;
	u.step();
	tap.ok(!assertions_fired, "a write of one beat breaks no rule");
}

/* Breaks one rule; true if an assertion noticed. */
template <typename Break> static void canary(const char *rule, Break broken)
{
	Rules u;
	unsigned before;

	for (int i = 0; i < 3; i++)
		u.step();
	before = assertions_fired;
	broken(u);
	tap.ok(assertions_fired > before, "noticed: %s", rule);
}

static void test_canaries()
{
	canary("AWVALID given up", [](Rules &u) {
		u.top->awvalid_i = 1;
		u.step();
		u.top->awvalid_i = 0;
		u.step();
	});
	canary("AWADDR changed under AWVALID", [](Rules &u) {
		u.top->awvalid_i = 1;
		u.step();
		u.top->awaddr_i = 64;
		u.step();
	});
	canary("ARADDR changed under ARVALID", [](Rules &u) {
		u.top->arvalid_i = 1;
		u.step();
		u.top->araddr_i = 64;
		u.step();
	});
	canary("AW across 4 KiB", [](Rules &u) {
		u.top->awvalid_i = 1;
		u.top->awaddr_i = 4096 - 64;
		u.top->awlen_i = 1;
		u.step();
	});
	canary("AR misaligned", [](Rules &u) {
		u.top->arvalid_i = 1;
		u.top->araddr_i = 32;
		u.step();
	});
	canary("W before its AW", [](Rules &u) {
		u.top->wvalid_i = 1;
		u.step();
	});
	canary("WDATA changed under WVALID", [](Rules &u) {
		u.top->awvalid_i = u.top->awready_i = u.top->wvalid_i = u.top->wlast_i = 1;
		u.step();
		u.top->awvalid_i = 0;
		u.top->wdata_i[15] = 1;
		u.step();
	});
	canary("B that nobody asked for", [](Rules &u) {
		u.top->bvalid_i = 1;
		u.step();
	});
	canary("R that nobody asked for", [](Rules &u) {
		u.top->rvalid_i = 1;
		u.step();
	});
}

int main()
{
	test_lawful();
	test_canaries();
	return tap.end();
}
