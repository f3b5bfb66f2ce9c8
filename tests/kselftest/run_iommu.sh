#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tests that make DMA, behind a strict IOMMU: what is not mapped cannot be reached. TAP.
exec "$(dirname "$0")/run.sh" --lab --iommu --lab --faults iommu bo result dmabuf lifetime remove
