/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device as its RTL: tern_top, Verilated, evaluated in batches of cycles
 * between two waits of SystemC.
 */
#ifndef TERN_SIM_RTL_DEVICE_H
#define TERN_SIM_RTL_DEVICE_H

#include <memory>

#include "device/device.h"
#include "device/rtl/axi_slave.h"
#include "platform/config.h"

class Vtern_top;
class VerilatedContext;

namespace tern {

class rtl_device : public device {
public:
	rtl_device(const sc_core::sc_module_name &name, const config &config);
	~rtl_device() override;

	bool busy() const override { return busy_; }
	void start() override { start_.notify(sc_core::SC_ZERO_TIME); }
	const sc_core::sc_event &yielded() const override { return yielded_; }
	void reset() override;

private:
	void run();
	void end_of_elaboration() override;
	void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay) override;

	void edge();
	void step();
	void batch(unsigned cycles);
	/* AXI's response, or -1 if the device did not answer. */
	int write_register(std::uint16_t address, std::uint32_t value, std::uint8_t strobes);
	int read_register(std::uint16_t address, std::uint32_t *value);
	/* Time inside a batch runs ahead of SystemC's. */
	void catch_up();
	void raise_interrupts(unsigned vectors);

	std::unique_ptr<VerilatedContext> context_;
	std::unique_ptr<Vtern_top> top_;
	axi_slave host_slave_;
	axi_slave memory_slave_;
	sc_core::sc_event start_;
	sc_core::sc_event yielded_;
	const std::uint64_t period_ps_;
	const unsigned batch_cycles_;
	std::uint64_t now_ps_ = 0;	/* of the next clock edge */
	unsigned quiet_ = 0;		/* cycles since the device was last busy */
	bool busy_ = false;
};

} /* namespace tern */

#endif /* TERN_SIM_RTL_DEVICE_H */
