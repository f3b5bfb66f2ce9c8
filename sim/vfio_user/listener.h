/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket's name in the file system.
 */
#ifndef TERN_SIM_LISTENER_H
#define TERN_SIM_LISTENER_H

#include <stdexcept>
#include <string>

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

	/* The next client, or an empty descriptor. */
	unique_fd accept();

private:
	std::string path_;
	unique_fd socket_;
};

} /* namespace tern */

#endif /* TERN_SIM_LISTENER_H */
