"""The benches' corpus made larger: further copies of it whose documents are no near-duplicates of the first.

A copy is the corpus with its characters exchanged for others: ASCII letters and digits for letters and digits, Chinese
characters for Chinese ones, each copy in its own way. A character stands for the same one wherever it is, so a token is
mapped to one token and no two to the same: within a copy documents are as alike as they were, and between copies
hardly any five tokens in a row are left. Letters of the Gopher rules' stop words stay, so that a copy passes as text.
Other scripts and mojibake stay as they are: of the sample corpus, about one document in 150 is alike in all copies.

Run it to see both checked, with the kernels of near dedup itself.
"""

import tempfile
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from corpus import shards_of

from ops.kernels.minhash import shingle_hashes

# Not in any of: the, be, to, of, and, that, have, with.
_LETTERS = "cgjklmpqrsuxyz"
_DIGITS = "0123456789"
# The Chinese ones.
_STAY = "的年在月是和日了於為有被人中为他與後也而由"
_HAN = [chr(point) for point in range(0x4E00, 0x9FFF + 1) if chr(point) not in _STAY]
# Fullwidth forms fold to ASCII: both must go the same way.
_FULLWIDTH = 0xFEE0
_SHINGLE_TOKENS = 5
_CHECKED = 500


def scaled(folder: Path, times: int) -> Path:
    """Write the corpus `times` over, each copy's ids marked and its text its own, and return where.

    Copy 0 has the corpus's own text.
    """
    out = folder / f"corpus-{times}"
    out.mkdir()
    shards = shards_of(folder)
    for copy in range(times):
        exchange = exchanged(copy)
        for shard in shards:
            pq.write_table(
                copy_of(pq.read_table(shard), copy, exchange), out / f"{shard.stem}-{copy}.parquet", compression="zstd"
            )
    return out


def copy_of(table: pa.Table, copy: int, exchange: dict[int, int]) -> pa.Table:
    ids = pc.binary_join_element_wise(table["id"].cast(pa.string()), f"-{copy}", "")
    table = table.set_column(table.schema.get_field_index("id"), "id", ids)
    if not exchange:
        return table
    at = table.schema.get_field_index("text")
    texts = [text and text.translate(exchange) for text in table["text"].to_pylist()]
    return table.set_column(at, "text", pa.array(texts, table.schema.field(at).type))


def exchanged(copy: int) -> dict[int, int]:
    """Say which character stands for which in a copy; none stands for itself, but in copy 0 all do."""
    if copy == 0:
        return {}
    random = Random(copy)
    pairs: list[tuple[str, str]] = []
    for characters in (_LETTERS, _DIGITS):
        others = list(characters)
        while any(a == b for a, b in zip(characters, others, strict=True)):
            random.shuffle(others)
        pairs += zip(characters, others, strict=True)
    pairs += [(a.upper(), b.upper()) for a, b in pairs if a in _LETTERS]
    table = {ord(a): ord(b) for a, b in pairs}
    table |= {a + _FULLWIDTH: b + _FULLWIDTH for a, b in table.items()}
    # Turned, not shuffled: no two of the first 20,000 copies agree on a character.
    turn = copy * 7919 % len(_HAN)
    return table | {ord(a): ord(b) for a, b in zip(_HAN, _HAN[turn:] + _HAN[:turn], strict=True)}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gm-bench-") as name:
        folder = Path(name)
        shards = scaled(folder, 4)
        copies = [sorted_by_id(shards, copy) for copy in range(4)]
    chosen = Random(1).sample(range(len(copies[0])), min(_CHECKED, len(copies[0])))
    chinese = [n for n in range(len(copies[0])) if is_chinese(copies[0][n])]
    languages = {"all": chosen, "Chinese": Random(2).sample(chinese, min(_CHECKED, len(chinese)))}
    for language, rows in languages.items():
        between = [similarity(copies[a][n], copies[b][n]) for a, b in combinations(range(4), 2) for n in rows]
        told = ", ".join(f"{q}: {np.quantile(between, q):.3f}" for q in (0.5, 0.9, 0.99, 1))
        above = sum(one >= 0.3 for one in between)
        print(f"{language}: a document and itself in another copy, {len(between):,} pairs; Jaccard quantiles {told}")
        print(f"{language}: pairs at 0.3 or more: {above}")
    pairs = [pair for pair in neighbours(copies[0]) if similarity(*(copies[0][n] for n in pair)) > 0]
    inside = [[similarity(copies[c][a], copies[c][b]) for a, b in pairs] for c in range(4)]
    worst = max(abs(one - other) for copy in inside[1:] for one, other in zip(inside[0], copy, strict=True))
    alike = sum(one >= 0.7 for one in inside[0])
    print(f"pairs within a copy with shingles in common: {len(pairs):,}, of which {alike:,} at 0.7 or more")
    print(f"largest difference of such a pair's Jaccard index between copies: {worst:.4f}")


def sorted_by_id(shards: Path, copy: int) -> list[str]:
    table = pa.concat_tables([pq.read_table(f, columns=["id", "text"]) for f in shards.glob(f"*-{copy}.parquet")])
    texts: list[str] = table.sort_by("id")["text"].drop_null().to_pylist()
    return texts


def is_chinese(text: str) -> bool:
    return sum("\u4e00" <= c <= "\u9fff" for c in text) > len(text) / 4


def similarity(one: str, other: str) -> float:
    a, b = (set(shingle_hashes(text, _SHINGLE_TOKENS).tolist()) for text in (one, other))
    return len(a & b) / len(a | b) if a and b else 0.0


def neighbours(texts: list[str]) -> Iterator[tuple[int, int]]:
    """Give pairs that share their least shingle, of which many are alike."""
    first: dict[int, int] = {}
    for number, text in enumerate(texts):
        shingles = shingle_hashes(text, _SHINGLE_TOKENS)
        if len(shingles):
            other = first.setdefault(int(shingles.min()), number)
            if other != number:
                yield other, number


if __name__ == "__main__":
    main()
