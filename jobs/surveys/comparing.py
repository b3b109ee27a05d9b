"""Comparing: what documents have in common with originals. Sketches in; for each unit, the parts that are copies, out.

    sketches -> key runs of originals and of others -> candidates (documents that share a key with the other side)
    -> parts of candidates (their text is read again) -> parts that both sides have -> told, by unit

What is moved is keys, digests and ids. Of candidates, both sides' parts meet by digest: so a passage that a million
documents have costs as much as there are of them, not as many as there are pairs.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import Commit, Unit, digest
from jobs.held import Held
from jobs.outbox import Outbox, read_rows
from jobs.plan import SurveyPlan
from jobs.sorted import (
    Sorted,
    partition_units,
    range_of,
    read_range,
    sorted_files,
    unit_groups,
    windows,
    write_sorted,
)
from jobs.storage import Storage, open_storage
from jobs.surveys.addresses import at_of, row_of, unit_of
from jobs.surveys.keys import LiveRun, entry_units, entry_windows, key_runs, read_window
from jobs.surveys.labels import with_labels
from jobs.surveys.pieces import Piece
from jobs.units import Run, map_units
from ops.kernels.groups import each_value
from ops.surveys import Comparing

CANDIDATE = pa.schema([("number", pa.int64()), ("row", pa.int64()), ("key", pa.uint64()), ("is_original", pa.bool_())])
PART = pa.schema(
    [
        ("key", pa.uint64()),
        ("check", pa.uint64()),
        ("at", pa.int64()),
        ("place", pa.int64()),
        ("original", pa.string()),  # its id; null where the document is none
    ]
)
_DIGEST = ["key", "check"]

# Text whose parts are made at once: 48 bytes for each token, if all of it is copied, and what puts them in order.
_TEXT_BYTES = 8 * 1024 * 1024

# Parts are read, put together and joined.
_COPIES_IN_MEMORY = 6


@dataclass(frozen=True)
class _Side:
    """The keys of one side alone."""

    survey: Comparing
    originals: bool

    @property
    def keyed_by(self) -> tuple[str, ...]:
        return self.survey.keyed_by

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the keys, and 0 for documents of the other side."""
        return np.where(self.survey.are_originals(sketches) == self.originals, self.survey.keys(sketches), 0)


@dataclass(frozen=True)
class _Sides:
    """Key runs of originals, those of references among them, and of the documents that are compared with them."""

    originals: list[LiveRun]
    others: list[LiveRun]

    @property
    def all(self) -> list[LiveRun]:
        return [*self.originals, *self.others]


def compare(
    run: Run, plan: SurveyPlan, survey: Comparing, held: Sequence[Held], pieces: Sequence[Piece], partition_bytes: int
) -> tuple[list[Held], dict[str, Any]]:
    """Return the units with the copies that each has, and what to tell of them."""
    # What is dropped is no original: a unit's keys follow from what is left of it.
    left = [replace(one, name=digest(one.name, one.identity()[2]), less_dropped=True) for one in pieces]
    own = [one for one in left if not one.held.reference]
    against = [one for one in left if one.held.reference]
    sides = _Sides(
        [
            *key_runs(run, plan.sketch_stage("originals"), _Side(survey, originals=True), own),
            *key_runs(run, plan.sketch_stage("references"), survey, against),
        ],
        key_runs(run, plan.sketch_stage("others"), _Side(survey, originals=False), own),
    )
    candidates = _candidates(run, plan, sides, partition_bytes)
    by_number = {piece.number: piece.held for piece in pieces}
    parts = _parts(run, plan, survey, by_number, candidates, partition_bytes)
    copies = _copies(run, plan, parts, partition_bytes)
    return with_labels(run, plan, survey, held, copies, partition_bytes), {
        "copied_parts": sum(commit.facts["copied"] for commit in copies)
    }


def _candidates(run: Run, plan: SurveyPlan, sides: _Sides, partition_bytes: int) -> list[Commit]:
    work = partial(_candidate_unit, sides=sides, window_bytes=partition_bytes, storage_url=run.storage.url)
    units = entry_units(sides.all, partition_bytes, len(sides.originals))
    return map_units(run, plan.stage("candidates"), units, work)


def _candidate_unit(
    unit: Unit, outbox: Outbox, *, sides: _Sides, window_bytes: int, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    for low, high in entry_windows(unit, sides.all, window_bytes):
        for table in _on_both_sides(storage, sides, low, high):
            told |= write_sorted(outbox, f"candidates-{len(told):05d}", table.sort_by("number"), "number")
    return {"sorted": told}


def _on_both_sides(storage: Storage, sides: _Sides, low: int, high: int) -> Iterator[pa.Table]:
    """Give the entries of the keys that both sides have."""
    if low < high:
        both = [read_window(storage, runs, low, high) for runs in (sides.originals, sides.others)]
        shared = np.intersect1d(both[0][0], both[1][0])
        for (key, at), is_original in zip(both, (True, False), strict=True):
            chosen = np.isin(key, shared)
            yield _candidate_table(key[chosen], at[chosen], is_original=is_original)
        return
    # One key that more documents have than a worker should hold.
    if all(any(map(len, _read_key(storage, runs, low))) for runs in (sides.originals, sides.others)):
        for runs, is_original in ((sides.originals, True), (sides.others, False)):
            for at in _read_key(storage, runs, low):
                yield _candidate_table(np.full(len(at), low, np.uint64), at, is_original=is_original)


def _read_key(storage: Storage, runs: Sequence[LiveRun], key: int) -> Iterator[NDArray[np.int64]]:
    return (at for one in runs for _, at in one.read(storage, key, key))


def _candidate_table(key: NDArray[np.uint64], at: NDArray[np.int64], *, is_original: bool) -> pa.Table:
    side = pa.repeat(pa.scalar(is_original), len(at))
    return pa.table([pa.array(unit_of(at)), pa.array(row_of(at)), pa.array(key), side], schema=CANDIDATE)


def _parts(
    run: Run,
    plan: SurveyPlan,
    survey: Comparing,
    held: dict[int, Held],
    candidates: Sequence[Commit],
    partition_bytes: int,
) -> list[Sorted]:
    files = sorted_files(candidates)
    units, groups = unit_groups(files, max(held, default=0) + 1, partition_bytes)
    work = partial(_part_unit, files=files, groups=groups, held=held, survey=survey, storage_url=run.storage.url)
    return sorted_files(map_units(run, plan.stage("parts"), units, work))


def _part_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    files: Sequence[Sorted],
    groups: dict[str, range],
    held: dict[int, Held],
    survey: Comparing,
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    group = groups[unit.name]
    tables = [table for file in files for table in read_range(storage, file, "number", group[0], group[-1])]
    whole = pa.concat_tables([CANDIDATE.empty_table(), *tables]).sort_by("number")
    told: dict[str, Any] = {}
    for number, start, end in each_value(np.asarray(whole["number"])):
        for table in _parts_of(storage, held[number], number, whole.slice(start, end - start), survey):
            told |= write_sorted(outbox, f"parts-{len(told):05d}", table, "key")
    return {"sorted": told}


def _parts_of(storage: Storage, held: Held, number: int, candidates: pa.Table, survey: Comparing) -> Iterator[pa.Table]:
    """Give the parts of one unit's candidates, in order of digest, of some documents at a time."""
    keys = np.unique(np.asarray(candidates["key"]))
    rows, first = np.unique(np.asarray(candidates["row"]), return_index=True)
    is_original = np.asarray(candidates["is_original"])[first]
    documents = read_rows(storage, held.data, rows, ["id", "text", "text_bytes"])
    group = np.cumsum(np.asarray(documents["text_bytes"])) // _TEXT_BYTES
    for _, begin, end in each_value(group):
        some = documents.slice(begin, end - begin)
        made = survey.parts(some["text"], keys)
        row = np.asarray(made["row"])
        of = pa.array(np.where(is_original[begin + row], row, -1), mask=~is_original[begin + row])
        columns = {
            "at": pa.array(at_of(number, rows[begin + row])),
            "original": some["id"].take(of),
            **{name: made[name] for name in ("key", "check", "place")},
        }
        yield pa.table([columns[name] for name in PART.names], schema=PART).sort_by("key")


def _copies(run: Run, plan: SurveyPlan, parts: Sequence[Sorted], partition_bytes: int) -> list[Commit]:
    """Bring equal parts together; return commits whose `labels` are those of copies, with the originals' ids."""
    size = sum(part.memory_bytes for part in parts)
    partitions = max(1, math.ceil(size * _COPIES_IN_MEMORY / partition_bytes))
    units = partition_units(partitions, digest([part.file.sha256 for part in parts], partition_bytes), size)
    work = partial(_copy_unit, parts=parts, window_bytes=partition_bytes, storage_url=run.storage.url)
    return map_units(run, plan.stage("copies"), units, work)


def _copy_unit(
    unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], window_bytes: int, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    copied = 0
    for low, high in windows(parts, *range_of(unit), window_bytes // _COPIES_IN_MEMORY):
        for found in _copied(storage, parts, low, high):
            told |= write_sorted(outbox, f"copies-{len(told):05d}", found.sort_by("at"), "at")
            copied += found.num_rows
    return {"labels": told, "copied": copied}


def _copied(storage: Storage, parts: Sequence[Sorted], low: int, high: int) -> Iterator[pa.Table]:
    """Give the parts of a range of digests that originals have too."""
    if low < high:
        whole = pa.concat_tables([PART.empty_table(), *_read_parts(storage, parts, low, high)])
        yield _joined(whole, _least([whole]))
        return
    # One part that more documents have than a worker should hold is read twice.
    originals = _least(_read_parts(storage, parts, low, high))
    for table in _read_parts(storage, parts, low, high):
        yield _joined(table, originals)


def _joined(parts: pa.Table, originals: pa.Table) -> pa.Table:
    others = parts.filter(parts["original"].is_null()).drop_columns("original")
    return others.join(originals, _DIGEST, join_type="inner", use_threads=False).select(["at", "place", "original"])


def _read_parts(storage: Storage, parts: Sequence[Sorted], low: int, high: int) -> Iterator[pa.Table]:
    return (table for part in parts for table in read_range(storage, part, "key", low, high))


def _least(tables: Iterable[pa.Table]) -> pa.Table:
    """Return the least id of the originals of each part."""
    found = PART.empty_table().select([*_DIGEST, "original"])
    for table in tables:
        whole = pa.concat_tables([found, table.filter(table["original"].is_valid()).select(found.column_names)])
        least = whole.group_by(_DIGEST, use_threads=False).aggregate([("original", "min")])
        found = least.rename_columns([*_DIGEST, "original"])
    return found
