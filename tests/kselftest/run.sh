#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tern.ko's tests, in a guest with a simulated card; TAP. An argument replaces the options of
# ternsim. The guest's kernel messages must hold no warning.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
. tests/kselftest/console.sh

[ "${1:-}" != --help ] || { sed -n '3,4s/^# //p' "$0"; exit 0; }
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
status=0
tools/lab/run --timeout 540 --log "$log" --sim "${1:-}" --insmod build/driver/6.1/tern.ko \
	--file /kselftest=build/tests/kselftest -- sh /kselftest/guest.sh 2> "$log/stderr" |
	awk -f tests/kselftest/tap.awk | tee "$log/tap" || status=1
sed 's/^/# /' "$log/stderr"
count=$(($(grep -cE '^(not )?ok' "$log/tap") + 1))
console_is_clean "$log/console.log" $count || status=1
echo "1..$count"
exit $status
