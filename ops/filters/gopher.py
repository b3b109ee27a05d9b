"""Gopher quality (Rae et al. 2021, arXiv 2112.11446, A1.1), with FineWeb-2's values for Chinese."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import MoreProfiles, ProfileLimits, Rule, checks_by


class QualityLimits(ProfileLimits):
    """The limits of Gopher's quality rules."""

    words_min: int | None = Field(50, ge=0, description="words that are not symbols alone")
    words_max: int | None = Field(100_000, ge=1)
    word_chars_min: float | None = Field(3, ge=0, description="mean characters of a word")
    word_chars_max: float | None = Field(10, ge=0)
    hashes_max: float | None = Field(0.1, ge=0, description="`#` for each word")
    ellipses_max: float | None = Field(0.1, ge=0, description="`...` and `…` for each word")
    bullet_lines_max: float | None = Field(0.9, ge=0, le=1, description="share of lines that start with a bullet")
    ellipsis_lines_max: float | None = Field(0.3, ge=0, le=1, description="share of lines that end in an ellipsis")
    alphabetic_words_min: float | None = Field(0.8, ge=0, le=1, description="share of words with a letter")
    stop_words_min: int | None = Field(2, ge=0, description="distinct stop words present")


class ChineseQualityLimits(QualityLimits):
    """The same, with FineWeb-2's values for Chinese."""

    word_chars_min: float | None = Field(1, ge=0)
    word_chars_max: float | None = Field(5, ge=0)
    alphabetic_words_min: float | None = Field(0.735, ge=0, le=1)


class GopherQuality(Op):
    """Drop documents by their words, symbols and lines. A value equal to a limit passes; None turns a limit off.

    Documents that are neither English nor Chinese need a profile of their own, for its stop words and word lengths.
    """

    op: Literal["gopher_quality"] = "gopher_quality"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[str, ...]] = ("quality",)
    en: QualityLimits = QualityLimits()
    zh: ChineseQualityLimits = ChineseQualityLimits()
    profiles: MoreProfiles[QualityLimits] = Field(default_factory=dict)

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("too_few_words", "text_words", "min", "words_min"),
        Rule("too_many_words", "text_words", "max", "words_max"),
        Rule("words_too_short", "mean_word_chars", "min", "word_chars_min"),
        Rule("words_too_long", "mean_word_chars", "max", "word_chars_max"),
        Rule("too_many_hashes", "hashes_per_word", "max", "hashes_max"),
        Rule("too_many_ellipses", "ellipses_per_word", "max", "ellipses_max"),
        Rule("too_many_bullet_lines", "bullet_line_share", "max", "bullet_lines_max"),
        Rule("too_many_ellipsis_lines", "ellipsis_line_share", "max", "ellipsis_lines_max"),
        Rule("too_few_alphabetic_words", "alphabetic_word_share", "min", "alphabetic_words_min"),
        Rule("too_few_stop_words", "stop_words", "min", "stop_words_min"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
