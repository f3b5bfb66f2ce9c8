// SPDX-License-Identifier: Apache-2.0
/*
 * Behind a strict IOMMU: what the driver maps arrives at the card and goes again, and a DMA that
 * goes astray reaches nothing.
 */
#include <dirent.h>

#include "faults.h"
#include "sysfs.h"
#include "tern_test.h"

FIXTURE(iommu) {
	int fd;
	int control;
};

/* Without one a DMA that goes astray would hit the kernel. */
static bool has_iommu(void)
{
	char path[PATH_MAX];

	class_path(path, "device/iommu_group");
	return !access(path, F_OK);
}

FIXTURE_SETUP(iommu)
{
	self->control = faults_open();
	self->fd = do_open_file();
	if (self->control == -ENOENT || self->fd == -ENOENT)
		SKIP(_exit(SKIPPED), "no device, or no control socket");
	ASSERT_LE(0, self->control);
	ASSERT_LE(0, self->fd);
	if (!has_iommu())
		SKIP(_exit(SKIPPED), "no IOMMU");
	ASSERT_OK(faults_say(self->control, "clear", NULL, 0));
}

FIXTURE_TEARDOWN(iommu)
{
	faults_say(self->control, "clear", NULL, 0);
	close(self->fd);
	close(self->control);
}

static int works(int fd, uint32_t device, uint32_t host, uint32_t *words)
{
	struct tern_cmd cmds[2] = {
		cmd_copy(host, 0, device, 0, PAGE), cmd_copy(device, 0, host, PAGE, PAGE),
	};
	int ret;

	pattern(words, PAGE, 7);
	ret = do_run(fd, cmds, 2);
	return ret ?: memcmp(words, words + PAGE / 4, PAGE) ? -EILSEQ : 0;
}

TEST_F(iommu, mappings_come_and_go)
{
	long long bytes = faults_count(self->control, "mapped_bytes");
	long long mapped = faults_count(self->control, "ranges_mapped");
	long long unmapped = faults_count(self->control, "ranges_unmapped");
	uint32_t host, user;
	void *addr;

	/* Not all of the guest's memory: only what the driver has mapped. */
	ASSERT_LT(0, bytes);
	EXPECT_GT((long long)(64 * MIB), bytes);

	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, MIB, &host));
	EXPECT_EQ(bytes + (long long)MIB, faults_count(self->control, "mapped_bytes"));
	addr = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_OK(do_create_user(self->fd, addr, MIB, 0, &user));
	EXPECT_EQ(bytes + 2 * (long long)MIB, faults_count(self->control, "mapped_bytes"));
	EXPECT_LT(mapped, faults_count(self->control, "ranges_mapped"));

	ASSERT_OK(do_destroy(self->fd, host));
	ASSERT_OK(do_destroy(self->fd, user));
	EXPECT_EQ(bytes, faults_count(self->control, "mapped_bytes"));
	EXPECT_LT(unmapped, faults_count(self->control, "ranges_unmapped"));
	munmap(addr, MIB);
}

/* A fault of the link in the statistics, an error of the job, and nothing else. */
TEST_F(iommu, stray_dma)
{
	/* Physical memory that the kernel itself is in, and that nobody maps for the card. */
	static const char * const lines[] = {
		"dma stray address=0x1000000 of=data direction=read",
		"dma stray address=0x1000000 of=data direction=write",
	};
	uint32_t device, host, *words, resets, i;
	struct tern_result result;
	struct tern_info info;
	uint64_t first;

	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, PAGE, &device));
	ASSERT_OK(do_create(self->fd, TERN_BO_HOST, 2 * PAGE, &host));
	words = do_map(self->fd, host, 2 * PAGE);
	ASSERT_NE(NULL, words);
	ASSERT_OK(do_info(self->fd, &info));
	resets = info.reset_count;
	for (i = 0; i < 2; i++) {
		struct tern_cmd cmd = i ? cmd_copy(device, 0, host, 0, PAGE) :
					  cmd_copy(host, 0, device, 0, PAGE);
		long long before = faults_count(self->control, "dma_faults");

		ASSERT_OK(faults_say(self->control, lines[i], NULL, 0));
		ASSERT_OK(do_submit(self->fd, &cmd, 1, &first));
		ASSERT_OK(do_wait(self->fd, first, 1, &result));
		EXPECT_EQ(-EIO, result.error);
		EXPECT_EQ(TERN_STATUS_HOST_ERROR, result.status);
		EXPECT_EQ(before + 1, faults_count(self->control, "dma_faults"));
		EXPECT_OK(works(self->fd, device, host, words));
	}
	ASSERT_OK(do_info(self->fd, &info));
	EXPECT_EQ(resets, info.reset_count);
}

TEST_HARNESS_MAIN
