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
