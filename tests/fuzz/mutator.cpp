// SPDX-License-Identifier: Apache-2.0
/*
 * How the fuzzer changes sessions: steps are repeated, moved, left out and invented, and
 * a message that grows keeps a true size in its header most of the time. Plain changes of
 * bytes alone seldom leave more than the first message whole.
 */
#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <linux/vfio.h>

#include "session.h"
#include "tern_abi.h"
#include "vfio_user/protocol.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t bytes, std::size_t max);

namespace {

using bytes = std::vector<std::uint8_t>;

struct step {
	session_step head;
	bytes data;
};

constexpr std::size_t max_data = 4096;
constexpr std::uint64_t interesting[] = {
	0, 1, 2, 4, 7, 8, 15, 63, 64, 0xfff, 0x1000, 0x1001, 0x1fc0, 0x2000, 0xffff, 0x10000,
	0xffffc, 0x100000, 0x100001, 1u << 26, 1ull << 30, 1ull << 32, ~0ull, ~0xfffull, 1ull << 63,
};

class mutator {
public:
	explicit mutator(unsigned seed) : random_(seed) {}

	void change(std::vector<step> &steps);

private:
	std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
	std::uint64_t number()
	{
		return interesting[below(std::size(interesting))];
	}
	template <typename type> void put(bytes &data, type value)
	{
		const auto *from = reinterpret_cast<const std::uint8_t *>(&value);

		data.insert(data.end(), from, from + sizeof(value));
	}

	void change_data(step &step);
	step invent();
	bytes command();
	bytes fault_line();
	bytes payload(unsigned command);

	std::minstd_rand random_;
};

void set_size(step &step)
{
	vfu_header header;

	if (step.data.size() < sizeof(header))
		return;
	std::memcpy(&header, step.data.data(), sizeof(header));
	header.size = step.data.size();
	std::memcpy(step.data.data(), &header, sizeof(header));
}

void mutator::change_data(step &step)
{
	const std::size_t now = step.data.size();
	/* Mostly behind the header. */
	const std::size_t from = now > sizeof(vfu_header) && below(4) ? sizeof(vfu_header) : 0;

	step.data.resize(std::max(now + 64, from + 64));
	step.data.resize(from + LLVMFuzzerMutate(step.data.data() + from, now - from,
						 step.data.size() - from));
	if (below(8))
		set_size(step);
}

bytes mutator::payload(unsigned command)
{
	bytes data;

	switch (command) {
	case VFU_DMA_MAP:
		put(data, vfu_dma_map{ sizeof(vfu_dma_map), static_cast<std::uint32_t>(below(4)),
				       below(2) ? 0 : number(), number() & ~0xfffull,
				       number() & ~0xfffull });
		break;
	case VFU_DMA_UNMAP:
		put(data, vfu_dma_unmap{ sizeof(vfu_dma_unmap), below(4) ? 0 : VFU_DMA_UNMAP_ALL,
					 number() & ~0xfffull, number() & ~0xfffull });
		break;
	case VFU_DEVICE_SET_IRQS:
		put(data, vfio_irq_set{ sizeof(vfio_irq_set),
					1u << below(3) | 1u << (3 + below(3)),
					below(8) ? VFIO_PCI_MSIX_IRQ_INDEX :
						   static_cast<std::uint32_t>(below(6)),
					static_cast<std::uint32_t>(below(9)),
					static_cast<std::uint32_t>(below(9)) });
		for (unsigned i = 0; i < 8; i++)
			data.push_back(below(2));
		break;
	case VFU_REGION_READ:
	case VFU_REGION_WRITE:
		put(data, vfu_region_access{ below(2) ? number() : below(0x2040) & ~3ull,
					     static_cast<std::uint32_t>(below(10)),
					     static_cast<std::uint32_t>(below(4) ? 4 : number()) });
		if (command == VFU_REGION_WRITE)
			put(data, number());
		break;
	case VFU_REGION_WRITE_MULTI: {
		const std::uint64_t count = below(4);

		put(data, below(8) ? count : number());
		for (unsigned i = 0; i < count; i++) {
			put(data, vfu_region_access{ below(0x2040) & ~3ull,
						     static_cast<std::uint32_t>(below(9)), 4 });
			put(data, number());
		}
		break;
	}
	default:
		put(data, std::uint32_t{ 32 });
		for (unsigned i = 0; i < 7; i++)
			put(data, static_cast<std::uint32_t>(i == 1 ? below(10) : 0));
		break;
	}
	return data;
}

/* Mostly one that the device would do, in the first entries of a ring. */
bytes mutator::command()
{
	const auto address = [&] { return below(8) ? below(256) * TERN_BEAT_BYTES : number(); };
	const auto size = [&] {
		return static_cast<std::uint32_t>(below(8) ? 1 + below(700) : number());
	};
	tern_hw_command command = {};
	bytes data = { static_cast<std::uint8_t>(below(4) ? below(2) : below(16)),
		       static_cast<std::uint8_t>(below(16)) };

	command.opcode = static_cast<std::uint8_t>(below(16) ? below(6) : below(256));
	command.flags = below(2);
	command.id = random_();
	command.src_space = below(8) ? below(2) : below(256);
	command.dst_space = below(8) ? below(2) : below(256);
	command.src = address();
	command.dst = address();
	if (below(4))
		command.length = size() * 4;
	if (below(2)) {
		command.packing = below(2);
		command.weights = address();
		command.n = size();
		command.k = size();
		command.t = below(8) ? 1 + below(17) : size();
		command.src_stride = (command.k + 63) & ~63u;
		command.dst_stride = (command.n * 4 + 63) & ~63u;
		command.length = 0;
	} else {
		command.pattern = random_();
	}
	put(data, command);
	return data;
}

bytes mutator::fault_line()
{
	static const char *const lines[] = {
		"interrupt lost", "interrupt spurious vector=", "dma delay ns=", "dma abort nth=",
		"dma corrupt bit=", "dma stray address=", "dma lost nth=", "job hang nth=",
		"completion lost queue=", "completion duplicate nth=", "completion wrong id=",
		"completion failed status=", "memory flip address=", "memory corrupt bit=",
		"memory error nth=", "card remove after_cycles=", "card return after_cycles=",
		"link down after_cycles=", "link up after_cycles=",
	};
	std::string line = lines[below(std::size(lines))];

	if (line.back() == '=')
		line += std::to_string(below(4) ? below(20) : number());
	if (!below(3))
		line += " count=" + std::to_string(below(8));
	return bytes(line.begin(), line.end());
}

step mutator::invent()
{
	const auto command = static_cast<std::uint16_t>(below(16) ? below(20) : below(0x10000));
	step step = { { SESSION_SEND, 0, 0 }, {} };
	const bytes rest = payload(command);

	if (!below(5)) {
		step.head.kind = SESSION_COMMAND;
		step.data = this->command();
		return step;
	}
	if (!below(12)) {
		step.head.kind = SESSION_FAULT;
		step.data = fault_line();
		return step;
	}
	if (!below(6)) {
		step.head.kind = below(SESSION_KINDS);
		step.data.push_back(static_cast<std::uint8_t>(below(32)));
		return step;
	}
	put(step.data, vfu_header{ 0, command, 0, below(8) ? 0 : VFU_FLAG_NO_REPLY, 0 });
	step.data.insert(step.data.end(), rest.begin(), rest.end());
	set_size(step);
	if (command == VFU_DMA_MAP || command == VFU_DEVICE_SET_IRQS)
		step.head.files = (command == VFU_DMA_MAP ? 1 : below(9)) | below(8) << 4;
	if (command == VFU_DMA_MAP && below(2))
		step.head.files = 1 | SESSION_MEMORY << 4;
	return step;
}

void mutator::change(std::vector<step> &steps)
{
	const std::size_t at = below(steps.size() + 1);
	const bool inside = at < steps.size();

	switch (inside ? below(8) : 0) {
	case 0:
	case 1:
		steps.insert(steps.begin() + at, invent());
		break;
	case 2: {
		const step again = steps[at];

		steps.insert(steps.begin() + below(steps.size()), again);
		break;
	}
	case 3:
		steps.erase(steps.begin() + at);
		break;
	case 4:
		std::swap(steps[at], steps[below(steps.size())]);
		break;
	case 5:
		steps[at].head.files = random_();
		if (!below(4))
			steps[at].head.kind = below(SESSION_KINDS);
		break;
	default:
		change_data(steps[at]);
		break;
	}
}

} /* namespace */

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size,
					       std::size_t max_size, unsigned seed)
{
	const std::uint8_t *step_data;
	std::vector<step> steps;
	session_step head;
	std::size_t at = 0, out = 0;
	mutator mutator(seed);

	if (seed % 16 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	while (session_next(data, size, &at, &head, &step_data))
		steps.push_back({ head, bytes(step_data, step_data + head.bytes) });
	do
		mutator.change(steps);
	while (++seed % 4);
	for (step &step : steps) {
		step.data.resize(std::min(step.data.size(), max_data));
		step.head.bytes = step.data.size();
		if (out + sizeof(step.head) + step.data.size() > max_size)
			break;
		std::memcpy(data + out, &step.head, sizeof(step.head));
		std::copy(step.data.begin(), step.data.end(), data + out + sizeof(step.head));
		out += sizeof(step.head) + step.data.size();
	}
	return out;
}
