#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Several cards in one simulator: each has its socket, its configuration, its memory and its
# clients, and none of them minds what becomes of another's. TAP; run from the repository's root.
set -euo pipefail

[[ ${1:-} != --help ]] || { sed -n '4,5s/^# //p' "$0"; exit 0; }
sim=${TERNSIM:-build/ternsim}
dir=$(mktemp -d)
pid='' count=0 failed=0
trap '[[ -z $pid ]] || kill -KILL "$pid" 2> /dev/null; rm -rf "$dir"' EXIT

# check NAME COMMAND...: one TAP line
check() {
	count=$((count + 1))
	if "${@:2}" > "$dir/out" 2>&1; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' "$dir/out" "$dir/log" || true
		failed=1
	fi
}

# exits CODE TEXT COMMAND...
exits() {
	local got=0
	timeout 20 "${@:3}" > "$dir/said" 2>&1 || got=$?
	cat "$dir/said"
	[[ $got -eq $1 ]] && grep -qF -- "$2" "$dir/said"
}

logged() {
	local i
	for ((i = 0; i < 200; i++)); do
		[[ $(grep -cF -- "$1" "$dir/log") -lt $2 ]] || return 0
		sleep 0.05
	done
	return 1
}

selftest() { timeout 60 build/tern selftest -d "vfio-user:$dir/$1"; }
# of FILTER: what the statistics say about it
of() { jq -e "$1" "$dir/stats.json"; }
at_once() {
	local first
	selftest a & first=$!
	selftest b && wait "$first"
}
dies_in_mid_job() {
	local client gone
	gone=$(grep -c 'client gone' "$dir/log")
	build/tern bench -d "vfio-user:$dir/a" --jobs 1000 & client=$!
	sleep 0.3
	kill -KILL "$client"
	wait "$client" || true
	logged 'client gone' $((gone + 1))
}

: > "$dir/log"
check "two cards can't have one socket" exits 2 "is there twice" "$sim" -s "$dir/a" -s "$dir/a"
check "what is in front is for all, what is behind for one" exits 0 "clock_mhz = 500" \
	"$sim" --show-config --set device.clock_mhz=500 -s "$dir/a" -s "$dir/b" --config edge
check "both" [ "$(grep -c '^clock_mhz = 500' "$dir/said")" = 2 ]
check "one" [ "$(grep -c '^config = "edge"' "$dir/said")" = 1 ]
"$sim" --stats "$dir/stats.json" --set memory.bytes=512MiB -s "$dir/a" -s "$dir/b" \
	--set memory.bytes=128MiB --set device.clock_mhz=250 2> "$dir/log" &
pid=$!
check "two cards are ready" logged "ready: socket" 2
check "one of whose sockets another simulator can't have" \
	exits 4 "another simulator listens at $dir/b" "$sim" -s "$dir/c" -s "$dir/b"
check "which leaves no socket" [ ! -e "$dir/c" ]
check "selftests on both at once" at_once
check "as new for the next one" selftest b
check "a client dies in mid-job" dies_in_mid_job
check "the other card works" selftest b
check "and so does this one" selftest a
kill -TERM "$pid"
check "SIGTERM ends both" wait "$pid"
pid=''
check "no socket is left" [ ! -e "$dir/a" -a ! -e "$dir/b" ]
check "each has its own memory" of '.cards | length == 2'
# The simulator that was refused b was a client of it, too.
check "its own clients" of '[.cards[].vfio_user.clients] == [3, 4]'
check "its own time" of '[.cards[].device.clock_mhz] == [1000, 250]'
check "and its own jobs" of '.cards | all(.device.jobs > 200)'
echo "1..$count"
exit $failed
