// SPDX-License-Identifier: Apache-2.0
#include "trace/labels.h"

#include <cctype>
#include <cstring>

#include "tern_label.h"

namespace tern {

std::string op_name(unsigned opcode)
{
	switch (opcode) {
	case TERN_HW_OP_NOP:
		return "NOP";
	case TERN_HW_OP_COPY:
		return "COPY";
	case TERN_HW_OP_FILL:
		return "FILL";
	case TERN_HW_OP_GEMM:
		return "GEMM";
	case TERN_HW_OP_BARRIER:
		return "BARRIER";
	default:
		return "op " + std::to_string(opcode);
	}
}

std::string layer_name(memory &memory, const tern_hw_command &command)
{
	tern_label label;

	if (command.opcode != TERN_HW_OP_GEMM || command.weights < sizeof(label) ||
	    command.weights > memory.bytes())
		return "";
	std::memcpy(&label, memory.at(command.weights - sizeof(label)), sizeof(label));
	if (label.magic != TERN_LABEL_MAGIC || label.n != command.n || label.k != command.k)
		return "";

	/* The guest wrote it: whatever it is, it is a name in the end. */
	std::string name(label.name, strnlen(label.name, sizeof(label.name)));

	for (char &c : name) {
		if (!std::isalnum(static_cast<unsigned char>(c)) && !std::strchr("._-", c))
			c = '_';
	}
	return name;
}

std::string job_name(memory &memory, const tern_hw_command &command)
{
	const std::string layer = layer_name(memory, command);

	if (!layer.empty())
		return layer;
	if (command.opcode == TERN_HW_OP_GEMM)
		return "GEMM " + std::to_string(command.n) + "x" + std::to_string(command.k);
	return op_name(command.opcode);
}

} /* namespace tern */
