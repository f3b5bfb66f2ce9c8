// SPDX-License-Identifier: Apache-2.0
#include "memory/dram.h"

#include <algorithm>
#include <iterator>

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

/*
 * The first time from which an activate can be, tRRD from every other and no fifth within
 * tFAW. Others may have been given times after it: their banks were not free.
 */
std::uint64_t dram::activate(channel &channel, std::uint64_t from, std::uint64_t now_ps)
{
	std::vector<std::uint64_t> &all = channel.activates;
	const std::uint64_t reach = std::max(faw_, rrd_);
	auto past = all.begin();
	std::uint64_t at = from;

	while (past != all.end() && (*past + reach <= now_ps || all.end() - past >= 64))
		past++;
	all.erase(all.begin(), past);
	for (;;) {
		const auto next = std::lower_bound(all.begin(), all.end(), at);
		const auto first = next - std::min<std::ptrdiff_t>(next - all.begin(), 4);

		if (next != all.begin() && at < *(next - 1) + rrd_) {
			at = *(next - 1) + rrd_;
			continue;
		}
		if (next != all.end() && *next < at + rrd_) {
			at = *next + rrd_;
			continue;
		}

		/* Four neighbours that would make five with this one. */
		auto four = first;

		while (four <= next && all.end() - four >= 4 &&
		       std::max(at, four[3]) - std::min(at, *four) >= faw_)
			four++;
		if (four > next || all.end() - four < 4) {
			all.insert(next, at);
			return at;
		}
		at = *four + faw_;
	}
}

/* When the row's columns can be read or written. */
std::uint64_t dram::open_row(channel &channel, bank &bank, std::uint64_t row, std::uint64_t now_ps)
{
	if (bank.row == row) {
		stats.row_hits++;
		return bank.column_from;
	}

	const std::uint64_t from = bank.row == no_row ?
					   std::max(now_ps, bank.activate_from) :
					   std::max(now_ps, bank.precharge_from) + rp_;
	const std::uint64_t at = activate(channel, from, now_ps);

	bank.row = row;
	bank.column_from = at + rcd_;
	bank.precharge_from = at + ras_;
	stats.row_misses++;
	return bank.column_from;
}

/*
 * The data bus, for data that is ready and takes so long. While an earlier burst waited
 * for its row the bus was free, so some of this may go first, in pieces. The result
 * is as if all of it came in one piece at the end.
 */
dram::span dram::move_data(channel &channel, std::uint64_t ready, std::uint64_t took)
{
	std::uint64_t left = took;
	std::uint64_t until = 0;

	for (span &gap : channel.gaps) {
		const std::uint64_t from = std::max(gap.from, ready);

		if (from >= gap.until || !left)
			continue;
		until = std::min(gap.until, from + left);
		left -= until - from;
		/* Before it nothing can go any more that comes after this. */
		gap.from = until;
	}
	if (!left)
		return { until - took, until };

	const std::uint64_t from = std::max(ready, channel.data_until);

	if (channel.data_until && from > channel.data_until) {
		/* The oldest gap makes room. */
		std::move(channel.gaps + 1, std::end(channel.gaps), channel.gaps);
		*(std::end(channel.gaps) - 1) = { channel.data_until, from };
	}
	channel.data_until = from + left;
	return { channel.data_until - took, channel.data_until };
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

	if (write != channel.wrote && channel.data_until) {
		/* The bus turns after all that it was going to carry. */
		channel.data_until += write ? rtw_ : wtr_ + cl_;
		std::fill(std::begin(channel.gaps), std::end(channel.gaps), span{});
		stats.turnarounds++;
	}
	channel.wrote = write;

	const span data = move_data(channel, column + (write ? cwl_ : cl_), channel_ps(bytes));

	bank.precharge_from = std::max(bank.precharge_from,
				       write ? data.until + wr_ : data.until - cl_ + rtp_);
	return data;
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
