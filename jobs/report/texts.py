"""Texts of single documents, for people to read: from raw shards by position, from stages by row, by id."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Unit
from jobs.documents import read_records
from jobs.errors import JobError
from jobs.held import dropped_rows
from jobs.jobfile.sources import Source
from jobs.ledger import Ledger, Lot, stage_name
from jobs.outbox import read_rows, read_table
from jobs.readers.records import BadShard
from jobs.redaction import redactor_of_release, without_pii
from jobs.storage import Storage, glob

# Enough to recognise a document; a page of 100 examples stays below 100 KB.
EXCERPT_CHARS = 300

# Of what two texts have in common, shown before their first difference.
_BEFORE_CHARS = 100

_READERS = 8

# Below space, and from DEL to the end of C1: they move a terminal's cursor or hide what follows. Bidi overrides turn
# the text around them. Each is shown as a picture or as U+FFFD.
_PICTURES = (
    {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
    | {0x7F: 0x2421}
    | dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
)


class Gone(Exception):  # noqa: N818 - a fact about the source
    """The raw text is not there any more. The message says why, for the person who wanted to read it."""


@dataclass
class Sources:
    """The sources of a release as they are now; each is listed once, when first asked for."""

    manifest: dict[str, Any]
    _listed: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def named(self, name: str) -> Source:
        """Return a source's settings at the time of the release."""
        return next(Source.model_validate(one) for one in self.manifest["job"]["sources"] if one["name"] == name)

    def shard(self, source: str, path: str) -> dict[str, Any]:
        """Return what the release says of a shard that it read."""
        return next(one for one in self.manifest["inputs"] if (one["source"], one["path"]) == (source, path))

    def root(self, shard: dict[str, Any]) -> str:
        """Return where a shard's path begins; raise `Gone` unless the shard is there and is the same."""
        name, path = shard["source"], shard["path"]
        if name not in self._listed:
            try:
                root, entries = glob(self.named(name).path)
            except JobError as error:
                raise Gone(f"the source {name} cannot be listed any more: {error}") from error
            self._listed[name] = root, {entry.key: entry.identity for entry in entries}
        root, identities = self._listed[name]
        if path not in identities:
            raise Gone(f"the raw shard {path} of {name} is not there any more")
        if identities[path] != shard["identity"]:
            raise Gone(f"the raw shard {path} of {name} has changed since release {self.manifest['release']} was made")
        return root


def raw_texts(sources: Sources, shard: dict[str, Any], positions: Collection[int]) -> dict[int, str]:
    """Return raw texts by position, reading the shard no further than the last of them; raise `Gone`.

    What the job's `redact` takes from documents is not shown.
    """
    redactor = redactor_of_release(sources.manifest)
    wanted = pa.array(sorted(set(positions)), pa.int64())
    found: dict[int, str] = {}
    try:
        unit = Unit("", shard)
        for records in read_records(unit, sources.named(shard["source"]), sources.root(shard)):
            rows = without_pii(records.rows.filter(pc.is_in(records.rows["position"], wanted)), "text", redactor)
            found |= zip(rows["position"].to_pylist(), rows["text"].to_pylist(), strict=True)
            if len(found) == len(wanted):
                break
    except (OSError, BadShard) as error:
        raise Gone(f"the raw shard {shard['path']} of {shard['source']} cannot be read any more: {error}") from error
    return found


def stored_rows(storage: Storage, lot: Lot, rows: Collection[int], columns: list[str]) -> dict[int, dict[str, Any]]:
    """Return some rows of a lot by number, redacted if the job does so; read are the row groups that hold them."""
    wanted = np.array(sorted(set(rows)), np.int64)
    found = read_rows(storage, lot.held.data, wanted, columns)
    redacted = without_pii(found, "text", lot.redactor) if "text" in columns else found
    return dict(zip(wanted.tolist(), redacted.to_pylist(), strict=True))


def find_ids(
    storage: Storage, ledger: Ledger, lots: Sequence[Lot], ids: Collection[str]
) -> Iterator[tuple[str, Lot, int]]:
    """Give (id, lot, row) of the documents that have one of these ids, once ids are unique: a lot's file at a time."""
    repeats = {
        drops.lot.held.unit: drops.file for drops in ledger.drops if drops.lot and _is_unique_id(ledger, drops.stage)
    }
    wanted = pa.array(sorted(set(ids)), pa.string())

    def search(lot: Lot) -> list[tuple[str, Lot, int]]:
        column = read_table(storage, lot.held.data, ["id"])["id"]
        rows = np.flatnonzero(np.asarray(pc.is_in(column, wanted)))
        if lot.held.unit in repeats and len(rows):
            rows = np.setdiff1d(rows, np.asarray(read_table(storage, repeats[lot.held.unit], ["row"])["row"]))
        return [(column[int(row)].as_py(), lot, int(row)) for row in rows]

    left = set(ids)
    with ThreadPoolExecutor(_READERS) as pool:
        for begin in range(0, len(lots), _READERS):
            for found in pool.map(search, lots[begin : begin + _READERS]):
                yield from found
                left -= {one for one, _, _ in found}
            if not left:
                return


def is_released(storage: Storage, lot: Lot, row: int) -> bool:
    """Whether no survey dropped this row of a lot of the last pass."""
    return not np.isin(row, dropped_rows(storage, lot.held))


def excerpt(text: str, chars: int = EXCERPT_CHARS, begin: int = 0) -> str:
    r"""Return a part of a text, safe to show: control characters are drawn, not obeyed.

    >>> excerpt("one\x1b[2Jtwo", 8), excerpt("one two", begin=4)
    ('one␛[2Jt…', '…two')
    """
    return ("…" if begin else "") + shown(text[begin : begin + chars]) + ("…" if len(text) > begin + chars else "")


def first_difference(one: str, two: str) -> int:
    """Return where to begin excerpts of two texts so that their first difference is in both; 0 where there is none.

    >>> first_difference("same " * 50 + "one", "same " * 50 + "two")
    150
    """
    same = common(one, two)
    return 0 if one == two or same < EXCERPT_CHARS // 2 else same - _BEFORE_CHARS


def common(one: str, two: str) -> int:
    """Count the characters that two texts have in common at their beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def shown(text: str) -> str:
    """Draw control characters and bidi overrides, which a terminal or a browser would obey."""
    return text.replace("\r\n", "\n").translate(_PICTURES)


def _is_unique_id(ledger: Ledger, stage: int) -> bool:
    return stage_name(ledger.manifest["stages"][stage]["folder"]) == "unique_id"
