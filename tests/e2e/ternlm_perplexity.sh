#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Perplexity of the held-out text's first 12,288 tokens, against the float64 reference.
set -euo pipefail
cd "$(dirname "$0")/../.."

exec timeout 300 build/tests/e2e/ternlm_compare perplexity "--device cpu --threads 2"
