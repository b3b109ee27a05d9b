"""Line corrections: cut what is no text from documents of which it is a small part; others are left to a judge."""

from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.columns import with_column
from ops.contract import Op
from ops.cuts import cut_out
from ops.edits.line_phrases import COUNTERS_EN, COUNTERS_ZH, EN, ZH, PhraseGroup
from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.corrections import corrections, count_half_words
from ops.kernels.cuts import cuts_of_pieces
from ops.kernels.line_rules import KEPT, Rules
from ops.kernels.phrases import AT_END, PAIRS, PLACES, Phrases, pair_of
from ops.kernels.unicode_tables import FOLDED, TABLED

SHARE = pa.field("corrected_share", pa.float64())
# In the order in which they are tried, as in `line_rules`; `copyright` and the like are kinds of phrases.
_LINE_RULES = ("counter", "numbers", "one_word", "upper_case", "broken_characters", "no_end_mark", "too_short")
# What a phrase may be: no trailing "...", which any phrase at the end of a line may have; two characters at least.
Phrase = Annotated[str, Field(pattern=r"^\s*\w.*\w\s*$")]


class LineCorrections(Op):
    """Cut lines that are no text, and short lines' phrases of a page's furniture: RefinedWeb's rules, and Chinese ones.

    A line goes with its line end. Lines that are indented by a tab or two spaces, or stand between lines of ```, stay.
    Words are what lies between spaces; two characters of a script without spaces count as one.

    Adds `corrected_share`: words that are cut, or would be, by all words of the text. Where it is above `cut_share_max`
    the text was left whole: a page of menus is not made better by cuts. `limits` drops those, as RefinedWeb does.
    """

    op: Literal["line_corrections"] = "line_corrections"
    adds: ClassVar[tuple[pa.Field, ...]] = (SHARE,)
    cut_share_max: float | None = Field(
        0.05, ge=0, le=1, description="a text that would lose a greater share of its words is left whole"
    )
    words_max: int = Field(10, ge=1, description="words of a line that phrases are looked for in")

    upper_case_share_max: float | None = Field(
        0.5, ge=0, le=1, description="upper_case: a line with a greater share of capitals among its characters goes"
    )
    numbers: bool = Field(default=True, description="a line that is one number: 12 or 1,234.5")
    counter: bool = Field(default=True, description="a line of counters and dates alone: 3 likes, 阅读 1.2万 评论 3")
    one_word: bool = Field(
        default=True, description="a line of nothing but letters that is one word: Home, 首页; Home: and foo() stay"
    )
    sign_in: bool = Field(default=True, description="a short line that starts with: sign in, 登录, ...")
    read_more: bool = Field(default=True, description="the end of a short line: read more, 展开全文, ...")
    cart: bool = Field(default=True, description="a short line with: items in cart, 加入购物车, ...")
    share: bool = Field(default=True, description="a short line that starts with: share this, 分享到, ...")
    navigation: bool = Field(default=True, description="a short line that starts with: back to top, 上一篇, ...")
    copyright: bool = Field(default=True, description="a short line with: all rights reserved, 版权所有, ...")
    scan_code: bool = Field(default=True, description="a short line with: 扫一扫, 扫描二维码, ...")
    at_start: tuple[Phrase, ...] = Field((), description="more phrases that take a short line which starts with one")
    at_end: tuple[Phrase, ...] = Field(
        (), description="more phrases that are cut off the end of a short line, with the marks behind: without `...`"
    )
    anywhere: tuple[Phrase, ...] = Field((), description="more phrases that take a short line which has one")
    counters: tuple[Phrase, ...] = Field((), description="more words of counters")

    # Of c4-dataset-script. Off: a heading has no end mark either.
    no_end_mark: bool = Field(
        default=False, description="a line with Han characters that does not end in 。 ！ ？ …… ” or ："
    )
    line_chars_min: int | None = Field(
        None, ge=0, description="too_short: a line with Han characters that has fewer characters; c4-dataset-script: 5"
    )
    broken_characters: bool = Field(
        default=False, description="a line with □, ■, U+FFFD or a character of the private use area"
    )

    @field_validator("cut_share_max", "upper_case_share_max", "line_chars_min", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut what the rules say from texts that stay under the ceiling, and add the share."""
        text = one_chunk(batch["text"])
        _, offsets = buffers_of(text)
        found = corrections(text, _rules(self))
        rows = np.repeat(np.arange(len(text)), np.diff(found.first))
        share = np.zeros(len(text))
        hit = np.unique(rows)
        lost = np.bincount(rows, found.halves, minlength=len(text))[hit]
        # A line of marks and symbols has no word, and a text of nothing else has none.
        share[hit] = lost / np.maximum(count_half_words(text.take(pa.array(hit))), 1)
        cuts = cuts_of_pieces(found.first, found.at, found.kind != KEPT, offsets)
        going = (found.kind != KEPT) & (share[rows] <= (1.0 if self.cut_share_max is None else self.cut_share_max))
        kinds = pa.array(_kinds(), pa.string()).take(pa.array(found.kind[going]))
        return with_column(cut_out(batch, rows[going], cuts[going], kinds), SHARE, pa.array(share))


@cache
def _kinds() -> tuple[str, ...]:
    """Return what the ledger says, by the number that kernels give."""
    return (*_LINE_RULES, *dict.fromkeys(group.kind for group in (*EN, *ZH)), "at_start", "at_end", "anywhere")


@cache
def _rules(op: LineCorrections) -> Rules:
    """Return the settings as kernels read them."""
    own = (
        PhraseGroup("at_start", "start", op.at_start),
        PhraseGroup("at_end", "end", op.at_end),
        PhraseGroup("anywhere", "anywhere", op.anywhere),
    )
    known = [group for group in (*EN, *ZH) if getattr(op, group.kind)]
    counters = PhraseGroup("counter", "in_counter", (*COUNTERS_EN, *COUNTERS_ZH, *op.counters))
    groups = sorted((*known, *own, counters), key=lambda group: PLACES.index(group.place))
    phrases = [_folded(phrase) for group in groups for phrase in group.phrases]
    places = np.array([PLACES.index(group.place) for group in groups for _ in group.phrases])
    near = np.zeros((len(PLACES), PAIRS), np.bool_)
    for place, phrase in zip(places, phrases, strict=True):
        near[place, pair_of(*(phrase[-2:] if place == AT_END else phrase[:2]))] = True
    on = {"upper_case": op.upper_case_share_max is not None, "too_short": op.line_chars_min is not None}
    return Rules(
        Phrases(
            points=np.concatenate(phrases),
            first=np.cumsum([0, *map(len, phrases)]),
            places=np.searchsorted(places, np.arange(len(PLACES) + 1)),
            near=near,
            kind=np.array([_kinds().index(group.kind) for group in groups for _ in group.phrases], np.uint8),
        ),
        on=np.array([on[name] if name in on else getattr(op, name) for name in _LINE_RULES], np.bool_),
        short_halves=2 * op.words_max,
        upper_case_share=1.0 if op.upper_case_share_max is None else op.upper_case_share_max,
        chinese_chars=op.line_chars_min or 0,
    )


def _folded(phrase: str) -> NDArray[np.int32]:
    points = np.array([*map(ord, " ".join(phrase.split()))], np.int32)
    return np.where(points < TABLED, FOLDED[np.minimum(points, TABLED - 1)], points).astype(np.int32)
