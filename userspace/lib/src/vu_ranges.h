/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator of address ranges: first fit, whole pages, memory elsewhere. */
#ifndef TERN_VU_RANGES_H
#define TERN_VU_RANGES_H

#include <stdint.h>

/* A range, free or given out; adjacent free ones are merged. */
struct vu_range {
	struct vu_range *next;
	uint64_t start;
	uint64_t bytes;
};

struct vu_ranges {
	struct vu_range *free;		/* by address */
	uint64_t free_bytes;
};

/* 0 or -ENOMEM. */
int vu_ranges_init(struct vu_ranges *ranges, uint64_t start, uint64_t bytes);
void vu_ranges_fini(struct vu_ranges *ranges);

/* @bytes is a multiple of a page. 0, -ENOSPC or -ENOMEM. */
int vu_ranges_alloc(struct vu_ranges *ranges, uint64_t bytes, struct vu_range **out);

/* Never fails: the range itself goes back into the list. NULL is fine. */
void vu_ranges_free(struct vu_ranges *ranges, struct vu_range *range);

#endif /* TERN_VU_RANGES_H */
