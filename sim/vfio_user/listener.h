/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket's name in the file system.
 */
#ifndef TERN_SIM_LISTENER_H
#define TERN_SIM_LISTENER_H

#include <stdexcept>
#include <string>

#include "platform/log.h"
#include "vfio_user/unique_fd.h"

namespace tern {

class listener {
public:
	/* Another simulator answers at the path. */
	struct in_use : std::runtime_error {
		using std::runtime_error::runtime_error;
	};

	/*
	 * Binds and listens. A socket that nobody answers at any more is replaced.
	 * Throws in_use, or std::runtime_error with a sentence.
	 */
	explicit listener(const std::string &path);
	~listener();

	int fd() const { return socket_.get(); }

	/* The next client, or an empty descriptor: there is none, or it was turned away. */
	unique_fd accept();

private:
	void turn_away();

	std::string path_;
	unique_fd socket_;
	/* Given up for a moment when the process can have no more. */
	unique_fd spare_;
	log_limit log_limit_;
};

} /* namespace tern */

#endif /* TERN_SIM_LISTENER_H */
