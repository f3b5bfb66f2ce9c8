#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every recorded session, and every one that the fuzzer has found worth keeping, said to the server
# under the address and undefined behaviour sanitizers; leaks count. TAP; run from anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."

[[ ${1:-} != --help ]] || { sed -n '4,5s/^# //p' "$0"; exit 0; }
exec timeout 300 build/tests/fuzz/replay tests/fuzz/sessions tests/fuzz/corpus
