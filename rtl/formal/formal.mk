# SPDX-License-Identifier: Apache-2.0
#
# Proofs of units: rtl/formal/README.md. What was proven before is looked up in $(CACHE).
PACKAGES += yosys z3

## prove: prove the units that everything else trusts, and catch broken copies of them
.PHONY: prove
prove: deps
	@CACHE=$(CACHE) rtl/formal/prove

TESTS += rtl/formal/prove
