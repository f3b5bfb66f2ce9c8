// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/msix.h"

#include <cstring>

#include <linux/pci_regs.h>
#include <poll.h>

#include "platform/log.h"

namespace tern {

void msix::deliver(vector &vector)
{
	const std::uint64_t one = 1;
	pollfd room = { vector.eventfd.get(), POLLOUT, 0 };

	if (!vector.eventfd) {
		lost_++;
		return;
	}
	/*
	 * The client chose whether writing may block. A full counter means that it has
	 * 2^64 events to read before it could miss this one.
	 */
	if (poll(&room, 1, 0) == 1 && room.revents & POLLOUT &&
	    ::write(vector.eventfd.get(), &one, sizeof(one)) == sizeof(one))
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
