#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The model's portable kernels, and what chooses among all, run on any processor: gcc has put no
# instruction there that only some have, as it has into the others. TAP.
set -euo pipefail
cd "$(dirname "$0")/../.."

kernels=build/sim/device/model/kernels
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # skip only x86-64 has more than one"; exit 0; }
failed=0 n=0

# has KERNELS PATTERN: their code has such instructions or registers
has() { objdump -d --no-show-raw-insn "$1" | grep -E "$2" > /dev/null; }

ok() {
	n=$((n + 1))
	if eval "$2"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		failed=1
	fi
}

echo 1..4
ok "the portable ones do without AVX" "! has $kernels.o '%[yz]mm|\sv[a-z0-9]+\s+.*%xmm'"
ok "without POPCNT and BMI" "! has $kernels.o '\s(popcnt|andn|bextr|bls[a-z]+|tzcnt|pdep|pext|[rs][oah][rl]x)\s'"
ok "AVX2's have it, and no AVX-512" "has ${kernels}_avx2.o %ymm && ! has ${kernels}_avx2.o '%zmm|%k[1-7]'"
ok "AVX-512's have VNNI" "has ${kernels}_avx512.o '\svpdpbusd\s.*%zmm'"
exit $failed
