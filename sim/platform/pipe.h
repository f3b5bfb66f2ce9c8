/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a channel: so many bytes a picosecond, in the order asked for,
 * a latency before the first one. Times are picoseconds since the start.
 */
#ifndef TERN_SIM_PIPE_H
#define TERN_SIM_PIPE_H

#include <algorithm>
#include <cstdint>

namespace tern {

/* When the beats of a burst are there. */
struct beat_times {
	std::uint64_t first_ps;		/* the first beat is complete */
	std::uint64_t interval_ps;	/* from one beat to the next */
	std::uint64_t last_ps;		/* the last beat is complete */
};

class pipe {
public:
	pipe(double ps_per_byte, std::uint64_t latency_ps)
		: ps_per_byte_(ps_per_byte), latency_ps_(latency_ps)
	{
	}

	/* A burst of `beats` that is asked for at now_ps. */
	beat_times take(std::uint64_t now_ps, std::uint64_t beats, std::uint64_t beat_bytes)
	{
		const auto interval = static_cast<std::uint64_t>(ps_per_byte_ * beat_bytes);
		const std::uint64_t start = std::max(now_ps + latency_ps_, busy_until_ps_);

		busy_until_ps_ = start + interval * beats;
		busy_ps_ += interval * beats;
		return { start + interval, interval, busy_until_ps_ };
	}

	/* The same without the latency: data that starts here, not at the far end. */
	beat_times send(std::uint64_t now_ps, std::uint64_t beats, std::uint64_t beat_bytes)
	{
		const auto interval = static_cast<std::uint64_t>(ps_per_byte_ * beat_bytes);
		const std::uint64_t start = std::max(now_ps, busy_until_ps_);

		busy_until_ps_ = start + interval * beats;
		busy_ps_ += interval * beats;
		return { start + interval, interval, busy_until_ps_ + latency_ps_ };
	}

	std::uint64_t busy_ps() const { return busy_ps_; }

private:
	double ps_per_byte_;
	std::uint64_t latency_ps_;
	std::uint64_t busy_until_ps_ = 0;
	std::uint64_t busy_ps_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_PIPE_H */
