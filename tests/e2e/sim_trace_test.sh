#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# ternsim --trace: what it says of a run of ternlm is what ternlm and the statistics say.
# Prints TAP. Run from the repository's root, after `make all`.
set -euo pipefail

sim=${TERNSIM:-build/ternsim}
. tests/e2e/simulator.sh

# run OPTION...: ternlm on a simulator with these options; its JSON in $dir/lm.json
run() {
	start "$sim" --stats "$dir/stats.json" "$@"
	timeout 120 build/ternlm -m models/unixdoc/unixdoc.gguf -p "The open" -n 3 --json \
		--device "vfio-user:$dir/s" > "$dir/lm.json"
	stop
}

# agree FILTER: a jq filter over the trace ($t), ternlm's JSON ($lm) and the statistics ($st)
agree() {
	jq -en --slurpfile tf "$dir/t.json" --slurpfile lf "$dir/lm.json" \
		--slurpfile sf "$dir/stats.json" '
		$tf[0] as $t | $lf[0] as $lm | $sf[0] as $st |
		($t.traceEvents | map(select(.cat == "job"))) as $jobs |
		($t.traceEvents | map(select(.cat == "dma" and .ph == "X"))) as $dma | '"$1"
}

run --trace "$dir/t.json"
check "the trace is JSON" jq -e .traceEvents "$dir/t.json"
check "it has each job of the card" agree '($jobs | length) == $st.device.jobs and $st.device.jobs > 100'
check "each of ternlm's jobs has its layer's name" agree '
	[$jobs[].name | select(test("^blk\\.[0-7]\\.(attn_(q|k|v|output)|ffn_(gate|up|down))$"))]
	| length == $lm.jobs and (unique | length) == 56'
check "a layer's counters are those that ternlm has got" agree '
	[$jobs[] | select(.name | test("^blk")) | .kind = (.name | split(".")[2])]
	| group_by(.kind) | map({ key: .[0].kind, value: (map(.args) | {
		jobs: length, cycles: (map(.cycles) | add),
		array_cycles: (map(.array) | add), stall_activations: (map(.stall_activations) | add),
		stall_link: (map(.stall_link) | add), adds: (map(.adds) | add) }) })
	| from_entries as $traced
	| $lm.layers | length == 7 and all(to_entries[]; . as $e | $traced[.key]
		| to_entries | all(.value == $e.value[.key]))'
check "all that went over the link is there" agree '
	def bytes(f): [$dma[] | select(.name | test(f)) | .args.bytes] | add;
	bytes("^read|^command") == $st.link.read_bytes and
	bytes("^write|^completion") == $st.link.written_bytes and
	([$dma[] | select(.name | test("^command")) | .args.bytes] | add) == 64 * $st.device.jobs'
check "slices of a row do not overlap" agree '
	$jobs + $dma | group_by(.tid) | all(
		sort_by(.ts) | [., .[1:]] | transpose | map(select(.[1]))
		| all(.[0].ts + .[0].dur <= .[1].ts + 1e-6))'
check "a job ends after it began, with the cycles that it says" agree '
	all($jobs[]; .dur > 0 and .args.status == 0)'
check "interrupts and doorbells are there" agree '
	([$t.traceEvents[] | select(.name == "interrupt")] | length) == $st.device.interrupts and
	([$t.traceEvents[] | select(.name == "doorbell")] | length) > 0'
check "the statistics count its events" agree '
	$st.trace.left_out == 0 and $st.trace.bytes > 0 and
	($t.traceEvents | map(select(.ph != "M")) | length) <= $st.trace.events'

run --trace "$dir/t.json" --trace-limit 64KiB
check "a limit holds" test "$(stat -c %s "$dir/t.json")" -le 65536
check "and is used" test "$(stat -c %s "$dir/t.json")" -gt 50000
check "the shorter trace is JSON too, and says that it is shorter" agree '
	$st.trace.left_out > 0 and
	any($t.traceEvents[]; .name == "limit of the trace") and ($jobs | length) > 10'
check "and so does the log" grep -q "reached its limit of 65536 bytes" "$dir/sim.err"

run
check "none is written unless asked for" agree '$st.trace == null'

check "a limit that is none is refused" bash -c "
	! '$sim' --socket '$dir/s' --trace-limit many 2> '$dir/said.err' &&
	grep -q 'is not a size' '$dir/said.err'"
check "a file that can't be made is named" bash -c "
	'$sim' --socket '$dir/s' --trace '$dir/no/t.json' 2> '$dir/said.err'; test \$? -eq 3 &&
	grep -q 'no/t.json' '$dir/said.err'"
check "a full disk is told" bash -c "
	'$sim' --socket '$dir/s2' --trace /dev/full 2> '$dir/full.err' & pid=\$!
	for i in {1..100}; do grep -q ready '$dir/full.err' && break; sleep 0.05; done
	kill -TERM \$pid; wait \$pid; test \$? -eq 1 && grep -q \"can't write all of /dev/full\" '$dir/full.err'"

finish
