// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/pci_config.h"

#include <cstring>

#include <linux/pci_regs.h>

#include "tern_abi.h"

namespace tern {

/* Where the capabilities stand, in the order of their list. */
static constexpr unsigned cap_pm = 0x40;
static constexpr unsigned cap_express = 0x50;
static constexpr unsigned cap_msix = 0x90;

/* Link capabilities and status: 16 GT/s, 8 lanes. */
static constexpr unsigned link_speed = PCI_EXP_LNKCAP_SLS_16_0GB;
static constexpr unsigned link_width = 8 << 4;

void pci_config::put(std::size_t offset, std::uint32_t value, unsigned size, std::uint32_t writable)
{
	for (unsigned i = 0; i < size; i++) {
		initial_[offset + i] = value >> (8 * i);
		writable_[offset + i] = writable >> (8 * i);
	}
}

void pci_config::put_bar(unsigned bar, std::uint64_t size, std::uint32_t flags)
{
	const std::uint64_t writable = ~(size - 1);
	const unsigned offset = PCI_BASE_ADDRESS_0 + 4 * bar;

	put(offset, flags, 4, static_cast<std::uint32_t>(writable));
	if (flags & PCI_BASE_ADDRESS_MEM_TYPE_64)
		put(offset + 4, 0, 4, static_cast<std::uint32_t>(writable >> 32));
}

pci_config::pci_config(unsigned vectors, std::uint64_t memory_bytes)
{
	put(PCI_VENDOR_ID, TERN_PCI_VENDOR_ID, 2);
	put(PCI_DEVICE_ID, TERN_PCI_DEVICE_ID, 2);
	put(PCI_COMMAND, 0, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
	    PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	put(PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	put(PCI_CLASS_REVISION, TERN_PCI_CLASS_CODE << 8 | TERN_ABI_MAJOR, 4);
	put(PCI_CACHE_LINE_SIZE, 0, 1, 0xff);
	put(PCI_HEADER_TYPE, PCI_HEADER_TYPE_NORMAL, 1);
	put_bar(TERN_PCI_BAR_REGISTERS, TERN_PCI_REGISTERS_BYTES, PCI_BASE_ADDRESS_MEM_TYPE_32);
	put_bar(TERN_PCI_BAR_MSIX, TERN_PCI_MSIX_BYTES, PCI_BASE_ADDRESS_MEM_TYPE_32);
	put_bar(TERN_PCI_BAR_MEMORY, memory_bytes,
		PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	put(PCI_SUBSYSTEM_VENDOR_ID, TERN_PCI_VENDOR_ID, 2);
	put(PCI_SUBSYSTEM_ID, TERN_PCI_DEVICE_ID, 2);
	put(PCI_CAPABILITY_LIST, cap_pm, 1);
	/* No INTx: the pin stays 0. The line is software's scratch register. */
	put(PCI_INTERRUPT_LINE, 0xff, 1, 0xff);

	/* D0 and D3hot; going back from D3hot keeps the state. */
	put(cap_pm, PCI_CAP_ID_PM | cap_express << 8, 2);
	put(cap_pm + PCI_PM_PMC, 3, 2);
	put(cap_pm + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET, 2, PCI_PM_CTRL_STATE_MASK);

	put(cap_express, PCI_CAP_ID_EXP | cap_msix << 8, 2);
	put(cap_express + PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4, 2);
	put(cap_express + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR | 1, 4);
	put(cap_express + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_RELAX_EN, 2,
	    0xffff & ~PCI_EXP_DEVCTL_BCR_FLR);
	put(cap_express + PCI_EXP_LNKCAP, link_speed | link_width, 4);
	put(cap_express + PCI_EXP_LNKCTL, 0, 2, PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_CCC);
	put(cap_express + PCI_EXP_LNKSTA, link_speed | link_width, 2);
	put(cap_express + PCI_EXP_LNKCAP2, 0x1e, 4);
	put(cap_express + PCI_EXP_LNKCTL2, link_speed, 2);

	put(cap_msix, PCI_CAP_ID_MSIX, 2);
	put(cap_msix + PCI_MSIX_FLAGS, vectors - 1, 2,
	    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	put(cap_msix + PCI_MSIX_TABLE, TERN_PCI_BAR_MSIX, 4);
	put(cap_msix + PCI_MSIX_PBA, TERN_PCI_MSIX_PBA_OFFSET | TERN_PCI_BAR_MSIX, 4);
	reset();
}

void pci_config::reset()
{
	value_ = initial_;
}

void pci_config::read(std::size_t offset, void *data, std::size_t count) const
{
	std::memcpy(data, &value_[offset], count);
}

bool pci_config::write(std::size_t offset, const void *data, std::size_t count)
{
	constexpr std::size_t flr = cap_express + PCI_EXP_DEVCTL + 1;
	const auto *from = static_cast<const std::uint8_t *>(data);
	bool reset = false;

	for (std::size_t i = 0; i < count; i++) {
		std::uint8_t &to = value_[offset + i];
		const std::uint8_t mask = writable_[offset + i];

		to = (to & ~mask) | (from[i] & mask);
		reset |= offset + i == flr && from[i] & PCI_EXP_DEVCTL_BCR_FLR >> 8;
	}
	return reset;
}

bool pci_config::bus_master() const
{
	return value_[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

} /* namespace tern */
