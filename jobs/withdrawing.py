"""Withdrawing: the documents that a target's withdrawals name, and all that was made from them, through any depth, go.

    lineage of this run and of all releases -> matches ┐
    list of the latest release ------------------------┴> found -> made from them -> ... -> list -> ledger of each unit

What is looked at is everything that was ever read, so that a document stays out though its parents have left the input,
and the list of the latest release goes on where older ones were deleted. Every arrow is `map_units` over ranges of ids'
digests.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.commits import Unit, digest
from jobs.lineage import CHILDREN, Index, indexes_at, keys_of
from jobs.outbox import Outbox
from jobs.release import read_manifest, released_numbers
from jobs.sorted import (
    LAST_KEY,
    Sorted,
    partition_units,
    range_of,
    read_range,
    windows,
    write_sorted,
    write_sorted_tables,
)
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units
from jobs.withdrawals import Withdrawal, first_matching, withdrawals_of
from jobs.withdrawn import FOUND, LISTED, STEP, Withdrawn

_ROUND = "round"
_COPIES_IN_MEMORY = 4  # of a window of rows
_LISTED_AT_ONCE = 16_384  # rows, so that the list's bytes do not tell how it was worked on


@dataclass(frozen=True)
class _Closure:
    """What one search works with."""

    run: Run
    folder: str
    partition_bytes: int

    def stage(self, name: str) -> Stage:
        return Stage(f"stages/01-{STEP}.{name}-{self.folder}", f"{STEP}: {name}")


def find_withdrawn(run: Run, lineage: Index, partition_bytes: int) -> Withdrawn | None:
    """Return what goes; None where nothing was withdrawn from this target."""
    rules = withdrawals_of(run.storage)
    if not rules:
        return None
    manifests = [read_manifest(run.storage, number) for number in released_numbers(run.storage)]
    latest = manifests[-1]["release"] if manifests else 0
    places = [one.get("indexes", {}) for one in manifests]
    earlier = indexes_at(run.storage, [one.get("lineage", {}) for one in places])
    groups = {commit.unit: commit for one in (*earlier, lineage) for commit in one.commits}
    everything = Index(lineage.folder, tuple(groups.values()))
    before = [
        part
        for one in indexes_at(run.storage, [place.get("withdrawn", {}) for place in places[-1:]])
        for part in one.files("listed")
    ]

    closure = _Closure(run, digest([one.model_dump() for one in rules]), partition_bytes)
    rounds = _Rounds(
        found=[[*_matches(closure, rules, everything, latest), *before]],
        children=everything.files("children"),
        latest=latest,
        numbers=tuple(rule.number for rule in rules),
        window_bytes=partition_bytes // _COPIES_IN_MEMORY,
        storage_url=run.storage.url,
    )
    while rounds.found[-1]:
        rounds = replace(rounds, found=[*rounds.found, _ranges(closure, "derived", rounds).files("derived")])
    parts = _ranges(closure, "listed", replace(rounds, children=[])).files("listed")
    unit = Unit(digest([part.file.sha256 for part in parts]), {}, sum(part.file.bytes for part in parts))
    stage = closure.stage("list")
    made = map_units(run, stage, [unit], partial(_list_unit, parts=parts, storage_url=run.storage.url))
    return Withdrawn(tuple(rules), Index(stage.folder, tuple(made)))


def _matches(closure: _Closure, rules: Sequence[Withdrawal], index: Index, latest: int) -> list[Sorted]:
    """Find the documents that withdrawals name, in all that was ever read."""
    groups = {commit.unit: part for commit in index.commits for part in Index("", (commit,)).files("documents")}
    units = [Unit(name, {}, part.file.bytes) for name, part in groups.items()]
    units.append(Unit("ids", {}))  # that were said: one may be a parent that was never read
    # Named by the group alone: what was found of it when the withdrawal came stays found.
    work = partial(_match_unit, groups=groups, rules=rules, latest=latest, storage_url=closure.run.storage.url)
    return Index("", tuple(map_units(closure.run, closure.stage("matches"), units, work))).files("matches")


def _match_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    groups: dict[str, Sorted],
    rules: Sequence[Withdrawal],
    latest: int,
    storage_url: str,
) -> dict[str, Any]:
    if unit.name == "ids":
        said = [rule for rule in rules if rule.by == "id"]
        found = _found(pa.array([rule.value for rule in said], pa.string()), [rule.number for rule in said], latest)
        return {"matches": write_sorted(outbox, "matches", found, "key")}
    others = [rule for rule in rules if rule.by != "id"]
    columns = ["key", "id", *dict.fromkeys(rule.by for rule in others)]
    tables = [FOUND.empty_table()]
    for batch in read_range(open_storage(storage_url), groups[unit.name], "key", 0, LAST_KEY, columns=columns):
        number = first_matching(others, batch)
        goes = number > 0
        tables.append(_found(batch["id"].filter(pa.array(goes)), number[goes], latest))
    return {"matches": write_sorted(outbox, "matches", pa.concat_tables(tables), "key")}


def _found(
    ids: pa.Array | pa.ChunkedArray, numbers: Sequence[int] | NDArray[np.int64], latest: int, ancestor: Any = None
) -> pa.Table:
    """Return documents that go, in order."""
    count = len(ids)
    ancestors = pa.repeat("", count) if ancestor is None else ancestor
    columns = [keys_of(ids), ids, pa.repeat(latest, count), pa.array(numbers, pa.int64()), ancestors]
    return pa.table(columns, schema=FOUND).sort_by([(name, "ascending") for name in FOUND.names])


@dataclass(frozen=True)
class _Rounds:
    """What was found so far, by round, and what is looked for."""

    found: Sequence[Sequence[Sorted]]
    children: Sequence[Sorted]
    latest: int  # release
    numbers: tuple[int, ...]  # of the withdrawals
    window_bytes: int
    storage_url: str

    @property
    def files(self) -> list[Sorted]:
        return [part for some in self.found for part in some]


def _ranges(closure: _Closure, name: str, rounds: _Rounds) -> Index:
    """Work on what was found so far, each range of keys in a unit of its own."""
    names = [[part.file.sha256 for part in some] for some in (*rounds.found, rounds.children)]
    inputs = digest(name, names, closure.partition_bytes)
    size = sum(part.memory_bytes for part in (*rounds.files, *rounds.children))
    partitions = max(1, -(-size * _COPIES_IN_MEMORY // closure.partition_bytes))
    work = partial({"derived": _derived_unit, "listed": _listed_unit}[name], rounds=rounds)
    stage = closure.stage(name)
    return Index(stage.folder, tuple(map_units(closure.run, stage, partition_units(partitions, inputs, size), work)))


def _derived_unit(unit: Unit, outbox: Outbox, *, rounds: _Rounds) -> dict[str, Any]:
    """Write the children of what the last round found first."""
    storage = open_storage(rounds.storage_url)
    told: dict[str, Any] = {}
    for window in windows([*rounds.files, *rounds.children], *range_of(unit), rounds.window_bytes):
        found = _first_found(storage, rounds, window)
        new = found.filter(pc.equal(found[_ROUND], len(rounds.found) - 1))
        named = _read(storage, rounds.children, window, CHILDREN)
        place = pc.index_in(named["parent"], new["id"].combine_chunks())
        named, of = named.filter(place.is_valid()), place.drop_null()
        if not named.num_rows:
            continue
        ancestor = pc.if_else(pc.equal(new["ancestor"], ""), new["id"], new["ancestor"]).take(of)
        derived = _found(named["id"], np.asarray(new["withdrawal"].take(of)), rounds.latest, ancestor)
        told |= write_sorted(outbox, f"derived-{len(told):05d}", derived, "key")
    return {"derived": told}


def _listed_unit(unit: Unit, outbox: Outbox, *, rounds: _Rounds) -> dict[str, Any]:
    """Write everything found, each id once."""
    storage = open_storage(rounds.storage_url)
    told: dict[str, Any] = {}
    for window in windows(rounds.files, *range_of(unit), rounds.window_bytes):
        found = _first_found(storage, rounds, window).drop_columns(_ROUND)
        reason = pc.if_else(pc.equal(found["ancestor"], ""), "withdrawn", "derived_from_withdrawn")
        said = [pa.repeat(STEP, found.num_rows), reason]
        told |= write_sorted(outbox, f"listed-{len(told):05d}", pa.table([*found.columns, *said], schema=LISTED), "key")
    return {"listed": told}


def _list_unit(unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], storage_url: str) -> dict[str, Any]:  # noqa: ARG001
    """Write the list as one file, the same however many workers made its parts; count it by withdrawal and reason."""
    storage = open_storage(storage_url)
    counts = Counter[tuple[int, str]]()

    def tables() -> Iterator[pa.Table]:
        for table in _of_rows(one for part in parts for one in read_range(storage, part, "key", 0, LAST_KEY)):
            counts.update(zip(table["withdrawal"].to_pylist(), table["reason"].to_pylist(), strict=True))
            yield table

    told = write_sorted_tables(outbox, "listed", tables(), "key", group_bytes=2**40)
    return {"listed": told, "counts": [[*which, count] for which, count in sorted(counts.items())]}


def _of_rows(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cut tables into ones of `_LISTED_AT_ONCE` rows, the last of what is left."""
    waiting = LISTED.empty_table()
    for table in tables:
        waiting = pa.concat_tables([waiting, table])
        while waiting.num_rows >= _LISTED_AT_ONCE:
            yield waiting.slice(0, _LISTED_AT_ONCE).combine_chunks()
            waiting = waiting.slice(_LISTED_AT_ONCE)
    if waiting.num_rows:
        yield waiting.combine_chunks()


def _first_found(storage: Storage, rounds: _Rounds, window: tuple[int, int]) -> pa.Table:
    """Return what was found in a range of keys, each id as the first round found it, with that round."""
    tables = [_read(storage, parts, window, FOUND) for parts in rounds.found]
    tables = [
        table.append_column(_ROUND, pa.array(np.full(table.num_rows, number))) for number, table in enumerate(tables)
    ]
    order = ("key", "id", _ROUND, "after_release", "withdrawal", "ancestor")
    found = pa.concat_tables(tables).sort_by([(name, "ascending") for name in order])
    # What an earlier release listed for a withdrawal that was taken back since is not in the list any more.
    found = found.filter(pc.is_in(found["withdrawal"], pa.array(rounds.numbers, pa.int64())))
    ids = found["id"].combine_chunks()
    is_first = np.ones(len(ids), np.bool_)
    is_first[1:] = np.asarray(pc.not_equal(ids[1:], ids[:-1]))
    return found.filter(pa.array(is_first))


def _read(storage: Storage, parts: Sequence[Sorted], window: tuple[int, int], schema: pa.Schema) -> pa.Table:
    tables = [table for part in parts for table in read_range(storage, part, "key", *window, columns=schema.names)]
    return pa.concat_tables([schema.empty_table(), *tables])
