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

# One job in 64 in RTL as well: BitLinears of some tokens of 2B-4T, and the model's mean error in
# what was sampled of them.
dir=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill "$pid"; rm -rf "$dir"' EXIT
"$TERNSIM" --socket "$dir/s" --fidelity sampled=64 --set memory.bytes=1GiB --stats "$dir/stats" \
	2> "$dir/said" &
pid=$!
for ((i = 0; i < 200; i++)); do
	! grep -qs 'ternsim: ready: socket' "$dir/said" || break
	sleep 0.05
done
build/tests/model/speed "vfio-user:$dir/s" sim.sampled64.gmacs.t1
kill "$pid"
wait "$pid" || { cat "$dir/said" >&2; exit 1; }
pid=
jq -r '"sim.sampled.error\t\(.sampled.mean_absolute_error)\t"' "$dir/stats"
tail -n 1 "$dir/said" >&2
