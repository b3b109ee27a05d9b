"""What an op is: frozen settings with one verb. There is no behaviour to inherit.

* edit:   `edit(batch) -> batch`, the same rows in the same order, columns changed or added; what it cuts is on record
* judge:  `judge(batch) -> reasons`, for each row why it should go and by which number, or null to keep it
* survey: `sketch(batch) -> small columns`, in the pass over text; then, over small columns of the whole corpus, it
  matches, draws, counts, adds up or samples, and ends in `VERDICT` rows for the documents that go, in an edit of the
  next pass, or in what it tells

An op never drops rows, counts, logs, opens storage or knows Ray. It gives the same answer for a document whatever
else is in the batch.
"""

import json
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

# One reason a row: {reason, value, threshold}; a null keeps the row.
REASON = pa.struct([("reason", pa.string()), ("value", pa.float64()), ("threshold", pa.float64())])

# A reason of a judge that compares with texts of its own: `kept_id` names the one, `passage` is what both have.
PASSAGE = pa.struct([*REASON, ("kept_id", pa.string()), ("passage", pa.string())])


class Refusal(Exception):  # noqa: N818 - it is not an error of the program: the settings cannot be met by this corpus
    """The settings cannot be met by this corpus. The message names the limits that conflict, with their numbers."""


@dataclass(frozen=True)
class Workers:
    """Workers of its own that an op asks for. Each loads once what it works with."""

    count: int | None  # None: as many as the cluster has room for
    cpus: float  # of each
    gpus: float


class Op(BaseModel):
    """Settings of one step: frozen and validated."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: ClassVar[int] = 1  # raise it when the same settings give a different answer
    reads: ClassVar[tuple[str, ...]] = ("text",)  # columns it needs
    adds: ClassVar[tuple[pa.Field, ...]] = ()  # columns it writes besides the document's own
    measures: ClassVar[bool] = False  # an edit whose columns are stored, so that judges can be changed without it

    placed_by: ClassVar[tuple[str, ...]] = ()  # settings that say where it runs and cannot change the answer

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns that it needs with these settings: more than `reads` where a setting names some."""
        return self.reads

    @property
    def makes(self) -> tuple[pa.Field, ...]:
        """Columns that it writes with these settings: more than `adds` where a setting names some."""
        return self.adds

    @property
    def workers(self) -> Workers | None:
        """Workers that run it and nothing else; None: any."""
        return None


@runtime_checkable
class Edit(Protocol):
    """Returns the same rows in the same order, with columns changed or added.

    What it takes out of texts it takes out by `ops.cuts.cut_out`, which adds the column `CUTS`: why, where and what was
    there. The runner writes that to the ledger of cuts and strips the column. An edit that cuts nothing has no such.
    """

    def edit(self, batch: pa.Table) -> pa.Table:
        """Edit a batch of documents."""


@runtime_checkable
class Judge(Protocol):
    """Says for each row why it should go; null means keep. Never removes a row."""

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge a batch of documents; returns an array of `REASON`, or of `PASSAGE`."""


@runtime_checkable
class Checked(Judge, Protocol):
    """A judge that only compares numbers with thresholds, so that other thresholds can be tried."""

    def checks(self, batch: pa.Table) -> dict[str, "Check"]:
        """Return each rule by its reason, in the order in which they are applied."""


@dataclass(frozen=True)
class Check:
    """One rule measured on a batch: which rows fail it, by which value, against which threshold."""

    failed: NDArray[np.bool_]
    value: NDArray[np.float64]
    threshold: float | NDArray[np.float64]  # one for all rows, or one for each; NaN: the rule is off
    is_least: bool  # whether values below the threshold fail, or those above it


def below(values: NDArray[np.generic], least: float | None) -> Check:
    """Fail rows whose value is below `least`; none where it is None."""
    numbers = np.asarray(values, np.float64)
    return Check(numbers < (-np.inf if least is None else least), numbers, _number(least), is_least=True)


def above(values: NDArray[np.generic], most: float | None) -> Check:
    """Fail rows whose value is above `most`; none where it is None."""
    numbers = np.asarray(values, np.float64)
    return Check(numbers > (np.inf if most is None else most), numbers, _number(most), is_least=False)


def first_reason(**checks: Check) -> pa.Array:
    """Name, for each row, the first check that it failed, with its value and threshold; null where it passed all.

    >>> first_reason(too_short=below(np.array([1, 9]), 5), too_long=above(np.array([1, 9]), 8)).to_pylist()[0]
    {'reason': 'too_short', 'value': 1.0, 'threshold': 5.0}
    """
    rows = len(next(iter(checks.values())).failed)
    reason = np.full(rows, -1, np.int32)
    value = np.zeros(rows)
    threshold = np.zeros(rows)
    for number, check in enumerate(checks.values()):
        new = check.failed & (reason < 0)
        reason[new] = number
        value[new] = check.value[new]
        threshold[new] = np.broadcast_to(check.threshold, rows)[new]
    names = pa.array(list(checks), pa.string()).take(pa.array(np.maximum(reason, 0)))
    kept = pa.array(reason < 0)
    return pa.StructArray.from_arrays([names, pa.array(value), pa.array(threshold)], fields=list(REASON), mask=kept)


def _number(limit: float | None) -> float:
    return float("nan") if limit is None else float(limit)


def with_notes(verdicts: pa.Table, **notes: object) -> pa.Table:
    """Attach facts that the release's manifest should tell about a survey (planned and achieved shares, say)."""
    return verdicts.replace_schema_metadata({"notes": json.dumps(notes, sort_keys=True)})


def notes_of(verdicts: pa.Table) -> dict[str, object]:
    """Return what `with_notes` attached; empty where nothing was."""
    stored = (verdicts.schema.metadata or {}).get(b"notes")
    return dict(json.loads(stored)) if stored else {}
