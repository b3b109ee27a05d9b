"""Gopher repetition (Rae et al. 2021, arXiv 2112.11446, table A1), with FineWeb-2's values for Chinese."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import MoreProfiles, ProfileLimits, Rule, checks_by


class RepetitionLimits(ProfileLimits):
    """The limits of Gopher's repetition rules: shares of a text's lines, paragraphs or characters.

    A copy of a line counts, the first of its kind does not. The most frequent run of n words counts in every place, a
    repeated one from its second place on, and what it takes is not counted again.
    """

    duplicate_lines_max: float | None = Field(0.3, ge=0, le=1)
    duplicate_paragraphs_max: float | None = Field(0.3, ge=0, le=1)
    duplicate_line_chars_max: float | None = Field(0.2, ge=0, le=1)
    duplicate_paragraph_chars_max: float | None = Field(0.2, ge=0, le=1)
    top_2gram_chars_max: float | None = Field(0.2, ge=0)
    top_3gram_chars_max: float | None = Field(0.18, ge=0)
    top_4gram_chars_max: float | None = Field(0.16, ge=0)
    duplicate_5gram_chars_max: float | None = Field(0.15, ge=0, le=1)
    duplicate_6gram_chars_max: float | None = Field(0.14, ge=0, le=1)
    duplicate_7gram_chars_max: float | None = Field(0.13, ge=0, le=1)
    duplicate_8gram_chars_max: float | None = Field(0.12, ge=0, le=1)
    duplicate_9gram_chars_max: float | None = Field(0.11, ge=0, le=1)
    duplicate_10gram_chars_max: float | None = Field(0.1, ge=0, le=1)


class ChineseRepetitionLimits(RepetitionLimits):
    """The same, with FineWeb-2's values for Chinese."""

    duplicate_lines_max: float | None = Field(0.287, ge=0, le=1)
    duplicate_paragraphs_max: float | None = Field(None, ge=0, le=1)
    duplicate_line_chars_max: float | None = Field(None, ge=0, le=1)
    duplicate_paragraph_chars_max: float | None = Field(None, ge=0, le=1)
    top_2gram_chars_max: float | None = Field(0.256, ge=0)
    top_3gram_chars_max: float | None = Field(0.201, ge=0)
    top_4gram_chars_max: float | None = Field(0.171, ge=0)
    duplicate_5gram_chars_max: float | None = Field(0.198, ge=0, le=1)
    duplicate_6gram_chars_max: float | None = Field(0.182, ge=0, le=1)
    duplicate_7gram_chars_max: float | None = Field(0.167, ge=0, le=1)
    duplicate_8gram_chars_max: float | None = Field(0.154, ge=0, le=1)
    duplicate_9gram_chars_max: float | None = Field(0.14, ge=0, le=1)
    duplicate_10gram_chars_max: float | None = Field(0.127, ge=0, le=1)


class GopherRepetition(Op):
    """Drop documents by the lines, paragraphs and runs of words that they repeat."""

    op: Literal["gopher_repetition"] = "gopher_repetition"
    reads: ClassVar[tuple[str, ...]] = ("quality",)
    en: RepetitionLimits = RepetitionLimits()
    zh: ChineseRepetitionLimits = ChineseRepetitionLimits()
    profiles: MoreProfiles[RepetitionLimits] = Field(default_factory=dict)

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("duplicate_paragraphs", "duplicate_paragraph_share", "max", "duplicate_paragraphs_max"),
        Rule("duplicate_paragraph_chars", "duplicate_paragraph_char_share", "max", "duplicate_paragraph_chars_max"),
        Rule("duplicate_lines", "duplicate_line_share", "max", "duplicate_lines_max"),
        Rule("duplicate_line_chars", "duplicate_line_char_share", "max", "duplicate_line_chars_max"),
        *(Rule(f"top_{n}gram", f"top_{n}gram_char_share", "max", f"top_{n}gram_chars_max") for n in range(2, 5)),
        *(
            Rule(f"duplicate_{n}grams", f"duplicate_{n}gram_char_share", "max", f"duplicate_{n}gram_chars_max")
            for n in range(5, 11)
        ),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
