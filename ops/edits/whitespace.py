"""Whitespace: one kind of line end, no trailing spaces, no heaps of blank lines."""

from typing import Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Op
from ops.cuts import replace_text
from ops.kernels.whitespace import tidy_whitespace


class Whitespace(Op):
    """Make line ends LF, cut spaces at line ends and at both ends of a text, and cap blank lines in a row."""

    op: Literal["whitespace"] = "whitespace"
    blank_lines_max: int = Field(1, ge=0, description="blank lines kept in a row")

    def edit(self, batch: pa.Table) -> pa.Table:
        """Tidy `text`."""
        return replace_text(batch, tidy_whitespace(batch["text"], self.blank_lines_max))
