"""Verdicts of the quality judges compared with datatrove's: English by the defaults of both, Chinese by FineWeb-2's.

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
        for language, documents in by_language(Path(folder)).items():
            source, target = Path(folder) / "texts.parquet", Path(folder) / "verdicts.parquet"
            pq.write_table(documents.select(["id", "text"]), source)
            command = [python_of("datatrove"), PEERS / "datatrove_filters.py", source, target, language]
            subprocess.run(command, check=True)
            theirs = pq.read_table(target)
            marks = theirs.schema.metadata[b"marks"].decode()
            ended = np.count_nonzero(KINDS[[ord(c) for c in marks]] & TERMINAL)
            print(f"{pinned('datatrove')}, {documents.num_rows:,} {language} documents")
            print(f"end marks: {len(marks)}, of which ours {ended}")
            for name in [name for name in JUDGES if name in theirs.column_names]:
                verdicts = JUDGES[name].judge(documents).to_pylist()
                compare(name, documents["id"].to_pylist(), verdicts, theirs[name].to_pylist())


def by_language(folder: Path) -> dict[str, pa.Table]:
    """Return measured documents of each language, spread over the corpus: with hardly a Han word, and with many."""
    tables = [pq.read_table(shard, columns=["id", "text"]) for shard in shards_of(folder)]
    table = pa.concat_tables(tables).drop_null().cast(pa.schema([("id", pa.string()), ("text", pa.string())]))
    quality = QualitySignals().edit(table)["quality"].combine_chunks()
    measured = table.append_column("quality", quality)
    chosen = {
        "English": pc.less(quality.field("han_word_share"), 0.02),
        "Chinese": pc.equal(quality.field("profile"), "zh"),
    }
    return {language: _spread(measured.filter(some)) for language, some in chosen.items()}


def _spread(table: pa.Table) -> pa.Table:
    return table.take(np.unique(np.linspace(0, table.num_rows - 1, DOCUMENTS).astype(np.int64)))


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
