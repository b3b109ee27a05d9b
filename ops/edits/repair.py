"""Repair: the repairing edits in their order, as one step."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.columns import CUTS, with_column
from ops.contract import Edit, Op
from ops.cuts import Record, changed_texts, with_rows
from ops.edits.hidden_labels import LABEL
from ops.edits.injections import Injections
from ops.edits.page_furniture import PageFurniture
from ops.edits.pinyin_glosses import PinyinGlosses
from ops.edits.repaired_share import REPAIRED_SHARE, repaired_share
from ops.edits.repeated_article import RepeatedArticle
from ops.edits.unicode import RepairUnicode
from ops.edits.watermarks import Watermarks
from ops.edits.whitespace import Whitespace


class Repair(Op):
    """Repair damaged pages by the edits that are on, each with its defaults, in this order; others are left out.

    `repair_unicode`, `whitespace`, `pinyin_glosses`, `watermarks`, `injections`, `repeated_article`, `page_furniture`:
    characters before words, words before lines, lines before blocks. What changed is looked at again until nothing
    changes. Adds what `repair_unicode` adds, and `repaired_share`: the bytes on record as cut by all bytes before, for
    `limits`. What is left of a page is judged by the steps that follow.
    """

    op: Literal["repair"] = "repair"
    version: ClassVar[int] = 8
    adds: ClassVar[tuple[pa.Field, ...]] = (*RepairUnicode.adds, REPAIRED_SHARE)
    blank_lines_max: int = Field(1, ge=0, description="blank lines kept in a row")
    glosses: bool = Field(default=True, description="cut pinyin in brackets after each character")
    watermarks: bool = Field(default=True, description="cut strings that recur between sentences")
    injections: bool = Field(default=True, description="cut strings that recur within words")
    repeats: bool = Field(default=True, description="keep an article once that a page has twice")
    furniture: bool = Field(default=True, description="cut menus, spam, links, teasers and notices around an article")

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits that are on, in their order."""
        on: tuple[tuple[bool, Edit], ...] = (
            (True, RepairUnicode()),
            (True, Whitespace(blank_lines_max=self.blank_lines_max)),
            (self.glosses, PinyinGlosses()),
            (self.watermarks, Watermarks()),
            (self.injections, Injections()),
            (self.repeats, RepeatedArticle()),
            (self.furniture, PageFurniture()),
        )
        return tuple(edit for is_on, edit in on if is_on)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Repair `text`."""
        before, edits = batch["text"], self.edits
        # Of the batch only what the edits look at: rows are taken from it and put back time and again.
        work = batch.select([name for name in (LABEL.name, "text") if name in batch.column_names])
        record = Record(batch.num_rows)
        if CUTS.name in batch.column_names:
            record.add(batch[CUTS.name])
        waiting = np.ones((len(edits), batch.num_rows), np.bool_)
        made = _repaired(work, edits, waiting, np.arange(batch.num_rows), record)
        cuts = record.column()
        for field, column in zip(made.schema, made.columns, strict=True):
            batch = with_column(batch, field, column)
        batch = with_column(batch, CUTS, cuts)
        return with_column(batch, REPAIRED_SHARE, repaired_share(before, [cuts]))


def _repaired(
    batch: pa.Table, edits: tuple[Edit, ...], waiting: NDArray[np.bool_], numbers: NDArray[np.int64], record: Record
) -> pa.Table:
    """Edit until nothing changes: each edit (a row of `waiting`) looks at the texts that wait for it.

    An edit does nothing to what it has left, so that a text waits for it again when another edit has changed it. What
    they cut goes to `record`, by the `numbers` of the texts.
    """
    for number, edit in enumerate(edits):
        rows, waiting[number] = waiting[number].copy(), False
        if rows.any() or not len(rows):
            some = batch if rows.all() else batch.filter(pa.array(rows))
            made = edit.edit(some)
            if CUTS.name in made.column_names:
                record.add(made[CUTS.name], numbers[rows])
                made = made.drop_columns(CUTS.name)
            changed = np.zeros(len(rows), np.bool_)
            changed[rows] = changed_texts(some, made)
            waiting[np.arange(len(edits)) != number] |= changed
            # To put rows back in their places copies the batch. Only one edit counts what it leaves in a text.
            if changed.any() or isinstance(edit, RepairUnicode) or rows.all():
                batch = with_rows(batch, rows, made)
    again: NDArray[np.bool_] = np.logical_or.reduce(waiting)
    if not again.any():
        return batch
    left = _repaired(batch.filter(pa.array(again)), edits, waiting[:, again], numbers[again], record)
    return with_rows(batch, again, left)
