#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generate everything that states the device contract from abi/tern.toml.

Usage: generate.py [--check]

Writes abi/gen/ (C), rtl/gen/ (SystemVerilog) and docs/registers.md.  With --check
nothing is written; exit 1 and a list of names if a file differs from its source.
Exit 2 if tern.toml contradicts itself.
"""
import argparse
import pathlib
import sys

from contract import Contract, ContractError
import emit_c
import emit_md
import emit_sv

TOP = pathlib.Path(__file__).resolve().parent.parent
OUTPUTS = {
    'abi/gen/tern_abi.h': emit_c.header,
    'abi/gen/tern_abi_names.h': emit_c.names,
    'abi/gen/tern_abi_behaviour.h': emit_c.behaviour,
    'rtl/gen/tern_abi_pkg.sv': emit_sv.package,
    'rtl/gen/tern_reg_top.sv': emit_sv.register_block,
    'docs/registers.md': emit_md.registers,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--check', action='store_true', help='compare only; exit 1 on a difference')
    args = parser.parse_args()
    try:
        contract = Contract(TOP / 'abi/tern.toml')
    except ContractError as e:
        print(f'abi/tern.toml: {e}', file=sys.stderr)
        return 2
    stale = []
    for name, emit in OUTPUTS.items():
        path, text = TOP / name, emit(contract)
        if path.exists() and path.read_text() == text:
            continue
        if args.check:
            stale.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if stale:
        print('not what abi/tern.toml says (run `make gen`): ' + ', '.join(stale), file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
