"""Page furniture: cut what stands around an article: menus, spam above it, links, teasers and notices below it."""

from functools import cache
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.contract import Op
from ops.cuts import cut_out
from ops.edits.furniture_lines import (
    HEAD_PATTERN,
    HEADING_PATTERN,
    TAIL_PATTERN,
    begins_with_phrase,
    ends_in_phrase,
    lines_of,
)
from ops.edits.furniture_rules import Cut, Rules, furniture
from ops.kernels.buffers import Bytes, Offsets, buffers_of, one_chunk
from ops.kernels.cuts import stretches
from ops.kernels.page_ends import ends_of, may_have_furniture

_HEAD_BYTES, _TAIL_BYTES = 500, 800  # where phrases are looked for


class PageFurniture(Op):
    """Cut menus and spam before the first prose of a page, and links, teasers and notices after its last.

    Found by what lines look like and by whether the page speaks of the same things; how: `ops/edits/README.md`. Pages
    with little prose are left whole. For web pages: in a corpus of songs there is nothing for it to do.
    """

    op: Literal["page_furniture"] = "page_furniture"
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
        rules = _rules(self)
        found: list[tuple[int, int, Cut]] = []
        for row in np.flatnonzero(_may_have(text, data, offsets, rules)).tolist():
            start, end = int(offsets[row]), int(offsets[row + 1])
            found += [(row, start, cut) for cut in furniture(data[start:end].tobytes(), rules)]
        rows = np.array([row for row, _, _ in found], np.int64)
        cuts = np.array([(start + cut.at, start + cut.end) for _, start, cut in found], np.int64).reshape(-1, 2)
        return cut_out(batch, rows, cuts, pa.array([cut.kind for _, _, cut in found], pa.string()))


def _may_have(text: pa.Array, data: Bytes, offsets: Offsets, rules: Rules) -> NDArray[np.bool_]:
    """Say which pages are to be looked at whole: of clean ones, one in forty."""
    found = may_have_furniture(text, rules.list_lines_min, rules.teasers_min)
    ends = ends_of(data, offsets, _HEAD_BYTES, _TAIL_BYTES)
    heads, tails = stretches(data, ends[0::2], _HEAD_BYTES), stretches(data, ends[1::2], _TAIL_BYTES)
    found |= np.asarray(pc.match_substring_regex(text, HEADING_PATTERN), np.bool_)
    for one_end, pattern, is_certain in (
        (heads, HEAD_PATTERN, begins_with_phrase),
        (tails, TAIL_PATTERN, ends_in_phrase),
    ):
        with_phrases = np.asarray(pc.match_substring_regex(one_end, pattern), np.bool_)
        for row in np.flatnonzero(with_phrases & ~found).tolist():
            found[row] = is_certain(lines_of(one_end[row].as_buffer().to_pybytes()))
    return found


@cache
def _rules(op: PageFurniture) -> Rules:
    """Return the settings as the rules read them."""
    return Rules(
        spam_header=op.spam_header,
        navigation=op.navigation,
        teasers=op.teasers,
        tails=op.tails,
        list_lines_min=op.list_lines_min,
        teasers_min=op.teasers_min,
        teaser_likeness_min=op.teaser_likeness_min,
        body_bytes_min=op.body_bytes_min,
        cut_share_max=1.0 if op.cut_share_max is None else op.cut_share_max,
    )
