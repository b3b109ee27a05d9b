"""Title spam: drop documents by their title, where sources map a column `title`."""

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from ops.contract import Check, Op, first_reason
from ops.filters.rules import ProfileLimits, Rule, checks_by


class TitleLimits(ProfileLimits):
    """Limits for titles; a document without one passes them all."""

    contacts_max: int | None = Field(
        0, ge=0, description="phone numbers, labelled accounts, invitations to get in touch"
    )
    separators_max: int | None = Field(4, ge=0, description="`|`, `_`, and hyphens that part")
    items_max: int | None = Field(9, ge=1, description="between commas and separators, and spaces after Han")
    repeated_tokens_max: float | None = Field(0.5, ge=0, le=1, description="of at least six tokens")
    found_tokens_min: float | None = Field(0.01, ge=0, le=1, description="of at least six tokens, in the text")


class TitleSpam(Op):
    """Drop documents whose title invites, lists or repeats keywords, or has no word in common with the text.

    A spam title above a copied article passes every filter of texts. Of articles' own titles, one in several hundred
    has no word in common with the text.
    """

    op: Literal["title_spam"] = "title_spam"
    reads: ClassVar[tuple[str, ...]] = ("page",)
    en: TitleLimits = TitleLimits()
    zh: TitleLimits = TitleLimits()

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("contact_in_title", "title_contacts", "max", "contacts_max"),
        Rule("too_many_title_separators", "title_separators", "max", "separators_max"),
        Rule("keyword_list_title", "title_items", "max", "items_max"),
        Rule("repeated_title_tokens", "title_repeated_token_share", "max", "repeated_tokens_max"),
        Rule("title_of_another_text", "title_found_token_share", "min", "found_tokens_min"),
    )

    def checks(self, batch: pa.Table) -> dict[str, Check]:
        """Check every rule, in the order in which they are applied."""
        return checks_by(self.rules, self, batch)

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the first rule that fails."""
        return first_reason(**self.checks(batch))
