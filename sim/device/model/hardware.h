/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hardware configuration of abi/tern.toml is made of, for the model; and the
 * facts of tern_top that are parameters of no configuration.
 */
#ifndef TERN_SIM_MODEL_HARDWARE_H
#define TERN_SIM_MODEL_HARDWARE_H

#include <cstdint>

namespace tern::model {

struct hardware {
	const char *name;
	std::uint32_t hash;
	unsigned lanes;		/* trits of a row in a cycle */
	unsigned streams;	/* rows at once */
	unsigned cols;		/* tokens */
	unsigned queues;
	unsigned k_tile;
	unsigned rows_tile;
};

constexpr unsigned most_streams = 2;
constexpr unsigned most_cols = 32;
constexpr unsigned slots_a_queue = 4;
constexpr unsigned beat_bytes = 64;
constexpr unsigned burst_beats = 64;		/* 4 KiB, which no burst crosses */
constexpr unsigned group_trits = 256;		/* what tern_unpack makes of beats */
constexpr unsigned fifo_beats = 512;		/* of a stream of weights */
constexpr unsigned copy_beats = 256;
constexpr unsigned tracked_bursts = 16;		/* writes of a space without an answer */
constexpr unsigned tiles_ahead = 4;		/* rings between tern_issue and its units */
constexpr std::uint64_t chunk_bytes = 262144;	/* of a COPY */
constexpr std::uint64_t never = UINT64_MAX;
/* A cycle that does not come: from here on answers are that are never given. */
constexpr std::uint64_t doomsday = 1ull << 62;

/* A K tile is whole beats and whole groups. */
inline unsigned k_tile_of(const hardware &h, bool b5)
{
	return b5 ? h.k_tile / 1280 * 1280 : h.k_tile;
}

/* Of a tile's rows, those of the first stream: whole words of 16 results. */
inline unsigned first_rows(const hardware &h, unsigned rows)
{
	const unsigned half = ((rows + 1) / 2 + 15) & ~15u;

	return h.streams == 1 || half > rows ? rows : half;
}

/* Beats of the next burst: all that is left, but not past the end of the page. */
inline unsigned next_burst(std::uint64_t address, std::uint64_t left)
{
	const std::uint64_t room = burst_beats - (address / beat_bytes) % burst_beats;

	return static_cast<unsigned>(left < room ? left : room);
}

/* What can be wrong with data that arrives. */
enum class trouble : std::uint8_t { none, refused, overdue };

/* A queue of fixed size, as the rings and FIFOs of the RTL are. */
template <class item, unsigned size> class ring {
public:
	unsigned count() const { return tail_ - head_; }
	bool empty() const { return head_ == tail_; }
	item &front() { return items_[head_ % size]; }
	const item &front() const { return items_[head_ % size]; }
	const item &at(unsigned i) const { return items_[(head_ + i) % size]; }
	item &back() { return items_[(tail_ - 1) % size]; }
	void pop() { head_++; }
	void push(const item &what) { items_[tail_++ % size] = what; }
	item &push() { return items_[tail_++ % size]; }
	void clear() { head_ = tail_ = 0; }

private:
	unsigned head_ = 0, tail_ = 0;
	item items_[size];
};

/* The first request after the last one served, wrapping around. */
inline unsigned round_robin(std::uint32_t requests, unsigned last, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		const unsigned index = (last + i) % count;

		if (requests >> index & 1)
			return index;
	}
	return last;
}

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_HARDWARE_H */
