"""The plan: a job's steps as segments, each a pass over text followed by surveys, with the names of their stages.

Pure: no storage, Ray or clock. A stage's name ends in a hash of every setting that its content depends on, so a changed
threshold makes new stages from that step on and leaves those before it as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import pyarrow as pa

from jobs.commits import digest
from jobs.passes import Sketching
from jobs.redaction import redactor_of
from jobs.spec import JobSpec
from jobs.units import Stage
from ops.columns import COPIES, COPY
from ops.contract import Edit, Judge, Op, Workers
from ops.dedup.ids import UniqueId
from ops.surveys import Applied, Survey, sketched_from

# Raise it when stages that an older version wrote must not be read any more.
STORAGE_VERSION = 7


@dataclass(frozen=True)
class SurveyPlan:
    """A survey with the names of its stages."""

    label: str
    survey: Survey
    sketch_folder: str
    folder: str  # of its ledger; its other stages lie beside it

    def stage(self, name: str) -> Stage:
        """A stage between the sketches and the ledger."""
        prefix, _, key = self.folder.rpartition("-")
        return Stage(f"{prefix}.{name}-{key}", f"{self.label}: {name}")

    def sketch_stage(self, name: str) -> Stage:
        """A stage that follows from the sketches alone, so that no other setting makes it anew."""
        return Stage(self.sketch_folder.replace(".sketch-", f".{name}-"), f"{self.label}: {name}")


@dataclass(frozen=True)
class JudgesPlan:
    """Judges of what a pass has measured and stored: another threshold computes nothing again."""

    folder: str
    steps: tuple[tuple[str, Op], ...]

    @property
    def label(self) -> str:
        """What the stage is called while it runs."""
        return ", ".join(label for label, _ in self.steps)


@dataclass(frozen=True)
class Segment:
    """A pass over text, and what follows it without the text: judges of what it measured, and surveys.

    Only the first pass, or one with edits or steps, is run.
    """

    pass_folder: str
    edits: tuple[tuple[str, Applied], ...]  # of the surveys before it that end in an edit
    steps: tuple[tuple[str, Op], ...]
    columns: tuple[pa.Field, ...]
    judges: JudgesPlan | None
    surveys: tuple[SurveyPlan, ...]

    @property
    def label(self) -> str:
        """What the pass is called while it runs."""
        return ", ".join(["read", *(label for label, _ in (*self.edits, *self.steps))])

    @property
    def workers(self) -> Workers | None:
        """The workers that the pass asks for: then it has one step."""
        return self.steps[0][1].workers if self.steps else None

    @property
    def sketches(self) -> tuple[Sketching, ...]:
        """The sketches to take while the text is in hand."""
        stored = (plan for plan in self.surveys if not sketched_from(plan.survey))
        return tuple(Sketching(plan.sketch_folder, plan.survey) for plan in stored)

    @property
    def applied(self) -> tuple[tuple[str, Applied], ...]:
        """The surveys whose edits the next pass begins with."""
        return tuple((plan.label, plan.survey) for plan in self.surveys if isinstance(plan.survey, Applied))


@dataclass(frozen=True)
class JobPlan:
    """All segments in order, and the stage of the release's shards."""

    segments: tuple[Segment, ...]
    release_folder: str
    columns: tuple[pa.Field, ...]  # of a released document, beyond every document's own


def plan_job(spec: JobSpec) -> JobPlan:
    """Cut the steps into segments. Every job begins with the survey of unique ids, for which its first pass is."""
    segments: list[Segment] = []
    columns = spec.extra_columns
    chain = digest(STORAGE_VERSION, [field.name for field in columns])
    redactor = redactor_of(spec.steps)
    if redactor is not None:  # what every pass leaves beside its documents is redacted by it
        chain = digest(chain, _settings(redactor))
    rest: list[tuple[str, Op]] = list(zip(spec.labels, spec.steps, strict=True))
    number = 1
    edits: tuple[tuple[str, Applied], ...] = ()
    while rest or edits or not segments:
        steps, judges = _apart(_leading(rest, surveys=False))
        rest = rest[len(steps) + len(judges) :]
        surveys = _leading(rest, surveys=True)
        rest = rest[len(surveys) :]
        own = [("unique_id", UniqueId()), *surveys] if not segments else surveys
        columns = _with(columns, [step for _, step in (*edits, *steps)])
        chain = digest(chain, [(label, _settings(step)) for label, step in steps])
        pass_key, pass_number = chain, number
        number += max(1, len(steps))
        judged = None
        if judges:
            chain = digest(chain, [(label, _settings(judge)) for label, judge in judges])
            judged = JudgesPlan(f"stages/{number:02d}-judges-{chain}", tuple(judges))
            number += len(judges)
        plans = []
        for label, op in own:
            chain = digest(chain, label, _settings(op))
            plans.append(_survey_plan(number, label, op, pass_key, pass_number, chain))
            number += 1
        folder = f"stages/{pass_number:02d}-pass-{pass_key}"
        segments.append(Segment(folder, edits, tuple(steps), columns, judged, tuple(plans)))
        edits = segments[-1].applied
        columns = _with_copies(columns, surveys)
    columns = (*columns, COPY) if any(may_repeat(step) for step in spec.steps) else columns
    # A shard is named by the documents that it holds: what steps left them does not matter.
    release = digest(STORAGE_VERSION, [str(field) for field in columns], spec.release.model_dump())
    return JobPlan(tuple(segments), f"stages/{number:02d}-release-{release}", columns)


def counts_copies(op: object) -> bool:
    """Whether the documents that stay shall carry what they stand for."""
    return bool(getattr(op, "count_copies", False))


def may_repeat(op: object) -> bool:
    """Whether documents may be written more than once."""
    return bool(getattr(op, "may_repeat", False))


def _with(columns: tuple[pa.Field, ...], steps: Sequence[Any]) -> tuple[pa.Field, ...]:
    """Add the columns that steps add, each once."""
    added = {field.name: field for step in steps for field in step.makes}
    have = {field.name for field in columns}
    return (*columns, *(field for name, field in added.items() if name not in have))


def _with_copies(columns: tuple[pa.Field, ...], surveys: Sequence[tuple[str, Op]]) -> tuple[pa.Field, ...]:
    counted = any(counts_copies(op) for _, op in surveys) and COPIES[0] not in columns
    return (*columns, *COPIES) if counted else columns


def _survey_plan(number: int, label: str, op: Op, pass_key: str, pass_number: int, chain: str) -> SurveyPlan:
    if not isinstance(op, Survey):
        raise TypeError(f"{label} is not a survey")
    # A sketch depends on the pass and on the settings that it reads alone: not on thresholds, nor on other surveys.
    settings = op.model_dump(mode="json", include=set(op.sketched_by) | {"op"})
    settings |= {name: getattr(op, name) for name in op.sketched_by if name not in settings}
    sketch = digest(pass_key, settings, op.version)
    return SurveyPlan(
        label,
        op,
        f"stages/{pass_number:02d}-{label}.sketch-{sketch}",
        f"stages/{number:02d}-{label}-{chain}",
    )


def _apart(steps: list[tuple[str, Op]]) -> tuple[list[tuple[str, Op]], list[tuple[str, Op]]]:
    """Take the steps of a pass from the front, and after a measuring one the judges that need no text, while they are.

    Judges before any measuring step run in the pass: what they drop is not stored. A step that has workers of its own
    is a pass of its own.
    """
    own = next((n for n, (_, op) in enumerate(steps) if op.workers), len(steps))
    if own == 0:
        return steps[:1], list(takewhile(lambda step: _needs_no_text(step[1]), steps[1:])) if steps else []
    steps = steps[:own]
    measured = next((n for n, (_, op) in enumerate(steps) if op.measures), len(steps))
    first = next((n for n in range(measured + 1, len(steps)) if _needs_no_text(steps[n][1])), len(steps))
    end = next((n for n in range(first, len(steps)) if not _needs_no_text(steps[n][1])), len(steps))
    return steps[:first], steps[first:end]


def _needs_no_text(op: Op) -> bool:
    return isinstance(op, Judge) and not isinstance(op, Edit) and "text" not in op.needs


def _leading(steps: list[tuple[str, Op]], *, surveys: bool) -> list[tuple[str, Op]]:
    """Take steps from the front while they are, or are not, surveys; none follows one whose edit is next."""
    count = next((n for n, (_, op) in enumerate(steps) if isinstance(op, Survey) != surveys), len(steps))
    ending = next((n + 1 for n, (_, op) in enumerate(steps[:count]) if isinstance(op, Applied)), count)
    return steps[:ending]


def _settings(op: Op) -> dict[str, object]:
    return {**op.model_dump(mode="json", exclude=set(op.placed_by)), "version": op.version}
