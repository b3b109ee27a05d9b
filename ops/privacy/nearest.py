"""Nearest records: whether synthetic rows of a table lie nearer to the rows that their generator learned from.

What a generator has learned, and not memorised, is as near to people's rows that it never saw. So each synthetic row
is asked whether its nearest record is of the training rows or of rows held out, and how often that would be so by
chance.
"""

import math
from statistics import NormalDist
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from ops.contract import Op, Refusal
from ops.dedup.values import numbers
from ops.kernels.hashing import chance
from ops.kernels.nearest_rows import nearest_rows
from ops.kernels.whole_texts import text_hashes

_OTHER, _SYNTHETIC, _TRAINING, _HELD_OUT = range(4)

# Different rows of people that are compared with in one place: 4 bytes a column, and some 40 more.
_ROWS_MAX = 10_000_000

# Of numbers from 0 to 1: as far from each as two rows can be.
_NO_NUMBER = np.float32(5)

# What a split of people's rows by chance keeps to in so many cases.
_CONFIDENCE = 0.995


class NearestRecords(Op):
    """Refuse a corpus whose synthetic rows give away rows of their generator's training; tell how near they are.

    The distance of two rows is Gower's: the mean over columns of the difference of numbers, as a share of their range,
    and of 1 where other values differ. A value that is not there is as far as can be from any, and equal to another.
    """

    op: Literal["nearest_records"] = "nearest_records"
    reads: ClassVar[tuple[str, ...]] = ("source", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("training", "held_out", "synthetic", "numbers", "categories", "seed")
    training: tuple[str, ...] = Field(min_length=1, description="sources or references that the generator learned from")
    held_out: tuple[str, ...] = Field(min_length=1, description="of the same kind, which it never saw")
    synthetic: tuple[str, ...] = Field((), description="sources of synthetic rows; default: all that are not real")
    numbers: tuple[str, ...] = Field((), description="columns whose values are numbers")
    categories: tuple[str, ...] = Field((), description="columns whose values are equal or not")
    rows: int = Field(5_000, ge=100, description="synthetic rows that are looked at; by hash where there are more")
    excess_max: float | None = Field(
        0.05, ge=0, lt=1, description='share of rows nearer to training than chance has it, at most; "off": only tell'
    )
    seed: int | None = Field(None, ge=0, lt=2**63, description="default: the job's")

    @field_validator("excess_max", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit

    @model_validator(mode="after")
    def _sides_and_columns_differ(self) -> Self:
        if not self._columns:
            raise ValueError("give `numbers` or `categories`, or both: the columns that rows are compared by")
        named = [*self.training, *self.held_out, *self.synthetic]
        for what, names in (("columns", [*self._columns]), ("training, held_out and synthetic", named)):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what}: {', '.join(twice)} is named twice")
        return self

    @property
    def against(self) -> tuple[str, ...]:
        """References among the people's rows."""
        return (*self.training, *self.held_out)

    @property
    def needs(self) -> tuple[str, ...]:
        """Where rows are from, and the columns that are named."""
        return (*self.reads, *self._columns)

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return what each row is to the question, its rank and its values: numbers, and hashes of others."""
        role = self._roles(batch)
        is_any = pa.array(role != _OTHER)
        values = [_number(batch[name]) for name in self.numbers] + [_category(batch[name]) for name in self.categories]
        return pa.table(
            {
                "role": pa.array(role),
                "rank": pa.array(chance(batch["id"], self.seed or 0)),
                "documents": pa.array(np.ones(batch.num_rows, np.int64)),
                **{f"value_{n}": pc.if_else(is_any, one, None) for n, one in enumerate(values)},
            }
        )

    def thin(self, sketches: pa.Table) -> pa.Table:
        """Return the rows as they are: they are small."""
        return sketches

    def condense(self, sketches: pa.Table) -> pa.Table:
        """Return the synthetic rows of least rank, and each different row of people once, with its number."""
        values = self._values
        role = sketches["role"]
        order = [(name, "ascending") for name in ("rank", *values)]
        synthetic = sketches.filter(pc.equal(role, _SYNTHETIC)).sort_by(order).slice(0, self.rows)
        people = sketches.filter(pc.greater(role, _SYNTHETIC)).group_by(["role", *values], use_threads=False)
        counted = people.aggregate([("documents", "sum")]).rename_columns(["role", *values, "documents"])
        counted = counted.sort_by([(name, "ascending") for name in ("role", *values)])
        columns = ["role", "documents", *values]
        least = counted.append_column("rank", pa.repeat(pa.scalar(0, pa.uint64()), counted.num_rows))
        return pa.concat_tables([one.select(["rank", *columns]) for one in (synthetic, least)])

    def conclude(self, sketches: pa.Table) -> dict[str, object]:
        """Return how near synthetic rows are to either side; Refusal where they are too near to training."""
        rows = self.condense(sketches)
        role = np.asarray(rows["role"])
        here = [int((role == one).sum()) for one in (_SYNTHETIC, _TRAINING, _HELD_OUT)]
        for count, what in zip(here, ("synthetic", "training", "held_out"), strict=True):
            if not count:
                named = ", ".join(getattr(self, what)) or "documents that are not real"
                raise Refusal(f"nearest_records: there are no rows of {what} ({named}); name sources that have some")
        if here[1] + here[2] > _ROWS_MAX:
            raise Refusal(
                f"nearest_records: training and held_out have {here[1] + here[2]:,} different rows, more than "
                f"{_ROWS_MAX:,}; compare by fewer or coarser columns"
            )
        told = self._compared(rows, here)
        if self.excess_max is not None and told["nearer_to_training"] > told["limit"]:
            raise Refusal(
                f"nearest_records: {told['nearer_to_training']:.1%} of {here[0]:,} synthetic rows are nearer to a row "
                f"of training than to any of held_out; by chance it is {told['expected']:.1%}, and the limit is "
                f"{told['limit']:.1%}. The generator gives away whom it learned from: drop its rows, or raise "
                "excess_max"
            )
        return told

    def _compared(self, rows: pa.Table, here: list[int]) -> dict[str, Any]:
        """Compare rows, so many of each role, in order of role."""
        matrix, first = self._matrix(rows), here[0]
        documents = np.asarray(rows["documents"])[first:]
        are_numbers = np.arange(len(self._columns)) < len(self.numbers)
        people = np.ascontiguousarray(matrix[first:].T)
        least, credit = nearest_rows(matrix[:first], people, are_numbers, here[1], documents)
        of_each, people_all = credit / first, int(documents.sum())
        training = int(documents[: here[1]].sum())
        expected = training / people_all
        # What the share varies by if it were drawn which of people's rows are training: without putting back.
        spread = max(0.0, math.fsum(of_each**2 / documents) - 1 / people_all) * people_all / max(1, people_all - 1)
        by_chance = NormalDist().inv_cdf(_CONFIDENCE) * math.sqrt(expected * (1 - expected) * spread)
        distance = least / len(self._columns)
        return {
            "rows": first,
            "training_rows": training,
            "held_out_rows": people_all - training,
            "nearer_to_training": round(math.fsum(of_each[: here[1]]), 6),
            "expected": round(expected, 6),
            "limit": round(expected + max(by_chance, self.excess_max or 0.0), 6),
            **_told("training", distance[:, 0]),
            **_told("held_out", distance[:, 1]),
        }

    def _matrix(self, rows: pa.Table) -> NDArray[np.float32]:
        """Return values as numbers: from 0 to 1 over people's rows, and codes of the others."""
        is_synthetic = np.asarray(rows["role"]) == _SYNTHETIC
        matrix = np.empty((rows.num_rows, len(self._columns)), np.float32)
        for n, name in enumerate(self._values):
            column = rows[name].combine_chunks()
            if n < len(self.numbers):
                matrix[:, n] = _scaled(np.asarray(pc.fill_null(column, np.nan)), is_synthetic)
            else:
                matrix[:, n] = np.asarray(pc.fill_null(column.dictionary_encode().indices, -1))
        return matrix

    def _roles(self, batch: pa.Table) -> NDArray[np.int8]:
        """Say what rows are: synthetic, of one of the sides, or neither."""
        source = batch["source"]
        is_of = {
            role: np.asarray(pc.is_in(source, pa.array(names, pa.string())))
            for role, names in ((_TRAINING, self.training), (_HELD_OUT, self.held_out), (_SYNTHETIC, self.synthetic))
        }
        if not self.synthetic:
            is_of[_SYNTHETIC] = np.asarray(pc.invert(pc.is_in(batch["origin"], pa.array(["real", "unknown"]))))
        roles = np.full(batch.num_rows, _OTHER, np.int8)
        for role in (_SYNTHETIC, _TRAINING, _HELD_OUT):
            roles[is_of[role]] = role
        return roles

    @property
    def _columns(self) -> tuple[str, ...]:
        return (*self.numbers, *self.categories)

    @property
    def _values(self) -> list[str]:
        return [f"value_{n}" for n in range(len(self._columns))]


def _number(column: pa.ChunkedArray) -> pa.Array:
    return pa.array(numbers(column), from_pandas=True)


def _category(column: pa.ChunkedArray) -> pa.Array:
    text = column.cast(pa.string())
    return pc.if_else(text.combine_chunks().is_valid(), pa.array(text_hashes(pc.fill_null(text, ""))), None)


def _scaled(values: NDArray[np.float64], is_synthetic: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Scale to the range of people's values; what is beyond it is at most as far as all of it."""
    people = values[~is_synthetic & np.isfinite(values)]
    low, high = (people.min(), people.max()) if len(people) else (0.0, 1.0)
    scaled = np.clip((values - low) / (high - low if high > low else 1.0), -1, 2)
    return np.where(np.isnan(scaled), _NO_NUMBER, scaled)


def _told(side: str, distance: NDArray[np.floating[Any]]) -> dict[str, float]:
    """Tell of least distances to a side: the share of rows that are equal to one of it, and quantiles."""
    quantiles = np.quantile(distance, [0.05, 0.5])
    return {
        f"{side}_equal_share": round(float((distance == 0).mean()), 6),
        f"{side}_distance_5_percent": round(float(quantiles[0]), 6),
        f"{side}_distance_median": round(float(quantiles[1]), 6),
    }
