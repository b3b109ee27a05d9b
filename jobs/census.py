"""The census: how many documents a release holds by origin, depth and the like, and the ids of those that are real.

It follows from the documents left, not from the release's files: their format and order do not matter, and on a night
only units of which something else is left are counted again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, Unit, digest
from jobs.held import Held, read_held
from jobs.lineage import keys_of
from jobs.outbox import Outbox
from jobs.plan import JobPlan
from jobs.sorted import write_sorted
from jobs.storage import open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import ORIGIN_BASIS
from ops.provenance.origin_by_label import CONFLICT

# Real documents in order of a digest of their ids.
IDS = pa.schema([("key", pa.uint64()), ("id", pa.string())])

_COUNTED = ("origin", "depth")
_COUNTED_WHERE_THERE = ("split", ORIGIN_BASIS.name, CONFLICT.name)
_ROW_BYTES = 60  # of an id and what is counted


@dataclass(frozen=True)
class Census:
    """Commits of the stage, one for each unit that has documents left."""

    folder: str
    commits: tuple[Commit, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Count documents by each column: `{"origin": {"real": 7}, ...}`; "" is none."""
        total: dict[str, Counter[str]] = {}
        for commit in self.commits:
            for column, counts in commit.facts["counts"].items():
                total.setdefault(column, Counter()).update(counts)
        return {column: dict(sorted(counts.items())) for column, counts in total.items()}

    def place(self) -> dict[str, Any]:
        """Where the next release finds it."""
        return {"folder": self.folder, "units": [commit.unit for commit in self.commits]}


def take_census(run: Run, plan: JobPlan, held: Sequence[Held]) -> Census:
    """Count every unit; one that was counted before is not read again."""
    there = {field.name for field in plan.columns}
    columns = [*_COUNTED, *(name for name in _COUNTED_WHERE_THERE if name in there)]
    by_name = {digest(one.unit, one.identity()): one for one in held if one.rows}
    units = [Unit(name, {"unit": one.unit}, one.rows * _ROW_BYTES) for name, one in by_name.items()]
    work = partial(_census_unit, held=by_name, columns=columns, storage_url=run.storage.url)
    prefix, _, _ = plan.release_folder.rpartition("-")
    folder = f"{prefix}.census-{digest(columns)}"
    return Census(folder, tuple(map_units(run, Stage(folder, "release: census"), units, work)))


def _census_unit(
    unit: Unit, outbox: Outbox, *, held: dict[str, Held], columns: list[str], storage_url: str
) -> dict[str, Any]:
    table = pa.concat_tables(read_held(open_storage(storage_url), held[unit.name], ["id", *columns]))
    ids = table.filter(pc.equal(table["origin"], "real"))["id"]
    real = pa.table([keys_of(ids), ids], schema=IDS).sort_by([("key", "ascending"), ("id", "ascending")])
    counts = {name: _counted(table[name].cast(pa.string())) for name in columns}
    counts.get(CONFLICT.name, {}).pop("", None)  # no conflict is nothing to be told
    return {"counts": counts, "sorted": write_sorted(outbox, "real", real, "key")}


def _counted(values: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"] or "": row["counts"] for row in pc.value_counts(values).to_pylist()}
