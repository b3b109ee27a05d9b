"""Code: drop documents that are mostly program code, commands or markup."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import ProfileLimits, Rule, checks_by


class CodeLimits(ProfileLimits):
    """The limit for either profile."""

    code_chars_max: float | None = Field(
        0.5, ge=0, le=1, description="share of characters on lines that look like code"
    )


class Code(Op):
    """Drop documents of which most characters are on lines of code. `ops.kernels.code_lines` tells which lines are."""

    op: Literal["code"] = "code"
    reads: ClassVar[tuple[str, ...]] = ("page",)
    en: CodeLimits = CodeLimits()
    zh: CodeLimits = CodeLimits()

    rules: ClassVar[tuple[Rule, ...]] = (Rule("mostly_code", "code_char_share", "max", "code_chars_max"),)

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
