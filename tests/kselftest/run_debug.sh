#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The driver on the debug kernel: no report of KASAN, lockdep, the DMA API's or the objects' watchers,
# and no leak. `make kselftest-debug` runs the rest. TAP.
exec "$(dirname "$0")/run.sh" --kernel debug abi submit context
