"""The story of one document or record: where it came from, what each step did with it, where it is now, as lines."""

from typing import Any

import numpy as np
import pyarrow as pa

from jobs.explain.search import Asked, Reader, cuts_of, ledger_row, of_shard, search
from jobs.held import copies_of, times_of
from jobs.ledger import Drops, Lot, Quarantine, step_settings
from jobs.places import SPLIT, order_seed, places_of
from jobs.report.differences import differences
from jobs.report.page import number as written
from jobs.report.texts import Gone, excerpt, find_ids, raw_texts, shown, stored_rows
from jobs.storage import Storage
from jobs.withdrawal.withdrawn import STEP

# A page with a menu on each of its screens is told of well enough.
_CUTS_MAX = 20


def unreadable(reader: Reader, part: Quarantine, row: dict[str, Any]) -> list[str]:
    """Tell of a record, or of a whole shard, that could not be read."""
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


def dropped(reader: Reader, drops: Drops, row: dict[str, Any]) -> list[str]:
    """Tell of a document that a step dropped, and for a duplicate of the one that was kept."""
    steps = [step["step"] for step in reader.ledger.manifest["steps"]]
    cuts = cuts_of(reader, drops.shard, row["position"])
    lines = [shown(row["id"]), *_origin(reader, drops.shard, row["position"])]
    lines += _passed(steps[: steps.index(row["step"])], cuts)
    if row["step"] == STEP:
        # Nor is its text shown: somebody did not want it seen.
        how = (
            "made from"
            if row["reason"] == "derived_from_withdrawn"
            else "with its text, or that of what was made from it:"
        )
        why = f", {how} {shown(row['kept_id'])}" if row["kept_id"] is not None else ""
        return [*lines, _step(STEP, f"DROPPED: {row['reason']}, by withdrawal {row['value']:.0f}{why}")]
    lines.append(_step(row["step"], f"DROPPED: {row['reason']}{_against(row)}"))
    stored = _stored_text(reader.storage, drops.lot, row["row"]) if drops.lot else None
    lines += _text_lines(reader, drops.shard, row["position"], stored) + _cut_lines(cuts)
    if row.get("passage") is not None:
        lines += [f"  passage in common with {shown(row['kept_id'])}", *_quoted(row["passage"])]
    elif row["kept_id"] is not None:
        lines += _in_its_place(reader, drops, row, stored)
    return lines


def _passed(steps: list[str], cuts: list[dict[str, Any]]) -> list[str]:
    """Tell of the steps that a document came through, the first of which is reading."""
    lines = [_step("read", "read")]
    for step in steps[1:]:
        own = [cut["bytes"] for cut in cuts if cut["step"] == step]
        told = f"passed, less {sum(own):,} bytes in {len(own):,} cut{'s' if len(own) > 1 else ''}" if own else "passed"
        lines.append(_step(step, told))
    return lines


def _cut_lines(cuts: list[dict[str, Any]]) -> list[str]:
    """Tell of each stretch that an edit cut out of a text; where it was is counted in the text before that edit."""
    lines = ["  cut out"] if cuts else []
    for cut in cuts[:_CUTS_MAX]:
        lines.append(f"    {cut['step']}: {cut['kind']} at byte {cut['at']:,}, {cut['bytes']:,} bytes")
        lines += [f"  {line}" for line in _quoted(cut["text"].strip("\n"))]
    return [*lines, f"    and {len(cuts) - _CUTS_MAX:,} more"] if len(cuts) > _CUTS_MAX else lines


def _in_its_place(reader: Reader, drops: Drops, row: dict[str, Any], gone: str | None) -> list[str]:
    """Show the document that was kept in place of a duplicate, and what became of that one."""
    lines = ["  kept in its place", f"    {shown(row['kept_id'])}"]
    ledger = reader.ledger
    lots = (*ledger.passes[drops.lots], *ledger.compared[drops.lots])
    for _, lot, at in find_ids(reader.storage, ledger, lots, [row["kept_id"]]):
        stays = stored_rows(reader.storage, lot, [at], ["text", "position"])[at]
        lines.append(f"    {_place(lot.shard, stays['position'])}")
        lines.append(f"    {_fate(reader, row['kept_id'], lot, stays['position'])}")
        lines += _quoted(stays["text"])
        if gone is not None and gone != stays["text"]:
            title = "  where they differ: [-the one kept-], {+this one+}"
            lines += [title, *_indented(_differences(stays["text"], gone))]
    return lines


def _fate(reader: Reader, document_id: str, lot: Lot, position: int) -> str:
    """Say in one line what became of a document: it may have been kept at first and dropped by a later step."""
    asked = Asked(document_id, lot.shard, position)
    ledger = reader.ledger
    if any(lot.shard["source"] == one["name"] for one in ledger.manifest["job"].get("references", [])):
        return "which is a document of a reference: compared with, not released"
    for drops, rows in search(reader.storage, of_shard(ledger.drops, asked), asked):
        for row in (ledger_row(reader.storage, drops.file, at) for at in rows):
            if row["position"] == position:
                return f"which was dropped later: {row['step']}, {row['reason']}{_against(row)}"
    for last, rows in search(reader.storage, of_shard(ledger.released, asked), asked):
        for at in rows:
            return f"which is in the release: {_release_file(reader, last, at, document_id)}"
    return "whose end is not on record"


def kept(reader: Reader, lot: Lot, row: int) -> list[str]:
    """Tell of a document that is in the release."""
    found = stored_rows(reader.storage, lot, [row], ["id", "text", "position"])[row]
    cuts = cuts_of(reader, lot.shard, found["position"])
    lines = [shown(found["id"]), *_origin(reader, lot.shard, found["position"])]
    lines += _passed([step["step"] for step in reader.ledger.manifest["steps"]], cuts)
    lines.append(_step("release", f"KEPT: {_release_file(reader, lot, row, found['id'])}"))
    times = int(times_of(reader.storage, lot.held, np.array([row]))[0])
    lines += [f"  written {times} times"] if times > 1 else []
    lines += _copies(reader, lot, row)
    return lines + _text_lines(reader, lot.shard, found["position"], found["text"]) + _cut_lines(cuts)


def _copies(reader: Reader, lot: Lot, row: int) -> list[str]:
    """Tell how many others a document stands for, where the job counted that."""
    if not any(one.get("count_copies") for one in step_settings(reader.ledger.manifest).values()):
        return []
    (counted,) = copies_of(reader.storage, lot.held, np.array([row])).to_pylist()
    if not counted["copies"]:
        return ["  stands for itself alone"]
    others = f"{counted['copies']:,} other{'s' if counted['copies'] > 1 else ''}"
    return [f"  stands for {others} that went in its place, from {', '.join(counted['copy_sources'])}"]


def _release_file(reader: Reader, lot: Lot, row: int, id_: str) -> str:
    """Name the release's file that holds a row, by what each shard's commit tells; two where phases may have it."""
    ledger = reader.ledger
    place = int(places_of(pa.table({"id": [id_]}), order_seed(ledger.manifest["job"]["seed"]))[0])
    split = _split_of(reader, lot, row)
    # The commits of a release that was cut by bytes do not tell; some of those hold no document and have no file.
    paths = [
        str(entry["path"])
        for entry, commit in zip(ledger.manifest["files"], ledger.shards, strict=False)
        if commit.reads.get("split", "") == split and _may_hold(commit.reads, lot, row, place)
    ]
    return " or ".join(paths) or "one of its files"


def _split_of(reader: Reader, lot: Lot, row: int) -> str:
    if not any("split" in commit.reads for commit in reader.ledger.shards):
        return ""
    return str(stored_rows(reader.storage, lot, [row], [SPLIT])[row][SPLIT] or "")


def _may_hold(shard: dict[str, Any], lot: Lot, row: int, place: int) -> bool:
    """Whether a shard has rows, or places of a shuffle, that a document's are among."""
    if "places" in shard:
        first, last = (int(end, 16) for end in shard["places"])
        return first <= place <= last
    return any(data == lot.held.data.sha256 and begin <= row < end for data, begin, end in shard.get("parts", []))


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
        "  changed: [-as read-], {+after the edits+}",
        *_indented(_differences(raw, stored)),
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
    """Write the measured value against its threshold, where there are any; a similarity as the ledger has it."""
    if row["value"] is not None and row["kept_id"] is not None and row.get("passage") is None:
        return f", similarity {row['value']} against threshold {row['threshold']}"
    value, threshold = written(row["value"]), written(row["threshold"])
    return (f", value {value}" if value else "") + (f" against threshold {threshold}" if value and threshold else "")


def _differences(before: str, after: str) -> list[str]:
    """Show where two texts that are not the same differ."""
    found = differences(before, after)
    if found.passages:
        return found.told
    return ["nearly everywhere"] if found.unlike else ["the ends of lines alone"]


def _quoted(text: str) -> list[str]:
    return [f"    | {line}" for line in excerpt(text).split("\n")]


def _stored_text(storage: Storage, lot: Lot, row: int) -> str:
    return str(stored_rows(storage, lot, [row], ["text"])[row]["text"])


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
