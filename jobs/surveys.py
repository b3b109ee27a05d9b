"""Surveys: sketches in, what is left of each unit out. Small columns meet by key; text stays where it is.

A survey is of one of three kinds: matching (who stays of the documents that share a key; a labelling one also says what
to write into them), gathering (one look at all sketches), counting (in how many documents a key occurs). Units are
named by the hashes of what they read: on a night when nothing changed for one, its result is there already.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from jobs.commits import Commit, Unit, digest
from jobs.counting import count
from jobs.held import Held
from jobs.labels import with_labels
from jobs.matching import match
from jobs.outbox import Outbox
from jobs.pieces import Piece
from jobs.plan import SurveyPlan
from jobs.sorted import write_sorted
from jobs.storage import open_storage
from jobs.units import Run, map_units
from jobs.verdicts import write_verdicts
from ops.columns import VERDICT
from ops.contract import Counting, Gathering, Labelling, Matching, notes_of


def run_survey(
    run: Run,
    plan: SurveyPlan,
    held: Sequence[Held],
    references: Sequence[Held],
    sketches: Sequence[Commit],
    partition_bytes: int,
) -> tuple[list[Held], list[Commit], dict[str, Any]]:
    """Return what is left of each unit, the commits that say so, and the survey's notes for the release.

    `sketches` are of `held` and then of `references`, of which nothing goes.
    """
    pieces = [
        Piece(made.unit, number, made.files["sketch"], made.facts["memory_bytes"], one)
        for number, (one, made) in enumerate(zip((*held, *references), sketches, strict=True))
        if made.facts["rows"]
    ]
    survey = plan.survey
    if isinstance(survey, Counting):
        left, notes = count(run, plan, survey, held, pieces, partition_bytes)
        return left, [], notes
    if isinstance(survey, Matching):
        found, notes = match(run, plan, survey, pieces, partition_bytes)
    elif isinstance(survey, Gathering):
        found, notes = _gather(run, plan, survey, pieces)
    else:
        raise TypeError(f"{plan.label} neither matches nor gathers nor counts")
    left, commits, clusters = write_verdicts(run, plan, held, found, partition_bytes)
    if isinstance(survey, Labelling):
        return with_labels(run, plan, survey, left, found, partition_bytes), commits, notes
    return left, commits, notes | clusters if isinstance(survey, Matching) else notes


def _gather(
    run: Run, plan: SurveyPlan, survey: Gathering, pieces: Sequence[Piece]
) -> tuple[list[Commit], dict[str, Any]]:
    """Give the survey all sketches at once."""
    size = sum(piece.memory_bytes for piece in pieces)
    units = [Unit(digest([piece.identity() for piece in pieces]), {}, size)]
    work = partial(_gather_unit, survey=survey, pieces=pieces, storage_url=run.storage.url)
    commits = map_units(run, plan.stage("gather"), units, work)
    return commits, commits[0].facts["notes"]


def _gather_unit(
    unit: Unit,  # noqa: ARG001 - there is one
    outbox: Outbox,
    *,
    survey: Gathering,
    pieces: Sequence[Piece],
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    if not pieces:
        return {"sorted": {}, "notes": {}}
    verdicts = survey.gather(pa.concat_tables([piece.load(storage) for piece in pieces]).sort_by("at"))
    told = write_sorted(outbox, "verdicts", verdicts.cast(VERDICT).sort_by("at"), "at")
    return {"sorted": told, "notes": notes_of(verdicts)}
