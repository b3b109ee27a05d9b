"""Counting: in how many documents each key occurs. Sketches in; for each unit, the frequent keys that it has, out.

    sketches -> key runs -> frequent keys with the units that have them -> told, by unit

The next pass gives each unit its keys: the survey's edit works on them. A unit's keys are named by a hash of them, not
by their counts, so a night on which a count went from 1,000 to 1,001 edits nothing again.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import Commit, Unit, digest
from jobs.held import Found, Held
from jobs.outbox import Outbox
from jobs.plan import SurveyPlan
from jobs.sorted import Sorted, read_range, sorted_files, unit_groups, write_sorted
from jobs.storage import open_storage
from jobs.surveys.addresses import unit_of
from jobs.surveys.keys import LiveRun, entry_units, entry_windows, key_runs, read_window
from jobs.surveys.pieces import Piece
from jobs.units import Run, map_units
from ops.kernels.groups import begins, each_value, groups_of
from ops.surveys import Counting

FREQUENT = pa.schema([("number", pa.int64()), ("key", pa.uint64()), ("level", pa.uint8())])


def count(
    run: Run, plan: SurveyPlan, survey: Counting, held: Sequence[Held], pieces: Sequence[Piece], partition_bytes: int
) -> tuple[list[Held], dict[str, Any]]:
    """Return the units with the frequent keys that each has, and what to tell of them."""
    # A document that was dropped counts no more: a unit's keys follow from what is left of it.
    left = [replace(one, name=digest(one.name, one.identity()[2]), less_dropped=True) for one in pieces]
    runs = key_runs(run, plan.sketch_stage("keys"), survey, left)
    frequent = _frequent(run, plan, survey, runs, _of_source(held), partition_bytes)
    told = _by_unit(run, plan, len(held), frequent, partition_bytes)
    found = {
        number: Found(plan.label, number, name, part)
        for commit in told
        for part in sorted_files([commit])
        for number, name in commit.facts["units"]
    }
    notes = {"repeated": sum(commit.facts["keys"] for commit in frequent)}
    return [replace(one, found=(*one.found, found[n])) if n in found else one for n, one in enumerate(held)], notes


def _frequent(
    run: Run,
    plan: SurveyPlan,
    survey: Counting,
    runs: Sequence[LiveRun],
    of_source: NDArray[np.int64],
    partition_bytes: int,
) -> list[Commit]:
    work = partial(
        _frequent_unit,
        runs=runs,
        survey=survey,
        of_source=of_source,
        window_bytes=partition_bytes,
        storage_url=run.storage.url,
    )
    units = entry_units(runs, partition_bytes, of_source.tolist())
    return map_units(run, plan.stage("frequent"), units, work)


def _of_source(held: Sequence[Held]) -> NDArray[np.int64]:
    """Return, for each unit by its number, how many documents are left of its source."""
    left = Counter[str]()
    for one in held:
        left[one.source] += one.rows
    return np.array([left[one.source] for one in held], np.int64)


def _frequent_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    runs: Sequence[LiveRun],
    survey: Counting,
    of_source: NDArray[np.int64],
    window_bytes: int,
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    frequent = 0
    for low, high in entry_windows(unit, runs, window_bytes):
        if low < high:
            keys, table = _units_with(survey, *read_window(storage, runs, low, high), of_source)
        else:
            ats = (at for one in runs for _, at in one.read(storage, low, high))
            keys, table = _units_with_one(survey, low, ats, of_source)
        frequent += keys
        told |= write_sorted(outbox, f"frequent-{len(told):05d}", table, "number")
    return {"sorted": told, "keys": frequent}


def _units_with(
    survey: Counting, key: NDArray[np.uint64], at: NDArray[np.int64], of_source: NDArray[np.int64]
) -> tuple[int, pa.Table]:
    """Return how many keys, which come in order, are frequent, and the units that have each of them."""
    starts, group = groups_of(key)
    level = survey.repeated(np.diff(np.append(starts, len(key))), of_source[unit_of(at[starts])]).astype(np.uint8)
    chosen = level[group] > 0
    return int(np.count_nonzero(level)), _table(unit_of(at[chosen]), key[chosen], level[group[chosen]])


def _units_with_one(
    survey: Counting, key: int, ats: Iterator[NDArray[np.int64]], of_source: NDArray[np.int64]
) -> tuple[int, pa.Table]:
    """As `_units_with`, for one key that more documents have than a worker should hold."""
    documents = 0
    numbers: set[int] = set()
    for at in ats:
        documents += len(at)
        numbers |= set(np.unique(unit_of(at)).tolist())
    number = np.array(sorted(numbers))
    if not len(number):
        return 0, FREQUENT.empty_table()
    level = survey.repeated(np.array([documents]), of_source[number[:1]]).astype(np.uint8)
    if not level[0]:
        return 0, FREQUENT.empty_table()
    return 1, _table(number, np.full(len(number), key, np.uint64), np.repeat(level, len(number)))


def _by_unit(run: Run, plan: SurveyPlan, count: int, frequent: Sequence[Commit], partition_bytes: int) -> list[Commit]:
    parts = sorted_files(frequent)
    units, groups = unit_groups(parts, count, partition_bytes)
    work = partial(_told_unit, parts=parts, groups=groups, storage_url=run.storage.url)
    return map_units(run, plan.stage("told"), units, work)


def _told_unit(
    unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], groups: dict[str, range], storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    group = groups[unit.name]
    tables = [table for part in parts for table in read_range(storage, part, "number", group[0], group[-1])]
    whole = pa.concat_tables([FREQUENT.empty_table(), *tables]).sort_by([("number", "ascending"), ("key", "ascending")])
    keys, levels = np.asarray(whole["key"]), np.asarray(whole["level"])
    names = [
        [number, hashlib.sha256(keys[start:end].tobytes() + levels[start:end].tobytes()).hexdigest()[:16]]
        for number, start, end in each_value(np.asarray(whole["number"]))
    ]
    return {"sorted": write_sorted(outbox, "told", whole, "number"), "units": names}


def _table(number: NDArray[np.int64], key: NDArray[np.uint64], level: NDArray[np.uint8]) -> pa.Table:
    """Return each pair of a unit and a key once, in order."""
    order = np.lexsort((key, number))
    number, key, level = number[order], key[order], level[order]
    new = begins(number, key)
    return pa.table([pa.array(number[new]), pa.array(key[new]), pa.array(level[new])], schema=FREQUENT)
