"""Page furniture: cut what stands around an article: menus, spam above it, links, teasers and notices below it."""

from functools import cache
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.contract import Op
from ops.cuts import cut_out
from ops.edits.furniture_lines import LIMITS, is_furniture, keywords_of, words_by_place
from ops.edits.furniture_rules import furniture
from ops.kernels.buffers import Bytes, buffers_of, one_chunk
from ops.kernels.furniture_ends import FurnitureLimits
from ops.kernels.line_table import BEGIN, END, LOOK, line_table
from ops.kernels.listed_lines import listed_lines
from ops.kernels.page_ends import may_have_furniture

# By `KEPT`, `SPAM`, `LINKS`, `TAIL`, `TEASERS`: why a line goes.
KINDS = np.array(["", "spam_header", "navigation", "tail", "teaser"], object)


class PageFurniture(Op):
    """Cut menus and spam before the first prose of a page, and links, teasers and notices after its last.

    Found by what lines look like and by whether the page speaks of the same things; how: `ops/edits/README.md`. Pages
    with little prose are left whole. For web pages: in a corpus of songs there is nothing for it to do.
    """

    op: Literal["page_furniture"] = "page_furniture"
    version: ClassVar[int] = 2
    spam_header: bool = Field(default=True, description="leading lines of keywords, or that invite to call or visit")
    navigation: bool = Field(default=True, description="lists of links at either end: menus, related articles")
    teasers: bool = Field(default=True, description="sentences of one template at the end")
    tails: bool = Field(
        default=True, description="share this, copyright, ... at either end, as `line_corrections` has it"
    )
    list_lines_min: int = Field(
        10, ge=2, description="lines of a list without a heading; three times as many of titles"
    )
    teasers_min: int = Field(4, ge=2, description="teasers of a block without a heading")
    teaser_likeness_min: float = Field(
        0.4, gt=0, le=1, description="share of its words that a teaser has from the next"
    )
    body_bytes_min: int = Field(200, ge=0, description="UTF-8 bytes of prose that must be left, else nothing is cut")
    cut_share_max: float | None = Field(0.9, ge=0, le=1, description="a page that would lose more is left whole")

    @field_validator("cut_share_max", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut what is furniture."""
        text = one_chunk(batch["text"])
        data, offsets = buffers_of(text)
        rows = np.flatnonzero(_may_have(text, data, self))
        texts = np.stack([offsets[rows], offsets[rows + 1]], axis=1).astype(np.int64)
        gone = furniture(data, texts, _words(), _limits(self))
        return cut_out(batch, rows[gone.pages], gone.at, pa.array(KINDS[gone.why], pa.string()))


def _may_have(text: pa.Array, data: Bytes, op: PageFurniture) -> NDArray[np.bool_]:
    """Say which pages are to be looked at whole: of clean ones, one in forty."""
    found, keywords = may_have_furniture(text, op.list_lines_min, op.teasers_min)
    for row, line in np.argwhere(keywords.any(axis=2)).tolist():
        at, stop = keywords[row, line]
        found[row] = found[row] or bool(keywords_of(data[at:stop].tobytes().decode(errors="replace")))
    listed = listed_lines(text, _words(), LIMITS)
    lines = line_table(data, listed.at, _words())
    spans = lines.table[:, [BEGIN, END, LOOK]].tolist()
    for row, (at, stop, look), places in zip(listed.rows.tolist(), spans, listed.places.tolist(), strict=True):
        if not found[row]:
            found[row] = is_furniture(data[at:stop].tobytes(), look, places)
    return found


_words = cache(words_by_place)


@cache
def _limits(op: PageFurniture) -> FurnitureLimits:
    """Return the settings as the kernel reads them."""
    return FurnitureLimits(
        spam_header=op.spam_header,
        navigation=op.navigation,
        teasers=op.teasers,
        tails=op.tails,
        list_lines=op.list_lines_min,
        teaser_lines=op.teasers_min,
        teaser_likeness=op.teaser_likeness_min,
        body_bytes=op.body_bytes_min,
        cut_share=1.0 if op.cut_share_max is None else op.cut_share_max,
    )
