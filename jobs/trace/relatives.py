"""Tracing: what a document was made from and what was made from it, in all releases. An id in, its relatives out.

Only manifests, commits and the row groups of the index that may hold an id are read: no text, and no column of all.
Where records lie in raw shards is looked up in those of the document and of what it was made from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.errors import JobError
from jobs.lineage import Index, indexes_at, keys_of
from jobs.release import read_manifest, released_numbers
from jobs.sorted import Sorted, read_keys
from jobs.storage import Storage
from jobs.trace.raw import Raw, raw_places

# Relatives in each direction: two screens. A book that a million texts were made from is told of well enough.
_RELATIVES_MAX = 100


# Of a document, beside its id and its parents.
_TOLD = ("source", "path", "position", "url", "license", "generator", "prompt_hash", "parents")


@dataclass
class Record:
    """A record that a document was read from."""

    row: dict[str, Any]  # `_TOLD` of the index
    releases: set[int]  # that read it
    raw: Raw | None = None  # where it lies in its shard; None: not looked up, or of a kind that cannot tell


@dataclass
class Relative:
    """A document, as far as any release knows of it."""

    id: str
    records: list[Record] = field(default_factory=list)
    ends: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # by release: what dropped which record
    next: list[str] = field(default_factory=list)  # its parents, or its children
    is_cut: bool = False  # whether it has more of these


@dataclass(frozen=True)
class Trace:
    """A document, and its relatives by id, generation after generation; it is the first of both itself."""

    own: Relative
    up: dict[str, Relative]
    down: dict[str, Relative]


@dataclass(frozen=True)
class _Part:
    """A file of an index, and the releases that have it."""

    file: Sorted
    releases: frozenset[int]


@dataclass(frozen=True)
class _Search:
    storage: Storage
    documents: Sequence[_Part]
    children: Sequence[_Part]
    ends: Sequence[_Part]


def trace(storage: Storage, number: int, document_id: str) -> Trace:
    """Find a document, everything it was made from and everything made from it, up to a release."""
    search = _search(storage, number)
    up = _walk(search, document_id, is_up=True)
    down = _walk(search, document_id, is_up=False)
    own = up[document_id]
    if not own.records and not down[document_id].next:
        raise JobError(
            f"no release up to {number} has read a document {document_id!r}, or one that was made from it. A document "
            "without an id of its own is called source/path#position, such as web/part-0.jsonl#0."
        )
    records = [record for relative in up.values() for record in relative.records]
    places = [((max(one.releases), one.row["source"], one.row["path"]), one.row["position"]) for one in records]
    for record, raw in zip(records, raw_places(storage, places), strict=True):
        record.raw = raw
    return Trace(own, up, down)


def _search(storage: Storage, number: int) -> _Search:
    numbers = [one for one in released_numbers(storage) if one <= number]
    places = [read_manifest(storage, one).get("indexes", {}) for one in numbers]
    if not places or not places[-1]:
        raise JobError(
            f"release {number} was made by a version that kept no lineage. Run the job again: it indexes what it reads."
        )
    lineage = indexes_at(storage, [place.get("lineage", {}) for place in places])
    ends = indexes_at(storage, [place.get("ends", {}) for place in places])
    return _Search(
        storage,
        _parts(numbers, lineage, "documents"),
        _parts(numbers, lineage, "children"),
        _parts(numbers, ends, "ends"),
    )


def _parts(numbers: Sequence[int], indexes: Sequence[Index], role: str) -> list[_Part]:
    """Return each file once: releases share those of what did not change."""
    files: dict[str, Sorted] = {}
    releases: dict[str, set[int]] = {}
    for number, index in zip(numbers, indexes, strict=True):
        for part in index.files(role):
            files[part.file.key] = part
            releases.setdefault(part.file.key, set()).add(number)
    return [_Part(files[key], frozenset(releases[key])) for key in files]


def _walk(search: _Search, document_id: str, *, is_up: bool) -> dict[str, Relative]:
    """Find ancestors, or descendants, a generation at a time; the document itself is the first."""
    found: dict[str, Relative] = {}
    generation = [document_id]
    while generation:
        relatives = _relatives(search, generation)
        if not is_up:
            _add_children(search, relatives)
        found |= relatives
        named = dict.fromkeys(one for relative in relatives.values() for one in relative.next if one not in found)
        generation = list(named)[: max(0, _RELATIVES_MAX - len(found))]
    return found


def _relatives(search: _Search, ids: Sequence[str]) -> dict[str, Relative]:
    """Look documents up: where they were read, what they were made from, and where they ended."""
    found = {one: Relative(one) for one in ids}
    for part, row in _rows(search, search.documents, "id", ids):
        relative = found[row["id"]]
        # Not the digests of its text, which other steps may leave otherwise.
        told = {name: row[name] for name in _TOLD}
        record = next((one for one in relative.records if one.row == told), None)
        if record is None:
            record = Record(told, set())
            relative.records.append(record)
        record.releases |= part.releases
        relative.next += [one for one in row["parents"] or () if one and one not in relative.next]
    for part, row in _rows(search, search.ends, "id", ids):
        found[row["id"]].ends += [(release, row) for release in sorted(part.releases)]
    return found


def _add_children(search: _Search, relatives: Mapping[str, Relative]) -> None:
    """Put children in the place of parents."""
    children: dict[str, set[str]] = {one: set() for one in relatives}
    for _, row in _rows(search, search.children, "parent", list(relatives)):
        children[row["parent"]].add(row["id"])
    for one, relative in relatives.items():
        relative.next = sorted(children[one])[:_RELATIVES_MAX]
        relative.is_cut = len(children[one]) > _RELATIVES_MAX


def _rows(
    search: _Search, parts: Sequence[_Part], column: str, ids: Sequence[str]
) -> Iterator[tuple[_Part, dict[str, Any]]]:
    """Give the rows of some ids; of each file and id no more than a trace tells of."""
    keys = np.unique(np.asarray(keys_of(pa.array(ids, pa.string()))))
    for part in parts:
        left = dict.fromkeys(ids, _RELATIVES_MAX + 1)
        for table in read_keys(search.storage, part.file, keys):
            more = pa.array([one for one in ids if left[one]], pa.string())
            for row in table.filter(pc.is_in(table[column], more)).to_pylist():
                if left[row[column]]:
                    left[row[column]] -= 1
                    yield part, row
