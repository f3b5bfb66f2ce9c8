// SPDX-License-Identifier: Apache-2.0
#include "vu_ranges.h"

#include <errno.h>
#include <stdlib.h>

int vu_ranges_init(struct vu_ranges *ranges, uint64_t start, uint64_t bytes)
{
	ranges->free = malloc(sizeof(*ranges->free));
	if (!ranges->free)
		return -ENOMEM;
	*ranges->free = (struct vu_range){ .start = start, .bytes = bytes };
	ranges->free_bytes = bytes;
	return 0;
}

void vu_ranges_fini(struct vu_ranges *ranges)
{
	while (ranges->free) {
		struct vu_range *range = ranges->free;

		ranges->free = range->next;
		free(range);
	}
	ranges->free_bytes = 0;
}

int vu_ranges_alloc(struct vu_ranges *ranges, uint64_t bytes, struct vu_range **out)
{
	struct vu_range **link = &ranges->free;
	struct vu_range *range, *hole;

	while (*link && (*link)->bytes < bytes)
		link = &(*link)->next;
	hole = *link;
	if (!hole)
		return -ENOSPC;
	if (hole->bytes == bytes) {
		*link = hole->next;
		range = hole;
		range->next = NULL;
	} else {
		range = malloc(sizeof(*range));
		if (!range)
			return -ENOMEM;
		*range = (struct vu_range){ .start = hole->start, .bytes = bytes };
		hole->start += bytes;
		hole->bytes -= bytes;
	}
	ranges->free_bytes -= bytes;
	*out = range;
	return 0;
}

static void merge_with_next(struct vu_range *range)
{
	struct vu_range *next = range->next;

	if (!next || range->start + range->bytes != next->start)
		return;
	range->bytes += next->bytes;
	range->next = next->next;
	free(next);
}

void vu_ranges_free(struct vu_ranges *ranges, struct vu_range *range)
{
	struct vu_range *before = NULL;

	if (!range)
		return;
	ranges->free_bytes += range->bytes;
	for (struct vu_range *at = ranges->free; at && at->start < range->start; at = at->next)
		before = at;
	if (before) {
		range->next = before->next;
		before->next = range;
	} else {
		range->next = ranges->free;
		ranges->free = range;
	}
	merge_with_next(range);
	if (before)
		merge_with_next(before);
}
