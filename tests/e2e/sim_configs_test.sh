#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every named configuration that the simulator has a model of, as a card: it says what it is, and
# passes its self-test.

set -euo pipefail

tern=build/tern
# name, then what tern_abi.h says: lanes of all streams, columns, queues, K tile
configs=$(sed -n 's/^\tX(\([a-z]*\), [^,]*, \([0-9]*\), \([0-9]*\), \([0-9]*\), \([0-9]*\), \([0-9]*\),.*/\1 \2 \3 \4 \5 \6/p' \
	abi/gen/tern_abi.h | grep -wE "$(tr ' ' '|' < build/sim/models.list)")
out=$(mktemp)
trap 'rm -f "$out"' EXIT
n=0

# result STATUS NAME
result() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$out" | grep -v '^# ok' | head -20
	fi
}

echo "1..$((2 * $(wc -l <<< "$configs")))"
while read -r name lanes streams cols queues k_tile; do
	timeout 60 "$tern" info -d "sim:$name" --json > "$out" 2>&1 &&
		jq -e ".lanes == $((lanes * streams)) and .cols == $cols and .queues == $queues and
			.k_tile == $k_tile" "$out" > /dev/null && status=0 || status=1
	result "$status" "$name says what it is"
	timeout 300 "$tern" selftest -d "sim:$name" > "$out" 2>&1 && status=0 || status=1
	result "$status" "$name passes its self-test"
done <<< "$configs"
