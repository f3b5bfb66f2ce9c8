#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a simulated card costs that a guest is attached to and does not use:
#   sim.idle.percent   processor time of ternsim, in percent of one core, over ten seconds with
#                      tern.ko bound and a file open
# Usage: idle.sh (from the repository's root)

set -euo pipefail

seconds=10
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
cat > "$log/measure" <<'END'
# Nanoseconds on a processor, of all threads.
on_cpu() { awk '{ ns += $1 } END { printf "%.0f\n", ns }' "/proc/$TERN_SIM_PID"/task/*/schedstat; }
[ "$(< "/proc/$TERN_SIM_PID/comm")" = ternsim ] || exit 1
before=$(on_cpu)
sleep "$1"
echo $(($(on_cpu) - before)) > "$2"
END
tools/lab/run --timeout 120 --sim "" --insmod build/driver/6.1/tern.ko \
	--on "IDLE=bash '$log/measure' $seconds '$log/ns'" \
	-- sh -c "exec 3<> /dev/tern0; sleep 2; echo IDLE; sleep $((seconds + 2))" > /dev/null
awk -v seconds="$seconds" '{ printf "sim.idle.percent\t%.4f\t%% of a core\n", $1 / seconds / 1e7 }' \
	"$log/ns"
