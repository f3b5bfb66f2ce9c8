#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the training text of the unixdoc model from Debian's documentation packages.

Needs a Debian system with apt, dpkg-deb and groff. The packages are downloaded and
unpacked under WORK, never installed. Writes WORK/train.txt.xz and WORK/val.txt.xz: ASCII,
one paragraph a line, documents separated by a line <|endoftext|>.
"""
import argparse
import glob
import gzip
import html.parser
import lzma
import os
import random
import re
import subprocess

PACKAGES = '''linux-doc-6.1 manpages manpages-dev perl-doc git-doc python3.11-doc postgresql-doc-15
debian-policy developers-reference debian-reference-en apache2-doc sqlite3-doc python-django-doc
zsh-doc bash-doc autoconf-doc libglib2.0-doc'''.split()
SEPARATOR = '\n<|endoftext|>\n'
# One document in fifty is held out.
HELD_OUT = 50

PUNCTUATION = str.maketrans({'\u2018': "'", '\u2019': "'", '\u201c': '"', '\u201d': '"',
                             '\u2013': '-', '\u2014': '-', '\u00a0': ' ', '\u2026': '...'})
COMMON_WORDS = set('the a of to is in and for be it this that with are not or'.split())
OTHER_LANGUAGE = re.compile(r'\.(de|fr|ja|ko|tr|es|zh-cn|da|pt-br|ru)(\.|$)')
# The HTML of these repeats another format that is read, or is mostly reference tables.
NO_HTML = {'git-doc', 'python3.11-doc', 'debian-policy', 'linux-doc-6.1'}

RST_MARKUP = (
    (r':[a-zA-Z:+-]+:`~?([^`<]*?)(?:\s*<[^>]*>)?`', r'\1'),  # roles
    (r'`([^`<]+?)\s*<[^>]*>`_+', r'\1'),                     # links with a target
    (r'``([^`]*)``', r'\1'),
    (r'`([^`]*)`_*', r'\1'),
    (r'\*\*([^*]+)\*\*', r'\1'),
    (r'(?<!\w)\*([^*\s][^*]*)\*(?!\w)', r'\1'))
RST_NOT_PROSE = ('..', '|', '+-', '>>>', '::', '#', '$', ':')


class Paragraphs(html.parser.HTMLParser):
    """Collects the text of <p>, <li>, <dd> and headings; skips code and tables."""
    SKIP = {'script', 'style', 'pre', 'table', 'nav'}
    BLOCK = {'p', 'li', 'dd', 'h1', 'h2', 'h3'}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.current, self.skipping = [], None, 0

    def flush(self):
        if self.current:
            self.found.append(one_line(''.join(self.current)))
        self.current = None

    def handle_starttag(self, tag, attrs):
        self.skipping += tag in self.SKIP
        if tag in self.BLOCK:
            self.flush()
            self.current = []

    def handle_endtag(self, tag):
        self.skipping -= tag in self.SKIP and self.skipping > 0
        if tag in self.BLOCK or tag == 'div':
            self.flush()

    def handle_data(self, data):
        if self.current is not None and not self.skipping:
            self.current.append(data)


def one_line(text):
    return ' '.join(text.split())


def from_html(text):
    parser = Paragraphs()
    parser.feed(text)
    return parser.found


def from_rst(text):
    """Prose of a reStructuredText file, without roles and emphasis."""
    for pattern, plain in RST_MARKUP:
        text = re.sub(pattern, plain, text)
    found = []
    for paragraph in re.split(r'\n\s*\n', text):
        lines = paragraph.split('\n')
        first = lines[0].lstrip()
        if len(lines[0]) - len(first) >= 8 or first.startswith(RST_NOT_PROSE):
            continue
        lines = [line for line in lines if not re.fullmatch(r'\s*([=\-~^"*+#`.\'])\1{2,}\s*', line)]
        paragraph = re.sub(r'::$', ':', one_line(' '.join(lines)))
        found.append(re.sub(r'^(\*|-|\d+\.|\([a-z0-9]\)|#\.)\s+', '', paragraph))
    return found


def from_pod(text):
    text = re.sub(r'^=\w+.*$', '', text, flags=re.M)
    text = re.sub(r'[A-Z]<<* *([^<>|]*?)(?:\|[^<>]*)? *>+', r'\1', text)
    return [one_line(p) for p in re.split(r'\n\s*\n', text) if not p.startswith((' ', '\t'))]


def from_manpage(path):
    # Lines of 2000 columns keep each paragraph on one line.
    command = 'zcat "$1" | groff -t -mandoc -Tascii -P-cbou -rLL=2000n 2>/dev/null'
    done = subprocess.run(['sh', '-c', command, 'sh', path], capture_output=True, timeout=30)
    return [one_line(line) for line in done.stdout.decode('ascii', 'ignore').split('\n')]


def read(path):
    with (gzip.open(path) if path.endswith('.gz') else open(path, 'rb')) as f:
        return f.read().decode('utf-8', 'ignore')


def paragraphs(path, package):
    name = os.path.basename(path)
    if (re.search(r'\.rst(\.txt)?(\.gz)?$', name)
            or (package.startswith('linux-doc') and re.search(r'\.txt(\.gz)?$', name))
            or (package == 'git-doc' and name.endswith('.txt'))):
        return [] if 'translations' in path else from_rst(read(path))
    if name.endswith('.pod'):
        return from_pod(read(path))
    if '/man/man' in path and name.endswith('.gz'):
        return from_manpage(path)
    if (re.search(r'\.html?(\.en)?(\.gz)?$', name) and package not in NO_HTML
            and not OTHER_LANGUAGE.search(name)):
        return from_html(read(path))
    return []


def is_prose(paragraph):
    words = paragraph.split()
    return (len(paragraph) >= 40 and len(words) >= 8 and max(map(len, words)) <= 40
            and sum(c.isalpha() or c == ' ' for c in paragraph) / len(paragraph) >= 0.86
            and sum(w.lower() in COMMON_WORDS for w in words) / len(words) > 0.14)


def document(path, package, seen):
    """The prose of one file that no earlier file had."""
    keep = []
    for paragraph in paragraphs(path, package):
        paragraph = paragraph.translate(PUNCTUATION)
        key = re.sub(r'\W+', '', paragraph.lower())[:120]
        if is_prose(paragraph) and key not in seen:
            seen.add(key)
            keep.append(paragraph.encode('ascii', 'ignore').decode())
    return keep


def unpacked(work):
    """(package, root) of each package, downloaded and unpacked."""
    os.makedirs(f'{work}/debs', exist_ok=True)
    subprocess.run(['apt-get', 'download', *PACKAGES], cwd=f'{work}/debs', check=True)
    for deb in sorted(glob.glob(f'{work}/debs/*.deb')):
        package = os.path.basename(deb).split('_')[0]
        root = f'{work}/x/{package}'
        os.makedirs(root, exist_ok=True)
        subprocess.run(['dpkg-deb', '-x', deb, root], check=True)
        yield package, root


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('work', metavar='WORK', help='folder for packages and results')
    work = parser.parse_args().work
    seen, documents = set(), []
    for package, root in unpacked(work):
        before = len(documents)
        for folder, _, names in sorted(os.walk(root)):
            for path in (f'{folder}/{name}' for name in sorted(names)):
                if not os.path.islink(path):
                    keep = document(path, package, seen)
                    if len(keep) >= 2:
                        documents.append('\n'.join(keep))
        print(f'{package}: {len(documents) - before} documents', flush=True)
    random.Random(1).shuffle(documents)
    held_out = len(documents) // HELD_OUT
    for name, part in (('val', documents[:held_out]), ('train', documents[held_out:])):
        with lzma.open(f'{work}/{name}.txt.xz', 'wt') as f:
            f.write(SEPARATOR.join(part))
    print(f'{len(documents)} documents, {sum(map(len, documents)) / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
