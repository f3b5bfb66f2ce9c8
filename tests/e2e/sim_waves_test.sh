#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# ternsim --waves: signals of the RTL for a job, for cycles, around an assertion; and how
# large the file gets. On the smallest model, which has assertions too.
# Prints TAP. Run from the repository's root, after `make all`.
set -euo pipefail

sim=build/tests/ternsim-checked-edge
. tests/e2e/simulator.sh

# run OPTION...: a token of ternlm on a simulator with these options
run() {
	rm -f "$dir"/*.fst
	start "$sim" --config edge "$@"
	timeout 120 build/ternlm -m models/unixdoc/unixdoc.gguf -p "The" -n 1 --check \
		--device "vfio-user:$dir/s" > "$dir/lm.out" 2>&1 || true
	stop
}

# of NAME [FILE]: what fst_signals has said of the file
of() { build/tests/fst_signals "${2:-$dir/w.fst}" clk_i irq_o soft_rst_o | awk -v n="$1" '$1 == n { print $2 }'; }
# is A OP B
is() {
	echo "$*"
	test "$@"
}
size() { stat -c %s "$dir/$1"; }

run --waves "$dir/w.fst" --waves-jobs 3-5 --trace "$dir/t.json"
# Times of the trace are microseconds, those of the file picoseconds.
ps() { jq ".traceEvents | map(select(.args.job == $1)) | .[0] | ($2) * 1000000 | round" "$dir/t.json"; }
check "signals of three jobs are written" is "$(of signals)" -gt 1000
check "from before the first one's command is there" is "$(of start)" -lt "$(ps 3 .args.fetched_us)"
check "but not from before the one before" is "$(of start)" -ge "$(ps 2 .args.fetched_us)"
check "until the last one has ended" is "$(of end)" -gt "$(ps 5 '.ts + .dur')"
check "and a little longer" is "$(of end)" -lt "$(($(ps 5 '.ts + .dur') + 1000000))"
cycles=$(sed -n 's/.*w.fst: \([0-9]*\) cycles.*/\1/p' "$dir/sim.err")
check "each cycle has its edge" is "$(of clk_i)" -ge "$((cycles - 1))"
check "and no other" is "$(of clk_i)" -le "$cycles"
check "no assertion fails in a device that is well" bash -c "! grep -i assertion $dir/sim.err $dir/sim.out"
check "the sums are right with the window open" grep -q "checked bit-exact" "$dir/lm.out"

# The usual program passes over cycles in which the card only waits, this one evaluates them all.
# Refreshes come at times that nobody who rings a doorbell knows.
jobs() { jq -c '.traceEvents[] | select(.args.job) | del(.ts, .dur, .args.fetched_us)' "$dir/t.json"; }
run --set memory.t_refi_ns=0 --trace "$dir/t.json"
jobs > "$dir/evaluated"
sim=build/ternsim run --set memory.t_refi_ns=0 --trace "$dir/t.json"
jobs > "$dir/passed_over"
check "there are jobs to compare" is "$(wc -l < "$dir/evaluated")" -ge 24
check "cycles that are passed over are counted as if they were not" \
	cmp "$dir/evaluated" "$dir/passed_over"

run --waves "$dir/w.fst" --waves-cycles 1000-1999
check "a thousand cycles are a thousand" is "$(($(of end) - $(of start)))" -eq 999500
check "with an edge each" is "$(of clk_i)" -ge 999

run --waves "$dir/w.fst" --waves-cycles 0-1000000000 --waves-limit 2MiB
check "a limit of the size holds" is "$(size w.fst)" -le 2097152
check "and is used" is "$(size w.fst)" -gt 700000
check "what is there can be read" is "$(of clk_i)" -gt 1000
check "and the log says why it ends" grep -q "the limit of its size" "$dir/sim.err"

TERN_CANARY_CYCLE=30000 run --waves "$dir/w.fst" --waves-assertion 1000
check "an assertion that fails is named" grep -q "assertion of the RTL failed: .*sva" "$dir/sim.err"
before=$(of start "$dir/w.before.fst") start=$(of start) end=$(of end)
failed=30000000
check "what led to it is there" is "$before" -le "$((failed - 1000000))"
check "without a gap" is "$start" -le "$(($(of end "$dir/w.before.fst") + 500))"
check "and what followed" is "$end" -ge "$((failed + 998000))"
check "but not all of it" is "$end" -le "$((failed + 2000000))"

run
check "nothing is written unless asked for" bash -c "! ls $dir/*.fst"

refused() {
	local text=$1 got=0
	shift
	timeout 10 "$@" > "$dir/refused" 2>&1 || got=$?
	cat "$dir/refused"
	[[ $got -eq 2 ]] && grep -qF -- "$text" "$dir/refused"
}
check "the usual program has no signals" refused "make waves" \
	build/ternsim -s "$dir/s" --waves "$dir/w.fst" --waves-jobs 1
check "it wants to know when" refused "needs to know when" "$sim" -s "$dir/s" --waves "$dir/w.fst"
check "and where to" refused "where to" "$sim" -s "$dir/s" --waves-jobs 1
check "jobs count from 1" refused "from 1 on" "$sim" -s "$dir/s" --waves-jobs 0-3
check "a range does not go backwards" refused "not a range" "$sim" -s "$dir/s" --waves-cycles 9-3
check "one window is enough" refused "give one of" \
	"$sim" -s "$dir/s" --waves-jobs 1 --waves-cycles 1-2

finish
