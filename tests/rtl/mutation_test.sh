#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Do the benches find bugs? Each of tests/rtl/mutants.toml is brought to life in turn, and some bench
# has to fail; with none alive all have to pass. One line of TAP a bug, with what found it.
#
#   mutation_test.sh [NAME]...   only these; without names the result is kept for the same programs
#
# A bench that is still running after the time limit found something only where the list says that
# the bug may hang one.
set -euo pipefail
cd "$(dirname "$0")/../.."

dir=build/tests/rtl/mutants
list=tests/rtl/mutants.toml
limit=300
benches=("system_test" "queue_test" "random_test --seconds 200 --episodes 20")

export TERN_STOP_AT_FAILURE=1

# fails NUMBER BENCH...: what the bench found, or nothing
fails() {
	local number=$1 status=0 out
	shift
	out=$(TERN_MUTANT=$number timeout "$limit" nice "$dir/$1" "${@:2}" 2>&1) || status=$?
	case $status in
	0) return 0 ;;
	124) echo "$1: time limit" ;;
	*) echo "$1: $(grep -m1 -E '^not ok|^# assertion|^# .*: again' <<< "$out" || echo "exit $status")" ;;
	esac
}

# one NUMBER FIRST HANGS NAME BREAKS: its line of TAP
one() {
	local number=$1 first=$2 hangs=$3 name=$4 breaks=$5 bench found=""
	local -a order=() late=() words
	for bench in "${benches[@]}"; do
		if [[ ${bench%% *} == "$first" ]]; then order+=("$bench"); else late+=("$bench"); fi
	done
	for bench in "${order[@]}" "${late[@]}"; do
		read -ra words <<< "$bench"
		found=$(fails "$number" "${words[@]}")
		if [[ $found == *": time limit" && $hangs != hangs ]]; then found=; fi
		if [[ $found ]]; then break; fi
	done
	found=${found//not ok/failed}
	if [[ $found ]]; then
		echo "ok $((number + 1)) - $name ($breaks): ${found//#/}"
	else
		echo "not ok $((number + 1)) - $name ($breaks): nothing found it"
	fi
}

if [[ ${1:-} == --one ]]; then
	shift
	one "$@"
	exit
fi

key=$(cat "$dir"/*_test "$list" "$0" | sha256sum | cut -c1-24)
kept=${CACHE:-$HOME/.cache/tern}/mutants-$key
if [[ $# -eq 0 && -f $kept ]]; then
	echo "# found before, by the same programs"
	cat "$kept"
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests/rtl/mutate list "$list" > "$work/list"
for name in "$@"; do
	if ! cut -f4 "$work/list" | grep -qxF -- "$name"; then
		echo "mutation_test.sh: $name is not in $list" >&2
		exit 2
	fi
done

# None alive: every bench passes, with the same options.
{
	found=
	for bench in "${benches[@]}"; do
		read -ra words <<< "$bench"
		found+=$(fails 0 "${words[@]}")
	done
	if [[ $found ]]; then echo "not ok 1 - no bug, and yet: $found"; else echo "ok 1 - no bug, no failure"; fi
} > "$work/0"

while IFS=$'\t' read -r number first hangs name breaks; do
	if [[ $# -gt 0 && " $* " != *" $name "* ]]; then continue; fi
	printf '%s\0' "$number" "$first" "$hangs" "$name" "$breaks"
done < "$work/list" > "$work/args"
# shellcheck disable=SC2016
xargs -0 -r -n5 -P2 bash -c '"$0" --one "${@:2}" > "$1/$2"' "$0" "$work" < "$work/args"

cat "$work/0" > "$work/tap"
# In the order of the list, whoever was done first.
while IFS=$'\t' read -r number _; do
	if [[ -f $work/$number ]]; then cat "$work/$number"; fi
done < "$work/list" >> "$work/tap"
if [[ $# -gt 0 ]]; then
	cat "$work/tap"
	if grep -q '^not ok' "$work/tap"; then exit 1; fi
	exit
fi
echo "1..$(wc -l < "$work/tap")" > "$work/plan"
cat "$work/tap" "$work/plan" > "$work/all"
cat "$work/all"
if grep -q '^not ok' "$work/all"; then exit 1; fi
mkdir -p "$(dirname "$kept")"
cp "$work/all" "$kept.tmp.$$"
mv "$kept.tmp.$$" "$kept"
