#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fidelity sampled=N: what is done again, what is said of it, and that a wrong model is caught.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/e2e/simulator.sh

sim=build/ternsim
unset TERNSIM

# exits CODE TEXT OPTION...: the simulator ends with this status, and says this
exits() {
	local got=0
	# shellcheck disable=SC2154 # of simulator.sh
	timeout 20 "$sim" "${@:3}" > "$dir/out" 2>&1 || got=$?
	cat "$dir/out"
	[[ $got -eq $1 ]] && grep -qF -- "$2" "$dir/out"
}

# run NAME OPTION... -- COMMAND...: a card with these options for a command that gets its socket; what
# it says and lists is kept under the name, its status in $ended
run() {
	local name=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	start "$sim" --stats "$dir/$name.json" --samples "$dir/$name.list" "${options[@]}"
	timeout 120 "$@" "vfio-user:$dir/s" > "$dir/$name.out" 2>&1 || true
	ended=0
	kill -TERM "$pid"
	wait "$pid" || ended=$?
	pid=
	cp "$dir/sim.err" "$dir/$name.err"
}

lm() {
	build/ternlm -m models/unixdoc/unixdoc.gguf -p "The open" -n "$1" --device "$2"
}
export -f lm

# stat NAME FILTER: true if jq says so of the statistics
stat() { jq -e "$2" "$dir/$1.json"; }

# ---------------------------------------------------------------- options

for wrong in sampled= sampled=0 sampled=x sampled=-1 sampled=1.5 sampled=1000001 \
		sampled=99999999999999999999 "sampled= 4"; do
	check "'$wrong' is refused" exits 2 "N of \"sampled=N\" can be 1 to 1000000" \
		--fidelity "$wrong" --show-config
done
check "'sampled' alone is refused" exits 2 "is no fidelity" --fidelity sampled --show-config
check "sampled=64 is taken" exits 0 'fidelity = "sampled=64"' --fidelity sampled=64 --show-config
check "a seed out of range" exits 2 "simulator.sample_seed" --show-config \
	--set simulator.sample_seed=-1
check "--samples without a sample" exits 2 "it is for sampled=N" \
	--socket "$dir/s" --samples "$dir/none" --fidelity model
check "a list that can't be written" exits 3 "can't write $dir/no/list" \
	--socket "$dir/s" --samples "$dir/no/list" --fidelity sampled=4
check "--help names the status" exits 0 "5  a sampled job had other results" --help

# ---------------------------------------------------------------- all jobs

# Copies, fills, GEMMs of many shapes, errors.
run selftest --config edge --fidelity sampled=1 -- build/tern selftest -d
check "the self-test passes" grep -q "^ok .* the device works after all" "$dir/selftest.out"
check "and fails nowhere" test "$(grep -c '^not ok' "$dir/selftest.out")" -eq 0
check "the simulator is content" test "$ended" -eq 0
check "every job was done again" stat selftest '.sampled.jobs > 150 and
	.sampled.jobs == .device.jobs and .sampled.jobs_sampled == .sampled.jobs and
	.sampled.jobs_not_measured == 0 and .sampled.jobs_waiting == 0'
check "with the same results" stat selftest '.sampled | .results_differ == 0 and .counts_differ == 0'
check "and the same cycles" stat selftest '.sampled | .cycles_differ == 0 and .worst_error == 0 and
	.estimate.ratio == 1 and .estimate.low == .model_cycles and .estimate.high == .model_cycles'
check "of all jobs nothing is left to guess" stat selftest '.sampled.cycles_differ_at_most == 0'
check "each has ended" stat selftest '.sampled | .jobs_not_ended == 0 and .jobs_crowded == 0'
check "there is nothing to warn of" bash -c '! grep -q "could not be" "$0"' "$dir/selftest.err"
check "the list has a line of each" test "$(grep -c equal "$dir/selftest.list")" -eq \
	"$(jq .sampled.jobs "$dir/selftest.json")"

run all --config base --fidelity sampled=1 -- bash -c 'lm 4 "$0"'
check "a network runs on it" grep -q "device cycles a token" "$dir/all.out"
check "no job has other results or cycles in RTL" stat all '.sampled | .jobs > 100 and
	.jobs_sampled == .jobs and .results_differ == 0 and .cycles_differ == 0'
check "done again, each job takes the model what it took at first" stat all \
	'.sampled | .again.same_cycles == .jobs and .again.worst_error == 0'
check "jobs have the names of their layers" grep -qE $'\tblk\\.0\\.ffn_down\tGEMM\t' "$dir/all.list"
check "one line sums it up" grep -qE "sampled: ([0-9]+) of \1 jobs done again in RTL, results of 0 differ" \
	"$dir/all.err"

# Bare commands, wrong ones among them, of several queues.
printf '#!/bin/sh\nexec "%s" --fidelity sampled=1 --samples "%s" "$@"\n' "$PWD/$sim" \
	"$dir/device.list" > "$dir/sampled"
chmod +x "$dir/sampled"
check "jobs of the device's test as well" env TERN_TEST_LOG=1 TERNSIM="$dir/sampled" bash -c '
	set -o pipefail
	build/tests/unit/sim_device_test 2>&1 | tee /dev/stderr "$1" |
		grep -E "sampled: ([0-9]+) of \1 jobs done again in RTL, results of 0 differ; .*\+0\.00000 % at worst"' \
	device "$dir/device.out"

check "those that a reset ended are warned of" grep -E \
	"warning: sampled: [1-9][0-9]* of the jobs to be done again could not be \(0 were among" "$dir/device.out"
# A line is written when its job is completed: the GEMM's number is smaller than theirs.
check "one of them was passed by 130 others" awk -F '\t' '$4 == "GEMM" {
	for (n = 0; $1 + 1 + n in seen; n++); if (n > most) most = n }
	{ seen[$1] = 1 } END { print "# " most; exit most <= 130 }' "$dir/device.list"

# ---------------------------------------------------------------- some jobs

run some --config base --fidelity sampled=8 --set simulator.sample_seed=3 -- bash -c 'lm 4 "$0"'
run again --config base --fidelity sampled=8 --set simulator.sample_seed=3 -- bash -c 'lm 4 "$0"'
run other --config base --fidelity sampled=8 --set simulator.sample_seed=4 -- bash -c 'lm 4 "$0"'

# numbers NAME: of the jobs in the list
numbers() { sed 1d "$dir/$1.list" | cut -f1 | sort -n; }

check "the same text comes out" cmp <(head -n 1 "$dir/all.out") <(head -n 1 "$dir/some.out")
check "a seed samples the same jobs again" cmp <(numbers some) <(numbers again)
check "another one others" test "$(numbers some)" != "$(numbers other)"
check "two of each 16" awk '{ n[int(($1 - 1) / 16)]++ } END { for (b in n) if (n[b] > 2) exit 1 }
	END { for (b = 0; b < 8; b++) if (n[b] != 2) exit 1 }' <(numbers some)
check "each as when all are done again" test -z "$(comm -13 <(sed 1d "$dir/all.list" | sort) \
	<(sed 1d "$dir/some.list" | sort))"
# The total from the run in which each job has a line, the errors from the sample's.
check "statistics are those of the lists" stat some "$(awk -F '\t' '
	FNR == 1 { file++; next }
	file == 1 { total += $11; jobs++ }
	file == 2 { n++; e = ($12 - $13) / $13; sum += e; if (e < 0) e = -e; if (e > worst) worst = e }
	END { printf ".sampled | .jobs == %d and .model_cycles == %d and .jobs_sampled == %d and " \
		".every == 8 and .seed == 3 and .mean_error - %g < 1e-9 and %g - .mean_error < 1e-9 and " \
		".worst_error == %g and .cycles_differ == 0", jobs, total, n, sum / n, sum / n, worst }' \
	"$dir/all.list" "$dir/some.list")"
check "and the estimate with them" stat some '.sampled | .estimate.cycles == .model_cycles and
	.estimate.confidence == 0.95 and .estimate.low <= .estimate.cycles and
	.estimate.high >= .estimate.cycles'
# Of 28 jobs without a difference: 1 - 0.05^(1/28).
check "what no difference may hide" stat some '.sampled |
	(.cycles_differ_at_most - (1 - ((0.05 | log) / .jobs_sampled | exp)) | fabs) < 1e-6'
check "libtern's cards as well" env TERNSIM="$PWD/$sim" bash -c 'lm 2 \
	sim:edge,simulator.fidelity=sampled=16 2>&1 | grep -E "sampled: [0-9]+ of [0-9]+ jobs"'

# ---------------------------------------------------------------- a wrong model

# A bit of the weights that the model reads, and only it.
echo "memory corrupt nth=40 bit=5" > "$dir/faults"
run wrong --config base --fidelity sampled=1 --faults "$dir/faults" -- bash -c 'lm 1 "$0"'
check "a wrong result is found" stat wrong '.faults.memory_corrupt == 1 and
	.sampled.results_differ == 1'
check "and told: which job, where, what" grep -qE "error.*job [0-9]+ \(blk\.[a-z0-9._]+, n [0-9]+, k [0-9]+, t [0-9]+, queue [0-9]+\): results of RTL and model differ, first at 0x[0-9a-f]+ of (host|device) memory: 0x[0-9a-f]{2} in RTL, 0x[0-9a-f]{2} in the model" \
	"$dir/wrong.err"
check "the status says so" test "$ended" -eq 5
check "and the list" test "$(grep -c differ "$dir/wrong.list")" -eq 1

echo "dma corrupt direction=write of=data nth=9 bit=100" > "$dir/faults"
run stray --config edge --fidelity sampled=1 --faults "$dir/faults" -- bash -c 'lm 1 "$0"'
check "so is a wrong byte on its way out" test "$ended" -eq 5

echo "dma abort of=data direction=read nth=5" > "$dir/faults"
run abort --config edge --fidelity sampled=1 --faults "$dir/faults" -- bash -c 'lm 1 "$0"'
check "so is another status" grep -qE "its status is 0 in RTL, 6 in the model" "$dir/abort.err"

# ---------------------------------------------------------------- while it works

start "$sim" --stats "$dir/now.json" --config base --fidelity sampled=1
for ((i = 0; i < 6; i++)); do
	# The shell has a line for each corpse.
	{ timeout -s KILL "0.$((i + 1))" bash -c 'lm 8 "$0"' "vfio-user:$dir/s"; } \
		> /dev/null 2>&1 || true
done
check "clients may die at any time" bash -c 'lm 1 "$0" > /dev/null' "vfio-user:$dir/s"
kill -USR1 "$pid"
for ((i = 0; i < 100; i++)); do
	[[ ! -s $dir/now.json ]] || break
	sleep 0.05
done
check "statistics at any time" stat now '.sampled | .jobs_sampled > 0 and .results_differ == 0'
check "it ends well" stop

finish
