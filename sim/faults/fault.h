/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fault as it is written down: what happens, when, how many times.
 */
#ifndef TERN_SIM_FAULT_H
#define TERN_SIM_FAULT_H

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

enum class fault_kind {
	interrupt_lost,
	interrupt_spurious,
	dma_delay,
	dma_abort,
	dma_corrupt,
	dma_stray,
	dma_lost,
	job_hang,
	completion_lost,
	completion_duplicate,
	completion_wrong,
	completion_failed,
	memory_flip,
	memory_corrupt,
	memory_error,
	card_remove,
	card_return,
	link_down,
	link_up,
	count
};

/*
 * Where a fault comes to pass: at the nth event of a place that bursts and interrupts
 * pass by, or by itself as soon as its time has come.
 */
enum class fault_place { interrupts, dma, memory, itself };

/* Whom a DMA serves. */
enum class dma_role { any, command, completion, data };

struct fault {
	fault_kind kind;

	/* When: nothing happens before so many cycles and jobs from now on have passed... */
	std::uint64_t after_cycles = 0;
	std::uint64_t after_jobs = 0;
	/* ...and of the events that fit then, the nth is the first one. */
	std::uint64_t nth = 1;
	/* How many of them, one after another. */
	std::uint64_t count = 1;

	/* Events that fit; what is empty fits all. */
	std::optional<unsigned> vector;
	std::optional<unsigned> queue;
	std::optional<bool> write;
	dma_role role = dma_role::any;

	/* What exactly happens. */
	std::uint64_t address = 0;
	std::uint64_t ns = 0;
	std::uint64_t bit = 0;
	std::optional<std::uint16_t> id;
	std::uint8_t status = 0;

	static constexpr std::uint64_t for_ever = UINT64_MAX;
};

struct fault_error : std::runtime_error {
	using std::runtime_error::runtime_error;
};

fault_place place_of(fault_kind kind);

/* "interrupt lost" */
const char *fault_name(fault_kind kind);

/* Reads a line, see docs/simulator.md. Throws fault_error with a sentence for the user. */
fault parse_fault(std::string_view line);

/* The line that it would be parsed from. */
std::string fault_text(const fault &fault);

/* The faults of a file, a line each; '#' begins a comment. Errors name file and line. */
std::vector<fault> read_faults(const std::string &path);

/* First words of a line that parse_fault() takes; for "did you mean". */
std::vector<std::string> fault_subjects();

/* The grammar, for those who ask for help. */
std::string fault_help();

} /* namespace tern */

#endif /* TERN_SIM_FAULT_H */
