#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The header, the version map and the shared library name the same functions.
# Usage: tests/unit/lib_symbols_test.sh      from the repository's root
set -euo pipefail

header=userspace/lib/include/libtern.h map=userspace/lib/libtern.map lib=build/libtern.so.1
count=0 failed=0

check() {
	local name=$1 ok=ok
	shift
	count=$((count + 1))
	if ! "$@"; then
		ok='not ok'
		failed=1
	fi
	echo "$ok $count - $name"
}

same() {
	diff -u --label "$1" --label "$2" <("$3") <("$4") | sed 's/^/# /'
	return "${PIPESTATUS[0]}"
}

in_header() { gcc -E -P -Idriver/uapi "$header" | grep -oE '\btern_[a-z0-9_]+\(' | tr -d '(' | sort -u; }
in_map() { grep -oE '\btern_[a-z0-9_]+;' "$map" | tr -d ';' | sort -u; }
in_lib() { nm -D --defined-only "$lib" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u; }
soname() { readelf -d "$lib" | grep -q 'soname: \[libtern.so.1\]'; }

check 'the map exports what the header declares' same header map in_header in_map
check 'the library exports what the map says' same map library in_map in_lib
check 'the library is called libtern.so.1' soname
echo "1..$count"
exit "$failed"
