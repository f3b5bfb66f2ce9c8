// SPDX-License-Identifier: Apache-2.0
#include "link/host_copy.h"

#include <csetjmp>
#include <csignal>
#include <cstring>

#include "tern_abi.h"

namespace tern {

static thread_local volatile sig_atomic_t copying;
static thread_local sigjmp_buf escape;

static void on_sigbus(int)
{
	if (copying) {
		copying = 0;
		siglongjmp(escape, 1);
	}
	/* Not ours: die of it as if there were no handler. */
	std::signal(SIGBUS, SIG_DFL);
}

void host_copy_init()
{
	struct sigaction action = {};

	action.sa_handler = on_sigbus;
	/* The handler does not return, so the signal must not stay blocked. */
	action.sa_flags = SA_NODEFER;
	sigaction(SIGBUS, &action, nullptr);
}

bool host_read(std::uint8_t *to, const std::uint8_t *host, std::size_t bytes)
{
	if (sigsetjmp(escape, 0))
		return false;
	copying = 1;
	std::memcpy(to, host, bytes);
	copying = 0;
	return true;
}

static void write_beat(std::uint8_t *host, const std::uint8_t *from)
{
	constexpr std::size_t head = TERN_BEAT_BYTES - sizeof(std::uint64_t);
	std::uint64_t tail;

	std::memcpy(host, from, head);
	std::memcpy(&tail, from + head, sizeof(tail));
	__atomic_store_n(reinterpret_cast<std::uint64_t *>(host + head), tail, __ATOMIC_RELEASE);
}

static void write_bytes(std::uint8_t *host, const std::uint8_t *from, std::size_t bytes,
			const std::uint8_t *enables)
{
	for (std::size_t i = 0; i < bytes; i++) {
		if (!enables || enables[i])
			__atomic_store_n(host + i, from[i], __ATOMIC_RELEASE);
	}
}

[[gnu::noinline]] static void write_beats(std::uint8_t *host, const std::uint8_t *from,
					  std::size_t bytes, const std::uint8_t *enables)
{
	std::size_t done = 0;

	if (!enables) {
		for (; done + TERN_BEAT_BYTES <= bytes; done += TERN_BEAT_BYTES)
			write_beat(host + done, from + done);
	}
	write_bytes(host + done, from + done, bytes - done, enables ? enables + done : nullptr);
}

bool host_write(std::uint8_t *host, const std::uint8_t *from, std::size_t bytes,
		const std::uint8_t *enables)
{
	if (sigsetjmp(escape, 0))
		return false;
	copying = 1;
	write_beats(host, from, bytes, enables);
	copying = 0;
	return true;
}

} /* namespace tern */
