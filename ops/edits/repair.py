"""Repair: the repairing edits in their order, as one step."""

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from ops.contract import Op
from ops.edits.unicode import repair_unicode, replace_text
from ops.kernels.buffers import one_chunk
from ops.kernels.repair import suspects, tidy_whitespace


class Repair(Op):
    """Undo wrong decoding, drop invisible characters, compose, tidy whitespace: `repair_unicode`, then `whitespace`."""

    op: Literal["repair"] = "repair"
    blank_lines_max: int = Field(1, ge=0, description="blank lines kept in a row")

    def edit(self, batch: pa.Table) -> pa.Table:
        """Repair `text`."""
        return replace_text(batch, _repair(one_chunk(batch["text"]), self.blank_lines_max))


def _repair(text: pa.Array, blank_lines_max: int) -> pa.Array:
    repaired = tidy_whitespace(repair_unicode(text), blank_lines_max)
    # ftfy judges a line as a whole: without its outer spaces, it may see mojibake where it saw none before.
    again = pc.and_(pc.not_equal(text, repaired), pa.array(suspects(repaired) != 0))
    if not pc.any(again).as_py():
        return repaired
    return pc.replace_with_mask(repaired, again, _repair(repaired.filter(again), blank_lines_max))
