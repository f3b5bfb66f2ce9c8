// SPDX-License-Identifier: Apache-2.0
/*
 * The table of DMA ranges, and copies into memory that its owner takes away.
 */
#include "sim_cmocka.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <linux/memfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "link/dma_table.h"
#include "link/host_copy.h"

using namespace tern;
using fault = dma_table::fault;

static int make_file(std::size_t bytes)
{
	int fd = memfd_create("dma-table-test", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, static_cast<off_t>(bytes)), 0);
	return fd;
}

static bool found(dma_table &table, std::uint64_t address, std::size_t want, std::size_t expect,
		  bool write = false)
{
	std::size_t bytes = want;
	fault why;

	return table.find(address, &bytes, write, &why) && bytes == expect;
}

static fault fault_at(dma_table &table, std::uint64_t address, bool write)
{
	std::size_t bytes = 64;
	fault why = fault::none;

	assert_null(table.find(address, &bytes, write, &why));
	return why;
}

static void ranges_are_found(void **)
{
	dma_table table;
	int fd = make_file(0x4000);

	assert_int_equal(table.map(0x10000, 0x2000, fd, 0x1000, true, true), 0);
	assert_int_equal(table.map(0x12000, 0x1000, fd, 0, true, false), 0);
	assert_int_equal(table.mapped_bytes(), 0x3000);
	assert_true(found(table, 0x10000, 64, 64));
	assert_true(found(table, 0x11fc0, 4096, 64, true));
	assert_true(found(table, 0x12000, 4096, 4096));
	assert_true(fault_at(table, 0x12000, true) == fault::forbidden);
	assert_true(fault_at(table, 0xffc0, false) == fault::unmapped);
	assert_true(fault_at(table, 0x13000, false) == fault::unmapped);

	/* The same bytes as in the file. */
	std::size_t bytes = 8;
	fault why;

	std::memcpy(table.find(0x10040, &bytes, true, &why), "tern-dma", 8);

	char back[8];

	assert_int_equal(pread(fd, back, 8, 0x1040), 8);
	assert_memory_equal(back, "tern-dma", 8);
	close(fd);
}

static void unmapping(void **)
{
	dma_table table;
	int fd = make_file(0x10000);

	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(table.map(i * 0x10000, 0x1000, fd, i * 0x1000, true, true), 0);
	assert_int_equal(table.unmap(0x500000, 0x1000), 0);
	assert_int_equal(table.size(), 16);
	/* A range with many inside, and what it leaves. */
	assert_int_equal(table.unmap(0x20000, 0x30000), 0);
	assert_int_equal(table.size(), 13);
	assert_true(fault_at(table, 0x30000, false) == fault::unmapped);
	assert_true(found(table, 0x50000, 64, 64));
	/* The range of the last find() is forgotten too. */
	assert_int_equal(table.unmap(0x50000, 0x1000), 0);
	assert_true(fault_at(table, 0x50000, false) == fault::unmapped);
	table.clear();
	assert_int_equal(table.size(), 0);
	assert_int_equal(table.mapped_bytes(), 0);
	assert_true(fault_at(table, 0, false) == fault::unmapped);
	close(fd);
}

static void the_end_of_the_address_space(void **)
{
	dma_table table;
	int fd = make_file(0x2000);
	const std::uint64_t top = UINT64_MAX - 0xfff;

	assert_int_equal(table.map(top, 0x2000, fd, 0, true, true), EINVAL);
	assert_int_equal(table.map(top, 0x1000, fd, 0, true, true), 0);
	assert_true(found(table, UINT64_MAX - 63, 128, 64));
	assert_int_equal(table.unmap(0, UINT64_MAX), EINVAL);
	assert_int_equal(table.unmap(top, 0x1000), 0);
	assert_int_equal(table.size(), 0);
	assert_int_equal(table.map(top, 0x1000, fd, 0, true, true), 0);
	table.clear();
	assert_int_equal(table.size(), 0);
	close(fd);
}

static void ranges_without_memory(void **)
{
	dma_table table;
	int fd = make_file(0x1000);

	assert_int_equal(table.map(0x8000, 0x4000, -1, 0, true, false), 0);
	assert_true(fault_at(table, 0x9000, false) == fault::no_memory);
	assert_int_equal(table.map(0x9000, 0x1000, fd, 0, true, true), 0);
	assert_true(found(table, 0x9000, 64, 64));
	assert_true(fault_at(table, 0xa000, false) == fault::no_memory);
	assert_int_equal(table.unmap(0x8000, 0x4000), 0);
	assert_int_equal(table.size(), 0);
	close(fd);
}

/* Mappings of this process that have this text in their line. */
static unsigned mappings(const char *text)
{
	std::FILE *maps = std::fopen("/proc/self/maps", "re");
	char line[512];
	unsigned count = 0;

	assert_non_null(maps);
	while (std::fgets(line, sizeof(line), maps))
		count += std::strstr(line, text) != nullptr;
	std::fclose(maps);
	return count;
}

/* A guest's memory can be huge pages, of which it maps what lies between two holes. */
static void parts_of_huge_pages(void **)
{
	dma_table table;
	int fd = memfd_create("huge-test", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4 << 20), 0);
	assert_int_equal(table.map(0, 0xa0000, fd, 0, true, true), 0);
	assert_int_equal(table.map(0xc0000, 0x200000, fd, 0xc0000, true, true), 0);
	assert_true(found(table, 0xc0000, 64, 64));
	assert_int_equal(mappings("huge-test"), 2);
	assert_int_equal(table.unmap(0, 0xa0000), 0);
	assert_int_equal(mappings("huge-test"), 1);
	table.clear();
	assert_int_equal(mappings("huge-test"), 0);
	close(fd);
}

static void memory_that_is_taken_away(void **)
{
	dma_table table;
	int fd = make_file(0x2000);
	std::uint8_t data[128] = { 1 };
	std::size_t bytes = sizeof(data);
	fault why;

	host_copy_init();
	assert_int_equal(table.map(0, 0x2000, fd, 0, true, true), 0);

	std::uint8_t *host = table.find(0x1000, &bytes, true, &why);

	assert_true(host_write(host, data, sizeof(data), nullptr));
	assert_int_equal(ftruncate(fd, 0x1000), 0);
	/* More than once: the signal is not left blocked. */
	for (unsigned i = 0; i < 3; i++) {
		assert_false(host_write(host, data, sizeof(data), nullptr));
		assert_false(host_read(data, host, sizeof(data)));
	}
	assert_int_equal(ftruncate(fd, 0x2000), 0);
	assert_true(host_read(data, host, sizeof(data)));
	close(fd);
}

static void byte_enables(void **)
{
	alignas(64) std::uint8_t host[128], from[128], enables[128] = {};

	for (unsigned i = 0; i < 128; i++) {
		host[i] = 0;
		from[i] = i + 1;
	}
	enables[0] = enables[63] = enables[64] = enables[100] = 0xff;
	assert_true(host_write(host, from, sizeof(from), enables));
	for (unsigned i = 0; i < 128; i++)
		assert_int_equal(host[i], enables[i] ? i + 1 : 0);
	assert_true(host_write(host, from, sizeof(from), nullptr));
	assert_memory_equal(host, from, sizeof(from));
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_found),
		cmocka_unit_test(unmapping),
		cmocka_unit_test(the_end_of_the_address_space),
		cmocka_unit_test(ranges_without_memory),
		cmocka_unit_test(parts_of_huge_pages),
		cmocka_unit_test(memory_that_is_taken_away),
		cmocka_unit_test(byte_enables),
	};

	return SIM_RUN(tests);
}
