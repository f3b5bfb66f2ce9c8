#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In the guest: run the test programs, or those named, and tell tests/kselftest/tap.awk where each
# begins and ends.
cd "$(dirname "$0")" || exit

# run LABEL PROGRAM
run() {
	echo "@begin $1"
	"./$2" 2>&1
	echo "@end $?"
}
# check NAME COMMAND...: a test of one command
check() {
	name=$1; shift
	if "$@"; then echo "@ok $name"; else echo "@not ok $name"; fi
}
no_device() { [ -z "$(ls /dev/tern* 2> /dev/null)" ]; }
# load [PARAMETER...]
load() { insmod /lab/modules/tern.ko "$@" && [ -c /dev/tern0 ]; }
unload() { rmmod tern && no_device && [ ! -d /sys/class/tern ]; }

check "there is a device" [ -c /dev/tern0 ]
all=
if [ $# -eq 0 ]; then
	all=1
	set -- abi bo submit result wait context dmabuf isolation observe pmu lifetime reset remove race
fi
for program; do
	run "$program" "${program}_test"
done
check "the module unloads" unload

if [ -n "$all" ]; then
	check "and loads again" load
	check "the node is root's" [ "$(stat -c %a:%u /dev/tern0)" = 600:0 ]
	unload

	# The smallest rings, and one queue for users and kernel alike.
	check "loads with queue_depth=4 max_vectors=1" load queue_depth=4 max_vectors=1
	for program in result wait context lifetime reset; do
		run "queue_depth=4 max_vectors=1: $program" "${program}_test"
	done
	check "unloads again" unload
	check "refuses queue_depth=100" eval \
		'insmod /lab/modules/tern.ko queue_depth=100 && no_device'
	rmmod tern
fi
echo "@done"
