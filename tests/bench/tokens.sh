#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tokens a second of the shipped model while it speaks (decode, wall time), on the CPU with one
# thread, on the simulated card, and in the guest behind the driver; medians of a few runs.
# Usage: tokens.sh (from the repository's root)

set -euo pipefail

model=models/unixdoc/unixdoc.gguf
prompt="The open() system call returns"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# figure NAME RUNS COMMAND...: the median of .decode.tokens_per_s
figure() {
	local name=$1 runs=$2
	shift 2
	for ((i = 0; i < runs; i++)); do
		"$@" | jq -e .decode.tokens_per_s
	done | median | sed "s,.*,$name\t&\ttokens/s,"
}

say=(-p "$prompt" -n 64 --ignore-eos --json)
figure tokens_per_s.cpu 5 build/ternlm -m $model "${say[@]}" --device cpu --threads 1
figure tokens_per_s.sim 3 build/ternlm -m $model "${say[@]}" --device sim
figure tokens_per_s.guest 1 tools/lab/run --sim "" --insmod build/driver/6.1/tern.ko \
	--file build/ternlm --file $model -- \
	ternlm -m /root/unixdoc.gguf "${say[@]}" --device /dev/tern0
