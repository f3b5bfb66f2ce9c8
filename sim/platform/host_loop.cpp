// SPDX-License-Identifier: Apache-2.0
#include "platform/host_loop.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "platform/log.h"

namespace tern {

host_loop::host_loop(const std::string &socket_path)
	: listener_(std::make_unique<listener>(socket_path))
{
	open_signals();
}

host_loop::host_loop(unique_fd connected)
	: connected_(std::move(connected)), ends_with_client_(true)
{
	ucred owner = {};
	socklen_t bytes = sizeof(owner);

	open_signals();
	/* Who made the socket pair; 0 if it is somewhere that we can't see. */
	if (!getsockopt(connected_.get(), SOL_SOCKET, SO_PEERCRED, &owner, &bytes) &&
	    owner.pid > 0) {
		owner_ = unique_fd(static_cast<int>(syscall(SYS_pidfd_open, owner.pid, 0)));
		if (!owner_ && errno == ESRCH)
			throw std::runtime_error("the process that made the socket pair is gone");
	}
}

void host_loop::open_signals()
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, nullptr);
	/* A log that nobody reads is no reason to die. */
	std::signal(SIGPIPE, SIG_IGN);
	signals_ = unique_fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	if (!signals_)
		throw std::runtime_error(std::string("can't make a signalfd: ") +
					 std::strerror(errno));
}

host_loop::event host_loop::read_signal()
{
	signalfd_siginfo info;

	if (read(signals_.get(), &info, sizeof(info)) != sizeof(info))
		return event::nothing;
	if (info.ssi_signo == SIGUSR1)
		return event::statistics;
	log(log_level::info, "ended by %s", strsignal(info.ssi_signo));
	return event::stop;
}

void host_loop::start(server &server)
{
	if (connected_)
		server.attach(std::move(connected_));
}

/* The card has one client. Another one hears why not, as soon as it has said hello. */
void host_loop::welcome(server &server)
{
	unique_fd client = listener_->accept();

	if (!client)
		return;
	if (!server.attached()) {
		server.attach(std::move(client));
		return;
	}
	turned_away_ = std::make_unique<connection>(std::move(client));
}

void host_loop::refuse()
{
	switch (turned_away_->receive()) {
	case connection::outcome::nothing:
		return;
	case connection::outcome::message:
		log(log_level::warning, "a second client was refused: the card has one already");
		turned_away_->reply(EBUSY, nullptr, 0);
		break;
	default:
		/* Another simulator that wanted to know whether this one lives. */
		break;
	}
	turned_away_.reset();
}

host_loop::event host_loop::turn(server &server, bool wait)
{
	enum { on_client, on_signal, on_listener, on_turned_away, on_owner, count };
	pollfd fds[count] = {
		{ server.fd(), POLLIN, 0 },
		{ signals_.get(), POLLIN, 0 },
		{ listener_ ? listener_->fd() : -1, POLLIN, 0 },
		{ turned_away_ ? turned_away_->fd() : -1, POLLIN, 0 },
		{ owner_.get(), POLLIN, 0 },
	};

	if (poll(fds, count, wait ? -1 : 0) <= 0)
		return event::nothing;
	if (fds[on_client].revents)
		server.service();
	if (fds[on_turned_away].revents)
		refuse();
	if (fds[on_listener].revents)
		welcome(server);
	if (fds[on_owner].revents)
		log(log_level::info, "the owner of the socket is gone");
	if (fds[on_owner].revents || (ends_with_client_ && !server.attached()))
		return event::stop;
	return fds[on_signal].revents ? read_signal() : event::nothing;
}

} /* namespace tern */
