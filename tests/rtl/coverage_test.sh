#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs benches on instrumented models and prints the table of what they reached. What was found
# before, with the same programs, sources and list, is looked up.
#
#   coverage_test.sh PROGRAM...   in build/tests/rtl/coverage
#
# Exit: 0 enough was reached, 1 not, or a bench failed, 2 usage
set -euo pipefail
cd "$(dirname "$0")/../.."

if [[ $# -eq 0 || $1 == -* ]]; then
	sed -n '4,9s/^# \{0,1\}//p' "$0"
	[[ ${1:-} == -h || ${1:-} == --help ]] && exit 0
	exit 2
fi

dir=build/tests/rtl/coverage
out=build/coverage
list=tests/rtl/coverage.toml
sources=(rtl/gen/tern_abi_pkg.sv rtl/gen/tern_reg_top.sv rtl/tern_*.sv tests/rtl/unit_*.sv)
# A number of episodes, and not of seconds, so that the same is reached every time.
random=(--episodes 16 --seconds 100000)
seed=1

key=$(cat "${@/#/$dir/}" "$list" "$0" tests/rtl/coverage "${sources[@]}" | sha256sum | cut -c1-24)
kept=${CACHE:-$HOME/.cache/tern}/coverage-$key
if [[ -f $kept ]]; then
	cat "$kept"
	exit
fi

rm -rf "$out"
mkdir -p "$out"
export TERN_COVERAGE=$out
for program in "$@"; do
	options=()
	if [[ $program == */random_test ]]; then options=("${random[@]}" --seed "$seed"); fi
	if ! nice "$dir/$program" "${options[@]}" > "$out/tap" 2>&1; then
		grep -v '^ok' "$out/tap" >&2
		echo "coverage_test.sh: $program failed" >&2
		exit 1
	fi
	seed=$((seed + 1000))
done
tests/rtl/coverage --holes "$list" "$out" "${sources[@]}" > "$out/table" || {
	cat "$out/table"
	exit 1
}
rm -f "$out"/*.lines "$out"/*.toggles
cat "$out/table"
mkdir -p "$(dirname "$kept")"
cp "$out/table" "$kept.tmp.$$"
mv "$kept.tmp.$$" "$kept"
