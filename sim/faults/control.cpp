// SPDX-License-Identifier: Apache-2.0
#include "faults/control.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "platform/log.h"
#include "platform/nearest.h"

namespace tern {

control::control(const std::string &path, faults &faults)
	: faults_(faults), listener_(path), epoll_(epoll_create1(EPOLL_CLOEXEC))
{
	epoll_event event = { EPOLLIN, { nullptr } };

	if (!epoll_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.fd(), &event))
		throw std::runtime_error("can't watch " + path + ": " + std::strerror(errno));
}

bool control::has_line(const client &client)
{
	return client.in.find('\n') != std::string::npos;
}

/*
 * Lines that wait, because the client has not read its answers or because it sent too many
 * at once, are gone on with as soon as it can be written to. Until then it is not heard.
 */
void control::watch(client &client, bool add)
{
	const bool lines = has_line(client);
	const bool listen = !client.ended && !lines;
	const bool speak = !client.out.empty() || lines;
	epoll_event event = { (listen ? EPOLLIN : 0u) | (speak ? EPOLLOUT : 0u), { &client } };

	if (epoll_ctl(epoll_.get(), add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, client.socket.get(),
		      &event))
		client.gone = true;
}

void control::welcome()
{
	static const char full[] = "error: there are too many clients already\n";
	unique_fd socket = listener_.accept();

	if (!socket)
		return;
	if (clients_.size() >= most_clients) {
		::send(socket.get(), full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	clients_.emplace_back();
	clients_.back().socket = std::move(socket);
	watch(clients_.back(), true);
}

void control::receive(client &client)
{
	char buffer[4096];
	const ssize_t bytes = recv(client.socket.get(), buffer, sizeof(buffer), MSG_DONTWAIT);

	if (bytes > 0)
		client.in.append(buffer, static_cast<std::size_t>(bytes));
	else if (!bytes)
		client.ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		client.ended = client.deaf = true;
}

void control::answer_lines(client &client)
{
	std::size_t at = 0;

	for (unsigned i = 0; i < lines_a_turn && client.out.size() < most_unread; i++) {
		const std::size_t end = client.in.find('\n', at);

		if (end == std::string::npos)
			break;
		client.out += answer(client.in.substr(at, end - at));
		at = end + 1;
	}
	client.in.erase(0, at);
	/* The last line may have no end; one that never ends has no answer. */
	if (has_line(client))
		return;
	if (client.in.size() > most_line) {
		client.out += "error: a line has more than " + std::to_string(most_line) +
			      " bytes\n";
		client.in.clear();
		client.ended = true;
	} else if (client.ended && !client.in.empty()) {
		client.out += answer(client.in);
		client.in.clear();
	}
}

void control::send(client &client)
{
	ssize_t bytes;

	if (client.deaf)
		client.out.clear();
	if (client.out.empty())
		return;
	bytes = ::send(client.socket.get(), client.out.data(), client.out.size(),
		       MSG_DONTWAIT | MSG_NOSIGNAL);
	if (bytes > 0) {
		client.out.erase(0, static_cast<std::size_t>(bytes));
	} else if (errno != EAGAIN && errno != EINTR) {
		client.deaf = true;
		client.out.clear();
	}
}

void control::service()
{
	epoll_event events[most_clients + 1];
	const int count = epoll_wait(epoll_.get(), events, most_clients + 1, 0);

	for (int i = 0; i < count; i++) {
		auto *const client = static_cast<control::client *>(events[i].data.ptr);

		if (!client) {
			welcome();
			continue;
		}
		/* It has said all that it wanted to, and gone. */
		if (events[i].events & (EPOLLHUP | EPOLLERR))
			client->deaf = true;
		if ((events[i].events & EPOLLIN || client->deaf) && !client->ended &&
		    !has_line(*client))
			receive(*client);
		answer_lines(*client);
		send(*client);
		if (client->ended && client->out.empty() && client->in.empty())
			client->gone = true;
		watch(*client, false);
	}
	/* Closing the socket ends the watch. */
	clients_.remove_if([](const client &client) { return client.gone; });
}

static std::string first_word(const std::string &line, std::string *rest)
{
	const char *const blanks = " \t\r";
	const std::size_t begin = std::min(line.find_first_not_of(blanks), line.size());
	const std::size_t end = std::min(line.find_first_of(blanks, begin), line.size());
	const std::size_t more = std::min(line.find_first_not_of(blanks, end), line.size());

	*rest = line.substr(more, line.find_last_not_of(blanks) + 1 - more);
	return line.substr(begin, end - begin);
}

std::string control::command(const std::string &line)
{
	static const std::vector<std::string> own = { "clear", "help", "list", "statistics" };
	std::vector<std::string> known = fault_subjects();
	std::string rest;
	const std::string word = first_word(line, &rest);

	/* As in a file. */
	if (word.empty() || word[0] == '#')
		return "ok\n";
	known.insert(known.end(), own.begin(), own.end());
	if (std::find(known.begin(), known.end(), word) == known.end())
		throw fault_error("unknown '" + word + "'; did you mean '" +
				  nearest(word, known) + "'?");
	if (std::find(own.begin(), own.end(), word) == own.end())
		return "ok " + std::to_string(faults_.add(parse_fault(line))) + "\n";

	if (word == "clear" && !rest.empty()) {
		char *end;
		const unsigned long long number = std::strtoull(rest.c_str(), &end, 10);

		if (*end || rest[0] < '0' || rest[0] > '9' || !faults_.remove(number))
			throw fault_error("no fault '" + rest + "' is loaded; see 'list'");
		return "ok\n";
	}
	if (!rest.empty())
		throw fault_error("'" + word + "' stands alone; there is '" + rest + "' behind it");
	if (word == "clear") {
		faults_.clear();
		return "ok\n";
	}
	if (word == "list")
		return faults_.list() + "ok\n";
	if (word == "statistics")
		return (statistics ? statistics() : "") + "ok\n";
	return fault_help() + "clear [NUMBER] | help | list | statistics\nok\n";
}

std::string control::answer(const std::string &line)
{
	try {
		if (line.size() > most_line)
			throw fault_error("a line has more than " + std::to_string(most_line) +
					  " bytes");
		return command(line);
	} catch (const fault_error &error) {
		std::string text = error.what();

		/* What the client wrote comes back in it: an answer has one last line. */
		std::replace_if(text.begin(), text.end(), [](unsigned char c) {
			return c < ' ' || c == 0x7f;
		}, '?');
		log(log_level::debug, "control: %s", text.c_str());
		return "error: " + text + "\n";
	}
}

} /* namespace tern */
