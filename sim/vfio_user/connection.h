/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client's socket: bytes and file descriptors in, whole messages out.
 */
#ifndef TERN_SIM_CONNECTION_H
#define TERN_SIM_CONNECTION_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vfio_user/protocol.h"
#include "vfio_user/unique_fd.h"

namespace tern {

struct message {
	vfu_header header;
	std::vector<std::uint8_t> payload;
	std::vector<unique_fd> fds;
	/*
	 * Descriptors came that could not be taken: EINVAL if they are more than a message may
	 * have, EMFILE if the process can have no more. All are closed. 0: all is well.
	 */
	int fds_lost;
};

class connection {
public:
	/* What the server promises to take, in its reply to VERSION. */
	static constexpr unsigned max_fds = 16;
	static constexpr std::size_t max_transfer_bytes = 1 << 20;

	explicit connection(unique_fd socket);
	~connection();

	int fd() const { return socket_.get(); }

	enum class outcome { nothing, message, closed, broken };

	/*
	 * Takes what has arrived, without waiting. After `message` the message stays
	 * until the next call; `broken` means that the stream makes no sense any more.
	 */
	outcome receive();
	message &received() { return message_; }

	/*
	 * Answer the received message: 0 or an errno, a payload, one descriptor to
	 * pass along or -1. Returns false if the client is gone or does not read.
	 */
	bool reply(int error, const void *payload, std::size_t bytes, int fd = -1);
	/* Does it send descriptors faster than they can be closed? */
	bool floods() const { return floods_; }
	/* Did the last reply have to wait for the client to read earlier ones? */
	bool waited() const { return waited_; }

private:
	static constexpr std::size_t max_message_bytes =
		sizeof(vfu_header) + sizeof(vfu_region_access) + max_transfer_bytes;

	bool fill(void *to, std::size_t bytes, outcome *out);
	bool wait_for_reader(std::int64_t *deadline_ms);

	unique_fd socket_;
	message message_ = {};
	std::size_t have_ = 0;		/* bytes of the current message */
	bool waited_ = false;
	bool floods_ = false;
};

} /* namespace tern */

#endif /* TERN_SIM_CONNECTION_H */
