"""Withdrawing: the documents that a target's withdrawals name, and all that was made from them, through any depth, go.

    lineage of this run and of all releases -> matches ┐
    list of the latest release ------------------------┴> found -> made from them, copies -> ... -> list -> ledger

What is looked at is everything that was ever read, so that a document stays out though its parents have left the input,
and the list of the latest release goes on where older ones were deleted. Every arrow is `map_units` over ranges of ids'
digests.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Unit, digest
from jobs.lineage import CHILDREN, Index, indexes_at
from jobs.lineage_texts import index_texts
from jobs.outbox import Outbox
from jobs.release import latest_number, read_manifest, released_numbers
from jobs.sorted import LAST_KEY, Sorted, range_of, read_range, sorted_files, windows, write_sorted, write_sorted_tables
from jobs.storage import Storage, open_storage
from jobs.units import Run, map_units
from jobs.withdrawal.copies import Texts, all_gone, copies, gone_texts
from jobs.withdrawal.rounds import ROUND, Closure, Rounds, ancestors_of, found_of, read_window
from jobs.withdrawal.rules import Withdrawal, first_matching, withdrawals_of
from jobs.withdrawal.withdrawn import FOUND, LISTED, STEP, Withdrawn

_LISTED_AT_ONCE = 16_384  # rows, so that the list's bytes do not tell how it was worked on


def taken_back(storage: Storage) -> set[int]:
    """Return numbers of withdrawals that the latest release was made with and whose files were deleted since."""
    latest = latest_number(storage)
    made_with = read_manifest(storage, latest).get("withdrawals", {}).get("rules", []) if latest else []
    return {rule["number"] for rule in made_with} - {rule.number for rule in withdrawals_of(storage)}


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
    before = [one for place in places[-1:] for one in indexes_at(run.storage, [place.get("withdrawn", {})])]

    closure = Closure(run, digest([one.model_dump() for one in rules]), partition_bytes)
    matched = _matches(closure, rules, everything, latest)
    rounds = Rounds(
        found=[[*matched, *(part for one in before for part in one.files("listed"))]],
        latest=latest,
        numbers=tuple(rule.number for rule in rules),
        with_copies=tuple(rule.number for rule in rules if rule.copies),
        window_bytes=closure.window_bytes,
        storage_url=run.storage.url,
    )
    # Lists of older versions tell no texts.
    waiting = sorted_files([commit for one in before for commit in one.commits if "texts" in commit.facts], "texts")
    rounds, gone = _closed(closure, rounds, everything, waiting if rounds.with_copies else [])
    parts = sorted_files(closure.ranges("listed", _listed_unit, rounds.found, rounds=rounds), "listed")
    unit = Unit(digest([part.file.sha256 for part in (*parts, *gone)]), {}, sum(part.file.bytes for part in parts))
    stage = closure.stage("list")
    made = map_units(run, stage, [unit], partial(_list_unit, rounds=rounds, parts=parts, gone=gone))
    return Withdrawn(tuple(rules), Index(stage.folder, tuple(made)))


def _closed(closure: Closure, rounds: Rounds, index: Index, waiting: list[Sorted]) -> tuple[Rounds, list[Sorted]]:
    """Find what was made from what is found, and its copies, until there is no more.

    Copies are looked for of texts `waiting`, too. Returns also all texts of which they were looked for.
    """
    children = index.files("children")
    has_copies = bool(rounds.with_copies)
    texts = Texts(index.files("documents"), index_texts(closure.run, index.commits) if has_copies else [])
    gone: list[Sorted] = []
    while rounds.found[-1] or waiting:
        made = closure.ranges("derived", _derived_unit, [*rounds.found, children], rounds=rounds, children=children)
        found = sorted_files(made, "derived")
        if has_copies:
            waiting = [*waiting, *gone_texts(closure, rounds, texts)]
            found += copies(closure, rounds, waiting, texts)
            gone = [*gone, *waiting]
        waiting = []
        rounds = replace(rounds, found=[*rounds.found, found])
    return rounds, gone


def _matches(closure: Closure, rules: Sequence[Withdrawal], index: Index, latest: int) -> list[Sorted]:
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
        ids = pa.array([rule.value for rule in said], pa.string())
        found = found_of(ids, [rule.number for rule in said], latest, "withdrawn")
        return {"matches": write_sorted(outbox, "matches", found, "key")}
    others = [rule for rule in rules if rule.by != "id"]
    columns = ["key", "id", *dict.fromkeys(rule.by for rule in others)]
    tables = [FOUND.empty_table()]
    for batch in read_range(open_storage(storage_url), groups[unit.name], "key", 0, LAST_KEY, columns=columns):
        first, second = (first_matching([one for one in others if one.copies is has], batch) for has in (True, False))
        number = np.where(first > 0, first, second)
        goes = number > 0
        tables.append(found_of(batch["id"].filter(pa.array(goes)), number[goes], latest, "withdrawn"))
    return {"matches": write_sorted(outbox, "matches", pa.concat_tables(tables), "key")}


def _derived_unit(unit: Unit, outbox: Outbox, *, rounds: Rounds, children: Sequence[Sorted]) -> dict[str, Any]:
    """Write the children of what the last round found first."""
    storage = open_storage(rounds.storage_url)
    told: dict[str, Any] = {}
    for window in windows([*rounds.files, *children], *range_of(unit), rounds.window_bytes):
        new = rounds.newly_found(storage, window)
        if not new.num_rows:
            continue
        named = read_window(storage, children, window, CHILDREN)
        place = pc.index_in(named["parent"], new["id"].combine_chunks())
        named, of = named.filter(place.is_valid()), place.drop_null()
        numbers, ancestors = np.asarray(new["withdrawal"].take(of)), ancestors_of(new).take(of)
        derived = found_of(named["id"], numbers, rounds.latest, "derived_from_withdrawn", ancestors)
        told |= write_sorted(outbox, f"derived-{len(told):05d}", derived, "key")
    return {"derived": told}


def _listed_unit(unit: Unit, outbox: Outbox, *, rounds: Rounds) -> dict[str, Any]:
    """Write everything found, each id once."""
    storage = open_storage(rounds.storage_url)
    told: dict[str, Any] = {}
    for window in windows(rounds.files, *range_of(unit), rounds.window_bytes):
        found = rounds.first_found(storage, window).drop_columns(ROUND)
        listed = pa.table([*found.columns, pa.repeat(STEP, found.num_rows)], schema=LISTED)
        told |= write_sorted(outbox, f"listed-{len(told):05d}", listed, "key")
    return {"listed": told}


def _list_unit(
    unit: Unit,  # noqa: ARG001 - its name is all
    outbox: Outbox,
    *,
    rounds: Rounds,
    parts: Sequence[Sorted],
    gone: Sequence[Sorted],
) -> dict[str, Any]:
    """Write the list as one file, the same however many workers made its parts; count it by withdrawal and reason."""
    storage = open_storage(rounds.storage_url)
    counts = Counter[tuple[int, str]]()

    def tables() -> Iterator[pa.Table]:
        for table in _of_rows(one for part in parts for one in read_range(storage, part, "key", 0, LAST_KEY)):
            counts.update(zip(table["withdrawal"].to_pylist(), table["reason"].to_pylist(), strict=True))
            yield table

    return {
        "listed": write_sorted_tables(outbox, "listed", tables(), "key", group_bytes=2**40),
        "texts": write_sorted_tables(outbox, "texts", all_gone(storage, rounds, gone), "key"),
        "counts": [[*which, count] for which, count in sorted(counts.items())],
    }


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
