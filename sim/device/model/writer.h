/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_dma_wr and the write ports behind it: writes for everybody, a burst of each in
 * turn, and whose answers are due.
 */
#ifndef TERN_SIM_MODEL_WRITER_H
#define TERN_SIM_MODEL_WRITER_H

#include <cstdint>

#include "device/model/hardware.h"
#include "device/model/watcher.h"
#include "device/rtl/axi_bursts.h"

namespace tern::model {

struct write_beat {
	alignas(64) std::uint8_t data[beat_bytes];
	std::uint64_t strobes;
	bool last;
};

/* The bus side of a port: one burst after another, answers in their order. */
class write_port {
public:
	enum unit : std::uint8_t { data, completion };

	struct answer {
		std::uint64_t cycle;	/* in which the device sees it */
		unit to;
		trouble wrong;
	};

	write_port(const char *name, tlm::tlm_initiator_socket<512> &socket, unsigned outstanding,
		   std::uint64_t period_ps);

	/* First in a cycle: what the bus takes. */
	void take(std::uint64_t cycle, std::uint64_t watchdog);

	/* The answer that is seen in this cycle, or NULL. */
	const answer *answered(std::uint64_t cycle) const
	{
		return !answers_.empty() && answers_.front().cycle <= cycle ? &answers_.front() :
									      nullptr;
	}
	void pop_answer() { answers_.pop(); }
	std::uint64_t next() const { return answers_.empty() ? never : answers_.front().cycle; }

	/* The device's side, for the end of the cycle. */
	bool takes_beat() const { return !address_busy_; }
	void give_address(std::uint64_t address, unsigned beats, unit from, unsigned slot);
	void give_beat(const write_beat &beat);
	bool sending() const { return address_valid_ || beat_valid_; }
	/* The watchdog has answered for the memory, which still owes something. */
	bool dead(std::uint64_t cycle) const { return cycle < dead_until_; }
	void drop();
	void watch(watcher &watcher, bool host)
	{
		watcher_ = &watcher;
		host_ = host;
	}

private:
	static constexpr unsigned most = 64;

	axi_bursts bursts_;
	const unsigned outstanding_;
	const std::uint64_t period_ps_;
	watcher *watcher_ = nullptr;
	bool host_ = false;		/* known to the watcher's port only */
	std::uint64_t strobes_[burst_beats];	/* of the burst's beats */

	bool address_valid_ = false, beat_valid_ = false;
	bool address_busy_ = false;	/* one stood there when the cycle began */
	std::uint64_t address_ = 0;
	unsigned beats_ = 0;
	unit unit_ = data;
	unsigned slot_ = 0;
	write_beat beat_ = {};
	std::uint64_t last_answer_ = 0;	/* cycle in which the bus answered last */
	std::uint64_t dead_until_ = 0;
	ring<std::uint64_t, most> ends_; /* cycles of the answers to what is outstanding */
	ring<answer, most> answers_;
};

class writer {
public:
	/* What the units that write want, as they were when the cycle began. */
	struct stretch {
		bool valid;
		bool host;
		bool nothing;		/* the job's end only */
		bool last;		/* of the job */
		unsigned slot;
		std::uint64_t address;
		std::uint64_t bytes;
	};
	struct inputs {
		stretch results;
		bool results_data;
		stretch copy;
		bool copy_fill;
		bool copy_data;
		bool completion;
		std::uint64_t completion_address;
	};
	struct done {
		bool done, failed;
		unsigned slot;
		std::uint8_t status;
	};
	/* What they get. */
	struct outputs {
		bool results_ready, results_read;
		bool copy_ready, copy_read, copy_sent;
		bool completion_ready, completion_done, completion_bad;
		bool beat, beat_host;	/* one is sent, of whichever unit */
		bool data_beat;		/* ... which is no completion's */
		unsigned beat_slot;
		done host, memory;
	};

	writer(tlm::tlm_initiator_socket<512> &host, tlm::tlm_initiator_socket<512> &memory,
	       unsigned host_outstanding, unsigned memory_outstanding, std::uint64_t period_ps)
		: host_("host", host, host_outstanding, period_ps),
		  memory_("memory", memory, memory_outstanding, period_ps)
	{
	}

	/* First in a cycle. */
	void bus(std::uint64_t cycle, std::uint64_t watchdog)
	{
		host_.take(cycle, watchdog);
		memory_.take(cycle, watchdog);
	}

	/*
	 * A cycle. A beat that is loaded is asked for: fill() gets the unit and puts the
	 * data there.
	 */
	enum class source { results, copy, completion };
	template <class fill> outputs tick(std::uint64_t cycle, const inputs &in, fill &&beat);

	/* Of COPY nothing is to be sent any more. */
	bool copy_sent() const
	{
		return !copy_.active && (state_ == state::idle || unit_ != source::copy);
	}

	bool awake(const inputs &in) const
	{
		/* A burst that has begun waits for its data. */
		if (state_ == state::data && !valid_ && unit_ == source::copy && !in.copy_data)
			return in.completion || host_.sending() || memory_.sending() ||
			       nothing_pending_ || ends_nothing(host_tracker_) ||
			       ends_nothing(memory_tracker_);
		return state_ != state::idle || results_.active || copy_.active || in.completion ||
		       in.results.valid || in.copy.valid || host_.sending() || memory_.sending() ||
		       nothing_pending_ || ends_nothing(host_tracker_) ||
		       ends_nothing(memory_tracker_);
	}
	bool busy(std::uint64_t cycle) const
	{
		return !host_tracker_.empty() || !memory_tracker_.empty() || host_.dead(cycle) ||
		       memory_.dead(cycle);
	}
	std::uint64_t next() const { return std::min(host_.next(), memory_.next()); }

	void drop()
	{
		host_.drop();
		memory_.drop();
	}
	void watch(watcher &watcher)
	{
		host_.watch(watcher, true);
		memory_.watch(watcher, false);
	}
	void reset();

private:
	enum class state { idle, address, data };

	struct pending {
		bool active, host, last;
		unsigned slot;
		std::uint64_t address;
		std::uint64_t beats;	/* left */
		unsigned tail;		/* bytes of the last beat, 0 for all */
	};
	struct tracked {
		bool nothing, last;
		unsigned slot;
	};
	using tracker = ring<tracked, tracked_bursts>;

	static bool ends_nothing(const tracker &t) { return !t.empty() && t.front().nothing; }
	static bool room(const tracker &t) { return t.count() < tracked_bursts; }
	static void accept(pending &to, const stretch &from);
	void begin(pending &from, source unit);
	static done follow(write_port &port, tracker &t, std::uint64_t cycle, bool host,
			   outputs *out);
	write_port &port() { return to_host_ ? host_ : memory_; }

	write_port host_, memory_;
	tracker host_tracker_, memory_tracker_;
	pending results_ = {}, copy_ = {};

	state state_ = state::idle;
	source unit_ = source::results;
	bool to_host_ = false, final_ = false, last_ = false;
	bool turn_ = false;		/* COPY's */
	unsigned slot_ = 0;
	std::uint64_t address_ = 0;
	unsigned burst_ = 0;		/* its beats */
	unsigned beats_ = 0;		/* still to be loaded */
	unsigned tail_ = 0;
	bool valid_ = false;		/* a beat is loaded */
	bool nothing_pending_ = false;	/* an end without a write is in a tracker */
	write_beat beat_ = {};
};

/* Byte strobes of a job's last beat; 0 stands for a full one. */
inline std::uint64_t tail_mask(unsigned bytes)
{
	return bytes ? ~(~0ull << bytes) : ~0ull;
}

template <class fill>
writer::outputs writer::tick(std::uint64_t cycle, const inputs &in, fill &&beat)
{
	outputs out = {};
	const bool results_none = in.results.valid && in.results.nothing && !results_.active &&
				  state_ != state::address && !nothing_pending_ &&
				  room(in.results.host ? host_tracker_ : memory_tracker_);
	const bool copy_none = in.copy.valid && in.copy.nothing && !copy_.active &&
			       state_ != state::address && !nothing_pending_ && !results_none &&
			       room(in.copy.host ? host_tracker_ : memory_tracker_);
	const bool hold = nothing_pending_ || results_none || copy_none;
	const bool results_can = results_.active &&
				 room(results_.host ? host_tracker_ : memory_tracker_);
	const bool copy_can = copy_.active && room(copy_.host ? host_tracker_ : memory_tracker_);
	const bool idle = state_ == state::idle;
	const bool free = idle && !in.completion && !hold;
	const bool takes_results = free && results_can && !(copy_can && turn_);
	const bool takes_copy = free && copy_can && !takes_results;
	const bool beat_sent = valid_ && port().takes_beat();
	const bool data = unit_ == source::completion ||
			  (unit_ == source::copy ? in.copy_data : in.results_data);
	const bool load = state_ == state::data && beats_ && (!valid_ || beat_sent) && data;
	bool nothing_gone = false;

	out.copy_sent = copy_sent();
	out.results_ready = in.results.valid &&
			    (in.results.nothing ? results_none : !results_.active);
	out.copy_ready = in.copy.valid && (in.copy.nothing ? copy_none : !copy_.active);
	out.beat = beat_sent;
	out.beat_host = to_host_;
	out.data_beat = beat_sent && unit_ != source::completion;
	out.beat_slot = slot_;

	/* Answers, and ends that need none. */
	const auto after = [&](tracker &t) {
		nothing_gone |= ends_nothing(t);
	};

	after(host_tracker_);
	after(memory_tracker_);
	out.host = follow(host_, host_tracker_, cycle, true, &out);
	out.memory = follow(memory_, memory_tracker_, cycle, false, &out);

	if (beat_sent)
		port().give_beat(beat_);

	/* The burst. */
	switch (state_) {
	case state::idle:
		if (in.completion) {
			unit_ = source::completion;
			to_host_ = true;
			address_ = in.completion_address;
			burst_ = beats_ = 1;
			state_ = state::address;
		} else if (takes_results) {
			begin(results_, source::results);
			turn_ = true;
		} else if (takes_copy) {
			begin(copy_, source::copy);
			turn_ = false;
		}
		break;
	case state::address:
		/* The port has room: the last burst's address is gone before its data. */
		port().give_address(address_, burst_, unit_ == source::completion ?
			write_port::completion : write_port::data, slot_);
		out.completion_ready = unit_ == source::completion;
		if (unit_ != source::completion)
			(to_host_ ? host_tracker_ : memory_tracker_).push({ false, last_, slot_ });
		state_ = state::data;
		break;
	case state::data:
		if (beat_sent && beat_.last)
			state_ = state::idle;
		if (load) {
			beat_.strobes = final_ && beats_ == 1 && unit_ != source::completion ?
						tail_mask(tail_) : ~0ull;
			beat_.last = beats_ == 1;
			beat(unit_, beat_);
			beats_--;
			valid_ = true;
			out.results_read = unit_ == source::results;
			out.copy_read = unit_ == source::copy;
		} else if (beat_sent) {
			valid_ = false;
		}
		break;
	}

	if (results_none || copy_none) {
		const stretch &end = results_none ? in.results : in.copy;

		(end.host ? host_tracker_ : memory_tracker_).push({ true, end.last, end.slot });
		nothing_pending_ = true;
	} else if (nothing_gone) {
		nothing_pending_ = false;
	}
	if (out.results_ready && !in.results.nothing)
		accept(results_, in.results);
	if (out.copy_ready && !in.copy.nothing)
		accept(copy_, in.copy);
	return out;
}

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_WRITER_H */
