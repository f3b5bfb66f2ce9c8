// SPDX-License-Identifier: Apache-2.0
/*
 * dma-bufs of another driver: udmabuf makes them of a memfd. Debian's kernel 6.12 has it, 6.1 does
 * not.
 */
#include <linux/udmabuf.h>

#include "dmabuf.h"
#include "sysfs.h"
#include "tern_test.h"

#define BYTES	(16 * PAGE)

FIXTURE(udmabuf) {
	int fd;
	int memory;		/* the memfd */
	int dmabuf;
	uint32_t *words;	/* of the memfd */
};

FIXTURE_SETUP(udmabuf)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = BYTES };
	int driver = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);

	self->fd = do_open_file();
	if (self->fd == -ENOENT || driver < 0)
		SKIP(_exit(SKIPPED), "no device, or no udmabuf");
	ASSERT_LE(0, self->fd);
	self->memory = memfd_create("tern", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	ASSERT_LE(0, self->memory);
	ASSERT_OK(ftruncate(self->memory, BYTES));
	ASSERT_OK(fcntl(self->memory, F_ADD_SEALS, F_SEAL_SHRINK));
	self->words = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, self->memory, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->words);
	create.memfd = self->memory;
	self->dmabuf = ioctl(driver, UDMABUF_CREATE, &create);
	ASSERT_LE(0, self->dmabuf);
	close(driver);
}

FIXTURE_TEARDOWN(udmabuf)
{
	close(self->fd);
	close(self->dmabuf);
	close(self->memory);
}

/* In and out again, from and to every page. */
TEST_F(udmabuf, copies)
{
	struct tern_bo_import import;
	struct tern_cmd cmds[2];
	uint32_t device, i;

	ASSERT_OK(do_import(self->fd, self->dmabuf, &import));
	EXPECT_EQ(TERN_BO_IMPORT, import.kind);
	EXPECT_EQ(BYTES, import.bytes);
	EXPECT_EQ(0, import.bo_flags);
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BYTES, &device));
	pattern(self->words, BYTES / 2, 3);
	cmds[0] = cmd_copy(import.handle, 0, device, 0, BYTES / 2);
	cmds[1] = cmd_copy(device, 0, import.handle, BYTES / 2, BYTES / 2);
	ASSERT_OK(do_run(self->fd, cmds, 2));
	EXPECT_EQ(0, memcmp(self->words, (char *)self->words + BYTES / 2, BYTES / 2));
	EXPECT_FALSE(is_zero(self->words, BYTES / 2));
	/* Between pages, and from one place of it to another. */
	cmds[0] = cmd_copy(import.handle, PAGE - 64, import.handle, 9 * PAGE + 64, 3 * PAGE);
	ASSERT_OK(do_run(self->fd, cmds, 1));
	for (i = 0; i < 3 * PAGE / 4; i++)
		EXPECT_EQ(self->words[(PAGE - 64) / 4 + i], self->words[(9 * PAGE + 64) / 4 + i]);
}

TEST_F(udmabuf, refused)
{
	struct tern_bo_import import;
	struct tern_cmd cmd;
	uint64_t first, offset;
	uint32_t device;
	int dmabuf;

	ASSERT_OK(do_import(self->fd, self->dmabuf, &import));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BYTES, &device));
	/* In pieces, it is for COPY only, and is neither mapped nor exported by us. */
	cmd = cmd_fill(import.handle, 0, PAGE, 1);
	EXPECT_ERR(EOPNOTSUPP, do_submit(self->fd, &cmd, 1, &first));
	EXPECT_ERR(EOPNOTSUPP, do_offset(self->fd, import.handle, &offset));
	EXPECT_ERR(EOPNOTSUPP, do_export(self->fd, import.handle, &dmabuf));
	cmd = cmd_copy(import.handle, 0, device, 0, BYTES);
	EXPECT_OK(do_run(self->fd, &cmd, 1));
	cmd = cmd_copy(import.handle, 64, device, 0, BYTES);
	EXPECT_ERR(ERANGE, do_submit(self->fd, &cmd, 1, &first));
	cmd = cmd_copy(device, 0, import.handle, BYTES, 64);
	EXPECT_ERR(ERANGE, do_submit(self->fd, &cmd, 1, &first));
}

/* A handle keeps the memory without memfd and descriptor, also under a job. */
TEST_F(udmabuf, outlives_descriptor)
{
	struct tern_bo_import import;
	struct tern_cmd cmds[2];
	uint32_t device, *words;
	uint64_t first;

	ASSERT_OK(do_import(self->fd, self->dmabuf, &import));
	ASSERT_OK(do_create(self->fd, TERN_BO_DEVICE, BYTES, &device));
	words = do_map(self->fd, device, BYTES);
	ASSERT_NE(NULL, words);
	self->words[17] = 1717;
	close(self->dmabuf);
	close(self->memory);
	munmap(self->words, BYTES);
	cmds[0] = cmd_copy(import.handle, 0, device, 0, BYTES);
	cmds[1] = cmd_nop();
	ASSERT_OK(do_submit(self->fd, cmds, 2, &first));
	ASSERT_OK(do_destroy(self->fd, import.handle));
	ASSERT_OK(do_wait(self->fd, first, 2, NULL));
	EXPECT_EQ(1717, words[17]);
}

/* The driver goes while an import is there, and takes its mapping of the memory with it. */
TEST_F(udmabuf, unbound)
{
	struct tern_bo_import import;
	char address[32];
	int tries;

	pci_address(address, sizeof(address));
	ASSERT_OK(do_import(self->fd, self->dmabuf, &import));
	ASSERT_OK(put_text(TERN_DRIVER "unbind", address));
	EXPECT_ERR(ENODEV, do_destroy(self->fd, import.handle));
	self->words[0] = 1;
	EXPECT_EQ(1, self->words[0]);
	ASSERT_OK(put_text(TERN_DRIVER "bind", address));
	for (tries = 0; tries < 100 && access(tern_path(), F_OK); tries++)
		usleep(20000);
	EXPECT_OK(access(tern_path(), F_OK));
}

TEST_HARNESS_MAIN
