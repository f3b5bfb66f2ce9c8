/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERN_SIM_UNIQUE_FD_H
#define TERN_SIM_UNIQUE_FD_H

#include <utility>

#include <unistd.h>

namespace tern {

/* A file descriptor with one owner. */
class unique_fd {
public:
	unique_fd() = default;
	explicit unique_fd(int fd) : fd_(fd) {}
	unique_fd(unique_fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
	unique_fd &operator=(unique_fd &&other) noexcept
	{
		std::swap(fd_, other.fd_);
		return *this;
	}
	~unique_fd() { reset(); }

	int get() const { return fd_; }
	explicit operator bool() const { return fd_ >= 0; }

	void reset()
	{
		if (fd_ >= 0)
			close(fd_);
		fd_ = -1;
	}

private:
	int fd_ = -1;
};

} /* namespace tern */

#endif /* TERN_SIM_UNIQUE_FD_H */
