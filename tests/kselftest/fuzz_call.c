// SPDX-License-Identifier: Apache-2.0
/*
 * One call of the ioctl fuzzer: made as a program would make it, and then one or two of its fields
 * may be spoiled, or the place where it lies.
 */
#include <setjmp.h>
#include <signal.h>

#include "fuzz.h"

static const size_t sizes[FUZZ_IOCTLS] = {
	sizeof(struct tern_info), sizeof(struct tern_bo_create), sizeof(struct tern_bo_destroy),
	sizeof(struct tern_bo_mmap), sizeof(struct tern_submit), sizeof(struct tern_wait),
	sizeof(struct tern_eventfd), sizeof(struct tern_context), sizeof(struct tern_bo_export),
	sizeof(struct tern_bo_import),
};

/* ------------------------------------------------------------------ chance */

uint64_t draw(struct fuzzer *f)
{
	uint64_t z = (f->random += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint32_t below(struct fuzzer *f, uint32_t bound)
{
	return (draw(f) >> 32) % bound;
}

bool chance(struct fuzzer *f, uint32_t percent)
{
	return below(f, 100) < percent;
}

uint32_t odd_word(struct fuzzer *f)
{
	static const uint32_t words[] = {
		0, 1, 2, 3, 4, 5, 8, 16, 63, 64, 65, 1023, 1024, 1025, 4095, 4096, 4097, 65536,
		0x3fffff, 0x400000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};

	switch (below(f, 4)) {
	case 0: return draw(f);
	case 1: return below(f, 32);
	default: return words[below(f, ARRAY_SIZE(words))];
	}
}

uint64_t odd_address(struct fuzzer *f)
{
	switch (below(f, 8)) {
	case 0: return 0;
	case 1: return NOTHING + 8 * below(f, 1024);
	case 2: return KERNEL_ADDRESS;
	/* The page before the first one that is not there, and how much of it? */
	case 3: return (uintptr_t)f->arena + ARENA_PAGES * PAGE - 8 * below(f, 64);
	case 4: return (uintptr_t)f->arena + READ_ONLY * PAGE;
	case 5: return (uintptr_t)f->arena + USER_AREA * PAGE + PAGE * below(f, USER_PAGES);
	case 6: return MAP_AREA + MAP_STEP * (f->number * MAPS + below(f, MAPS));
	default: return (uintptr_t)f->arena + 4 * below(f, PAGE);
	}
}

uint64_t odd_long(struct fuzzer *f)
{
	static const uint64_t longs[] = {
		0, 1, 63, 64, 4095, 4096, 4097, 1ull << 20, 1ull << 31, 1ull << 32, 1ull << 40,
		1ull << 62, 1ull << 63, ~0ull, ~0ull - 63, ~0ull - 4095, 0x7fffffffffffffffull,
	};

	switch (below(f, 4)) {
	case 0: return odd_address(f);
	case 1: return below(f, 32) * PAGE;
	/* No address of anything: bit 47 is the kernel's. */
	case 2: return draw(f) | 1ull << 47;
	default: return longs[below(f, ARRAY_SIZE(longs))];
	}
}

void fuzz_spoil(struct fuzzer *f, uint32_t *words, size_t size)
{
	uint32_t at = below(f, size / 4);

	switch (below(f, 4)) {
	case 0:
		words[at] ^= 1u << below(f, 32);
		break;
	case 1:
		words[at] = odd_word(f);
		break;
	case 2:
		words[at] += below(f, 2) ? 1 : -1;
		break;
	default: {
		uint64_t value = odd_long(f);

		memcpy(words + (at & ~1u), &value,
		       size - 4 * (at & ~1u) < 8 ? 4 : sizeof(value));
		break;
	}
	}
}

/* The size that the first word tells, or the size of an element of an array. */
uint32_t odd_size(struct fuzzer *f, uint32_t size)
{
	switch (below(f, 7)) {
	case 0: return size - 8;
	case 1: return size + 8;
	case 2: return size + 8 * below(f, 40);
	case 3: return below(f, size);
	case 4: return 4096;
	case 5: return 4096 + 8;
	default: return odd_word(f);
	}
}

/* ------------------------------------------------------------------ memory that may be missing */

static __thread sigjmp_buf fault;
static __thread volatile sig_atomic_t guarded;

static void on_fault(int sig)
{
	if (!guarded) {
		signal(sig, SIG_DFL);
		return;
	}
	siglongjmp(fault, 1);
}

void fuzz_catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* memcpy() that may fail. */
bool fuzz_copy(void *to, const void *from, size_t bytes)
{
	bool copied = false;

	if (!sigsetjmp(fault, 0)) {
		guarded = 1;
		memcpy(to, from, bytes);
		copied = true;
	}
	guarded = 0;
	return copied;
}

/* Where the struct lies for the kernel. */
static char *place(struct fuzzer *f, unsigned int nr, size_t size)
{
	char *end = f->arena + ARENA_PAGES * PAGE;

	/* Descriptors that a call makes are closed later: their numbers are not scribbled over. */
	if (!chance(f, 6))
		return nr == _IOC_NR(TERN_IOCTL_BO_EXPORT) ? f->arena + PAGE : f->arena;
	switch (below(f, 4)) {
	case 0: return end - size;			/* just so */
	case 1: return end - 4 * below(f, size / 4);	/* a part of it is missing */
	default: return (char *)odd_address(f);
	}
}

/* ------------------------------------------------------------------ calls */

int fuzz_count(struct fuzzer *f, unsigned int row, int ret)
{
	f->stats->calls++;
	f->stats->counts[row][-ret < FUZZ_ERRNOS ? -ret : FUZZ_ERRNOS - 1]++;
	return ret;
}

/* Make call @nr with f->args, which hold its answer afterwards if it succeeds. */
int fuzz_call(struct fuzzer *f, int fd, unsigned int nr)
{
	size_t size = sizes[nr], bytes = size;
	uint32_t *words = f->args.words;
	char *at, *page;
	int ret;

	words[0] = size;
	if (chance(f, 35)) {
		if (chance(f, 25)) {
			words[0] = odd_size(f, size);
			if (words[0] > size && chance(f, 30))
				words[below(f, ARRAY_SIZE(f->args.words))] |= odd_word(f);
		} else {
			fuzz_spoil(f, words, size);
			if (chance(f, 20))
				fuzz_spoil(f, words, size);
		}
	}
	if (words[0] > size)
		bytes = words[0] < sizeof(f->args) ? words[0] : sizeof(f->args);
	at = place(f, nr, size);
	page = f->arena + READ_ONLY * PAGE;
	if (at == page)
		mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	fuzz_copy(at, words, bytes);
	if (at == page)
		mprotect(page, PAGE, PROT_READ);
	f->stats->row = nr;
	ret = fuzz_count(f, nr, ioctl(fd, _IO(TERN_IOCTL_TYPE, nr), at) ? -errno : 0);
	if (!ret)
		fuzz_copy(words, at, size);
	if (bytes > size)
		memset(words + size / 4, 0, bytes - size);
	return ret;
}
