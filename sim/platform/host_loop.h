/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's side of the operating system: clients that come, signals, and
 * the one place where the process sleeps.
 */
#ifndef TERN_SIM_HOST_LOOP_H
#define TERN_SIM_HOST_LOOP_H

#include <memory>
#include <string>

#include "vfio_user/listener.h"
#include "vfio_user/server.h"

namespace tern {

class host_loop {
public:
	/* Listen at a path. Throws what `listener` throws. */
	explicit host_loop(const std::string &socket_path);
	/* Serve one client, already connected, and end with it or with the pair's maker. */
	explicit host_loop(unique_fd connected);

	/* Before the first turn: hands over a client that is connected already. */
	void start(server &server);

	enum class event { nothing, statistics, stop };

	/*
	 * Let the server handle what has arrived. With `wait`, sleep until something
	 * does.
	 */
	event turn(server &server, bool wait);

private:
	void open_signals();
	event read_signal();
	void welcome(server &server);
	void refuse();

	std::unique_ptr<listener> listener_;
	unique_fd connected_;
	bool ends_with_client_ = false;
	/*
	 * The process that made the socket pair. The other end can outlive it, in a
	 * child that knows nothing of it.
	 */
	unique_fd owner_;
	unique_fd signals_;
	/* A second client, until its first message can be answered. */
	std::unique_ptr<connection> turned_away_;
};

} /* namespace tern */

#endif /* TERN_SIM_HOST_LOOP_H */
