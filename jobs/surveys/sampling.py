"""Sampling: a close look at a few documents. Sketches in, notes for the release out; nothing is dropped.

sketches -> samples, of groups of units -> told
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from jobs.commits import Commit, Unit, digest
from jobs.outbox import Outbox, read_table
from jobs.plan import SurveyPlan
from jobs.storage import open_storage
from jobs.surveys.pieces import Piece, in_groups_of
from jobs.units import Run, map_units
from ops.surveys import Sampling

# Sketches that one unit condenses.
_SKETCHES_BYTES = 64 * 1024 * 1024


def sample(run: Run, plan: SurveyPlan, survey: Sampling, pieces: Sequence[Piece]) -> dict[str, Any]:
    """Return what the survey tells of what is left of the corpus. Raises what it refuses it for."""
    groups = {digest([piece.identity() for piece in group]): group for group in in_groups_of(pieces, _SKETCHES_BYTES)}
    units = [Unit(name, {}, sum(piece.memory_bytes for piece in group)) for name, group in groups.items()]
    work = partial(_condense_unit, groups=groups, survey=survey, storage_url=run.storage.url)
    condensed = map_units(run, plan.stage("samples"), units, work)
    size = sum(commit.facts["memory_bytes"] for commit in condensed)
    told = Unit(digest([commit.files["sample"].sha256 for commit in condensed]), {}, size)
    work_told = partial(_told_unit, condensed=condensed, survey=survey, storage_url=run.storage.url)
    return dict(map_units(run, plan.stage("told"), [told], work_told)[0].facts["notes"])


def _condense_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[Piece]], survey: Sampling, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    tables = [survey.condense(piece.load(storage)) for piece in groups[unit.name]]
    whole = survey.condense(pa.concat_tables(tables)).combine_chunks()
    outbox.table("sample", whole)
    return {"memory_bytes": whole.nbytes}


def _told_unit(
    unit: Unit,  # noqa: ARG001 - there is one
    outbox: Outbox,
    *,
    condensed: Sequence[Commit],
    survey: Sampling,
    storage_url: str,
) -> dict[str, Any]:
    """Tell of all samples. Held together they are of one worker's size: so many tokens of each group."""
    del outbox
    storage = open_storage(storage_url)
    tables = [read_table(storage, commit.files["sample"]) for commit in condensed]
    return {"notes": survey.conclude(pa.concat_tables(tables)) if tables else {}}
