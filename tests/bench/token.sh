#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# All matrix products of one token of BitNet b1.58 2B4T, in RTL, on the card `server`:
#   sim.s_per_token.2b4t     seconds of wall time, the median of some tokens
#   sim.gmacs.2b4t           10^9 multiply-accumulates a second of that
# Weights are in device memory before the clock starts.
# Usage: token.sh (from the repository's root)

set -euo pipefail

report=$(mktemp)
trap 'rm -f "$report"' EXIT
build/tern bench -d sim:server --model 2b-4t --jobs 5 --json > "$report"
jq -r '.token |
	"sim.s_per_token.2b4t\t\(.median_s)\ts",
	"sim.gmacs.2b4t\t\(.weights / .median_s / 1e9)\tGMAC/s"' "$report"
