#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In a guest with two cards: what perf itself makes of the PMUs. For tests/kselftest/tap.awk.
cd "$(dirname "$0")" || exit

# check NAME COMMAND...: a test of one command
check() {
	name=$1; shift
	if "$@"; then echo "@ok $name"; else echo "@not ok $name"; fi
}

# counted CARD EVENT: what perf said
counted() { awk -F, -v event="tern_$1/$2/" '$3 == event { print $1 }' /tmp/counts; }
# unit EVENT
unit() { awk -F, -v event="tern_0/$1/" '$3 == event { print $2 }' /tmp/counts; }

events=
for card in 0 1; do
	for event in cycles array_busy stall_weights bytes_read; do
		events=$events,tern_$card/$event/
	done
done
stat() {
	TERN_DEV=/dev/tern1 /bin/perf stat -x , -o /tmp/counts -e "${events#,}" ./jobs > /tmp/jobs
}
check "perf stat" stat
cat /tmp/counts
while read -r event sum; do
	check "$event is what the jobs say: $sum" [ "$(counted 1 "$event")" = "$sum" ]
	check "$event of the other card is 0" [ "$(counted 0 "$event")" = 0 ]
done < /tmp/jobs
check "cycles are counted" [ "$(counted 1 cycles)" -gt "$(counted 1 array_busy)" ]
check "bytes have a unit" [ "$(unit bytes_read)" = Bytes ]
check "cycles have none" [ -z "$(unit cycles)" ]
check "perf stat of all cards" /bin/perf stat -x , -o /tmp/counts -e tern/bytes_read/ ./jobs
check "is the sum of them" grep -q "^$(sed -n 's/^bytes_read //p' /tmp/jobs),Bytes,tern/bytes_read/," \
	/tmp/counts
check "perf list knows the events" eval '[ "$(/bin/perf list tern_1 | grep -c tern_1/)" = 10 ]'
echo "@done"
