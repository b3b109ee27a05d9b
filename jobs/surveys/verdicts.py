"""Verdicts: what a survey found in its own order in, the ledger of each unit that lost something out.

    verdicts by address -> told (by unit, each unit's with a hash) -> ledger and copies, per unit

A unit's ledger is named by what it says. So on a night, only units of which something else is said are written again.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.commits import Commit, Unit, digest
from jobs.held import COPIES_ROWS, Held, copies_of, dropped_rows, times_of
from jobs.outbox import Outbox, read_rows, read_table
from jobs.plan import SurveyPlan, counts_copies
from jobs.sorted import Sorted, read_range, sorted_files, unit_groups, write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys.addresses import at_range, row_of, unit_of
from jobs.units import Run, Stage, map_units
from ops.columns import DROPPED, VERDICT
from ops.dedup.outcome import name_lists
from ops.kernels.groups import each_value
from ops.kernels.hashing import digests

# Clusters that the report tells of one by one, and sizes that it counts: up to 2^39 documents.
_LARGEST_TOLD = 20
_POWERS = 40

# What is told of one unit is a few KB: each reads a group or two.
_TOLD_GROUP_BYTES = 64 * 1024


@dataclass(frozen=True)
class _Told:
    """Where the verdicts on one unit lie."""

    held: Held
    number: int
    part: Sorted


def write_verdicts(
    run: Run, plan: SurveyPlan, held: Sequence[Held], found: Sequence[Commit], partition_bytes: int
) -> tuple[list[Held], list[Commit], dict[str, Any]]:
    """Return what is left of each unit, the commits of those that verdicts were given on, and what to tell of them."""
    groups = _by_unit(run, plan, len(held), found, partition_bytes)
    told = {}
    for commit in groups:
        for number, name in commit.facts["units"]:
            one = held[number]
            told[f"{one.unit}-{digest(one.identity(), name)}"] = _Told(one, number, sorted_files([commit])[0])
    units = [Unit(name, {"unit": one.held.unit}, one.part.memory_bytes // 64) for name, one in told.items()]
    work = partial(_ledger_unit, told=told, label=plan.label, storage_url=run.storage.url)
    commits = map_units(run, Stage(plan.folder, f"{plan.label}: ledger"), units, work)
    changed = {commit.reads["unit"]: commit for commit in commits}
    left = [left_of(one, changed[one.unit]) if one.unit in changed else one for one in held]
    return left, commits, _clusters(groups)


def left_of(held: Held, commit: Commit) -> Held:
    """What is left of a unit after the verdicts on it."""
    drops = (*held.drops, commit.files["drops"]) if "drops" in commit.files else held.drops
    facts = commit.facts
    return replace(
        held,
        drops=drops,
        copies=commit.files.get("copies", held.copies),
        times=commit.files.get("times", held.times),
        rows=facts["rows_kept"],
        bytes=facts["bytes_kept"],
        repeated=facts.get("repeated", 0),
    )


def _by_unit(run: Run, plan: SurveyPlan, count: int, found: Sequence[Commit], partition_bytes: int) -> list[Commit]:
    """Bring verdicts into order of address, in groups of units, and hash those on each unit."""
    parts = sorted_files(found)
    units, groups = unit_groups(parts, count, partition_bytes)
    work = partial(
        _told_unit, parts=parts, groups=groups, counts=counts_copies(plan.survey), storage_url=run.storage.url
    )
    return map_units(run, plan.stage("told"), units, work)


def _told_unit(
    unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], groups: dict[str, range], counts: bool, storage_url: str
) -> dict[str, Any]:
    """Put the verdicts on a group of units in order; those on documents that stay too, where copies are counted."""
    storage = open_storage(storage_url)
    group = groups[unit.name]
    tables = [table for part in parts for table in read_range(storage, part, "at", *at_range(group[0], group[-1]))]
    whole = pa.concat_tables([VERDICT.empty_table(), *tables])
    goes = whole.filter(whole["reason"].is_valid())
    stays = _together(whole.filter(whole["reason"].is_null()))
    at, copies = np.asarray(stays["at"]), np.asarray(stays["copies"])
    largest = np.lexsort((at, -copies))[:_LARGEST_TOLD]
    told = (pa.concat_tables([goes, stays]) if counts else goes).sort_by("at").combine_chunks()
    return {
        "sorted": write_sorted(outbox, "told", told, "at", _TOLD_GROUP_BYTES),
        "units": list(_named(told)),
        "sizes": np.bincount(_power_of_two(copies + 1), minlength=_POWERS).tolist(),
        "largest": np.column_stack([copies[largest], unit_of(at[largest]), row_of(at[largest])]).tolist(),
    }


def _together(stays: pa.Table) -> pa.Table:
    """Add up what was told of one document in several tables, as happens in the largest clusters alone."""
    at = np.asarray(stays["at"])
    kept, place = np.unique(at, return_inverse=True)
    if len(kept) == len(at):
        return stays
    copies = np.bincount(place, weights=np.asarray(stays["copies"])).astype(np.int64)
    lists = stays["copy_sources"].combine_chunks()
    sources = name_lists(
        kept, at[np.asarray(pc.list_parent_indices(lists))], pa.chunked_array([pc.list_flatten(lists)])
    )
    nulls = [pa.nulls(len(kept), VERDICT.field(name).type) for name in VERDICT.names[1:5]]
    return pa.table([pa.array(kept), *nulls, pa.array(copies), sources], schema=VERDICT)


def _power_of_two(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the power of two that a size is at most: 1 for 2, 2 for 3 and 4, 3 for 5 to 8."""
    return np.ceil(np.log2(np.maximum(sizes, 1))).astype(np.int64)


def _clusters(groups: Sequence[Commit]) -> dict[str, Any]:
    """How many clusters there are of each size, and the largest: copies, and where the one that stays lies."""
    sizes = np.sum([np.zeros(_POWERS, np.int64), *(commit.facts["sizes"] for commit in groups)], axis=0)
    largest = sorted((-copies, number, row) for commit in groups for copies, number, row in commit.facts["largest"])
    # By number, in order of the sources: a unit's name tells when its shard was touched, which is not of the release.
    told = [{"copies": -copies, "unit": number, "row": row} for copies, number, row in largest]
    counted = {f"{2**n // 2 + 1}-{2**n}": int(count) for n, count in enumerate(sizes) if count}
    return {"cluster_sizes": counted, "largest_clusters": told[:_LARGEST_TOLD]}


def _named(verdicts: pa.Table) -> Iterator[tuple[int, str]]:
    """Give the number of each unit that verdicts tell of, and a hash of what they say, not of the unit's number."""
    at = np.asarray(verdicts["at"])
    said = np.column_stack(
        [
            row_of(at),
            np.asarray(verdicts["value"].fill_null(-1)).view(np.int64),
            np.asarray(verdicts["threshold"].fill_null(-1)).view(np.int64),
            np.asarray(verdicts["copies"].fill_null(-1)),
            *(_hashed(verdicts[name]) for name in ("reason", "kept_id")),
            _hashed(pc.binary_join(verdicts["copy_sources"], "\n")),
        ]
    )
    for number, start, end in each_value(unit_of(at)):
        yield number, hashlib.sha256(said[start:end].tobytes()).hexdigest()[:16]


def _hashed(strings: pa.ChunkedArray) -> np.ndarray:
    """Two columns of hashes; a null is the empty string, which none of these columns holds."""
    return digests(strings.fill_null("")).view(np.int64)


def _ledger_unit(unit: Unit, outbox: Outbox, *, told: dict[str, _Told], label: str, storage_url: str) -> dict[str, Any]:
    """Write the ledger of what a unit loses, and the counts of copies that its documents stand for."""
    storage = open_storage(storage_url)
    one = told[unit.name]
    verdicts = pa.concat_tables(read_range(storage, one.part, "at", *at_range(one.number, one.number)))
    goes = verdicts.filter(verdicts["reason"].is_valid())
    kept = verdicts.filter(verdicts["reason"].is_null())
    if kept.num_rows:
        _write_copies(storage, outbox, one.held, kept)
    return write_ledger(storage, outbox, one.held, goes, label)


def write_ledger(storage: Storage, outbox: Outbox, held: Held, goes: pa.Table, label: str) -> dict[str, Any]:
    """Write the ledger of the documents that a unit loses; return the facts for its commit."""
    gone_bytes = _write_drops(storage, outbox, held, goes, label) if goes.num_rows else 0
    dropped = {entry["values"]: entry["counts"] for entry in pc.value_counts(goes["reason"]).to_pylist()}
    facts = {
        "rows_in": held.rows,
        "rows_kept": held.rows - goes.num_rows,
        "bytes_kept": held.bytes - gone_bytes,
        "rows_dropped": {label: dropped} if dropped else {},
    }
    if not held.times:
        return facts
    gone_copies = times_of(storage, held, np.sort(row_of(np.asarray(goes["at"])))) - 1
    return facts | {"repeated": held.repeated - int(gone_copies.sum())}


def _write_drops(storage: Storage, outbox: Outbox, held: Held, verdicts: pa.Table, label: str) -> int:
    """Write the ledger's rows; return the bytes of text that go."""
    rows = row_of(np.asarray(verdicts["at"]))
    if len(np.unique(rows)) != len(rows) or np.isin(rows, dropped_rows(storage, held)).any():
        raise AssertionError(f"survey {label} gave two verdicts on one document of unit {held.unit}")
    documents = read_rows(storage, held.data, rows, ["id", "source", "position", "text_bytes"])
    columns = {
        **{name: documents[name] for name in ("id", "source", "position")},
        "row": pa.array(rows),
        "step": pa.repeat(pa.scalar(label), len(rows)),
        **{name: verdicts[name] for name in ("reason", "value", "threshold", "kept_id")},
        "passage": pa.nulls(len(rows), pa.string()),
    }
    outbox.table("drops", pa.table([columns[name] for name in DROPPED.names], schema=DROPPED), place="drops")
    return int(pc.sum(documents["text_bytes"]).as_py())


def _write_copies(storage: Storage, outbox: Outbox, held: Held, kept: pa.Table) -> None:
    """Write how many copies documents stand for: what earlier surveys counted, and what went in their place now."""
    rows = row_of(np.asarray(kept["at"]))
    before = copies_of(storage, held, rows)
    copies = np.asarray(before["copies"]) + np.asarray(kept["copies"])
    lists = pa.chunked_array([*before["copy_sources"].chunks, *kept["copy_sources"].chunks]).combine_chunks()
    of = np.concatenate([rows, rows])[np.asarray(pc.list_parent_indices(lists))]
    sources = name_lists(rows, of, pa.chunked_array([pc.list_flatten(lists)]))
    new = pa.table([pa.array(rows), pa.array(copies), sources], schema=COPIES_ROWS)
    since = read_table(storage, held.copies) if held.copies else COPIES_ROWS.empty_table()
    others = since.filter(pc.invert(pc.is_in(since["row"], new["row"].combine_chunks())))
    outbox.table("copies", pa.concat_tables([others, new]).sort_by("row"), place="copies")
