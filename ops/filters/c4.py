"""C4's rules (Raffel et al. 2020, arXiv 1910.10683), as a judge: by what they would leave of a text; no line is cut."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import MoreProfiles, ProfileLimits, Rule, checks_by


class C4Limits(ProfileLimits):
    """The limits of C4's rules. Lines that its line rules drop count for none of them."""

    lorem_ipsum_lines_max: int | None = Field(0, ge=0, description="lines with `lorem ipsum`")
    curly_bracket_lines_max: int | None = Field(0, ge=0, description="lines with `{`")
    sentences_min: int | None = Field(5, ge=0, description="sentences on the lines that stay")


class ChineseC4Limits(C4Limits):
    """C4 is English: its sentences end in full stops, and its words stand between spaces. All rules are off."""

    lorem_ipsum_lines_max: int | None = Field(None, ge=0)
    curly_bracket_lines_max: int | None = Field(None, ge=0)
    sentences_min: int | None = Field(None, ge=0)


class C4(Op):
    """Drop documents with placeholder text or code, and those of which few sentences would stay on C4's lines."""

    op: Literal["c4"] = "c4"
    reads: ClassVar[tuple[str, ...]] = ("quality",)
    terminal_mark: bool = Field(
        default=False, description="whether a line stays only if it ends in a mark; FineWeb leaves this rule out"
    )
    en: C4Limits = C4Limits()
    zh: ChineseC4Limits = ChineseC4Limits()
    profiles: MoreProfiles[C4Limits] = Field(default_factory=dict)

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("lorem_ipsum", "c4_lorem_ipsum_lines", "max", "lorem_ipsum_lines_max"),
        Rule("curly_bracket", "c4_curly_bracket_lines", "max", "curly_bracket_lines_max"),
        Rule("too_few_sentences", "c4_kept_sentences", "min", "sentences_min"),
    )
    rules_with_terminal_mark: ClassVar[tuple[Rule, ...]] = tuple(
        Rule(rule.reason, rule.signal.replace("c4_", "c4_ended_", 1), rule.limit, rule.setting) for rule in rules
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules_with_terminal_mark if self.terminal_mark else self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
