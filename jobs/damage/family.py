"""A family of strings and layouts that damage is made of, for texts in Chinese and others.

Two families of the same kinds: rules that repair are written with one before the eyes, and measured by another.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from jobs.damage.grammar import Grammar, Slots
from jobs.damage.page import Change

HAN = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"

# What generators ask a grammar for; it may have other slots for its own use. All of a slot's ways may have several
# lines, but for strings within a line: watermark, injection, navigation_line, related_title, teaser.
SLOTS = (
    "watermark", "injection", "gap", "keyword_header", "adult_header", "navigation_line", "related_heading",
    "related_title", "teaser", "tail",
)  # fmt: skip

_CHINESE = 0.1  # of the characters; glosses and names in Latin letters do not make a page English


@dataclass(frozen=True)
class Family:
    """Grammars, and the layouts to choose from."""

    zh: Grammar
    en: Grammar
    gloss_brackets: Sequence[tuple[str, str]]
    gloss_shares: Sequence[float]  # of the Han characters that have a reading
    watermark_places: Sequence[str]  # start, middle, end
    watermark_shares: Sequence[float]  # of the paragraphs
    block_places: dict[str, Sequence[str]]  # by kind: before, inside, after
    invisible: str  # characters
    line_ends: Sequence[Sequence[str]]  # to choose from for a page, and of those for a line
    site: str | None = None  # whose strings are the same on all its pages; None: each page has its own

    def of_site(self, site: str, seed: int) -> "Family":
        """As a site has it: another seed gives it other strings."""
        return replace(self, site=f"{seed} {site}")

    def slots(self, text: str, draw: Random, kind: str) -> Slots:
        """Strings for a kind of damage, in the language of a text: its site's, or by the page's own chance."""
        chance = draw if self.site is None else Random(f"{self.site} {kind}")  # noqa: S311 - planted damage
        return Slots(chance, self.zh if is_chinese(text) else self.en)


def is_chinese(text: str) -> bool:
    """Whether there are enough Han characters."""
    return len(re.findall(HAN, text)) > _CHINESE * len(text)


def gap_of(text: str) -> str:
    """What parts paragraphs."""
    return "\n\n" if "\n\n" in text else "\n"


def paragraphs(text: str, chars_min: int) -> list[tuple[int, int]]:
    """Lines of at least so many characters, from which to which."""
    return [match.span() for match in re.finditer(r"[^\n]+", text) if len(match[0]) >= chars_min]


def block(text: str, lines: str, place: str, draw: Random) -> list[Change]:
    """Put lines before or after a text, or inside it, between two paragraphs; nowhere where it has but one."""
    gap = draw.choice(["\n", gap_of(text)])
    if place == "before":
        return [Change(0, 0, lines + gap)]
    if place == "after":
        return [Change(len(text), len(text), gap + lines)]
    ends = [match.start() for match in re.finditer(r"(?<=[^\n])\n+(?=[^\n])", text)]
    return [Change(at, at, gap_of(text) + lines) for at in draw.sample(ends, min(1, len(ends)))]
