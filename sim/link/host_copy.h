/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies between the card and memory that belongs to the client. The client can
 * take that memory away at any time by making its file shorter; the copies fail
 * then, where a plain memcpy() would end the process with SIGBUS.
 */
#ifndef TERN_SIM_HOST_COPY_H
#define TERN_SIM_HOST_COPY_H

#include <cstddef>
#include <cstdint>

namespace tern {

/* Once, before the first copy. */
void host_copy_init();

[[nodiscard]] bool host_read(std::uint8_t *to, const std::uint8_t *host, std::size_t bytes);

/*
 * The last 8 bytes of each 64-byte beat become visible last: a completion's phase
 * is there, and the reader takes all the rest for granted once it has changed.
 * enables, if not NULL, has one byte for each byte: nonzero to write it.
 */
[[nodiscard]] bool host_write(std::uint8_t *host, const std::uint8_t *from, std::size_t bytes,
			      const std::uint8_t *enables);

} /* namespace tern */

#endif /* TERN_SIM_HOST_COPY_H */
