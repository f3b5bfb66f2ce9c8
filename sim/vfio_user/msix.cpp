// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/msix.h"

#include <cstring>

#include <linux/pci_regs.h>

#include "vfio_user/foreign_fd.h"

namespace tern {

/* A full counter means that the client has 2^64 events to read before it could miss this one. */
void msix::deliver(vector &vector)
{
	if (!vector.eventfd)
		lost_++;
	else if (post_event(vector.eventfd.get()))
		delivered_++;
}

void msix::show_pending(unsigned number)
{
	std::uint8_t &byte = bar_[TERN_PCI_MSIX_PBA_OFFSET + number / 8];

	byte &= ~(1u << number % 8);
	byte |= vectors_[number].pending << number % 8;
}

void msix::raise(unsigned number)
{
	vector &vector = vectors_[number];

	if (vector.masked) {
		vector.pending = true;
		show_pending(number);
	} else {
		deliver(vector);
	}
}

void msix::set_masked(unsigned number, bool masked)
{
	vector &vector = vectors_[number];

	vector.masked = masked;
	if (!masked && vector.pending) {
		vector.pending = false;
		show_pending(number);
		deliver(vector);
	}
}

void msix::release()
{
	for (unsigned i = 0; i < vectors(); i++) {
		vectors_[i] = vector();
		show_pending(i);
	}
}

void msix::read(std::size_t offset, void *data, std::size_t count) const
{
	std::memcpy(data, &bar_[offset], count);
}

void msix::write(std::size_t offset, const void *data, std::size_t count)
{
	const auto *from = static_cast<const std::uint8_t *>(data);

	for (std::size_t i = 0; i < count; i++) {
		const std::size_t at = offset + i;

		/* Of the control word only the mask bit can be written. */
		if (at >= vectors() * PCI_MSIX_ENTRY_SIZE)
			continue;
		if (at % PCI_MSIX_ENTRY_SIZE >= PCI_MSIX_ENTRY_VECTOR_CTRL)
			bar_[at] = at % 4 ? 0 : from[i] & PCI_MSIX_ENTRY_CTRL_MASKBIT;
		else
			bar_[at] = from[i];
	}
}

void msix::reset_table()
{
	bar_.fill(0);
	for (unsigned i = 0; i < vectors(); i++) {
		bar_[i * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL] =
			PCI_MSIX_ENTRY_CTRL_MASKBIT;
		show_pending(i);
	}
}

} /* namespace tern */
