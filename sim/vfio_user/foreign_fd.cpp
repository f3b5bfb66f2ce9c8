// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/foreign_fd.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "link/file_kind.h"

namespace tern {

bool is_eventfd(int fd)
{
	char path[64], target[64];
	ssize_t length;

	std::snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = 0;
	return !std::strcmp(target, "anon_inode:[eventfd]");
}

namespace {

/*
 * Interrupts a system call of this thread that takes too long, again and again until it
 * has returned: a single signal could come before the call begins.
 */
class alarm_clock {
public:
	alarm_clock()
	{
		struct sigaction action = {};
		sigevent event = {};

		/* Without SA_RESTART: the call is to end with EINTR. */
		action.sa_handler = [](int) {};
		sigaction(SIGRTMIN, &action, nullptr);
		event.sigev_notify = SIGEV_THREAD_ID;
		event.sigev_signo = SIGRTMIN;
		event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
		if (timer_create(CLOCK_MONOTONIC, &event, &timer_))
			throw std::runtime_error(std::string("can't make a timer (see `ulimit -i`, "
							     "pending signals): ") +
						 std::strerror(errno));
	}
	alarm_clock(const alarm_clock &) = delete;
	alarm_clock &operator=(const alarm_clock &) = delete;
	~alarm_clock() { timer_delete(timer_); }

	void start() { set({ 0, 10 * 1000 * 1000 }); }
	void stop() { set({ 0, 0 }); }

private:
	void set(timespec interval)
	{
		const itimerspec spec = { interval, interval };

		timer_settime(timer_, 0, &spec, nullptr);
	}

	timer_t timer_;
};

std::unique_ptr<alarm_clock> the_clock;

/* Closes what it is given, in a thread that nothing else waits for. */
class closer {
public:
	void take(unique_fd fd)
	{
		std::lock_guard lock(mutex_);

		fds_.push_back(std::move(fd));
		waiting_++;
		if (!started_)
			std::thread([this] { run(); }).detach();
		started_ = true;
		more_.notify_one();
	}
	bool is_behind() const { return waiting_ >= many; }

private:
	static constexpr unsigned many = 64;

	void run()
	{
		for (;;) {
			std::vector<unique_fd> now;
			std::unique_lock lock(mutex_);

			more_.wait(lock, [this] { return !fds_.empty(); });
			now.swap(fds_);
			lock.unlock();
			for (unique_fd &fd : now) {
				fd.reset();
				waiting_--;
			}
		}
	}

	std::mutex mutex_;
	std::condition_variable more_;
	std::vector<unique_fd> fds_;
	std::atomic<unsigned> waiting_{ 0 };
	bool started_ = false;
};

/* Never destroyed: its thread may be in the middle of a close(). */
closer &the_closer()
{
	static closer *const slow = new closer;

	return *slow;
}

} /* namespace */

void post_event_init()
{
	if (!the_clock)
		the_clock = std::make_unique<alarm_clock>();
}

bool post_event(int fd)
{
	const std::uint64_t one = 1;
	pollfd room = { fd, POLLOUT, 0 };
	bool posted;

	if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
		return false;
	/*
	 * There is room now, but the client can fill the counter before we write, and
	 * it decides whether writing to a full one blocks.
	 */
	the_clock->start();
	posted = ::write(fd, &one, sizeof(one)) == sizeof(one);
	the_clock->stop();
	return posted;
}

bool close_foreign(std::vector<unique_fd> &fds)
{
	bool in_time = true;
	const linger at_once = {};

	for (unique_fd &fd : fds) {
		if (!fd || is_memory_file(fd.get()) || is_eventfd(fd.get()))
			continue;
		/* If it is a socket. Others close at once or not, as they like. */
		setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		in_time &= !the_closer().is_behind();
		the_closer().take(std::move(fd));
	}
	fds.clear();
	return in_time;
}

void close_client(unique_fd socket)
{
	int unread = 0;

	/* Nothing more can come in, and the client knows that it is over. */
	shutdown(socket.get(), SHUT_RDWR);
	if (!ioctl(socket.get(), SIOCINQ, &unread) && unread)
		the_closer().take(std::move(socket));
}

bool closing_is_behind()
{
	return the_closer().is_behind();
}

} /* namespace tern */
