#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Greedy ids of every prompt of the reference, on the CPU and on the simulated card, where every
# BitLinear is compared with the C reference on the way; in every packing that the card can read.
set -euo pipefail
cd "$(dirname "$0")/../.."

variants=("--device cpu" "--device sim --check")
if build/tern info -d sim --json | grep -q '"B5"'; then
	variants+=("--device sim --check --packing b5")
fi
exec build/tests/e2e/ternlm_compare ids "${variants[@]}"
