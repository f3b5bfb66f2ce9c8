/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's PCI configuration space: a type 0 header with power management,
 * PCI Express and MSI-X capabilities, 4096 bytes.
 */
#ifndef TERN_SIM_PCI_CONFIG_H
#define TERN_SIM_PCI_CONFIG_H

#include <array>
#include <cstddef>
#include <cstdint>

namespace tern {

class pci_config {
public:
	static constexpr std::size_t bytes = 4096;

	/* memory_bytes is a power of two. */
	pci_config(unsigned vectors, std::uint64_t memory_bytes);

	/* The caller has checked that offset + count is inside. */
	void read(std::size_t offset, void *data, std::size_t count) const;

	/* Read-only bits keep their value. Returns true if the write starts an FLR. */
	bool write(std::size_t offset, const void *data, std::size_t count);

	/* As after power-on. */
	void reset();

	bool bus_master() const;

private:
	void put(std::size_t offset, std::uint32_t value, unsigned size,
		 std::uint32_t writable = 0);
	void put_bar(unsigned bar, std::uint64_t size, std::uint32_t flags);

	std::array<std::uint8_t, bytes> initial_{};
	std::array<std::uint8_t, bytes> value_{};
	std::array<std::uint8_t, bytes> writable_{};
};

} /* namespace tern */

#endif /* TERN_SIM_PCI_CONFIG_H */
