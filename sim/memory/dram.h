/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the beats of a burst come out of a DRAM: channels, banks, rows, refresh,
 * the turn of the data bus. Time only, no data, and no SystemC: benches of the bare
 * RTL use it too. Times are picoseconds since the start.
 *
 * What a controller's queue is there for happens: a row is opened when the burst
 * asks for it, while earlier bursts have the data bus; a burst whose row is open goes
 * ahead of one that waits for its row; a bank is refreshed while others stream.
 */
#ifndef TERN_SIM_DRAM_H
#define TERN_SIM_DRAM_H

#include <cstdint>
#include <vector>

#include "platform/beats.h"

namespace tern {

struct dram_parameters {
	/* All channels together; the interface's peak. */
	double bytes_per_ns = 64;
	/* Of controller and wires, there and back, on top of the DRAM's own. */
	double latency_ns = 60;

	/* Without banks it is a pipe: no rows, no refresh, nothing of what follows. */
	std::uint64_t banks = 0;		/* of a channel */
	std::uint64_t channels = 1;		/* independent ones; HBM's pseudo-channels */
	std::uint64_t row_bytes = 2048;		/* what an activate opens */
	std::uint64_t interleave_bytes = 256;	/* on one channel before the next */

	double t_rcd_ns = 0;	/* activate to column command */
	double t_rp_ns = 0;	/* precharge to activate */
	double t_ras_ns = 0;	/* activate to precharge */
	double t_rrd_ns = 0;	/* activate to activate of another bank */
	double t_faw_ns = 0;	/* in which there are four activates at most */
	double t_cl_ns = 0;	/* read command to data */
	double t_cwl_ns = 0;	/* write command to data */
	double t_rtp_ns = 0;	/* read command to precharge */
	double t_wr_ns = 0;	/* end of written data to precharge */
	double t_wtr_ns = 0;	/* end of written data to read command */
	double t_rtw_ns = 0;	/* end of read data to written data */
	double t_rfc_ns = 0;	/* refresh: of a bank, or of all */
	double t_refi_ns = 0;	/* from one refresh to the next, of the same bank */
	bool per_bank_refresh = true;
	std::uint64_t refresh_postponed = 8;	/* refreshes that may be owed to a bank */
};

class dram {
public:
	/* Counts are powers of two, interleave_bytes >= a beat and <= row_bytes. */
	explicit dram(const dram_parameters &parameters);

	/* A burst that the controller gets at now_ps. Its beats come at a constant distance,
	 * none before its data: a burst over several channels is late by less than a chunk.
	 */
	beat_times take(std::uint64_t now_ps, std::uint64_t address, std::uint64_t bytes,
			bool write);

	/* The data pins were in use for so long. */
	std::uint64_t busy_ps() const { return static_cast<std::uint64_t>(busy_ps_); }

	struct {
		std::uint64_t row_hits = 0, row_misses = 0;
		std::uint64_t turnarounds = 0;
		std::uint64_t refreshes = 0;
		std::uint64_t refresh_waits = 0;	/* accesses that waited for one */
	} stats;

private:
	static constexpr std::uint64_t no_row = UINT64_MAX;

	struct bank {
		std::uint64_t row = no_row;
		std::uint64_t activate_from = 0;	/* if no row is open */
		std::uint64_t column_from = 0;		/* if one is */
		std::uint64_t precharge_from = 0;
		std::uint64_t refresh_due = 0;
	};

	struct span {
		std::uint64_t from, until;
	};

	struct channel {
		std::vector<bank> banks;
		std::uint64_t data_until = 0;
		span gaps[4] = {};			/* before that, in which no data moves */
		bool wrote = false;
		std::vector<std::uint64_t> activates;	/* in order; those that can matter */
		std::uint64_t refresh_due = 0;		/* if all banks are refreshed at once */
	};

	beat_times take_pipe(std::uint64_t now_ps, std::uint64_t beats);
	span access(channel &channel, std::uint64_t now_ps, std::uint64_t address,
		    std::uint64_t bytes, bool write);
	std::uint64_t channel_ps(std::uint64_t bytes) const
	{
		return static_cast<std::uint64_t>(channel_ps_per_byte_ *
						  static_cast<double>(bytes));
	}

	void refresh_bank(channel &channel, bank &bank, std::uint64_t now_ps);
	void refresh_all(channel &channel, std::uint64_t now_ps);
	span move_data(channel &channel, std::uint64_t ready, std::uint64_t took);
	std::uint64_t activate(channel &channel, std::uint64_t from, std::uint64_t now_ps);
	std::uint64_t open_row(channel &channel, bank &bank, std::uint64_t row,
			       std::uint64_t now_ps);

	/* dram_parameters in picoseconds */
	double ps_per_byte_;			/* of all channels together */
	double channel_ps_per_byte_;
	std::uint64_t latency_, rcd_, rp_, ras_, rrd_, faw_, cl_, cwl_, rtp_, wr_, wtr_, rtw_;
	std::uint64_t rfc_, refi_;
	bool per_bank_refresh_;
	std::uint64_t refresh_postponed_;
	unsigned channel_bits_, bank_bits_, row_bits_, interleave_bits_;
	unsigned bank_step_;
	std::vector<channel> channels_;
	std::uint64_t pipe_until_ = 0;
	double busy_ps_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_DRAM_H */
