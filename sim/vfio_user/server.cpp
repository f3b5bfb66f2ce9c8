// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/server.h"

#include <cerrno>
#include <cstring>

#include <linux/vfio.h>
#include <poll.h>

#include "vfio_user/refused.h"
#include "vfio_user/version.h"

namespace tern {

/* PCI's regions and interrupt types, as VFIO numbers them. */
static constexpr unsigned region_registers = VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_REGISTERS;
static constexpr unsigned region_msix = VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_MSIX;
static constexpr unsigned region_memory = VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_MEMORY;
static constexpr unsigned region_config = VFIO_PCI_CONFIG_REGION_INDEX;

/* Messages handled before the device gets a turn again. */
static constexpr unsigned messages_a_turn = 64;

server::server(card &card)
	: card_(card), config_(card.vectors(), card.memory_bytes()), msix_(card.vectors())
{
}

void server::reset_function()
{
	config_.reset();
	msix_.reset_table();
	card_.reset();
	card_.set_bus_master(config_.bus_master());
}

void server::log_client(const char *what)
{
	if (client_log_limit_.allow())
		log(log_level::info, "client %s", what);
}

void server::attach(unique_fd socket)
{
	connection_ = std::make_unique<connection>(std::move(socket));
	negotiated_ = false;
	stats.clients++;
	log_client("connected");
}

void server::detach()
{
	connection_.reset();
	msix_.release();
	msix_.reset_table();
	config_.reset();
	card_.set_bus_master(false);
	card_.dma().clear();
	card_.power_cycle();
	log_client("gone");
}

bool server::client_gone() const
{
	pollfd end = { fd(), 0, 0 };

	return attached() && poll(&end, 1, 0) == 1 && end.revents & (POLLHUP | POLLERR);
}

bool server::is_flooding()
{
	if (!connection_->floods())
		return false;
	log(log_level::warning, "vfio-user: the client sends file descriptors that take too long "
	    "to be closed; its session is over");
	return true;
}

void server::service()
{
	for (unsigned i = 0; connection_ && i < messages_a_turn; i++) {
		switch (connection_->receive()) {
		case connection::outcome::nothing:
			return;
		case connection::outcome::message:
			stats.messages++;
			if (!handle(connection_->received()) || is_flooding())
				detach();
			else if (connection_->waited())
				return;		/* Signals have waited, too. */
			break;
		case connection::outcome::closed:
		case connection::outcome::broken:
			detach();
			break;
		}
	}
}

/* Returns false if the connection is to be closed. */
bool server::handle(message &message)
{
	try {
		if (message.fds_lost == EINVAL)
			throw refused(EINVAL, "more than %u file descriptors in one message",
				      connection::max_fds);
		if (message.fds_lost)
			throw refused(message.fds_lost,
				      "this process can have no more file descriptors");
		return dispatch(message);
	} catch (const refused &why) {
		stats.refused++;
		if (log_limit_.allow())
			log(log_level::warning, "vfio-user: refused %s: %s",
			    command_name(message.header.command), why.text);
		if ((message.header.flags & VFU_FLAG_TYPE) != VFU_FLAG_COMMAND)
			return true;
		if (!connection_->reply(why.error, nullptr, 0))
			return false;
		/* Without an agreement on the version there is nothing to go on with. */
		return negotiated_ || message.header.command != VFU_VERSION;
	}
}

bool server::dispatch(message &message)
{
	const vfu_header &header = message.header;

	if ((header.flags & VFU_FLAG_TYPE) != VFU_FLAG_COMMAND)
		throw refused(EINVAL, "flags 0x%x are not a command's", header.flags);
	if (header.flags & ~(VFU_FLAG_TYPE | VFU_FLAG_NO_REPLY))
		throw refused(EINVAL, "unknown flags 0x%x", header.flags);
	if (!negotiated_ && header.command != VFU_VERSION)
		throw refused(EINVAL, "it came before VERSION");

	switch (header.command) {
	case VFU_VERSION:
		return get_version(message);
	case VFU_DMA_MAP:
		dma_map(message);
		break;
	case VFU_DMA_UNMAP:
		return dma_unmap(message);
	case VFU_DEVICE_GET_INFO:
		return get_info(message);
	case VFU_DEVICE_GET_REGION_INFO:
		return get_region_info(message);
	case VFU_DEVICE_GET_IRQ_INFO:
		return get_irq_info(message);
	case VFU_DEVICE_SET_IRQS:
		set_irqs(message);
		break;
	case VFU_REGION_READ:
		return region_read(message);
	case VFU_REGION_WRITE:
		return region_write(message);
	case VFU_REGION_WRITE_MULTI:
		return region_write_multi(message);
	case VFU_DEVICE_RESET:
		card_.reset();
		break;
	default:
		throw refused(ENOTSUP, "command %u is not supported", header.command);
	}
	return connection_->reply(0, nullptr, 0);
}

bool server::get_version(message &message)
{
	if (negotiated_)
		throw refused(EINVAL, "the version has been agreed on already");

	const std::string answer =
		version_answer(message.payload, connection::max_fds, connection::max_transfer_bytes,
			       dma_table::max_ranges, dma_table::page_bytes);

	negotiated_ = true;
	return connection_->reply(0, answer.data(), answer.size());
}

bool server::get_info(message &message)
{
	auto info = payload_as<vfu_device_info>(message);

	if (info.argsz < sizeof(info))
		throw refused(EINVAL, "argsz %u is too small", info.argsz);
	info.argsz = sizeof(info);
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return connection_->reply(0, &info, sizeof(info));
}

std::uint64_t server::region_bytes(unsigned region) const
{
	switch (region) {
	case region_registers:
		return TERN_PCI_REGISTERS_BYTES;
	case region_msix:
		return TERN_PCI_MSIX_BYTES;
	case region_memory:
		return card_.memory_bytes();
	case region_config:
		return pci_config::bytes;
	default:
		return 0;
	}
}

bool server::get_region_info(message &message)
{
	auto info = payload_as<vfio_region_info>(message);
	int fd = -1;

	if (info.argsz < sizeof(info))
		throw refused(EINVAL, "argsz %u is too small", info.argsz);
	if (info.index >= VFIO_PCI_NUM_REGIONS)
		throw refused(EINVAL, "there is no region %u", info.index);
	info.argsz = sizeof(info);
	info.cap_offset = 0;
	info.offset = 0;
	info.size = region_bytes(info.index);
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	if (info.index == region_memory) {
		/* All of it can be mapped, so no list of areas is needed. */
		info.flags |= VFIO_REGION_INFO_FLAG_MMAP;
		fd = card_.memory_fd();
	}
	return connection_->reply(0, &info, sizeof(info), fd);
}

bool server::get_irq_info(message &message)
{
	auto info = payload_as<vfio_irq_info>(message);

	if (info.argsz < sizeof(info))
		throw refused(EINVAL, "argsz %u is too small", info.argsz);
	if (info.index >= VFIO_PCI_NUM_IRQS)
		throw refused(EINVAL, "there is no interrupt type %u", info.index);
	info.argsz = sizeof(info);
	info.flags = 0;
	info.count = 0;
	if (info.index == VFIO_PCI_MSIX_IRQ_INDEX) {
		info.flags = VFIO_IRQ_INFO_EVENTFD;
		info.count = msix_.vectors();
	}
	return connection_->reply(0, &info, sizeof(info));
}

void server::dma_map(message &message)
{
	const auto map = payload_as<vfu_dma_map>(message);
	int error;

	if (map.argsz < sizeof(map))
		throw refused(EINVAL, "argsz %u is too small", map.argsz);
	if (map.flags & ~(VFU_DMA_READABLE | VFU_DMA_WRITEABLE))
		throw refused(EINVAL, "unknown flags 0x%x", map.flags);
	if (message.fds.size() > 1)
		throw refused(EINVAL, "%zu file descriptors for one range", message.fds.size());
	error = card_.dma().map(map.address, map.size,
				message.fds.empty() ? -1 : message.fds[0].get(), map.offset,
				map.flags & VFU_DMA_READABLE, map.flags & VFU_DMA_WRITEABLE);
	if (error)
		throw refused(error, "0x%llx bytes at 0x%llx, offset 0x%llx, flags 0x%x: %s",
			      static_cast<unsigned long long>(map.size),
			      static_cast<unsigned long long>(map.address),
			      static_cast<unsigned long long>(map.offset), map.flags,
			      error == EMEDIUMTYPE ? "the file must be in memory: a memfd, or "
						     "one of tmpfs or hugetlbfs" :
						     std::strerror(error));
	log(log_level::debug, "DMA map 0x%llx bytes at 0x%llx%s%s",
	    static_cast<unsigned long long>(map.size), static_cast<unsigned long long>(map.address),
	    message.fds.empty() ? ", no file" : "",
	    map.flags & VFU_DMA_WRITEABLE ? "" : ", read-only");
}

bool server::dma_unmap(message &message)
{
	auto unmap = payload_as<vfu_dma_unmap>(message);
	int error;

	/* The reply is the request: argsz must have room for it. */
	if (unmap.argsz < sizeof(unmap))
		throw refused(EINVAL, "argsz %u is too small", unmap.argsz);
	if (unmap.flags & ~VFU_DMA_UNMAP_ALL)
		throw refused(EINVAL, "unknown flags 0x%x", unmap.flags);
	if (unmap.flags & VFU_DMA_UNMAP_ALL) {
		if (unmap.address || unmap.size)
			throw refused(EINVAL,
				      "address 0x%llx and size 0x%llx must be 0 to unmap all",
				      static_cast<unsigned long long>(unmap.address),
				      static_cast<unsigned long long>(unmap.size));
		card_.dma().clear();
	} else {
		error = card_.dma().unmap(unmap.address, unmap.size);
		if (error)
			throw refused(error,
				      "0x%llx bytes at 0x%llx are no ranges that were mapped",
				      static_cast<unsigned long long>(unmap.size),
				      static_cast<unsigned long long>(unmap.address));
	}
	log(log_level::debug, "DMA unmap 0x%llx bytes at 0x%llx",
	    static_cast<unsigned long long>(unmap.size),
	    static_cast<unsigned long long>(unmap.address));
	return connection_->reply(0, &unmap, sizeof(unmap));
}

} /* namespace tern */
