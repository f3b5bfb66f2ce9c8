#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail

usage() {
	cat <<'END'
usage: tests/model/same_tests.sh [--all]

The tests of platform, library, driver and runtime that start a simulator, on its model: each of
them runs on the RTL elsewhere, and must find nothing else here. TAP.

  --all    those as well that boot a guest for long, or speak much (`make check-model`)
  --help   this text

exit status: 0 all passed, 1 a failure, 2 usage
END
}

all=
case ${1:-} in
--help) usage; exit 0 ;;
--all) all=1 ;;
?*) usage >&2; exit 2 ;;
esac
cd "$(dirname "$0")/../.." || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TERNSIM=$PWD/tests/model/ternsim-model
export TERN_MODEL_STARTS=$work/starts
n=0 failed=0

# runs WHAT COMMAND...: it ends well, no test of its own has failed, and a model was started
runs() {
	local begin=$SECONDS status=0
	n=$((n + 1))
	: > "$TERN_MODEL_STARTS"
	timeout 600 "${@:2}" > "$work/out" 2> "$work/err" || status=$?
	if [ $status -eq 0 ] && ! grep -q '^not ok' "$work/out" && [ -s "$TERN_MODEL_STARTS" ]; then
		echo "ok $n - on the model: $1"
	else
		echo "not ok $n - on the model: $1"
		failed=1
		echo "# status $status, $(wc -l < "$TERN_MODEL_STARTS") models started"
		sed 's/^/# /' "$work/out" "$work/err" | grep -v '^# ok' | tail -n 40
	fi
	echo "# $(grep -c '^ok' "$work/out") tests, $((SECONDS - begin)) s"
}

runs "it is a model" bash -c "build/tern info -d sim | grep '^platform  *MODEL'"
for test in build/tests/unit/sim_{access,control,cycles,death,device,hostile,protocol}_test \
	build/tests/unit/lib_{faults,vfio}_test tests/e2e/sim_test tests/e2e/sim_configs_test.sh \
	tests/e2e/cards_test.sh tests/e2e/sim_trace_test.sh; do
	runs "$test" "$test"
done
runs "tern selftest, ideal" build/tern selftest -d sim:ideal
runs "ids of the reference" build/tests/e2e/ternlm_compare ids "--device sim" \
	"--device sim --packing b5"

# The driver, in a guest.
runs "tests/kselftest/run_faults.sh" tests/kselftest/run_faults.sh
runs "tests/kselftest/simulator_killed.sh" tests/kselftest/simulator_killed.sh
if [ -z "$all" ]; then
	runs "tests/kselftest/run.sh submit result wait" tests/kselftest/run.sh submit result wait
else
	for test in tests/kselftest/run{,_6_12,_iommu}.sh tests/e2e/guest_test.sh \
		tests/e2e/cards_guest_test.sh tests/e2e/ternlm_errors.sh tests/e2e/ternlm_reference.sh; do
		runs "$test" "$test"
	done
fi
echo "1..$n"
exit $failed
