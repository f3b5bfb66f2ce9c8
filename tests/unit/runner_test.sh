#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/run itself: a failure, a crash, a short plan and a skip are each counted, and
# nothing that ran no test passes.

set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

program() {
	printf '#!/bin/sh\n%s\n' "$2" > "$work/$1"
	chmod +x "$work/$1"
}

# counts NAME EXIT LINE PROGRAM...: tests/run ends with EXIT and closes with LINE
counts() {
	local name=$1 want=$2 line=$3 status=0
	shift 3
	n=$((n + 1))
	tests/run "${@/#/$work/}" > "$work/out" 2>&1 || status=$?
	if [[ $status -eq $want && $(tail -n 1 "$work/out") == "$line" ]]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$work/out"
	fi
}

program good 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
program good2 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
program skip 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b # SKIP no such thing"'
program bad 'echo 1..2; echo "ok 1 - a"; echo "not ok 2 - b"; exit 1'
program short 'echo 1..3; echo "ok 1 - a"'
program crash 'echo 1..1; echo "ok 1 - a"; kill -SEGV $$'
program silent 'exit 0'

echo "1..6"
counts "all good" 0 "4 passed, 0 failed, 0 skipped" good good2
counts "a skip is not a pass" 0 "1 passed, 0 failed, 1 skipped" skip
counts "a failure" 1 "3 passed, 1 failed, 0 skipped" good bad
counts "fewer tests than planned" 1 "3 passed, 1 failed, 0 skipped" good short
counts "a crash after its last test" 1 "1 passed, 1 failed, 0 skipped" crash
counts "a program that prints no TAP" 1 "2 passed, 1 failed, 0 skipped" good silent
