#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A card that misbehaves on demand, and what the driver makes of it. TAP.
exec "$(dirname "$0")/run.sh" --lab --faults --lab --append --lab iomem=relaxed faults
