"""Withdrawn: the list of what must not be in a release, taken out of each unit, and proved to be out of the release."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, Unit, digest
from jobs.held import Held, read_held
from jobs.lineage import Index
from jobs.outbox import Outbox
from jobs.sorted import LAST_KEY, Sorted, read_range
from jobs.storage import Storage, open_storage
from jobs.surveys.verdicts import left_of, write_ledger
from jobs.units import Run, Stage, map_units
from jobs.withdrawal.rules import Withdrawal
from ops.columns import VERDICT

STEP = "withdrawals"

# Of a release, where there is a list.
LIST_FILE = "withdrawn.parquet"

# A document that goes: by which withdrawal, for which document ("": it is what was withdrawn), why, and the last
# release that was there when it was found: it is in none after that.
FOUND = pa.schema(
    [
        ("key", pa.uint64()),
        ("id", pa.string()),
        ("after_release", pa.int64()),
        ("withdrawal", pa.int64()),
        ("ancestor", pa.string()),
        ("reason", pa.string()),
    ]
)

# The same, as the ledger says it.
LISTED = pa.schema([*FOUND, ("step", pa.string())])

_REASONS = ("withdrawn", "derived_from_withdrawn", "copy_of_withdrawn")

_ROW_BYTES = 60  # of an id


@dataclass(frozen=True)
class Withdrawn:
    """All documents that go, whether or not they are in the input."""

    rules: tuple[Withdrawal, ...]
    index: Index  # one commit, and one file: in order of ids' digests

    @property
    def files(self) -> list[Sorted]:
        """The list; none where the withdrawals name nothing that was ever read."""
        return self.index.files("listed")

    def told(self, documents: int) -> dict[str, Any]:
        """What the manifest says: so many of the release's documents were compared with the list, and none is in it."""
        counts = {(number, reason): count for number, reason, count in self.index.commits[0].facts["counts"]}
        rules = [
            one.model_dump() | {reason: counts.get((one.number, reason), 0) for reason in _REASONS}
            for one in self.rules
        ]
        return {"rules": rules, "documents_compared": documents, "documents_found": 0}


def drop_withdrawn(run: Run, found: Withdrawn, held: Sequence[Held]) -> tuple[str, list[Held], list[Commit]]:
    """Return the stage's folder, what is left of each unit, and the commits that say so."""
    listed = found.files
    inputs = digest([part.file.sha256 for part in listed])
    by_name = {f"{one.unit}-{digest(one.identity(), inputs)}": one for one in held}
    units = [Unit(name, {"unit": one.unit}, one.rows * _ROW_BYTES) for name, one in by_name.items()]
    stage = Stage(f"stages/01-{STEP}-{inputs}", STEP)
    work = partial(_drop_unit, held=by_name, listed=listed, storage_url=run.storage.url)
    commits = map_units(run, stage, units, work)
    return stage.folder, [left_of(one, commit) for one, commit in zip(held, commits, strict=True)], commits


def prove_absent(run: Run, found: Withdrawn, held: Sequence[Held]) -> int:
    """Compare every document of a release with the list, and return how many there are; raise where one is in it."""
    listed = found.files
    inputs = digest([part.file.sha256 for part in listed])
    by_name = {f"{one.unit}-{digest(one.identity(), inputs)}": one for one in held}
    units = [Unit(name, {"unit": one.unit}, one.rows * _ROW_BYTES) for name, one in by_name.items()]
    work = partial(_prove_unit, held=by_name, listed=listed, storage_url=run.storage.url)
    commits = map_units(run, Stage(f"stages/99-{STEP}.proof-{inputs}", f"release: {STEP}"), units, work)
    return sum(commit.facts["documents"] for commit in commits)


def _drop_unit(
    unit: Unit, outbox: Outbox, *, held: dict[str, Held], listed: Sequence[Sorted], storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    one = held[unit.name]
    goes = [_verdicts(batch, entries) for batch, entries in _in_list(storage, one, listed)]
    verdicts = pa.concat_tables([VERDICT.empty_table(), *goes]).sort_by("at")
    return write_ledger(storage, outbox, one, verdicts, STEP)


def _prove_unit(
    unit: Unit,
    outbox: Outbox,  # noqa: ARG001 - it writes nothing
    *,
    held: dict[str, Held],
    listed: Sequence[Sorted],
    storage_url: str,
) -> dict[str, Any]:
    one = held[unit.name]
    for batch, _ in _in_list(open_storage(storage_url), one, listed):
        raise AssertionError(f"withdrawn documents are in the release: {batch['id'][0]} of unit {one.unit}")
    return {"documents": one.rows}


def _in_list(storage: Storage, one: Held, listed: Sequence[Sorted]) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Give the documents left of a unit that are in the list, and their entries."""
    for batch in read_held(storage, one, ["id"], with_rows=True):
        for part in listed:
            for entries in read_range(storage, part, "key", 0, LAST_KEY):
                place = pc.index_in(batch["id"], entries["id"].combine_chunks())
                if place.null_count < len(place):
                    yield batch.filter(place.is_valid()), entries.take(place.drop_null())


def _verdicts(documents: pa.Table, entries: pa.Table) -> pa.Table:
    ancestor = pc.if_else(pc.equal(entries["ancestor"], ""), pa.scalar(None, pa.string()), entries["ancestor"])
    columns = {
        **{name: pa.nulls(documents.num_rows, VERDICT.field(name).type) for name in VERDICT.names},
        "at": documents["row"],
        "reason": entries["reason"],
        "value": entries["withdrawal"].cast(pa.float64()),
        "kept_id": ancestor,
    }
    return pa.table([columns[name] for name in VERDICT.names], schema=VERDICT)
