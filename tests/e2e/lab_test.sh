#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The lab: guests boot and report, and whatever ends a run or a download leaves nothing behind.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3

scratch=$(mktemp -d)
export TMPDIR=$scratch/tmp # where the lab keeps its sockets
mkdir "$TMPDIR"
trap 'rm -rf "$scratch"' EXIT
log=$scratch/log out=$scratch/out err=$scratch/err
echo "$scratch" > "$scratch/pattern"

count=0 failed=0
# ok NAME CONDITION...: one test; on failure shows what the last run has said
ok() {
	local name=$1; shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		failed=1
		echo "not ok $count - $name"
		sed 's/^/# /' "$out" "$err" "$log"/*.log 2> /dev/null | tail -n 60
	fi
}

# lab ARGUMENT...: a run; sets $status
lab() {
	tools/lab/run --timeout 120 --log "$log" "$@" > "$out" 2> "$err" < /dev/null
	status=$?
}
# start PROGRAM...: in the background, with SIGINT as a terminal's process has it; sets $job
start() {
	env --default-signal=INT "$@" > "$out" 2> "$err" < /dev/null &
	job=$!
}
# end SIGNAL: send it to the job and wait; sets $status
end() {
	{ kill -"$1" "$job"; wait "$job"; } 2> /dev/null
	status=$?
}
# until_true SECONDS CONDITION...
until_true() {
	local tries=$(($1 * 10)); shift
	until "$@"; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.1
	done
}

# Every process of a run has a path in the scratch folder among its arguments.
processes() { grep -lsF -f "$scratch/pattern" /proc/[0-9]*/cmdline; }
nothing_runs() { until_true 5 eval '! processes > /dev/null'; }
nothing_left() { nothing_runs && [ -z "$(ls -A "$TMPDIR")" ] && [ ! -e "$log/initramfs" ]; }
prints() { [ "$(cat "$out")" = "$1" ]; }

echo 1..22

# --- runs ------------------------------------------------------------------------------------------

echo content > "$scratch/data"
lab --file "/some where/data=$scratch/data" --file /usr/bin/xz -- \
	sh -c "cat '/some where/data' | /bin/xz | /bin/xz -d; echo \"it's\" err >&2; exit 42"
ok "the exit status passes through" [ "$status" -eq 42 ]
ok "stdout comes clean, from files and programs brought along" prints content
ok "stderr comes apart from it" grep -qx "it's err" "$err"
ok "the kernel's messages are in the log" grep -q "reboot: Power down" "$log/console.log"
ok "a run leaves no process and no file" nothing_left

lab -- sh -c 'echo c > /proc/sysrq-trigger'
ok "a crashed guest ends with 125" [ "$status" -eq 125 ]
ok "and the crash is shown" grep -q "Kernel panic\|sysrq" "$err" "$log/console.log"

echo no module > "$scratch/bad.ko"
lab --insmod "$scratch/bad.ko" -- true
ok "a module that cannot be loaded ends with 125" [ "$status" -eq 125 ]

sleep 300 &
victim=$!
lab --on "NOW=kill $victim" -- sh -c 'echo before; echo NOW; echo after'
ok "a hook runs on the host when the guest prints its line" eval '! kill -0 "$victim" 2> /dev/null'
ok "and the output goes on" prints $'before\nNOW\nafter'

lab --timeout 5 -- sleep 300
ok "a run that takes too long ends with 124" [ "$status" -eq 124 ]
ok "and leaves no process and no file" nothing_left

start tools/lab/run --log "$log" -- sh -c 'echo started; sleep 300'
until_true 60 grep -q started "$out"
end INT
ok "Ctrl-C ends a run with 130" [ "$status" -eq 130 ]
ok "and leaves no process and no file" nothing_left

start tools/lab/run --log "$log" -- sh -c 'echo started; sleep 300'
until_true 60 grep -q started "$out"
end KILL
ok "a run that was killed outright leaves no process" nothing_runs
rm -rf "${TMPDIR:?}"/* "$log"

lab --sim "" --ternsim /bin/false -- true
ok "a simulator that does not start ends with 125" [ "$status" -eq 125 ]

# The first words of the card's registers, before and after its simulator is killed.
cat > "$scratch/card.sh" << 'END'
for device in /sys/bus/pci/devices/*; do
	[ "$(cat $device/vendor)" != "$1" ] || break
done
echo 1 > $device/enable
read -r bar _ < $device/resource
devmem $bar 32
echo KILL
sleep 2
devmem $bar 32
END
constant() { sed -n "s/^#define $1[[:space:]]*\(0x[0-9a-f]*\).*/\1/p" abi/gen/tern_abi.h; }
lab --sim "" --sim "--config ideal" --on 'KILL=kill -KILL $TERN_SIM_PIDS' \
	--file "$scratch/card.sh" -- sh /root/card.sh "$(constant TERN_PCI_VENDOR_ID)"
magic=$(constant TERN_MAGIC | tr a-f A-F)
ok "a card is on the bus, and reads all ones when its simulator was killed" \
	prints "$magic"$'\nKILL\n0xFFFFFFFF'
ok "which leaves no process and no file" nothing_left

# --- downloads -------------------------------------------------------------------------------------

cached() { find "$TERN_CACHE/debian" -mindepth 1 2> /dev/null; }
export TERN_CACHE=$scratch/cache

start tools/lab/debian-root --only '^linux-' bookworm linux-image-amd64
until_true 60 eval 'compgen -G "$TERN_CACHE/debian/*.partial/apt/lists/*Release" > /dev/null'
end INT
ok "Ctrl-C ends a download with 130" [ "$status" -eq 130 ]
ok "and leaves no process and no half-written folder" eval 'nothing_runs && [ -z "$(cached)" ]'

tools/lab/debian-root bookworm hello > "$out" 2> "$err"
ok "a package is fetched and runs" \
	eval '[ "$(tools/lab/debian-exec "$(cat "$out")" hello --greeting=hi 2> "$err")" = hi ]'
rm -rf "$TERN_CACHE"

# A disk of 60 MB: the package lists fit, the kernel does not. Where nobody may mount one, no file
# may grow larger.
mkdir "$TERN_CACHE"
private=()
for try in "unshare --mount" "unshare --user --map-root-user --mount"; do
	[ ${#private[@]} -gt 0 ] || ! $try true 2> /dev/null || read -ra private <<< "$try"
done
"${private[@]}" bash -c '
	if [ $# -gt 0 ]; then
		mount -t tmpfs -o size=60M tmpfs "$TERN_CACHE" || exit 99
	else
		ulimit -f $((60 << 10))
	fi
	tools/lab/debian-root --only "^linux-" bookworm linux-image-amd64
	[ $? -eq 1 ] && [ -d "$TERN_CACHE/debian" ] && [ -z "$(ls -A "$TERN_CACHE/debian")" ]
' small_disk "${private[@]}" > "$out" 2> "$err"
status=$?
ok "a full disk ends a download with 1 and leaves no half-written folder" [ "$status" -eq 0 ]
exit $failed
