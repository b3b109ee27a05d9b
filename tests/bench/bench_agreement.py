"""Verdicts of the four quality judges compared with datatrove's, with the defaults of both, on English documents.

GRISTMILL_BENCH_CORPUS names a folder with part-*.parquet (`id`, `text`). What both say is counted, and of each filter
the pairs of reasons in which they differ are listed with examples. The end marks of both are compared as well.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from bench_peers import PEERS, pinned, python_of
from corpus import shards_of
from machine import described

from ops.filters.c4 import C4
from ops.filters.fineweb import FinewebQuality
from ops.filters.gopher import GopherQuality
from ops.filters.repetition import GopherRepetition
from ops.filters.signals import QualitySignals
from ops.kernels.unicode_tables import KINDS, TERMINAL

JUDGES = {
    "gopher_quality": GopherQuality(),
    "gopher_repetition": GopherRepetition(),
    "fineweb_quality": FinewebQuality(),
    "c4": C4(terminal_mark=True),
    "c4_any_end": C4(),
}
DOCUMENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
EXAMPLES = 4


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        documents = english(Path(folder))
        source, target = Path(folder) / "texts.parquet", Path(folder) / "verdicts.parquet"
        pq.write_table(documents.select(["id", "text"]), source)
        subprocess.run([python_of("datatrove"), PEERS / "datatrove_filters.py", source, target], check=True)
        theirs = pq.read_table(target)
    print(f"{pinned('datatrove')}, {documents.num_rows:,} English documents")
    marks = theirs.schema.metadata[b"marks"].decode()
    print(f"end marks: {len(marks)}, of which ours {np.count_nonzero(KINDS[[ord(c) for c in marks]] & TERMINAL)}")
    for name, judge in JUDGES.items():
        compare(name, documents["id"].to_pylist(), judge.judge(documents).to_pylist(), theirs[name].to_pylist())


def english(folder: Path) -> pa.Table:
    """Return measured English documents, spread over the corpus."""
    tables = [pq.read_table(shard, columns=["id", "text"]) for shard in shards_of(folder)]
    table = pa.concat_tables(tables).drop_null().cast(pa.schema([("id", pa.string()), ("text", pa.string())]))
    measured = QualitySignals(chinese_words="characters").edit(table)
    is_english = pc.less(measured["quality"].combine_chunks().field("han_word_share"), 0.02)
    measured = measured.filter(is_english)
    return measured.take(np.unique(np.linspace(0, measured.num_rows - 1, DOCUMENTS).astype(np.int64)))


def compare(name: str, ids: list[str], ours: list[dict | None], theirs: list[str | None]) -> None:
    pairs = list(zip(ids, ours, theirs, strict=True))
    same = sum((our is None) == (their is None) for _, our, their in pairs)
    dropped = sum(their is not None for their in theirs)
    print(f"{name}: agreement {same / len(pairs):.2%}, dropped by datatrove {dropped / len(pairs):.1%}")
    differ = [(one, our, their) for one, our, their in pairs if (our is None) != (their is None)]
    causes = Counter((our and our["reason"], their) for _, our, their in differ)
    for (our_reason, their_reason), count in causes.most_common():
        print(f"  {count}: ours {our_reason or 'keeps'}, datatrove's {their_reason or 'keeps'}")
        shown = [
            (one, our) for one, our, their in differ if (our and our["reason"], their) == (our_reason, their_reason)
        ]
        for one, our in shown[:EXAMPLES]:
            print(f"    {one} {our}")


if __name__ == "__main__":
    main()
