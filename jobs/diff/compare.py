"""Comparing two releases: which documents came, which went and why, whose text changed. Ledgers in, counts out.

Units of which both releases hold the same documents are not read. What is left of the others is told by 16 bytes of its
id and of its text, which go to files on this machine, by range of id; a range at a time is in memory.
"""

import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.held import read_held
from jobs.ledger import Drops, Ledger, Lot, read_ledger, step_settings, tables
from jobs.outbox import read_rows
from jobs.release import read_manifest
from jobs.storage import Storage
from ops.kernels.hashing import digests

# One document of a release, and one that a release's ledger says was dropped.
_DOCUMENT = np.dtype([("id", "<u8", 2), ("text", "<u8", 2), ("source", "<u4"), ("lot", "<u4"), ("row", "<u4")])
_DROPPED = np.dtype([("id", "<u8", 2), ("why", "<u4")])

# Documents of both releases in a range of ids; ordering them takes about four times that.
_RANGE_BYTES = 64 * 1024 * 1024

_SIDES = ("before", "after")
_NOT_DROPPED = 0

_Counts = dict[tuple[str, int, int], tuple[int, Any]]  # by kind, source and reason: documents, and one of them


@dataclass(frozen=True)
class Change:
    """Documents of one source that came, went or changed for one reason."""

    kind: str  # came | went | changed
    source: str
    step: str  # that dropped them in the other release; empty where none did
    reason: str
    documents: int
    example: str  # the id of one of them


@dataclass(frozen=True)
class Compared:
    """What two releases differ in."""

    before: dict[str, Any]  # manifests
    after: dict[str, Any]
    changes: list[Change]  # most frequent first

    def count(self, kind: str, source: str | None = None) -> int:
        """How many documents came, went or changed: of a source, or of all."""
        return sum(one.documents for one in self.changes if one.kind == kind and source in (None, one.source))


def compare(storage: Storage, before: int, after: int) -> Compared:
    """Compare two releases."""
    manifests = read_manifest(storage, before), read_manifest(storage, after)
    ledgers = [read_ledger(storage, manifest) for manifest in manifests]
    lots = _unlike(*(ledger.released for ledger in ledgers))
    names = sorted({name for manifest in manifests for name in manifest["sources"]})
    drops = _drops_of_one(*ledgers)
    reasons: list[tuple[str, str]] = [("", "")]
    with tempfile.TemporaryDirectory(prefix="gm-diff-") as folder:
        rows = sum(lot.held.rows for side in lots for lot in side)
        ranges = _Ranges(Path(folder), max(1, math.ceil(rows * _DOCUMENT.itemsize / _RANGE_BYTES)))
        for side, some, gone in zip(_SIDES, lots, drops, strict=True):
            for number, lot in enumerate(some):
                for documents in _documents(storage, lot, number, names):
                    ranges.add(side, documents)
            for dropped in _dropped(storage, gone, reasons):
                ranges.add(f"{side}-dropped", dropped)
        told: _Counts = {}
        for number in range(ranges.count):
            _count(told, _changes(ranges, number))
    changes = [
        Change(kind, names[source], *reasons[why], count, _id_of(storage, lots[0] if kind == "went" else lots[1], one))
        for (kind, source, why), (count, one) in told.items()
    ]
    return Compared(*manifests, sorted(changes, key=lambda one: (-one.documents, one.kind, one.source, one.reason)))


def settings_changed(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, Any, Any]]:
    """Give each setting that differs between two manifests: where, its name, and both values; None where there is none.

    A step that only one release has is one setting, without a name.
    """
    one, other = ({**_job_settings(manifest), **step_settings(manifest)} for manifest in (before, after))
    for where in [*one, *(name for name in other if name not in one)]:
        if where not in one or where not in other:
            yield where, "", "a step" if where in one else None, "a step" if where in other else None
            continue
        names = [*one[where], *(name for name in other[where] if name not in one[where])]
        for name in names:
            values = one[where].get(name), other[where].get(name)
            if values[0] != values[1]:
                yield where, name, *values


def _job_settings(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings that are of no step: each source's, and the job's own."""
    job = manifest["job"]
    told = {f"source {one['name']}": one for one in job["sources"]}
    told |= {f"reference {one['name']}": one for one in job.get("references", [])}
    own = {name: value for name, value in job.items() if name not in ("sources", "references", "steps", "release")}
    return {"job": own, **told, "release": job["release"]}


def _unlike(before: Sequence[Lot], after: Sequence[Lot]) -> tuple[list[Lot], list[Lot]]:
    """Leave out, of both, the lots that hold the same documents in the other release."""
    one, other = (Counter(tuple(lot.held.identity()) for lot in lots) for lots in (before, after))
    return list(_more_than(before, other)), list(_more_than(after, one))


def _more_than(lots: Sequence[Lot], others: Counter[tuple[str, ...]]) -> Iterator[Lot]:
    left = Counter(others)
    for lot in lots:
        identity = tuple(lot.held.identity())
        if left[identity]:
            left[identity] -= 1
        else:
            yield lot


def _drops_of_one(before: Ledger, after: Ledger) -> tuple[list[Drops], list[Drops]]:
    """Return the drops of each release that the other has not: those of both tell of no change."""
    one, other = ({drops.file.key for drops in ledger.drops} for ledger in (before, after))
    return (
        [drops for drops in before.drops if drops.file.key not in other],
        [drops for drops in after.drops if drops.file.key not in one],
    )


def _documents(storage: Storage, lot: Lot, number: int, names: Sequence[str]) -> Iterator[NDArray[np.void]]:
    for batch in read_held(storage, lot.held, ["id", "text"], with_rows=True):
        made = np.zeros(batch.num_rows, _DOCUMENT)
        made["id"], made["text"] = digests(batch["id"]), digests(batch["text"])
        made["source"], made["lot"], made["row"] = names.index(lot.held.source), number, np.asarray(batch["row"])
        yield made


def _dropped(storage: Storage, drops: Sequence[Drops], reasons: list[tuple[str, str]]) -> Iterator[NDArray[np.void]]:
    """Give the ids that ledgers tell of, and why, as a number in `reasons`: a later stage's is larger."""
    for _, table in tables(storage, drops, ["id", "step", "reason"]):
        made = np.zeros(table.num_rows, _DROPPED)
        made["id"] = digests(table["id"])
        told = [column.combine_chunks().dictionary_encode() for column in (table["step"], table["reason"])]
        pairs, place = np.unique(
            np.column_stack([np.asarray(one.indices) for one in told]), axis=0, return_inverse=True
        )
        named = [(told[0].dictionary[int(a)].as_py(), told[1].dictionary[int(b)].as_py()) for a, b in pairs]
        reasons += [one for one in named if one not in reasons]
        made["why"] = np.array([reasons.index(one) for one in named], np.uint32)[place.ravel()]
        yield made


@dataclass(frozen=True)
class _Ranges:
    """Rows by range of id, in files of this machine."""

    folder: Path
    count: int

    def add(self, name: str, rows: NDArray[np.void]) -> None:
        number = ((rows["id"][:, 0] >> np.uint64(32)) * np.uint64(self.count)) >> np.uint64(32)
        for one in np.unique(number).tolist():
            with self._file(name, one).open("ab") as file:
                rows[number == one].tofile(file)

    def rows(self, name: str, number: int, kind: np.dtype[Any]) -> NDArray[np.void]:
        file = self._file(name, number)
        return np.fromfile(file, kind) if file.exists() else np.empty(0, kind)

    def _file(self, name: str, number: int) -> Path:
        return self.folder / f"{name}-{number}"


def _changes(ranges: _Ranges, number: int) -> Iterator[tuple[str, NDArray[np.void], NDArray[np.uint32]]]:
    """Give what came, went and changed among the ids of one range, and why it was dropped from the other release."""
    before, after = (ranges.rows(side, number, _DOCUMENT) for side in _SIDES)
    rows = np.concatenate([before, after])
    is_after = np.repeat([False, True], [len(before), len(after)])
    order = np.lexsort((is_after, rows["id"][:, 1], rows["id"][:, 0]))
    rows, is_after = rows[order], is_after[order]
    # An id is in a release once: of two in a row that are equal, the second is of the later release.
    again = np.zeros(len(rows), np.bool_)
    again[:-1] = (rows["id"][1:] == rows["id"][:-1]).all(axis=1)
    alone = ~(again | np.roll(again, 1))
    changed = np.flatnonzero(again)
    changed = changed[(rows["text"][changed] != rows["text"][changed + 1]).any(axis=1)] + 1
    yield "changed", rows[changed], np.full(len(changed), _NOT_DROPPED, np.uint32)
    for kind, chosen, other in (("went", alone & ~is_after, "after"), ("came", alone & is_after, "before")):
        yield kind, rows[chosen], _why(rows["id"][chosen], ranges.rows(f"{other}-dropped", number, _DROPPED))


def _why(ids: NDArray[np.uint64], dropped: NDArray[np.void]) -> NDArray[np.uint32]:
    """Return, for each id, why it was dropped: the latest reason, or `_NOT_DROPPED`."""
    every = np.concatenate([dropped["id"], ids])
    why = np.concatenate([dropped["why"], np.zeros(len(ids), np.uint32)])
    asked = np.repeat([False, True], [len(dropped), len(ids)])
    order = np.lexsort((why, asked, every[:, 1], every[:, 0]))
    told = np.maximum.accumulate(np.where(asked[order], -1, np.arange(len(order))))  # the last that was dropped so far
    known = (told >= 0) & (every[order] == every[order[told]]).all(axis=1)
    found = np.zeros(len(order), np.uint32)
    found[order] = np.where(known, why[order[told]], _NOT_DROPPED)
    return found[len(dropped) :]


def _count(told: _Counts, changes: Iterable[tuple[str, NDArray[np.void], NDArray[np.uint32]]]) -> None:
    """Add changes up by kind, source and reason, each with its first document."""
    for kind, rows, why in changes:
        if not len(rows):
            continue
        pairs, first, counts = np.unique(
            np.column_stack([rows["source"], why]), axis=0, return_index=True, return_counts=True
        )
        for (source, reason), at, count in zip(pairs.tolist(), first.tolist(), counts.tolist(), strict=True):
            before, example = told.get((kind, source, reason), (0, rows[at]))
            told[kind, source, reason] = before + count, example


def _id_of(storage: Storage, lots: Sequence[Lot], document: Any) -> str:
    """Return the id of a document that one release has."""
    row = np.array([document["row"]], np.int64)
    return str(read_rows(storage, lots[int(document["lot"])].held.data, row, ["id"])["id"][0].as_py())
