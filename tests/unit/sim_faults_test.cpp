// SPDX-License-Identifier: Apache-2.0
/*
 * Faults: the words they are written in, and when they happen.
 */
#include "sim_cmocka.h"

#include <cstdio>
#include <cstring>
#include <string>

#include "faults/faults.h"

using namespace tern;

/* The sentence that something is refused with; "" if it is taken. */
template <typename function> static std::string refusal(function what)
{
	try {
		what();
		return "";
	} catch (const fault_error &error) {
		return error.what();
	}
}

static std::string refused(const char *line)
{
	return refusal([&] { parse_fault(line); });
}

static void lines_come_back(void **)
{
	static const char *const lines[] = {
		"interrupt lost",
		"interrupt lost vector=3 nth=2 count=all after_cycles=5 after_jobs=6",
		"interrupt spurious vector=0",
		"dma delay queue=1 direction=write of=completion ns=100",
		"dma abort of=command",
		"dma corrupt of=data direction=read bit=9 count=4",
		"dma stray address=4096",
		"dma lost",
		"job hang queue=15",
		"completion lost",
		"completion duplicate queue=2",
		"completion wrong id=7",
		"memory flip address=64 bit=7",
		"memory corrupt",
		"memory error nth=1000000000000",
		"card remove after_jobs=1",
		"card return",
		"link down",
		"link up",
	};

	for (const char *line : lines) {
		const fault fault = parse_fault(line);
		const std::string text = fault_text(fault);

		/* Keys may change places; then the second time they don't. */
		assert_string_equal(fault_text(parse_fault(text)).c_str(), text.c_str());
		assert_int_equal(text.size(), std::strlen(line));
	}
	assert_int_equal(parse_fault("completion failed").status, 8);
	assert_int_equal(parse_fault(" \tdma  stray address=0x1F40 # why not\r").address, 8000);
}

static void mistakes_are_explained(void **)
{
	static const struct {
		const char *line;
		const char *words;
	} mistakes[] = {
		{ "", "a fault is missing" },
		{ "# nothing", "a fault is missing" },
		{ "interupt lost", "did you mean 'interrupt'" },
		{ "interrupt", "what of the interrupt" },
		{ "interrupt lots", "did you mean 'interrupt lost'" },
		{ "link flip", "did you mean 'link" },
		{ "interrupt lost vektor=1", "did you mean 'vector='" },
		{ "interrupt lost queue=1", "'interrupt lost' has no queue=" },
		{ "interrupt spurious nth=1", "has no nth=" },
		{ "interrupt lost vector", "needs a value" },
		{ "interrupt lost vector=", "a number is missing" },
		{ "interrupt lost vector=x", "'x' is not a number" },
		{ "interrupt lost vector=1x", "'1x' is not a number" },
		{ "interrupt lost vector=-1", "'-1' is not a number" },
		{ "interrupt lost vector=2048", "it can be 0 to 2047" },
		{ "interrupt lost vector=99999999999999999999", "is not a number" },
		{ "interrupt lost nth=0", "it can be 1 to" },
		{ "interrupt lost nth=1 nth=2", "nth= is there twice" },
		{ "job hang queue=16", "it can be 0 to 15" },
		{ "dma stray", "needs address=" },
		{ "dma delay", "needs ns=" },
		{ "memory flip bit=3", "needs address=" },
		{ "dma abort of=comand", "did you mean 'command'" },
		{ "dma abort direction=up", "did you mean 'read'" },
		{ "completion failed status=0", "it can be 1 to" },
		{ "completion wrong id=65536", "it can be 0 to 65535" },
	};

	for (const auto &mistake : mistakes) {
		const std::string text = refused(mistake.line);

		if (text.find(mistake.words) == std::string::npos)
			print_error("'%s': \"%s\" lacks \"%s\"\n", mistake.line, text.c_str(),
				    mistake.words);
		assert_true(text.find(mistake.words) != std::string::npos);
	}
}

static void files_are_read(void **)
{
	char path[] = "/tmp/tern-faults-XXXXXX";
	const int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	assert_non_null(file);
	std::fputs("# two of them\n\njob hang\nlink down after_jobs=3 # and a third\n", file);
	std::fflush(file);

	const auto good = read_faults(path);

	assert_int_equal(good.size(), 2);
	assert_true(good[1].kind == fault_kind::link_down && good[1].after_jobs == 3);
	std::fputs("job hangs\n", file);
	std::fclose(file);
	assert_true(refusal([&] { read_faults(path); }).find(std::string(path) + ":5: ") == 0);
	std::remove(path);
	assert_false(refusal([&] { read_faults(path); }).empty());
	assert_false(refusal([&] { read_faults("/tmp"); }).empty());
}

static void the_nth_and_so_many(void **)
{
	faults faults;
	unsigned lost = 0;

	assert_false(faults.armed(fault_place::interrupts));
	faults.add(parse_fault("interrupt lost vector=1 nth=3 count=2"));
	assert_true(faults.armed(fault_place::interrupts));
	assert_false(faults.armed(fault_place::dma));
	for (unsigned i = 1; i <= 6; i++) {
		assert_false(faults.interrupt_lost(0));
		if (faults.interrupt_lost(1)) {
			lost++;
			assert_true(i == 3 || i == 4);
		}
	}
	assert_int_equal(lost, 2);
	assert_int_equal(faults.happened(fault_kind::interrupt_lost), 2);
	assert_int_equal(faults.loaded(), 0);
	assert_false(faults.armed(fault_place::interrupts));
}

/* Two that fit one event: the first has it, the second the next one. */
static void one_event_one_fault(void **)
{
	faults faults;
	const std::uint64_t first = faults.add(parse_fault("memory error"));
	const std::uint64_t second = faults.add(parse_fault("memory corrupt bit=5 count=all"));

	assert_true(first != second);
	assert_true(faults.memory_read()->kind == fault_kind::memory_error);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(faults.memory_read()->bit, 5);
	assert_false(faults.remove(first));
	assert_true(faults.list() == std::to_string(second) +
				     " memory corrupt bit=5 count=all (happened 3 times)\n");
	assert_true(faults.remove(second));
	assert_null(faults.memory_read());
}

static void too_many_are_refused(void **)
{
	faults faults;

	for (std::size_t i = 0; i < faults::most; i++)
		faults.add(parse_fault("dma lost"));
	assert_false(refusal([&] { faults.add(parse_fault("dma lost")); }).empty());
	faults.clear();
	assert_int_equal(faults.loaded(), 0);
	assert_false(faults.armed(fault_place::dma));
}

static constexpr std::uint64_t sq = 0x1'0000'1000, cq = 0x2000;

static void set_up_queue(rings &rings, unsigned queue)
{
	const std::uint32_t base = TERN_QUEUE_BASE + queue * TERN_QUEUE_STRIDE;

	rings.observe(base + TERN_QREG_SQ_BASE_LO, static_cast<std::uint32_t>(sq));
	rings.observe(base + TERN_QREG_SQ_BASE_HI, sq >> 32);
	rings.observe(base + TERN_QREG_CQ_BASE_LO, cq);
	rings.observe(base + TERN_QREG_CQ_BASE_HI, 0);
	rings.observe(base + TERN_QREG_SIZE, 4);
}

static void rings_are_known(void **)
{
	const std::uint32_t ctrl = TERN_QUEUE_BASE + 2 * TERN_QUEUE_STRIDE + TERN_QREG_CTRL;
	bool wraps = true;
	rings rings;

	assert_int_equal(rings.commands_at(0), -1);
	set_up_queue(rings, 2);
	assert_int_equal(rings.commands_at(sq), 2);
	assert_int_equal(rings.commands_at(sq + 15 * 64), 2);
	assert_int_equal(rings.commands_at(sq + 16 * 64), -1);
	assert_int_equal(rings.commands_at(sq - 64), -1);
	assert_int_equal(rings.commands_at(cq), -1);
	assert_int_equal(rings.completions_at(cq + 64), 2);
	assert_true(rings.next_completion(2, cq, &wraps) == cq + 64 && !wraps);
	assert_true(rings.next_completion(2, cq + 15 * 64, &wraps) == cq && wraps);
	/* On, it stays where it is; off, it has not gone yet; a reset forgets it. */
	rings.observe(ctrl, TERN_Q_CTRL_ENABLE_MASK);
	rings.observe(TERN_QUEUE_BASE + 2 * TERN_QUEUE_STRIDE + TERN_QREG_SQ_BASE_HI, 0x99);
	assert_true(rings.is_on(2) && rings.commands_at(sq) == 2);
	rings.observe(ctrl, 0);
	assert_true(!rings.is_on(2) && rings.commands_at(sq) == 2);
	rings.observe(TERN_REG_CTRL, TERN_CTRL_RESET_MASK);
	assert_int_equal(rings.commands_at(sq), -1);
}

static bool is(const fault *fault, fault_kind kind)
{
	return fault && fault->kind == kind;
}

static void dma_is_told_apart(void **)
{
	faults faults;

	set_up_queue(faults.host_rings, 2);
	faults.add(parse_fault("job hang queue=1"));
	faults.add(parse_fault("job hang queue=2"));
	faults.add(parse_fault("completion failed queue=2"));
	faults.add(parse_fault("dma abort of=data direction=write"));
	assert_null(faults.dma(0x9000, false));
	assert_true(is(faults.dma(0x9000, true), fault_kind::dma_abort));
	assert_true(is(faults.dma(cq + 64, true), fault_kind::completion_failed));
	/* The host's ring read by a COPY is data, and its own queue's is not another's. */
	assert_null(faults.dma(cq + 64, false));
	assert_true(is(faults.dma(sq + 64, false), fault_kind::job_hang));
	assert_null(faults.dma(sq + 64, false));
	assert_int_equal(faults.loaded(), 1);
}

static void later_means_later(void **)
{
	faults faults;
	std::uint64_t now = 100;
	unsigned performed = 0;

	set_up_queue(faults.host_rings, 0);
	faults.cycles = [&] { return now; };
	faults.perform = [&](const fault &) { performed++; };
	faults.add(parse_fault("card return"));
	assert_int_equal(performed, 1);
	faults.add(parse_fault("card remove after_cycles=50"));
	faults.add(parse_fault("link down after_jobs=2"));
	faults.add(parse_fault("dma abort of=data after_cycles=51"));
	assert_true(faults.armed(fault_place::itself) && faults.armed(fault_place::dma));
	now = 149;
	faults.run_due();
	assert_null(faults.dma(0x9000, true));
	assert_int_equal(performed, 1);
	now = 150;
	faults.run_due();
	assert_int_equal(performed, 2);
	now = 151;
	assert_true(is(faults.dma(0x9000, true), fault_kind::dma_abort));
	assert_null(faults.dma(cq, true));
	faults.run_due();
	assert_int_equal(performed, 2);
	assert_null(faults.dma(cq, true));
	faults.run_due();
	assert_int_equal(performed, 3);
	assert_false(faults.armed(fault_place::itself) || faults.armed(fault_place::dma));
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_back),
		cmocka_unit_test(mistakes_are_explained),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(the_nth_and_so_many),
		cmocka_unit_test(one_event_one_fault),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(rings_are_known),
		cmocka_unit_test(dma_is_told_apart),
		cmocka_unit_test(later_means_later),
	};

	return SIM_RUN(tests);
}
