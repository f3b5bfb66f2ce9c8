#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Sizes that the RTL and its model each have written down (sim/device/model/hardware.h): they are of
# no configuration, so nothing generates them, and they must be the same.
set -euo pipefail
cd "$(dirname "$0")/../.."
n=0 failed=0

# value FILE NAME: what is assigned to it there, each different one on a line; 64'd before it or not
value() {
	sed -nE "s/.*\b$2 *(=|\() *([0-9]+'d)?([0-9]+)\b.*/\3/p" "$1" | sort -u
}

# same MODEL-NAME FILE RTL-NAME
same() {
	local model rtl
	n=$((n + 1))
	model=$(value sim/device/model/hardware.h "$1")
	rtl=$(value "rtl/$2" "$3")
	if [[ -n $model && $model == "$rtl" ]]; then
		echo "ok $n - $1 is $3 of $2: $model"
	else
		echo "not ok $n - $1 is '$model', and $3 of rtl/$2 '$rtl'"
		failed=1
	fi
}

same slots_a_queue tern_pkg.sv SlotsAQueue
same burst_beats tern_pkg.sv BurstBeats
same fifo_beats tern_gemm.sv "int unsigned Depth"
same tiles_ahead tern_gemm.sv "int unsigned Tiles"
same copy_beats tern_copy.sv "int unsigned Depth"
same chunk_bytes tern_issue.sv ChunkBytes
same tracked_bursts tern_dma_wr.sv Depth
echo "1..$n"
exit $failed
