# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For e2e tests that look at what a simulator writes, to be sourced: a folder $dir that is gone in
# the end, a simulator in it that is started and stopped, TAP. Used with set -e.

dir=$(mktemp -d)
pid=
count=0 not_ok=0

cleanup() {
	[[ -z $pid ]] || kill -KILL "$pid" 2> /dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT

# start PROGRAM OPTION...: a simulator with these options, listening at $dir/s
start() {
	rm -f "$dir/s" "$dir/sim.err"
	"$1" --socket "$dir/s" "${@:2}" > "$dir/sim.out" 2> "$dir/sim.err" &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		! grep -qs 'ternsim: ready: socket' "$dir/sim.err" || break
		sleep 0.05
	done
}

stop() {
	kill -TERM "$pid"
	wait "$pid"
	pid=
}

# check NAME COMMAND...: one TAP line
check() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@" > "$dir/said" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		head -n 20 "$dir/said" "$dir/sim.err" 2> /dev/null | sed 's/^/# /' || true
		not_ok=1
	fi
}

# The plan, and the status of the test.
finish() {
	echo "1..$count"
	exit "$not_ok"
}
