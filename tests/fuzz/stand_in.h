/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in the place of the RTL, for the fuzzer: registers that keep what is written,
 * and at each doorbell DMA to wherever they say, so that the client has the card's link,
 * memory and interrupts in its hands a thousand times a second.
 */
#ifndef TERN_FUZZ_STAND_IN_H
#define TERN_FUZZ_STAND_IN_H

#include <array>
#include <cstdint>

#include "device/device.h"

namespace tern {

class stand_in : public device {
public:
	static constexpr unsigned vectors = 8;

	explicit stand_in(const sc_core::sc_module_name &name);

	bool busy() const override { return false; }
	void start() override {}
	const sc_core::sc_event &yielded() const override { return yielded_; }
	void reset() override;
	/* It has no clock. */
	std::uint64_t cycles() const override { return 0; }
	void work(std::uint64_t) override {}
	std::uint64_t now_ps() const override { return 0; }

private:
	using socket = tlm_utils::simple_initiator_socket<device, 512>;

	void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay) override;
	void doorbell(unsigned queue, std::uint32_t index);
	bool move(socket &socket, bool write, std::uint64_t address, std::uint8_t *data,
		  unsigned bytes, std::uint64_t enables = ~0ull);
	std::uint64_t queue_address(unsigned queue, unsigned low) const;

	sc_core::sc_event yielded_;
	std::array<std::uint32_t, 0x10000 / 4> registers_{};
	bool written_ = false;
};

} /* namespace tern */

#endif /* TERN_FUZZ_STAND_IN_H */
