"""Script mix: drop documents whose letters are of other scripts, or whose characters are hardly any letters."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import ProfileLimits, Rule, checks_by


class ScriptLimits(ProfileLimits):
    """Shares of a document's letters by script; of what is no space that are letters or symbols; of characters."""

    latin_letters_min: float | None = Field(0.5, ge=0, le=1)
    han_letters_min: float | None = Field(None, ge=0, le=1)
    kana_letters_max: float | None = Field(0.2, ge=0, le=1)
    hangul_letters_max: float | None = Field(0.2, ge=0, le=1)
    cyrillic_letters_max: float | None = Field(0.2, ge=0, le=1)
    other_letters_max: float | None = Field(0.2, ge=0, le=1, description="of scripts that have no limit of their own")
    letters_min: float | None = Field(0.3, ge=0, le=1)
    symbols_max: float | None = Field(0.5, ge=0, le=1, description="neither letters nor punctuation: emoji, currency")
    damaged_chars_max: float | None = Field(0.01, ge=0, le=1, description="□ ■ U+FFFD and private use")


class ChineseScriptLimits(ScriptLimits):
    """The same for Chinese, in either script; Latin letters may be many, in texts on technology."""

    latin_letters_min: float | None = Field(None, ge=0, le=1)
    han_letters_min: float | None = Field(0.2, ge=0, le=1)
    kana_letters_max: float | None = Field(0.1, ge=0, le=1, description="more is Japanese")


class ScriptMix(Op):
    """Drop documents by the scripts of their letters, and those of few letters, many symbols or damaged characters.

    No published rules: the limits are far from what prose, statutes, papers and technical texts have.
    """

    op: Literal["script_mix"] = "script_mix"
    reads: ClassVar[tuple[str, ...]] = ("page",)
    en: ScriptLimits = ScriptLimits()
    zh: ChineseScriptLimits = ChineseScriptLimits()

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("too_few_latin_letters", "latin_letter_share", "min", "latin_letters_min"),
        Rule("too_few_han_letters", "han_letter_share", "min", "han_letters_min"),
        Rule("too_many_kana", "kana_letter_share", "max", "kana_letters_max"),
        Rule("too_many_hangul", "hangul_letter_share", "max", "hangul_letters_max"),
        Rule("too_many_cyrillic_letters", "cyrillic_letter_share", "max", "cyrillic_letters_max"),
        Rule("too_many_other_letters", "other_letter_share", "max", "other_letters_max"),
        Rule("too_few_letters", "letter_share", "min", "letters_min"),
        Rule("too_many_symbols", "symbol_share", "max", "symbols_max"),
        Rule("damaged_chars", "damaged_char_share", "max", "damaged_chars_max"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
