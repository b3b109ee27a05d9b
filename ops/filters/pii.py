"""PII: drop documents by how much personal data `redact` found in them."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, NonNegativeInt, field_validator

from ops.contract import Check, Op, above, first_reason
from ops.edits.redact import PII, Kind


class Pii(Op):
    """Drop documents with too much personal data: lists of addresses and accounts, dumps. Reads the column `pii`."""

    op: Literal["pii"] = "pii"
    reads: ClassVar[tuple[str, ...]] = (PII.name,)
    per_1000_chars_max: float | None = Field(
        10, ge=0, description="of all kinds together, in 1,000 characters of the text before it was redacted"
    )
    counts_max: dict[Kind, NonNegativeInt] = Field({}, description="of a kind in a document: {email = 20, cn_id = 0}")

    @field_validator("per_1000_chars_max", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Compare what was counted."""
        counted = batch[PII.name].combine_chunks()
        share = np.asarray(counted.field("per_1000_chars"), np.float64)
        rules = {f"too_many_{kind}": above(counted.field(kind), most) for kind, most in self.counts_max.items()}
        return {"too_much_pii": above(share, self.per_1000_chars_max)} | rules

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first that fails."""
        return first_reason(**self.checks(batch))
