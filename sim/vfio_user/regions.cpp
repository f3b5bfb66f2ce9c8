// SPDX-License-Identifier: Apache-2.0
/*
 * Reads and writes of the card's regions.
 */
#include <algorithm>
#include <cstring>

#include <linux/vfio.h>

#include "vfio_user/refused.h"
#include "vfio_user/server.h"

namespace tern {

static const char *const names[] = {
	nullptr, "VERSION", "DMA_MAP", "DMA_UNMAP", "DEVICE_GET_INFO", "DEVICE_GET_REGION_INFO",
	"DEVICE_GET_REGION_IO_FDS", "DEVICE_GET_IRQ_INFO", "DEVICE_SET_IRQS", "REGION_READ",
	"REGION_WRITE", "DMA_READ", "DMA_WRITE", "DEVICE_RESET", "DIRTY_PAGES",
	"REGION_WRITE_MULTI", "DEVICE_FEATURE", "MIG_DATA_READ", "MIG_DATA_WRITE",
};

const char *command_name(unsigned command)
{
	if (command && command < std::size(names))
		return names[command];
	return "an unknown command";
}

void server::check_access(const vfu_region_access &access) const
{
	const std::uint64_t bytes = region_bytes(access.region);

	if (!bytes)
		throw refused(EINVAL, "there is no region %u", access.region);
	if (!access.count || access.count > connection::max_transfer_bytes)
		throw refused(EINVAL, "%u bytes; it can be 1 to %zu", access.count,
			      connection::max_transfer_bytes);
	if (access.offset >= bytes || access.count > bytes - access.offset)
		throw refused(EINVAL, "%u bytes at 0x%llx of region %u, which has 0x%llx bytes",
			      access.count, static_cast<unsigned long long>(access.offset),
			      access.region, static_cast<unsigned long long>(bytes));
}

/* Calls f(register, byte in it, byte in data, bytes) for each register in the range. */
template <typename function>
static void each_register(std::uint64_t offset, std::size_t count, function f)
{
	std::size_t done = 0;

	while (done < count) {
		const unsigned lane = (offset + done) % 4;
		const unsigned bytes = std::min<std::size_t>(4 - lane, count - done);

		f(static_cast<std::uint32_t>(offset + done - lane), lane, done, bytes);
		done += bytes;
	}
}

void server::read_region(unsigned region, std::uint64_t offset, std::uint8_t *data,
			 std::size_t count)
{
	if (card_.gone()) {
		std::memset(data, 0xff, count);
		return;
	}
	switch (region) {
	case VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_REGISTERS:
		each_register(offset, count, [&](std::uint32_t address, unsigned lane,
						 std::size_t at, unsigned bytes) {
			const std::uint32_t value = card_.read_register(address) >> 8 * lane;

			std::memcpy(data + at, &value, bytes);
		});
		break;
	case VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_MSIX:
		msix_.read(offset, data, count);
		break;
	case VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_MEMORY:
		std::memcpy(data, card_.memory_at(offset), count);
		break;
	default:
		config_.read(offset, data, count);
		break;
	}
}

void server::write_region(unsigned region, std::uint64_t offset, const std::uint8_t *data,
			  std::size_t count)
{
	if (card_.gone())
		return;
	switch (region) {
	case VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_REGISTERS:
		each_register(offset, count, [&](std::uint32_t address, unsigned lane,
						 std::size_t at, unsigned bytes) {
			std::uint32_t value = 0;

			std::memcpy(&value, data + at, bytes);
			card_.write_register(address, value << 8 * lane,
					     ((1u << bytes) - 1) << lane);
		});
		break;
	case VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_MSIX:
		msix_.write(offset, data, count);
		break;
	case VFIO_PCI_BAR0_REGION_INDEX + TERN_PCI_BAR_MEMORY:
		std::memcpy(card_.memory_at(offset), data, count);
		break;
	default:
		if (config_.write(offset, data, count)) {
			log(log_level::info, "function-level reset");
			reset_function();
		}
		card_.set_bus_master(config_.bus_master());
		break;
	}
}

bool server::region_read(message &message)
{
	const auto access = payload_as<vfu_region_access>(message);

	check_access(access);
	reply_.resize(sizeof(access) + access.count);
	std::memcpy(reply_.data(), &access, sizeof(access));
	read_region(access.region, access.offset, reply_.data() + sizeof(access), access.count);
	return connection_->reply(0, reply_.data(), reply_.size());
}

bool server::region_write(message &message)
{
	const auto access = payload_as<vfu_region_access>(message);

	check_access(access);
	if (message.payload.size() - sizeof(access) < access.count)
		throw refused(EINVAL, "%zu bytes of data where the count is %u",
			      message.payload.size() - sizeof(access), access.count);
	write_region(access.region, access.offset, message.payload.data() + sizeof(access),
		     access.count);
	return connection_->reply(0, &access, sizeof(access));
}

/* All writes are checked before the first one is done. */
bool server::region_write_multi(message &message)
{
	const auto count = payload_as<std::uint64_t>(message);
	const std::size_t bytes = message.payload.size() - sizeof(count);
	const std::uint8_t *data = message.payload.data() + sizeof(count);
	vfu_multi_write write;

	if (count > bytes / sizeof(write))
		throw refused(EINVAL, "%zu bytes of data for %llu writes", bytes,
			      static_cast<unsigned long long>(count));
	for (std::uint64_t i = 0; i < count; i++) {
		std::memcpy(&write, data + i * sizeof(write), sizeof(write));
		if (write.count > sizeof(write.data))
			throw refused(EINVAL, "%u bytes in one of many writes", write.count);
		check_access({ write.offset, write.region, write.count });
	}
	for (std::uint64_t i = 0; i < count; i++) {
		std::memcpy(&write, data + i * sizeof(write), sizeof(write));
		write_region(write.region, write.offset, write.data, write.count);
	}
	return connection_->reply(0, &count, sizeof(count));
}

} /* namespace tern */
