#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How far the model's cycles are from the RTL's on a part of the shape table, and how fast it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
export TERNSIM=$PWD/build/ternsim
build/tests/model/study --figures -m 700M -m 2B-4T -t 1 -t 8 -r 640
build/tests/model/speed
