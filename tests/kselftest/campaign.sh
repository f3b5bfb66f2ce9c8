#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail

usage() {
	cat <<'END'
usage: tests/kselftest/campaign.sh [OPTION]... [CAMPAIGN[=ROUNDS]]...

Boot a guest with a simulated card and run campaigns against tern.ko there, all of them or those
named, so many rounds (the default in brackets):

  fuzz      calls of ioctl() by four processes of two threads each (1000000)
  kills     kill -9 of a process in mid-job (500)
  resets    by sysfs and by function level reset, under load of three processes (100)
  removals  surprise removal and return of the card, under the same load (50)

After each a job is run and compared with the reference; at the end of a campaign nothing that it
took may be left (slabs, pinned pages, dma-bufs, device memory; DMA mappings and kmemleak where the
kernel has them), and the kernel may not have complained. TAP, and a table.

  --short          a fiftieth of that, or a little more: what make check runs
  --kernel SERIES  6.1 (default), 6.12, or another that tests/kselftest/run.sh knows
  --seed S         of fuzz; it prints the one that it takes
  --lab OPTION     one more option for tools/lab/run, such as --sim=ARGS
  --timeout S      the whole may take so long (3600)

exit status: 0 all passed, 1 a failure, 2 usage
END
}

cd "$(dirname "$0")/../.." || exit 1
. tests/kselftest/console.sh
options=() sim='' series=6.1 seed='' limit=3600
rounds='fuzz=1000000 kills=500 resets=100 removals=50'
while [ $# -gt 0 ]; do
	case $1 in
	--help) usage; exit 0 ;;
	--short) rounds='fuzz=8000 kills=20 resets=5 removals=3' limit=540 ;;
	--kernel | --seed | --lab | --timeout)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		case $1=$2 in
		--kernel=*) series=$2 ;;
		--seed=*) seed=$2 ;;
		--timeout=*) limit=$2 ;;
		--lab=--sim=*) sim=${2#--sim=} ;;
		*) options+=("$2") ;;
		esac
		shift
		;;
	-*) usage >&2; exit 2 ;;
	*) break ;;
	esac
	shift
done
campaigns=()
for name in "${@:-}"; do
	case $name in
	'') read -ra campaigns <<< "$rounds" ;;
	*=*[!0-9]* | *=) usage >&2; exit 2 ;;
	fuzz=* | kills=* | resets=* | removals=*) campaigns+=("$name") ;;
	fuzz | kills | resets | removals) campaigns+=("$(tr ' ' '\n' <<< "$rounds" | grep "^$name=")") ;;
	*) usage >&2; exit 2 ;;
	esac
done

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
status=0
tools/lab/run --timeout "$limit" --log "$log" --sim "$sim" --faults "${options[@]}" \
	--kernel "build/lab/linux-$series" --insmod "build/driver/$series/tern.ko" \
	--file /kselftest=build/tests/kselftest \
	-- env SEED="$seed" sh /kselftest/campaign_guest.sh "${campaigns[@]}" 2> "$log/stderr" |
	tee >(grep --line-buffered -E '^# .*[0-9]+ of [0-9]+.*, [0-9]+ s$|^# --seed' >&2) |
	awk -f tests/kselftest/tap.awk | tee "$log/tap" || status=1
grep '^# = ' "$log/tap"
close_run "$log" $status
