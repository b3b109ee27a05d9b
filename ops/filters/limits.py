"""Limits: drop documents by a number in any column, such as a score."""

from typing import Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from ops.contract import Op, above, below, first_reason
from ops.dedup.values import numbers


class Limits(Op):
    """Drop documents whose number in `column` is below `least` or above `most`. Where it has none they stay."""

    op: Literal["limits"] = "limits"
    column: str = Field(min_length=1)
    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.least is None and self.most is None:
            raise ValueError("give `least` or `most`, or both: as it is, nothing would be dropped")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least ({self.least:g}) is above most ({self.most:g}): nothing would be kept")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The column that is named."""
        return (self.column,)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the number that the column's value is or spells."""
        found = numbers(batch[self.column])
        return first_reason(
            **{f"{self.column}_too_low": below(found, self.least), f"{self.column}_too_high": above(found, self.most)}
        )
