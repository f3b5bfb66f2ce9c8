#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The simulator is killed under a running job: the job ends with an error, and the module unloads.
# TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
. tests/kselftest/console.sh

[ "${1:-}" != --help ] || { sed -n '3,4s/^# //p' "$0"; exit 0; }
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
status=0
cat > "$log/job.sh" <<'END'
echo "@begin killed"
/kselftest/killed_test
echo "@end $?"
if rmmod tern && [ ! -d /sys/class/tern ]; then echo "@ok"; else echo "@not ok"; fi \
	| sed 's/$/ the module unloads/'
echo "@done"
END
tools/lab/run --timeout 180 --log "$log" --sim "${1:-}" --insmod build/driver/6.1/tern.ko \
	--on 'KILL NOW=sleep 0.2; kill -9 $TERN_SIM_PID' \
	--file /kselftest=build/tests/kselftest --file /root/job.sh="$log/job.sh" \
	-- sh /root/job.sh 2> "$log/stderr" |
	awk -f tests/kselftest/tap.awk | tee "$log/tap" || status=1
close_run "$log" $status
