// SPDX-License-Identifier: Apache-2.0
#include "trace/chrome.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdarg>
#include <system_error>

#include "platform/log.h"
#include "trace/labels.h"

namespace tern {

/* Rows, from the top. */
enum : unsigned {
	row_reads, row_writes, row_commands, row_completions, row_doorbells, row_interrupts,
	row_queues = 16,
};

/* Kept for the last words. */
static constexpr std::uint64_t reserve_bytes = 4096;

/* The format's unit is the microsecond; the fraction is exact. */
#define TS		"%" PRIu64 ".%06" PRIu64
#define TS_OF(ps)	(ps) / 1000000, (ps) % 1000000

chrome_trace::chrome_trace(const std::string &path, std::uint64_t limit_bytes, memory &memory)
	: path_(path), limit_(std::max(limit_bytes, 2 * reserve_bytes)), memory_(memory),
	  file_(std::fopen(path.c_str(), "we"), std::fclose)
{
	if (!file_)
		throw std::system_error(errno, std::generic_category(), "can't write " + path);
	put("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
	    "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"Tern card\"}}");
	name_row(row_reads, "link: reads of data");
	name_row(row_writes, "link: writes of data");
	name_row(row_commands, "link: commands");
	name_row(row_completions, "link: completions");
	name_row(row_doorbells, "doorbells");
	name_row(row_interrupts, "interrupts");
}

chrome_trace::~chrome_trace()
{
	end();
}

void chrome_trace::put(const std::string &text)
{
	if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
		failed_ = true;
	stats.bytes += text.size();
}

void chrome_trace::event(const char *format, ...)
{
	char text[1536];
	va_list args;

	/* After its end as well: who reads the last statistics lets the device go on. */
	if (full_ || !file_) {
		stats.left_out++;
		return;
	}
	va_start(args, format);
	const int length = std::vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (length < 0 || static_cast<std::size_t>(length) >= sizeof(text)) {
		stats.left_out++;
		return;
	}
	if (stats.bytes + length + reserve_bytes > limit_) {
		full_ = true;
		stats.left_out++;
		log(log_level::warning, "%s: the trace has reached its limit of %" PRIu64
		    " bytes and ends here; --trace-limit gives it more", path_.c_str(), limit_);
		return;
	}
	put(std::string(",\n") + text);
	stats.events++;
}

void chrome_trace::name_row(unsigned row, const std::string &name)
{
	if (!rows_.emplace(row, name).second)
		return;

	/* Queues above all else. */
	const unsigned place = row >= row_queues ? row - row_queues : row + row_queues;

	event("{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\","
	      "\"args\":{\"name\":\"%s\"}}", row, name.c_str());
	event("{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_sort_index\","
	      "\"args\":{\"sort_index\":%u}}", row, place);
}

bool chrome_trace::end()
{
	if (!file_)
		return !failed_;
	for (unsigned row = 0; row < 4; row++)
		flush(row);
	if (full_)
		put(",\n{\"ph\":\"i\",\"s\":\"g\",\"pid\":1,\"tid\":0,\"ts\":" +
		    std::to_string(last_ps_ / 1000000) + ",\"name\":\"limit of the trace\","
		    "\"args\":{\"left_out\":" + std::to_string(stats.left_out) + "}}");
	put("\n]}\n");
	failed_ |= std::fclose(file_.release()) != 0;
	if (failed_)
		log(log_level::error, "can't write all of %s", path_.c_str());
	return !failed_;
}

void chrome_trace::flush(unsigned row)
{
	static const char *const names[] = { "read", "write", "command", "completion" };
	streak &streak = streaks_[row];

	if (!streak.bursts)
		return;
	event("{\"ph\":\"X\",\"cat\":\"dma\",\"pid\":1,\"tid\":%u,\"ts\":" TS ",\"dur\":" TS ","
	      "\"name\":\"%s %" PRIu64 " bytes\",\"args\":{\"bytes\":%" PRIu64 ","
	      "\"bursts\":%" PRIu64 ",\"address\":\"0x%" PRIx64 "\"}}",
	      row, TS_OF(streak.start_ps), TS_OF(streak.end_ps - streak.start_ps), names[row],
	      streak.bytes, streak.bytes, streak.bursts, streak.address);
	streak = {};
}

void chrome_trace::transferred(const transfer &transfer, bool of_ring, bool failed)
{
	const unsigned row = (of_ring ? row_commands : row_reads) + transfer.write;
	streak &streak = streaks_[row];

	last_ps_ = std::max(last_ps_, transfer.end_ps);
	if (failed) {
		event("{\"ph\":\"i\",\"s\":\"t\",\"cat\":\"dma\",\"pid\":1,\"tid\":%u,"
		      "\"ts\":" TS ",\"name\":\"DMA error\",\"args\":{\"bytes\":%zu,"
		      "\"address\":\"0x%" PRIx64 "\"}}", row, TS_OF(transfer.start_ps),
		      transfer.bytes, transfer.address);
		return;
	}
	if (streak.bursts && transfer.start_ps > streak.end_ps)
		flush(row);
	if (!streak.bursts) {
		streak.start_ps = transfer.start_ps;
		streak.address = transfer.address;
	}
	streak.end_ps = std::max(streak.end_ps, transfer.end_ps);
	streak.bytes += transfer.bytes;
	streak.bursts++;
}

void chrome_trace::register_written(std::uint32_t offset, std::uint32_t value, std::uint64_t ps)
{
	const std::uint32_t doorbell = offset - TERN_QUEUE_DOORBELL_BASE;

	last_ps_ = std::max(last_ps_, ps);
	if (offset == TERN_REG_CTRL && value & TERN_CTRL_RESET_MASK)
		event("{\"ph\":\"i\",\"s\":\"p\",\"pid\":1,\"tid\":%u,\"ts\":" TS ","
		      "\"name\":\"reset\"}", row_doorbells, TS_OF(ps));
	if (offset < TERN_QUEUE_DOORBELL_BASE ||
	    doorbell >= TERN_QUEUES_MAX * TERN_QUEUE_DOORBELL_STRIDE ||
	    doorbell % TERN_QUEUE_DOORBELL_STRIDE)
		return;
	event("{\"ph\":\"i\",\"s\":\"t\",\"cat\":\"host\",\"pid\":1,\"tid\":%u,\"ts\":" TS ","
	      "\"name\":\"doorbell\",\"args\":{\"queue\":%u,\"tail\":%u}}", row_doorbells,
	      TS_OF(ps), doorbell / TERN_QUEUE_DOORBELL_STRIDE, value);
}

void chrome_trace::interrupted(unsigned vector, std::uint64_t ps)
{
	event("{\"ph\":\"i\",\"s\":\"t\",\"cat\":\"host\",\"pid\":1,\"tid\":%u,\"ts\":" TS ","
	      "\"name\":\"interrupt\",\"args\":{\"vector\":%u}}", row_interrupts, TS_OF(ps),
	      vector);
}

/* The shares of a job's cycles, as long as it lasts. When in it they were, nobody counts. */
void chrome_trace::stalls(const job &job, const tern_hw_completion &done, std::uint64_t start_ps,
			  std::uint64_t end_ps)
{
	const double unit = done.cycles ? 100.0 / done.cycles : 0;

	event("{\"ph\":\"C\",\"pid\":1,\"ts\":" TS ",\"name\":\"queue %u: %% of cycles\",\"args\":{"
	      "\"array\":%.2f,\"stall_weights\":%.2f,\"stall_activations\":%.2f,"
	      "\"stall_results\":%.2f,\"stall_commands\":%.2f,\"stall_link\":%.2f}}",
	      TS_OF(start_ps), job.queue, done.array * unit, done.stall_weights * unit,
	      done.stall_activations * unit, done.stall_results * unit,
	      done.stall_commands * unit, done.stall_link * unit);
	event("{\"ph\":\"C\",\"pid\":1,\"ts\":" TS ",\"name\":\"queue %u: %% of cycles\",\"args\":{"
	      "\"array\":0,\"stall_weights\":0,\"stall_activations\":0,\"stall_results\":0,"
	      "\"stall_commands\":0,\"stall_link\":0}}", TS_OF(end_ps), job.queue);
}

void chrome_trace::job_completed(const job &job, const tern_hw_completion &done, std::uint64_t ps)
{
	const unsigned row = row_queues + job.queue;
	const tern_hw_command &command = job.command;
	/* The device begins a job before the last has ended; a row shows one after the other. */
	const std::uint64_t start_ps = std::max(job.fetched_ps, completed_ps_[job.queue]);
	const std::uint64_t end_ps = std::max(ps, start_ps);

	name_row(row, "queue " + std::to_string(job.queue));
	completed_ps_[job.queue] = end_ps;
	last_ps_ = std::max(last_ps_, end_ps);
	event("{\"ph\":\"X\",\"cat\":\"job\",\"pid\":1,\"tid\":%u,\"ts\":" TS ",\"dur\":" TS ","
	      "\"name\":\"%s\",\"args\":{\"job\":%" PRIu64 ",\"id\":%u,\"op\":\"%s\","
	      "\"status\":%u,\"fetched_us\":" TS ",\"n\":%u,\"k\":%u,\"t\":%u,\"packing\":%u,"
	      "\"length\":%" PRIu64 ",\"cycles\":%u,\"array\":%u,\"stall_weights\":%u,"
	      "\"stall_activations\":%u,\"stall_results\":%u,\"stall_commands\":%u,"
	      "\"stall_link\":%u,\"mem_read\":%u,\"mem_written\":%u,\"host_read\":%u,"
	      "\"host_written\":%u,\"adds\":%" PRIu64 ",\"adds_skipped\":%" PRIu64 "}}",
	      row, TS_OF(start_ps), TS_OF(end_ps - start_ps),
	      job_name(memory_, command).c_str(), job.number, command.id,
	      op_name(command.opcode).c_str(), done.status, TS_OF(job.fetched_ps), command.n,
	      command.k, command.t, command.packing, static_cast<std::uint64_t>(command.length),
	      done.cycles, done.array, done.stall_weights, done.stall_activations,
	      done.stall_results, done.stall_commands, done.stall_link, done.mem_read,
	      done.mem_written, done.host_read, done.host_written,
	      static_cast<std::uint64_t>(done.adds), static_cast<std::uint64_t>(done.adds_skipped));
	stalls(job, done, start_ps, end_ps);
}

} /* namespace tern */
