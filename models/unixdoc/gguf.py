# SPDX-License-Identifier: Apache-2.0
"""Writes GGUF v3 files (github.com/ggml-org/ggml docs/gguf.md) with TQ2_0 weights."""
import struct

import numpy as np

U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9    # value types
TENSOR_F32, TENSOR_F16, TENSOR_TQ2_0 = 0, 1, 35          # tensor types
ALIGNMENT = 32
FORMAT = {U32: '<I', I32: '<i', F32: '<f', BOOL: '<?'}


def string(text):
    data = text.encode()
    return struct.pack('<Q', len(data)) + data


def scalar(kind, value):
    return string(value) if kind == STRING else struct.pack(FORMAT[kind], value)


def padded(data):
    return data + b'\0' * (-len(data) % ALIGNMENT)


def tq2_0(trits, scale):
    """Rows of trits (int8, a multiple of 256 long) as TQ2_0: 64 bytes of 2-bit codes, then an f16 scale.

    Weight j*4 + l*32 + m of a block, j in {0, 32}, is bits 2l and 2l+1 of byte j + m.
    """
    codes = (trits + 1).astype(np.uint8).reshape(-1, 2, 4, 32)
    packed = np.zeros((codes.shape[0], 2, 32), np.uint8)
    for l in range(4):
        packed |= codes[:, :, l, :] << (2 * l)
    scales = np.full((codes.shape[0], 1), scale, np.float16).view(np.uint8)
    return np.concatenate([packed.reshape(-1, 64), scales], 1).tobytes()


class Writer:
    def __init__(self):
        self.values, self.tensors = [], []

    def add(self, key, kind, value):
        self.values.append(string(key) + struct.pack('<I', kind) + scalar(kind, value))

    def add_array(self, key, kind, values):
        data = struct.pack('<IIQ', ARRAY, kind, len(values)) + b''.join(scalar(kind, v) for v in values)
        self.values.append(string(key) + data)

    def tensor(self, name, dims, kind, data):
        """dims: the innermost one first."""
        self.tensors.append((name, dims, kind, data))

    def write(self, path):
        head = b'GGUF' + struct.pack('<IQQ', 3, len(self.tensors), len(self.values)) + b''.join(self.values)
        offset = 0
        for name, dims, kind, data in self.tensors:
            head += string(name) + struct.pack(f'<I{len(dims)}Q', len(dims), *dims) + struct.pack('<IQ', kind, offset)
            offset += len(padded(data))
        with open(path, 'wb') as f:
            f.write(padded(head))
            for *_, data in self.tensors:
                f.write(padded(data))
