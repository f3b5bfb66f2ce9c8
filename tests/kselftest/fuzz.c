// SPDX-License-Identifier: Apache-2.0
/*
 * An ioctl fuzzer that knows the contract of driver/uapi/tern.h: processes, each of several threads
 * with files in common, make calls that are good or nearly so. At the end every ioctl must have
 * succeeded and failed, with none but the errnos that the contract gives it; and all the while jobs
 * of other contexts compute what the reference computes, and find their data as they left them.
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>

#include "fuzz.h"
#include "sysfs.h"

/* Calls of a thread before its process ends and another takes its place. */
#define LIFE		8000
/* Nothing can take so long: then something hangs. */
#define STALL_S		120
#define PROGRESS_S	20
/* Bytes that a context may hold, and pages that a process may pin. */
#define CONTEXT_BYTES	"1048576"
#define PINNED_BYTES	(64 * PAGE)
#define DESCRIPTORS	1024

struct options {
	uint64_t seed, count;
	unsigned int processes;
};

/* The contract: what each ioctl may answer, beside 0. */
#define USUAL	EFAULT, E2BIG, EINVAL
static const struct {
	const char *name;
	int errnos[16];
	bool fails_only;
} rows[FUZZ_ROWS] = {
	{ .name = "INFO", .errnos = { USUAL } },
	{ .name = "BO_CREATE", .errnos = { USUAL, EOPNOTSUPP, EOVERFLOW, ENOMEM, ENOSPC, EDQUOT } },
	{ .name = "BO_DESTROY", .errnos = { USUAL, ENOENT } },
	{ .name = "BO_MMAP", .errnos = { USUAL, ENOENT, EOPNOTSUPP } },
	{
		.name = "SUBMIT",
		.errnos = { USUAL, EOPNOTSUPP, ENOENT, EOVERFLOW, ERANGE, EAGAIN, EINTR },
	},
	{ .name = "WAIT", .errnos = { USUAL, EOPNOTSUPP, ENOENT, EOVERFLOW, ETIMEDOUT, EINTR } },
	{ .name = "EVENTFD", .errnos = { USUAL, EOPNOTSUPP, EBADF, EINTR } },
	{ .name = "CONTEXT", .errnos = { USUAL, EOPNOTSUPP, EPERM, EBUSY, EINTR } },
	{ .name = "BO_EXPORT", .errnos = { USUAL, ENOENT, EOPNOTSUPP } },
	{ .name = "BO_IMPORT", .errnos = { USUAL, EBADF, EOPNOTSUPP } },
	{ .name = "no ioctl", .errnos = { ENOTTY }, .fails_only = true },
	{ .name = "other files", .errnos = { ENOTTY, EBADF, EINVAL }, .fails_only = true },
};

static unsigned int failures, tests;

static void result(bool good, const char *text)
{
	failures += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, text);
}

/* Root that may do what a user may: no process raises limits, only the first has high priority. */
static void drop_capabilities(unsigned int number)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	struct rlimit pinned = { PINNED_BYTES, PINNED_BYTES };
	struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };

	setrlimit(RLIMIT_MEMLOCK, &pinned);
	setrlimit(RLIMIT_NOFILE, &descriptors);
	data[0].effective = number ? 0 : 1u << CAP_SYS_NICE;
	data[0].effective |= 1u << CAP_DAC_OVERRIDE;
	data[0].permitted = data[0].effective;
	syscall(SYS_capset, &header, data);
}

static pid_t begin_process(const struct fuzz_process *process, const struct options *options)
{
	struct fuzz_process own = *process;
	uint64_t calls = 0, whole = options->count / options->processes / FUZZ_THREADS;
	pid_t child;
	int i, ret;

	for (i = 0; i < FUZZ_THREADS; i++)
		if (process->stats[i].calls > calls)
			calls = process->stats[i].calls;
	own.until = calls + LIFE < whole ? calls + LIFE : whole;
	fflush(stdout);
	child = fork();
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	drop_capabilities(own.number);
	ret = fuzz_run(&own);
	if (ret)
		printf("# process %u does not begin: %s\n", own.number, strerror(-ret));
	fflush(stdout);
	_exit(!!ret);
}

static bool is_done(const struct fuzz_process *process, const struct options *options)
{
	int i;

	for (i = 0; i < FUZZ_THREADS; i++)
		if (process->stats[i].calls <
		    options->count / options->processes / FUZZ_THREADS)
			return false;
	return true;
}

static uint64_t all_calls(const struct fuzz_stats *stats, unsigned int threads)
{
	uint64_t sum = 0;

	while (threads--)
		sum += stats[threads].calls;
	return sum;
}

static void say_where(const struct fuzz_stats *stats, unsigned int threads)
{
	unsigned int i;

	for (i = 0; i < threads; i++)
		printf("# process %u, thread %u: step %llu, in %s\n", i / FUZZ_THREADS,
		       i % FUZZ_THREADS, (unsigned long long)stats[i].step,
		       rows[stats[i].row].name);
}

/* Keep all processes going until each has made its calls. Returns how many came to a bad end. */
static unsigned int run(struct fuzz_process *processes, const struct options *options)
{
	struct fuzz_stats *stats = processes[0].stats;
	unsigned int threads = options->processes * FUZZ_THREADS, running = 0, bad = 0, i;
	int64_t start = do_now(), moved = start, said = start;
	pid_t pids[FUZZ_PROCESSES], pid;
	uint64_t calls = 0, now;
	int status;

	for (i = 0; i < options->processes; i++, running++)
		pids[i] = begin_process(&processes[i], options);
	while (running) {
		pid = waitpid(-1, &status, WNOHANG);
		for (i = 0; pid > 0 && i < options->processes; i++) {
			if (pids[i] != pid)
				continue;
			if (status) {
				bad++;
				printf("# process %u ends with status %#x\n", i, status);
				say_where(stats + i * FUZZ_THREADS, FUZZ_THREADS);
			}
			if (is_done(&processes[i], options) || bad > 3)
				running--;
			else
				pids[i] = begin_process(&processes[i], options);
		}
		if (pid > 0)
			continue;
		usleep(10000);
		now = all_calls(stats, threads);
		if (now != calls)
			moved = do_now();
		calls = now;
		if (do_now() - said > PROGRESS_S * NS_PER_S) {
			said = do_now();
			printf("# %llu of %llu calls, %lld s\n", (unsigned long long)calls,
			       (unsigned long long)options->count,
			       (long long)((said - start) / NS_PER_S));
			fflush(stdout);
		}
		if (do_now() - moved > STALL_S * NS_PER_S) {
			printf("# nothing has moved for %d s\n", STALL_S);
			say_where(stats, threads);
			for (i = 0; i < options->processes; i++)
				kill(pids[i], SIGKILL);
			return bad + 1;
		}
	}
	printf("# = fuzz      %8llu calls of %u processes, %u bad ends, %lld s\n",
	       (unsigned long long)all_calls(stats, threads), options->processes, bad,
	       (long long)((do_now() - start) / NS_PER_S));
	return bad;
}

static bool may(unsigned int row, int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows[row].errnos) && rows[row].errnos[i]; i++)
		if (rows[row].errnos[i] == error)
			return true;
	return !error && !rows[row].fails_only;
}

/* One test a row: it has succeeded and failed, and never in a way that the contract lacks. */
static void report(const struct fuzz_stats *stats, unsigned int threads)
{
	unsigned int row, i;
	int error;

	for (row = 0; row < FUZZ_ROWS; row++) {
		uint64_t good = 0, bad = 0;
		bool legal = true;
		char text[1024];
		int at;

		at = snprintf(text, sizeof(text), "%s:", rows[row].name);
		for (error = 0; error < FUZZ_ERRNOS; error++) {
			uint64_t sum = 0;

			for (i = 0; i < threads; i++)
				sum += stats[i].counts[row][error];
			if (!sum)
				continue;
			*(error ? &bad : &good) += sum;
			at += snprintf(text + at, sizeof(text) - at, " %s%s %llu",
				       may(row, error) ? "" : "NOT ALLOWED ",
				       error ? strerrorname_np(error) : "done",
				       (unsigned long long)sum);
			legal = legal && may(row, error);
		}
		result(legal && bad && (good || rows[row].fails_only), text);
	}
}

static uint64_t mem_free(void)
{
	struct tern_info info = { 0 };
	int fd = do_open_file();

	if (fd >= 0) {
		do_info(fd, &info);
		close(fd);
	}
	return info.mem_free;
}

/* Jobs of processes that are gone may still run, and hold memory. */
static bool memory_is_back(uint64_t before)
{
	int64_t end = do_now() + LONG_S * NS_PER_S;

	while (mem_free() != before && do_now() < end)
		usleep(20000);
	return mem_free() == before;
}

static void judge(const struct fuzz_stats *stats, unsigned int threads, uint64_t before)
{
	uint64_t good = 0, fresh = 0;
	bool failed = false;
	char text[256];
	unsigned int i;
	int ret;

	report(stats, threads);
	for (i = 0; i < threads; i++) {
		good += stats[i].good;
		fresh += stats[i].fresh;
		failed = failed || stats[i].failed;
		if (stats[i].failed)
			printf("# process %u, thread %u, step %llu: %s\n", i / FUZZ_THREADS,
			       i % FUZZ_THREADS, (unsigned long long)stats[i].failed_step,
			       strerror(stats[i].failed));
	}
	snprintf(text, sizeof(text),
		 "%llu jobs and %llu new contexts among them computed right, and saw no other's data",
		 (unsigned long long)good, (unsigned long long)fresh);
	result(good && fresh && !failed, text);
	result(memory_is_back(before), "all device memory is back");
	ret = good_once(1);
	snprintf(text, sizeof(text), "a good job afterwards: %s", ret ? strerror(-ret) : "done");
	result(!ret, text);
}

static const struct argp_option option_list[] = {
	{ "seed", 's', "S", 0, "What is drawn (default: the time)", 0 },
	{ "count", 'n', "N", 0, "Calls of ioctl(), all together (default 20000)", 0 },
	{ "processes", 'p', "P", 0, "1 to 16 processes, of two threads each (default 4)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end = "";

	errno = 0;
	switch (key) {
	case 's':
		options->seed = strtoull(arg, &end, 0);
		break;
	case 'n':
		options->count = strtoull(arg, &end, 0);
		break;
	case 'p':
		options->processes = strtoul(arg, &end, 0);
		if (!options->processes || options->processes > FUZZ_PROCESSES)
			argp_error(state, "%s is not 1 to %d processes", arg, FUZZ_PROCESSES);
		break;
	case ARGP_KEY_ARG:
		setenv("TERN_DEV", arg, 1);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (*end || errno)
		argp_error(state, "%s is no number", arg);
	return 0;
}

static const struct argp argp = {
	.options = option_list,
	.parser = parse,
	.args_doc = "[DEVICE]",
	.doc = "Call a Tern device (default: the first there is) in all the ways that a program "
	       "can, right and wrong. TAP; a line for each ioctl says how often it gave which "
	       "errno.\v"
	       "Needs root: it sets the limits of contexts in sysfs, and gives up what it has "
	       "beyond a user.\n\n"
	       "exit status: 0 passed, 1 failed, 2 usage, 3 no device, or not root",
};

int main(int argc, char **argv)
{
	struct options options = { .seed = time(NULL), .count = 20000, .processes = 4 };
	static const char * const limits[] = { "context_device_limit", "context_host_limit" };
	struct fuzz_process processes[FUZZ_PROCESSES];
	int sockets[2], mailboxes[FUZZ_PROCESSES], ret;
	struct fuzz_stats *stats;
	unsigned int i, bad;
	char before[2][32];
	uint64_t memory;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	memory = mem_free();
	for (i = 0, ret = 0; i < 2 && !ret; i++) {
		class_get(limits[i], before[i], sizeof(before[i]));
		ret = class_put(limits[i], CONTEXT_BYTES);
	}
	if (!memory || ret) {
		fprintf(stderr, "fuzz: %s: %s\n", tern_path(),
			memory ? "its limits cannot be set (root?)" : "cannot be opened");
		return 3;
	}
	stats = mmap(NULL, FUZZ_PROCESSES * FUZZ_THREADS * sizeof(*stats), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < options.processes; i++) {
		if (stats == MAP_FAILED ||
		    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets)) {
			perror("fuzz");
			return 1;
		}
		mailboxes[i] = sockets[0];
		processes[i] = (struct fuzz_process){
			.seed = options.seed, .number = i, .stats = stats + i * FUZZ_THREADS,
			.mailboxes = mailboxes, .mailbox_count = options.processes,
			.mailbox = sockets[1],
		};
	}
	printf("TAP version 13\n1..%u\n# --seed %llu --count %llu --processes %u\n", FUZZ_ROWS + 5,
	       (unsigned long long)options.seed, (unsigned long long)options.count,
	       options.processes);
	bad = run(processes, &options);
	result(!bad, "every process comes to its end");
	result(all_calls(stats, options.processes * FUZZ_THREADS) >=
	       options.count / options.processes / FUZZ_THREADS * options.processes * FUZZ_THREADS,
	       "having made its calls");
	/* What is on the way between processes holds buffers. */
	for (i = 0; i < options.processes; i++) {
		close(processes[i].mailbox);
		close(mailboxes[i]);
	}
	for (i = 0; i < 2; i++)
		class_put(limits[i], before[i]);
	judge(stats, options.processes * FUZZ_THREADS, memory);
	return !!failures;
}
