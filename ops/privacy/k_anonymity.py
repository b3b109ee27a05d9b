"""k-anonymity of what documents are told of: no combination of values that fewer than k documents have.

Sketch: the values of a few columns, counted. All different rows of the corpus come together, and values are taken out
of them until no combination is rare; the next pass writes that into the documents.
"""

from itertools import combinations
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ops.columns import DOCUMENT, with_column
from ops.contract import Op, Refusal, with_notes
from ops.kernels.groups import groups_of

SUPPRESSED = pa.field("suppressed_values", pa.int64())

# Different rows that are worked on in one place: 100 MB for each column, and so much again.
_ROWS_MAX = 10_000_000

# What every document must have.
_NEVER_NULL = {field.name for field in DOCUMENT if not field.nullable}


class KAnonymity(Op):
    """Take values out of columns until at least `k` documents have each combination of up to `together` that is left.

    A value is in a combination where it is not null. Of a rare one the value goes that fewest documents have, in all
    documents that have the combination; what that makes rare goes, too. Documents stay: what is dropped after this step
    may make combinations rare again, so it belongs behind all that drops.

    Adds `suppressed_values`: how many values of the document went.
    """

    op: Literal["k_anonymity"] = "k_anonymity"
    reads: ClassVar[tuple[str, ...]] = ()
    adds: ClassVar[tuple[pa.Field, ...]] = (SUPPRESSED,)
    sketched_by: ClassVar[tuple[str, ...]] = ("columns",)
    columns: tuple[str, ...] = Field(min_length=1, description="of documents, that together may tell who somebody is")
    k: int = Field(10, ge=2, description="documents of a combination, at least")
    together: int = Field(3, ge=1, le=8, description="columns of a combination, at most")

    @model_validator(mode="after")
    def _columns_can_be_null(self) -> Self:
        if wrong := sorted(_NEVER_NULL.intersection(self.columns)):
            raise ValueError(f"{', '.join(wrong)}: every document must have it, so no value of it can be taken out")
        if len({*self.columns}) < len(self.columns):
            raise ValueError("columns names one twice")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that are named."""
        return self.columns

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the values as strings, and that they are of one document."""
        for name in self.columns:
            if pa.types.is_nested(batch[name].type):
                raise Refusal(
                    f"k_anonymity: column {name!r} has several values in a document; name columns of one value"
                )
        values = {f"value_{n}": batch[name].cast(pa.string()) for n, name in enumerate(self.columns)}
        return pa.table({**values, "documents": pa.array(np.ones(batch.num_rows, np.int64))})

    def condense(self, sketches: pa.Table) -> pa.Table:
        """Return each row of values once, in order, with its number of documents."""
        counted = sketches.group_by(self._values, use_threads=False).aggregate([("documents", "sum")])
        ordered = counted.sort_by([(name, "ascending") for name in self._values])
        return ordered.rename_columns([*self._values, "documents"])

    def settle(self, condensed: pa.Table) -> pa.Table:
        """Return the rows of which values go, and of each of them whether it does; tell how many."""
        if condensed.num_rows > _ROWS_MAX:
            most = max(self._values, key=lambda name: pc.count_distinct(condensed[name]).as_py())
            raise Refusal(
                f"k_anonymity: columns have {condensed.num_rows:,} different rows of values, more than {_ROWS_MAX:,}; "
                f"leave out {self.columns[int(most.removeprefix('value_'))]!r}, which has most, or make it coarser"
            )
        documents = np.asarray(condensed["documents"])
        before = np.column_stack([_codes(condensed[name]) for name in self._values])
        gone = (suppressed(before, documents, self.k, self.together) < 0) & (before >= 0)
        changed = gone.any(axis=1)
        going = {f"gone_{n}": pa.array(gone[changed, n]) for n in range(len(self.columns))}
        kept = condensed.filter(pa.array(changed)).select(self._values)
        return with_notes(
            pa.table({**{name: kept[name] for name in self._values}, **going}),
            suppressed={name: int(documents[gone[:, n]].sum()) for n, name in enumerate(self.columns)},
            documents=int(documents[changed].sum()),
        )

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Take the values out of documents whose row of values was found, and count them."""
        count = np.zeros(batch.num_rows, np.int64)
        if not found.num_rows:
            return with_column(batch, SUPPRESSED, pa.array(count))
        rows = pa.concat_tables([found.select(self._values), self.sketch(batch).select(self._values)])
        codes = np.column_stack([_codes(rows[name]) for name in self._values])
        number = np.unique(codes, axis=0, return_inverse=True)[1].ravel()
        place = np.full(number.max() + 1, -1)
        place[number[: found.num_rows]] = np.arange(found.num_rows)
        of = place[number[found.num_rows :]]
        for n, name in enumerate(self.columns):
            going = (of >= 0) & np.asarray(found[f"gone_{n}"])[of]
            count += going
            field = batch.schema.field(name)
            batch = with_column(batch, field, pc.if_else(pa.array(going), pa.scalar(None, field.type), batch[name]))
        return with_column(batch, SUPPRESSED, pa.array(count))

    @property
    def _values(self) -> list[str]:
        return [f"value_{n}" for n in range(len(self.columns))]


def suppressed(codes: NDArray[np.int64], documents: NDArray[np.int64], k: int, together: int) -> NDArray[np.int64]:
    """Return rows of values, numbered from 0 on in each column, in which -1 stands for those that are null or go.

    >>> suppressed(np.array([[0, 0], [0, 1], [1, 1]]), np.array([5, 1, 5]), 2, 2).tolist()
    [[0, 0], [-1, 1], [1, 1]]
    """
    left = codes.copy()
    sizes = range(1, min(together, left.shape[1]) + 1)
    subsets = [list(one) for size in sizes for one in combinations(range(left.shape[1]), size)]
    while sum(_suppress(left, documents, k, subset) for subset in subsets):
        pass  # what goes may make others rare; values only ever go, so that it ends
    return left


def _suppress(left: NDArray[np.int64], documents: NDArray[np.int64], k: int, subset: list[int]) -> bool:
    """Take a value out of each rare combination of some columns; return whether there was one."""
    rows = np.flatnonzero((left[:, subset] >= 0).all(axis=1))
    if not len(rows):
        return False
    rows = rows[np.lexsort(left[rows][:, subset].T)]
    starts, group = groups_of(*left[rows][:, subset].T)
    rare = rows[(np.add.reduceat(documents[rows], starts) < k)[group]]
    if not len(rare):
        return False
    having = [_documents_with(left[:, column], documents) for column in subset]
    least = np.argmin([one[left[rare, column]] for one, column in zip(having, subset, strict=True)], axis=0)
    left[rare, np.array(subset)[least]] = -1
    return True


def _documents_with(codes: NDArray[np.int64], documents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many documents have each value of a column."""
    return np.bincount(codes + 1, documents, minlength=int(codes.max()) + 2)[1:].astype(np.int64)


def _codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Number the values of a column in the order in which they come; -1 for null."""
    encoded = column.combine_chunks().dictionary_encode().indices
    return np.asarray(pc.fill_null(encoded, -1), np.int64)
