#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In the guest: campaigns, NAME=ROUNDS each, and whether all that they took came back. Told as
# guest.sh does.
cd "$(dirname "$0")" || exit
mkdir -p /tmp/campaign
leaks=/sys/kernel/debug/kmemleak

check() {
	name=$1; shift
	if "$@"; then echo "@ok $name"; else echo "@not ok $name"; fi
}

# Free objects count as used as long as they lie in a processor's slab.
shrink() {
	for cache in /sys/kernel/slab/$1/shrink; do
		echo 1 > "$cache"
	done 2> /dev/null
	# Workers and RCU callbacks, also of what has just been closed.
	sleep 1
}

# What may not grow: objects of each slab, pages pinned for DMA, dma-bufs, DMA mappings where the
# kernel counts them. Several times: the least that was there is what cannot be given back.
snapshot() {
	shrink '*'
	for _ in 1 2 3; do
		shrink '*kmalloc-*'
		awk 'NR > 2 { print $1, $2, $5 }' /proc/slabinfo
	done
	awk '/nr_foll_pin_acquired/ { sum += $2 } /nr_foll_pin_released/ { sum -= $2 }
	     END { print "pinned", sum }' /proc/vmstat
	awk '/^Total/ { print "dmabufs", $2 }' /sys/kernel/debug/dma_buf/bufinfo
	if [ -e /sys/kernel/debug/dma-api ]; then
		echo "dma_mappings $(($(cat /sys/kernel/debug/dma-api/nr_total_entries) -
			$(cat /sys/kernel/debug/dma-api/num_free_entries)))"
	fi
}

# Nothing of the driver's is left, and of no kind of object are there half as many more as there
# were rounds, and some slabs full: processors have some at hand, whose free objects count as used.
nothing_left() {
	awk -v rounds="$1" '
		NR == FNR { if (!($1 in before) || $2 > before[$1]) before[$1] = $2; next }
		!($1 in after) || $2 < after[$1] { after[$1] = $2; slab[$1] = $3 }
		END {
			for (name in after) {
				grown = after[name] - before[name]
				if (name ~ /^(tern_job|pinned|dmabufs)$/ ? after[name] :
				    name == "dma_mappings" ? grown > 0 :
				    name ~ /kmalloc-/ && 2 * grown > rounds &&
				    grown > 8 * slab[name]) {
					print "# " name ": " before[name] " before, " after[name] \
						" after"
					bad = 1
				}
			}
			exit bad
		}
	' /tmp/campaign/before /tmp/campaign/after
}

# campaign NAME ROUNDS
campaign() {
	if [ "$1" = fuzz ]; then
		./fuzz --count "$2" ${SEED:+--seed "$SEED"}
	else
		./campaign "$1" "$2"
	fi 2>&1
}

# What is allocated once is not counted.
warm_up() {
	case $1 in
	fuzz) campaign fuzz 4000 ;;
	*) campaign "$1" 2 ;;
	esac > /dev/null
}

for arg; do
	name=${arg%=*} rounds=${arg#*=}
	warm_up "$name"
	snapshot > /tmp/campaign/before
	[ ! -e $leaks ] || echo clear > $leaks
	echo "@begin $name"
	campaign "$name" "$rounds"
	echo "@end $?"
	snapshot > /tmp/campaign/after
	# A thousand calls are like a round: few of them take anything, and all give it back.
	[ "$name" != fuzz ] || rounds=$((rounds / 1000))
	check "$name: nothing is left behind" nothing_left "$rounds"
	if [ -e $leaks ]; then
		# It tells of what is a few seconds old and not found in two scans.
		echo scan > $leaks
		sleep 6
		echo scan > $leaks
		cat $leaks | sed 's/^/# /' | head -n 60
		check "$name: kmemleak finds nothing" [ -z "$(cat $leaks)" ]
	fi
done
check "the module unloads" eval 'rmmod tern && [ ! -d /sys/class/tern ]'
echo "@done"
