#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a card with 4 GiB of memory costs the host beyond the memory that was touched:
#   sim.rss_over_touched.mib   ternsim's resident memory less the touched pages of the card's, with
#                              a client and jobs on 32 MiB of weights, at its worst
# Usage: resident.sh (from the repository's root)

set -euo pipefail

dir=$(mktemp -d)
trap 'kill "$sim" 2> /dev/null || true; rm -rf "$dir"' EXIT
build/ternsim --socket "$dir/sim" --set memory.bytes=4GiB --stats "$dir/stats" 2> "$dir/log" &
sim=$!
until [[ -S $dir/sim ]]; do
	kill -0 "$sim" || { cat "$dir/log" >&2; exit 1; }
	sleep 0.1
done

# 32 MiB of packed weights, written by the client and read by the device.
build/tern bench -d "vfio-user:$dir/sim" --shape 16384,8192,1 --jobs 4 > "$dir/bench" &
client=$!
worst=0 touched=0
while kill -0 "$client" 2> /dev/null; do
	rm -f "$dir/stats"
	kill -USR1 "$sim"
	for ((i = 0; i < 100; i++)); do
		[[ ! -s $dir/stats ]] || break
		sleep 0.05
	done
	resident=$(awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$sim/status")
	now=$(jq '.memory.resident_bytes' "$dir/stats")
	((resident - now <= worst)) || worst=$((resident - now))
	((now <= touched)) || touched=$now
	sleep 0.3
done
wait "$client"
((touched >= 32 << 20)) || { echo "only $touched bytes were touched" >&2; exit 1; }
awk -v bytes=$worst 'BEGIN { printf "sim.rss_over_touched.mib\t%.1f\tMiB\n", bytes / 1048576 }'
