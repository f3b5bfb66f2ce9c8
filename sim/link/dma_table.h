/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the client has opened to the card's DMA: ranges of bus addresses, each
 * with the file that holds the memory, mapped into this process.
 */
#ifndef TERN_SIM_DMA_TABLE_H
#define TERN_SIM_DMA_TABLE_H

#include <cstddef>
#include <cstdint>
#include <map>

namespace tern {

class dma_table {
public:
	dma_table() = default;
	~dma_table() { clear(); }
	dma_table(const dma_table &) = delete;
	dma_table &operator=(const dma_table &) = delete;

	static constexpr std::size_t max_ranges = 65535;
	static constexpr std::uint64_t page_bytes = 4096;

	/*
	 * Open a range. fd may be -1: the range is known then, but DMA into it
	 * fails. It stays the caller's, who may close it. Returns 0 or an errno:
	 * EMEDIUMTYPE if the file is not one of memory.
	 * Where a range without memory meets another one, the one with memory
	 * counts; two with memory must not overlap (EEXIST).
	 */
	int map(std::uint64_t address, std::uint64_t bytes, int fd, std::uint64_t offset,
		bool readable, bool writeable);

	/*
	 * Close every range inside this one. Nothing there is no error: a virtual
	 * IOMMU drops what it never had. EINVAL if a range is cut in two.
	 */
	int unmap(std::uint64_t address, std::uint64_t bytes);

	void clear();

	enum class fault { none, unmapped, no_memory, forbidden };

	/*
	 * The memory at an address: *bytes says how much is wanted and becomes how
	 * much of it lies there in one piece. NULL and a reason if none.
	 */
	std::uint8_t *find(std::uint64_t address, std::size_t *bytes, bool write, fault *why);

	/* Ranges with and without memory. */
	std::size_t size() const { return ranges_.size() + bare_.size(); }

	std::uint64_t mapped_bytes() const { return mapped_bytes_; }

	/* Ranges with memory that came and went, ever. */
	struct {
		std::uint64_t mapped = 0, unmapped = 0;
	} stats;

private:
	/* `last` is inclusive: a range may end at the end of the address space. */
	struct range {
		std::uint64_t last;
		std::uint8_t *memory;
		bool readable;
		bool writeable;
		/* What is mapped here: whole pages of the file, which may be huge ones. */
		void *mapping;
		std::size_t mapping_bytes;
	};
	using ranges = std::map<std::uint64_t, range>;

	/* Returns the bytes of memory that were freed. */
	std::uint64_t unmap_from(ranges &ranges, std::uint64_t first, std::uint64_t last);
	static bool cuts(const ranges &ranges, std::uint64_t first, std::uint64_t last);

	ranges ranges_;		/* with memory; disjoint */
	ranges bare_;		/* without */
	std::uint64_t mapped_bytes_ = 0;

	/* The range of the last find(): the next one is nearly always the same. */
	std::uint64_t hit_first_ = 1;
	range hit_ = {};
};

} /* namespace tern */

#endif /* TERN_SIM_DMA_TABLE_H */
