"""Surveys: sketches in, verdicts for each unit out. Small columns meet by key; text stays where it is.

    sketches -> runs (groups of tables, sorted into partitions) -> phase, per partition -> ... -> verdicts, per unit

Every arrow is `map_units`, so each is resumed, retried and committed like any other work. Units are named by the hashes
of what they read: on a night when nothing changed for a partition, its result is there already.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.commits import Commit, File, Unit, digest
from jobs.held import Held, dropped_rows
from jobs.outbox import Outbox, read_table
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units
from ops.columns import DROPPED, VERDICT
from ops.contract import Phase, Survey, notes_of
from ops.kernels.hashing import mix64_all

# Sketches that one run-making unit reads: large sequential reads, few run files (datatrove's bucket merge went from
# 65 minutes to 99 seconds by reading more at a time).
_RUN_BYTES = 128 * 1024 * 1024

# Units whose verdicts are written together: bounds the reads of phase outputs to (units / 64) x partitions.
_UNITS_PER_VERDICT = 64


@dataclass(frozen=True)
class Piece:
    """One stored table that a phase reads. A sketch has no addresses of its own: `held` and `unit_number` give them."""

    file: File
    memory_bytes: int
    held: Held | None = None
    unit_number: int = 0

    def identity(self) -> list[object]:
        """What the piece's rows follow from."""
        return [self.file.sha256, self.unit_number, [f.sha256 for f in self.held.drops] if self.held else []]

    def load(self, storage: Storage) -> pa.Table:
        """Read the table with an `at` for each row, less the documents that earlier surveys dropped."""
        table = read_table(storage, self.file)
        if self.held is None:
            return table
        rows = np.arange(table.num_rows)
        stays = ~np.isin(rows, dropped_rows(storage, self.held))
        return table.append_column("at", pa.array((self.unit_number << 32) + rows)).filter(pa.array(stays))


@dataclass(frozen=True)
class SurveyPlan:
    """A survey with the names of its stages."""

    label: str
    survey: Survey
    sketch_folder: str
    folder: str  # of its verdicts; its phases lie beside it

    def stage(self, name: str) -> Stage:
        """The stage of one phase, or of the runs before it."""
        prefix, _, key = self.folder.rpartition("-")
        return Stage(f"{prefix}.{name}-{key}", f"{self.label}: {name}")


def run_survey(
    run: Run, plan: SurveyPlan, held: Sequence[Held], sketches: Sequence[Commit], partition_bytes: int
) -> tuple[list[Held], list[Commit], dict[str, Any]]:
    """Return what is left of each unit, the commits that say so, and the survey's notes for the release."""
    pieces = [
        Piece(made.files["sketch"], made.facts["memory_bytes"], unit, number)
        for number, (unit, made) in enumerate(zip(held, sketches, strict=True))
        if made.facts["rows"]
    ]
    notes: dict[str, Any] = {}
    for phase in plan.survey.phases():
        commits = _run_phase(run, plan, phase, pieces, partition_bytes)
        pieces = [Piece(c.files["result"], c.facts["memory_bytes"]) for c in commits]
        for commit in commits:
            notes |= commit.facts["notes"]
    verdicts = _write_verdicts(run, plan, held, [piece.file for piece in pieces])
    before = {unit.unit: unit for unit in held}
    left = [after for commit in verdicts for after in _left(commit, before)]
    return left, verdicts, notes


def _run_phase(run: Run, plan: SurveyPlan, phase: Phase, pieces: Sequence[Piece], partition_bytes: int) -> list[Commit]:
    """Bring rows together by the phase's key, and run it on each partition."""
    total = sum(piece.memory_bytes for piece in pieces)
    partitions = max(1, math.ceil(total / partition_bytes)) if phase.by else 1
    if phase.by and partitions > 1:
        runs = _write_runs(run, plan.stage(f"{phase.name}.runs"), phase.by, pieces, partitions)
        read: dict[str, Any] = {"runs": runs}
        identity = [commit.files["run"].sha256 for commit in runs if commit.files]
    else:
        read = {"pieces": pieces}
        identity = [digest(piece.identity()) for piece in pieces]
    inputs = digest(identity)
    units = [
        Unit(f"{n:05d}-of-{partitions:05d}-{inputs}", {"inputs": inputs}, total // partitions)
        for n in range(partitions)
    ]
    work = partial(_phase_unit, phase=phase, storage_url=run.storage.url, **read)
    return map_units(run, plan.stage(phase.name), units, work)


def _write_runs(run: Run, stage: Stage, key: str, pieces: Sequence[Piece], partitions: int) -> list[Commit]:
    """Sort groups of tables into partitions: one file a group, in which a partition is a row group."""
    groups = list(_by_bytes(pieces, _RUN_BYTES))
    units = [
        Unit(digest([piece.identity() for piece in group], partitions), {}, sum(piece.memory_bytes for piece in group))
        for group in groups
    ]
    by_name = {unit.name: group for unit, group in zip(units, groups, strict=True)}
    work = partial(_run_unit, groups=by_name, key=key, partitions=partitions, storage_url=run.storage.url)
    return map_units(run, stage, units, work)


def _run_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[Piece]], key: str, partitions: int, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    table = pa.concat_tables([piece.load(storage) for piece in groups[unit.name]])
    partition = mix64_all(np.asarray(table[key])) % np.uint64(partitions)
    order = np.argsort(partition, kind="stable")
    starts = np.searchsorted(partition[order], np.arange(partitions + 1, dtype=np.uint64))
    row_groups: dict[str, int] = {}
    with outbox.parquet("run", table.schema) as write:
        for n in range(partitions):
            rows = order[starts[n] : starts[n + 1]]
            if len(rows):
                row_groups[str(n)] = len(row_groups)
                write(table.take(pa.array(rows)))
    return {"row_groups": row_groups, "rows": table.num_rows}


def _phase_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    phase: Phase,
    storage_url: str,
    pieces: Sequence[Piece] = (),
    runs: Sequence[Commit] = (),
) -> dict[str, Any]:
    """Load one partition, in order, and run the phase on it."""
    storage = open_storage(storage_url)
    number = unit.name.split("-")[0].lstrip("0") or "0"
    tables = [piece.load(storage) for piece in pieces]
    tables += [
        _read_partition(storage, c.files["run"], c.facts["row_groups"][number])
        for c in runs
        if number in c.facts["row_groups"]
    ]
    if not tables:
        result = VERDICT.empty_table()
    else:
        keys = [(phase.by, "ascending"), ("at", "ascending")] if phase.by else [("at", "ascending")]
        result = phase.run(pa.concat_tables(tables).sort_by(keys))
    outbox.table("result", result.replace_schema_metadata(None))
    return {"rows": result.num_rows, "memory_bytes": result.nbytes, "notes": notes_of(result)}


def _read_partition(storage: Storage, file: File, row_group: int) -> pa.Table:
    with storage.open(file.key) as opened:
        return pq.ParquetFile(opened).read_row_group(row_group, use_threads=False)


def _write_verdicts(run: Run, plan: SurveyPlan, held: Sequence[Held], results: Sequence[File]) -> list[Commit]:
    """Write, for each unit, the ledger of what the survey drops from it; the next stage reads it as its verdicts."""
    units = []
    groups = {}
    for first in range(0, len(held), _UNITS_PER_VERDICT):
        group = held[first : first + _UNITS_PER_VERDICT]
        identity = [[unit.unit, *unit.identity()] for unit in group]
        unit = Unit(f"{digest(first, identity, [file.sha256 for file in results])}", {"units": [u.unit for u in group]})
        units.append(unit)
        groups[unit.name] = (first, list(group))
    work = partial(_verdict_unit, groups=groups, results=results, label=plan.label, storage_url=run.storage.url)
    return map_units(run, Stage(plan.folder, f"{plan.label}: verdicts"), units, work)


def _verdict_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    groups: dict[str, tuple[int, list[Held]]],
    results: Sequence[File],
    label: str,
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    first, group = groups[unit.name]
    low, high = first << 32, (first + len(group)) << 32
    within = [("at", ">=", low), ("at", "<", high)]
    found = [read_table(storage, file, filters=within) for file in results if file.rows]
    verdicts = pa.concat_tables([VERDICT.empty_table(), *found]).sort_by("at")
    numbers = np.asarray(verdicts["at"]) >> 32
    told = {}
    for number, one in enumerate(group, start=first):
        begin, end = np.searchsorted(numbers, [number, number + 1])
        told[one.unit] = _verdicts_of(storage, outbox, one, verdicts.slice(begin, end - begin), label)
    dropped: dict[str, int] = {}
    for entry in told.values():
        for reason, count in entry["dropped"].items():
            dropped[reason] = dropped.get(reason, 0) + count
    rows_in = sum(one.rows for one in group)
    rows_kept = sum(entry["rows_kept"] for entry in told.values())
    if rows_in != rows_kept + sum(dropped.values()):
        raise AssertionError(f"documents {rows_in} != kept {rows_kept} + dropped {sum(dropped.values())}")
    return {
        "rows_in": rows_in,
        "rows_kept": rows_kept,
        "rows_dropped": {label: dropped} if dropped else {},
        "units": told,
    }


def _verdicts_of(storage: Storage, outbox: Outbox, one: Held, verdicts: pa.Table, label: str) -> dict[str, Any]:
    """Write the ledger's rows of one unit; return what is left of it."""
    if not verdicts.num_rows:
        return {"dropped": {}, "rows_kept": one.rows, "bytes_kept": one.bytes}
    rows = np.asarray(verdicts["at"]) & 0xFFFFFFFF
    if len(np.unique(rows)) != len(rows) or np.isin(rows, dropped_rows(storage, one)).any():
        raise AssertionError(f"survey {label} gave two verdicts on one document of unit {one.unit}")
    documents = read_table(storage, one.data, ["id", "source", "position", "text_bytes"]).take(pa.array(rows))
    columns = {
        **{name: documents[name] for name in ("id", "source", "position")},
        "row": pa.array(rows),
        "step": pa.repeat(pa.scalar(label), len(rows)),
        **{name: verdicts[name] for name in ("reason", "value", "threshold", "kept_id")},
    }
    outbox.table(one.unit, pa.table([columns[name] for name in DROPPED.names], schema=DROPPED), place="drops")
    counted = pc.value_counts(verdicts["reason"]).to_pylist()
    return {
        "dropped": {entry["values"]: entry["counts"] for entry in counted},
        "rows_kept": one.rows - len(rows),
        "bytes_kept": one.bytes - int(pc.sum(documents["text_bytes"]).as_py()),
    }


def _left(commit: Commit, held: dict[str, Held]) -> Iterator[Held]:
    """What is left of each unit, in the order of the sources, which `reads` keeps and a commit's sorted keys do not."""
    for name in commit.reads["units"]:
        before, told = held[name], commit.facts["units"][name]
        drops = (*before.drops, commit.files[name]) if name in commit.files else before.drops
        yield Held(name, before.source, before.data, drops, told["rows_kept"], told["bytes_kept"])


def _by_bytes(pieces: Iterable[Piece], most: int) -> Iterator[list[Piece]]:
    """Cut a list of tables into groups of at least one and at most about `most` bytes."""
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        if group and size + piece.memory_bytes > most:
            yield group
            group, size = [], 0
        group.append(piece)
        size += piece.memory_bytes
    if group:
        yield group
