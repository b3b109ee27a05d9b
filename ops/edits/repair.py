"""Repair: the repairing edits in their order, as one step."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Op
from ops.edits.unicode import RepairUnicode
from ops.edits.whitespace import Whitespace


class Repair(Op):
    """Undo wrong decoding, drop invisible characters, compose, tidy whitespace: `repair_unicode`, then `whitespace`."""

    op: Literal["repair"] = "repair"
    version: ClassVar[int] = 2
    adds: ClassVar[tuple[pa.Field, ...]] = RepairUnicode.adds
    blank_lines_max: int = Field(1, ge=0, description="blank lines kept in a row")

    def edit(self, batch: pa.Table) -> pa.Table:
        """Repair `text`."""
        before = None
        # ftfy judges a line as a whole: without its outer spaces, it may see mojibake where it saw none before.
        while before is None or not before.equals(batch["text"]):
            before = batch["text"]
            batch = Whitespace(blank_lines_max=self.blank_lines_max).edit(RepairUnicode().edit(batch))
        return batch
