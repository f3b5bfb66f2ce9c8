#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make reference.json again: unixdoc.gguf in float64, by numpy, sharing no code with ternlm.

BitLinear is exact W1.58A8: int8 activations rounded half to even by the token's maximum,
ternary weights, one scale a tensor (arXiv 2402.17764). Prints the largest difference from
the committed file and exits 1 if a greedy id or 1e-6 of a figure differs.
Needs python3-numpy.
"""
import argparse
import json
import pathlib
import re
import struct
import sys

try:
    import numpy as np
except ImportError:
    sys.exit('reference.py needs numpy: apt-get install python3-numpy')

HERE = pathlib.Path(__file__).resolve().parent
SCALARS = {0: 'B', 1: 'b', 2: 'H', 3: 'h', 4: 'I', 5: 'i', 6: 'f', 7: '?', 10: 'Q', 11: 'q', 12: 'd'}
TENSOR_F32, TENSOR_F16, TENSOR_TQ2_0 = 0, 1, 35


class Gguf:
    def __init__(self, path):
        self.data, self.at = path.read_bytes(), 4
        _, tensors, values = self.take('<IQQ')
        self.values = dict((self.string(), self.value(*self.take('<I'))) for _ in range(values))
        infos = [(self.string(), self.take(f'<{self.take("<I")[0]}Q'), *self.take('<IQ')) for _ in range(tensors)]
        base = (self.at + 31) // 32 * 32
        self.tensors = {name: self.tensor(dims, kind, base + offset) for name, dims, kind, offset in infos}

    def take(self, form):
        out = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return out

    def string(self):
        length, = self.take('<Q')
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.string()
        if kind == 9:
            element, count = self.take('<IQ')
            return [self.value(element) for _ in range(count)]
        return self.take('<' + SCALARS[kind])[0]

    def tensor(self, dims, kind, at):
        count, shape = int(np.prod(dims)), dims[::-1]
        if kind == TENSOR_F32:
            return np.frombuffer(self.data, '<f4', count, at).astype(np.float64).reshape(shape)
        if kind == TENSOR_F16:
            return np.frombuffer(self.data, '<f2', count, at).astype(np.float64).reshape(shape)
        assert kind == TENSOR_TQ2_0, kind
        blocks = np.frombuffer(self.data, np.uint8, count // 256 * 66, at).reshape(-1, 66)
        codes = np.stack([blocks[:, :64].reshape(-1, 2, 32) >> 2 * l & 3 for l in range(4)], 2)
        scales = blocks[:, 64:].copy().view('<f2').astype(np.float64)
        # A block of zeros has no scale; all others have the tensor's.
        return codes.reshape(shape).astype(np.float64) - 1, scales.max()


class Tokenizer:
    """Byte-level BPE; the GPT-2 pre-tokenizer for ASCII text."""
    SPLIT = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")

    def __init__(self, values):
        self.tokens = values['tokenizer.ggml.tokens']
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.ranks = {tuple(m.split(' ')): i for i, m in enumerate(values['tokenizer.ggml.merges'])}
        plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
        self.letter = {b: chr(b) for b in plain}
        self.letter.update((b, chr(256 + i)) for i, b in enumerate(b for b in range(256) if b not in plain))
        self.byte = {c: b for b, c in self.letter.items()}

    def encode(self, text):
        ids = [0]
        for word in self.SPLIT.findall(text):
            parts = [self.letter[b] for b in word.encode()]
            while len(parts) > 1:
                rank, i = min((self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:])))
                if rank == 1 << 30:
                    break
                parts[i:i + 2] = [parts[i] + parts[i + 1]]
            ids += [self.ids[p] for p in parts]
        return ids

    def decode(self, ids):
        return bytes(self.byte[c] for i in ids for c in self.tokens[i]).decode()


def rms_norm(x, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight


def bit_linear(x, tensor):
    trits, scale = tensor
    s = 127.0 / np.maximum(np.abs(x).max(-1, keepdims=True), 1e-5)
    return np.clip(np.rint(x * s), -128, 127) @ trits.T * scale / s


class Model:
    def __init__(self, file):
        v = {key.removeprefix('bitnet.'): value for key, value in file.values.items()}
        self.t, self.layers, self.context = file.tensors, v['block_count'], v['context_length']
        self.heads, self.kv, self.head_dim = v['attention.head_count'], v['attention.head_count_kv'], v['rope.dimension_count']
        half = self.head_dim // 2
        angles = np.outer(np.arange(self.context), v['rope.freq_base'] ** -(np.arange(half) / half))
        self.cos, self.sin = np.cos(angles), np.sin(angles)

    def rope(self, x):
        a, b = np.split(x, 2, -1)
        cos, sin = self.cos[:len(x), None], self.sin[:len(x), None]
        return np.concatenate((a * cos - b * sin, b * cos + a * sin), -1)

    def attention(self, layer, h):
        q, k, v = (bit_linear(h, self.t[f'blk.{layer}.attn_{n}.weight']).reshape(len(h), -1, self.head_dim) for n in 'qkv')
        q, k = self.rope(q), self.rope(k)
        k, v = (np.repeat(y, self.heads // self.kv, 1) for y in (k, v))
        scores = np.einsum('qhd,khd->hqk', q, k) / np.sqrt(self.head_dim)
        scores = np.where(np.tri(len(h), dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return np.einsum('hqk,khd->qhd', weights, v).reshape(len(h), -1)

    def logits(self, ids):
        x = self.t['token_embd.weight'][ids]
        for layer in range(self.layers):
            def norm(y, name, layer=layer):
                return rms_norm(y, self.t[f'blk.{layer}.{name}.weight'])

            def linear(y, name, layer=layer):
                return bit_linear(y, self.t[f'blk.{layer}.{name}.weight'])
            a = self.attention(layer, norm(x, 'attn_norm'))
            x = x + linear(norm(a, 'attn_sub_norm'), 'attn_output')
            h = norm(x, 'ffn_norm')
            gate = linear(h, 'ffn_gate')
            h = gate / (1 + np.exp(-gate)) * linear(h, 'ffn_up')
            x = x + linear(norm(h, 'ffn_sub_norm'), 'ffn_down')
        return rms_norm(x, self.t['output_norm.weight']) @ self.t['token_embd.weight'].T


def greedy(model, tokenizer, prompt, count):
    ids = tokenizer.encode(prompt)
    prompt_ids, gaps, top = list(ids), [], None
    for _ in range(count):
        logits = model.logits(ids)[-1]
        order = np.argsort(-logits)
        top = top or [[int(i), float(logits[i])] for i in order[:16]]
        gaps.append(round(float(logits[order[0]] - logits[order[1]]), 5))
        ids.append(int(order[0]))
    new = ids[len(prompt_ids):]
    return {'prompt': prompt, 'prompt_ids': prompt_ids, 'greedy_ids': new, 'gap': gaps,
            'text': tokenizer.decode(new), 'top16': top}


def held_out(model, tokenizer, old):
    documents = (HERE / old['file']).read_text().split('\n<|endoftext|>\n')
    ids = [i for d in documents for i in tokenizer.encode(d)]
    window, nll = old['window'], 0.0
    for at in range(0, old['scored'], window):
        logits = model.logits(ids[at:at + window])
        peak = logits.max(-1)
        total = np.log(np.exp(logits - peak[:, None]).sum(-1)) + peak
        nll += float((total - logits[np.arange(window), ids[at + 1:at + window + 1]]).sum())
    nll /= old['scored']
    return {**old, 'tokens_total': len(ids), 'first_tokens': ids[:16], 'nll': nll, 'ppl': float(np.exp(nll))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--write', action='store_true', help='replace reference.json')
    args = parser.parse_args()
    old = json.loads((HERE / 'reference.json').read_text())
    file = Gguf(HERE / 'unixdoc.gguf')
    model, tokenizer = Model(file), Tokenizer(file.values)
    new = {**old, 'heldout': held_out(model, tokenizer, old['heldout']),
           'greedy': [greedy(model, tokenizer, g['prompt'], len(g['greedy_ids'])) for g in old['greedy']]}
    difference = abs(new['heldout']['nll'] - old['heldout']['nll'])
    same = new['heldout']['first_tokens'] == old['heldout']['first_tokens']
    for a, b in zip(new['greedy'], old['greedy']):
        same = same and all(a[key] == b[key] for key in ('prompt_ids', 'greedy_ids', 'text'))
        difference = max([difference] + [abs(x[1] - y[1]) for x, y in zip(a['top16'], b['top16'])])
    print(f'perplexity {new["heldout"]["ppl"]:.6f}; largest difference of a figure {difference:.2e}; '
          f'ids {"equal" if same else "differ"}')
    if args.write:
        (HERE / 'reference.json').write_text(json.dumps(new, indent=1))
        return 0
    return 0 if same and difference < 1e-6 else 1


if __name__ == '__main__':
    sys.exit(main())
