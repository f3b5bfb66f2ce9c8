// SPDX-License-Identifier: Apache-2.0
/*
 * Campaigns: processes killed in mid-job, resets and surprise removals under load, many times, and
 * after each of them a job that computes what the reference computes.
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "dmabuf.h"
#include "faults.h"
#include "good_job.h"
#include "sysfs.h"

#define LOADERS		3
/* Tokens of a job that lasts some 50,000 cycles, and what it lies in. */
#define SPELL		12
#define SPELL_BYTES	((LONG_BYTES(SPELL) + PAGE - 1) & -PAGE)
#define SPELLS		4	/* of them in one SUBMIT */
#define PROGRESS_S	20
/* Rounds that may miss the jobs they are after, in percent: the machine schedules as it likes. */
#define MISSES		10

/* What children tell, in memory that outlives them. */
static struct shared {
	unsigned int ready;	/* the victim has jobs under way */
	int fd;			/* on this file */
	bool enough;		/* loaders end */
	unsigned int under_way;	/* long jobs that loaders have in flight */
	uint64_t batches;	/* of loaders */
	uint64_t cancelled;	/* of them, taken down */
	uint64_t wrong;		/* and those that computed wrong */
} *shared;

struct campaign {
	const char *name, *doc;
	bool loaded;
	int (*round)(uint32_t i);
	const char *hit;	/* what a round is after: something is cancelled, or it says 1 */
};

static char address[32];
static int control = -1;

/* ------------------------------------------------------------------ kills */

/* Have all that a process can have, and long jobs under way; then go on with something. */
static void victim(uint32_t kind)
{
	int fd = do_open_file(), event = eventfd(0, EFD_CLOEXEC), dmabuf;
	uint32_t device, host, user, i, *words;
	struct tern_bo_import import;
	struct tern_cmd cmds[SPELLS];
	struct tern_result results[SPELLS];
	void *pages = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	uint64_t first, next;
	struct tern_cmd copy;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || do_create(fd, TERN_BO_DEVICE, SPELL_BYTES, &device) ||
	    do_create(fd, TERN_BO_HOST, 16 * PAGE, &host) ||
	    do_create_user(fd, pages, 16 * PAGE, 0, &user) ||
	    do_eventfd(fd, event) || do_export(fd, host, &dmabuf) ||
	    do_import(fd, dmabuf, &import))
		_exit(1);
	words = do_map(fd, host, 16 * PAGE);
	if (!words)
		_exit(1);
	for (i = 0; i < SPELLS; i++)
		cmds[i] = cmd_long(device, SPELL);
	/* Jobs that wait, hold pages of the process, and need several commands. */
	cmds[SPELLS - 1] = cmd_copy(host, 0, user, 0, 16 * PAGE);
	if (do_submit(fd, cmds, SPELLS, &first))
		_exit(1);
	shared->fd = fd;
	__atomic_store_n(&shared->ready, 1, __ATOMIC_RELEASE);
	copy = cmd_copy(user, 0, import.handle, 0, 16 * PAGE);
	for (;;) {
		switch (kind % 4) {
		case 0:
			do_wait(fd, first, SPELLS, results);
			pause();
			break;
		case 1:
			do_submit(fd, &copy, 1, &next);
			break;
		case 2:
			words = do_map(fd, import.handle, 16 * PAGE);
			if (words)
				words[1024] = kind;
			munmap(words, 16 * PAGE);
			break;
		case 3:
			if (!do_create(fd, TERN_BO_HOST, PAGE, &i))
				do_destroy(fd, i);
			break;
		}
	}
}

static long long victims_jobs(pid_t pid, const char *key)
{
	char path[64], line[256];
	long long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, shared->fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			value = strtoll(line + strlen(key) + 2, NULL, 0);
	if (file)
		fclose(file);
	return value;
}

/* 1: it was in mid-job. */
static int kill_one(uint32_t i)
{
	pid_t child, ended;
	long long jobs;
	int status;

	shared->ready = 0;
	fflush(stdout);
	child = fork();
	if (!child)
		victim(i);
	do {
		ended = waitpid(child, &status, WNOHANG);
		usleep(200);
	} while (!ended && !__atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE));
	if (ended)
		return -ECHILD;
	usleep(i * 7919 % 4000);
	jobs = victims_jobs(child, "tern-jobs-ended");
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		return -ECHILD;
	return jobs >= 0 && jobs < SPELLS;
}

/* ------------------------------------------------------------------ load */

/* An errno that a job or call may have because the device is reset or goes away. */
static bool is_taken_down(int error)
{
	return error == -ECANCELED || error == -ENODEV || error == -ENOENT || error == -ENXIO;
}

/* Long jobs, batch after batch, one being under way when the next is submitted. */
static int load_long(void)
{
	struct tern_result results[SPELLS];
	int fd = do_open_file(), ret, i;
	struct tern_cmd cmds[SPELLS];
	uint32_t device;
	uint64_t first;

	if (fd < 0)
		return fd;
	ret = do_create(fd, TERN_BO_DEVICE, SPELL_BYTES, &device);
	for (i = 0; i < SPELLS; i++)
		cmds[i] = cmd_long(device, SPELL);
	while (!ret && !shared->enough) {
		ret = do_submit(fd, cmds, SPELLS, &first);
		if (ret)
			break;
		__atomic_add_fetch(&shared->under_way, 1, __ATOMIC_RELAXED);
		ret = do_wait(fd, first, SPELLS, results);
		__atomic_sub_fetch(&shared->under_way, 1, __ATOMIC_RELAXED);
		for (i = 0; i < SPELLS && !ret; i++)
			ret = results[i].error;
		__atomic_add_fetch(ret ? &shared->cancelled : &shared->batches, 1,
				   __ATOMIC_RELAXED);
		/* The file is as good as before, unless the device is gone. */
		if (ret == -ECANCELED)
			ret = 0;
	}
	close(fd);
	return ret;
}

/* Short jobs, compared. */
static int load_short(uint32_t seed)
{
	struct good good;
	int ret = good_open(&good);

	if (ret)
		return ret;
	while ((!ret || ret == -ECANCELED) && !shared->enough) {
		ret = good_run(&good, seed++ | 1);
		__atomic_add_fetch(&shared->batches, !ret, __ATOMIC_RELAXED);
	}
	good_close(&good);
	return ret;
}

static void loader(unsigned int number)
{
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!shared->enough) {
		ret = number ? load_long() : load_short(number * 1000000);
		if (ret && !is_taken_down(ret)) {
			printf("# load %u: %s\n", number, strerror(-ret));
			fflush(stdout);
			__atomic_add_fetch(&shared->wrong, 1, __ATOMIC_RELAXED);
			_exit(1);
		}
		usleep(5000);
	}
	_exit(0);
}

/* Until there is something to take down. */
static int wait_for_load(void)
{
	int64_t end = do_now() + LONG_S * NS_PER_S;

	while (!__atomic_load_n(&shared->under_way, __ATOMIC_RELAXED)) {
		if (do_now() > end)
			return -ETIMEDOUT;
		usleep(500);
	}
	usleep(do_now() % 5000);
	return 0;
}

/* ------------------------------------------------------------------ resets and removals */

static int pci_put(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address, name);
	return put_text(path, "1");
}

static int reset_one(uint32_t i)
{
	return wait_for_load() ?: i % 2 ? pci_put("reset") : class_put("reset", "1");
}

static int state_becomes(const char *wanted)
{
	char state[32] = "";
	int tries;

	for (tries = 0; tries < 500; tries++, usleep(20000)) {
		class_get("state", state, sizeof(state));
		if (!strcmp(state, wanted))
			return 0;
	}
	return -ETIMEDOUT;
}

/*
 * The card goes; then the driver finds out by itself, or the bus tells it at once, as hotplug does,
 * with whatever was under way; then the card is back and the bus is looked through.
 */
static int remove_one(uint32_t i)
{
	bool link = i % 4 == 3;
	int ret;

	ret = wait_for_load();
	if (!ret)
		ret = faults_say(control, link ? "link down" : "card remove", NULL, 0);
	if (!ret && i % 2)
		ret = state_becomes("dead");
	if (!ret)
		ret = pci_put("remove");
	if (!ret)
		ret = faults_say(control, link ? "link up" : "card return", NULL, 0);
	if (!ret)
		ret = put_text("/sys/bus/pci/rescan", "1");
	return ret ?: state_becomes("live");
}

/* ------------------------------------------------------------------ rounds */

static const struct campaign campaigns[] = {
	{ "kills", "kill -9 of a process in mid-job", false, kill_one, "in mid-job" },
	{ "resets", "by sysfs and function level reset, under load", true, reset_one,
	  "with jobs in flight" },
	{ "removals", "surprise removal and return, under load", true, remove_one,
	  "with jobs in flight" },
};

static uint64_t mem_used(void)
{
	struct tern_info info = { .mem_size = 1 };
	int fd = do_open_file();

	if (fd >= 0) {
		do_info(fd, &info);
		close(fd);
	}
	return info.mem_size - info.mem_free;
}

/* Jobs of processes that are gone may still run, and hold memory. */
static uint64_t memory_left(void)
{
	int64_t end = do_now() + LONG_S * NS_PER_S;

	while (mem_used() && do_now() < end)
		usleep(20000);
	return mem_used();
}

/* Rounds of the campaign; those that hit what they were after, and good jobs afterwards. */
static int rounds(const struct campaign *campaign, uint32_t count, uint32_t *hits, uint32_t *good)
{
	int64_t start = do_now(), said = start;
	uint32_t i;
	int ret;

	for (i = 0; i < count; i++) {
		uint64_t before = __atomic_load_n(&shared->cancelled, __ATOMIC_RELAXED);

		ret = campaign->round(i);
		if (ret < 0) {
			printf("# round %u: %s\n", i, strerror(-ret));
			return ret;
		}
		if (!campaign->loaded)
			*hits += ret;
		ret = good_once(i + 1);
		if (ret) {
			printf("# round %u: the job afterwards: %s\n", i, strerror(-ret));
			return ret;
		}
		++*good;
		/* Who was cancelled has had the time of a job to say so. */
		if (campaign->loaded)
			*hits += __atomic_load_n(&shared->cancelled, __ATOMIC_RELAXED) != before;
		if (do_now() - said > PROGRESS_S * NS_PER_S) {
			said = do_now();
			printf("# %s: %u of %u, %lld s\n", campaign->name, i + 1, count,
			       (long long)((said - start) / NS_PER_S));
			fflush(stdout);
		}
	}
	return 0;
}

static void result(int *failed, bool good, const char *text)
{
	static unsigned int number;

	*failed |= !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++number, text);
}

static int run(const struct campaign *campaign, uint32_t count)
{
	int64_t start = do_now();
	uint32_t hits = 0, good = 0;
	int failed = 0, ret, i;
	char text[128];
	pid_t pids[LOADERS];

	printf("TAP version 13\n1..4\n");
	fflush(stdout);
	for (i = 0; i < LOADERS && campaign->loaded; i++) {
		pids[i] = fork();
		if (!pids[i])
			loader(i);
	}
	ret = rounds(campaign, count, &hits, &good);
	shared->enough = true;
	for (i = 0; i < LOADERS && campaign->loaded; i++)
		waitpid(pids[i], NULL, 0);
	snprintf(text, sizeof(text), "%u of %u %s, and a good job after each", good, count,
		 campaign->name);
	result(&failed, !ret && good == count, text);
	snprintf(text, sizeof(text), "%u of them %s", hits, campaign->hit);
	result(&failed, hits >= count - count * MISSES / 100, text);
	snprintf(text, sizeof(text),
		 "batches of other processes: %llu good, %llu cancelled, %llu wrong",
		 (unsigned long long)shared->batches, (unsigned long long)shared->cancelled,
		 (unsigned long long)shared->wrong);
	result(&failed, !shared->wrong && (shared->batches || !campaign->loaded), text);
	snprintf(text, sizeof(text), "%llu bytes of device memory are not back",
		 (unsigned long long)memory_left());
	result(&failed, !memory_left(), text);
	printf("# = %-9s %8u rounds, %u %s, %u good jobs, %lld s\n", campaign->name, count, hits,
	       campaign->hit, good, (long long)((do_now() - start) / NS_PER_S));
	return failed;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	char **args = state->input;

	if (key == ARGP_KEY_ARG && state->arg_num < 2) {
		args[state->arg_num] = arg;
		return 0;
	}
	if (key == ARGP_KEY_END && state->arg_num < 2)
		argp_error(state, "which campaign, and how many rounds?");
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "kills|resets|removals ROUNDS",
	.doc = "Kill processes in mid-job, reset or remove a Tern device under load, ROUNDS times, "
	       "and run a job after each that is compared with the reference. TAP.\v"
	       "The device is the first there is, or $TERN_DEV. Needs root; removals a simulator's "
	       "control socket at /dev/ttyS4 (tools/lab/run --faults).\n\n"
	       "exit status: 0 passed, 1 failed, 2 usage, 3 no device or control socket",
};

int main(int argc, char **argv)
{
	const struct campaign *campaign = campaigns;
	char *args[2], *end;
	uint32_t count;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, args);
	while (campaign < campaigns + ARRAY_SIZE(campaigns) && strcmp(campaign->name, args[0]))
		campaign++;
	count = strtoul(args[1], &end, 0);
	if (campaign == campaigns + ARRAY_SIZE(campaigns) || *end || !count) {
		fprintf(stderr, "campaign: '%s %s' is no campaign and a number of rounds\n",
			args[0], args[1]);
		return 2;
	}
	pci_address(address, sizeof(address));
	if (campaign->round == remove_one)
		control = faults_open();
	if (!address[0] || (campaign->round == remove_one && control < 0)) {
		fprintf(stderr, "campaign: no %s\n", address[0] ? "control socket" : "device");
		return 3;
	}
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("campaign");
		return 1;
	}
	return run(campaign, count);
}
