"""Documents one by one in, Records of about BATCH_BYTES out: for readers of files whose members differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from jobs.readers.records import BATCH_BYTES, Records, Unreadable


@dataclass(frozen=True)
class Document:
    """A readable record: its position, and values by the names that a source's `columns` may use."""

    position: int
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class Skipped:
    """Something that is no document and was not meant to be one."""

    kind: str


def batches(found: Iterable[Document | Unreadable | Skipped], columns: Mapping[str, str]) -> Iterator[Records]:
    """Gather what was found, in order; `columns`: our name -> name among the values."""
    rows: list[Document] = []
    aside: list[Unreadable] = []
    skipped: Counter[str] = Counter()
    held = 0
    for one in found:
        match one:
            case Document():
                rows.append(one)
                held += len(one.values.get(columns["text"]) or "")
            case Unreadable():
                aside.append(one)
                held += len(one.raw)
            case Skipped():
                skipped[one.kind] += 1
        if held >= BATCH_BYTES:
            yield _records(rows, aside, skipped, columns)
            rows, aside, skipped, held = [], [], Counter(), 0
    yield _records(rows, aside, skipped, columns)


def _records(
    rows: list[Document], aside: list[Unreadable], skipped: Counter[str], columns: Mapping[str, str]
) -> Records:
    positions = pa.array([row.position for row in rows], pa.int64())
    texts = {name: pa.array([row.values.get(column) for row in rows], pa.string()) for name, column in columns.items()}
    return Records(pa.table({"position": positions, **texts}), tuple(aside), dict(skipped))
