"""What an op is: frozen settings with one verb. There is no behaviour to inherit.

* edit:   `edit(batch) -> batch`, the same rows in the same order, columns changed or added; what it cuts is on record
* judge:  `judge(batch) -> reasons`, for each row why it should go and by which number, or null to keep it
* survey: `sketch(batch) -> small columns`, in the pass over text; then, over small columns of the whole corpus, it
  matches, draws or counts, and ends in `VERDICT` rows for the documents that go, or in an edit of the next pass

An op never drops rows, counts, logs, opens storage or knows Ray. It gives the same answer for a document whatever
else is in the batch.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

# One reason a row: {reason, value, threshold}; a null keeps the row.
REASON = pa.struct([("reason", pa.string()), ("value", pa.float64()), ("threshold", pa.float64())])


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
        """Judge a batch of documents; returns an array of `REASON`."""


@runtime_checkable
class Checked(Judge, Protocol):
    """A judge that only compares numbers with thresholds, so that other thresholds can be tried."""

    def checks(self, batch: pa.Table) -> dict[str, "Check"]:
        """Return each rule by its reason, in the order in which they are applied."""


@runtime_checkable
class Survey(Protocol):
    """Looks at the whole corpus through a few small columns. It is also one of the three kinds below."""

    sketched_by: ClassVar[tuple[str, ...]]  # what `sketch` depends on: settings, or properties made of them

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return small columns, a row for each document; or several, with their `row` in the batch.

        The runner adds `id`, which all rows of a document share.
        """


class Keyed(Protocol):
    """Brings documents together that have a key in common.

    The runner links documents of equal keys, and brings each cluster of linked documents together.
    """

    keyed_by: ClassVar[tuple[str, ...]]  # columns of the sketch that `keys` reads

    @property
    def rereads_text(self) -> bool:
        """Whether `evidence` needs the text of the candidates."""

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return n x k keys, uniform over 64 bits; 0 is none. A document without a key matches nothing."""

    def evidence(self, text: pa.ChunkedArray) -> dict[str, pa.Array]:
        """Return columns, beside those of the sketch, that `resolve` needs of each candidate."""

    def resolve(self, members: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Say something of some of the members, in rows with their `at`.

        `members` are candidates in order of (cluster, `sourced`, rank columns, id): columns of the sketch and of
        `evidence`, `at`, `cluster`, `source`, `sourced` (0 for a document of a reference, which never goes), `copies`
        (what an earlier survey counted) and `copy_sources`. Many clusters come in one table; one that is larger than a
        worker should hold comes in several. What `with_notes` tells of each table is added up.
        """


@runtime_checkable
class Matching(Survey, Keyed, Protocol):
    """Chooses who stays of the documents that keys connect.

    `resolve` returns `VERDICT` rows for the documents that go, and for those that stay in their place.
    """


# Which copies of its content a document may be: bit 0 is the first. Documents that are not named have theirs alone.
SLOTS = pa.schema([("at", pa.int64()), ("slots", pa.uint64())])


@runtime_checkable
class Drawing(Survey, Protocol):
    """Takes documents in an order of chance until the parts of a plan are full: none, or some several times.

    The runner asks each unit for a small table and puts those of all units together: rows are one where all but their
    int64 columns is equal, and these are added up. What is planned of them goes back to the units. So neither the order
    of units nor how documents are cut into them matters. Every table has the column `source`, and a unit is given the
    rows of its own source alone. Sketches come with `slots`, all bits set where a document shares its content with
    none. Where there are no documents, tables have no columns.
    """

    @property
    def edge_reads(self) -> tuple[str, ...]:
        """Columns of what `plan` returns that `edge` reads."""

    @property
    def taken_reads(self) -> tuple[str, ...]:
        """Columns of what `cut` returns that `taken` reads."""

    @property
    def ordered_by(self) -> object:
        """What `contents`, `grades` and `supply` depend on, beside the sketch."""

    @property
    def contents(self) -> Keyed:
        """What brings documents of equal content together. Its `resolve` returns `SLOTS` rows."""

    @property
    def graded(self) -> bool:
        """Whether `grades` are needed."""

    def grades(self, sketches: pa.Table) -> pa.Table:
        """Return how much of each grade a unit has."""

    def supply(self, sketches: pa.Table, grades: pa.Table) -> pa.Table:
        """Return how much a unit has in each stretch of the order."""

    def plan(self, supply: pa.Table) -> pa.Table:
        """Return how much each kind of document gives, and the stretch in which its part ends. May refuse."""

    def edge(self, sketches: pa.Table, grades: pa.Table, planned: pa.Table) -> pa.Table:
        """Return the documents of a unit that are in the stretches in which parts end."""

    def cut(self, planned: pa.Table, edge: pa.Table) -> pa.Table:
        """Return the plan with the exact place in the order at which each part ends."""

    def taken(self, sketches: pa.Table, grades: pa.Table, cuts: pa.Table) -> pa.Table:
        """Return `TAKEN` rows, one for each document of a unit. What `with_notes` tells is added up over all units."""

    def told(self, cuts: pa.Table, notes: dict[str, Any]) -> dict[str, Any]:
        """Return what the release's manifest should tell."""


# What becomes of a document: how often it is written, and where it is not, why not and by which number.
TAKEN = pa.schema([("times", pa.int32()), *REASON])


@runtime_checkable
class Counting(Survey, Protocol):
    """Counts in how many documents a key occurs; an edit in the next pass then works on the frequent ones."""

    keyed_by: ClassVar[tuple[str, ...]]

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return a key for each row of the sketch, uniform over 64 bits, once a document; 0 is none."""

    def repeated(self, documents: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.generic]:
        """Say which keys are frequent, by the number of documents that have them, or how frequent: 0, 1, 2.

        `of` is how many documents there are of the source of one of these: of all, where keys are of a source.
        """

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Edit a batch, as an `Edit` does; `found` has the frequent keys of its unit, as `key`, in order.

        Beside each is its `level`, what `repeated` said of it.
        """


def references_of(survey: Survey) -> tuple[str, ...]:
    """Names of the job's references that a survey compares with: its setting `against`; none where it has no such."""
    return tuple(getattr(survey, "against", ()))


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
