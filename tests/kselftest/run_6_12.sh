#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The driver on Debian's other kernel: what differs between the two. TAP.
exec "$(dirname "$0")/run.sh" --kernel 6.12 abi bo wait context dmabuf udmabuf observe reset remove
