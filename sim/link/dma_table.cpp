// SPDX-License-Identifier: Apache-2.0
#include "link/dma_table.h"

#include <cerrno>

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "link/file_kind.h"

namespace tern {

/* The range that an address lies in, or end(). */
template <typename map> static auto covering(map &ranges, std::uint64_t address)
{
	auto it = ranges.upper_bound(address);

	if (it == ranges.begin())
		return ranges.end();
	--it;
	return it->second.last >= address ? it : ranges.end();
}

template <typename map>
static bool overlaps(map &ranges, std::uint64_t first, std::uint64_t last)
{
	auto it = ranges.upper_bound(last);

	if (it == ranges.begin())
		return false;
	--it;
	return it->second.last >= first;
}

/* Memory of huge pages is mapped and unmapped in whole ones only. */
static std::uint64_t file_page_bytes(int fd)
{
	struct statfs stat;

	if (!fstatfs(fd, &stat) && stat.f_type == HUGETLBFS_MAGIC)
		return stat.f_bsize;
	return dma_table::page_bytes;
}

int dma_table::map(std::uint64_t address, std::uint64_t bytes, int fd, std::uint64_t offset,
		   bool readable, bool writeable)
{
	const std::uint64_t last = address + bytes - 1;
	range range = { last, nullptr, readable, writeable, nullptr, 0 };
	std::uint64_t page, head;
	struct stat stat;

	if (!bytes || last < address || (address | bytes) % page_bytes)
		return EINVAL;
	if (size() >= max_ranges)
		return ENOSPC;
	if (fd < 0) {
		/* Known from before, or in the way of nothing: it makes no difference. */
		if (!overlaps(bare_, address, last))
			bare_.emplace(address, range);
		return 0;
	}
	if (overlaps(ranges_, address, last))
		return EEXIST;
	if (offset % page_bytes || offset + bytes < offset)
		return EINVAL;
	if (!readable && !writeable)
		return EINVAL;
	/* Touching a page of another one could wait for whoever has the data. */
	if (!is_memory_file(fd))
		return EMEDIUMTYPE;
	if (fstat(fd, &stat))
		return errno;
	/* Touching a page past the end of a file would kill us. */
	if (!S_ISREG(stat.st_mode) || offset + bytes > static_cast<std::uint64_t>(stat.st_size))
		return EINVAL;
	page = file_page_bytes(fd);
	head = offset % page;
	range.mapping_bytes = (head + bytes + page - 1) / page * page;
	range.mapping = mmap(nullptr, range.mapping_bytes,
			     PROT_READ | (writeable ? PROT_WRITE : 0), MAP_SHARED | MAP_NORESERVE,
			     fd, static_cast<off_t>(offset - head));
	if (range.mapping == MAP_FAILED)
		return errno;
	range.memory = static_cast<std::uint8_t *>(range.mapping) + head;
	ranges_.emplace(address, range);
	mapped_bytes_ += bytes;
	stats.mapped++;
	return 0;
}

bool dma_table::cuts(const ranges &ranges, std::uint64_t first, std::uint64_t last)
{
	auto head = covering(ranges, first);
	auto tail = covering(ranges, last);

	return (head != ranges.end() && head->first < first) ||
	       (tail != ranges.end() && tail->second.last > last);
}

std::uint64_t dma_table::unmap_from(ranges &ranges, std::uint64_t first, std::uint64_t last)
{
	std::uint64_t freed = 0;

	for (auto it = ranges.lower_bound(first); it != ranges.end() && it->second.last <= last;) {
		const std::uint64_t bytes = it->second.last - it->first + 1;

		if (it->second.memory) {
			munmap(it->second.mapping, it->second.mapping_bytes);
			freed += bytes;
			stats.unmapped++;
		}
		it = ranges.erase(it);
	}
	return freed;
}

int dma_table::unmap(std::uint64_t address, std::uint64_t bytes)
{
	const std::uint64_t last = address + bytes - 1;

	if (!bytes || last < address)
		return EINVAL;
	if (cuts(ranges_, address, last))
		return EINVAL;
	hit_first_ = 1;
	hit_ = {};
	mapped_bytes_ -= unmap_from(ranges_, address, last);
	unmap_from(bare_, address, last);
	return 0;
}

void dma_table::clear()
{
	for (auto &[first, range] : ranges_)
		munmap(range.mapping, range.mapping_bytes);
	stats.unmapped += ranges_.size();
	ranges_.clear();
	bare_.clear();
	mapped_bytes_ = 0;
	hit_first_ = 1;
	hit_ = {};
}

std::uint8_t *dma_table::find(std::uint64_t address, std::size_t *bytes, bool write, fault *why)
{
	if (address < hit_first_ || address > hit_.last || !hit_.memory) {
		auto it = covering(ranges_, address);

		if (it == ranges_.end()) {
			*why = covering(bare_, address) != bare_.end() ? fault::no_memory :
									 fault::unmapped;
			return nullptr;
		}
		hit_first_ = it->first;
		hit_ = it->second;
	}
	if (!(write ? hit_.writeable : hit_.readable)) {
		*why = fault::forbidden;
		return nullptr;
	}
	if (hit_.last - address < *bytes - 1)
		*bytes = hit_.last - address + 1;
	*why = fault::none;
	return hit_.memory + (address - hit_first_);
}

} /* namespace tern */
