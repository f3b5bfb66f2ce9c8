#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What tern.ko adds to the device's own time. Each figure is the median of five turns, in which the
# things compared follow each other in one guest:
#   driver.floor.ns              a NOP of a bare ring: doorbell, DMA, MSI-X, a thread awake again
#   driver.roundtrip.ns          SUBMIT and WAIT of a NOP
#   driver.batch64.ns            SUBMIT and WAIT of 64 NOPs, one call each
#   driver.roundtrip_over_floor  the second over the first
#   driver.batch64_over_nop      the third over the second
# The same follows with driver.model. for driver., of a card whose body is the model: there the
# device's own time is next to nothing, and what is left is the driver's and the machine's.
# Those are times of a translated guest on a machine with other work. The guest's instructions, which QEMU
# counts, tell of the driver alone; they change by a tenth with the moment in which the device answers:
#   driver.instructions.roundtrip  of SUBMIT and WAIT of a NOP, sleep and interrupt included
#   driver.instructions.job        of each NOP more in a batch of 64
# Usage: driver.sh (from the repository's root)

set -euo pipefail

turns=5
job=$(mktemp)
trap 'rm -f "$job"' EXIT
cat > "$job" <<END
for turn in \$(seq $turns); do
	insmod /lab/floor.ko rounds=500 || exit
	floor=\$(cat /sys/module/tern_floor/parameters/median_ns)
	rmmod tern_floor
	insmod /lab/tern.ko || exit
	echo "FIGURES \$floor \$(roundtrip /dev/tern0 1 500) \$(roundtrip /dev/tern0 64 50)"
	rmmod tern
done
END

# measure PREFIX SIMULATOR'S-ARGUMENTS
measure() {
	tools/lab/run --timeout 300 --sim "$2" --file /lab/floor.ko=build/tests/bench/floor/tern_floor.ko \
		--file /lab/tern.ko=build/driver/6.1/tern.ko --file build/tests/bench/roundtrip \
		--file /root/job.sh="$job" -- sh /root/job.sh |
		awk -v turns=$turns -v prefix="$1" '
		function median(values,   i, j, t) {
			for (i = 1; i <= n; i++)
				for (j = i; j > 1 && values[j] < values[j - 1]; j--) {
					t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
				}
			return values[int((n + 1) / 2)]
		}
		/^FIGURES / && NF == 4 && $2 > 0 && $3 > 0 && $4 > 0 {
			floor[++n] = $2; one[n] = $3; batch[n] = $4
			over_floor[n] = $3 / $2; over_one[n] = $4 / $3
		}
		END {
			if (n != turns) {
				print "driver.sh: " n + 0 " of " turns " turns went well" > "/dev/stderr"
				exit 1
			}
			printf "%sfloor.ns\t%d\tns\n", prefix, median(floor)
			printf "%sroundtrip.ns\t%d\tns\n", prefix, median(one)
			printf "%sbatch64.ns\t%d\tns\n", prefix, median(batch)
			printf "%sroundtrip_over_floor\t%.3f\ttimes\n", prefix, median(over_floor)
			printf "%sbatch64_over_nop\t%.3f\ttimes\n", prefix, median(over_one)
		}'
}

# A nanosecond an instruction, and one processor, as counting wants it.
count_instructions() {
	cat > "$job" <<'END'
insmod /lab/tern.ko || exit
echo "FIGURES $(roundtrip /dev/tern0 1 100) $(roundtrip /dev/tern0 64 100)"
END
	TERN_ACCEL=tcg tools/lab/run --timeout 300 --smp 1 --qemu-arg -icount --qemu-arg shift=0 \
		--sim '--set simulator.fidelity=model' --file /lab/tern.ko=build/driver/6.1/tern.ko \
		--file build/tests/bench/roundtrip --file /root/job.sh="$job" -- sh /root/job.sh |
		awk '/^FIGURES / && NF == 3 && $2 > 0 && $3 > $2 {
			printf "driver.instructions.roundtrip\t%d\tinstructions\n", $2
			printf "driver.instructions.job\t%d\tinstructions\n", ($3 - $2) / 63
			n++
		}
		END { if (n != 1) { print "driver.sh: nothing was counted" > "/dev/stderr"; exit 1 } }'
}

measure driver. ''
measure driver.model. '--set simulator.fidelity=model'
count_instructions
