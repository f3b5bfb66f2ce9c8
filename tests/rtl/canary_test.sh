#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Do assertions fire? A model that breaks each rule on purpose must die of it and say which one; the
# same model built without --assert must stay silent, which is why every bench is built with it.
#
# Usage: tests/rtl/canary_test.sh    (prints TAP; make builds the two models)
set -euo pipefail
cd "$(dirname "$0")/../.."

on=build/tests/rtl/canary/canary
off=build/tests/rtl/canary_silent/canary
# What each must set off; TERN_ASSERT_STABLE names its two after the signals they watch.
crimes=(none Canaryvalid_o Canarydata_o CanaryProperty CanarySequence NoOverflow NoUnderflow)
ended="ran to its end"
count=0 failed=0

ok() {
	count=$((count + 1))
	if "$1"; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' <<<"$out"
		failed=1
	fi
}
run() {
	# A failed assertion ends in abort(): keep the shell's own word on that out of the output.
	status=0
	out=$({ timeout 20 "$@"; } 2>&1) || status=$?
}
quiet() { [[ $status -eq 0 && $out == "$ended" ]]; }
caught() { [[ $status -ne 0 && $status -ne 124 && $out == *"${crimes[i]}"* && $out != *"$ended"* ]]; }

for i in "${!crimes[@]}"; do
	run "$on" "$i"
	if [[ $i -eq 0 ]]; then
		ok quiet "nothing fires where nothing is wrong"
	else
		ok caught "${crimes[i]} fires, names itself and ends the simulation"
	fi
done
for i in "${!crimes[@]}"; do
	run "$off" "$i"
	ok quiet "built without --assert: silent (${crimes[i]})"
done
echo "1..$count"
exit $failed
