// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/listener.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace tern {

/* Others hold the directory's lock for microseconds. */
static constexpr unsigned lock_tries = 200;
static constexpr timespec lock_pause = { 0, 10 * 1000 * 1000 };

static std::runtime_error failure(const std::string &what)
{
	return std::runtime_error(what + ": " + std::strerror(errno));
}

/*
 * Two simulators that start at once must not both find the old socket dead and
 * replace it: they take turns by a lock on the directory, which leaves no file.
 */
static unique_fd lock_directory(const std::string &path)
{
	const std::size_t slash = path.rfind('/');
	const std::string directory = slash == std::string::npos ? "." :
				      slash == 0		 ? "/" : path.substr(0, slash);
	unique_fd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	if (!fd)
		throw failure("can't open the directory of the socket, " + directory);
	for (unsigned i = 0; flock(fd.get(), LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK || i == lock_tries)
			throw failure("can't lock the directory of the socket, " + directory);
		nanosleep(&lock_pause, nullptr);
	}
	return fd;
}

static unique_fd open_spare()
{
	return unique_fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static unique_fd make_socket()
{
	unique_fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

	if (!fd)
		throw failure("can't make a socket");
	return fd;
}

static void remove_stale(const std::string &path, const sockaddr_un &address)
{
	struct stat stat;

	if (lstat(path.c_str(), &stat)) {
		if (errno == ENOENT)
			return;
		throw failure("can't look at " + path);
	}
	if (!S_ISSOCK(stat.st_mode))
		throw std::runtime_error(path + " is there and is not a socket; it stays as it is");

	unique_fd probe = make_socket();

	if (!connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) ||
	    errno != ECONNREFUSED)
		throw listener::in_use("another simulator listens at " + path +
				       "; end it, or give this one another --socket");
	log(log_level::info, "replacing %s, which nobody listens at", path.c_str());
	if (unlink(path.c_str()))
		throw failure("can't remove the old socket " + path);
}

/*
 * A socket that is bound, but not listened at yet, turns clients away: it gets its name when
 * it is. The other name is in the same directory, which is locked, and reached through its
 * descriptor, as paths of sockets are short.
 */
static void listen_at(const unique_fd &socket, const unique_fd &directory, const std::string &path)
{
	static const char nameless[] = ".ternsim-new";
	sockaddr_un address = {};

	address.sun_family = AF_UNIX;
	std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		      directory.get(), nameless);
	unlinkat(directory.get(), nameless, 0);
	if (bind(socket.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)))
		throw failure("can't bind " + path);
	if (listen(socket.get(), 8) ||
	    renameat2(directory.get(), nameless, AT_FDCWD, path.c_str(), RENAME_NOREPLACE)) {
		const auto error = failure("can't listen at " + path);

		unlinkat(directory.get(), nameless, 0);
		throw error;
	}
}

listener::listener(const std::string &path) : path_(path)
{
	sockaddr_un address = {};

	address.sun_family = AF_UNIX;
	if (path.empty() || path.size() >= sizeof(address.sun_path))
		throw std::runtime_error("the socket's path must have 1 to " +
					 std::to_string(sizeof(address.sun_path) - 1) +
					 " characters: '" + path + "'");
	std::memcpy(address.sun_path, path.c_str(), path.size());

	unique_fd lock = lock_directory(path);

	remove_stale(path, address);
	spare_ = open_spare();
	socket_ = make_socket();
	listen_at(socket_, lock, path);
}

listener::~listener()
{
	unlink(path_.c_str());
}

/*
 * A client that we can have no descriptor for stays in the queue, and poll() says so again and
 * again. With one that was kept for this it is taken, and let go.
 */
void listener::turn_away()
{
	const int why = errno;

	spare_.reset();
	unique_fd(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
	spare_ = open_spare();
	if (log_limit_.allow())
		log(log_level::warning, "a client at %s was turned away: %s", path_.c_str(),
		    std::strerror(why));
	/* It may not have worked; then it must not be tried all the time. */
	if (!spare_)
		nanosleep(&lock_pause, nullptr);
}

unique_fd listener::accept()
{
	unique_fd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));

	if (!client && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		turn_away();
	return client;
}

} /* namespace tern */
