"""Surveys: sketches in, what is left of each unit out. Small columns meet by key; text stays where it is.

A survey is of one of seven kinds: matching (who stays of the documents that share a key; a labelling one also says what
to write into them), drawing (documents in an order of chance until the parts of a plan are full), counting (in how many
documents a key occurs), comparing (what documents have in common with originals), summing (whole numbers of all
documents), tabulating (different rows of a few columns), sampling (a close look at a few documents). Units are named by
the hashes of what they read: on a night when nothing changed for one, its result is there already.
"""

from collections.abc import Sequence
from typing import Any

from jobs.commits import Commit
from jobs.held import Held
from jobs.plan import SurveyPlan
from jobs.surveys.comparing import compare
from jobs.surveys.counting import count
from jobs.surveys.drawing import draw
from jobs.surveys.labels import with_labels
from jobs.surveys.matching import match
from jobs.surveys.pieces import Piece
from jobs.surveys.sampling import sample
from jobs.surveys.summing import add_up
from jobs.surveys.tabulating import tabulate
from jobs.surveys.verdicts import write_verdicts
from jobs.units import Run
from ops.surveys import Comparing, Counting, Drawing, Labelling, Matching, Sampling, Summing, Tabulating


def run_survey(
    run: Run,
    plan: SurveyPlan,
    held: Sequence[Held],
    pieces: Sequence[Piece],
    partition_bytes: int,
) -> tuple[list[Held], list[Commit], dict[str, Any]]:
    """Return what is left of each unit, the commits that say so, and the survey's notes for the release.

    `pieces` are of `held` and then of references, of which nothing goes.
    """
    survey = plan.survey
    if isinstance(survey, Counting | Comparing | Tabulating | Summing):
        left, notes = _for_edits(run, plan, survey, held, pieces, partition_bytes)
        return left, [], notes
    if isinstance(survey, Sampling):
        return list(held), [], sample(run, plan, survey, pieces)
    if isinstance(survey, Drawing):
        return draw(run, plan, survey, held, pieces, partition_bytes)
    if isinstance(survey, Matching):
        found, notes = match(run, plan, survey, pieces, partition_bytes)
        left, commits, clusters = write_verdicts(run, plan, held, found, partition_bytes)
        if isinstance(survey, Labelling):
            return with_labels(run, plan, survey, left, found, partition_bytes), commits, notes
        return left, commits, notes | clusters
    raise TypeError(f"{plan.label} is a survey of no kind that there is")


def _for_edits(
    run: Run,
    plan: SurveyPlan,
    survey: Counting | Comparing | Tabulating | Summing,
    held: Sequence[Held],
    pieces: Sequence[Piece],
    partition_bytes: int,
) -> tuple[list[Held], dict[str, Any]]:
    """Return the units with what the edit of the next pass works on, and what to tell. No document goes."""
    if isinstance(survey, Counting):
        return count(run, plan, survey, held, pieces, partition_bytes)
    if isinstance(survey, Comparing):
        return compare(run, plan, survey, held, pieces, partition_bytes)
    if isinstance(survey, Tabulating):
        return tabulate(run, plan, survey, held, pieces)
    return add_up(run, plan, survey, held, pieces, partition_bytes)
