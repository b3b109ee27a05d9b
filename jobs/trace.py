"""Tracing: what a document was made from and what was made from it, in all releases, as lines. An id in, a tree out.

Only manifests, commits and the row groups of the index that may hold an id are read: no text, and no column of all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.errors import JobError
from jobs.lineage import Index, indexes_at, keys_of
from jobs.release import read_manifest, released_numbers
from jobs.report.texts import shown
from jobs.sorted import Sorted, read_keys
from jobs.storage import Storage

# Relatives in each direction: two screens. A book that a million texts were made from is told of well enough.
_RELATIVES_MAX = 100


@dataclass
class _Relative:
    """A document, as far as any release knows of it."""

    id: str
    read: list[dict[str, Any]] = field(default_factory=list)  # each record of this id, and the releases that read it
    ends: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # by release: what dropped which record
    next: list[str] = field(default_factory=list)  # its parents, or its children
    is_cut: bool = False  # whether it has more of these


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


def trace(storage: Storage, number: int, document_id: str) -> list[str]:
    """Tell of a document, of everything it was made from and of everything made from it, up to a release."""
    search = _search(storage, number)
    own = _relatives(search, [document_id])[document_id]
    up = _walk(search, document_id, is_up=True)
    down = _walk(search, document_id, is_up=False)
    if not own.read and not down[document_id].next:
        raise JobError(
            f"no release up to {number} has read a document {document_id!r}, or one that was made from it. A document "
            "without an id of its own is called source/path#position, such as web/part-0.jsonl#0."
        )
    return [
        *_told(own),
        "made from",
        *(_tree(up, document_id) or ["  nothing that it names"]),
        "made from it",
        *(_tree(down, document_id) or ["  nothing"]),
    ]


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


def _walk(search: _Search, document_id: str, *, is_up: bool) -> dict[str, _Relative]:
    """Find ancestors, or descendants, a generation at a time; the document itself is the first."""
    found: dict[str, _Relative] = {}
    generation = [document_id]
    while generation:
        relatives = _relatives(search, generation)
        if not is_up:
            _add_children(search, relatives)
        found |= relatives
        named = dict.fromkeys(one for relative in relatives.values() for one in relative.next if one not in found)
        generation = list(named)[: max(0, _RELATIVES_MAX - len(found))]
    return found


def _relatives(search: _Search, ids: Sequence[str]) -> dict[str, _Relative]:
    """Look documents up: where they were read, what they were made from, and where they ended."""
    found = {one: _Relative(one) for one in ids}
    for part, row in _rows(search, search.documents, "id", ids):
        relative = found[row["id"]]
        record = next((one for one in relative.read if one["row"] == row), None)
        if record is None:
            record = {"row": row, "releases": set()}
            relative.read.append(record)
        record["releases"] |= part.releases
        relative.next += [one for one in row["parents"] or () if one and one not in relative.next]
    for part, row in _rows(search, search.ends, "id", ids):
        found[row["id"]].ends += [(release, row) for release in sorted(part.releases)]
    return found


def _add_children(search: _Search, relatives: Mapping[str, _Relative]) -> None:
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


def _told(own: _Relative) -> list[str]:
    """Tell of the document that was asked for."""
    lines = [shown(own.id)]
    for record in own.read:
        row = record["row"]
        said = {name: row[name] for name in ("url", "license", "generator", "prompt_hash") if row[name]}
        lines.append(f"  read      {_place(row)}")
        lines += [f"  {name.partition('_')[0]:<9} {shown(value)}" for name, value in said.items()]
        lines += [f"  {release:<9} {fate}" for release, fate in _fates(own, record)]
    return lines if own.read else [*lines, "  in the input of no release: others name it"]


def _tree(relatives: Mapping[str, _Relative], document_id: str) -> list[str]:
    """Tell of relatives, each below the one that it was reached by, and of each once."""
    lines: list[str] = []
    waiting = _below(relatives[document_id], 1)
    seen = {document_id}
    while waiting:
        one, depth = waiting.pop()
        indent = "  " * depth
        if one is None:
            lines.append(f"{indent}and more, which are not told")
        elif one in seen:
            again = "the document itself: they were made from each other" if one == document_id else "see above"
            lines.append(f"{indent}{shown(one)}  ({again})")
        elif one not in relatives:
            lines.append(f"{indent}{shown(one)}  (not looked up: there are many)")
        else:
            seen.add(one)
            lines.append(f"{indent}{shown(one)}  {_in_a_line(relatives[one])}")
            waiting += _below(relatives[one], depth + 1)
    return lines


def _below(relative: _Relative, depth: int) -> list[tuple[str | None, int]]:
    """Return who is told of below a relative, the last first; None for those that are not."""
    below: list[str | None] = [*relative.next, *([None] if relative.is_cut else [])]
    return [(one, depth) for one in reversed(below)]


def _in_a_line(relative: _Relative) -> str:
    if not relative.read:
        return "in the input of no release"
    records = []
    for record in relative.read:
        row = record["row"]
        told = [_place(row), *([shown(row["generator"])] if row["generator"] else [])]
        told += [f"{release} {fate}" for release, fate in _fates(relative, record)]
        records.append(", ".join(told))
    return "; ".join(records)


def _fates(relative: _Relative, record: dict[str, Any]) -> list[tuple[str, str]]:
    """Tell what became of a record in the releases that read it, those with one end together."""
    row = record["row"]
    ends = {
        release: _end(end)
        for release, end in relative.ends
        if all(end[name] == row[name] for name in ("source", "path", "position"))
    }
    numbers = sorted(record["releases"])
    fates = [(number, ends.get(number, "kept")) for number in numbers]
    told = []
    for fate, some in groupby(fates, key=lambda one: one[1]):
        group = [number for number, _ in some]
        told.append((f"release {_range(group)}", fate))
    return told


def _end(end: dict[str, Any]) -> str:
    other = f" ({shown(end['kept_id'])})" if end["kept_id"] else ""
    return f"dropped by {end['step']}: {end['reason']}{other}"


def _range(numbers: Sequence[int]) -> str:
    """Write numbers, which come in order.

    >>> _range([1, 2, 3, 7]), _range([4])
    ('1-3, 7', '4')
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _place(row: dict[str, Any]) -> str:
    return f"{row['source']}/{shown(row['path'])}#{row['position']}"
