// SPDX-License-Identifier: Apache-2.0
#include "vu_sim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM		"ternsim"
#define CHILD_FD	3
#define ARGS_MAX	64
#define STOP_MS		2000
/* How long a simulator that hung up may take to be a corpse. */
#define EXPLAIN_MS	500

static bool runnable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Beside the running program. */
static bool find_beside(char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (len <= 0 || len >= PATH_MAX)
		return false;
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash + 1 - path) + sizeof(PROGRAM) > PATH_MAX)
		return false;
	strcpy(slash + 1, PROGRAM);
	return runnable(path);
}

static bool find_in_path(char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");

	while (dirs && *dirs) {
		int len = strcspn(dirs, ":");

		if (len && snprintf(path, PATH_MAX, "%.*s/" PROGRAM, len, dirs) < PATH_MAX &&
		    runnable(path))
			return true;
		dirs += len + (dirs[len] == ':');
	}
	return false;
}

static int find(struct tern_device *dev, char path[PATH_MAX])
{
	const char *named = secure_getenv("TERNSIM");

	if (named && *named) {
		if (strlen(named) >= PATH_MAX || !runnable(named))
			return tern_fail(dev, -ENOENT,
					 "$TERNSIM is %s, which is no program to run", named);
		strcpy(path, named);
		return 0;
	}
	if (find_beside(path) || find_in_path(path))
		return 0;
	return tern_fail(dev, -ENOENT,
			 "there is no " PROGRAM " beside this program or in $PATH: build it with `make all`, or name it in $TERNSIM");
}

static int spawn(const char *path, char *const argv[], int fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int ret;

	ret = posix_spawn_file_actions_init(&actions);
	if (ret)
		return -ret;
	ret = posix_spawnattr_init(&attr);
	if (ret) {
		posix_spawn_file_actions_destroy(&actions);
		return -ret;
	}
	/*
	 * A group of its own, so that Ctrl-C reaches only the program, which may
	 * want to finish its job; the simulator ends when its socket closes.
	 * Its output goes to stderr: stdout belongs to the program.
	 */
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	ret = posix_spawn_file_actions_adddup2(&actions, fd, CHILD_FD);
	if (!ret)
		ret = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!ret && fcntl(2, F_GETFD) < 0)
		ret = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&actions, 2, 1);
	/* What the program left open to its children is not for this one. */
	if (!ret)
		ret = posix_spawn_file_actions_addclosefrom_np(&actions, CHILD_FD + 1);
	if (!ret)
		ret = posix_spawn(pid, path, &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

/*
 * A pair of sockets beside the standard streams: where a program has closed those,
 * their numbers are the first to be given away, and the simulator has its own use
 * for them.
 */
static int make_pair(int pair[2])
{
	int ret = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	for (int i = 0; i < 2; i++) {
		int fd = pair[i];

		if (fd > 2)
			continue;
		pair[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (pair[i] < 0)
			ret = -errno;
		close(fd);
	}
	for (int i = 0; ret && i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	return ret;
}

/*
 * "CONFIG,KEY=VALUE,..." as options for the simulator; either part may be missing.
 * Cuts the words apart in place. Returns how many there are, or -E2BIG.
 */
static int add_config(char *words, char **argv, int count, int max)
{
	char *word;

	while ((word = strsep(&words, ","))) {
		if (!*word)
			continue;
		if (count + 2 >= max)
			return -E2BIG;
		argv[count++] = strchr(word, '=') ? "--set" : "--config";
		argv[count++] = word;
	}
	return count;
}

int vu_sim_start(struct tern_device *dev, const char *config, pid_t *pid, int *fd)
{
	char fd_arg[] = { '0' + CHILD_FD, '\0' };
	/* Its comings and goings are ours; only what goes wrong is worth a line. */
	char *argv[ARGS_MAX] = { PROGRAM, "--log-level", "warning", "--fd", fd_arg };
	char path[PATH_MAX];
	char *words;
	int pair[2];
	int ret;

	ret = find(dev, path);
	if (ret)
		return ret;
	words = strdup(config);
	if (!words)
		return tern_fail(dev, -ENOMEM, "no memory for a configuration");
	ret = add_config(words, argv, 5, ARGS_MAX);
	if (ret < 0) {
		free(words);
		return tern_fail(dev, ret, "\"sim:%s\" says too much: %d keys are the most", config,
				 (ARGS_MAX - 6) / 2);
	}
	ret = make_pair(pair);
	if (ret) {
		free(words);
		return tern_fail(dev, ret, "cannot make a socket pair: %s", strerror(-ret));
	}
	ret = spawn(path, argv, pair[1], pid);
	free(words);
	close(pair[1]);
	if (ret) {
		close(pair[0]);
		return tern_fail(dev, ret, "cannot start %s: %s", path, strerror(-ret));
	}
	*fd = pair[0];
	return 0;
}

/* Has it ended within this time? Then *@status is how, and it is reaped. */
static bool reap(pid_t pid, int timeout_ms, int *status)
{
	int fd = pidfd_open(pid, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (fd >= 0) {
		while (poll(&pfd, 1, timeout_ms) < 0 && errno == EINTR)
			;
		close(fd);
	}
	return waitpid(pid, status, WNOHANG) != 0;
}

void vu_sim_stop(pid_t pid)
{
	int status;

	if (reap(pid, STOP_MS, &status))
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

int vu_sim_explain(struct tern_device *dev, pid_t pid, int ret)
{
	siginfo_t info = {};
	int fd;

	if (ret != -ENODEV)
		return ret;
	fd = pidfd_open(pid, 0);
	if (fd >= 0) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		while (poll(&pfd, 1, EXPLAIN_MS) < 0 && errno == EINTR)
			;
		close(fd);
	}
	/* WNOWAIT: vu_sim_stop() reaps it. */
	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
		return ret;
	if (info.si_code == CLD_EXITED)
		return tern_fail(dev, ret, "the simulator ended at its start, with status %d: see what it wrote",
				 info.si_status);
	return tern_fail(dev, ret, "the simulator ended at its start, by signal %d (%s)",
			 info.si_status, strsignal(info.si_status));
}
