#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The simulated card as a program sees it through libtern, one job after another:
#   sim.gmacs.tT     10^9 useful multiply-accumulates (N * K * T) of RTL a second of wall time
#   sim.use.tT       cycles in which the array took a beat, of all cycles of the job
#   sim.roundtrip    a NOP from submit to result
# Medians over jobs.  Usage: platform.sh (from the repository's root)

set -euo pipefail

report=$(mktemp)
trap 'rm -f "$report"' EXIT
build/tern bench -d sim --shape 2560,2560,1 --shape 2560,2560,8 --jobs 60 --json > "$report"
jq -r '
	(.gemm[] | "sim.gmacs.t\(.t)\t\(.n * .k * .t / .median_ms / 1e6)\tGMAC/s",
		"sim.use.t\(.t)\t\(.array_use)\tof cycles"),
	"sim.roundtrip\t\(.nop.median_us)\tus"' "$report"
