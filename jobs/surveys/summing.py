"""Summing: whole numbers of all documents, added up. Sums of each unit in, those of the whole corpus out.

    sums of units -> less what surveys dropped of them -> sums of groups of units -> sums of all

Sums are whole numbers, so that neither order nor partition matters. The next pass gives them to every unit: when one
document changes, they do, and that pass is done again for all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.commits import File, Unit, digest
from jobs.held import Held, Sums, dropped_rows
from jobs.outbox import Outbox, read_rows, read_table
from jobs.plan import SurveyPlan
from jobs.storage import Storage, open_storage
from jobs.surveys.pieces import Piece, in_groups_of
from jobs.units import Run, map_units
from ops.surveys import Summing

SUMS = pa.schema([("sums", pa.int64()), ("of_references", pa.int64())])


def add_up(
    run: Run, plan: SurveyPlan, survey: Summing, held: Sequence[Held], pieces: Sequence[Piece], partition_bytes: int
) -> tuple[list[Held], dict[str, Any]]:
    """Return the units with the sums of all, and what to tell of these."""
    left = _less_dropped(run, plan, survey, pieces)
    named = [
        (digest([[one.file.sha256, one.held.reference] for one in group]), group)
        for group in in_groups_of(left, partition_bytes)
    ]
    units = [Unit(name, {}, sum(one.file.bytes for one in group)) for name, group in named]
    work = partial(_group_unit, groups=dict(named), survey=survey, storage_url=run.storage.url)
    files = [commit.files["sums"] for commit in map_units(run, plan.stage("groups"), units, work)]
    whole = Unit(digest([file.sha256 for file in files]), {}, sum(file.bytes for file in files))
    work = partial(_whole_unit, files=files, survey=survey, storage_url=run.storage.url)
    (commit,) = map_units(run, plan.stage("sums"), [whole], work)
    found = Sums(plan.label, commit.files["sums"])
    return [replace(one, found=(*one.found, found)) for one in held], commit.facts["notes"]


def _less_dropped(run: Run, plan: SurveyPlan, survey: Summing, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the sums of each unit, without the documents that surveys have dropped since they were taken."""
    # By what they hold: a shard that was touched is another unit of the same documents.
    names = {one.number: digest(one.file.sha256, one.held.identity()) for one in pieces if one.held.drops}
    fewer = {names[one.number]: one for one in pieces if one.number in names}
    units = [Unit(name, {}, one.file.bytes) for name, one in fewer.items()]
    work = partial(_less_unit, pieces=fewer, survey=survey, storage_url=run.storage.url)
    made = {commit.unit: commit.files["sums"] for commit in map_units(run, plan.stage("left"), units, work)}
    return [replace(one, file=made[names[one.number]]) if one.number in names else one for one in pieces]


def _less_unit(
    unit: Unit, outbox: Outbox, *, pieces: dict[str, Piece], survey: Summing, storage_url: str
) -> dict[str, Any]:
    storage, piece = open_storage(storage_url), pieces[unit.name]
    gone = dropped_rows(storage, piece.held)
    documents = read_rows(storage, piece.held.data, gone, [*survey.needs])
    sums = added(survey, [read_table(storage, piece.file)]) - added(survey, [survey.sketch(documents)])
    outbox.table("sums", pa.table({"sums": sums}))
    return {}


def _group_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[Piece]], survey: Summing, storage_url: str
) -> dict[str, Any]:
    storage, group = open_storage(storage_url), groups[unit.name]
    columns = [
        added(survey, (read_table(storage, one.file) for one in group if one.held.reference == is_reference))
        for is_reference in (False, True)
    ]
    outbox.table("sums", pa.table(columns, schema=SUMS))
    return {}


def _whole_unit(
    unit: Unit,  # noqa: ARG001 - there is one
    outbox: Outbox,
    *,
    files: Sequence[File],
    survey: Summing,
    storage_url: str,
) -> dict[str, Any]:
    storage: Storage = open_storage(storage_url)
    tables = [read_table(storage, file) for file in files]
    whole = pa.table([added(survey, tables, field.name) for field in SUMS], schema=SUMS)
    outbox.table("sums", whole)
    return {"notes": survey.told(whole)}


def added(survey: Summing, tables: Iterable[pa.Table], column: str = "sums") -> NDArray[np.int64]:
    """Add up a column of tables."""
    sums = np.zeros(survey.summed, np.int64)
    for table in tables:
        sums += np.asarray(table[column])
    return sums
