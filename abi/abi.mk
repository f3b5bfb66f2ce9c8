# SPDX-License-Identifier: Apache-2.0
## gen: regenerate what abi/tern.toml defines
.PHONY: gen
gen:
	@abi/generate.py

# Fails when a generated file is not what its source says.
.PHONY: check-gen
check-gen:
	@abi/generate.py --check
