#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train a small BitNet b1.58 language model and write it as GGUF.

The architecture is llama.cpp's `bitnet`: RMSNorm, NEOX RoPE, grouped-query attention, a
SiLU-gated FFN, sub-norms before the output and down projections, tied embeddings. Every
projection is a BitLinear: weights made ternary with the tensor's mean |w| (arXiv
2402.17764, eq. 1-3), activations int8 with the token's maximum |x|; straight-through
gradients; learning rate and weight decay in two stages. Needs a CUDA GPU, PyTorch and
tokenizers, and the text that corpus.py makes.
"""
import argparse
import json
import lzma
import math
import os
import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from torch import nn
except ImportError as e:
    sys.exit(f'train.py needs PyTorch, numpy and tokenizers: {e}')

import gguf

END_OF_TEXT = '<|endoftext|>'
ROPE_BASE = 10000.0
NORM_EPS = 1e-5
DEVICE = 'cuda'
PROJECTIONS = {'attn_q': 'q', 'attn_k': 'k', 'attn_v': 'v', 'attn_output': 'o',
               'ffn_gate': 'gate', 'ffn_up': 'up', 'ffn_down': 'down'}
NORMS = ('attn_norm', 'attn_sub_norm', 'ffn_norm', 'ffn_sub_norm')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--data', default='.', help='folder with train.txt.xz and val.txt.xz')
    parser.add_argument('--out', default='out', help='folder for the results')
    parser.add_argument('--name', default='unixdoc')
    for name, value, text in (('dim', 512, 'width'), ('ffn', 1536, 'width of the FFN'), ('layers', 8, ''),
                              ('heads', 8, ''), ('kv', 4, 'heads of keys and values'), ('vocab', 4096, ''),
                              ('ctx', 512, 'context'), ('batch', 128, 'sequences a step'), ('steps', 10500, 'at most')):
        parser.add_argument(f'--{name}', type=int, default=value, help=text or name)
    parser.add_argument('--lr', type=float, default=2e-3, help='peak learning rate')
    parser.add_argument('--minutes', type=float, default=8.5, help='training time at most')
    parser.add_argument('--dropout', type=float, default=0.15, help='on the residual branches')
    return parser.parse_args()


# ---------------------------------------------------------------- model

def straight_through(exact, rounded):
    return exact + (rounded - exact).detach()


def ternary(weight):
    """(trits, scale) of a weight; the scale is rounded to the f16 that the file will hold."""
    scale = weight.detach().float().abs().mean().clamp(min=1e-5).half().float()
    return (weight / scale).round().clamp(-1, 1), scale


class BitLinear(nn.Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, bias=False)
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x):
        s = 127.0 / x.detach().abs().amax(-1, keepdim=True).clamp(min=1e-5)
        trits, scale = ternary(self.weight)
        return F.linear(straight_through(x, (x * s).round().clamp(-128, 127) / s),
                        straight_through(self.weight, trits * scale))


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPS) * self.weight


def rope(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Block(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.heads, self.kv, self.head_dim = a.heads, a.kv, a.dim // a.heads
        self.attn_norm, self.attn_sub_norm, self.ffn_norm = RMSNorm(a.dim), RMSNorm(a.dim), RMSNorm(a.dim)
        self.ffn_sub_norm = RMSNorm(a.ffn)
        self.q, self.o = BitLinear(a.dim, a.dim), BitLinear(a.dim, a.dim)
        self.k, self.v = (BitLinear(a.dim, a.kv * self.head_dim) for _ in range(2))
        self.gate, self.up, self.down = BitLinear(a.dim, a.ffn), BitLinear(a.dim, a.ffn), BitLinear(a.ffn, a.dim)
        self.dropout = nn.Dropout(a.dropout)

    def attention(self, h, cos, sin):
        batch, length, _ = h.shape

        def split(y, heads):
            return y.view(batch, length, heads, self.head_dim).transpose(1, 2)

        v = split(self.v(h), self.kv)
        q = rope(split(self.q(h), self.heads), cos, sin).to(v.dtype)
        k = rope(split(self.k(h), self.kv), cos, sin).to(v.dtype)
        k, v = (y.repeat_interleave(self.heads // self.kv, 1) for y in (k, v))
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)

    def forward(self, x, cos, sin):
        a = self.attention(self.attn_norm(x), cos, sin)
        x = x + self.dropout(self.o(self.attn_sub_norm(a)))
        h = self.ffn_norm(x)
        return x + self.dropout(self.down(self.ffn_sub_norm(F.silu(self.gate(h)) * self.up(h))))


class LanguageModel(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.embedding = nn.Embedding(a.vocab, a.dim)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(a) for _ in range(a.layers))
        self.norm = RMSNorm(a.dim)
        half = a.dim // a.heads // 2
        angles = torch.outer(torch.arange(a.ctx).float(), ROPE_BASE ** -(torch.arange(half).float() / half))
        self.register_buffer('cos', angles.cos(), persistent=False)
        self.register_buffer('sin', angles.sin(), persistent=False)

    def forward(self, ids, targets=None):
        length, x = ids.shape[1], self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cos[:length], self.sin[:length])
        logits = F.linear(self.norm(x), self.embedding.weight)
        if targets is None:
            return logits
        return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten())


# ---------------------------------------------------------------- data

def read_documents(path):
    with lzma.open(path, 'rt', encoding='utf-8') as f:
        text = f.read()
    return text.split(f'\n{END_OF_TEXT}\n'), len(text)


def train_tokenizer(documents, vocab):
    """Byte-level BPE with the GPT-2 pre-tokenizer; token 0 starts each document."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(documents, trainers.BpeTrainer(
        vocab_size=vocab, special_tokens=[END_OF_TEXT], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def encode(tokenizer, documents):
    ids = []
    for encoding in tokenizer.encode_batch(documents):
        ids += [0] + encoding.ids
    return torch.tensor(ids, device=DEVICE)


def windows(ids, starts, ctx):
    w = ids[starts[:, None] + torch.arange(ctx + 1, device=DEVICE)]
    return w[:, :-1], w[:, 1:]


# ---------------------------------------------------------------- training

@torch.no_grad()
def evaluate(model, ids, ctx):
    model.eval()
    count, total = (len(ids) - 1) // ctx, 0.0
    for at in range(0, count, 64):
        starts = torch.arange(at, min(at + 64, count), device=DEVICE) * ctx
        total += float(model(*windows(ids, starts, ctx))) * len(starts)
    model.train()
    return total / count


def train(model, ids, a):
    """Returns the steps done."""
    compiled = torch.compile(model)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW([{'params': matrices}, {'params': vectors, 'weight_decay': 0.0}],
                                  lr=a.lr, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    start, step = time.time(), 0
    while (done := max(step / a.steps, (time.time() - start) / (a.minutes * 60))) < 1:
        # Two stages: a high, then a low learning rate; no weight decay in the second.
        first = done < 0.5
        for group in optimizer.param_groups:
            group['lr'] = a.lr * min(1, (step + 1) / 200) * (1 - 0.5 * done if first else 1 - done)
        optimizer.param_groups[0]['weight_decay'] = 0.1 if first else 0.0
        starts = torch.randint(0, len(ids) - a.ctx - 1, (a.batch,), device=DEVICE)
        with torch.autocast(DEVICE, torch.bfloat16):
            loss = compiled(*windows(ids, starts, a.ctx))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 100 == 0:
            print(f'step {step} loss {loss.item():.4f} {time.time() - start:.0f} s', flush=True)
        step += 1
    return step


# ---------------------------------------------------------------- export

def add_tokenizer(writer, tokenizer):
    raw = json.loads(tokenizer.to_str())['model']
    tokens = sorted(raw['vocab'], key=raw['vocab'].get)
    merges = [' '.join(m) if isinstance(m, list) else m for m in raw['merges']]
    writer.add('tokenizer.ggml.model', gguf.STRING, 'gpt2')
    writer.add('tokenizer.ggml.pre', gguf.STRING, 'gpt-2')
    writer.add_array('tokenizer.ggml.tokens', gguf.STRING, tokens)
    # Token 0 is a control token, all others are text.
    writer.add_array('tokenizer.ggml.token_type', gguf.I32, [3] + [1] * (len(tokens) - 1))
    writer.add_array('tokenizer.ggml.merges', gguf.STRING, merges)
    writer.add('tokenizer.ggml.bos_token_id', gguf.U32, 0)
    writer.add('tokenizer.ggml.eos_token_id', gguf.U32, 0)
    writer.add('tokenizer.ggml.add_bos_token', gguf.BOOL, True)


def export(model, tokenizer, a, path):
    """Writes the GGUF; returns the share of zero trits."""
    writer, zeros = gguf.Writer(), []
    writer.add('general.architecture', gguf.STRING, 'bitnet')
    writer.add('general.name', gguf.STRING, a.name)
    writer.add('general.file_type', gguf.U32, 37)   # mostly TQ2_0
    for key, value in (('vocab_size', a.vocab), ('context_length', a.ctx), ('embedding_length', a.dim),
                       ('block_count', a.layers), ('feed_forward_length', a.ffn),
                       ('rope.dimension_count', a.dim // a.heads), ('attention.head_count', a.heads),
                       ('attention.head_count_kv', a.kv)):
        writer.add(f'bitnet.{key}', gguf.U32, value)
    writer.add('bitnet.attention.layer_norm_rms_epsilon', gguf.F32, NORM_EPS)
    writer.add('bitnet.rope.freq_base', gguf.F32, ROPE_BASE)
    add_tokenizer(writer, tokenizer)

    def f32(parameter):
        return parameter.detach().float().cpu().numpy().astype(np.float32).tobytes()

    embedding = model.embedding.weight.detach().cpu().half().numpy()
    writer.tensor('token_embd.weight', (a.dim, a.vocab), gguf.TENSOR_F16, embedding.tobytes())
    writer.tensor('output_norm.weight', (a.dim,), gguf.TENSOR_F32, f32(model.norm.weight))
    for i, block in enumerate(model.blocks):
        for name in NORMS:
            weight = getattr(block, name).weight
            writer.tensor(f'blk.{i}.{name}.weight', (len(weight),), gguf.TENSOR_F32, f32(weight))
        for name, attribute in PROJECTIONS.items():
            weight = getattr(block, attribute).weight.detach()
            trits, scale = ternary(weight)
            trits = trits.cpu().numpy().astype(np.int8)
            zeros.append((trits == 0).mean())
            writer.tensor(f'blk.{i}.{name}.weight', weight.shape[::-1], gguf.TENSOR_TQ2_0,
                          gguf.tq2_0(trits, float(scale)))
    writer.write(path)
    return float(np.mean(zeros))


def main():
    a = arguments()
    os.makedirs(a.out, exist_ok=True)
    torch.manual_seed(1)
    torch.set_float32_matmul_precision('high')
    documents, _ = read_documents(f'{a.data}/train.txt.xz')
    held_out, held_out_bytes = read_documents(f'{a.data}/val.txt.xz')
    tokenizer = train_tokenizer(documents, a.vocab)
    ids, held_out_ids = encode(tokenizer, documents), encode(tokenizer, held_out)
    print(f'{len(ids)} tokens to train on, {len(held_out_ids)} held out', flush=True)

    model = LanguageModel(a).to(DEVICE)
    steps = train(model, ids, a)
    torch.set_float32_matmul_precision('highest')
    loss = evaluate(model, held_out_ids, a.ctx)
    zeros = export(model, tokenizer, a, f'{a.out}/{a.name}.gguf')
    print(f'{steps} steps, held-out loss {loss:.4f}, perplexity {math.exp(loss):.3f} a token, '
          f'{loss / math.log(2) * len(held_out_ids) / held_out_bytes:.4f} bits a byte, zero trits {zeros:.3f}')
    with open(f'{a.out}/training.json', 'w', encoding='utf-8') as f:
        json.dump({**vars(a), 'steps': steps, 'val_loss': loss, 'val_tokens': len(held_out_ids),
                   'val_bytes': held_out_bytes, 'zero_fraction': zeros}, f, indent=1)


if __name__ == '__main__':
    main()
