#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make tests/vectors/gemm.txt: golden GEMMs, in Python's own integers.

The sums are computed from the trits, and the packed weights from the trits by the
arithmetic of abi/tern.toml's text, neither through any code of the project.
"""
import argparse
import pathlib
import random
import sys

FILE = pathlib.Path(__file__).resolve().parent / 'gemm.txt'
HEAD = '''# SPDX-License-Identifier: Apache-2.0
# Made by tests/vectors/generate.py.
# gemm NAME N K T, then N lines "trits", N lines "p2" (hex, 64 bytes for each 256 trits begun),
# N lines "b5" (hex, 64 bytes for each 320 trits begun), T lines "x" (hex of int8), T lines "y"
# (N sums).
'''
SHAPES = [(1, 1, 1), (1, 255, 1), (3, 256, 2), (2, 257, 3), (1, 5460, 1), (5, 300, 8), (7, 512, 9),
          (2, 8640, 2), (1, 16384, 1), (2, 16385, 2), (65, 64, 17), (129, 20, 1), (1, 3, 33)]


def p2(trits):
    row = b''
    for at in range(0, len(trits), 256):
        part = trits[at:at + 256]
        negative = sum(1 << i for i, w in enumerate(part) if w == -1)
        nonzero = sum(1 << i for i, w in enumerate(part) if w)
        row += negative.to_bytes(32, 'little') + nonzero.to_bytes(32, 'little')
    return row


def b5(trits):
    digits = [w + 1 for w in trits] + [1] * (-len(trits) % 320)
    return bytes(sum(digit * 3 ** place for place, digit in enumerate(digits[at:at + 5]))
                 for at in range(0, len(digits), 5))


def case(name, w, x):
    lines = [f'gemm {name} {len(w)} {len(w[0])} {len(x)}']
    lines += ['trits ' + ''.join('-0+'[v + 1] for v in row) for row in w]
    lines += ['p2 ' + p2(row).hex() for row in w]
    lines += ['b5 ' + b5(row).hex() for row in w]
    lines += ['x ' + bytes(v & 0xff for v in row).hex() for row in x]
    lines += ['y ' + ' '.join(str(sum(a * b for a, b in zip(row, token))) for row in w) for token in x]
    return '\n'.join(lines) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--check', action='store_true', help='compare only; exit 1 on a difference')
    args = parser.parse_args()
    rng = random.Random(158)
    text = HEAD
    for n, k, t in SHAPES:
        w = [[rng.choice((-1, 0, 0, 1)) for _ in range(k)] for _ in range(n)]
        x = [[rng.randint(-128, 127) for _ in range(k)] for _ in range(t)]
        text += case(f'random_{n}x{k}x{t}', w, x)
    for name, trit, value in (('most_negative', -1, -128), ('most_positive', 1, 127), ('least', 1, -128), ('zeros', 0, -128)):
        text += case(name, [[trit] * 513] * 2, [[value] * 513] * 2)
    if args.check:
        if FILE.read_text() != text:
            print(f'{FILE.name} is not what generate.py makes', file=sys.stderr)
            return 1
        return 0
    FILE.write_text(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
