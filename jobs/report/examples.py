"""Examples for the report: a few dropped documents for each step and reason, with their texts, from few files.

Which ones follows from the ledger alone: sources take turns, and within a unit the first by position is taken, so that
looking its text up reads little of the shard.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.ledger import Drops, Ledger, Lot, tables
from jobs.report.differences import differences
from jobs.report.texts import Gone, Sources, excerpt, find_ids, first_difference, raw_texts, stored_rows
from jobs.storage import Storage
from jobs.withdrawal.withdrawn import STEP

# For each step and reason: one shows the rule, three show its range.
EXAMPLES = 3

# Documents kept in place of duplicates are searched for in this many files at most, their ids' own shards first; an id
# says nothing of where it lies unless it was derived, and reading every id of a large corpus is `explain`'s business.
_FILES_SEARCHED_MAX = 256

_NOT_SEARCHED = "not in the files that a report looks through; gristmill explain finds it"

Key = tuple[str, str]  # step, reason


@dataclass(frozen=True)
class Found:
    """A dropped document with its text, or why there is none."""

    drops: Drops
    row: dict[str, Any]
    text: str | None
    missing: str = ""


def drop_examples(storage: Storage, ledger: Ledger, sources: Sources) -> dict[Key, list[dict[str, Any]]]:
    """Return up to three examples of each step and reason; what was withdrawn is not shown."""
    may_be_shown = [drops for drops in ledger.drops if STEP not in {step for step, _ in drops.counts}]
    chosen = _choose(by_turns(may_be_shown), lambda drops: drops.counts)
    found: list[Found] = []
    for (drops, takes), (_, table) in zip(chosen, tables(storage, [part for part, _ in chosen]), strict=True):
        found += _with_texts(storage, sources, drops, _first_rows(table, takes))
    kept: dict[tuple[int, str], dict[str, Any]] = {}
    for number, lots in enumerate(ledger.passes):
        ids = {one.row["kept_id"] for one in found if one.drops.lots == number and not one.row.get("passage")} - {None}
        kept |= {
            (number, one): document
            for one, document in _kept(storage, ledger, (*lots, *ledger.compared[number]), ids).items()
        }
    examples: dict[Key, list[dict[str, Any]]] = {}
    for one in found:
        example = _example(one, kept.get((one.drops.lots, one.row["kept_id"])))
        examples.setdefault((one.row["step"], one.row["reason"]), []).append(example)
    return examples


def quarantine_examples(storage: Storage, ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """Return up to three examples of each reason why records could not be read."""
    chosen = _choose(
        by_turns(ledger.quarantine), lambda part: {("read", reason): n for reason, n in part.counts.items()}
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for (_, takes), (_, table) in zip(chosen, tables(storage, [part for part, _ in chosen]), strict=True):
        for (_, reason), count in sorted(takes.items()):
            some = table.filter(pc.equal(table["reason"], reason)).sort_by("position").slice(0, count)
            found.setdefault(reason, []).extend(map(_unreadable, some.to_pylist()))
    return found


def by_turns(parts: Sequence[Any]) -> list[Any]:
    """Order parts so that stages follow each other, and in each the sources take turns."""
    by_stage: dict[int, dict[str, list[Any]]] = {}
    for part in parts:
        stage = part.stage if isinstance(part, Drops) else 0
        by_stage.setdefault(stage, {}).setdefault(part.shard["source"], []).append(part)
    turns = (turn for sources in by_stage.values() for turn in zip_longest(*sources.values()))
    return [part for turn in turns for part in turn if part is not None]


def _choose(parts: Iterable[Any], counts: Callable[[Any], dict[Key, int]]) -> list[tuple[Any, Counter[Key]]]:
    """Take one example of a reason from each part that has it, then more where fewer than three parts do."""
    chosen = [(part, Counter[Key]()) for part in parts]
    have: Counter[Key] = Counter()
    for at_most in (1, EXAMPLES):
        for part, takes in chosen:
            for key, count in counts(part).items():
                more = max(0, min(min(count, at_most) - takes[key], EXAMPLES - have[key]))
                takes[key] += more
                have[key] += more
    return [(part, +takes) for part, takes in chosen if +takes]


def _first_rows(table: pa.Table, takes: Counter[Key]) -> list[dict[str, Any]]:
    rows = []
    for (step, reason), count in sorted(takes.items()):
        mask = pc.and_(pc.equal(table["step"], step), pc.equal(table["reason"], reason))
        rows += table.filter(mask).sort_by("position").slice(0, count).to_pylist()
    return rows


def _with_texts(storage: Storage, sources: Sources, drops: Drops, rows: list[dict[str, Any]]) -> list[Found]:
    if drops.lot:
        stored = stored_rows(storage, drops.lot, [row["row"] for row in rows], ["text"])
        return [Found(drops, row, stored[row["row"]]["text"]) for row in rows]
    try:
        raw = raw_texts(sources, drops.shard, [row["position"] for row in rows])
    except Gone as gone:
        return [Found(drops, row, None, str(gone)) for row in rows]
    return [Found(drops, row, raw[row["position"]]) for row in rows]


def _example(one: Found, kept: dict[str, Any] | None) -> dict[str, Any]:
    """Put together what the report says of one document; of a duplicate, beside the one kept in its place."""
    row = one.row
    told = {name: row[name] for name in ("id", "source", "position", "value", "threshold")}
    told["path"] = one.drops.shard["path"]
    begin = first_difference(one.text, kept["text"]) if kept and one.text is not None else 0
    told |= {"missing": one.missing} if one.text is None else _text(one.text, begin)
    if row.get("passage") is not None:
        return told | {"passage": {"of": row["kept_id"], "text": excerpt(row["passage"])}}
    if row["kept_id"] is None:
        return told
    if kept is None:
        return told | {"kept": {"id": row["kept_id"], "missing": _NOT_SEARCHED}}
    if one.text is not None:
        told["differences"] = differences(kept["text"], one.text)
    place = {name: kept[name] for name in ("source", "path", "position")}
    return told | {"kept": {"id": row["kept_id"]} | place | _text(kept["text"], begin)}


def _text(text: str, begin: int = 0) -> dict[str, Any]:
    return {"excerpt": excerpt(text, begin=begin), "chars": len(text)}


def _kept(storage: Storage, ledger: Ledger, lots: Sequence[Lot], ids: set[str]) -> dict[str, dict[str, Any]]:
    """Look up the documents that were kept in place of duplicates."""
    likely = sorted(lots, key=lambda lot: not any(place_in(one, lot.shard) for one in ids))[:_FILES_SEARCHED_MAX]
    found = {}
    for one, lot, row in find_ids(storage, ledger, likely, ids) if ids else ():
        stored = stored_rows(storage, lot, [row], ["text", "source", "position"])[row]
        found[one] = stored | {"path": lot.shard["path"]}
    return found


def place_in(document_id: str, shard: dict[str, Any]) -> bool:
    """Whether an id was derived from this shard, as `source/path#position`.

    >>> place_in("web/a/b.parquet#7", {"source": "web", "path": "a/b.parquet"})
    True
    """
    return document_id.rpartition("#")[0] == f"{shard['source']}/{shard['path']}"


def _unreadable(row: dict[str, Any]) -> dict[str, Any]:
    raw = row["raw"].decode(errors="replace")
    return {name: row[name] for name in ("source", "path", "position")} | {"raw": excerpt(raw)}
