// SPDX-License-Identifier: Apache-2.0
/*
 * tern_dma_wr between two writers and two memories whose answers come late and in bunches, with
 * jobs that end without having written: each job ends once, after its last answer. What the
 * trackers hold is watched by tern_writes_sva.
 */
#include <deque>

#include "Vtern_dma_wr.h"
#include "unit.h"

struct Stretch {
	unsigned slot, beats;
	bool host, none, last;
};

class Bench {
public:
	Unit<Vtern_dma_wr> dut;
	std::mt19937 rng;
	Finding found;
	unsigned jobs = 0, jobs_done = 0, bunches = 0;

	explicit Bench(unsigned seed) : rng(seed) { dut.reset(); }

	bool percent(unsigned p) { return rng() % 100 < p; }

	/* Stretches of writer @y or c, of slots that are its own. */
	Stretch next(bool y)
	{
		unsigned &slot = slot_[y];
		Stretch s = {slot, 1 + (unsigned)rng() % 3, job_host_[y], percent(40), percent(50)};

		if (s.none)
			s.last = true;
		if (s.last) {
			jobs++;
			open_[slot]++;
			slot = (slot + 1) % 16 + (y ? 0 : 16);
			job_host_[y] = percent(50);
		}
		return s;
	}

	void ends(bool done, unsigned slot)
	{
		if (!done)
			return;
		found.expect(open_[slot] == 1, "slot %u ends, %u open", slot, open_[slot]);
		open_[slot]--;
		jobs_done++;
	}

	void step(bool more, bool answers)
	{
		Vtern_dma_wr *t = dut.top.get();

		if (more && !y_valid_ && percent(40) && open_[slot_[1]] == 0) {
			y_ = next(true);
			y_valid_ = true;
		}
		if (more && !c_valid_ && percent(40) && open_[slot_[0]] == 0) {
			c_ = next(false);
			c_valid_ = true;
		}
		t->y_valid_i = y_valid_;
		t->y_host_i = y_.host;
		t->y_none_i = y_.none;
		t->y_last_i = y_.last;
		t->y_slot_i = y_.slot;
		t->y_bytes_i = y_.beats * 64;
		t->c_valid_i = c_valid_;
		t->c_host_i = c_.host;
		t->c_none_i = c_.none;
		t->c_last_i = c_.last;
		t->c_slot_i = c_.slot;
		t->c_bytes_i = c_.beats * 64;
		t->c_fill_i = 1;
		t->y_data_valid_i = t->c_data_valid_i = 1;
		t->host_awready_i = t->mem_awready_i = percent(80);
		t->host_wready_i = t->mem_wready_i = percent(80);
		t->host_b_data_i = answers && owed_[1];
		t->mem_b_data_i = answers && owed_[0];
		dut.settle();

		bool y_taken = t->y_valid_i && t->y_ready_o, c_taken = t->c_valid_i && t->c_ready_o;
		bool last = t->wlast_o;

		if (t->host_b_data_i)
			owed_[1]--;
		if (t->mem_b_data_i)
			owed_[0]--;
		if (t->host_wvalid_o && t->host_wready_i && last)
			owed_[1]++;
		if (t->mem_wvalid_o && t->mem_wready_i && last)
			owed_[0]++;
		ends(t->host_done_o, t->host_slot_o);
		ends(t->mem_done_o, t->mem_slot_o);
		dut.step();
		y_valid_ = y_valid_ && !y_taken;
		c_valid_ = c_valid_ && !c_taken;
	}

	void run(unsigned cycles)
	{
		bool answers = false;

		for (unsigned i = 0; i < cycles; i++) {
			if (percent(4)) {
				answers = !answers;
				bunches++;
			}
			step(true, answers);
		}
		for (unsigned i = 0; i < 2000; i++)
			step(false, true);
		found.expect(!dut->busy_o, "still busy");
		found.expect(jobs_done == jobs, "%u jobs, %u ended", jobs, jobs_done);
	}

private:
	Stretch y_{}, c_{};
	bool y_valid_ = false, c_valid_ = false, job_host_[2] = {};
	unsigned slot_[2] = {16, 0}, owed_[2] = {}, open_[32] = {};
};

int main()
{
	Tap tap;
	unsigned jobs = 0;

	for (unsigned seed = 1; seed <= 20; seed++) {
		Bench bench(seed);

		bench.run(20000);
		jobs += bench.jobs_done;
		bench.found.report(tap, "jobs end once, after their last answer");
	}
	printf("# %u jobs\n", jobs);
	return tap.end();
}
