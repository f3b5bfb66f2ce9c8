// SPDX-License-Identifier: Apache-2.0
#include "device/rtl/rtl_device.h"

namespace tern {

/* TERN_MODELS is the list that the simulator was built with. */
#define DECLARE(name) std::unique_ptr<device> make_##name(const char *, const config &);
TERN_MODELS(DECLARE)
#undef DECLARE

std::unique_ptr<device> make_rtl_device(const char *name, const config &config)
{
#define MAKE(known) \
	if (config.device.config == #known) \
		return make_##known(name, config);
	TERN_MODELS(MAKE)
#undef MAKE
	throw config_error("device.config = \"" + config.device.config +
			   "\": this simulator was built without a model of it");
}

} /* namespace tern */
