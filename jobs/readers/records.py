"""What every reader gives: readable rows with their positions, and what could not be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

# Enough to recognise and repair a record; more would let one bad shard fill the quarantine.
RAW_BYTES_MAX = 65_536

# What one batch of text holds: large enough for compiled loops, small enough for a worker with 1 GB.
BATCH_BYTES = 16 * 1024 * 1024

# From this many records on, a shard or source in which none has a text has sooner a wrong `columns` than no texts.
RECORDS_TO_JUDGE = 10

# How a reader gives a text: a string (`plain`), or none where it is missing (`optional`); bytes in whatever encoding
# (`bytes`); its JSON where it is no string (`json`). Of the last three, texts are made or chosen later.
TextAs = Literal["plain", "optional", "bytes", "json"]

Reason = Literal[
    "text_null",
    "text_not_string",
    "invalid_utf8",
    "broken_json",
    "not_an_object",
    "truncated",
    "corrupt_compression",
    "wrong_field_count",
    "unreadable_rows",
    "broken_record",
    "broken_http",
    "unknown_encoding",
    "page_too_large",
    "page_too_deep",
    "page_too_complex",
    "not_a_chat",
    "no_known_origin",
    "no_known_verdict",
    "not_a_score",
    "no_such_text",
    "text_elsewhere",
    "not_a_layout",
    "no_reading_order",
]


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read.

    position: 0-based row of a Parquet or Arrow file, line of a JSONL file, data row of a CSV file, record of a WARC
    file, document of a tar file
    reason: a fact about the record
    raw: the record's bytes as far as they are known, at most RAW_BYTES_MAX
    """

    position: int
    reason: Reason
    raw: bytes


@dataclass(frozen=True)
class Records:
    """A batch: readable rows with their positions, and what could not be read.

    rows: "position" (int64), "text" (valid UTF-8, never null), and the other wanted columns (string, nullable)
    skipped: what is no document and was not meant to be (a request in a WARC file, an image in a tar file), by kind
    """

    rows: pa.Table
    unreadable: tuple[Unreadable, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)

    def leaving(self, rows: pa.Table, aside: Iterable[Unreadable]) -> "Records":
        """Return the batch with what was made of its rows, and those of them that were set aside."""
        unread = tuple(sorted((*self.unreadable, *aside), key=lambda one: one.position))
        return Records(rows, unread, self.skipped)


class BadShard(Exception):  # noqa: N818 - names the shard, as the quarantine does
    """The whole shard cannot be opened.

    reason: not_parquet, not_arrow, not_warc, not_tar, not_gzip, not_zstd, no_text_column
    detail: what was found instead, for the person who reads the quarantine
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def unreadable(position: int, reason: Reason, raw: bytes) -> Unreadable:
    """Set a record aside with as much of its bytes as is kept.

    >>> len(unreadable(0, "broken_json", b"x" * 100_000).raw)
    65536
    """
    return Unreadable(position, reason, bytes(raw[:RAW_BYTES_MAX]))


def only_unreadable(columns: Mapping[str, str] | tuple[str, ...], aside: tuple[Unreadable, ...]) -> Records:
    """Batch without a readable row; its table has the same columns as its neighbours'."""
    schema = pa.schema([("position", pa.int64()), *((name, pa.string()) for name in columns)])
    return Records(schema.empty_table(), aside)


def no_text_column(wanted: str, found: list[str]) -> BadShard:
    """Build the error for a shard without the text column: names the columns it has."""
    return BadShard("no_text_column", f"no column {wanted!r}; the shard has: {', '.join(found)}")
