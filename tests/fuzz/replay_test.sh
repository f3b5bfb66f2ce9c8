#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every recorded session, and every one that the fuzzer has found worth keeping, said to the server
# under the address and undefined behaviour sanitizers, with either body; leaks count. TAP; run from
# anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."

[[ ${1:-} != --help ]] || { sed -n '4,6s/^# //p' "$0"; exit 0; }
echo 1..4
n=0
for body in stand-in model; do
	TERN_FUZZ_BODY=$body timeout 300 build/tests/fuzz/replay tests/fuzz/sessions tests/fuzz/corpus |
		awk -v n=$n -v body="$body" '/^(not )?ok/ {
			sub(/ok [0-9]+/, "ok " ++n)
			# A model that has done nothing was never reached.
			print (body == "model" && / 0 jobs$/ ? "not " : "") $0 ", " body
		}'
	n=2
done
