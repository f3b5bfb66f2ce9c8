// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <poll.h>
#include <sys/socket.h>

#include "platform/log.h"
#include "vfio_user/foreign_fd.h"

namespace tern {

/* A client that takes so long to read one reply is given up. */
static constexpr std::int64_t reply_timeout_ms = 5000;

static std::int64_t now_ms()
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

connection::connection(unique_fd socket) : socket_(std::move(socket))
{
}

connection::~connection()
{
	close_foreign(message_.fds);
	close_client(std::move(socket_));
}

/* Wait until the client has read something. *deadline_ms is 0 before the first time. */
bool connection::wait_for_reader(std::int64_t *deadline_ms)
{
	pollfd room = { socket_.get(), POLLOUT, 0 };
	std::int64_t left;

	waited_ = true;
	if (!*deadline_ms)
		*deadline_ms = now_ms() + reply_timeout_ms;
	left = *deadline_ms - now_ms();
	return left > 0 && (poll(&room, 1, static_cast<int>(left)) > 0 || errno == EINTR);
}

/*
 * Reads up to `bytes`. Descriptors come with the first byte that they were sent
 * with, and reads never go past the end of a message: so they belong to this one.
 */
bool connection::fill(void *to, std::size_t bytes, outcome *out)
{
	/* As many as there can be: the kernel would close the others, which can take time. */
	constexpr std::size_t most_fds = 253;
	alignas(cmsghdr) char control[CMSG_SPACE(most_fds * sizeof(int))];
	iovec iov = { to, bytes };
	msghdr msg = {};
	ssize_t got;

	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	do {
		got = recvmsg(socket_.get(), &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		*out = errno == EAGAIN ? outcome::nothing : outcome::closed;
		return false;
	}
	for (cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len;
		     at += sizeof(int)) {
			int fd;

			std::memcpy(&fd, reinterpret_cast<char *>(c) + at, sizeof(fd));
			message_.fds.emplace_back(fd);
		}
	}
	if (message_.fds.size() > max_fds || msg.msg_flags & MSG_CTRUNC) {
		message_.fds_lost = msg.msg_flags & MSG_CTRUNC ? EMFILE : EINVAL;
		floods_ |= !close_foreign(message_.fds);
	}
	if (!got) {
		*out = outcome::closed;
		return false;
	}
	have_ += got;
	return true;
}

connection::outcome connection::receive()
{
	constexpr std::size_t header_bytes = sizeof(message_.header);
	outcome out;

	if (!have_) {
		floods_ |= !close_foreign(message_.fds);
		message_.fds_lost = 0;
	}
	while (have_ < header_bytes) {
		if (!fill(reinterpret_cast<char *>(&message_.header) + have_,
			  header_bytes - have_, &out))
			return out;
	}

	const std::size_t size = message_.header.size;

	if (size < header_bytes || size > max_message_bytes) {
		log(log_level::warning,
		    "vfio-user: a message of %zu bytes ends the session; it can have %zu to %zu",
		    size, header_bytes, max_message_bytes);
		return outcome::broken;
	}
	message_.payload.resize(size - header_bytes);
	while (have_ < size) {
		if (!fill(message_.payload.data() + (have_ - header_bytes), size - have_, &out))
			return out;
	}
	have_ = 0;
	return outcome::message;
}

bool connection::reply(int error, const void *payload, std::size_t bytes, int fd)
{
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	vfu_header header = message_.header;
	iovec iov[2];
	msghdr msg = {};
	std::int64_t deadline_ms = 0;

	/* What the command did not take is closed when the client has its answer. */
	floods_ |= !close_foreign(message_.fds);
	waited_ = false;
	if (message_.header.flags & VFU_FLAG_NO_REPLY)
		return true;
	header.flags = VFU_FLAG_REPLY | (error ? VFU_FLAG_ERROR : 0);
	header.error = error;
	header.size = sizeof(header) + (error ? 0 : bytes);
	iov[0] = { &header, sizeof(header) };
	iov[1] = { const_cast<void *>(payload), error ? 0 : bytes };
	msg.msg_iov = iov;
	msg.msg_iovlen = 2;
	if (!error && fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);

		cmsghdr *c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		std::memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	for (std::size_t left = header.size; left;) {
		ssize_t sent = sendmsg(socket_.get(), &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EINTR ||
				 (errno == EAGAIN && wait_for_reader(&deadline_ms))))
			continue;
		if (sent < 0) {
			log(log_level::warning, "vfio-user: can't send a reply: %s",
			    errno == EAGAIN ? "the client does not read" : std::strerror(errno));
			return false;
		}
		left -= sent;
		msg.msg_control = nullptr;
		msg.msg_controllen = 0;
		for (iovec &part : iov) {
			const std::size_t step = std::min<std::size_t>(sent, part.iov_len);

			part.iov_base = static_cast<char *>(part.iov_base) + step;
			part.iov_len -= step;
			sent -= step;
		}
	}
	return true;
}

} /* namespace tern */
