/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cycles that a Verilated model need not be evaluated for, because it only counts them.
 *
 * While the card waits for the host's memory, hundreds of edges change nothing in it but
 * some counters of cycles. One such edge is evaluated and looked at: if all that is behind
 * it other than before is counters of a list, each by one, then the next edge does the same
 * again, because these counters decide nothing. So n more edges add n to what has grown.
 *
 * Watchdogs do decide something when they have counted to their limit; nothing that
 * grows is brought near to that, nor to where it would wrap or stay.
 *
 * What is computed from a counter without a register in between is out of date until the
 * edge after these: nothing may be sampled in it.
 *
 * Verilator sorts a model's variables by their width: up to 16 bits, 32 and wider than 64,
 * 33 to 64, arrays. Compared are all of them up to the arrays, and of these the account's,
 * the only ones that count anything. The other arrays are memories, which no edge writes
 * without moving a pointer.
 */
#ifndef TERN_SIM_STANDSTILL_H
#define TERN_SIM_STANDSTILL_H

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "device/rtl/verilated_model.h"

/* Verilator's names. What it computes for the next edge has a name of its own. */
#define TERN_SEQ(q) (&root_.tern_top__DOT__u_gemm__DOT__u_seq__DOT__##q)
#define TERN_SEQ_NEXT(q) (&root_.__Vdly__tern_top__DOT__u_gemm__DOT__u_seq__DOT__##q)
#define TERN_WAITED(port) \
	(&root_.tern_top__DOT__##port##__DOT__u_guard__DOT__u_timer__DOT__waited_q)
#define TERN_TILE_COUNT(i) \
	root_.tern_top__DOT__u_account__DOT__gen_tile__BRA__##i##__KET____DOT__u_tally__DOT__count_q

namespace tern {

class standstill {
public:
	explicit standstill(TERN_MODEL &top)
		: root_(*top.rootp), scalars_(at(root_.clk_i)),
		  scalars_end_(at(root_.tern_top__DOT__u_jobs__DOT__job_q)),
		  accounts_(at(root_.tern_top__DOT__u_account__DOT__u_adds__DOT__count_q)),
		  accounts_end_(end_of(TERN_TILE_COUNT(4))),
		  links_(at(root_.tern_top__DOT__u_account__DOT__u_link__DOT__count_q)),
		  links_end_(end_of(root_.tern_top__DOT__u_account__DOT__u_link__DOT__count_q)),
		  words_{ TERN_SEQ(cycles_q), TERN_SEQ(stall_weights_q),
			  TERN_SEQ(stall_activations_q), TERN_SEQ(stall_results_q),
			  TERN_SEQ_NEXT(cycles_q), TERN_SEQ_NEXT(stall_weights_q),
			  TERN_SEQ_NEXT(stall_activations_q), TERN_SEQ_NEXT(stall_results_q),
			  &root_.tern_top__DOT__u_account__DOT__link_wait_q,
			  &root_.tern_top__DOT__u_account__DOT__command_wait_q,
			  TERN_WAITED(u_host_read), TERN_WAITED(u_host_write),
			  TERN_WAITED(u_mem_write),
			  TERN_WAITED(gen_mem_read__BRA__0__KET____DOT__u_port) },
		  longs_{ &root_.tern_top__DOT__u_totals__DOT__cycles_q,
			  /* computed from a job's link count, and wider than that */
			  &root_.tern_top__DOT__u_account__DOT__u_link__DOT__sum },
		  before_(new char[scalars_end_ - scalars_ + accounts_end_ - accounts_])
	{
		const bool in_order = lies_in(scalars_, scalars_end_, root_.irq_o) &&
			lies_in(scalars_, scalars_end_, root_.clock_khz_i) &&
			lies_in(scalars_, scalars_end_, root_.mem_size_i) &&
			lies_in(scalars_, scalars_end_, *words_[0]) &&
			lies_in(scalars_, scalars_end_, *longs_[0]) &&
			lies_in(accounts_, accounts_end_, *links_) &&
			lies_in(accounts_, accounts_end_, TERN_TILE_COUNT(0));

		if (!in_order)
			throw std::logic_error("standstill.h and Verilator do not agree");
	}

	/* Before an edge. */
	void remember()
	{
		std::memcpy(before_.get(), scalars_, scalars_end_ - scalars_);
		std::memcpy(before_.get() + (scalars_end_ - scalars_), accounts_,
			    accounts_end_ - accounts_);
	}

	/*
	 * Behind it: make the model as after `most` more of them, or as many of these as are
	 * all alike. Returns how many; 0 if this one changed more than counters.
	 */
	std::uint64_t repeat(std::uint64_t most)
	{
		char *const before = before_.get();

		edges_ = most;
		grown_.clear();
		for (std::uint32_t *word : words_)
			look_at(word, before + (at(*word) - scalars_));
		for (std::uint64_t *word : longs_)
			look_at(word, before + (at(*word) - scalars_));
		for (char *link = links_; link < links_end_; link += sizeof(std::uint32_t))
			look_at(reinterpret_cast<std::uint32_t *>(link),
				before + (scalars_end_ - scalars_) + (link - accounts_));
		/* look_at() has put the counters' new values there: all else is to be the same. */
		if (edges_ == 0 || std::memcmp(before, scalars_, scalars_end_ - scalars_) ||
		    std::memcmp(before + (scalars_end_ - scalars_), accounts_,
				accounts_end_ - accounts_))
			return 0;
		for (const counter &c : grown_)
			c.add(edges_);
		return edges_;
	}

	/* Will a port of the device stop waiting at some time? */
	bool has_patience_limit() const { return limit(); }

private:
	/* Edges before something that a counter decides. */
	static constexpr std::uint64_t margin = 4;

	struct counter {
		void *place;
		bool is_long;

		void add(std::uint64_t edges) const
		{
			if (is_long)
				*static_cast<std::uint64_t *>(place) += edges;
			else
				*static_cast<std::uint32_t *>(place) +=
					static_cast<std::uint32_t>(edges);
		}
	};

	template <typename variable> static char *at(variable &v)
	{
		return reinterpret_cast<char *>(&v);
	}

	template <typename variable> static char *end_of(variable &v)
	{
		return at(v) + sizeof(v);
	}

	template <typename variable>
	static bool lies_in(const char *begin, const char *end, variable &v)
	{
		return begin < at(v) && at(v) < end;
	}

	std::uint32_t limit() const { return root_.tern_top__DOT__u_reg__DOT__watchdog_q; }

	/* A counter that has grown by one is noted, and is no difference any more. */
	template <typename word> void look_at(word *now, char *old)
	{
		const word stop = *now < limit() ? limit() : ~word(0);
		word before;

		std::memcpy(&before, old, sizeof(word));
		if (*now != static_cast<word>(before + 1))
			return;
		if (stop - *now <= margin) {
			edges_ = 0;
			return;
		}
		edges_ = std::min<std::uint64_t>(edges_, stop - *now - margin);
		grown_.push_back({ now, sizeof(word) == sizeof(std::uint64_t) });
		std::memcpy(old, now, sizeof(word));
	}

	std::remove_reference_t<decltype(*std::declval<TERN_MODEL>().rootp)> &root_;
	char *const scalars_, *const scalars_end_;
	char *const accounts_, *const accounts_end_, *const links_, *const links_end_;
	std::uint32_t *const words_[14];
	std::uint64_t *const longs_[2];
	std::unique_ptr<char[]> before_;
	std::uint64_t edges_ = 0;
	std::vector<counter> grown_;
};

} /* namespace tern */

#undef TERN_SEQ
#undef TERN_SEQ_NEXT
#undef TERN_WAITED
#undef TERN_TILE_COUNT

#endif /* TERN_SIM_STANDSTILL_H */
