# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a kernel says when something is wrong with it.
complaints='WARNING|BUG|Call Trace|Oops|general protection|leak|KASAN|KCSAN|lockdep|possible.*lock'
complaints+='|DMA-API|blocked for more than|nobody cared|usercopy|refcount_t|stall|use-after-free|ODEBUG|turning off'

# console_is_clean FILE NUMBER: the test NUMBER, that the kernel messages in FILE hold no complaint
console_is_clean() {
	if [ -s "$1" ] && ! grep -qE "$complaints" "$1"; then
		echo "ok $2 - the kernel has nothing to complain of"
		return
	fi
	echo "not ok $2 - the kernel has nothing to complain of"
	grep -E -m 5 -A 30 "$complaints" "$1" | sed 's/^/# /'
	return 1
}

# close_run LOG STATUS: the end of a run whose tests lie in LOG/tap: what tools/lab/run said on its
# stderr, the last test and the plan. The status is STATUS, or 1 after a complaint.
close_run() {
	local count status=$2

	sed 's/^/# /' "$1/stderr"
	count=$(($(grep -cE '^(not )?ok' "$1/tap") + 1))
	console_is_clean "$1/console.log" $count || status=1
	echo "1..$count"
	return "$status"
}
