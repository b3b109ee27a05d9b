"""Drawing: documents in an order of chance until the parts of a plan are full. Sketches in; times and ledgers out.

    sketches -> slots (copies of contents that several documents have) -> [grades] -> supply, of each unit
      -> plan, of all -> edge, of each unit -> cut, of all -> ledger and times, of each unit

What is told of a unit is named by what it follows from, and only what its source is planned to give goes into that: a
unit of which nothing changed, of a source whose part ends where it did, is not read again. What does not follow from
how much is taken lies in stages of its own: another budget begins with the plan.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, File, Unit, digest
from jobs.held import TIMES_ROWS, Held
from jobs.outbox import Outbox, read_table
from jobs.plan import SurveyPlan
from jobs.sorted import Sorted, read_range, sorted_files, unit_groups, write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys.addresses import at_of, at_range, row_of, unit_of
from jobs.surveys.matching import match
from jobs.surveys.pieces import Piece
from jobs.surveys.verdicts import left_of, write_ledger
from jobs.units import Run, Stage, map_units
from ops.columns import VERDICT
from ops.contract import notes_of
from ops.dedup.outcome import summed
from ops.kernels.groups import each_value
from ops.surveys import SLOTS, Drawing

# Tables of units that are put together at once.
_TABLES_AT_ONCE = 64

_ALL_SLOTS = 2**64 - 1


@dataclass(frozen=True)
class _Lot:
    """The sketch of one unit, and which of its documents share their contents with others."""

    piece: Piece
    slots: Sorted | None = None
    slots_name: str = ""

    def name(self, *more: object) -> str:
        """Name what follows from this and more."""
        return f"{self.piece.held.unit}-{digest(self.piece.left, self.slots_name, more)}"

    def load(self, storage: Storage) -> pa.Table:
        """Read the sketch with `slots` for each document."""
        sketches = self.piece.load(storage)
        slots = np.full(sketches.num_rows, _ALL_SLOTS, np.uint64)
        if self.slots:
            number = self.piece.number
            told = pa.concat_tables(read_range(storage, self.slots, "at", *at_range(number, number)))
            row = np.asarray(sketches["row"])
            place = np.searchsorted(row, row_of(np.asarray(told["at"])))
            slots[place] = np.asarray(told["slots"])
        return sketches.append_column("slots", pa.array(slots))


@dataclass(frozen=True)
class _Given:
    """What goes back to the units, by source, and names of it."""

    tables: dict[str, pa.Table]
    names: dict[str, str]

    @classmethod
    def of(cls, table: pa.Table) -> "_Given":
        names = table["source"].unique().to_pylist() if table.num_columns else []
        tables = {name: table.filter(pc.equal(table["source"], name)) for name in names}
        # What a source has none of is not left out, so that its units are given the columns.
        tables[""] = table.slice(0, 0)
        return cls(tables, {name: digest(repr(one.to_pydict())) for name, one in tables.items()})

    def name(self, lot: _Lot) -> str:
        return self.names.get(lot.piece.held.source, "")

    def to(self, lot: _Lot) -> pa.Table:
        return self.tables.get(lot.piece.held.source, self.tables[""])


def draw(
    run: Run, plan: SurveyPlan, survey: Drawing, held: Sequence[Held], pieces: Sequence[Piece], partition_bytes: int
) -> tuple[list[Held], list[Commit], dict[str, Any]]:
    """Return what is left of each unit, the commits that say so, and the survey's notes."""
    prefix, _, _ = plan.folder.rpartition("-")
    ordered = replace(plan, folder=f"{prefix}.order-{digest(plan.sketch_folder, survey.ordered_by)}")
    lots = _with_slots(run, ordered, survey, pieces, partition_bytes)
    grades = _Given.of(pa.table({}))
    if survey.graded:
        told = _of_units(run, ordered.stage("grades"), lots, survey, _grades_of, ())
        grades = _Given.of(_table(run, _of_all(run, ordered.stage("grade"), told, _added_up)))
    supply = _of_units(run, ordered.stage("supply"), lots, survey, _supply_of, (grades,))
    planned = _of_all(run, plan.stage("plan"), supply, partial(_planned, survey=survey))
    ends = _Given.of(_table(run, planned).select([*survey.edge_reads]))
    edges = _of_units(run, plan.stage("edge"), lots, survey, _edge_of, (grades, ends))
    cut = partial(_cut, survey=survey, planned=planned.files["table"])
    cuts = _of_all(run, plan.stage("cut"), edges, cut, [planned])
    places = _Given.of(_table(run, cuts).select([*survey.taken_reads]))
    commits = _ledgers(run, plan, survey, lots, (grades, places))
    changed = {commit.reads["unit"]: commit for commit in commits}
    left = [left_of(one, changed[one.unit]) if one.unit in changed else one for one in held]
    notes = summed([commit.facts["notes"] for commit in commits])
    return left, commits, survey.told(_table(run, cuts), notes)


def _with_slots(
    run: Run, plan: SurveyPlan, survey: Drawing, pieces: Sequence[Piece], partition_bytes: int
) -> list[_Lot]:
    """Give each unit that has documents left what is said of those whose contents others have, too."""
    found, _ = match(run, plan, survey.contents, pieces, partition_bytes)
    parts = sorted_files(found)
    count = 1 + max((piece.number for piece in pieces), default=0)
    units, groups = unit_groups(parts, count, partition_bytes)
    work = partial(_slots_unit, parts=parts, groups=groups, storage_url=run.storage.url)
    told = {
        number: (sorted_files([commit])[0], str(name))
        for commit in map_units(run, plan.stage("slots"), units, work)
        for number, name in commit.facts["units"]
    }
    return [_Lot(piece, *told.get(piece.number, ())) for piece in pieces if piece.held.rows]


def _slots_unit(
    unit: Unit, outbox: Outbox, *, parts: Sequence[Sorted], groups: dict[str, range], storage_url: str
) -> dict[str, Any]:
    """Put what is said of the documents of a group of units in order, and hash it by unit."""
    storage = open_storage(storage_url)
    group = groups[unit.name]
    tables = [table for part in parts for table in read_range(storage, part, "at", *at_range(group[0], group[-1]))]
    whole = pa.concat_tables([SLOTS.empty_table(), *tables]).sort_by("at").combine_chunks()
    at, slots = np.asarray(whole["at"]), np.asarray(whole["slots"])
    names = [
        [number, hashlib.sha256(row_of(at[begin:end]).tobytes() + slots[begin:end].tobytes()).hexdigest()[:16]]
        for number, begin, end in each_value(unit_of(at))
    ]
    return {"sorted": write_sorted(outbox, "slots", whole, "at"), "units": names}


_Tell = Callable[..., pa.Table]


def _grades_of(survey: Drawing, sketches: pa.Table) -> pa.Table:
    return survey.grades(sketches)


def _supply_of(survey: Drawing, sketches: pa.Table, grades: pa.Table) -> pa.Table:
    return survey.supply(sketches, grades)


def _edge_of(survey: Drawing, sketches: pa.Table, grades: pa.Table, ends: pa.Table) -> pa.Table:
    return survey.edge(sketches, grades, ends)


def _of_units(
    run: Run, stage: Stage, lots: Sequence[_Lot], survey: Drawing, tell: _Tell, given: Sequence[_Given]
) -> list[Commit]:
    """Ask each unit for a table, by its sketch and what is known of its source."""
    by_name = {lot.name([one.name(lot) for one in given]): lot for lot in lots}
    units = [Unit(name, {}, lot.piece.memory_bytes) for name, lot in by_name.items()]
    work = partial(_tell_unit, lots=by_name, survey=survey, tell=tell, given=given, storage_url=run.storage.url)
    return map_units(run, stage, units, work)


def _tell_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    lots: dict[str, _Lot],
    survey: Drawing,
    tell: _Tell,
    given: Sequence[_Given],
    storage_url: str,
) -> dict[str, Any]:
    lot = lots[unit.name]
    outbox.table("table", tell(survey, lot.load(open_storage(storage_url)), *(one.to(lot) for one in given)))
    return {}


def _of_all(
    run: Run,
    stage: Stage,
    told: Sequence[Commit],
    make: Callable[[Storage, Iterator[pa.Table]], pa.Table],
    beside: Sequence[Commit] = (),
) -> Commit:
    """Make one table of those of all units, and of what `make` reads beside them."""
    files = [commit.files["table"] for commit in told]
    name = digest([file.sha256 for file in files], [commit.files["table"].sha256 for commit in beside])
    unit = Unit(name, {}, sum(file.bytes for file in files))
    (made,) = map_units(run, stage, [unit], partial(_all_unit, files=files, make=make, storage_url=run.storage.url))
    return made


def _all_unit(
    unit: Unit,  # noqa: ARG001 - there is one
    outbox: Outbox,
    *,
    files: Sequence[File],
    make: Callable[..., pa.Table],
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    tables = (read_table(storage, file) for file in files)
    outbox.table("table", make(storage, tables))
    return {}


def _planned(storage: Storage, tables: Iterator[pa.Table], *, survey: Drawing) -> pa.Table:
    return survey.plan(_added_up(storage, tables))


def _cut(storage: Storage, tables: Iterator[pa.Table], *, survey: Drawing, planned: File) -> pa.Table:
    found = [*tables]
    return survey.cut(read_table(storage, planned), pa.concat_tables(found) if found else pa.table({}))


def _added_up(storage: Storage, tables: Iterator[pa.Table]) -> pa.Table:  # noqa: ARG001 - as the others
    """Add up the numbers of rows that are else equal, holding some tables of units at a time."""
    whole: pa.Table | None = None
    some: list[pa.Table] = []
    for table in tables:
        some.append(table)
        if len(some) == _TABLES_AT_ONCE:
            whole, some = _summed([*([whole] if whole else []), *some]), []
    return _summed([*([whole] if whole else []), *some])


def _summed(tables: Sequence[pa.Table]) -> pa.Table:
    if not tables:
        return pa.table({})
    table = pa.concat_tables(tables)
    numbers = [field.name for field in table.schema if field.type == pa.int64()]
    labels = [name for name in table.column_names if name not in numbers]
    sums = table.group_by(labels).aggregate([(name, "sum") for name in numbers])
    return sums.select([*labels, *(f"{name}_sum" for name in numbers)]).rename_columns([*labels, *numbers])


def _table(run: Run, made: Commit) -> pa.Table:
    return read_table(run.storage, made.files["table"])


def _ledgers(
    run: Run, plan: SurveyPlan, survey: Drawing, lots: Sequence[_Lot], given: Sequence[_Given]
) -> list[Commit]:
    """Compare each unit with where the parts end."""
    by_name = {lot.name(lot.piece.held.identity(), [one.name(lot) for one in given]): lot for lot in lots}
    units = [Unit(name, {"unit": lot.piece.held.unit}, lot.piece.memory_bytes) for name, lot in by_name.items()]
    work = partial(
        _ledger_unit, lots=by_name, survey=survey, given=given, label=plan.label, storage_url=run.storage.url
    )
    return map_units(run, Stage(plan.folder, f"{plan.label}: ledger"), units, work)


def _ledger_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    lots: dict[str, _Lot],
    survey: Drawing,
    given: Sequence[_Given],
    label: str,
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    lot = lots[unit.name]
    sketches = lot.load(storage)
    found = survey.taken(sketches, *(one.to(lot) for one in given))
    rows, times = np.asarray(sketches["row"]), np.asarray(found["times"])
    more = times > 1
    if more.any():
        told = [pa.array(rows[more]), pa.array(times[more])]
        outbox.table("times", pa.table(told, schema=TIMES_ROWS), place="copies")
    goes = found.append_column("at", pa.array(at_of(0, rows))).filter(pa.array(times == 0))
    nothing = {name: pa.nulls(goes.num_rows, VERDICT.field(name).type) for name in VERDICT.names[4:]}
    columns = {name: goes[name] for name in VERDICT.names[:4]} | nothing
    facts = write_ledger(storage, outbox, lot.piece.held, pa.table(columns, schema=VERDICT), label)
    return facts | {"repeated": int((times[more] - 1).sum()), "notes": notes_of(found)}
