// SPDX-License-Identifier: Apache-2.0
/*
 * Work for somebody else to measure: runs jobs, and prints the sums of their results by the names
 * of the PMU's events. Those that the driver's zeroing of memory adds to are left out.
 */
#include "tern_test.h"

int main(void)
{
	struct tern_cmd cmds[4];
	struct tern_result results[ARRAY_SIZE(cmds)], sum = {};
	int fd = do_open_file(), ret = fd;
	uint32_t handle = 0, i;
	uint64_t first;

	if (fd >= 0)
		ret = do_create(fd, TERN_BO_DEVICE, LONG_BYTES(8), &handle);
	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		cmds[i] = cmd_long(handle, 1 + i);
	ret = ret ?: do_submit(fd, cmds, ARRAY_SIZE(cmds), &first);
	ret = ret ?: do_wait(fd, first, ARRAY_SIZE(cmds), results);
	for (i = 0; !ret && i < ARRAY_SIZE(cmds); i++) {
		ret = results[i].error;
		sum.array += results[i].array;
		sum.stall_weights += results[i].stall_weights;
		sum.mem_read += results[i].mem_read;
	}
	if (ret < 0) {
		fprintf(stderr, "jobs: %s: %s\n", tern_path(), strerror(-ret));
		return 1;
	}
	printf("array_busy %llu\nstall_weights %llu\nbytes_read %llu\n",
	       (unsigned long long)sum.array, (unsigned long long)sum.stall_weights,
	       (unsigned long long)sum.mem_read);
	return 0;
}
