"""FineWeb quality (Penedo et al. 2024, arXiv 2406.17557), with FineWeb-2's values for Chinese."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import MoreProfiles, ProfileLimits, Rule, checks_by


class LineLimits(ProfileLimits):
    """The limits of FineWeb's rules, on lines that are not blank."""

    lines_min: int | None = Field(1, ge=0, description="lines that are not blank")
    terminal_lines_min: float | None = Field(0.12, ge=0, le=1, description="share of lines that end in an end mark")
    short_lines_max: float | None = Field(0.67, ge=0, le=1, description="share of lines of at most 30 characters")
    repeated_line_chars_max: float | None = Field(0.01, ge=0, le=1, description="characters of repeated lines")
    newlines_per_word_max: float | None = Field(0.3, ge=0)


class ChineseLineLimits(LineLimits):
    """The same, with FineWeb-2's values for Chinese."""

    terminal_lines_min: float | None = Field(0.106, ge=0, le=1)
    short_lines_max: float | None = Field(None, ge=0, le=1)
    repeated_line_chars_max: float | None = Field(0.1, ge=0, le=1)
    newlines_per_word_max: float | None = Field(0.178, ge=0)


class FinewebQuality(Op):
    """Drop documents of which few lines end a sentence, or many are short or repeated: lists, menus, tables.

    End marks are `。！？.!?` and those of other scripts, but neither a closing quote nor an ellipsis.
    """

    op: Literal["fineweb_quality"] = "fineweb_quality"
    reads: ClassVar[tuple[str, ...]] = ("quality",)
    en: LineLimits = LineLimits()
    zh: ChineseLineLimits = ChineseLineLimits()
    profiles: MoreProfiles[LineLimits] = Field(default_factory=dict)

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("no_lines", "lines", "min", "lines_min"),
        Rule("too_few_terminal_lines", "terminal_line_share", "min", "terminal_lines_min"),
        Rule("too_many_short_lines", "short_line_share", "max", "short_lines_max"),
        Rule("repeated_line_chars", "repeated_line_char_share", "max", "repeated_line_chars_max"),
        Rule("too_many_newlines", "newlines_per_word", "max", "newlines_per_word_max"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
