#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The simulator looks trits of B5 up (rtl/tern_b5.sv); what becomes gates is the function that
# filled its table. Here yosys evaluates these gates for every byte value, against base 3 by hand.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Four beats hold all 256 values; a beat is written from its last byte to its first.
script="read_verilog -sv -defer rtl/gen/tern_abi_pkg.sv rtl/tern_b5.sv; hierarchy -top tern_b5; "
script+="proc; flatten; opt -full; techmap; "
for beat in 0 1 2 3; do
	hex=
	for ((byte = 63; byte >= 0; byte--)); do
		hex+=$(printf %02x $((beat * 64 + byte)))
	done
	script+="eval -set en_i 1'1 -set beat_i 512'h$hex -show neg_o -show nz_o; "
done
echo 1..2
timeout 300 yosys -p "$script" > "$work/log" 2>&1 || {
	sed 's/^/# /' "$work/log" | tail -5
	echo "Bail out! yosys cannot evaluate rtl/tern_b5.sv"
	exit 1
}

# check NAME DIGIT: plane NAME has a 1 where the digit is as the awk condition says
check() {
	awk -v plane="$1" '$1 == "Eval" && $3 == "\\" plane "_o" { gsub(/.*'"'"'|[.]$/, ""); print }' \
		"$work/log" \
		> "$work/got"
	awk -v want="$2" 'BEGIN {
		for (beat = 0; beat < 4; beat++) {
			line = ""
			for (i = 0; i < 320; i++) {
				v = beat * 64 + int(i / 5)
				digit = int(v / 3 ^ (i % 5)) % 3
				line = (want == "0" ? digit == 0 : digit != 1) line
			}
			print line
		}
	}' > "$work/want"
	cmp -s "$work/got" "$work/want" || { echo -n "not "; failed=1; }
	echo "ok $3 - $4"
}
failed=0
check neg 0 1 "signs of all byte values"
check nz not1 2 "nonzeros of all byte values"
exit $failed
