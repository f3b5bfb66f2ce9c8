/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: lines of text in, answers out, while the simulation runs.
 *
 * An answer is any number of lines and then one that begins with "ok" or "error: ".
 * Nobody can hold up the simulation: what a client does not read is kept up to a limit,
 * behind which it is not listened to.
 */
#ifndef TERN_SIM_CONTROL_H
#define TERN_SIM_CONTROL_H

#include <functional>
#include <list>
#include <string>

#include "faults/faults.h"
#include "vfio_user/listener.h"
#include "vfio_user/unique_fd.h"

namespace tern {

class control {
public:
	/* Throws what `listener` throws. */
	control(const std::string &path, faults &faults);

	/* The statistics as text, for who asks for them. */
	std::function<std::string()> statistics;

	/* To wait on with poll(): readable when service() has something to do. */
	int fd() const { return epoll_.get(); }
	void service();

private:
	/* Clients at once; bytes of a line; bytes of answers not read; lines before others. */
	static constexpr std::size_t most_clients = 8;
	static constexpr std::size_t most_line = 512;
	static constexpr std::size_t most_unread = 256 << 10;
	static constexpr unsigned lines_a_turn = 16;

	struct client {
		unique_fd socket;
		std::string in, out;
		bool ended = false;	/* it says nothing more; it may still read */
		bool deaf = false;	/* it reads nothing more; what it said is done */
		bool gone = false;
	};

	static bool has_line(const client &client);
	void welcome();
	void receive(client &client);
	void answer_lines(client &client);
	void send(client &client);
	void watch(client &client, bool add);
	std::string answer(const std::string &line);
	std::string command(const std::string &line);

	faults &faults_;
	listener listener_;
	unique_fd epoll_;
	std::list<client> clients_;
};

} /* namespace tern */

#endif /* TERN_SIM_CONTROL_H */
