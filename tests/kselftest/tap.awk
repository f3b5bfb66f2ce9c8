# SPDX-License-Identifier: Apache-2.0
#
# One TAP stream out of the many of the guest's programs, which guest.sh marks with @begin, @end
# and @done. A program that ends before its plan is a failure of its own, and so is a test that is
# skipped, unless for one of these reasons:
BEGIN {
	may["more device memory than this test fills"]
	may["this kernel cannot pretend to sleep"]
}

function result(good, name) {
	print (good ? "ok " : "not ok ") ++count " - " name
	if (!good)
		failed = 1
}
/^@begin / { label = substr($0, 8); plan = seen = bad = 0; next }
/^@end / {
	result(seen == plan && plan && ($2 == 0 || (bad && $2 == 1)),
	       label ": " seen " of " plan " tests, exit status " $2)
	next
}
/^@ok / { result(1, substr($0, 5)); next }
/^@not ok / { result(0, substr($0, 9)); next }
/^@done$/ { done = 1; next }
/^TAP version/ { next }
/^1\.\.[0-9]+/ { plan = substr($0, 4) + 0; next }
/^(not )?ok / {
	good = !sub(/^not /, "")
	bad += !good
	seen++
	sub(/^ok [0-9]* (- )?/, "")
	if (match($0, /# SKIP/) && !(substr($0, RSTART + 7) in may)) {
		sub(/# SKIP/, "must not be skipped:")
		good = 0
	}
	result(good, label ": " $0)
	next
}
/^#  RUN |^#            OK |^# (Starting|PASSED|Totals)/ { next }
/^#/ { print; next }
{ print "# " $0 }
END {
	result(done, "the guest went through to the end")
	exit failed
}
