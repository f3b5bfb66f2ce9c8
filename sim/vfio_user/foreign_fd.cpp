// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/foreign_fd.h"

#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <poll.h>
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
			throw std::runtime_error(std::string("can't make a timer: ") +
						 std::strerror(errno));
	}
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

/* Closes what it is given, in a thread that nothing else waits for. */
class closer {
public:
	void take(unique_fd fd)
	{
		std::lock_guard lock(mutex_);

		fds_.push_back(std::move(fd));
		if (!started_)
			std::thread([this] { run(); }).detach();
		started_ = true;
		more_.notify_one();
	}

private:
	void run()
	{
		for (;;) {
			std::vector<unique_fd> now;
			std::unique_lock lock(mutex_);

			more_.wait(lock, [this] { return !fds_.empty(); });
			now.swap(fds_);
			lock.unlock();
			now.clear();
		}
	}

	std::mutex mutex_;
	std::condition_variable more_;
	std::vector<unique_fd> fds_;
	bool started_ = false;
};

} /* namespace */

bool post_event(int fd)
{
	static thread_local alarm_clock clock;
	const std::uint64_t one = 1;
	pollfd room = { fd, POLLOUT, 0 };
	bool posted;

	if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
		return false;
	/*
	 * There is room now, but the client can fill the counter before we write, and
	 * it decides whether writing to a full one blocks.
	 */
	clock.start();
	posted = ::write(fd, &one, sizeof(one)) == sizeof(one);
	clock.stop();
	return posted;
}

void close_foreign(std::vector<unique_fd> &fds)
{
	/* Never destroyed: its thread may be in the middle of a close(). */
	static closer *const slow = new closer;

	for (unique_fd &fd : fds) {
		if (fd && !is_memory_file(fd.get()) && !is_eventfd(fd.get()))
			slow->take(std::move(fd));
	}
	fds.clear();
}

} /* namespace tern */
