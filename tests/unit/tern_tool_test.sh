#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The tern tool: help, usage errors, exit codes, JSON; and its selftest on the simulator.
# Usage: tests/unit/tern_tool_test.sh      from the repository's root
set -euo pipefail

tern=build/tern
dir=$(mktemp -d)
sim=
trap 'rm -rf "$dir"; [ -z "$sim" ] || kill "$sim" 2> /dev/null || true' EXIT
count=0 failed=0

# check NAME CODE WORDS ARGUMENT...: exit code, and words in stdout and stderr together
check() {
	local name=$1 code=$2 words=$3 got=0
	shift 3
	count=$((count + 1))
	timeout 120 "$tern" "$@" > "$dir/out" 2> "$dir/err" || got=$?
	if [[ $got -eq $code ]] && cat "$dir/out" "$dir/err" | grep -qF -- "$words"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		echo "# exit code $got, must be $code with \"$words\":"
		cat "$dir/out" "$dir/err" | tail -n 20 | sed 's/^/# /'
		failed=1
	fi
}

json() { python3 -m json.tool "$dir/out" > /dev/null; }
json_check() {
	count=$((count + 1))
	if json; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		failed=1
	fi
}

check 'help' 0 'selftest' --help
check 'version' 0 'tern 1.0' --version
check 'no command' 2 'command is missing'
check 'unknown command' 2 '"fly"' fly
check 'unknown option' 2 'unrecognized' --fly
for command in list info selftest bench; do
	check "$command: help names its exit codes" 0 'Exit status: 0 success' "$command" --help
	check "$command: too many arguments" 2 '"x"' "$command" x
done
check 'bench: a bad shape' 2 '"1,2"' bench --shape 1,2
check 'bench: a shape of 0' 2 '"0,1,1"' bench --shape 0,1,1
check 'bench: a negative shape' 2 '"1,-1,1"' bench --shape 1,-1,1
check 'bench: a bad number of jobs' 2 '"0"' bench --jobs 0
check 'bench: an unknown packing' 2 '"q4"' bench --packing q4
check 'selftest: a bad seed' 2 '"x"' selftest --seed x
check 'info: no such device' 3 '/dev/tern999' info -d /dev/tern999
check 'info: no device at all' 3 'names no device' info -d nonsense
check 'bench: no such configuration' 3 'no preset' bench -d sim:nonsense
check 'info of a simulator' 0 'RTL_SIM' info -d sim
check 'info as JSON' 0 '"mem_size": 268435456' info -d sim --json
json_check 'info --json is JSON'
check 'list' 0 'sim' list
check 'list as JSON' 0 '"platform"' list --json
json_check 'list --json is JSON'
check 'bench' 0 'GMAC/s' bench -d sim --jobs 2 --shape 33,300,3
check 'bench as JSON' 0 '"gmacs_per_s"' bench -d sim --jobs 2 --shape 33,300,3 --json
json_check 'bench --json is JSON'
if "$tern" info -d sim --json | grep -q '"B5"'; then
	check 'bench of B5' 0 '"packing": "b5"' bench -d sim --jobs 2 --packing b5 --json
else
	check 'bench of B5 without it' 1 '--packing' bench -d sim --jobs 2 --packing b5
fi
check 'bench of what does not fit' 1 'no room' bench -d sim --jobs 1 --shape 2000000,2000,1
check 'selftest on the simulator' 0 '1..' selftest -d sim
check 'selftest with other operands' 0 '1..' selftest -d sim --seed 0xdecade
# tern fault, and what it is the client of.
check 'fault: help names its exit codes' 0 'Exit status: 0 success' fault --help
check 'fault: no socket' 2 '--control is missing' fault list
check 'fault: nobody at the socket' 3 "$dir/nobody" fault -c "$dir/nobody" list
printf '# one to begin with\njob hang queue=3\n' > "$dir/faults"
build/ternsim --socket "$dir/a" --faults "$dir/faults" --control "$dir/control" \
	--socket "$dir/b" --control "$dir/other" 2> "$dir/log" &
sim=$!
for ((tries = 0; tries < 200; tries++)); do
	grep -q ready "$dir/log" && break
	sleep 0.05
done
check 'fault: the file is loaded' 0 '1 job hang queue=3 (happened 0 times)' \
	fault -c "$dir/control" list
check 'fault: words make a line' 0 '2' fault -c "$dir/control" dma delay ns=5 count=all
check 'fault: an answer that is an error' 1 "did you mean 'dma delay'" \
	fault -c "$dir/control" dma delya ns=5
check 'fault: statistics' 0 '"loaded": 2' fault -c "$dir/control" statistics
check 'fault: another card has its own' 0 '"loaded": 0' fault -c "$dir/other" statistics
json_check 'fault: statistics are JSON'
printf 'link down\nlink up\nclear' > "$dir/lines"
check 'fault: lines' 0 '4' fault -c "$dir/control" < "$dir/lines"
check 'fault: the last line counts without its end' 0 '"loaded": 0' \
	fault -c "$dir/control" statistics
printf 'lnk down\nlink up\n' > "$dir/lines"
check 'fault: one bad line of several' 1 "did you mean 'link'" \
	fault -c "$dir/control" < "$dir/lines"
kill "$sim"
wait "$sim" || true
sim=
"$tern" list > /dev/full 2> "$dir/err" && status=0 || status=$?
count=$((count + 1))
if [ "$status" = 1 ] && grep -q "cannot write" "$dir/err"; then
	echo "ok $count - output that does not arrive"
else
	echo "not ok $count - output that does not arrive: exit status $status"
	failed=1
fi
echo "1..$count"
exit "$failed"
