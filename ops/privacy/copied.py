"""Copied: drop documents that have too much of a real one verbatim, with the passage on record."""

from typing import ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from ops.contract import PASSAGE, Check, Op, above, first_reason
from ops.privacy import verbatim


class Copied(Op):
    """Drop documents by what `verbatim_copies` found; the ledger names the real document, and has the passage.

    `copied_tokens_max` is of tokens in copied spans, `copied_share_max` of their share of the document's tokens.
    """

    op: Literal["copied"] = "copied"
    reads: ClassVar[tuple[str, ...]] = tuple(field.name for field in verbatim.COPIED)
    copied_tokens_max: int | None = Field(0, ge=0, description="0: one span of `tokens_min` is too much")
    copied_share_max: float | None = Field(None, ge=0, le=1)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.copied_tokens_max is None and self.copied_share_max is None:
            raise ValueError("give copied_tokens_max or copied_share_max, or both: as it is, nothing would be dropped")
        return self

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Compare what is copied with the limits."""
        return {
            "too_many_copied_tokens": above(batch[verbatim.TOKENS.name], self.copied_tokens_max),
            "copied_share_too_high": above(batch[verbatim.SHARE.name], self.copied_share_max),
        }

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first that fails."""
        reasons = first_reason(**self.checks(batch))
        told = [
            *reasons.flatten(),
            *(batch[field.name].combine_chunks() for field in (verbatim.FROM, verbatim.PASSAGE)),
        ]
        return pa.StructArray.from_arrays(told, fields=list(PASSAGE), mask=reasons.is_null())
