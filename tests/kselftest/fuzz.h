/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the ioctl fuzzer share: fuzz.c runs it and judges, fuzz_steps.c has what
 * is done, fuzz_call.c makes a call of it.
 */
#ifndef TERN_TEST_FUZZ_H
#define TERN_TEST_FUZZ_H

#include "good_job.h"

#define FUZZ_PROCESSES	16	/* at most */
#define FUZZ_THREADS	2	/* of a process */
#define FUZZ_FILES	3	/* of a process, for all its threads */

/* Rows of the table: the ioctls by their numbers, then these. */
#define FUZZ_IOCTLS	10
#define FUZZ_UNKNOWN	FUZZ_IOCTLS	/* numbers that no ioctl has */
#define FUZZ_OTHER	(FUZZ_IOCTLS + 1)	/* any ioctl of a file that is no Tern device */
#define FUZZ_ROWS	(FUZZ_IOCTLS + 2)
#define FUZZ_ERRNOS	134

/* What a thread has done, in memory that outlives its process. */
struct fuzz_stats {
	uint64_t step;			/* the next one: with the seed it decides what is done */
	uint64_t calls;			/* of ioctl() */
	unsigned int row;		/* of the call under way */
	uint64_t counts[FUZZ_ROWS][FUZZ_ERRNOS];
	uint64_t good, fresh;		/* jobs compared, new buffers looked at */
	int failed;			/* errno of the first of those that was wrong */
	uint64_t failed_step;
};

struct fuzz_process {
	uint64_t seed;
	unsigned int number;		/* of the process */
	uint64_t until;			/* calls of each thread, then the process ends */
	struct fuzz_stats *stats;	/* one for each thread */
	const int *mailboxes;		/* to send descriptors to, one of each process */
	unsigned int mailbox_count;
	int mailbox;			/* to receive them */
};

#define BOS		24	/* buffers that a thread remembers */
#define MAPS		4	/* mappings of a thread */
#define USER_PAGES	16	/* its pages for TERN_BO_USER */

/*
 * Memory that calls are made of, far from all else that a process has: an address of it with a bit
 * flipped names nothing. What a thread has is so far from what the next one has.
 */
#define ARENA		0x1000000000ul
#define ARENA_STEP	0x0100000000ul
#define ARENA_PAGES	40		/* and nothing behind them */
#define ARENA_ARRAY	(2 * PAGE)	/* commands, numbers of jobs */
#define ARENA_RESULTS	(4 * PAGE)
#define READ_ONLY	(ARENA_PAGES + 8)
#define USER_AREA	(ARENA_PAGES + 16)
#define MAP_AREA	0x2000000000ul
#define MAP_STEP	0x0010000000ul
#define KERNEL_ADDRESS	0xffff888000001000ul
#define NOTHING		0x5000000000ul

/* Room for what a longer struct of later days has behind ours. */
union args {
	struct tern_info info;
	struct tern_bo_create create;
	struct tern_bo_destroy destroy;
	struct tern_bo_mmap mmap;
	struct tern_submit submit;
	struct tern_wait wait;
	struct tern_eventfd eventfd;
	struct tern_context context;
	struct tern_bo_export export;
	struct tern_bo_import import;
	uint32_t words[1032];
};

struct bo {
	uint32_t handle;	/* 0: none */
	uint32_t kind;
	uint64_t bytes;
	int file;
};

struct fuzzer {
	struct fuzz_process *process;
	struct fuzz_stats *stats;
	unsigned int number;	/* of the thread */
	int *files;		/* the process's */
	uint64_t random;
	char *arena, *sibling;
	size_t map_bytes[MAPS];
	struct bo bos[BOS];
	struct { uint64_t first; uint32_t count; } jobs[FUZZ_FILES];
	int dmabuf, event, null;
	struct good good;
	union args args;
};

/* fuzz_call.c: chance, and one call */
uint64_t draw(struct fuzzer *f);
uint32_t below(struct fuzzer *f, uint32_t bound);
bool chance(struct fuzzer *f, uint32_t percent);
uint32_t odd_word(struct fuzzer *f);
uint64_t odd_address(struct fuzzer *f);
uint64_t odd_long(struct fuzzer *f);
uint32_t odd_size(struct fuzzer *f, uint32_t size);
void fuzz_spoil(struct fuzzer *f, uint32_t *words, size_t size);
void fuzz_catch_faults(void);
bool fuzz_copy(void *to, const void *from, size_t bytes);
int fuzz_count(struct fuzzer *f, unsigned int row, int ret);
int fuzz_call(struct fuzzer *f, int fd, unsigned int nr);

/* fuzz_steps.c: run the threads of a process. 0, or a negative errno if it could not begin. */
int fuzz_run(struct fuzz_process *process);

#endif /* TERN_TEST_FUZZ_H */
