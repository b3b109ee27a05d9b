"""What a survey is: it looks at the whole corpus through a few small columns. One of the kinds below, by what it does.

* matching:  who stays of the documents that share a key; a labelling one also says what to write into those that stay
* drawing:   documents in an order of chance, until the parts of a plan are full
* counting:  in how many documents a key occurs
* comparing: what documents have in common with originals
* summing:   whole numbers of all documents
* tabulating: different rows of a few columns, with the number of documents of each
* sampling:  a close look at a few documents
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.contract import REASON


@runtime_checkable
class Survey(Protocol):
    """Looks at the whole corpus through a few small columns. It is also of one of the kinds below."""

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
class Applied(Survey, Protocol):
    """A survey that ends in an edit of the next pass."""

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Edit a batch, as an `Edit` does; `found` is what the survey has found in its unit."""


@runtime_checkable
class Labelling(Matching, Applied, Protocol):
    """A matching survey that also tells something of documents that stay.

    `found` of `apply` has their `row` in the unit, in order, and the columns of `labels`.
    """

    labels: ClassVar[pa.Schema]

    def label(self, members: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Return, as `resolve` does, verdicts, and beside them `at` and `labels` of documents that stay."""


@runtime_checkable
class Counting(Applied, Protocol):
    """Counts in how many documents a key occurs; an edit in the next pass then works on the frequent ones.

    `found` of `apply` has the frequent keys of its unit, as `key`, in order. Beside each is its `level`, what
    `repeated` said of it.
    """

    keyed_by: ClassVar[tuple[str, ...]]

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return a key for each row of the sketch, uniform over 64 bits, once a document; 0 is none."""

    def repeated(self, documents: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.generic]:
        """Say which keys are frequent, by the number of documents that have them, or how frequent: 0, 1, 2.

        `of` is how many documents there are of the source of one of these: of all, where keys are of a source.
        """


class HasKeys(Protocol):
    """What key runs are made with."""

    @property
    def keyed_by(self) -> tuple[str, ...]:
        """Columns of the sketch that `keys` reads."""

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return keys for each row of the sketch, uniform over 64 bits; 0 is none."""


@runtime_checkable
class Comparing(Applied, Protocol):
    """Finds what documents have in common with originals; an edit in the next pass tells them of it.

    Keys say which documents to look at again: those of one side that share a key with one of the other. Their `parts`
    are then compared. `found` of `apply` has the `row` in the unit, in order, and the columns of `labels`: the `place`
    of each part that an original has too, and the least id of such an `original`.
    """

    keyed_by: ClassVar[tuple[str, ...]]
    labels: ClassVar[pa.Schema]

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return a key for each row of the sketch, uniform over 64 bits; 0 is none."""

    def are_originals(self, sketches: pa.Table) -> NDArray[np.bool_]:
        """Say which rows of the sketch are of originals. Documents of references are."""

    def parts(self, text: pa.ChunkedArray, keys: NDArray[np.uint64]) -> pa.Table:
        """Return what has one of these keys, which come in order: `row`, `key` and `check`, a digest, and `place`."""


@runtime_checkable
class Sampling(Survey, Protocol):
    """Looks closely at a few documents that chance chooses, and tells of them, or refuses the corpus. None goes."""

    def thin(self, sketches: pa.Table) -> pa.Table:
        """Return the same rows without what no sample can need, whatever other rows there are."""

    def condense(self, sketches: pa.Table) -> pa.Table:
        """Return the rows that samples need; of several tables' results, as of the tables."""

    def conclude(self, sketches: pa.Table) -> dict[str, object]:
        """Return what the release's manifest should tell; Refusal where no release should be made."""


@runtime_checkable
class Summing(Applied, Protocol):
    """Adds up whole numbers over all documents; an edit in the next pass works by the sums.

    Its sketch is of a whole batch: `sums`, so many int64 as `summed`. That of two batches is the sum of theirs. `found`
    has the corpus's `sums`, and `of_references` those it is `against`; for a document of a reference it has no rows.
    """

    summed: ClassVar[int]
    needs: tuple[str, ...]  # columns that `sketch` reads

    def told(self, found: pa.Table) -> dict[str, object]:
        """Return what the release's manifest should tell of `found`. May refuse."""


@runtime_checkable
class Tabulating(Applied, Protocol):
    """Looks at all different rows of a few columns; an edit in the next pass works with what it makes of them.

    `found` of `apply` is what `settle` returned; for a document of a reference it has no rows.
    """

    def condense(self, sketches: pa.Table) -> pa.Table:
        """Return each row once, in order, with its count; of several tables' results, as of the tables."""

    def settle(self, condensed: pa.Table) -> pa.Table:
        """Return what `apply` works with, and `with_notes` what the release's manifest should tell. May refuse."""


def references_of(survey: Survey) -> tuple[str, ...]:
    """Names of the job's references that a survey compares with: its setting `against`; none where it has no such."""
    return tuple(getattr(survey, "against", ()))


def sketched_from(survey: Survey) -> tuple[str, ...]:
    """Return the columns that its sketch is made of whenever it is wanted, where that takes less than to store it.

    None where the sketch is stored, as most are: those that read the text.
    """
    return tuple(getattr(survey, "sketched_from", ()))
