#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The generator of the device contract: what it makes is what is committed, a drift is
# seen, and a contract that contradicts itself is refused with the value at fault.

set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

ok() {
	n=$((n + 1))
	if "${@:2}"; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

fresh() {
	rm -rf "$work/t"
	mkdir -p "$work/t/docs" "$work/t/rtl"
	cp -r abi "$work/t/"
	cp -r rtl/gen "$work/t/rtl/"
	cp docs/registers.md "$work/t/docs/"
}

# refuses EXIT TEXT: the generator ends with EXIT and says TEXT
refuses() {
	local status=0
	"$work/t/abi/generate.py" --check 2> "$work/err" || status=$?
	[[ $status -eq $1 ]] && grep -q -- "$2" "$work/err" && return 0
	sed 's/^/# /' "$work/err"
	return 1
}

edit() { sed -i "$1" "$work/t/abi/tern.toml"; }

echo "1..8"
fresh
ok "the committed files are what tern.toml says" "$work/t/abi/generate.py" --check
echo "/* drift */" >> "$work/t/abi/gen/tern_abi.h"
ok "an edited generated file is a difference" refuses 1 "abi/gen/tern_abi.h"
fresh; edit 's/^offset = 0x044$/offset = 0x048/'
ok "two registers on one offset" refuses 2 "share offset 0x48"
fresh; edit 's/name = "id", type = "u16", offset = 0x02/name = "id", type = "u16", offset = 0x01/'
ok "overlapping command fields" refuses 2 "field id: offset 0x1"
fresh; edit 's/name = "MAJOR", bits = \[31, 16\]/name = "MAJOR", bits = [32, 16]/'
ok "a field wider than its register" refuses 2 "field MAJOR: bits \[32, 16\]"
fresh; edit 's/^k_tile = 16384$/k_tile = 16385/'
ok "a buffer that is not whole beats" refuses 2 "k_tile 16385"
fresh; edit 's/{ name = "RANGE", value = 4/{ name = "RANGE", value = 3/'
ok "a status code twice" refuses 2 "enum status: a value twice"
ok "the golden vectors are what their generator makes" tests/vectors/generate.py --check
