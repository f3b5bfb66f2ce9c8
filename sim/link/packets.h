/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the beats of a burst have crossed a link of packets: each direction is a
 * pipe, payloads carry headers, reads need tags and writes need credits. Time only.
 * Without a payload size there are no packets: two pipes with a latency.
 */
#ifndef TERN_SIM_PACKETS_H
#define TERN_SIM_PACKETS_H

#include <cstdint>
#include <vector>

#include "platform/beats.h"

namespace tern {

struct link_parameters {
	double bytes_per_ns = 16;		/* each direction, on the wire */
	double read_latency_ns = 400;		/* from a request to its first byte */
	double write_latency_ns = 200;		/* from a write's last beat to its response */
	std::uint64_t payload_bytes = 0;	/* the most in a packet */
	std::uint64_t write_header_bytes = 24;	/* of a write and of a read request */
	std::uint64_t completion_header_bytes = 20;
	std::uint64_t read_request_bytes = 512;	/* the most that a packet asks for */
	std::uint64_t read_tags = 64;		/* read requests in flight */
	std::uint64_t write_credits = 64;	/* writes that the far end has room for */
};

class packets {
public:
	explicit packets(const link_parameters &parameters);

	beat_times read(std::uint64_t now_ps, std::uint64_t bytes);
	beat_times write(std::uint64_t now_ps, std::uint64_t bytes);

	std::uint64_t read_busy_ps() const { return from_host_.busy; }
	std::uint64_t write_busy_ps() const { return to_host_.busy; }

private:
	/* One direction of the wire. */
	struct wire {
		std::uint64_t until = 0;
		std::uint64_t busy = 0;

		/* Occupies it from start on, or when it is free. */
		std::uint64_t send(std::uint64_t start, std::uint64_t ps);
	};

	/* What there is so much of: each use waits for the end of the one `size` before. */
	struct pool {
		std::vector<std::uint64_t> until;
		std::size_t next = 0;

		std::uint64_t free_at() const { return until[next]; }
		void take(std::uint64_t end)
		{
			until[next] = end;
			next = next + 1 == until.size() ? 0 : next + 1;
		}
	};

	std::uint64_t ps(std::uint64_t bytes) const
	{
		return static_cast<std::uint64_t>(ps_per_byte_ * static_cast<double>(bytes));
	}

	link_parameters p_;
	double ps_per_byte_;
	std::uint64_t read_latency_, write_latency_;
	wire from_host_, to_host_;
	pool tags_, credits_;
};

} /* namespace tern */

#endif /* TERN_SIM_PACKETS_H */
