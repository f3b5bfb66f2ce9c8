#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Cycles in which the RTL only waits are passed over, or evaluated one by one: each job has the
# same counters. Refreshes come at times that nobody who rings a doorbell knows; there are none.
# Prints TAP. Run from the repository's root, after `make all`.
set -euo pipefail

. tests/e2e/simulator.sh

# jobs CONFIG BOOLEAN PROGRAM OPTION...: a line for each job of the program, without its times
jobs() {
	start build/ternsim --config "$1" --set memory.t_refi_ns=0 --set "simulator.pass_over_waits=$2" \
		--trace "$dir/trace.json"
	timeout 200 "${@:3}" "vfio-user:$dir/s" > "$dir/out" 2>&1 || echo "$3 failed"
	stop
	jq -c '.traceEvents[] | select(.args.job) | del(.ts, .dur, .args.fetched_us)' "$dir/trace.json"
}

for config in base edge server; do
	for program in "build/ternlm -m models/unixdoc/unixdoc.gguf -p The -n 1 --check --device" \
		"build/tern selftest -d"; do
		read -ra words <<< "$program"
		jobs $config false "${words[@]}" > "$dir/evaluated"
		jobs $config true "${words[@]}" > "$dir/passed_over"
		check "$config, ${words[0]}: there are jobs to compare" \
			test "$(wc -l < "$dir/evaluated")" -ge 24
		check "$config, ${words[0]}: their counters are the same" \
			diff "$dir/evaluated" "$dir/passed_over"
	done
done
finish
