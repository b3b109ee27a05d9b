"""What the tests of ops share: small corpora, and the runner of surveys in its simplest form."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ops.columns import VERDICT
from ops.contract import Op, notes_of
from ops.dedup.outcome import summed
from ops.kernels.hashing import mix64_all
from ops.surveys import SLOTS, TAKEN, Drawing, Labelling, Matching, Sampling, Survey

Verdicts = dict[str, dict]

COLUMNS = {
    **dict.fromkeys(("id", "text", "source", "origin", "url"), pa.string()),
    "generator": pa.string(),
    "sourced": pa.int8(),  # 0 for a document of a reference
    "copies": pa.int64(),  # what an earlier survey counted, and where those copies were from
    "copy_sources": pa.list_(pa.string()),
    "parents": pa.list_(pa.string()),
    "depth": pa.int8(),
}


@dataclass(frozen=True)
class Outcome:
    """What a survey says: `VERDICT` rows in order of address, and what `with_notes` told."""

    goes: pa.Table
    stays: pa.Table  # documents that stay in the place of others, each once
    notes: dict[str, Any]


def corpus(rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Make a table of documents; what a row does not say is made up: ids by number, source `web`, origin `real`."""
    unsaid = {
        "text": "",
        "source": "web",
        "origin": "real",
        "url": None,
        "generator": None,
        "sourced": 1,
        "copies": 0,
        "copy_sources": None,
        "parents": None,
        "depth": None,
    }
    full = [{"id": f"d{n:06d}", **unsaid, **row} for n, row in enumerate(rows)]
    more = {name: None for row in full for name in row if name not in COLUMNS}
    return pa.table({name: pa.array([row.get(name) for row in full], kind) for name, kind in (COLUMNS | more).items()})


def sketched(op: Op, table: pa.Table, unit_rows: int = 1 << 20) -> pa.Table:
    """Sketch unit by unit, and give each document what the runner does: its id and address, and of a candidate more."""
    assert isinstance(op, Survey)
    more = ["source", "sourced", "copies", "copy_sources", "text"] if isinstance(op, Matching) else []
    made = []
    for unit, start in enumerate(range(0, max(table.num_rows, 1), unit_rows)):
        batch = table.slice(start, unit_rows)
        sketch = op.sketch(batch)
        assert sketch.num_rows == batch.num_rows
        at = pa.array((unit << 32) + np.arange(batch.num_rows, dtype=np.int64))
        for name in ("id", *more):
            sketch = sketch.append_column(name, batch[name])
        made.append(sketch.append_column("at", at))
    return pa.concat_tables(made)


def decided(op: Op, sketches: pa.Table, partitions: int = 1, table_rows: int | None = None) -> Outcome:
    """Run a survey over sketches in memory; members come in tables of `table_rows`, whatever clusters that cuts."""
    if isinstance(op, Sampling):
        return _outcome([], op.conclude(op.condense(sketches)))
    if isinstance(op, Drawing):
        drawn = taken(op, sketches)
        goes = drawn.rows.filter(pc.equal(drawn.rows["times"], 0))
        nulls = [pa.nulls(goes.num_rows, VERDICT.field(name).type) for name in VERDICT.names[4:]]
        return _outcome([pa.table([*(goes[name] for name in VERDICT.names[:4]), *nulls], schema=VERDICT)], drawn.notes)
    assert isinstance(op, Matching)
    members = _members(op, sketches)
    part = mix64_all(np.asarray(members["cluster"]).astype(np.uint64)) % np.uint64(partitions)
    tables, notes = [], []
    for number in range(partitions):
        for verdicts in op.resolve(_cut(members.filter(pa.array(part == number)), table_rows)):
            tables.append(verdicts)
            notes.append(notes_of(verdicts))
    return _outcome(tables, summed(notes))


@dataclass(frozen=True)
class Taken:
    """Every document with how often it is taken, in order of address; and what is told of it."""

    rows: pa.Table
    notes: dict[str, Any]


def taken(op: Drawing, sketches: pa.Table) -> Taken:
    """Run a survey that draws over sketches in memory, unit by unit."""
    ordered = _with_slots(op, sketches.sort_by("at"))
    units = [ordered.filter(pc.equal(pc.shift_right(ordered["at"], 32), n)) for n in _units(ordered)]
    grades = _added([op.grades(one) for one in units]) if op.graded else pa.table({})
    planned = op.plan(_added([op.supply(one, grades) for one in units]))
    edges = [op.edge(one, grades, planned.select([*op.edge_reads])) for one in units]
    cuts = op.cut(planned, pa.concat_tables(edges) if edges else pa.table({}))
    found = [op.taken(one, grades, cuts.select([*op.taken_reads])) for one in units]
    rows = [one.replace_schema_metadata(None).append_column("at", u["at"]) for one, u in zip(found, units, strict=True)]
    notes = op.told(cuts, summed([notes_of(one) for one in found]))
    empty = TAKEN.append(pa.field("at", pa.int64())).empty_table()
    return Taken(pa.concat_tables([empty, *rows]), notes)


def _units(ordered: pa.Table) -> list[int]:
    return pc.unique(pc.shift_right(ordered["at"], 32)).to_pylist()


def _with_slots(op: Drawing, sketches: pa.Table) -> pa.Table:
    more = {"sourced": pa.array(np.ones(sketches.num_rows), pa.int8()), "text": pa.nulls(sketches.num_rows)}
    keyed = sketches
    for name, column in more.items():
        keyed = keyed if name in keyed.column_names else keyed.append_column(name, column)
    said = pa.concat_tables([SLOTS.empty_table(), *op.contents.resolve(_cut(_members(op.contents, keyed), 3))])
    slots = dict(zip(said["at"].to_pylist(), said["slots"].to_pylist(), strict=True))
    assert len(slots) == said.num_rows
    own = [slots.get(at, 2**64 - 1) for at in sketches["at"].to_pylist()]
    return sketches.append_column("slots", pa.array(own, pa.uint64()))


def _added(tables: list[pa.Table]) -> pa.Table:
    """Add up the int64 columns of rows that are else equal."""
    if not tables:
        return pa.table({})
    table = pa.concat_tables(tables)
    numbers = [field.name for field in table.schema if field.type == pa.int64()]
    labels = [name for name in table.column_names if name not in numbers]
    sums = table.group_by(labels).aggregate([(name, "sum") for name in numbers])
    return sums.rename_columns([*labels, *numbers])


def _members(op: Matching, sketches: pa.Table) -> pa.Table:
    """Link documents of equal keys, and return those that are linked, in order of cluster and rank."""
    at = sketches["at"].to_pylist()
    keys = op.keys(sketches.select([*op.keyed_by]))
    assert keys.dtype == np.uint64
    keys = keys[:, None] if keys.ndim == 1 else keys
    parent = {one: one for one in at}

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    hubs: dict[int, int] = {}
    linked = set()
    for one, row in zip(at, keys.tolist(), strict=True):
        for key in filter(None, row):
            hub = hubs.setdefault(key, one)
            if hub != one:
                linked |= {hub, one}
                above, below = sorted((root(hub), root(one)), reverse=True)
                parent[above] = below
    members = sketches.append_column("cluster", pa.array([root(one) for one in at], pa.int64()))
    members = members.filter(pa.array([one in linked for one in at], pa.bool_()))
    if op.rereads_text:
        for name, column in op.evidence(members["text"]).items():
            members = members.append_column(name, column)
    ranks = [name for name in members.column_names if name.startswith("rank_")]
    order = [(name, "ascending") for name in ("cluster", "sourced", *ranks, "id", "at")]
    return members.drop_columns("text").sort_by(order)


def _cut(members: pa.Table, table_rows: int | None) -> Iterator[pa.Table]:
    rows = table_rows or max(1, members.num_rows)
    return (members.slice(start, rows) for start in range(0, members.num_rows, rows))


def labelled(
    op: Labelling, table: pa.Table, unit_rows: int = 1 << 20, table_rows: int | None = None
) -> tuple[pa.Table, Verdicts]:
    """Return the documents that stay as the survey's edit leaves them, and {id: verdict} of those that go."""
    sketches = sketched(op, table, unit_rows)
    found = list(op.label(_cut(_members(op, sketches), table_rows)))
    goes = pa.concat_tables([VERDICT.empty_table(), *(verdicts for verdicts, _ in found)])
    schema = pa.schema([("at", pa.int64()), *op.labels])
    told = pa.concat_tables([schema.empty_table(), *(labels.cast(schema) for _, labels in found)]).sort_by("at")
    left = []
    for unit, start in enumerate(range(0, table.num_rows, unit_rows)):
        batch = table.slice(start, unit_rows)
        at = (unit << 32) + np.arange(batch.num_rows)
        own = told.filter(pc.is_in(told["at"], pa.array(at)))
        own = own.append_column("row", pc.subtract(own["at"], unit << 32)).drop_columns("at")
        edited = op.apply(batch.append_column("row", pa.array(at - (unit << 32))), own)
        stays = pc.invert(pc.is_in(pa.array(at), goes["at"].combine_chunks()))
        left.append(edited.drop_columns("row").filter(stays))
    return pa.concat_tables(left), verdicts_by_id(sketches, goes.sort_by("at"))


def _outcome(tables: list[pa.Table], notes: dict[str, Any]) -> Outcome:
    for table in tables:
        assert table.schema.equals(VERDICT)
        assert table["at"].to_pylist() == sorted(table["at"].to_pylist())
    whole = pa.concat_tables([VERDICT.empty_table(), *tables]).replace_schema_metadata(None)
    goes = whole.filter(whole["reason"].is_valid()).sort_by("at")
    assert goes["copies"].null_count == goes["copy_sources"].null_count == goes.num_rows
    assert pc.count_distinct(goes["at"]).as_py() == goes.num_rows
    stays: dict[int, dict] = {}
    for row in whole.filter(whole["reason"].is_null()).to_pylist():
        assert row["copy_sources"] == sorted(set(row["copy_sources"]))
        so_far = stays.setdefault(row["at"], row | {"copies": 0, "copy_sources": []})
        so_far["copies"] += row["copies"]
        so_far["copy_sources"] = sorted({*so_far["copy_sources"], *row["copy_sources"]})
    assert not {*stays} & {*goes["at"].to_pylist()}
    return Outcome(goes, pa.Table.from_pylist([stays[at] for at in sorted(stays)], schema=VERDICT), notes)


def verdicts_by_id(sketches: pa.Table, verdicts: pa.Table) -> Verdicts:
    """Return {id: verdict} without addresses, and without what a verdict of this kind does not tell."""
    ids = dict(zip(sketches["at"].to_pylist(), sketches["id"].to_pylist(), strict=True))
    stays = ("copies", "copy_sources")
    names = {True: stays, False: [name for name in VERDICT.names if name not in ("at", *stays)]}
    return {ids[row["at"]]: {name: row[name] for name in names[row["reason"] is None]} for row in verdicts.to_pylist()}


def surveyed(
    op: Op, table: pa.Table, partitions: int = 1, unit_rows: int = 1 << 20, table_rows: int | None = None
) -> Verdicts:
    """Return {id: verdict} for the documents that a survey drops."""
    sketches = sketched(op, table, unit_rows)
    return verdicts_by_id(sketches, decided(op, sketches, partitions, table_rows).goes)


def stood_for(op: Op, table: pa.Table, partitions: int = 1, table_rows: int | None = None) -> Verdicts:
    """Return {id: copies and their sources} for the documents that stay in the place of others."""
    sketches = sketched(op, table)
    return verdicts_by_id(sketches, decided(op, sketches, partitions, table_rows).stays)


@pytest.fixture(scope="session")
def make_corpus() -> Callable[..., pa.Table]:
    return corpus


@pytest.fixture(scope="session")
def survey() -> Callable[..., Verdicts]:
    return surveyed


@pytest.fixture(scope="session")
def label() -> Callable[..., tuple[pa.Table, Verdicts]]:
    return labelled


@pytest.fixture(scope="session")
def copies() -> Callable[..., Verdicts]:
    return stood_for


@pytest.fixture(scope="session")
def sketch() -> Callable[..., pa.Table]:
    return sketched


@pytest.fixture(scope="session")
def decide() -> Callable[..., Outcome]:
    return decided


@pytest.fixture(scope="session")
def draw() -> Callable[..., Taken]:
    return taken


@pytest.fixture(scope="session")
def by_id() -> Callable[..., Verdicts]:
    return verdicts_by_id


@pytest.fixture(scope="session")
def shuffled() -> Callable[[pa.Table, int], pa.Table]:
    return lambda table, seed: table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))
