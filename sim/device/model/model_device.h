/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device as a model: what software sees of it, and how long it takes, without its
 * RTL. See docs/simulator.md.
 */
#ifndef TERN_SIM_MODEL_DEVICE_H
#define TERN_SIM_MODEL_DEVICE_H

#include <cstdint>
#include <memory>

#include "device/device.h"
#include "device/model/core.h"
#include "platform/config.h"

namespace tern {

class model_device : public device {
public:
	model_device(const sc_core::sc_module_name &name, const config &config);

	bool busy() const override { return core_.busy(); }
	void start() override { start_.notify(sc_core::SC_ZERO_TIME); }
	const sc_core::sc_event &yielded() const override { return yielded_; }
	void reset() override;
	std::uint64_t cycles() const override { return core_.clocked(); }
	void work(std::uint64_t cycles) override;
	std::uint64_t now_ps() const override { return core_.cycle() * period_ps_; }

protected:
	void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay) override;
	/* Something else to do in place of a batch, in which no time passes? Then do it. */
	virtual bool work_aside() { return false; }
	/* To the first edge that is not over. */
	void catch_up();

	const std::uint64_t period_ps_;
	const std::uint64_t batch_cycles_;
	model::core core_;

private:
	void end_of_elaboration() override { reset(); }
	sc_core::sc_time ahead() const;
	void run();

	sc_core::sc_event start_, yielded_;
};

std::unique_ptr<device> make_model_device(const char *name, const config &config);

} /* namespace tern */

#endif /* TERN_SIM_MODEL_DEVICE_H */
