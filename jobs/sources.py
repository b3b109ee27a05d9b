"""Sources -> units: which shards there are, and how large ones are cut."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from jobs.commits import Unit, digest
from jobs.errors import JobError
from jobs.jobfile.sources import Source
from jobs.readers import parquet
from jobs.readers.kinds import COMPRESSIONS, FORMATS, kind_of
from jobs.readers.records import BadShard
from jobs.storage import Entry, glob, open_url

# A Parquet shard above this is cut into row-group ranges of about this size (compressed bytes).
UNIT_BYTES = 256 * 1024 * 1024

_FOOTER_READERS = 16


@dataclass(frozen=True)
class Listing:
    """What the sources hold: units in order of source, path and row group, and where each source's paths begin."""

    units: list[Unit]
    references: list[Unit]  # what is compared with, and not released
    roots: dict[str, str]


def list_sources(sources: Sequence[Source], references: Sequence[Source] = ()) -> Listing:
    """List all sources and references; raise `JobError` for one that has no shard."""
    roots: dict[str, str] = {}
    return Listing(_units(sources, roots), _units(references, roots), roots)


def _units(sources: Sequence[Source], roots: dict[str, str]) -> list[Unit]:
    """Return the units of some sources, and note the sources' roots."""
    units = []
    for source in sources:
        roots[source.name], entries = glob(source.path)
        units += _units_of(source, roots[source.name], entries)
    return units


def _units_of(source: Source, root: str, entries: list[Entry]) -> list[Unit]:
    shards = [(entry, kind) for entry in entries if (kind := kind_of(entry.key, source.format))]
    if not shards:
        seen = f"{len(entries)} files are there, none of a known kind" if entries else "there is no such file"
        raise JobError(
            f"source {source.name!r}: no shard matches {source.path} ({seen}). Known kinds: "
            f"{', '.join(FORMATS)}, alone or with {', '.join(COMPRESSIONS)}. Correct `path`, or state `format`."
        )
    with ThreadPoolExecutor(_FOOTER_READERS) as pool:
        cut = pool.map(lambda shard: list(_units_of_shard(source, root, *shard)), shards)
        return [unit for units in cut for unit in units]


def _units_of_shard(source: Source, root: str, entry: Entry, kind: tuple[str, str]) -> Iterator[Unit]:
    shard = {
        "source": source.name,
        "path": entry.key,
        "bytes": entry.bytes,
        "identity": entry.identity,
        "format": kind[0],
        "compression": kind[1],
    }
    for rows in _row_group_ranges(f"{root}/{entry.key}", entry) if kind[0] == "parquet" else [None]:
        yield unit_of(source, shard | ({"row_groups": rows} if rows else {}))


def unit_of(source: Source, reads: dict[str, Any]) -> Unit:
    """Return the unit that reads a shard of a source, or some row groups of it."""
    settings = source.model_dump(exclude={"path", "loss_max"})
    return Unit(
        f"{source.name}-{digest(settings, reads)}", reads, UNIT_BYTES if "row_groups" in reads else reads["bytes"]
    )


def _row_group_ranges(url: str, entry: Entry) -> list[list[int] | None]:
    """Cut a large Parquet shard into [first, end) ranges of row groups; a small or unreadable one stays whole."""
    if entry.bytes <= UNIT_BYTES:
        return [None]
    try:
        with open_url(url) as file:
            sizes = parquet.row_group_sizes(file)
    except BadShard:
        return [None]  # the unit that reads it says what is wrong
    per_range = max(1, round(len(sizes) * UNIT_BYTES / entry.bytes))
    return [[first, min(first + per_range, len(sizes))] for first in range(0, len(sizes), per_range)]
