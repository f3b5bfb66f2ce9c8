/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_copy: COPY and FILL, chunk by chunk, with a FIFO between reader and writer.
 */
#ifndef TERN_SIM_MODEL_COPIER_H
#define TERN_SIM_MODEL_COPIER_H

#include <cstdint>

#include "device/model/reader.h"
#include "device/model/writer.h"

namespace tern::model {

struct chunk {
	unsigned slot;
	bool fill;
	bool nothing;		/* to copy: the job's end only */
	bool last;		/* of the job */
	bool src_host, dst_host;
	std::uint64_t src, dst;
	std::uint64_t bytes;
	std::uint32_t pattern;
};

class copier {
public:
	reader reads;

	bool ready() const { return state_ == state::idle; }
	bool busy() const { return state_ != state::idle; }
	/* For its job, whose end is not sent yet. */
	bool runs(bool sent) const
	{
		return chunk_.nothing ? state_ == state::ask && !write_asked_ :
					state_ == state::ask || (state_ == state::send && !sent);
	}
	unsigned slot() const { return chunk_.slot; }

	/* For the reader. */
	bool asks() const { return state_ == state::ask && !read_asked_; }
	reader::stretch stretch() const
	{
		return { chunk_.src_host, chunk_.src,
			 (chunk_.bytes + beat_bytes - 1) / beat_bytes };
	}
	bool room() const { return reserved_ <= copy_beats - burst_beats; }

	/* For the writer. */
	writer::stretch write() const
	{
		return { state_ == state::ask && !write_asked_, chunk_.dst_host, chunk_.nothing,
			 chunk_.last, chunk_.slot, chunk_.dst, chunk_.bytes };
	}
	bool fills() const { return chunk_.fill; }
	bool has_data(std::uint64_t cycle) const
	{
		return chunk_.fill || (!fifo_.empty() && fifo_.front().visible <= cycle);
	}
	/* The next beat, into the writer's hands. */
	void give(write_beat &beat);

	/* sent: the writer has nothing of it any more. */
	bool awake(std::uint64_t cycle, bool sent) const
	{
		return state_ == state::ask || (state_ == state::send && sent) ||
		       (reads.active() && room()) || cycle >= failed_at_;
	}
	/* When a beat comes, or is known not to come. */
	std::uint64_t next() const
	{
		return std::min(failed_at_, fifo_.empty() ? never : fifo_.front().visible);
	}

	/* A beat could not be read: the status, when the job is to know, else OK. */
	std::uint8_t failure(std::uint64_t cycle);

	/* granted_beats are of the reader; ready, sent of the writer. */
	void tick(const chunk *next, bool read_accepted, unsigned granted_beats, bool write_ready,
		  bool read, bool sent);
	void arrive(const read_answer &answer, bool host);

	void reset();

private:
	enum class state { idle, ask, send };
	struct item {
		std::uint64_t visible;	/* the cycle from which the writer sees it */
		bool bad;		/* must not reach memory */
		alignas(64) std::uint8_t data[beat_bytes];
	};

	state state_ = state::idle;
	bool read_asked_ = false, write_asked_ = false;
	chunk chunk_ = {};
	unsigned reserved_ = 0;		/* beats in or on their way to the FIFO */
	ring<item, copy_beats> fifo_;
	std::uint64_t failed_at_ = never;
	std::uint8_t failure_ = 0;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_COPIER_H */
