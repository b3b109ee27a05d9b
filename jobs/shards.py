"""Release shards: the documents left, in order of source, shard and position, cut into files by their content.

Shards are planned from segments (jobs/boundaries.py), without reading text, and written in parallel. Where one is cut
depends on the documents around, not on how many come before: what did not change is cut as before, and not written
again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.boundaries import Segments, rank_below
from jobs.commits import Commit, Unit, digest
from jobs.documents import TEXT_BYTES, release_schema
from jobs.formats import FORMATS
from jobs.formats.settings import Release
from jobs.held import Held, read_held
from jobs.outbox import Outbox
from jobs.places import split_rank, splits_of
from jobs.spec import JobSpec
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import COPIES, COPY
from ops.provenance.released_labels import AIGC, with_released_labels


@dataclass(frozen=True)
class Part:
    """The documents left of one unit within a range of rows of its data."""

    held: Held
    begin: int
    end: int
    split: str = ""  # that they are of, where there are splits


@dataclass(frozen=True)
class Shard:
    """What one shard holds. The name says which documents: equal names, equal files."""

    name: str
    parts: tuple[Part, ...]
    bytes: int  # of text


def shards_in_order(
    run: Run, folder: str, spec: JobSpec, columns: tuple[pa.Field, ...], segments: Sequence[Segments]
) -> list[Commit]:
    """Write the shards of a release in order of source, split by split; return their commits in order."""
    release = spec.release
    shards = [
        shard
        for split in sorted({one.split for one in segments}, key=split_rank)
        for shard in plan_shards([one for one in segments if one.split == split], release.shard_bytes)
    ]
    by_name = {shard.name: shard for shard in shards}
    work = partial(_write_shard, shards=by_name, release=release, columns=columns, storage_url=run.storage.url)
    return map_units(run, Stage(folder, "release"), shard_units(shards), work)


def plan_shards(segments: Sequence[Segments], shard_bytes: int) -> list[Shard]:
    """Cut the corpus into shards of at most `shard_bytes` of text, unless a document has more; none for no document."""
    if not segments:
        return []
    offsets = np.append(0, np.cumsum(np.concatenate([one.bytes for one in segments])))
    ranks = np.concatenate([one.rank for one in segments])
    firsts = np.append(0, np.cumsum([len(one.rank) for one in segments]))
    bounds = pairwise(_bounds(offsets, ranks, shard_bytes))
    return [_shard(segments, firsts, begin, end, int(offsets[end] - offsets[begin])) for begin, end in bounds]


def shard_units(shards: Sequence[Shard]) -> list[Unit]:
    """Name each shard by what it holds; its commit tells which rows of which data those are."""
    units = []
    for shard in shards:
        split = shard.parts[0].split
        parts = [[part.held.data.sha256, part.begin, part.end] for part in shard.parts]
        units.append(Unit(shard.name, {"parts": parts} | ({"split": split} if split else {}), shard.bytes))
    return units


def _write_shard(
    unit: Unit,
    outbox: Outbox,
    *,
    shards: dict[str, Shard],
    release: Release,
    columns: tuple[pa.Field, ...],
    storage_url: str,
) -> dict[str, Any]:
    """Write one shard in the format asked for."""
    storage = open_storage(storage_url)
    schema = release_schema(columns)
    copies, repeats = COPIES[0] in columns, COPY in columns

    def batches() -> Iterator[pa.Table]:
        for part in shards[unit.name].parts:
            rows_of_part = range(part.begin, part.end)
            held = read_held(storage, part.held, with_copies=copies, with_repeats=repeats, within=rows_of_part)
            yield from _of_split(held, part.split)

    return write_documents(outbox, schema, release, batches())


def written_schema(schema: pa.Schema, release: Release) -> pa.Schema:
    """Columns of documents as they are written: with a label, where the release has labels."""
    return schema.append(AIGC) if release.aigc_propagator else schema


def write_documents(outbox: Outbox, schema: pa.Schema, release: Release, batches: Iterable[pa.Table]) -> dict[str, Any]:
    """Write the documents of one shard in the format asked for; return the facts for its commit."""
    rows = size = 0
    written = written_schema(schema, release)
    with FORMATS[release.format].write(outbox, written, release) as write:
        for batch in batches:
            rows += batch.num_rows
            size += int(np.asarray(batch[TEXT_BYTES.name]).sum())
            labelled = with_released_labels(batch, release.aigc_propagator) if release.aigc_propagator else batch
            write(labelled.select(written.names).cast(written))
    return {"rows_in": rows, "bytes_in": size, "rows_kept": rows}


def _of_split(batches: Iterator[pa.Table], split: str) -> Iterator[pa.Table]:
    """Leave out the documents of other splits."""
    for batch in batches:
        here = splits_of(batch).get(split)
        if here is not None:
            yield batch if here.all() else batch.filter(pa.array(here))


def _bounds(offsets: NDArray[np.int64], ranks: NDArray[np.int64], shard_bytes: int) -> list[int]:
    """Return the segments that shards begin with, and the end of the last one.

    Candidates first, so that how a source is cut into units does not matter. What has none where it needs one, mostly
    behind a huge document, is then cut wherever a segment begins.
    """
    candidates = np.flatnonzero(ranks < rank_below(shard_bytes))
    usable = np.unique([0, *candidates, len(ranks)])
    bounds = [0]
    for begin, end in pairwise(usable[_cut(offsets[usable], ranks[usable[:-1]], shard_bytes)].tolist()):
        bounds += [begin + n for n in _cut(offsets[begin : end + 1], ranks[begin:end], shard_bytes)[1:]]
    return bounds


def _cut(offsets: NDArray[np.int64], ranks: NDArray[np.int64], shard_bytes: int) -> list[int]:
    """Choose among boundaries, at `offsets`, those to cut at; the first and the last are always chosen.

    What is too large is cut at its boundary of lowest rank that leaves half a shard on either side, and so on. Neither
    sizes before nor cuts made elsewhere matter, so that a change is felt by the shards next to it alone.

    >>> _cut(np.array([0, 4, 5, 8, 12]), np.array([9, 3, 1, 2]), shard_bytes=8)
    [0, 2, 4]
    """
    cuts = []
    stretches = [(0, len(ranks))]
    while stretches:
        first, last = stretches.pop()
        at = _cut_at(offsets, ranks, first, last, shard_bytes)
        if first < at < last:
            stretches += [(at, last), (first, at)]
        else:
            cuts.append(first)
    return [*cuts, len(ranks)]


def _cut_at(offsets: NDArray[np.int64], ranks: NDArray[np.int64], first: int, last: int, shard_bytes: int) -> int:
    """Return the boundary to cut a stretch at; its first where it is a shard."""
    begin, end = int(offsets[first]), int(offsets[last])
    if end - begin <= shard_bytes:
        return first
    half = (shard_bytes + 1) // 2
    low, high = np.searchsorted(offsets, begin + half), np.searchsorted(offsets, end - half, side="right")
    if low < high:
        return int(low + np.argmin(ranks[low:high]))
    # Else the boundary nearest to the middle: one of the two beside it, of which an end of the stretch is never nearer.
    after = int(np.searchsorted(offsets, (begin + end) / 2))
    nearest = after if offsets[after] + offsets[after - 1] < begin + end else after - 1
    return nearest if begin < offsets[nearest] < end else first


def _shard(segments: Sequence[Segments], firsts: NDArray[np.int64], begin: int, end: int, size: int) -> Shard:
    """Put a shard together from the segments `begin` to `end`, counted over all units."""
    parts, told = [], []
    unit = int(np.searchsorted(firsts, begin, side="right")) - 1
    while unit < len(segments) and firsts[unit] < end:
        one = segments[unit]
        here = slice(max(0, begin - firsts[unit]), end - firsts[unit])
        parts.append(Part(one.held, one.begin[here][0], one.end[here][-1], one.split))
        copies = one.held.copies.sha256 if one.held.copies else ""
        told.append([one.held.data.sha256, copies, one.digest[here]])
        unit += 1
    return Shard(digest(told), tuple(parts), size)
