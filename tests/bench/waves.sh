#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What models that can show their signals cost while no window is open:
#   sim.trace.closed_over_untraced   processor time a cycle of such a simulator without --waves over that
#                                    of build/ternsim, 2560 x 2560; the worse of one and eight tokens
# By turns, medians of eleven.  Usage: waves.sh (from the repository's root)

set -euo pipefail

rounds=11
dir=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill "$pid" 2> /dev/null || true; rm -rf "$dir"' EXIT

# ns_a_cycle PROGRAM T: processor time of a cycle
ns_a_cycle() {
	"$1" --socket "$dir/s" --stats "$dir/stats" --log-level warning 2> "$dir/log" &
	pid=$!
	until [[ -S $dir/s ]]; do
		kill -0 "$pid" || { cat "$dir/log" >&2; exit 1; }
		sleep 0.05
	done
	build/tern bench -d "vfio-user:$dir/s" --shape "2560,2560,$2" --jobs 60 > /dev/null
	kill "$pid"
	wait "$pid"
	pid=
	jq '.cpu_s * 1e9 / .device.cycles' "$dir/stats"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# What is measured side by side is compared; the one before has the cache warm, so they take turns.
for t in 1 8; do
	for ((i = 0; i < rounds; i++)); do
		if ((i % 2)); then
			untraced=$(ns_a_cycle build/ternsim $t) closed=$(ns_a_cycle build/tests/ternsim-waves-base $t)
		else
			closed=$(ns_a_cycle build/tests/ternsim-waves-base $t) untraced=$(ns_a_cycle build/ternsim $t)
		fi
		awk "BEGIN { print $closed / $untraced }"
	done | median
done | sort -g | awk 'END { printf "sim.trace.closed_over_untraced\t%.3f\tof a cycle\n", $1 }'
