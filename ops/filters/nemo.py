"""NeMo Curator's rules on characters, those of its heuristic lists that no other judge has."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import ProfileLimits, Rule, checks_by


class CharacterLimits(ProfileLimits):
    """NeMo Curator's limits for English: shares of all characters, spaces included."""

    non_alphanumeric_chars_max: float | None = Field(
        0.25, ge=0, le=1, description="neither ASCII letters and digits, nor newlines, `?`, `!`, `,`, `.`"
    )
    digits_max: float | None = Field(0.15, ge=0, le=1)
    url_chars_max: float | None = Field(0.2, ge=0, le=1)
    spaces_max: float | None = Field(0.25, ge=0, le=1, description="newlines and tabs, too")
    brackets_max: float | None = Field(0.1, ge=0, le=1, description="`()[]{}⟨⟩`")
    longest_word_chars_max: int | None = Field(1000, ge=1, description="between spaces and unspaced characters")


class ChineseCharacterLimits(CharacterLimits):
    """The same without the first, as in NeMo Curator's list for other languages."""

    non_alphanumeric_chars_max: float | None = Field(None, ge=0, le=1)


class NemoCharacters(Op):
    """Drop documents of many symbols, digits, URLs, spaces or brackets, or with a word that is none.

    From `heuristic_filter_english_pipeline.yaml` and `heuristic_filter_non-en_pipeline.yaml` of NeMo Curator.
    """

    op: Literal["nemo_characters"] = "nemo_characters"
    reads: ClassVar[tuple[str, ...]] = ("page",)
    en: CharacterLimits = CharacterLimits()
    zh: ChineseCharacterLimits = ChineseCharacterLimits()

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("too_many_non_alphanumeric_chars", "non_alphanumeric_share", "max", "non_alphanumeric_chars_max"),
        Rule("too_many_digits", "digit_share", "max", "digits_max"),
        Rule("too_many_url_chars", "url_char_share", "max", "url_chars_max"),
        Rule("too_many_spaces", "whitespace_share", "max", "spaces_max"),
        Rule("too_many_brackets", "bracket_char_share", "max", "brackets_max"),
        Rule("word_too_long", "longest_word_chars", "max", "longest_word_chars_max"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
