#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The tests of platform, library and runtime that start a simulator, on its model: each of them
# runs on the RTL elsewhere, and must find nothing else here.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export TERNSIM=$PWD/tests/model/ternsim-model
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 failed=0

# runs WHAT COMMAND...: it ends well, and no test of its own has failed
runs() {
	n=$((n + 1))
	if timeout 300 "${@:2}" > "$work/out" 2> "$work/err" && ! grep -q '^not ok' "$work/out"; then
		echo "ok $n - on the model: $1"
	else
		echo "not ok $n - on the model: $1"
		failed=1
		sed 's/^/# /' "$work/out" "$work/err" | grep -v '^# ok' | tail -n 40
	fi
}

runs "it is a model" grep -q '^platform  *MODEL' <(build/tern info -d sim)
for test in build/tests/unit/sim_{access,device,protocol,control,hostile}_test \
	build/tests/unit/lib_vfio_test tests/e2e/sim_test; do
	runs "$test" "$test"
done
for config in base edge server ideal; do
	runs "tern selftest, $config" build/tern selftest -d sim:$config
done
runs "ids of the reference" build/tests/e2e/ternlm_compare ids "--device sim" \
	"--device sim --packing b5"
echo "1..$n"
exit $failed
