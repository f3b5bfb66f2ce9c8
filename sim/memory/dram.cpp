// SPDX-License-Identifier: Apache-2.0
#include "memory/dram.h"

#include <algorithm>

#include "tern_abi.h"

namespace tern {

static std::uint64_t ps(double ns)
{
	return static_cast<std::uint64_t>(ns * 1000 + 0.5);
}

static unsigned log2_of(std::uint64_t value)
{
	return value ? 63 - __builtin_clzll(value) : 0;
}

dram::dram(const dram_parameters &p)
	: ps_per_byte_(1000 / p.bytes_per_ns), channel_ps_per_byte_(ps_per_byte_ * p.channels),
	  latency_(ps(p.latency_ns)), rcd_(ps(p.t_rcd_ns)), rp_(ps(p.t_rp_ns)),
	  ras_(ps(p.t_ras_ns)), rrd_(ps(p.t_rrd_ns)), faw_(ps(p.t_faw_ns)), cl_(ps(p.t_cl_ns)),
	  cwl_(ps(p.t_cwl_ns)), rtp_(ps(p.t_rtp_ns)), wr_(ps(p.t_wr_ns)), wtr_(ps(p.t_wtr_ns)),
	  rtw_(ps(p.t_rtw_ns)), rfc_(ps(p.t_rfc_ns)), refi_(ps(p.t_refi_ns)),
	  per_bank_refresh_(p.per_bank_refresh), refresh_postponed_(p.refresh_postponed),
	  channel_bits_(log2_of(p.channels)), bank_bits_(log2_of(p.banks)),
	  row_bits_(log2_of(p.row_bytes)), interleave_bits_(log2_of(p.interleave_bytes)),
	  bank_step_(p.banks / 4 + 1)
{
	if (!p.banks)
		return;
	channels_.resize(p.channels);
	for (channel &channel : channels_) {
		channel.banks.resize(p.banks);
		channel.refresh_due = refi_;
		/* Banks take turns. */
		for (unsigned i = 0; i < p.banks; i++)
			channel.banks[i].refresh_due = refi_ * (i + 1) / p.banks;
	}
}

beat_times dram::take_pipe(std::uint64_t now_ps, std::uint64_t beats)
{
	const auto interval = static_cast<std::uint64_t>(ps_per_byte_ * TERN_BEAT_BYTES);
	const std::uint64_t start = std::max(now_ps + latency_, pipe_until_);

	pipe_until_ = start + interval * beats;
	busy_ps_ += static_cast<double>(interval * beats);
	return { start + interval, interval, pipe_until_ };
}

/* Refreshes that were due while nothing asked for the channel are past. */
void dram::refresh_all(channel &channel, std::uint64_t now_ps)
{
	const std::uint64_t wanted = std::max(now_ps, channel.data_until);

	if (!refi_ || channel.refresh_due > wanted)
		return;
	if (now_ps > channel.refresh_due + rfc_ && channel.data_until <= channel.refresh_due) {
		const std::uint64_t past = (now_ps - rfc_ - channel.refresh_due) / refi_;

		stats.refreshes += past;
		channel.refresh_due += past * refi_;
	}

	std::uint64_t precharged = channel.refresh_due;

	for (const bank &bank : channel.banks)
		if (bank.row != no_row)
			precharged = std::max(precharged, bank.precharge_from + rp_);
	for (bank &bank : channel.banks) {
		bank.row = no_row;
		bank.activate_from = std::max(bank.activate_from, precharged + rfc_);
	}
	stats.refreshes++;
	if (precharged + rfc_ > now_ps)
		stats.refresh_waits++;
	channel.refresh_due += refi_;
}

/*
 * What the controller did for a bank until an access to it comes at now_ps. It
 * refreshes a bank that is due when nobody wants it. If the access is in the queue
 * already, a refresh that would make it late is postponed, as often as allowed.
 */
void dram::refresh_bank(channel &channel, bank &bank, std::uint64_t now_ps)
{
	/* When the access has to activate, to have its data when its turn comes. */
	const std::uint64_t ahead = rcd_ + cl_;
	const std::uint64_t turn = channel.data_until > ahead ? channel.data_until - ahead : 0;
	const std::uint64_t needed = std::max(now_ps, turn);

	if (!refi_)
		return;
	while (bank.refresh_due <= needed) {
		const std::uint64_t free = bank.row == no_row ? bank.activate_from :
								bank.precharge_from + rp_;
		const std::uint64_t start = std::max(bank.refresh_due, free);
		const std::uint64_t owed = (needed - bank.refresh_due) / refi_;
		std::uint64_t count = 1;

		if (start >= now_ps && start + rfc_ > needed && owed < refresh_postponed_)
			return;
		if (start == bank.refresh_due && start + rfc_ < now_ps)
			count += (now_ps - rfc_ - start) / refi_;
		bank.row = no_row;
		bank.refresh_due += count * refi_;
		bank.activate_from = std::max(start, bank.refresh_due - refi_) + rfc_;
		stats.refreshes += count;
		if (bank.activate_from > needed)
			stats.refresh_waits++;
	}
}

/* When the row's columns can be read or written. */
std::uint64_t dram::open_row(channel &channel, bank &bank, std::uint64_t row, std::uint64_t now_ps)
{
	if (bank.row == row) {
		stats.row_hits++;
		return bank.column_from;
	}

	std::uint64_t &oldest = channel.activates[channel.activate % 4];
	const std::uint64_t latest = channel.activates[(channel.activate + 3) % 4];
	std::uint64_t activate = bank.row == no_row ?
					 std::max(now_ps, bank.activate_from) :
					 std::max(now_ps, bank.precharge_from) + rp_;

	if (channel.activate)
		activate = std::max(activate, latest + rrd_);
	if (channel.activate >= 4)
		activate = std::max(activate, oldest + faw_);
	oldest = activate;
	/* Below four it says how many there were. */
	channel.activate = channel.activate == 7 ? 4 : channel.activate + 1;
	bank.row = row;
	bank.column_from = activate + rcd_;
	bank.precharge_from = activate + ras_;
	stats.row_misses++;
	return bank.column_from;
}

/* Bytes of one row; `address` is the channel's own. When the data is on the pins. */
dram::span dram::access(channel &channel, std::uint64_t now_ps, std::uint64_t address,
			std::uint64_t bytes, bool write)
{
	const std::uint64_t page = address >> row_bits_;
	const std::uint64_t row = page >> bank_bits_;
	/* Each row begins some banks further on, so that equal strides meet no one bank only. */
	const std::uint64_t index = (page + row * bank_step_) & ((1u << bank_bits_) - 1);
	bank &bank = channel.banks[index];

	if (per_bank_refresh_)
		refresh_bank(channel, bank, now_ps);
	else
		refresh_all(channel, now_ps);

	const std::uint64_t column = std::max(open_row(channel, bank, row, now_ps), now_ps);
	std::uint64_t bus = channel.data_until;

	if (write != channel.wrote && bus) {
		bus += write ? rtw_ : wtr_ + cl_;
		stats.turnarounds++;
	}

	const std::uint64_t from = std::max(column + (write ? cwl_ : cl_), bus);
	const std::uint64_t until = from + channel_ps(bytes);

	channel.data_until = until;
	channel.wrote = write;
	bank.precharge_from = std::max(bank.precharge_from,
				       write ? until + wr_ : until - cl_ + rtp_);
	return { from, until };
}

beat_times dram::take(std::uint64_t now_ps, std::uint64_t address, std::uint64_t bytes, bool write)
{
	const std::uint64_t beats = (bytes + TERN_BEAT_BYTES - 1) / TERN_BEAT_BYTES;
	const std::uint64_t end = address + bytes;

	if (channels_.empty())
		return take_pipe(now_ps, beats);

	/*
	 * A burst is one range of each channel's own addresses. Its beats' times are stairs,
	 * since chunks of all channels come at once; corners are the ones that can be last.
	 */
	struct corner {
		std::uint64_t beat, time;
	} corners[3 * 128];
	unsigned count = 0;
	std::uint64_t begin = 0, last = 0;

	const std::uint64_t mask = (1ull << interleave_bits_) - 1;
	const std::uint64_t first_chunk = address >> interleave_bits_;
	const std::uint64_t last_chunk = (end - 1) >> interleave_bits_;
	const std::uint64_t touched =
		std::min<std::uint64_t>(last_chunk - first_chunk + 1, channels_.size());

	for (std::uint64_t chunk = first_chunk; chunk < first_chunk + touched; chunk++) {
		const std::uint64_t index = chunk & (channels_.size() - 1);
		/* The last chunk of this channel. */
		const std::uint64_t final = last_chunk - ((last_chunk - chunk) % channels_.size());
		std::uint64_t at = (chunk >> channel_bits_) << interleave_bits_;
		std::uint64_t until = ((final >> channel_bits_) << interleave_bits_) + mask + 1;

		if (chunk == first_chunk)
			at += address & mask;
		if (final == last_chunk)
			until -= mask - ((end - 1) & mask);

		/* From the channel's address of a byte to the beat of the burst. */
		const auto beat_of = [&](std::uint64_t byte) {
			const std::uint64_t global =
				((((byte >> interleave_bits_) << channel_bits_) | index)
				 << interleave_bits_) | (byte & mask);

			return (global - address) / TERN_BEAT_BYTES;
		};

		while (at < until) {
			const std::uint64_t row_end = ((at >> row_bits_) + 1) << row_bits_;
			const std::uint64_t stop = std::min(row_end, until);
			const std::uint64_t step = std::min((at | mask) + 1, stop);
			const std::uint64_t beat = std::min(at + TERN_BEAT_BYTES, stop);
			const span data = access(channels_[index], now_ps, at, stop - at, write);
			const auto after = [&](std::uint64_t byte) {
				return data.from + channel_ps(byte - at);
			};

			if (!count)
				begin = after(beat);
			if (count + 3 <= sizeof(corners) / sizeof(corners[0])) {
				corners[count++] = { beat_of(at), after(beat) };
				corners[count++] = { beat_of(step - 1), after(step) };
				corners[count++] = { beat_of(stop - 1), data.until };
			}
			last = std::max(last, data.until);
			at = stop;
		}
	}
	busy_ps_ += ps_per_byte_ * static_cast<double>(bytes);

	/* A line of the burst's mean slope, as early as no beat is before its data. */
	const std::uint64_t interval = beats > 1 ? (last - begin) / (beats - 1) : 0;
	std::uint64_t late = 0;

	for (unsigned i = 0; i < count; i++)
		if (corners[i].time > begin + corners[i].beat * interval + late)
			late = corners[i].time - begin - corners[i].beat * interval;

	const std::uint64_t first = begin + late + latency_;

	return { first, interval, first + interval * (beats - 1) };
}

} /* namespace tern */
