// SPDX-License-Identifier: Apache-2.0
#include "device/sampled/sampled_device.h"

#include <cstring>

#include "device/model/model_device.h"
#include "device/sampled/sampler.h"

namespace tern {

namespace {

class sampled_device : public model_device {
public:
	sampled_device(const sc_core::sc_module_name &name, const config &config,
		       const std::string &list, tern::memory &memory, link &link)
		: model_device(name, config), sampler_(config, list, core_, memory, link)
	{
	}

	bool busy() const override { return core_.busy() || sampler_.working(); }
	std::optional<sample_report> samples() const override { return sampler_.report(); }
	bool end_samples() override { return sampler_.end(); }

private:
	bool work_aside() override
	{
		if (!sampler_.working())
			return false;
		sampler_.work();
		return true;
	}

	void register_access(tlm::tlm_generic_payload &access, sc_core::sc_time &delay) override
	{
		std::uint32_t value;

		if (access.is_write() && access.get_data_length() == sizeof(value) &&
		    !access.get_byte_enable_ptr()) {
			std::memcpy(&value, access.get_data_ptr(), sizeof(value));
			catch_up();
			sampler_.register_written(static_cast<std::uint32_t>(access.get_address()),
						  value, now_ps());
		}
		model_device::register_access(access, delay);
	}

	sampler sampler_;
};

} /* namespace */

std::unique_ptr<device> make_sampled_device(const char *name, const config &config,
					    const std::string &list, memory &memory, link &link)
{
	return std::make_unique<sampled_device>(name, config, list, memory, link);
}

} /* namespace tern */
