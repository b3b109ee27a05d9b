"""Where raw records lie: places in, byte ranges or rows of their shards out, or why they cannot be told any more."""

import contextlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from jobs.readers.extents import Extent, extents
from jobs.readers.html_settings import Html
from jobs.readers.records import BadShard
from jobs.release import read_manifest
from jobs.report.texts import Gone, Sources
from jobs.storage import Storage, open_url

# Of shards that are read for a trace, in all: half a minute. The first is read in any case.
_BYTES_MAX = 4 * 1024**3

_READERS = 8  # shards at once

# The release that read a shard last, the source and the path.
Shard = tuple[int, str, str]


@dataclass(frozen=True)
class Raw:
    """Where a record lies in its shard, or why that cannot be told."""

    url: str = ""  # of the shard
    compression: str = ""  # what `extent` is counted behind
    extent: Extent | None = None
    why_not: str = ""


def raw_places(storage: Storage, places: Sequence[tuple[Shard, int]]) -> list[Raw | None]:
    """Say where records lie; None of kinds that cannot tell, such as CSV. Each shard is read once, the first first."""

    @cache
    def sources(release: int) -> Sources:
        return Sources(read_manifest(storage, release))

    positions: dict[Shard, list[int]] = {}
    for shard, position in places:
        positions.setdefault(shard, []).append(position)
    with ThreadPoolExecutor(_READERS) as pool:
        found: dict[Shard, Future[dict[int, Raw]] | Raw] = {}
        left = _BYTES_MAX
        for shard, wanted in positions.items():
            release, source, path = shard
            told = sources(release).shard(source, path)
            cost = _bytes_to(told, max(wanted))
            if found and cost > left:
                found[shard] = Raw(why_not="not looked up: that would be much to read")
                continue
            left = max(0, left - cost)
            try:
                root = sources(release).root(told)
            except Gone as gone:
                found[shard] = Raw(why_not=str(gone))
            else:
                html = sources(release).named(source).html
                found[shard] = pool.submit(_in_shard, f"{root}/{path}", told, wanted, html)
        return [_at(found[shard], position) for shard, position in places]


def _at(found: Future[dict[int, Raw]] | Raw, position: int) -> Raw | None:
    if isinstance(found, Raw):
        return found
    try:
        return found.result().get(position)
    except Gone as gone:
        return Raw(why_not=str(gone))


def _bytes_to(shard: dict[str, Any], position: int) -> int:
    """Estimate what is to be read of a shard: of Parquet the footer alone."""
    share = min(1.0, (position + 1) / max(1, shard["records"]))
    return 0 if shard["format"] == "parquet" else int(share * shard["bytes"])


def _in_shard(url: str, shard: dict[str, Any], positions: Sequence[int], html: Html) -> dict[int, Raw]:
    """Read a shard up to the last of some positions; raise `Gone` where that cannot be done any more."""
    try:
        with contextlib.closing(open_url(url)) as file:
            found = extents(file, shard["format"], shard["compression"], positions, html)
    except (OSError, BadShard) as error:
        raise Gone(f"the raw shard {shard['path']} of {shard['source']} cannot be read any more: {error}") from error
    compression = shard["compression"] if shard["format"] not in {"parquet", "arrow"} else "none"
    return {position: Raw(url, compression, extent) for position, extent in found.items()}
