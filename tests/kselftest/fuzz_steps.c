// SPDX-License-Identifier: Apache-2.0
/*
 * The steps of the ioctl fuzzer. What is drawn depends on the seed and the step alone; what the
 * kernel makes of it, on the other threads and processes as well.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include "dmabuf.h"
#include "fuzz.h"

static int begin(struct fuzzer *f)
{
	memset(&f->args, 0, 128);
	return below(f, FUZZ_FILES);
}

static struct bo *some_bo(struct fuzzer *f, int file)
{
	struct bo *bo = &f->bos[below(f, BOS)];
	int i;

	for (i = 0; i < BOS && (!bo->handle || bo->file != file); i++)
		bo = bo + 1 == f->bos + BOS ? f->bos : bo + 1;
	return bo;
}

/* One that most commands take: not of the caller's pages, if there is another. */
static struct bo *plain_bo(struct fuzzer *f, int file)
{
	struct bo *bo = some_bo(f, file);
	int tries = 3;

	while (bo->kind == TERN_BO_USER && tries--)
		bo = some_bo(f, file);
	return bo;
}

static uint32_t some_handle(struct fuzzer *f, int file)
{
	return chance(f, 5) ? below(f, 64) : some_bo(f, file)->handle;
}

static void step_info(struct fuzzer *f)
{
	int file = begin(f);

	fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_INFO));
}

static void destroy(struct fuzzer *f, struct bo *bo)
{
	int ret;

	begin(f);
	f->args.destroy.handle = bo->handle;
	ret = fuzz_call(f, f->files[bo->file], _IOC_NR(TERN_IOCTL_BO_DESTROY));
	if (!ret || ret == -ENOENT)
		bo->handle = 0;
}

static void step_destroy(struct fuzzer *f)
{
	destroy(f, some_bo(f, below(f, FUZZ_FILES)));
}

/* A buffer that a call has made takes the place of another. */
static void remember(struct fuzzer *f, uint32_t handle, uint32_t kind, uint64_t bytes, int file)
{
	struct bo *bo = &f->bos[below(f, BOS)];

	if (bo->handle)
		destroy(f, bo);
	*bo = (struct bo){ .handle = handle, .kind = kind, .bytes = bytes, .file = file };
}

static void step_create(struct fuzzer *f)
{
	int file = begin(f), ret;
	struct tern_bo_create *args = &f->args.create;

	args->kind = below(f, 3);
	args->bytes = chance(f, 90) ? 1 + below(f, 6 * PAGE) : 1 + below(f, 64 * PAGE);
	if (args->kind == TERN_BO_USER) {
		args->bytes = 1 + below(f, 4 * PAGE);
		args->user_addr = (uintptr_t)f->arena +
				  PAGE * (USER_AREA + below(f, USER_PAGES - 4));
		args->flags = chance(f, 30) ? TERN_BO_READ_ONLY : 0;
	}
	ret = fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_BO_CREATE));
	if (!ret)
		remember(f, args->handle, args->kind, (args->bytes + PAGE - 1) & -PAGE, file);
}

static void step_export(struct fuzzer *f)
{
	int file = begin(f), *mailboxes, ret;

	f->args.export.handle = some_handle(f, file);
	ret = fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_BO_EXPORT));
	/* Of all descriptors here only those of dma-bufs have an end to go to. */
	if (ret || lseek(f->args.export.fd, 0, SEEK_END) <= 0)
		return;
	mailboxes = (int *)f->process->mailboxes;
	if (chance(f, 50))
		send_fd(mailboxes[below(f, f->process->mailbox_count)], f->args.export.fd);
	dup3(f->args.export.fd, f->dmabuf, O_CLOEXEC);
	close(f->args.export.fd);
}

static void step_import(struct fuzzer *f)
{
	int file = begin(f), sent = chance(f, 50) ? receive_fd(f->process->mailbox) : -1, ret;
	struct tern_bo_import *args = &f->args.import;

	args->fd = sent >= 0 ? sent : f->dmabuf;
	ret = fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_BO_IMPORT));
	if (sent >= 0)
		close(sent);
	if (!ret)
		remember(f, args->handle, args->kind, args->bytes, file);
}

static void step_eventfd(struct fuzzer *f)
{
	int file = begin(f);

	f->args.eventfd.fd = chance(f, 60) ? f->event : chance(f, 50) ? -1 : (int)below(f, 64);
	fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_EVENTFD));
}

static void step_context(struct fuzzer *f)
{
	int file = begin(f);
	struct tern_context *args = &f->args.context;

	if (chance(f, 30)) {
		args->flags = TERN_CONTEXT_PRIORITY;
		args->priority = (int)below(f, 3) - 1;
	}
	if (chance(f, 10)) {
		args->flags |= below(f, 2) ? TERN_CONTEXT_DEVICE_LIMIT : TERN_CONTEXT_HOST_LIMIT;
		args->device_limit = MIB - PAGE * below(f, 16);
		args->host_limit = MIB - PAGE * below(f, 16);
	}
	fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_CONTEXT));
}

/* ------------------------------------------------------------------ jobs */

static struct tern_operand operand(struct bo *bo, uint64_t offset, uint32_t stride)
{
	return (struct tern_operand){ .handle = bo->handle, .offset = offset, .stride = stride };
}

static void command(struct fuzzer *f, int file, struct tern_cmd *cmd)
{
	struct bo *src, *dst, *weights = plain_bo(f, file);
	uint64_t room;

	memset(cmd, 0, sizeof(*cmd));
	cmd->op = below(f, 5);
	src = cmd->op == TERN_OP_COPY ? some_bo(f, file) : plain_bo(f, file);
	dst = cmd->op == TERN_OP_COPY ? some_bo(f, file) : plain_bo(f, file);
	room = src->bytes < dst->bytes ? src->bytes : dst->bytes;
	switch (cmd->op) {
	case TERN_OP_COPY:
		cmd->length = 1 + below(f, chance(f, 95) ? 512 : 65536);
		if (cmd->length > room)
			cmd->length = room;
		cmd->src = operand(src, (src->bytes - cmd->length) / 2 & -BEAT, 0);
		cmd->dst = operand(dst, (dst->bytes - cmd->length) & -BEAT, 0);
		break;
	case TERN_OP_FILL:
		cmd->length = 4 + 4 * below(f, 256);
		cmd->dst = operand(dst, BEAT * below(f, 48), 0);
		cmd->pattern = draw(f);
		break;
	case TERN_OP_GEMM:
		cmd->packing = below(f, 2);
		cmd->n = 1 + below(f, 12);
		cmd->k = 1 + below(f, 300);
		cmd->t = 1 + below(f, 3);
		cmd->src = operand(src, 0, (cmd->k + 63) & -64u);
		cmd->dst = operand(dst, BEAT * below(f, 16), 64);
		cmd->weights = operand(weights, 0, 0);
		break;
	}
	if (chance(f, 8))
		fuzz_spoil(f, (uint32_t *)cmd, sizeof(*cmd));
}

static void step_submit(struct fuzzer *f)
{
	int file = begin(f), ret;
	struct tern_submit *args = &f->args.submit;
	uint32_t n = 1 + below(f, chance(f, 97) ? 4 : 64), i, size = sizeof(struct tern_cmd);
	struct tern_cmd cmd;

	if (chance(f, 5))
		size = odd_size(f, size);
	args->count = chance(f, 1) ? TERN_SUBMIT_MAX : n;
	args->cmd_size = size;
	args->cmds = (uintptr_t)f->arena + ARENA_ARRAY;
	/* Behind an array of shorter or longer elements is what an earlier call has left there. */
	for (i = 0; i < n && (uint64_t)(i + 1) * size + PAGE < (ARENA_PAGES - 2) * PAGE; i++) {
		command(f, file, &cmd);
		memcpy(f->arena + ARENA_ARRAY + i * size, &cmd, sizeof(cmd));
		if (size > sizeof(cmd))
			memset(f->arena + ARENA_ARRAY + i * size + sizeof(cmd), chance(f, 20), 8);
	}
	if (chance(f, 2))
		args->cmds = odd_address(f);
	ret = fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_SUBMIT));
	if (!ret) {
		f->jobs[file].first = args->first;
		f->jobs[file].count = args->count;
	}
}

static int64_t some_time(struct fuzzer *f)
{
	switch (below(f, 8)) {
	case 0: return 0;
	case 1: return do_now() - NS_PER_S;
	case 2: return INT64_MAX;
	case 3:
	case 4: return do_now() + below(f, 1000) * 1000;
	default: return do_now() + NS_PER_S;
	}
}

static void step_wait(struct fuzzer *f)
{
	int file = begin(f), ret, tries;
	struct tern_wait *args = &f->args.wait;
	uint64_t *numbers = (uint64_t *)(f->arena + ARENA_ARRAY);
	uint64_t first;
	uint32_t n, i;

	/* Most of the time where there is something to wait for. */
	for (tries = 0; tries < FUZZ_FILES && !f->jobs[file].count; tries++)
		file = (file + 1) % FUZZ_FILES;
	first = f->jobs[file].first;
	n = f->jobs[file].count;
	if (!n || chance(f, 5)) {
		first = below(f, 2048);
		n = 1 + below(f, 16);
	} else if (n > 1 && chance(f, 20)) {
		n = 1 + below(f, n);
	}
	args->flags = chance(f, 30) ? TERN_WAIT_ANY : 0;
	args->first = first;
	args->count = n;
	args->result_size = chance(f, 95) ? sizeof(struct tern_result) :
					    odd_size(f, sizeof(struct tern_result));
	args->results = chance(f, 95) ? (uintptr_t)f->arena + ARENA_RESULTS : odd_address(f);
	args->timeout_ns = some_time(f);
	if (chance(f, 30)) {
		args->first = 0;
		args->jobs = (uintptr_t)numbers;
		for (i = 0; i < n && i < 2 * PAGE / sizeof(*numbers); i++)
			numbers[i] = first + i + (chance(f, 2) ? odd_word(f) : 0);
	}
	ret = fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_WAIT));
	if (!ret && args->ended <= f->jobs[file].count && first == f->jobs[file].first) {
		n = args->ended ?: n;
		f->jobs[file].first += n;
		f->jobs[file].count -= n < f->jobs[file].count ? n : f->jobs[file].count;
	}
}

/* ------------------------------------------------------------------ mappings */

static void *map_at(struct fuzzer *f, uint32_t i)
{
	return (void *)(MAP_AREA + MAP_STEP * (f->number * MAPS + i));
}

static void step_mmap(struct fuzzer *f)
{
	int file = begin(f), ret, flags = chance(f, 95) ? MAP_SHARED : MAP_PRIVATE;
	struct bo *bo = some_bo(f, file);
	uint32_t i = below(f, MAPS);
	uint64_t offset, bytes = bo->bytes;

	f->args.mmap.handle = chance(f, 95) ? bo->handle : below(f, 64);
	ret = fuzz_call(f, f->files[file], _IOC_NR(TERN_IOCTL_BO_MMAP));
	offset = ret ? odd_long(f) & -PAGE : f->args.mmap.offset;
	if (chance(f, 10))
		bytes = PAGE * (1 + below(f, 80));
	if (chance(f, 10))
		offset += PAGE * below(f, 4);
	if (!bytes)
		return;
	munmap(map_at(f, i), f->map_bytes[i]);
	f->map_bytes[i] = 0;
	if (mmap(map_at(f, i), bytes, chance(f, 80) ? PROT_READ | PROT_WRITE : PROT_READ,
		 flags | MAP_FIXED_NOREPLACE, f->files[file], offset) != MAP_FAILED)
		f->map_bytes[i] = bytes;
}

static void step_memory(struct fuzzer *f)
{
	uint32_t i = below(f, MAPS), word = draw(f);
	size_t bytes = f->map_bytes[i];
	char *map = map_at(f, i);

	if (!bytes)
		return;
	switch (below(f, 8)) {
	case 0:
		munmap(map, bytes);
		f->map_bytes[i] = 0;
		break;
	case 1:
		/* A hole, so that one mapping becomes two. */
		munmap(map + PAGE * below(f, bytes / PAGE), PAGE);
		break;
	case 2:
		mprotect(map, PAGE, PROT_READ);
		break;
	case 3:
		madvise(map, bytes, MADV_DONTNEED);
		break;
	case 4:
		fuzz_copy(&word, map + below(f, bytes - 4), sizeof(word));
		break;
	default:
		fuzz_copy(map + (below(f, bytes - 4) & ~3u), &word, sizeof(word));
		break;
	}
}

/* ------------------------------------------------------------------ files */

static void step_reopen(struct fuzzer *f)
{
	int file = below(f, FUZZ_FILES), fd = do_open_file(), i;

	if (fd < 0)
		return;
	/* The old one is closed, jobs and all, whoever else is using it. */
	dup3(fd, f->files[file], O_CLOEXEC);
	close(fd);
	for (i = 0; i < BOS; i++)
		if (f->bos[i].file == file)
			f->bos[i].handle = 0;
	f->jobs[file].count = 0;
}

static void step_look(struct fuzzer *f)
{
	struct pollfd pfd = { .fd = f->files[below(f, FUZZ_FILES)], .events = POLLIN };
	char path[64], text[64];
	uint64_t told;
	int fd;

	poll(&pfd, 1, below(f, 2));
	while (read(f->event, &told, sizeof(told)) > 0)
		;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pfd.fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

static void step_unknown(struct fuzzer *f)
{
	int file = begin(f);
	unsigned long nr = draw(f);

	if (chance(f, 50))
		nr = _IOC(below(f, 4), TERN_IOCTL_TYPE, below(f, 24), 8 * below(f, 16));
	/* Numbers that there are, and those that the kernel answers for all files, are no news. */
	if ((nr & ~0xfful) == _IO(TERN_IOCTL_TYPE, 0) || _IOC_TYPE(nr) != TERN_IOCTL_TYPE)
		nr = _IO(TERN_IOCTL_TYPE, FUZZ_IOCTLS + below(f, 200));
	f->stats->row = FUZZ_UNKNOWN;
	fuzz_count(f, FUZZ_UNKNOWN, ioctl(f->files[file], nr, f->arena) ? -errno : 0);
}

static void step_other(struct fuzzer *f)
{
	int fds[] = { f->event, f->dmabuf, f->process->mailbox, f->null, -1, 1 << 20 };
	unsigned long nr;

	f->stats->row = FUZZ_OTHER;
	nr = _IO(TERN_IOCTL_TYPE, below(f, FUZZ_IOCTLS));
	fuzz_count(f, FUZZ_OTHER,
		   ioctl(fds[below(f, ARRAY_SIZE(fds))], nr, f->arena) ? -errno : 0);
}

/* What another thread is telling the kernel just now changes. */
static void step_scribble(struct fuzzer *f)
{
	uint64_t value = odd_long(f);

	fuzz_copy(f->sibling + 8 * below(f, 16), &value, sizeof(value));
}

/* ------------------------------------------------------------------ what must not go wrong */

static void wrong(struct fuzzer *f, int ret)
{
	if (!ret || f->stats->failed)
		return;
	f->stats->failed = -ret;
	f->stats->failed_step = f->stats->step;
}

/* Alarms are for the others: these may not be interrupted. */
static void mask_alarms(int how)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(how, &alarms, NULL);
}

static void step_good(struct fuzzer *f)
{
	mask_alarms(SIG_BLOCK);
	wrong(f, good_run(&f->good, draw(f) | 1));
	mask_alarms(SIG_UNBLOCK);
	f->stats->good++;
}

static void step_fresh(struct fuzzer *f)
{
	mask_alarms(SIG_BLOCK);
	wrong(f, good_once(draw(f) | 1));
	mask_alarms(SIG_UNBLOCK);
	f->stats->fresh++;
}

static const struct {
	unsigned int weight;
	void (*run)(struct fuzzer *f);
} steps[] = {
	{ 60, step_info }, { 90, step_create }, { 25, step_destroy },
	{ 60, step_export }, { 60, step_import }, { 50, step_eventfd },
	{ 50, step_context }, { 260, step_submit }, { 220, step_wait },
	{ 60, step_mmap }, { 60, step_memory }, { 8, step_reopen },
	{ 20, step_look }, { 20, step_unknown }, { 20, step_other },
	{ 30, step_scribble }, { 4, step_good }, { 2, step_fresh },
};

static void step(struct fuzzer *f)
{
	uint32_t sum = 0, at;
	size_t i;

	/* Decides all that follows, whatever the earlier ones have drawn. */
	f->random = f->process->seed * 0xff51afd7ed558ccdull + f->process->number * 0x10001ull +
		    (uint64_t)f->number * 0x1000003ull + (f->stats->step << 20);
	draw(f);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		sum += steps[i].weight;
	at = below(f, sum);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	steps[i].run(f);
	f->stats->step++;
}

/* ------------------------------------------------------------------ threads */

static int begin_thread(struct fuzzer *f)
{
	uint64_t number = f->process->number * FUZZ_THREADS + f->number;
	int ret;

	f->arena = mmap((void *)(ARENA + ARENA_STEP * f->number), ARENA_PAGES * PAGE,
			PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	f->sibling = (char *)ARENA + ARENA_STEP * ((f->number + 1) % FUZZ_THREADS);
	if (f->arena == MAP_FAILED ||
	    mmap(f->arena + READ_ONLY * PAGE, PAGE, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED ||
	    mmap(f->arena + USER_AREA * PAGE, USER_PAGES * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
		return -errno;
	f->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* A place for descriptors of dma-bufs to come. */
	f->dmabuf = dup(f->null);
	ret = good_open(&f->good);
	return ret ?: good_run(&f->good, number + 1);
}

static void *run_thread(void *arg)
{
	struct fuzzer *f = arg;

	while (f->stats->calls < f->process->until)
		step(f);
	return NULL;
}

static void on_alarm(int sig)
{
	(void)sig;
}

int fuzz_run(struct fuzz_process *process)
{
	static struct fuzzer fuzzers[FUZZ_THREADS];
	struct sigaction alarmed = { .sa_handler = on_alarm };
	/* Calls are interrupted now and then. */
	struct itimerval often = { { 0, 3000 }, { 0, 3000 } };
	pthread_t threads[FUZZ_THREADS];
	int files[FUZZ_FILES], i, ret;

	fuzz_catch_faults();
	sigaction(SIGALRM, &alarmed, NULL);
	for (i = 0; i < FUZZ_FILES; i++) {
		files[i] = do_open_file();
		if (files[i] < 0)
			return files[i];
	}
	for (i = 0; i < FUZZ_THREADS; i++) {
		fuzzers[i] = (struct fuzzer){
			.process = process, .stats = &process->stats[i], .number = i,
			.files = files,
		};
		ret = begin_thread(&fuzzers[i]);
		if (ret)
			return ret;
	}
	setitimer(ITIMER_REAL, &often, NULL);
	for (i = 0; i < FUZZ_THREADS; i++) {
		ret = pthread_create(&threads[i], NULL, run_thread, &fuzzers[i]);
		if (ret)
			return -ret;
	}
	for (i = 0; i < FUZZ_THREADS; i++)
		pthread_join(threads[i], NULL);
	/* With all that is under way: the end of the process cleans up. */
	return 0;
}
