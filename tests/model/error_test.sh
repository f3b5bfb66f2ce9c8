#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The model's cycles are the RTL's, each job's, on some cells of the table that `make study-validate`
# runs all of: each configuration and kind of memory, both packings; shapes short of some rows. Without
# refresh: whether one falls into a short job is chance, as the doorbell rings when it rings.
set -euo pipefail
cd "$(dirname "$0")/../.."
export TERNSIM=$PWD/build/ternsim
# shellcheck disable=SC2046 # several words
exec build/tests/model/study --tap --max 0 --max-job 0 -r 200 \
	$(printf -- '-c %s,memory.t_refi_ns=0 ' edge base base,memory.preset=lpddr5 server) \
	-m 700M -m 1.3B -m 2B-4T -t 1 -t 12
