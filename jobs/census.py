"""The census: what is left of each unit. Counts by origin, depth and the like, ids of what is real, possible cuts.

It follows from the documents left, not from the release's files: their format and order do not matter, and on a night
only units of which something else is left are looked at again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.boundaries import Segments, segment
from jobs.commits import Commit, Unit, digest
from jobs.held import Held, read_held, times_of
from jobs.lineage import keys_of
from jobs.outbox import Outbox
from jobs.places import SPLIT, splits_of
from jobs.plan import JobPlan
from jobs.sorted import by_digest, write_sorted
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import ORIGIN_BASIS
from ops.provenance.origin_by_label import CONFLICT

# Real documents in order of a digest of their ids.
IDS = pa.schema([("key", pa.uint64()), ("id", pa.string())])

_COUNTED = ("origin", "depth")
_COUNTED_WHERE_THERE = (SPLIT, ORIGIN_BASIS.name, CONFLICT.name)
_ROW_BYTES = 80  # of an id, a size, and what is counted


@dataclass(frozen=True)
class Census:
    """Commits of the stage, one for each unit that has documents left."""

    folder: str
    held: tuple[Held, ...]
    commits: tuple[Commit, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Count documents by each column: `{"origin": {"real": 7}, ...}`; "" is none."""
        total: dict[str, Counter[str]] = {}
        for commit in self.commits:
            for column, counts in commit.facts["counts"].items():
                total.setdefault(column, Counter()).update(counts)
        return {column: dict(sorted(counts.items())) for column, counts in total.items()}

    def segments(self) -> list[Segments]:
        """Return the documents between possible cuts, unit by unit; split by split, where there are any."""
        return [
            Segments(one, **told, split=split)
            for one, commit in zip(self.held, self.commits, strict=True)
            for split, told in commit.facts["segments"].items()
        ]

    def place(self) -> dict[str, Any]:
        """Where the next release finds it."""
        return {"folder": self.folder, "units": [commit.unit for commit in self.commits]}


def take_census(run: Run, plan: JobPlan, held: Sequence[Held], shard_bytes: int) -> Census:
    """Look at every unit; one that was counted before is not read again."""
    there = {field.name for field in plan.columns}
    columns = [*_COUNTED, *(name for name in _COUNTED_WHERE_THERE if name in there)]
    by_name = {digest(one.unit, one.identity()): one for one in held if one.rows}
    units = [Unit(name, {"unit": one.unit}, one.rows * _ROW_BYTES) for name, one in by_name.items()]
    work = partial(_census_unit, held=by_name, columns=columns, shard_bytes=shard_bytes, storage_url=run.storage.url)
    prefix, _, _ = plan.release_folder.rpartition("-")
    folder = f"{prefix}.census-{digest(columns, shard_bytes)}"
    commits = map_units(run, Stage(folder, "release: census"), units, work)
    return Census(folder, tuple(by_name.values()), tuple(commits))


def _census_unit(
    unit: Unit, outbox: Outbox, *, held: dict[str, Held], columns: list[str], shard_bytes: int, storage_url: str
) -> dict[str, Any]:
    storage, one = open_storage(storage_url), held[unit.name]
    table = pa.concat_tables(read_held(storage, one, ["id", "text_bytes", *columns], with_rows=True))
    ids = table.filter(pc.equal(table["origin"], "real"))["id"]
    real = by_digest(pa.table([keys_of(ids), ids], schema=IDS), IDS.names)
    counts = {name: _counted(table[name].cast(pa.string())) for name in columns}
    counts.get(CONFLICT.name, {}).pop("", None)  # no conflict is nothing to be told
    return {
        "counts": counts,
        "segments": _segments(storage, one, table, shard_bytes),
        "sorted": write_sorted(outbox, "real", real, "key"),
    }


def _segments(storage: Storage, held: Held, table: pa.Table, shard_bytes: int) -> dict[str, dict[str, Any]]:
    """Segment a unit's documents. The segments are the commit's facts: a file would be one more read for every unit."""
    sizes, rows = np.asarray(table["text_bytes"]), np.asarray(table["row"])
    times = times_of(storage, held, rows)
    return {
        split: segment(table["id"].filter(pa.array(here)), sizes[here], rows[here], shard_bytes, times[here])
        for split, here in splits_of(table).items()
    }


def _counted(values: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"] or "": row["counts"] for row in pc.value_counts(values).to_pylist()}
