"""Finding a document: an id or a place in a shard in, the rows of the ledger and of the release that it names out."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from jobs.commits import File
from jobs.ledger import Ledger, Lot
from jobs.outbox import read_table
from jobs.report.texts import Sources
from jobs.storage import Storage

_READERS = 8

_PLACE = re.compile(r"(?P<path>.+?)(?:#(?P<position>\d+))?")


@dataclass(frozen=True)
class Reader:
    """What every part of a story reads from."""

    storage: Storage
    ledger: Ledger
    sources: Sources


@dataclass(frozen=True)
class Asked:
    """What was asked for: an id, and the place that it names if it is `source/path#position` or `source/path`."""

    id: str
    shard: dict[str, Any] | None = None
    position: int | None = None


def asked_for(ledger: Ledger, document_id: str) -> Asked:
    """Recognise a place in one of the release's shards."""
    matched = _PLACE.fullmatch(document_id)
    for read in ledger.manifest["inputs"]:
        name = f"{read['source']}/{read['path']}"
        if document_id == name:
            return Asked(document_id, read)
        if matched and matched["position"] and matched["path"] == name:
            return Asked(document_id, read, int(matched["position"]))
    return Asked(document_id)


def of_shard(parts: Sequence[Any], asked: Asked) -> list[Any]:
    """Choose what belongs to the shard that was asked for; everything where none was."""
    return [part for part in parts if not asked.shard or _same_shard(part.shard, asked.shard)]


def search(storage: Storage, parts: Sequence[Any], asked: Asked) -> Iterator[tuple[Any, list[int]]]:
    """Give the rows of each file whose id, or place, is the one asked for."""

    def rows(part: Any) -> list[int]:
        file = part.held.data if isinstance(part, Lot) else part.file
        names = ["id", "position"] if asked.position is not None else ["id"]
        table = read_table(storage, file, names)
        mask = pc.equal(table["id"], asked.id)
        if asked.position is not None:
            mask = pc.or_(mask, pc.equal(table["position"], asked.position))
        return [int(row) for row in np.flatnonzero(np.asarray(mask))]

    with ThreadPoolExecutor(_READERS) as pool:
        for begin in range(0, len(parts), _READERS):
            some = parts[begin : begin + _READERS]
            yield from zip(some, pool.map(rows, some), strict=True)


def ledger_row(storage: Storage, file: File, row: int) -> dict[str, Any]:
    """Return one row of a file of the ledger."""
    return dict(read_table(storage, file).slice(row, 1).to_pylist()[0])


def cuts_of(reader: Reader, shard: dict[str, Any], position: int) -> list[dict[str, Any]]:
    """Return what edits cut from a document, in order."""
    at = pc.field("position") == position
    parts = [part for part in reader.ledger.cuts if part.shard == shard]
    return [row for part in parts for row in read_table(reader.storage, part.file, where=at).to_pylist()]


def _same_shard(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return bool(one["source"] == two["source"] and one["path"] == two["path"])
