"""Length: drop documents that are too short or too long."""

from typing import Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from ops.contract import Op, above, below, first_reason


class Length(Op):
    """Drop documents whose number of characters is out of range. An empty text is too short."""

    op: Literal["length"] = "length"
    chars_min: int = Field(1, ge=0)
    chars_max: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.chars_max is not None and self.chars_min > self.chars_max:
            raise ValueError(
                f"chars_min ({self.chars_min}) is above chars_max ({self.chars_max}): nothing would be kept"
            )
        return self

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by code points."""
        chars = np.asarray(pc.utf8_length(batch["text"]))
        return first_reason(too_few_chars=below(chars, self.chars_min), too_many_chars=above(chars, self.chars_max))
