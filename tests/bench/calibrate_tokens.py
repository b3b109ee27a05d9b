"""Make the tables of the token estimate from tokenizers and texts; a change of answers.

    python tests/bench/calibrate_tokens.py TEXTS --vocabularies PATH... --others PATH...

TEXTS is a Parquet file with the columns `source`, `text` and `weight`: how much a document of it counts. Tokenizers
are tokenizer.json or .tiktoken files, these named as their patterns. What two of the vocabularies hold as one token is
known; costs are the least squares of relative errors to the mean of all tokenizers, over every second text. Of the
others the errors are printed.
"""

import argparse
import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.optimize import nnls

from ops.kernels import bpe_tables as bpe
from ops.kernels.bpe import tallies
from ops.kernels.buffers import buffers_of
from ops.kernels.unicode_tables import TABLED
from ops.resources import File
from ops.tokenizers import PATTERNS, count_tokens, is_json

OUT = Path(bpe.__file__).with_name("bpe_tables.npz")
LETTERS = {bpe.SMALL, bpe.CAPITAL, bpe.LETTER}
PAIRED = {bpe.HANZI, bpe.KANA, bpe.HANGUL, bpe.UNSPACED}


def pattern_of(path: str) -> str | None:
    """Return the pattern of a .tiktoken file, by its name; None for a tokenizer.json."""
    return Path(path).stem if Path(path).stem in PATTERNS else None


def tokens_of(path: str) -> set[bytes]:
    """Return the tokens of a vocabulary as bytes."""
    data = Path(path).read_bytes()
    if not is_json(data):
        return {base64.b64decode(line.split()[0]) for line in data.splitlines() if line}
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printed]
    byte_of = {chr(byte): byte for byte in printed} | {chr(256 + n): byte for n, byte in enumerate(hidden)}
    vocabulary = json.loads(data)["model"]["vocab"]
    return {bytes(byte_of[char] for char in token) for token in vocabulary if all(char in byte_of for char in token)}


def kinds_of(text: str) -> set[int]:
    """Return the kinds of a text's characters."""
    return {int(bpe.CLASSES[ord(char)]) if ord(char) < TABLED else bpe.BEYOND for char in text}


def known_of(tokens: Iterable[bytes]) -> set[str]:
    """Return the words after a space, pairs and single characters that are tokens."""
    found = set()
    for token in tokens:
        try:
            text = token.decode()
        except UnicodeDecodeError:
            continue
        bare = text.removeprefix(" ")
        kinds = kinds_of(bare)
        if bare != text and kinds and kinds <= LETTERS:
            found.add(bare.lower() if bare.isascii() else bare)
        elif 0 < len(bare) <= 2 and kinds <= PAIRED:
            found.add(bare)
    return found


def filter_of(known: Iterable[str]) -> NDArray[np.uint64]:
    """Return the Bloom filter of them."""
    words = np.zeros(bpe.BITS // 64, np.uint64)
    for one in sorted(known):
        if kinds_of(one) <= PAIRED:
            value = bpe.pair_hash(ord(one[0]), ord(one[1:] or "\0"))
        else:
            data, offsets = buffers_of(pa.array([one]))
            value = bpe.word_hash(data, int(offsets[0]), int(offsets[1]), one.isascii())
        word, bits = bpe.bits_of(np.uint64(value))
        words[word] |= np.uint64(bits)
    return words


def expected() -> NDArray[np.float64]:
    """Return costs as one would guess them: a token a piece, and for what is unknown one for every three bytes."""
    costs = np.zeros(bpe.COUNTS)
    for known in (bpe.KNOWN, bpe.KNOWN_OTHER, bpe.CHARACTERS):
        costs[known : known + {bpe.KNOWN: 6, bpe.KNOWN_OTHER: 2, bpe.CHARACTERS: 16}[known]] = 1
    for begin in range(bpe.UNKNOWN, bpe.UNKNOWN_OTHER, 20):
        costs[begin : begin + 17] = [*np.maximum(np.arange(16) / 3, 1), 1 / 3]
    for begin in (bpe.UNKNOWN_OTHER, bpe.UNKNOWN_OTHER + 22):
        costs[begin : begin + 21] = [*np.maximum(np.arange(20) * 2 / 3, 1), 1 / 3]
    for begin in (bpe.MARKS, bpe.MARKS + 11):
        costs[begin : begin + 11] = [*np.maximum(np.arange(10) / 3, 1), 1 / 3]
    costs[bpe.SIGNS : bpe.SIGNS + 6] = [1, 1, 1, 1, 3, 3]
    return costs


def fitted(counts: NDArray[np.int64], tokens: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return costs in thousandths, none below 0: least squares of relative errors."""
    scale = weight / np.maximum(tokens, 30)
    least = 3e-3  # of weight, so that what a few texts have costs about what is expected
    rows = np.vstack([counts * scale[:, None], np.eye(bpe.COUNTS) * least])
    costs, _ = nnls(rows, np.concatenate([tokens * scale, expected() * least]))
    costs[bpe.BLANKS + 9] = 1  # what is too rare to be fitted
    return np.rint(costs * 1000).astype(np.int32)


def main() -> None:
    """Fit, print the errors, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts")
    parser.add_argument("--vocabularies", nargs="+", required=True)
    parser.add_argument("--others", nargs="*", default=[])
    asked = parser.parse_args()
    table = pq.read_table(asked.texts).combine_chunks()
    texts = table["text"]
    counted = [count_tokens(texts, File(path), pattern_of(path)) for path in (*asked.vocabularies, *asked.others)]
    tokens = np.mean(counted, axis=0)
    votes = Counter(one for path in asked.vocabularies for one in known_of(tokens_of(path)))
    known = filter_of(one for one, count in votes.items() if count > 1)
    print(f"{sum(count > 1 for count in votes.values())} known, {np.bitwise_count(known).sum() / bpe.BITS:.1%} of bits")
    counts = tallies(texts, known)
    train = np.array([zlib.crc32(text.encode()) % 2 == 0 for text in texts.to_pylist()])
    costs = fitted(counts[train], tokens[train], np.asarray(table["weight"])[train])
    guess = np.rint(counts @ costs / 1000)
    sources = np.array(table["source"].to_pylist())
    for source in sorted(set(sources)):
        here = (sources == source) & ~train & (tokens > 100)
        error = np.abs(guess[here] / tokens[here] - 1)
        most = np.quantile(error, 0.9)
        total = guess[here].sum() / tokens[here].sum() - 1
        print(f"{source:20} {here.sum():5} total {total:+.2%} median {np.median(error):.2%}, p90 {most:.2%}")
    np.savez_compressed(OUT, known=known, costs=costs)
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
