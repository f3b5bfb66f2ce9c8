#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `make area` on few lanes: does synthesis still say what docs/area.md says? Not the figures, but
# which array is the larger one, and that the ternary ones multiply nothing.
#
# Usage: tests/rtl/area_test.sh    (prints TAP)
set -euo pipefail
cd "$(dirname "$0")/../.."

json=$(mktemp)
trap 'rm -f "$json" "$json.out"' EXIT
count=0 failed=0
lanes=64

ok() {
	count=$((count + 1))
	if "${@:2}"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		failed=1
	fi
}
# figure ARRAY NAME
figure() {
	sed -n "s/.*\"area\.$1\.$lanes\.$2\": \([0-9.]*\),*$/\1/p" "$json"
}
measured() {
	timeout 500 nice rtl/area/measure --lanes "$lanes" --json "$json" tern tree int8 fp16 > "$json.out" 2>&1 ||
		{ sed 's/^/# /' "$json.out"; false; }
}
zero() {
	[[ $(figure "$1" mul) == 0 ]]
}
smaller() {
	awk -v a="$(figure "$1" um2)" -v b="$(figure "$2" um2)" 'BEGIN { exit !(a > 0 && a < b) }' ||
		{ echo "# $1 $(figure "$1" um2) um2, $2 $(figure "$2" um2) um2"; false; }
}
refused() {
	local status=0
	rtl/area/measure "${@:2}" > "$json.out" 2>&1 || status=$?
	[[ $status -eq $1 ]] || { sed 's/^/# /' "$json.out"; false; }
}
# An array that multiplies.
multiplies() {
	local dir status=0
	dir=$(mktemp -d)
	cat > "$dir/bad.sv" <<-END
		module bad (input clk_i, input [7:0] a_i, input [7:0] b_i, output reg [15:0] y_o);
		always_ff @(posedge clk_i) y_o <= a_i * b_i;
		endmodule
	END
	rtl/area/measure --array "$dir/bad.sv" --json "$dir/json" tern > "$json.out" 2>&1 ||
		status=$?
	rm -r "$dir"
	[[ $status -eq 1 ]] && grep -q "has 1 multipliers" "$json.out"
}

ok "synthesis ends, with figures" measured
ok "the ternary array has no multiplier" zero tern
ok "neither has the adder tree" zero tree
ok "the ternary array is smaller than the adder tree" smaller tern tree
ok "the adder tree is smaller than the INT8 array" smaller tree int8
ok "the INT8 array is smaller than the FP16 array" smaller int8 fp16
ok "an array that multiplies is a failure" multiplies
ok "lanes that are no power of two are wrong usage" refused 2 --lanes 96
ok "an unknown row is wrong usage" refused 2 int4
echo "1..$count"
exit $failed
