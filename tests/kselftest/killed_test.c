// SPDX-License-Identifier: Apache-2.0
/*
 * The card disappears under a running job: not a harness test, because its host must pull it. It
 * prints "KILL NOW" when the job runs.
 */
#include "pmu.h"
#include "tern_test.h"

/* The driver looks after the device twice a second; translated guests are slow at times. */
#define SOON_S	10

int main(void)
{
	struct tern_result results[32] = { 0 };
	struct tern_cmd nop = cmd_nop();
	uint32_t handle, *word, ended = 0, i;
	struct tern_info info;
	struct pollfd pfd = { .events = POLLIN };
	char state[32];
	uint64_t first = 0, value, cycles;
	int64_t start;
	int ret, event;

	ksft_print_header();
	ksft_set_plan(9);
	pfd.fd = do_open_file();
	if (pfd.fd < 0)
		ksft_exit_fail_msg("no device: %s\n", strerror(-pfd.fd));
	ret = do_create(pfd.fd, TERN_BO_DEVICE, BUSY_BYTES, &handle);
	word = do_map(pfd.fd, handle, BUSY_BYTES);
	if (!ret)
		ret = do_busy(pfd.fd, handle, 32, &first);
	event = event_open(CYCLES);
	cycles = event_read(event);
	if (ret || !word)
		ksft_exit_fail_msg("no job: %s\n", strerror(-ret));
	start = do_now();
	printf("KILL NOW\n");
	fflush(stdout);

	ret = do_wait(pfd.fd, first, 32, results);
	ksft_test_result(!ret, "the jobs end: %d\n", ret);
	ksft_test_result(do_now() - start < SOON_S * NS_PER_S, "soon: after %lld ms\n",
			 (long long)(do_now() - start) / 1000000);
	for (i = 0; i < 32; i++)
		ended += results[i].error == -ENODEV;
	ksft_test_result(ended > 0 && results[31].error == -ENODEV,
			 "with ENODEV: %u of 32, the last with %d\n", ended, results[31].error);
	ret = poll(&pfd, 1, 0);
	ksft_test_result(ret == 1 && (pfd.revents & (POLLERR | POLLHUP)) == (POLLERR | POLLHUP),
			 "poll() says that the device is gone\n");
	class_get("state", state, sizeof(state));
	ksft_test_result(!strcmp(state, "dead"), "sysfs says '%s'\n", state);
	ksft_test_result(do_info(pfd.fd, &info) == -ENODEV &&
			 do_create(pfd.fd, TERN_BO_HOST, PAGE, &handle) == -ENODEV &&
			 do_submit(pfd.fd, &nop, 1, &value) == -ENODEV, "ioctls give ENODEV\n");
	ksft_test_result(do_open_file() == -ENODEV, "nobody can open it any more\n");
	/* All-ones would count for centuries. */
	value = event_read(event);
	ksft_test_result(event >= 0 && cycles <= value && value - cycles < UINT32_MAX,
			 "an event keeps its count: %llu, then %llu\n",
			 (unsigned long long)cycles, (unsigned long long)value);
	close(event);
	munmap(word, BUSY_BYTES);
	ksft_test_result(!close(pfd.fd), "the file closes\n");
	ksft_finished();
}
