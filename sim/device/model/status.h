/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERN_SIM_MODEL_STATUS_H
#define TERN_SIM_MODEL_STATUS_H

#include <cstdint>

#include "device/model/hardware.h"
#include "tern_abi.h"

namespace tern::model {

/* The status of a job whose data came with this. */
inline std::uint8_t status_of(trouble wrong, bool host)
{
	switch (wrong) {
	case trouble::refused:
		return host ? TERN_STATUS_HOST_ERROR : TERN_STATUS_MEM_ERROR;
	case trouble::overdue:
		return TERN_STATUS_WATCHDOG;
	default:
		return TERN_STATUS_OK;
	}
}

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_STATUS_H */
