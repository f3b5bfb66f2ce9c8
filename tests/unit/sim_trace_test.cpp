// SPDX-License-Identifier: Apache-2.0
/*
 * What the trace makes of registers, bytes on the link and labels, right and wrong ones.
 */
#include "sim_cmocka.h"

#include <cstring>

#include <systemc>

#include "memory/memory.h"
#include "platform/config.h"
#include "tern_label.h"
#include "trace/job_watch.h"
#include "trace/labels.h"

using namespace tern;

struct recorder : job_observer {
	std::vector<job> jobs;
	std::vector<tern_hw_completion> done;
	unsigned fetched = 0;

	void job_fetched(const job &) override { fetched++; }
	void job_completed(const job &job, const tern_hw_completion &completion,
			   std::uint64_t) override
	{
		jobs.push_back(job);
		done.push_back(completion);
	}
};

static const std::uint64_t sq = 0x1200000000, cq = 0x3400000000;

/* What a platform has around it. */
struct watch : job_watch {
	watch() : job_watch(host_rings) {}
	void write(std::uint32_t offset, std::uint32_t value)
	{
		host_rings.observe(offset, value);
		register_written();
	}

	rings host_rings;
};

static void queue_on(watch &watch, unsigned queue, unsigned log2)
{
	const std::uint32_t at = TERN_QUEUE_BASE + queue * TERN_QUEUE_STRIDE;

	watch.write(at + TERN_QREG_SQ_BASE_LO, static_cast<std::uint32_t>(sq));
	watch.write(at + TERN_QREG_SQ_BASE_HI, sq >> 32);
	watch.write(at + TERN_QREG_CQ_BASE_LO, static_cast<std::uint32_t>(cq));
	watch.write(at + TERN_QREG_CQ_BASE_HI, cq >> 32);
	watch.write(at + TERN_QREG_SIZE, log2);
	watch.write(at + TERN_QREG_CTRL, TERN_Q_CTRL_ENABLE_MASK);
}

static bool fetch(job_watch &watch, unsigned slot, std::uint16_t id)
{
	tern_hw_command command = {};

	command.id = id;
	return watch.transferred({ false, 0, 10, sq + slot * TERN_ENTRY_BYTES,
				   reinterpret_cast<std::uint8_t *>(&command), sizeof(command) });
}

static bool complete(job_watch &watch, unsigned slot, std::uint16_t id)
{
	tern_hw_completion done = {};

	done.id = id;
	done.cycles = 100 + id;
	return watch.transferred({ true, 20, 30, cq + slot * TERN_ENTRY_BYTES,
				   reinterpret_cast<std::uint8_t *>(&done), sizeof(done) });
}

static void jobs_are_found(void **)
{
	watch watch;
	recorder seen;

	watch.add(seen);
	assert_false(fetch(watch, 0, 1));	/* no queue is on */
	queue_on(watch, 2, 3);
	assert_true(fetch(watch, 0, 7));
	assert_true(fetch(watch, 1, 7));	/* ids may repeat */
	assert_false(fetch(watch, 8, 9));	/* past the ring's end */
	assert_false(complete(watch, 8, 7));
	assert_true(complete(watch, 0, 7));
	assert_true(complete(watch, 1, 7));
	assert_int_equal(seen.jobs.size(), 2);
	assert_int_equal(seen.jobs[0].number, 1);
	assert_int_equal(seen.jobs[1].number, 2);
	assert_int_equal(seen.jobs[1].queue, 2);
	assert_int_equal(seen.done[0].cycles, 107);
}

/* What a broken device writes is no reason to be wrong about the next job. */
static void strange_completions(void **)
{
	watch watch;
	recorder seen;

	watch.add(seen);
	queue_on(watch, 0, 2);
	fetch(watch, 0, 1);
	fetch(watch, 1, 2);
	complete(watch, 0, 9);
	assert_int_equal(seen.jobs.size(), 0);
	complete(watch, 0, 1);
	complete(watch, 0, 1);		/* again */
	complete(watch, 1, 2);
	assert_int_equal(seen.jobs.size(), 2);
	assert_int_equal(seen.jobs[1].command.id, 2);
}

static void rings_are_locked_and_forgotten(void **)
{
	const std::uint32_t at = TERN_QUEUE_BASE;
	watch watch;
	recorder seen;

	watch.add(seen);
	queue_on(watch, 0, 2);
	watch.write(at + TERN_QREG_SQ_BASE_HI, 0x99);
	assert_true(fetch(watch, 0, 1));
	/* Off: its jobs complete no more. */
	watch.write(at + TERN_QREG_CTRL, 0);
	assert_false(complete(watch, 0, 1));
	queue_on(watch, 0, 2);
	assert_true(complete(watch, 0, 1));
	assert_int_equal(seen.jobs.size(), 0);
	assert_true(fetch(watch, 1, 2));
	watch.write(TERN_REG_CTRL, TERN_CTRL_RESET_MASK);
	assert_false(fetch(watch, 0, 1));
	queue_on(watch, 0, 2);
	assert_true(complete(watch, 1, 2));
	assert_int_equal(seen.jobs.size(), 0);
	watch.host_rings.reset();
	assert_false(fetch(watch, 0, 1));
	/* Registers that there are not. */
	watch.write(0xfffc, 1);
	watch.write(TERN_QUEUE_BASE + TERN_QUEUES_MAX * TERN_QUEUE_STRIDE, 1);
	assert_int_equal(watch.fetched(), 2);
}

static memory *card_memory;

static std::string name_of(const tern_label &label, std::uint64_t weights, std::uint32_t n)
{
	tern_hw_command command = {};

	std::memcpy(card_memory->at(0), &label, sizeof(label));
	command.opcode = TERN_HW_OP_GEMM;
	command.n = n;
	command.k = 256;
	command.weights = weights;
	return job_name(*card_memory, command);
}

static void labels_are_read(void **)
{
	tern_label label = { TERN_LABEL_MAGIC, 640, 256, "blk.3.ffn_down" };

	assert_string_equal(name_of(label, 64, 640).c_str(), "blk.3.ffn_down");
	/* Of other weights that were there before. */
	assert_string_equal(name_of(label, 64, 320).c_str(), "GEMM 320x256");
	assert_string_equal(name_of(label, 128, 640).c_str(), "GEMM 640x256");
	/* No room in front, or behind the memory's end. */
	assert_string_equal(name_of(label, 0, 640).c_str(), "GEMM 640x256");
	assert_string_equal(name_of(label, ~0ull - 63, 640).c_str(), "GEMM 640x256");
	/* Guests write what they like: a name that would end a string, or has no end. */
	std::memcpy(label.name, "a\"},{\"\\\n\x80", 10);
	assert_string_equal(name_of(label, 64, 640).c_str(), "a________");
	std::memset(label.name, 'x', sizeof(label.name));
	assert_string_equal(name_of(label, 64, 640).c_str(), std::string(48, 'x').c_str());
	label.magic++;
	assert_string_equal(name_of(label, 64, 640).c_str(), "GEMM 640x256");
}

static void operations_have_names(void **)
{
	assert_string_equal(op_name(TERN_HW_OP_COPY).c_str(), "COPY");
	assert_string_equal(op_name(77).c_str(), "op 77");
}

int sc_main(int, char **)
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_found),
		cmocka_unit_test(strange_completions),
		cmocka_unit_test(rings_are_locked_and_forgotten),
		cmocka_unit_test(labels_are_read),
		cmocka_unit_test(operations_have_names),
	};
	config small;

	small.memory.bytes = 1 << 20;
	card_memory = new memory("memory", small);
	return SIM_RUN(tests);
}

int main(int argc, char **argv)
{
	setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
	return sc_core::sc_elab_and_sim(argc, argv);
}
