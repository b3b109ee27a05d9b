"""Chinese web pages: the rules of ChineseWebText, CT-LLM and c4-dataset-script that hold for a whole document."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import ProfileLimits, Rule, checks_by


class ChineseWebLimits(ProfileLimits):
    """Limits for Chinese, each with its source. A Traditional page is held to the same ones."""

    chars_min: int | None = Field(201, ge=0, description="ChineseWebText: more than 200")
    mean_line_chars_min: float | None = Field(10, ge=0, description="ChineseWebText")
    han_chars_min: float | None = Field(0.3, ge=0, le=1, description="of all characters; ChineseWebText")
    sentences_min: int | None = Field(2, ge=0, description="CT-LLM")
    punctuation_chars_min: int | None = Field(1, ge=0, description="CT-LLM")
    lenticular_chars_max: float | None = Field(0.1, ge=0, le=1, description="within 【】; CT-LLM")
    digits_max: float | None = Field(0.3, ge=0, le=1, description="of what is no punctuation; CT-LLM")
    read_more_lines_max: float | None = Field(0.3, ge=0, le=1, description="end in 展开, 更多, 。。。; CT-LLM")
    bullet_lines_max: float | None = Field(0.9, ge=0, le=1, description="by CT-LLM's 15 bullets")
    char_entropy_nats_min: float | None = Field(3, ge=0, description="of characters; CT-LLM")
    distinct_chars_min: float | None = Field(
        None, ge=0, le=1, description="of all characters; CT-LLM has 0.1, which long articles fail"
    )
    ended_lines_min: float | None = Field(None, ge=0, le=1, description="end in 。！？……”：; c4-dataset-script")
    short_lines_max: float | None = Field(None, ge=0, le=1, description="under 5 characters; c4-dataset-script")
    passing_lines_min: int | None = Field(
        1, ge=0, description="ended, long enough, not damaged; c4-dataset-script has 6, which short articles fail"
    )


class OtherWebLimits(ChineseWebLimits):
    """All off: the rules are for Chinese."""

    chars_min: int | None = Field(None, ge=0)
    mean_line_chars_min: float | None = Field(None, ge=0)
    han_chars_min: float | None = Field(None, ge=0, le=1)
    sentences_min: int | None = Field(None, ge=0)
    punctuation_chars_min: int | None = Field(None, ge=0)
    lenticular_chars_max: float | None = Field(None, ge=0, le=1)
    digits_max: float | None = Field(None, ge=0, le=1)
    read_more_lines_max: float | None = Field(None, ge=0, le=1)
    bullet_lines_max: float | None = Field(None, ge=0, le=1)
    char_entropy_nats_min: float | None = Field(None, ge=0)
    passing_lines_min: int | None = Field(None, ge=0)


class ChineseWeb(Op):
    """Drop Chinese pages that are short, of lists and snippets, of few Chinese characters, or of few different ones.

    The rules of ChineseWebText (its test for Simplified left out: one Traditional character dropped a page), CT-LLM
    (arXiv 2404.04167) and c4-dataset-script. Their rules on repetition, ellipses and words have judges of their own.
    """

    op: Literal["chinese_web"] = "chinese_web"
    reads: ClassVar[tuple[str, ...]] = ("page",)
    en: OtherWebLimits = OtherWebLimits()
    zh: ChineseWebLimits = ChineseWebLimits()

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("too_few_chars", "chars", "min", "chars_min"),
        Rule("lines_too_short", "mean_line_chars", "min", "mean_line_chars_min"),
        Rule("too_few_han_chars", "han_char_share", "min", "han_chars_min"),
        Rule("too_few_split_sentences", "sentences", "min", "sentences_min"),
        Rule("no_punctuation", "punctuation_chars", "min", "punctuation_chars_min"),
        Rule("too_many_lenticular_chars", "lenticular_char_share", "max", "lenticular_chars_max"),
        Rule("too_many_digits", "unpunctuated_digit_share", "max", "digits_max"),
        Rule("too_many_read_more_lines", "read_more_line_share", "max", "read_more_lines_max"),
        Rule("too_many_bullet_lines", "bullet_line_share", "max", "bullet_lines_max"),
        Rule("char_entropy_too_low", "char_entropy_nats", "min", "char_entropy_nats_min"),
        Rule("too_few_distinct_chars", "distinct_char_share", "min", "distinct_chars_min"),
        Rule("too_few_ended_lines", "ended_line_share", "min", "ended_lines_min"),
        Rule("too_many_short_lines", "short_line_share", "max", "short_lines_max"),
        Rule("too_few_passing_lines", "passing_lines", "min", "passing_lines_min"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
