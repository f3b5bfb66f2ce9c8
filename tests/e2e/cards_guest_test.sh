#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# One guest with two cards of one simulator: the driver binds both, each has its own memory, and
# tern's selftest runs on both at once. TAP; run from anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/kselftest/console.sh

[[ ${1:-} != --help ]] || { sed -n '4,5s/^# //p' "$0"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/guest" <<'END'
# The order of the PCI slots is that of the cards.
for i in 0 1; do
	tern info -d /dev/tern$i | sed -n "s/^memory */memory $i /p"
	tern selftest -d /dev/tern$i > /tmp/selftest$i &
	eval pid$i=$!
done
for i in 0 1; do
	eval wait \$pid$i && echo "selftest $i passed"
	echo "tests $i $(grep -c '^ok' /tmp/selftest$i)"
done
rmmod tern && echo unloaded
END
status=0 n=0 failed=0
tools/lab/run --log "$work/log" --timeout 240 --one-process --sim "" \
	--sim "--set memory.bytes=64MiB" --insmod build/driver/6.1/tern.ko --file build/tern \
	--file "$work/guest" -- sh /root/guest > "$work/said" 2> "$work/stderr" || status=$?
sed 's/^/# /' "$work/stderr" "$work/said"

ok() {
	n=$((n + 1))
	if "${@:2}"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		failed=1
	fi
}
said() { grep -qE -- "$1" "$work/said"; }

ok "the guest's programs ended well" [ $status -eq 0 ]
ok "the first card has its memory" said '^memory 0 256.0 MiB'
ok "and the second one its own" said '^memory 1 64.0 MiB'
ok "selftest on the first, while" said '^selftest 0 passed'
ok "it runs on the second" said '^selftest 1 passed'
ok "all of its tests on both" [ "$(awk '/^tests/ && $3 > 100' "$work/said" | wc -l)" -eq 2 ]
ok "the module unloads" said '^unloaded'
console_is_clean "$work/log/console.log" $((n + 1)) || failed=1
echo "1..$((n + 1))"
exit $failed
