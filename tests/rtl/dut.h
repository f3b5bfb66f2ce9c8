/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_top on a bench: clock, registers, the two memories, rings. One command
 * language for all the system benches.
 */
#ifndef DUT_H
#define DUT_H

#include <memory>
#include <vector>

#include "axi_memory.h"
#include "tern_abi.h"

class Coverage;
class VerilatedContext;
class Vtern_top;

class Dut {
public:
	static constexpr unsigned QUEUES = 8;            /* the most of any configuration */
	/* Host memory doesn't start at 0, so that a null address is an error. */
	static constexpr uint64_t HOST_BASE = 0x100000000ull;

	/* Device memory answers from @mem_base on, and ends with its last byte. */
	Dut(uint64_t seed, uint64_t mem_bytes, uint64_t host_bytes, uint64_t mem_base = 0,
	    uint64_t host_base = HOST_BASE);
	~Dut();

	Random rng;
	AxiMemory mem, host;
	uint64_t now = 0;
	uint64_t irqs[QUEUES] = {};
	/* Does the control clock stand still where it may? */
	bool gated = true;
	/* Wanted: a digest of each group of outputs, each cycle. */
	static const char *const GROUPS[5];
	std::vector<uint64_t> *trace = nullptr;

	Vtern_top &model() { return *top_; }
	void reset();
	void step();
	void run(uint64_t cycles);
	bool busy() const;
	bool soft_reset_on() const;

	/* Registers; the response is 0 for OKAY. */
	unsigned reg_write(uint32_t addr, uint32_t value, unsigned strobes = 15);
	uint32_t reg_read(uint32_t addr, unsigned *resp = nullptr);
	uint64_t reg_read64(uint32_t addr);

	/* Rings. */
	void device_on();
	void queue_on(unsigned q, unsigned log2, uint64_t sq, uint64_t cq, bool irq = true);
	void queue_off(unsigned q);
	void put(unsigned q, const tern_hw_command &cmd);   /* into the ring */
	void ring(unsigned q);                           /* the doorbell */
	bool poll(unsigned q, tern_hw_completion &cpl);     /* take one, if there */
	void give_back(unsigned q);                      /* CQ_HEAD doorbell */
	/* Submit, wait, take. False when it took more than the cycles. */
	bool submit_wait(unsigned q, const tern_hw_command &cmd, tern_hw_completion &cpl,
			 uint64_t cycles = 1000000);
	bool wait(unsigned q, tern_hw_completion &cpl, uint64_t cycles = 1000000);
	unsigned room(unsigned q) const;

private:
	struct Queue {
		uint64_t sq = 0, cq = 0;
		unsigned log2 = 0, tail = 0, cq_head = 0, taken = 0, put = 0;
		unsigned phase = 1;
	};

	std::unique_ptr<VerilatedContext> context_;
	std::unique_ptr<Vtern_top> top_;
	std::unique_ptr<Coverage> coverage_;
	Queue queues_[QUEUES];

	void note();
	void step_for_register(uint64_t since);
};

#endif /* DUT_H */
