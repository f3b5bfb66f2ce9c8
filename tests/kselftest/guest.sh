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
# On the debug kernel: is there memory that nothing points to any more? It has to be 5 s old, and two
# scans have to miss it.
leaks=/sys/kernel/debug/kmemleak
no_leaks() { sleep 6; echo scan > $leaks && echo scan > $leaks && ! grep . $leaks; }

# On the debug kernel the module's own tests have run when it was loaded. Their results are in the form
# of the programs', a level down.
kunit() {
	dmesg | sed 's/^\[[^]]*\] //' | awk '
		inside && /^(not )?ok / { print "@end 0"; inside = 0 }
		# A case with many parameters has one as well, no further in than the suite has.
		inside && sub(/^    /, "") && !/^ / { if (!/^# Subtest/) print; next }
		!inside && /^    # Subtest: tern_/ { print "@begin KUnit " $3; inside = 1 }'
}
[ ! -d /sys/kernel/debug/kunit ] || {
	check "KUnit has suites" [ -d /sys/kernel/debug/kunit/tern_queue ]
	kunit
}

check "there is a device" [ -c /dev/tern0 ]
all=
if [ $# -eq 0 ]; then
	all=1
	set -- abi bo submit result wait context dmabuf isolation observe pmu lifetime reset remove race
fi
for program; do
	run "$program" "${program}_test"
done
# Before the module goes, and the names of its functions with it.
[ ! -e $leaks ] || check "nothing has leaked" no_leaks
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
[ ! -e $leaks ] || check "nothing leaks without the module" no_leaks
echo "@done"
