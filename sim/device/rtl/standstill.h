/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cycles that a Verilated model need not be evaluated for, because it only counts them.
 *
 * While the card waits for the host's memory, hundreds of edges change nothing in it but
 * some counters. One such edge is evaluated and looked at: if everything narrower than 32
 * bits (each flag, pointer, state and input) is behind it as it was before, and each wider
 * word is the same or one more, then the next edge does the same again, because counters
 * of cycles decide nothing. So n more edges add n to what has grown.
 *
 * Watchdogs do decide something when they have counted to their limit; nothing that
 * grows is brought near to that, nor to where it would wrap or stay.
 *
 * What is computed from a counter without a register in between is out of date until the
 * edge after these: nothing may be sampled in it.
 *
 * Verilator sorts a model's variables by their width. The first ones of each width are
 * ports, and so known by name.
 */
#ifndef TERN_SIM_STANDSTILL_H
#define TERN_SIM_STANDSTILL_H

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "device/rtl/verilated_model.h"

namespace tern {

class standstill {
public:
	explicit standstill(TERN_MODEL &top)
		: root_(*top.rootp), narrow_(at(root_.clk_i)), words_(at(root_.clock_khz_i)),
		  longs_(at(root_.mem_size_i)), end_(at(root_.tern_top__DOT__u_jobs__DOT__job_q)),
		  copies_(at(root_.tern_top__DOT__u_account__DOT__u_link__DOT__count_q)),
		  copies_bytes_(sizeof(root_.tern_top__DOT__u_account__DOT__u_link__DOT__count_q)),
		  before_(new char[end_ - narrow_ + copies_bytes_])
	{
		if (!lies_in(narrow_, words_, root_.irq_o) ||
		    !lies_in(narrow_, words_, root_.s_axil_awaddr_i) ||
		    !lies_in(words_, longs_, root_.tern_top__DOT__u_reg__DOT__watchdog_q) ||
		    !lies_in(longs_, end_, root_.m_axi_host_araddr_o))
			throw std::logic_error("standstill.h and Verilator do not agree");
	}

	/* Before an edge. */
	void remember()
	{
		std::memcpy(before_.get(), narrow_, end_ - narrow_);
		std::memcpy(before_.get() + (end_ - narrow_), copies_, copies_bytes_);
	}

	/*
	 * Behind it: make the model as after `most` more of them, or as many of these as are
	 * all alike. Returns how many; 0 if this one changed more than counters.
	 */
	std::uint64_t repeat(std::uint64_t most)
	{
		const char *const before = before_.get();

		if (std::memcmp(before, narrow_, words_ - narrow_))
			return 0;
		edges_ = most;
		grown_words_ = grown_longs_ = 0;
		if (!compare(words_, longs_, before + (words_ - narrow_), word_, &grown_words_) ||
		    !compare(longs_, end_, before + (longs_ - narrow_), long_, &grown_longs_) ||
		    !compare(copies_, copies_ + copies_bytes_, before + (end_ - narrow_), word_,
			     &grown_words_))
			return 0;
		for (unsigned i = 0; i < grown_words_; i++)
			*word_[i] += static_cast<std::uint32_t>(edges_);
		for (unsigned i = 0; i < grown_longs_; i++)
			*long_[i] += edges_;
		return edges_;
	}

	/* Will a port of the device stop waiting at some time? */
	bool has_patience_limit() const { return limit(); }

private:
	/* There are a dozen of them, and what is computed from them. */
	static constexpr unsigned most_grown = 64;
	/* Edges before something that a counter decides. */
	static constexpr std::uint64_t margin = 4;

	template <typename variable> static char *at(variable &v)
	{
		return reinterpret_cast<char *>(&v);
	}

	template <typename variable>
	static bool lies_in(const char *begin, const char *end, variable &v)
	{
		return begin < at(v) && at(v) < end;
	}

	std::uint32_t limit() const { return root_.tern_top__DOT__u_reg__DOT__watchdog_q; }

	/* Lists the words of a range that have grown. False if one has changed in another way. */
	template <typename word>
	bool compare(char *begin, char *end, const char *old, word *(&grown)[most_grown],
		     unsigned *count)
	{
		for (; begin < end; begin += sizeof(word), old += sizeof(word)) {
			word now, before;

			std::memcpy(&now, begin, sizeof(word));
			std::memcpy(&before, old, sizeof(word));
			if (now == before)
				continue;

			const word stop = now < limit() ? limit() : ~word(0);

			if (now != before + 1 || stop - now <= margin || *count == most_grown)
				return false;
			edges_ = std::min<std::uint64_t>(edges_, stop - now - margin);
			grown[(*count)++] = reinterpret_cast<word *>(begin);
		}
		return true;
	}

	std::remove_reference_t<decltype(*std::declval<TERN_MODEL>().rootp)> &root_;
	/* Up to 16 bits wide; 32, and wider than 64; 33 to 64; arrays. */
	char *const narrow_, *const words_, *const longs_, *const end_;
	/* The one array that counts cycles: a copy's, by jobs. */
	char *const copies_;
	const std::size_t copies_bytes_;
	std::unique_ptr<char[]> before_;
	std::uint64_t edges_ = 0;
	std::uint32_t *word_[most_grown];
	std::uint64_t *long_[most_grown];
	unsigned grown_words_ = 0, grown_longs_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_STANDSTILL_H */
