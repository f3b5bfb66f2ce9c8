#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail

usage() {
	cat <<'END'
usage: tests/kselftest/run.sh [--kernel SERIES] [--lab OPTION]... [PROGRAM...]

Boot a guest with a simulated card and tern.ko, and run its tests there: all of them, or the
programs named (abi, bo, submit, ...). TAP. The last test is that the kernel's messages hold no
warning.

  --kernel SERIES  Debian's kernel of that series: 6.1 (default) or 6.12; or debug, 6.1 with all
                   that watches a driver (driver/debug.config)
  --lab OPTION     one more option for tools/lab/run, such as --iommu or --sim=ARGS

exit status: 0 all passed, 1 a failure, 2 usage
END
}

cd "$(dirname "$0")/../.." || exit 1
. tests/kselftest/console.sh
options=() sim='' series=6.1
while [ $# -gt 0 ]; do
	case $1 in
	--help) usage; exit 0 ;;
	--kernel)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		series=$2
		shift 2
		;;
	--lab)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		case $2 in
		--sim=*) sim=${2#--sim=} ;;
		*) options+=("$2") ;;
		esac
		shift 2
		;;
	-*) usage >&2; exit 2 ;;
	*) break ;;
	esac
done

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
status=0
tools/lab/run --timeout 540 --log "$log" --sim "$sim" "${options[@]}" \
	--kernel "build/lab/linux-$series" --insmod "build/driver/$series/tern.ko" --file /kselftest=build/tests/kselftest \
	-- sh /kselftest/guest.sh "$@" 2> "$log/stderr" |
	awk -f tests/kselftest/tap.awk | tee "$log/tap" || status=1
close_run "$log" $status
