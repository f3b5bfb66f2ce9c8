#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the form of the array is worth in simulation: time a cycle with a case a lane and a tree of
# adders (rtl/tern_array_tree.sv) over time a cycle with rtl/tern_array.sv, one token, same lanes,
# same ports, same flags, none trained; by turns, medians.
#
#   sim.vs_naive.t1         the arrays alone
#   sim.vs_naive.device.t1  whole devices with them, and the bench's memories
#
# Prints name, value, unit; times on stderr.
#
# Usage: tests/rtl/bench_naive.sh [TURNS]   7 by default
# Exit: 0 measured, 1 wrong sums, 2 usage, 3 programs missing

set -euo pipefail

turns=${1:-7}
if ! [[ $turns =~ ^[1-9][0-9]*$ ]] || [[ $# -gt 1 ]]; then
	echo "usage: tests/rtl/bench_naive.sh [TURNS]" >&2
	exit 2
fi
cd "$(dirname "$0")/../.."
dir=build/tests/rtl/naive
for program in {array,device}.{0,1}; do
	if [[ ! -x $dir/$program ]]; then
		echo "bench_naive: $dir/$program is missing: make $dir/$program" >&2
		exit 3
	fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for ((turn = 0; turn < turns; turn++)); do
	for what in array device; do
		for kind in 0 1; do
			"$dir/$what.$kind" >> "$work/$what.$kind" || {
				echo "bench_naive: $dir/$what.$kind: wrong sums" >&2
				exit 1
			}
		done
	done
done
if [[ $(cut -d' ' -f2 "$work"/array.* | sort -u | wc -l) != 1 ]]; then
	echo "bench_naive: the arrays' sums differ" >&2
	exit 1
fi

median() {
	sort -n "$work/$1" | awk '{ ns[NR] = $1 } END { print ns[int((NR + 1) / 2)] }'
}
for what in array device; do
	planes=$(median $what.0) tree=$(median $what.1)
	echo "# $what: $planes ns a cycle, with the tree $tree ns" >&2
	name=sim.vs_naive.t1
	[[ $what == array ]] || name=sim.vs_naive.device.t1
	awk -v a="$tree" -v b="$planes" -v name=$name 'BEGIN { printf "%s\t%.1f\tratio\n", name, a / b }'
done
