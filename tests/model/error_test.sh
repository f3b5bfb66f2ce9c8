#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Cycles of the model and of the RTL, on some cells of the table that `make study-validate` runs
# all of: each configuration and kind of memory, both packings; shapes short of some rows.
set -euo pipefail
cd "$(dirname "$0")/../.."
export TERNSIM=$PWD/build/ternsim
exec build/tests/model/study --tap -r 200 -c edge -c base -c base,memory.preset=lpddr5 -c server \
	-m 700M -m 1.3B -m 2B-4T -t 1 -t 12
