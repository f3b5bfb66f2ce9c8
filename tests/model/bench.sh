#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How far the model's cycles are from the RTL's on a part of the shape table, and how fast it is.
# The part is another one each time: of every card with its memory, packing and number of tokens
# (1, 4, 8, 64) one model, 320 rows of each layer at most. The seed on stderr draws it again.
set -euo pipefail
cd "$(dirname "$0")/../.."
export TERNSIM=$PWD/build/ternsim
build/tests/model/study --figures --sample -r 320 -c edge -c base,memory.preset=lpddr5 -c server
build/tests/model/speed
