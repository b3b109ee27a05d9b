"""Copies of what was withdrawn: documents under other ids that have the same text.

    found in a round -> digests of their texts -> documents that have one of them

Digests have 63 bits: where a million texts are withdrawn from a hundred billion documents, one goes for nothing with a
chance of one in a hundred.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Unit
from jobs.lineage_texts import TEXT_DIGEST, by_text
from jobs.outbox import Outbox
from jobs.sorted import LAST_KEY, Sorted, range_of, read_keys, sorted_files, windows, write_sorted
from jobs.storage import Storage, open_storage
from jobs.withdrawal.rounds import Closure, Rounds, ancestors_of, found_of, read_window

# Texts that must not be there under any id, in order of their digests: by which withdrawal, and of which document.
GONE = pa.schema([("key", pa.uint64()), ("withdrawal", pa.int64()), ("ancestor", pa.string())])

_DOCUMENTS = ["key", "id", TEXT_DIGEST.name]


@dataclass(frozen=True)
class Texts:
    """Where texts of documents are known from."""

    documents: Sequence[Sorted]  # by id
    by_text: Sequence[Sorted]


def gone_texts(closure: Closure, rounds: Rounds, texts: Texts) -> list[Sorted]:
    """Find the texts of what the last round found first; files of `GONE`."""
    documents = texts.documents
    made = closure.ranges("texts", _gone_unit, rounds.found, looked_up=documents, rounds=rounds, documents=documents)
    return sorted_files(made, "texts")


def copies(closure: Closure, rounds: Rounds, gone: Sequence[Sorted], texts: Texts) -> list[Sorted]:
    """Find the documents that have texts that are gone; files of `FOUND`."""
    made = closure.ranges(
        "copies", _copies_unit, [gone], looked_up=texts.by_text, rounds=rounds, gone=gone, by_text=texts.by_text
    )
    return sorted_files(made, "copies")


def all_gone(storage: Storage, rounds: Rounds, gone: Sequence[Sorted]) -> Iterator[pa.Table]:
    """Give all texts that must not be there, in order, each withdrawal's once: for later nights."""
    for window in windows(gone, 0, LAST_KEY, rounds.window_bytes):
        if (found := _gone(storage, rounds, gone, window)).num_rows:
            yield found


def _gone_unit(unit: Unit, outbox: Outbox, *, rounds: Rounds, documents: Sequence[Sorted]) -> dict[str, Any]:
    storage = open_storage(rounds.storage_url)
    told: dict[str, Any] = {}
    for window in windows(rounds.files, *range_of(unit), rounds.window_bytes):
        new = rounds.newly_found(storage, window)
        new = new.filter(rounds.takes_copies(new))
        if not new.num_rows:
            continue
        named = by_text(_of_ids(storage, documents, new))
        of = pc.index_in(named["id"], new["id"].combine_chunks())
        table = pa.table([named["key"], new["withdrawal"].take(of), ancestors_of(new).take(of)], schema=GONE)
        told |= write_sorted(outbox, f"texts-{len(told):05d}", table, "key")
    return {"texts": told}


def _copies_unit(
    unit: Unit, outbox: Outbox, *, rounds: Rounds, gone: Sequence[Sorted], by_text: Sequence[Sorted]
) -> dict[str, Any]:
    storage = open_storage(rounds.storage_url)
    told: dict[str, Any] = {}
    for window in windows(gone, *range_of(unit), rounds.window_bytes):
        here = _gone(storage, rounds, gone, window)
        if not here.num_rows:
            continue
        keys = here["key"].combine_chunks()
        wanted = np.unique(np.asarray(keys))
        tables = (table for part in by_text for table in read_keys(storage, part, wanted))
        for named in _of_bytes(tables, rounds.window_bytes):
            of = pc.index_in(named["key"], keys)
            numbers, ancestors = np.asarray(here["withdrawal"].take(of)), here["ancestor"].take(of)
            found = found_of(named["id"], numbers, rounds.latest, "copy_of_withdrawn", ancestors)
            told |= write_sorted(outbox, f"copies-{len(told):05d}", found, "key")
    return {"copies": told}


def _of_bytes(tables: Iterator[pa.Table], least: int) -> Iterator[pa.Table]:
    """Join tables until they have so many bytes: many documents may have one text."""
    held: list[pa.Table] = []
    size = 0
    for table in tables:
        held.append(table)
        size += table.nbytes
        if size >= least:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)


def _gone(storage: Storage, rounds: Rounds, parts: Sequence[Sorted], window: tuple[int, int]) -> pa.Table:
    """Read texts of a range of digests, each withdrawal's once, in order; not of those taken back since."""
    gone = read_window(storage, parts, window, GONE)
    gone = gone.filter(rounds.takes_copies(gone)).sort_by([(name, "ascending") for name in GONE.names])
    which = np.stack([np.asarray(gone[name]).astype(np.uint64) for name in ("key", "withdrawal")])
    is_first = np.ones(gone.num_rows, np.bool_)
    is_first[1:] = (which[:, 1:] != which[:, :-1]).any(axis=0)
    return gone.filter(pa.array(is_first))


def _of_ids(storage: Storage, documents: Sequence[Sorted], found: pa.Table) -> pa.Table:
    """Return the documents that have the ids of some found ones."""
    keys = np.unique(np.asarray(found["key"]))
    tables = [table for part in documents for table in read_keys(storage, part, keys, _DOCUMENTS)]
    # Groups of older versions know no texts.
    named = pa.concat_tables([found.select(["key", "id"]).slice(0, 0), *tables], promote_options="default")
    return named.filter(pc.is_in(named["id"], found["id"].combine_chunks()))
