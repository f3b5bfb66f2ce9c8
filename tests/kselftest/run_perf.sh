#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# perf stat, as people use it, in a guest with two cards. TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
. tests/kselftest/console.sh

[ "${1:-}" != --help ] || { sed -n '3s/^# //p' "$0"; exit 0; }
perf=$(command -v perf) || { echo "run_perf.sh: perf is missing: install linux-perf" >&2; exit 3; }
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
status=0
tools/lab/run --timeout 180 --log "$log" --sim "" --sim "" --insmod build/driver/6.1/tern.ko \
	--file "/bin/perf=$perf" --file /kselftest=build/tests/kselftest \
	-- sh /kselftest/perf.sh 2> "$log/stderr" |
	awk -f tests/kselftest/tap.awk | tee "$log/tap" || status=1
close_run "$log" $status
