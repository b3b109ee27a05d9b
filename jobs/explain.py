"""The story of one document: where it came from, what each step did with it, where it is now. Id in, lines out."""

import difflib
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from jobs.commits import File
from jobs.errors import JobError
from jobs.held import Held, read_held
from jobs.ledger import Drops, Ledger, Lot, Quarantine, read_ledger
from jobs.outbox import read_table
from jobs.release import read_manifest
from jobs.report_page import number as written
from jobs.report_texts import Gone, Sources, diff, excerpt, find_ids, is_released, raw_texts, shown, stored_rows
from jobs.shards import plan_shards, shard_units
from jobs.storage import Storage

_READERS = 8

# A document that a thousand others repeat is told of often enough.
_STORIES_MAX = 20

# Names of shards that a mistyped one is compared with: 10,000 take a second.
_NAMES_COMPARED = 10_000

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


def explain(storage: Storage, number: int, document_id: str) -> list[str]:
    """Tell the story of every document and record that an id, or a place `source/path#position`, names."""
    manifest = read_manifest(storage, number)
    reader = Reader(storage, read_ledger(storage, manifest), Sources(manifest))
    asked = _asked(reader.ledger, document_id)
    stories = list(_stories(reader, asked))
    if not stories and asked.shard:
        stories = list(_stories(reader, Asked(document_id)))  # an id of the user's own that only looks like a place
    if not stories:
        raise JobError(_unknown(reader, asked))
    lines = [f"{len(stories)} documents or records answer to this:", ""] if len(stories) > 1 else []
    for story in stories[:_STORIES_MAX]:
        lines += [*story, ""]
    more = len(stories) - _STORIES_MAX
    return [*lines[:-1], *([f"and {more} more"] if more > 0 else [])]


def _asked(ledger: Ledger, document_id: str) -> Asked:
    """Recognise a place in one of the release's shards."""
    matched = _PLACE.fullmatch(document_id)
    for read in ledger.manifest["inputs"]:
        name = f"{read['source']}/{read['path']}"
        if document_id == name:
            return Asked(document_id, read)
        if matched and matched["position"] and matched["path"] == name:
            return Asked(document_id, read, int(matched["position"]))
    return Asked(document_id)


def _stories(reader: Reader, asked: Asked) -> Iterator[list[str]]:
    """Search the quarantine, the ledger and the release, in this order; only columns that name documents are read."""
    if asked.shard:
        yield from _quarantined(reader, asked)
    ledger = reader.ledger
    for drops, rows in _search(reader.storage, _of_shard(ledger.drops, asked), asked):
        for row in rows:
            yield _dropped(reader, drops, _ledger_row(reader.storage, drops.file, row))
    for lot, rows in _search(reader.storage, _of_shard(ledger.released, asked), asked):
        for row in rows:
            if is_released(reader.storage, lot, row):
                yield _kept(reader, lot, row)


def _of_shard(parts: Sequence[Any], asked: Asked) -> list[Any]:
    """Choose what belongs to the shard that was asked for; everything where none was."""
    return [part for part in parts if not asked.shard or _same_shard(part.shard, asked.shard)]


def _same_shard(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return bool(one["source"] == two["source"] and one["path"] == two["path"])


def _search(storage: Storage, parts: Sequence[Any], asked: Asked) -> Iterator[tuple[Any, list[int]]]:
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


def _ledger_row(storage: Storage, file: File, row: int) -> dict[str, Any]:
    return dict(read_table(storage, file).slice(row, 1).to_pylist()[0])


def _quarantined(reader: Reader, asked: Asked) -> Iterator[list[str]]:
    """Tell of records that could not be read at the place asked for, or of the whole shard that could not."""
    for part in _of_shard(reader.ledger.quarantine, asked):
        table = read_table(reader.storage, part.file)
        here = pc.is_null(table["position"])
        if asked.position is not None:
            here = pc.or_kleene(here, pc.equal(table["position"], asked.position))
        for row in table.filter(here).to_pylist():
            yield _unreadable(reader, part, row)


def _unreadable(reader: Reader, part: Quarantine, row: dict[str, Any]) -> list[str]:
    whole = row["position"] is None
    title = f"{row['source']}/{row['path']}" + ("" if whole else f"#{row['position']}")
    fate = "the whole shard could not be read" if whole else "the record could not be read"
    raw = _quoted(row["raw"].decode(errors="replace")) if row["raw"] else ["    no bytes: the value is null"]
    return [
        shown(title),
        *_origin(reader, part.shard, row["position"]),
        _step("read", f"QUARANTINED, {fate}: {row['reason']}"),
        "  raw",
        *raw,
    ]


def _dropped(reader: Reader, drops: Drops, row: dict[str, Any]) -> list[str]:
    """Tell of a document that a step dropped, and for a duplicate of the one that was kept."""
    steps = [step["step"] for step in reader.ledger.manifest["steps"]]
    passed = steps[1 : steps.index(row["step"])]
    lines = [shown(row["id"]), *_origin(reader, drops.shard, row["position"]), _step("read", "read")]
    lines += [_step(step, "passed") for step in passed]
    lines.append(_step(row["step"], f"DROPPED: {row['reason']}{_against(row)}"))
    stored = _stored_text(reader.storage, drops.lot.held.data, row["row"]) if drops.lot else None
    lines += _text_lines(reader, drops.shard, row["position"], stored)
    if row["kept_id"] is not None:
        lines += _in_its_place(reader, drops, row, stored)
    return lines


def _in_its_place(reader: Reader, drops: Drops, row: dict[str, Any], dropped: str | None) -> list[str]:
    """Show the document that was kept in place of a duplicate, and what became of that one."""
    lines = ["  kept in its place", f"    {shown(row['kept_id'])}"]
    for _, lot, at in find_ids(reader.storage, reader.ledger, reader.ledger.passes[drops.lots], [row["kept_id"]]):
        kept = stored_rows(reader.storage, lot.held.data, [at], ["text", "position"])[at]
        lines.append(f"    {_place(lot.shard, kept['position'])}")
        lines.append(f"    {_fate(reader, row['kept_id'], lot, kept['position'])}")
        lines += _quoted(kept["text"])
        if dropped is not None and dropped != kept["text"]:
            lines += ["  where the kept one (-) and this one (+) differ", *_indented(diff(kept["text"], dropped))]
    return lines


def _fate(reader: Reader, document_id: str, lot: Lot, position: int) -> str:
    """Say in one line what became of a document: it may have been kept at first and dropped by a later step."""
    asked = Asked(document_id, lot.shard, position)
    ledger = reader.ledger
    for drops, rows in _search(reader.storage, _of_shard(ledger.drops, asked), asked):
        for row in (_ledger_row(reader.storage, drops.file, at) for at in rows):
            if row["position"] == position:
                return f"which was dropped later: {row['step']}, {row['reason']}{_against(row)}"
    for last, rows in _search(reader.storage, _of_shard(ledger.released, asked), asked):
        for at in rows:
            return f"which is in the release: {_release_file(reader, last, at)}"
    return "whose end is not on record"


def _kept(reader: Reader, lot: Lot, row: int) -> list[str]:
    """Tell of a document that is in the release."""
    found = stored_rows(reader.storage, lot.held.data, [row], ["id", "text", "position"])[row]
    steps = [step["step"] for step in reader.ledger.manifest["steps"]]
    lines = [shown(found["id"]), *_origin(reader, lot.shard, found["position"]), _step("read", "read")]
    lines += [_step(step, "passed") for step in steps[1:]]
    lines.append(_step("release", f"KEPT: {_release_file(reader, lot, row)}"))
    return lines + _text_lines(reader, lot.shard, found["position"], found["text"])


def _release_file(reader: Reader, lot: Lot, row: int) -> str:
    """Name the release's file that holds a row: shards are ranges of text bytes, so two small columns tell it."""
    ledger = reader.ledger
    shards = plan_shards([one.held for one in ledger.released], ledger.manifest["job"]["release"]["shard_bytes"])
    written_files = [commit.unit for commit in ledger.shards if commit.files["shard"].rows]
    offset = _offset(reader.storage, lot.held, row)
    for unit, shard in zip(shard_units(shards), shards, strict=True):
        for part in shard.parts:
            if part.held.unit == lot.held.unit and part.begin <= offset < part.end and unit.name in written_files:
                return str(ledger.manifest["files"][written_files.index(unit.name)]["path"])
    return "one of its files"


def _offset(storage: Storage, held: Held, row: int) -> int:
    """Bytes of text that a unit's documents before this one have."""
    offset = 0
    for batch in read_held(storage, held, ["text_bytes"], with_rows=True):
        before = np.asarray(batch["row"]) < row
        offset += int(np.asarray(batch["text_bytes"])[before].sum())
        if not before.all():
            break
    return offset


def _text_lines(reader: Reader, shard: dict[str, Any], position: int, stored: str | None) -> list[str]:
    """Show a text, and how the edits changed it where both the raw record and a stored one are there."""
    try:
        raw = raw_texts(reader.sources, shard, [position])[position]
    except Gone as gone:
        told = (
            f"  how edits changed the text cannot be told: {gone}"
            if stored is not None
            else f"  its text cannot be shown: {gone}"
        )
        return [told] + (["  text", *_quoted(stored)] if stored is not None else [])
    if stored is None:
        return [f"  raw text, {len(raw):,} characters", *_quoted(raw)]
    if raw == stored:
        return [f"  text, {len(raw):,} characters, as it was read", *_quoted(stored)]
    return [
        f"  text, {len(raw):,} characters as read, {len(stored):,} after the edits",
        *_quoted(stored),
        "  changed",
        *_indented(diff(raw, stored)),
    ]


def _origin(reader: Reader, shard: dict[str, Any], position: int | None) -> list[str]:
    source = reader.sources.named(shard["source"])
    known = ", ".join(filter(None, [source.origin, source.license, source.generator]))
    return [f"  source    {source.name} ({known})", f"  shard     {_place(shard, position)}"]


def _place(shard: dict[str, Any], position: int | None) -> str:
    where = "" if position is None else f", {'row' if shard['format'] == 'parquet' else 'record'} {position}"
    return f"{shard['source']}: {shown(shard['path'])}{where}"


def _step(step: str, told: str) -> str:
    return f"  {step:<20} {told}"


def _against(row: dict[str, Any]) -> str:
    """Write the measured value against its threshold, where there are any."""
    value, threshold = written(row["value"]), written(row["threshold"])
    return (f", value {value}" if value else "") + (f" against threshold {threshold}" if value and threshold else "")


def _quoted(text: str) -> list[str]:
    return [f"    | {line}" for line in excerpt(text).split("\n")]


def _stored_text(storage: Storage, file: File, row: int) -> str:
    return str(stored_rows(storage, file, [row], ["text"])[row]["text"])


def _unknown(reader: Reader, asked: Asked) -> str:
    """Say what was searched, and how documents are called."""
    counts = reader.ledger.manifest["counts"]
    searched = (
        f"release {reader.ledger.manifest['release']} knows no document {asked.id!r}: searched {counts['kept']:,} kept "
        f"and {counts['dropped']:,} dropped documents by id"
    )
    if asked.shard:
        name = f"{asked.shard['source']}/{asked.shard['path']}"
        records = f"it has {asked.shard['records']:,} records, counted from 0"
        return f"{searched}, and {asked.shard['path']} by position; {records}: name one as {name}#0."
    names = [f"{read['source']}/{read['path']}" for read in reader.ledger.manifest["inputs"]]
    near = difflib.get_close_matches(asked.id.rpartition("#")[0] or asked.id, names[:_NAMES_COMPARED], n=1)
    return (
        f"{searched}. A document without an id of its own, and a record in quarantine, is called source/path#position, "
        f"such as {near[0] if near else names[0]}#0."
    )


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
