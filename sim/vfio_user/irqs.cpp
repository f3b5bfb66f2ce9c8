// SPDX-License-Identifier: Apache-2.0
/*
 * SET_IRQS: which eventfd a vector goes to, masks, and interrupts on the client's
 * own demand.
 */
#include <linux/vfio.h>

#include "vfio_user/foreign_fd.h"
#include "vfio_user/refused.h"
#include "vfio_user/server.h"

namespace tern {

void server::set_eventfds(message &message, const vfio_irq_set &set)
{
	if ((set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != VFIO_IRQ_SET_ACTION_TRIGGER)
		throw refused(ENOTSUP, "eventfds for masking (flags 0x%x)", set.flags);
	if (!message.fds.empty() && message.fds.size() != set.count)
		throw refused(EINVAL, "%zu file descriptors for %u vectors", message.fds.size(),
			      set.count);
	for (const unique_fd &fd : message.fds) {
		if (!is_eventfd(fd.get()))
			throw refused(EINVAL, "a file descriptor is not an eventfd");
	}
	for (unsigned i = 0; i < set.count; i++)
		msix_.set_eventfd(set.start + i, message.fds.empty() ? unique_fd() :
								       std::move(message.fds[i]));
}

/* DATA_NONE acts on all vectors of the range, DATA_BOOL on those whose byte is not 0. */
void server::switch_irqs(message &message, const vfio_irq_set &set)
{
	const std::uint8_t *chosen = nullptr;

	if ((set.flags & VFIO_IRQ_SET_DATA_TYPE_MASK) == VFIO_IRQ_SET_DATA_BOOL) {
		if (message.payload.size() - sizeof(set) < set.count)
			throw refused(EINVAL, "%zu bytes of data for %u vectors",
				      message.payload.size() - sizeof(set), set.count);
		chosen = message.payload.data() + sizeof(set);
	}
	for (unsigned i = 0; i < set.count; i++) {
		if (chosen && !chosen[i])
			continue;
		switch (set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
		case VFIO_IRQ_SET_ACTION_MASK:
			msix_.set_masked(set.start + i, true);
			break;
		case VFIO_IRQ_SET_ACTION_UNMASK:
			msix_.set_masked(set.start + i, false);
			break;
		default:
			msix_.raise(set.start + i);
			break;
		}
	}
}

static bool one_bit(unsigned flags)
{
	return flags && !(flags & (flags - 1));
}

void server::set_irqs(message &message)
{
	const auto set = payload_as<vfio_irq_set>(message);
	const unsigned data = set.flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	const unsigned action = set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	const unsigned vectors = set.index == VFIO_PCI_MSIX_IRQ_INDEX ? msix_.vectors() : 0;

	if (set.argsz < sizeof(set))
		throw refused(EINVAL, "argsz %u is too small", set.argsz);
	if (set.flags & ~(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK) ||
	    !one_bit(data) || !one_bit(action))
		throw refused(EINVAL, "flags 0x%x", set.flags);
	if (set.index >= VFIO_PCI_NUM_IRQS)
		throw refused(EINVAL, "there is no interrupt type %u", set.index);
	if (set.start > vectors || set.count > vectors - set.start)
		throw refused(EINVAL, "vectors %u to %llu; interrupt type %u has %u", set.start,
			      static_cast<unsigned long long>(set.start) + set.count - 1, set.index,
			      vectors);
	if (data == VFIO_IRQ_SET_DATA_EVENTFD)
		set_eventfds(message, set);
	else if (!message.fds.empty())
		throw refused(EINVAL, "file descriptors without DATA_EVENTFD (flags 0x%x)",
			      set.flags);
	else if (set.index == VFIO_PCI_MSIX_IRQ_INDEX && !set.count &&
		 data == VFIO_IRQ_SET_DATA_NONE && action == VFIO_IRQ_SET_ACTION_TRIGGER)
		msix_.release();
	else
		switch_irqs(message, set);
}

} /* namespace tern */
