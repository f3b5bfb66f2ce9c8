#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What `make study-validate` relies on: outcomes that are kept are not run again, also after a
# kill -9; the report is the same however often it was stopped; what is out of bounds is seen. TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export TERNSIM=$PWD/build/ternsim
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 failed=0

ok() {
	n=$((n + 1))
	if "${@:2}"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		failed=1
		sed 's/^/# /' "$work/out" | tail -n 5
	fi
}
# study STORE OPTION...: memory without refreshes, where cycles are the same in each run
study() {
	local store=$1
	shift
	mkdir -p "$work/$store"/{rtl-0,model-0}
	timeout 120 build/tests/model/study -c base -m 700M -m 3B -r 100 -t 1 -t 8 "$@" \
		--rtl-store "$work/$store/rtl-0" --model-store "$work/$store/model-0" > "$work/out" 2>&1
}
# What exists, and since when. A file that is written again is another file.
files() { (cd "$work/$1" && find . -type f -name 'base.*.100' -printf '%p %i %s\n' | sort); }
# exits STATUS COMMAND...
exits() {
	local status=0
	"${@:2}" || status=$?
	[ $status -eq "$1" ]
}

ok "a table, two at a time" study whole -j 2 --report "$work/whole.md"
ok "has all points" grep -q '^| all | 8 | 8 | 0.000 % | 0.000 % | 0 |$' "$work/whole.md"
ok "sixteen outcomes are kept" [ "$(files whole | wc -l)" -eq 16 ]
files whole > "$work/before"
ok "and taken as they are" study whole --stored --report "$work/again.md"
ok "for the same report" cmp -s "$work/whole.md" "$work/again.md"

# Killed as a whole after its third outcome, whatever is being written then.
mkdir -p "$work/killed"/{rtl-0,model-0}
setsid bash -c "$(declare -f study); work='$work'; study killed" &
killed=$!
for ((i = 0; i < 3000 && $(files killed | wc -l) < 3; i++)); do sleep 0.01; done
kill -9 -- -$killed
wait $killed 2> /dev/null
files killed > "$work/before"
ok "killed on the way" [ "$(wc -l < "$work/before")" -ge 3 ]
ok "it goes on" study killed --report "$work/killed.md"
files killed > "$work/after"
ok "runs nothing again" [ -z "$(comm -23 "$work/before" "$work/after")" ]
ok "and comes to the same report" cmp -s "$work/whole.md" "$work/killed.md"

one=$work/killed/model-0/base.3B.b5.8.100
head -n 4 "$one" > "$work/half"
cp "$work/half" "$one"
ok "half an outcome is none" study killed --stored --report "$work/half.md"
ok "and a gap in the report" grep -q '^| all | 7 of 8 | 7 |' "$work/half.md"
ok "until it has run again" study killed --report "$work/killed.md"
ok "with the same outcome" cmp -s "$work/whole.md" "$work/killed.md"

# A cycle in fifty of one job, and a bit of its result.
awk '/^job/ && !seen++ { $3 = int($3 * 1.02) } 1' "$one" > "$work/slow"
sed 's/^sums ./sums 0/' "$one" > "$work/wrong"
cp "$work/slow" "$one"
ok "a job 2 % too long is within its bound" study killed --stored
ok "and not within 1 %" exits 1 study killed --stored --max-job 0.01
cp "$work/wrong" "$one"
ok "other sums are an error" exits 1 study killed --stored
ok "and named" grep -q '^base 3B b5 T=8: .*RESULTS DIFFER$' "$work/out"

# What is kept of a body that is no longer that one.
one=$work/whole/rtl-0/base.3B.b5.1.100
ok "what is kept is still true" study whole --stored --again 8
sed -i 's/^sums ./sums 0/' "$one"
ok "or other sums are noticed" exits 3 study whole --stored --again 8
ok "and what to do is said" grep -q "^study: base 3B b5 T=1 on rtl .*, or other sums: remove '.*/rtl-0'$" "$work/out"

echo "1..$n"
exit $failed
