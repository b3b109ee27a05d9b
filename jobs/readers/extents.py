"""Where records lie in a shard: positions in, bytes or rows out. The shard is read no further than the last of them."""

from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa

from jobs.readers import arrow, parquet, warc, warc_stream
from jobs.readers.blocks import line_blocks
from jobs.readers.compression import Compression, Damaged, chunks
from jobs.readers.html_settings import Html
from jobs.readers.records import Unreadable

_BOM = b"\xef\xbb\xbf"

# Bytes from `begin` up to, not including, `end`, of the file once it is decompressed; or rows, counted from 0.
Extent = dict[str, int]


def extents(
    file: pa.NativeFile, kind: str, compression: Compression, positions: Collection[int], html: Html
) -> dict[int, Extent]:
    """Return the extents of some records, at least one, by position; none of those that are not there.

    {begin, end} of JSONL, text, HTML, layouts and WARC, {row_group, row} of Parquet, {record_batch, row} of Arrow;
    other kinds tell none.
    kind: format of the shard
    html: how its pages are read
    Raises BadShard if the file is not of that kind or not compressed as stated.
    """
    if kind == "parquet":
        return _in_groups(iter(parquet.row_group_rows(file)), positions, "row_group")
    if kind == "arrow":
        return _in_groups(arrow.batch_rows(file), positions, "record_batch")
    if kind == "jsonl":
        return _lines(chunks(file, compression), positions)
    if kind in {"text", "html", "layout"}:
        return {0: {"begin": 0, "end": sum(map(len, chunks(file, compression)))}}
    if kind == "warc":
        return _warc_records(warc_stream.records(file, compression, warc.block_bytes_max(html)), positions)
    return {}


def _lines(pieces: Iterator[bytes], positions: Collection[int]) -> dict[int, Extent]:
    r"""Return where lines lie, each without the newline that ends it.

    >>> _lines(iter([b'{"a":', b'1}\n\n{}\n', b"{}"]), [0, 2, 3, 4])
    {0: {'begin': 0, 'end': 7}, 2: {'begin': 9, 'end': 11}, 3: {'begin': 12, 'end': 14}}
    """
    found: dict[int, Extent] = {}
    line = offset = 0
    try:
        for block in line_blocks(pieces):
            lines = block.count(b"\n") + (not block.endswith(b"\n"))
            if here := [one for one in positions if line <= one < line + lines]:
                newlines = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
                ends = np.append(newlines, len(block))
                begins = np.insert(newlines + 1, 0, len(_BOM) if not offset and block.startswith(_BOM) else 0)
                found |= {
                    one: {"begin": offset + int(begins[one - line]), "end": offset + int(ends[one - line])}
                    for one in here
                }
            line, offset = line + lines, offset + len(block)
            if line > max(positions):
                break
    except Damaged:
        pass  # what is behind the damage was never read as a record
    return found


def _in_groups(rows: Iterator[int], positions: Collection[int], name: str) -> dict[int, Extent]:
    """Return which group of rows each position is in, and where in it.

    >>> _in_groups(iter([2, 0, 3]), [1, 2, 9], "row_group")
    {1: {'row_group': 0, 'row': 1}, 2: {'row_group': 2, 'row': 0}}
    """
    found: dict[int, Extent] = {}
    first = 0
    for number, count in enumerate(rows):
        found |= {one: {name: number, "row": one - first} for one in positions if first <= one < first + count}
        first += count
        if first > max(positions):
            break
    return found


def _warc_records(records: Iterator[warc_stream.Record | Unreadable], positions: Collection[int]) -> dict[int, Extent]:
    """Return where WARC records lie, from their version line to the end of their block."""
    found: dict[int, Extent] = {}
    for one in records:
        if isinstance(one, warc_stream.Record) and one.position in positions:
            found[one.position] = {"begin": one.begin, "end": one.end}
        if one.position >= max(positions):
            break
    return found
