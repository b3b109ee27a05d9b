"""Stuffing: drop documents of few tokens said over and over, of lists of keywords, or filled from a template."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import ProfileLimits, Rule, checks_by


class StuffingLimits(ProfileLimits):
    """Shares of a document's tokens or lines, as `page_signals` has them."""

    top_token_max: float | None = Field(0.2, ge=0, le=1, description="the most frequent token that has a meaning")
    top_ten_tokens_max: float | None = Field(0.6, ge=0, le=1, description="the ten most frequent")
    keyword_list_tokens_max: float | None = Field(0.5, ge=0, le=1)
    template_lines_max: float | None = Field(0.85, ge=0, le=1)


class ChineseStuffingLimits(StuffingLimits):
    """The same; a Chinese keyword is spread over the pairs of its characters."""

    top_token_max: float | None = Field(0.15, ge=0, le=1)
    top_ten_tokens_max: float | None = Field(0.5, ge=0, le=1)


class Stuffing(Op):
    """Drop documents made for search engines: keywords repeated, listed, or put into a template.

    No published rules: the limits are beyond what the longest and the driest of prose and of manuals have.
    """

    op: Literal["stuffing"] = "stuffing"
    reads: ClassVar[tuple[str, ...]] = ("page",)
    en: StuffingLimits = StuffingLimits()
    zh: ChineseStuffingLimits = ChineseStuffingLimits()

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("stuffed_token", "top_token_share", "max", "top_token_max"),
        Rule("stuffed_tokens", "top_ten_token_share", "max", "top_ten_tokens_max"),
        Rule("keyword_lists", "keyword_list_token_share", "max", "keyword_list_tokens_max"),
        Rule("template_lines", "template_line_share", "max", "template_lines_max"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
