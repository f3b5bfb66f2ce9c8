#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The same 64 ids from every instruction set that this CPU has, with one, two and five threads.
set -euo pipefail
cd "$(dirname "$0")/../.."

variants=("--isa base --threads 1")
for isa in base avx2 avx512; do
	build/ternlm -m models/unixdoc/unixdoc.gguf -n 1 --isa $isa > /dev/null 2>&1 || continue
	variants+=("--isa $isa --threads 2" "--isa $isa --threads 5")
done
exec build/tests/e2e/ternlm_compare ids "${variants[@]}"
