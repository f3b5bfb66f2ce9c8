// SPDX-License-Identifier: Apache-2.0
#include "platform/host_loop.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "platform/log.h"
#include "vfio_user/foreign_fd.h"

namespace tern {

/* While no new clients are taken: when to see whether that is over. */
static constexpr int behind_ms = 50;

host_loop::host_loop(const std::vector<std::string> &socket_paths) : doors_(socket_paths.size())
{
	for (std::size_t i = 0; i < doors_.size(); i++)
		doors_[i].listener = std::make_unique<listener>(socket_paths[i]);
	open_signals();
}

host_loop::host_loop(unique_fd connected)
	: doors_(1), connected_(std::move(connected)), ends_with_client_(true)
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

void host_loop::add(server &server)
{
	doors_[added_++].server = &server;
	if (connected_)
		server.attach(std::move(connected_));
}

/* A card has one client. Another one hears why not, as soon as it has said hello. */
void host_loop::welcome(door &door)
{
	unique_fd client = door.listener->accept();

	if (!client)
		return;
	/* The last one may have gone since poll() looked at it, and its successor knows that. */
	while (door.server->client_gone())
		door.server->service();
	if (!door.server->attached()) {
		door.server->attach(std::move(client));
		return;
	}
	door.turned_away = std::make_unique<connection>(std::move(client));
}

void host_loop::refuse(door &door)
{
	switch (door.turned_away->receive()) {
	case connection::outcome::nothing:
		return;
	case connection::outcome::message:
		log(log_level::warning, "a second client was refused: the card has one already");
		door.turned_away->reply(EBUSY, nullptr, 0);
		break;
	default:
		/* Another simulator that wanted to know whether this one lives. */
		break;
	}
	door.turned_away.reset();
}

host_loop::event host_loop::turn(bool wait)
{
	enum { on_client, on_listener, on_turned_away, of_a_door };
	const bool behind = closing_is_behind();

	polled_.clear();
	for (const door &door : doors_) {
		polled_.push_back({ door.server->fd(), POLLIN, 0 });
		polled_.push_back({ door.listener && !behind ? door.listener->fd() : -1, POLLIN,
				    0 });
		polled_.push_back({ door.turned_away ? door.turned_away->fd() : -1, POLLIN, 0 });
	}
	for (const control *control : controls_)
		polled_.push_back({ control->fd(), POLLIN, 0 });
	polled_.push_back({ signals_.get(), POLLIN, 0 });
	polled_.push_back({ owner_.get(), POLLIN, 0 });

	if (poll(polled_.data(), polled_.size(), !wait ? 0 : behind ? behind_ms : -1) <= 0)
		return event::nothing;
	for (std::size_t i = 0; i < doors_.size(); i++) {
		const pollfd *const fds = &polled_[i * of_a_door];

		if (fds[on_client].revents)
			doors_[i].server->service();
		if (fds[on_turned_away].revents)
			refuse(doors_[i]);
		if (fds[on_listener].revents)
			welcome(doors_[i]);
	}
	for (std::size_t i = 0; i < controls_.size(); i++) {
		if (polled_[doors_.size() * of_a_door + i].revents)
			controls_[i]->service();
	}

	const pollfd &on_signal = polled_[polled_.size() - 2], &on_owner = polled_.back();

	if (on_owner.revents)
		log(log_level::info, "the owner of the socket is gone");
	if (on_owner.revents || (ends_with_client_ && !doors_[0].server->attached()))
		return event::stop;
	return on_signal.revents ? read_signal() : event::nothing;
}

} /* namespace tern */
