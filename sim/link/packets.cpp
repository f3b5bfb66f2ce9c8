// SPDX-License-Identifier: Apache-2.0
#include "link/packets.h"

#include <algorithm>

#include "tern_abi.h"

namespace tern {

packets::packets(const link_parameters &parameters)
	: p_(parameters), ps_per_byte_(1000 / p_.bytes_per_ns),
	  read_latency_(static_cast<std::uint64_t>(1000 * p_.read_latency_ns)),
	  write_latency_(static_cast<std::uint64_t>(1000 * p_.write_latency_ns))
{
	tags_.until.resize(p_.read_tags);
	credits_.until.resize(p_.write_credits);
}

std::uint64_t packets::wire::send(std::uint64_t start, std::uint64_t ps)
{
	until = std::max(start, until) + ps;
	busy += ps;
	return until;
}

static std::uint64_t beats_of(std::uint64_t bytes)
{
	return (bytes + TERN_BEAT_BYTES - 1) / TERN_BEAT_BYTES;
}

beat_times packets::read(std::uint64_t now_ps, std::uint64_t bytes)
{
	const std::uint64_t beats = beats_of(bytes);
	const std::uint64_t beat = ps(TERN_BEAT_BYTES);

	if (!p_.payload_bytes) {
		const std::uint64_t last = from_host_.send(now_ps + read_latency_, beat * beats);

		return { last - beat * (beats - 1), beat, last };
	}

	std::uint64_t first = 0, last = 0;

	for (std::uint64_t done = 0; done < bytes; done += p_.read_request_bytes) {
		const std::uint64_t part = std::min(p_.read_request_bytes, bytes - done);
		const std::uint64_t headers = (part + p_.payload_bytes - 1) / p_.payload_bytes *
					      p_.completion_header_bytes;
		const std::uint64_t asked = to_host_.send(std::max(now_ps, tags_.free_at()),
							  ps(p_.write_header_bytes));
		const std::uint64_t took = ps(part + headers);

		last = from_host_.send(asked + read_latency_, took);
		tags_.take(last);
		if (!done)
			first = last - took + ps(p_.completion_header_bytes +
						 std::min<std::uint64_t>(part, TERN_BEAT_BYTES));
	}

	const std::uint64_t interval = beats > 1 ? (last - first) / (beats - 1) : 0;

	return { last - interval * (beats - 1), interval, last };
}

beat_times packets::write(std::uint64_t now_ps, std::uint64_t bytes)
{
	const std::uint64_t beats = beats_of(bytes);
	const std::uint64_t beat = ps(TERN_BEAT_BYTES);
	std::uint64_t sent = 0;

	if (!p_.payload_bytes) {
		sent = to_host_.send(now_ps, beat * beats);
	} else {
		for (std::uint64_t done = 0; done < bytes; done += p_.payload_bytes) {
			const std::uint64_t part = std::min(p_.payload_bytes, bytes - done);

			sent = to_host_.send(std::max(now_ps, credits_.free_at()),
					     ps(part + p_.write_header_bytes));
			credits_.take(sent + write_latency_);
		}
	}
	return { sent - beat * (beats - 1), beat, sent + write_latency_ };
}

} /* namespace tern */
