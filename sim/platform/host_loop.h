/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's side of the operating system: clients that come, signals, and
 * the one place where the process sleeps.
 */
#ifndef TERN_SIM_HOST_LOOP_H
#define TERN_SIM_HOST_LOOP_H

#include <memory>
#include <string>
#include <vector>

#include <poll.h>

#include "faults/control.h"
#include "vfio_user/listener.h"
#include "vfio_user/server.h"

namespace tern {

class host_loop {
public:
	/* Listen at a path for each card. Throws what `listener` throws. */
	explicit host_loop(const std::vector<std::string> &socket_paths);
	/* Serve one client of one card, already connected; end with it or with the pair's maker. */
	explicit host_loop(unique_fd connected);

	/*
	 * The next card's server, in the order of the paths; one for each before the first
	 * turn. A client that is connected already is handed over.
	 */
	void add(server &server);
	/* A control socket to look after, too. */
	void add(control &control) { controls_.push_back(&control); }

	enum class event { nothing, statistics, stop };

	/*
	 * Let the servers handle what has arrived. With `wait`, sleep until something
	 * does.
	 */
	event turn(bool wait);

private:
	/* What the process has open for one card. */
	struct door {
		std::unique_ptr<tern::listener> listener;
		tern::server *server = nullptr;
		/* A second client, until its first message can be answered. */
		std::unique_ptr<connection> turned_away;
	};

	void open_signals();
	event read_signal();
	static void welcome(door &door);
	static void refuse(door &door);

	std::vector<door> doors_;
	std::size_t added_ = 0;
	std::vector<control *> controls_;
	std::vector<pollfd> polled_;
	unique_fd connected_;
	bool ends_with_client_ = false;
	/*
	 * The process that made the socket pair. The other end can outlive it, in a
	 * child that knows nothing of it.
	 */
	unique_fd owner_;
	unique_fd signals_;
};

} /* namespace tern */

#endif /* TERN_SIM_HOST_LOOP_H */
