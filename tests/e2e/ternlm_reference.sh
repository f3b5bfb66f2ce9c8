#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Greedy ids of every prompt of the reference, on the CPU and on the simulated card, where every
# BitLinear is compared with the C reference on the way.
set -euo pipefail
cd "$(dirname "$0")/../.."

exec build/tests/e2e/ternlm_compare ids "--device cpu" "--device sim --check"
