// SPDX-License-Identifier: Apache-2.0
#include "device/model/issue.h"

namespace tern::model {

void issue::reset()
{
	for (place &place : at_)
		place = {};
	state_ = state::pick;
	queue_ = 0;
	open_ = false;
	held_[0] = held_[1] = false;
	half_ = 0;
}

bool issue::can(unsigned q, bool room, bool copy_ready) const
{
	const jobs::queue &queue = jobs_.of(q);
	const place &at = at_[q];

	/* A block's sums stay in one bank, so its tiles stay together. */
	if (!queue.has_next() || at.blocked || (open_ && queue_ != q))
		return false;

	const kind kind = jobs_.at(jobs_.next_slot(q)).kind;

	if (at.begun)
		return kind == kind::gemm ? room : copy_ready;
	if (cancelled(q))
		return true;
	switch (kind) {
	case kind::instant:
		return true;
	case kind::barrier:
		return queue.quiet();
	case kind::gemm:
		return room && (!at.copying || queue.quiet());
	default:
		return copy_ready && queue.quiet();
	}
}

int issue::pick(bool room, bool copy_ready) const
{
	std::uint32_t requests = 0;

	if (state_ != state::pick || !jobs_.next_valid())
		return -1;
	for (unsigned q = 0; q < hardware_.queues; q++)
		requests |= static_cast<std::uint32_t>(can(q, room, copy_ready)) << q;
	return requests ? static_cast<int>(round_robin(requests, queue_, hardware_.queues)) : -1;
}

/* Does an earlier job still write what this one reads? */
bool issue::meets(const job &earlier) const
{
	const decoded &e = earlier.what;
	const decoded &now = jobs_.at(jobs_.next_slot(queue_)).what;

	return (e.command.dst_space == now.command.src_space && e.command.dst < now.src_end &&
		now.command.src < e.dst_end) ||
	       (e.command.dst_space == TERN_SPACE_MEM && e.command.dst < now.w_end &&
		now.command.weights < e.dst_end);
}

void issue::read()
{
	const decoded &what = jobs_.at(slot_).what;
	const tern_hw_command &c = what.command;
	place &at = at_[queue_];

	gemm_ = c.opcode == TERN_HW_OP_GEMM;
	void_ = cancelled(queue_);
	first_ = !at.begun;
	if (at.begun)
		return;
	at.x_pass = at.x_tile = at.src = c.src;
	at.y_pass = at.y_block = at.dst = c.dst;
	at.w_block = at.w_tile = c.weights;
	at.left = c.length;
	at.t_left = c.t;
	at.n_left = c.n;
	at.k_left = c.k;
	at.beats_left = what.row_beats;
	at.add = false;
	at.x_new = true;
}

/* A new pass or K tile replaces what the job has; the half not dealt out last is free first. */
void issue::choose_half()
{
	const bool hit0 = held_[0] && holder_[0] == slot_;
	const bool hit1 = held_[1] && holder_[1] == slot_;
	const unsigned last = half_;

	load_ = at_[queue_].x_new || !(hit0 || hit1);
	if (!gemm_ || void_)
		return;
	if (!load_) {
		half_ = hit1;
		return;
	}
	half_ = last ^ 1;
	held_[0] = last || (held_[0] && !hit0);
	held_[1] = !last || (held_[1] && !hit1);
	holder_[half_] = slot_;
}

void issue::push_chunk(outputs *out)
{
	const tern_hw_command &c = jobs_.at(slot_).what.command;
	place &at = at_[queue_];
	const bool last = void_ || at.left <= chunk_bytes;

	out->chunk = true;
	out->copy_begins = first_;
	out->advance = last;
	out->what = { slot_,
		      c.opcode == TERN_HW_OP_FILL,
		      void_,
		      last,
		      c.src_space == TERN_SPACE_HOST,
		      c.dst_space == TERN_SPACE_HOST,
		      at.src,
		      at.dst,
		      last ? at.left : chunk_bytes,
		      c.pattern };
	at.src += chunk_bytes;
	at.dst += chunk_bytes;
	at.left -= chunk_bytes;
	open_ = false;
	at.begun = !last;
	at.copying = true;
}

void issue::push_tile(const units &units, outputs *out)
{
	const decoded &what = jobs_.at(slot_).what;
	const tern_hw_command &c = what.command;
	place &at = at_[queue_];
	const bool b5 = c.packing == TERN_PACKING_B5;
	const unsigned k_tile = k_tile_of(hardware_, b5);
	const unsigned tile_beats = k_tile / (b5 ? TERN_B5_TRITS_A_BEAT : TERN_P2_TRITS_A_BEAT);
	const bool last_k = at.k_left <= k_tile;
	const bool last_n = at.n_left <= hardware_.rows_tile;
	const bool last_t = at.t_left <= hardware_.cols;
	const bool job_end = void_ || (last_k && last_n && last_t);
	const bool block_end = last_k || void_;
	const auto k = static_cast<unsigned>(last_k ? at.k_left : k_tile);
	const auto beats = static_cast<unsigned>(last_k ? at.beats_left : tile_beats);
	const auto rows = static_cast<unsigned>(last_n ? at.n_left : hardware_.rows_tile);
	const auto cols = static_cast<unsigned>(last_t ? at.t_left : hardware_.cols);

	units.x.tiles.push({ void_, load_ && !void_, half_, c.src_space == TERN_SPACE_HOST,
			     at.x_tile, c.src_stride, k, cols, slot_ });
	if (!void_) {
		for (weights &w : units.w)
			w.tiles.push({ at.w_tile, rows, what.row_beats, beats, slot_ });
	}
	units.seq.tiles.push({ slot_, void_, first_, block_end, half_, at.add, b5, k, cols, rows,
			       beats });
	if (block_end)
		units.y.blocks.push({ slot_, void_, job_end, c.dst_space == TERN_SPACE_HOST,
				      at.y_block, c.dst_stride, rows, cols });

	/* Where it stands after this tile. */
	if (!last_k) {
		at.k_left -= k_tile;
		at.beats_left -= tile_beats;
		at.x_tile += k_tile;
		at.w_tile += tile_beats * beat_bytes;
		at.add = true;
		at.x_new = true;
	} else {
		at.k_left = c.k;
		at.beats_left = what.row_beats;
		at.add = false;
		at.x_new = c.k > k_tile;
		if (!last_n) {
			at.n_left -= hardware_.rows_tile;
			at.y_block += 4ull * hardware_.rows_tile;
			at.w_block += what.row_beats * beat_bytes * hardware_.rows_tile;
		} else {
			at.n_left = c.n;
			at.t_left -= hardware_.cols;
			at.x_pass += static_cast<std::uint64_t>(c.src_stride) * hardware_.cols;
			at.y_pass += static_cast<std::uint64_t>(c.dst_stride) * hardware_.cols;
			at.y_block = at.y_pass;
			at.w_block = c.weights;
			at.x_new = true;
		}
		at.x_tile = at.x_pass;
		at.w_tile = at.w_block;
	}
	out->advance = job_end;
	open_ = !block_end;
	at.begun = !job_end;
	at.copying = false;
}

issue::outputs issue::tick(int picked, bool any_done, const units &units)
{
	outputs out = {};

	out.queue = queue_;
	out.slot = slot_;
	switch (state_) {
	case state::pick:
		earlier_ = 1;
		if (picked < 0)
			break;
		queue_ = static_cast<unsigned>(picked);
		slot_ = jobs_.next_slot(queue_);
		state_ = state::read;
		break;
	case state::read:
		read();
		if (first_ && (void_ || !(gemm_ || jobs_.at(slot_).kind == kind::copy))) {
			out.advance = out.done = true;
			state_ = state::pick;
		} else {
			state_ = first_ && gemm_ ? state::hazard : state::tile;
		}
		break;
	case state::hazard: {
		const job *const earlier = jobs_.earlier(queue_, earlier_);

		if (earlier && meets(*earlier)) {
			at_[queue_].blocked = true;
			state_ = state::pick;
		} else if (earlier_ == slots_a_queue - 1) {
			state_ = state::tile;
		}
		earlier_++;
		break;
	}
	case state::tile:
		choose_half();
		state_ = state::push;
		break;
	case state::push:
		if (gemm_)
			push_tile(units, &out);
		else
			push_chunk(&out);
		state_ = state::pick;
		break;
	}
	/* A job that is done in this cycle might be the one that a hazard waits for. */
	if (any_done) {
		for (place &place : at_)
			place.blocked = false;
	}
	return out;
}

} /* namespace tern::model */
