"""The stories of all documents and records that an id or a place names. Id in, lines out."""

import difflib
from collections.abc import Iterator

import pyarrow.compute as pc

from jobs.errors import JobError
from jobs.explain.search import Asked, Reader, asked_for, ledger_row, of_shard, search
from jobs.explain.story import dropped, kept, unreadable
from jobs.ledger import read_ledger
from jobs.outbox import read_table
from jobs.release import read_manifest
from jobs.report.texts import Sources, is_released
from jobs.storage import Storage

# A document that a thousand others repeat is told of often enough.
_STORIES_MAX = 20

# Names of shards that a mistyped one is compared with: 10,000 take a second.
_NAMES_COMPARED = 10_000


def explain(storage: Storage, number: int, document_id: str) -> list[str]:
    """Tell the story of every document and record that an id, or a place `source/path#position`, names."""
    manifest = read_manifest(storage, number)
    reader = Reader(storage, read_ledger(storage, manifest), Sources(manifest))
    asked = asked_for(reader.ledger, document_id)
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


def _stories(reader: Reader, asked: Asked) -> Iterator[list[str]]:
    """Search the quarantine, the ledger and the release, in this order; only columns that name documents are read."""
    if asked.shard:
        yield from _quarantined(reader, asked)
    ledger = reader.ledger
    for drops, rows in search(reader.storage, of_shard(ledger.drops, asked), asked):
        for row in rows:
            yield dropped(reader, drops, ledger_row(reader.storage, drops.file, row))
    for lot, rows in search(reader.storage, of_shard(ledger.released, asked), asked):
        for row in rows:
            if is_released(reader.storage, lot, row):
                yield kept(reader, lot, row)


def _quarantined(reader: Reader, asked: Asked) -> Iterator[list[str]]:
    """Tell of records that could not be read at the place asked for, or of the whole shard that could not."""
    for part in of_shard(reader.ledger.quarantine, asked):
        table = read_table(reader.storage, part.file)
        here = pc.is_null(table["position"])
        if asked.position is not None:
            here = pc.or_kleene(here, pc.equal(table["position"], asked.position))
        for row in table.filter(here).to_pylist():
            yield unreadable(reader, part, row)


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
