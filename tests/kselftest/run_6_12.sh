#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The driver on Debian's other kernel: what differs most between the two. `make kselftest-6.12` runs
# the rest. TAP.
exec "$(dirname "$0")/run.sh" --kernel 6.12 abi wait context dmabuf udmabuf lifetime remove observe pmu
