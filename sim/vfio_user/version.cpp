// SPDX-License-Identifier: Apache-2.0
#include "vfio_user/version.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <jansson.h>

#include "vfio_user/protocol.h"
#include "vfio_user/refused.h"

namespace tern {

using json_ptr = std::unique_ptr<json_t, void (*)(json_t *)>;

/* What the client says must have the right types; unknown capabilities are its own. */
static void check_capabilities(const json_t *root)
{
	static const struct {
		const char *name;
		bool boolean;
	} known[] = {
		{ "max_msg_fds", false },  { "max_data_xfer_size", false },
		{ "max_dma_maps", false }, { "pgsizes", false },
		{ "write_multiple", true },
	};
	const json_t *capabilities = json_object_get(root, "capabilities");

	if (!json_is_object(root))
		throw refused(EINVAL, "the version data is not a JSON object");
	if (!capabilities)
		return;
	if (!json_is_object(capabilities))
		throw refused(EINVAL, "\"capabilities\" is not an object");
	for (const auto &k : known) {
		const json_t *value = json_object_get(capabilities, k.name);

		if (value && (k.boolean ? !json_is_boolean(value) :
					  !json_is_integer(value) || json_integer_value(value) < 0))
			throw refused(EINVAL, "capability \"%s\" is not a %s", k.name,
				      k.boolean ? "boolean" : "number");
	}
}

std::string version_answer(const std::vector<std::uint8_t> &proposal, unsigned max_fds,
			   std::size_t max_transfer_bytes, std::size_t max_dma_maps,
			   std::uint64_t page_sizes)
{
	vfu_version version;

	if (proposal.size() < sizeof(version))
		throw refused(EINVAL, "%zu bytes of payload where %zu are needed", proposal.size(),
			      sizeof(version));
	std::memcpy(&version, proposal.data(), sizeof(version));
	if (version.major != VFU_MAJOR)
		throw refused(ENOTSUP, "major version %u; this server speaks %u.%u", version.major,
			      VFU_MAJOR, VFU_MINOR);
	if (proposal.size() > sizeof(version)) {
		const char *text = reinterpret_cast<const char *>(&proposal[sizeof(version)]);
		const std::size_t bytes = proposal.size() - sizeof(version);
		json_error_t error;

		if (text[bytes - 1])
			throw refused(EINVAL, "the version data does not end with a NUL");

		json_ptr root(json_loadb(text, std::strlen(text), JSON_REJECT_DUPLICATES, &error),
			      json_decref);

		if (!root)
			throw refused(EINVAL, "the version data is not JSON: %s (byte %d)",
				      error.text, error.position);
		check_capabilities(root.get());
	}
	version.minor = std::min<std::uint16_t>(version.minor, VFU_MINOR);

	json_ptr answer(json_pack("{s:{s:I,s:I,s:I,s:I,s:b}}", "capabilities", "max_msg_fds",
				  static_cast<json_int_t>(max_fds), "max_data_xfer_size",
				  static_cast<json_int_t>(max_transfer_bytes), "max_dma_maps",
				  static_cast<json_int_t>(max_dma_maps), "pgsizes",
				  static_cast<json_int_t>(page_sizes), "write_multiple", 1),
			json_decref);
	std::unique_ptr<char, void (*)(void *)> text(json_dumps(answer.get(), JSON_COMPACT), free);
	std::string payload(reinterpret_cast<const char *>(&version), sizeof(version));

	payload += text.get();
	payload += '\0';
	return payload;
}

} /* namespace tern */
