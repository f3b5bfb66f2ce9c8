# SPDX-License-Identifier: Apache-2.0
GEN_PY := abi/generate.py abi/contract.py abi/emit_c.py abi/emit_md.py abi/emit_sv.py

## gen: regenerate what abi/tern.toml defines
.PHONY: gen
gen:
	@abi/generate.py

# Fails when a generated file is not what its source says.
.PHONY: check-gen
check-gen:
	@abi/generate.py --check
