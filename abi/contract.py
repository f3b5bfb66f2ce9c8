# SPDX-License-Identifier: Apache-2.0
"""Reads abi/tern.toml, checks that it does not contradict itself, and hashes it."""
import hashlib
import json
import tomllib

WIDTH = {'u8': 8, 'u16': 16, 'u32': 32, 'u64': 64}
ACCESS = {'ro', 'rw', 'wo', 'w1c', 'w1s'}


class ContractError(Exception):
    pass


def without_texts(node):
    if isinstance(node, dict):
        return {k: without_texts(v) for k, v in node.items() if k != 'text'}
    if isinstance(node, list):
        return [without_texts(v) for v in node]
    return node


def hash32(node):
    """The first 32 bits of the SHA-256 of the node as canonical JSON."""
    text = json.dumps(without_texts(node), sort_keys=True, separators=(',', ':'))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], 'big')


class Contract:
    def __init__(self, path):
        with open(path, 'rb') as f:
            raw = tomllib.load(f)
        self.abi, self.pci, self.limits = raw['abi'], raw['pci'], raw['limits']
        self.registers, self.counters = raw['register'], raw['counter']
        self.queue, self.queue_registers = raw['queue'], raw['queue_register']
        self.enums = {e['name']: e for e in raw['enum']}
        self.entries = {e['name']: e for e in raw['entry']}
        self.packing, self.configs = raw['packing'], raw['config']
        # Configurations may be added without a new contract, so they are not in its hash.
        self.abi_hash = hash32({k: v for k, v in raw.items() if k != 'config'})
        self.config_hash = {name: hash32({name: c}) for name, c in self.configs.items()}
        self.check_registers()
        self.check_enums()
        self.check_entries()
        self.check_configs()

    def check_registers(self):
        taken = {}
        words = [(r['name'], r['offset']) for r in self.registers]
        words += [(c['name'] + h, c['offset'] + o) for c in self.counters for h, o in (('_LO', 0), ('_HI', 4))]
        for name, offset in words:
            if offset % 4 or offset + 4 > self.queue['base']:
                raise ContractError(f'register {name}: offset {offset:#x} is not a word below the queues')
            if offset in taken:
                raise ContractError(f'registers {name} and {taken[offset]} share offset {offset:#x}')
            taken[offset] = name
        for r in self.queue_registers:
            if r['offset'] % 4 or r['offset'] + 4 > self.queue['stride']:
                raise ContractError(f'queue register {r["name"]}: offset {r["offset"]:#x}')
        for r in self.registers + self.queue_registers:
            used = 0
            for f in r.get('fields', []):
                high, low = f['bits']
                mask = (1 << (high + 1)) - (1 << low)
                if not 31 >= high >= low >= 0 or used & mask:
                    raise ContractError(f'register {r["name"]}, field {f["name"]}: bits {f["bits"]}')
                used |= mask
            if r['access'] not in ACCESS:
                raise ContractError(f'register {r["name"]}: access {r["access"]!r}')
        last_queue = self.queue['base'] + self.queue['stride'] * self.limits['queues_max']
        last_bell = self.queue['doorbell_base'] + self.queue['doorbell_stride'] * self.limits['queues_max']
        if last_queue > self.queue['doorbell_base'] or last_bell > self.pci['registers_bytes']:
            raise ContractError('queue registers and doorbells overlap or leave the BAR')

    def check_enums(self):
        for e in self.enums.values():
            values = [v['value'] for v in e['values']]
            if len(set(values)) != len(values):
                raise ContractError(f'enum {e["name"]}: a value twice')

    def check_entries(self):
        for e in self.entries.values():
            used = 0
            for f in e['fields']:
                width = WIDTH[f['type']]
                mask = ((1 << width) - 1) << (8 * f['offset'])
                if f['offset'] % (width // 8) or used & mask or mask >> (8 * self.limits['entry_bytes']):
                    raise ContractError(f'entry {e["name"]}, field {f["name"]}: offset {f["offset"]:#x}')
                used |= mask

    def check_configs(self):
        for name, c in self.configs.items():
            if c['lanes'] % self.packing['p2']['trits_a_beat'] and self.packing['p2']['trits_a_beat'] % c['lanes']:
                raise ContractError(f'config {name}: {c["lanes"]} lanes do not divide a beat')
            if c['k_tile'] % self.packing['p2']['trits_a_beat']:
                raise ContractError(f'config {name}: k_tile {c["k_tile"]} is not whole beats')
            if c['queues'] > self.limits['queues_max']:
                raise ContractError(f'config {name}: {c["queues"]} queues, at most {self.limits["queues_max"]}')

    def op_mask(self, op):
        """Bits of a command that opcode `op` may have set."""
        mask = 0
        for f in self.entries['command']['fields']:
            if op in f.get('ops', [op]):
                bits = (1 << WIDTH[f['type']]) - 1
                if 'enum' in f:
                    bits = sum(1 << v['value'] for v in self.enums[f['enum']]['values'])
                mask |= bits << (8 * f['offset'])
        return mask

    def entry_layout(self, name):
        """Fields in order with the gaps between them: (field or None, offset, bytes)."""
        at = 0
        for f in sorted(self.entries[name]['fields'], key=lambda f: f['offset']):
            if f['offset'] > at:
                yield None, at, f['offset'] - at
            at = f['offset'] + WIDTH[f['type']] // 8
            yield f, f['offset'], at - f['offset']
        if at < self.limits['entry_bytes']:
            yield None, at, self.limits['entry_bytes'] - at
