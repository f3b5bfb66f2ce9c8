#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The whole way in the guest: tern's selftest through the driver, and the model's greedy ids for
# every prompt of the reference, equal to those of the CPU on this machine, token for token. The
# first prompt's BitLinears are compared with the C reference. The independent BitLinears of a layer
# are one SUBMIT and one WAIT, and no weight is copied once the first was multiplied. No kernel
# message may warn. TAP; run from anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/kselftest/console.sh

[[ ${1:-} != --help ]] || { sed -n '4,8s/^# //p' "$0"; exit 0; }
model=models/unixdoc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jq -r '.greedy[].prompt' $model/reference.json > "$work/prompts"
prompts=$(wc -l < "$work/prompts")
n=0

failed=0

# ok NAME COMMAND...: the command's stdout does not matter
ok() {
	n=$((n + 1))
	if "${@:2}" > "$work/out"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		failed=1
	fi
}

# Both sides run this: one JSON object a prompt.
cat > "$work/speak" <<'END'
#!/bin/sh
# speak TERNLM MODEL PROMPTS DEVICE
check=$([ "$4" = cpu ] || echo --check)
while read -r prompt; do
	"$1" -m "$2" -p "$prompt" -n 64 --ignore-eos --json --device "$4" $check < /dev/null
	echo
	check=
done < "$3"
END
cat > "$work/guest" <<'SCRIPT'
#!/bin/sh
tern selftest > /tmp/selftest
echo "{\"selftest\": $?, \"ok\": $(grep -c '^ok' /tmp/selftest), \"not_ok\": $(grep -c '^not ok' /tmp/selftest)}"
sh /root/speak /bin/ternlm /root/unixdoc.gguf /root/prompts /dev/tern0
# What of it the kernel sees: calls, and jobs in their order.
mount -t tracefs none /sys/kernel/tracing 2> /dev/null
echo 1 > /sys/kernel/tracing/events/tern/tern_job_submit/enable
strace -f -o /tmp/calls -e trace=ioctl ternlm -m /root/unixdoc.gguf -p "The open" -n 4 --ignore-eos \
	--json --device /dev/tern0 < /dev/null
echo
calls() { grep -c "_IOC(_IOC_NONE, 0xb5, $1," /tmp/calls; }
awk -v submits="$(calls 0x4)" -v waits="$(calls 0x5)" '
	/op=GEMM/ { gemms++ }
	/op=COPY/ { copies++; late += gemms > 0 }
	END { printf "{\"submits\": %d, \"waits\": %d, \"gemms\": %d, \"copies\": %d, \"late\": %d}\n",
		submits, waits, gemms, copies, late }' /sys/kernel/tracing/trace
# Killed in mid-job, five times; the device is as good as before.
for i in 1 2 3 4 5; do
	ternlm -m /root/unixdoc.gguf -p "The driver" -n 400 --device /dev/tern0 > /tmp/said &
	sleep 3
	kill -9 $!
done
tern selftest > /tmp/selftest
echo "{\"after_kills\": $?, \"said\": $(wc -c < /tmp/said)}"
rmmod tern && echo '{"unloaded": true}'
SCRIPT

sh "$work/speak" build/ternlm $model/unixdoc.gguf "$work/prompts" cpu > "$work/cpu.json"
status=0
tools/lab/run --log "$work/log" --timeout 540 --sim "" --insmod build/driver/6.1/tern.ko \
	--file "$(command -v strace)" --file build/tern --file build/ternlm --file $model/unixdoc.gguf --file "$work/speak" \
	--file "$work/prompts" --file "$work/guest" -- sh /root/guest \
	> "$work/guest.json" 2> "$work/stderr" || status=$?
sed 's/^/# /' "$work/stderr"

# of JQ-FILTER: what the guest said about it
of() { jq -s -e "$1" "$work/guest.json"; }

echo "1..$((prompts + 8))"
ok "the guest's programs ended well" [ $status -eq 0 ]
ok "tern selftest, all of it" of '.[0] | .selftest == 0 and .not_ok == 0 and .ok > 100'
for ((i = 0; i < prompts; i++)); do
	ids=$(jq -s -c ".[$i].ids" "$work/cpu.json")
	ok "64 ids as on the CPU: $(sed -n "$((i + 1))p" "$work/prompts")" \
		of ".[$((i + 1))] | (.ids | length) == 64 and .ids == $ids"
done
ok "every BitLinear of the first prompt was compared" \
	of '.[1] | .jobs > 1000 and .jobs_checked == .jobs and .jobs_mismatched == 0'
# Of seven BitLinears of a layer, q, k and v have one input, and so have gate and up: four calls.
called=$((prompts + 1))
ok "a SUBMIT and a WAIT for what is independent" of ".[$called].jobs as \$jobs | .[$called + 1] |
	.gemms == \$jobs and \$jobs > 100 and .submits - .copies == \$jobs / 7 * 4 and .waits == .submits"
ok "nothing is copied after the first multiplication" of ".[$called + 1] | .gemms > 0 and .late == 0"
ok "ternlm killed in mid-job, and the device is well" of '.[-2] | .after_kills == 0'
ok "the module unloads" of '.[-1].unloaded'
console_is_clean "$work/log/console.log" $((n + 1)) || failed=1
exit $failed
