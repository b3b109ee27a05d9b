"""Surveys: sketches in, what is left of each unit out. Small columns meet by key; text stays where it is.

A survey is of one of three kinds: matching (who stays of the documents that share a key), drawing (documents in an
order of chance until the parts of a plan are full), counting (in how many documents a key occurs). Units are named by
the hashes of what they read: on a night when nothing changed for one, its result is there already.
"""

from collections.abc import Sequence
from typing import Any

from jobs.commits import Commit
from jobs.counting import count
from jobs.drawing import draw
from jobs.held import Held
from jobs.matching import match
from jobs.pieces import Piece
from jobs.plan import SurveyPlan
from jobs.units import Run
from jobs.verdicts import write_verdicts
from ops.contract import Counting, Drawing, Matching


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
    if isinstance(survey, Drawing):
        return draw(run, plan, survey, held, pieces, partition_bytes)
    if isinstance(survey, Matching):
        found, notes = match(run, plan, survey, pieces, partition_bytes)
        left, commits, clusters = write_verdicts(run, plan, held, found, partition_bytes)
        return left, commits, notes | clusters
    raise TypeError(f"{plan.label} neither matches nor draws nor counts")
