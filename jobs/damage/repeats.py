"""An article that stands in its page more than once."""

from random import Random

from jobs.damage.family import Family, gap_of, paragraphs
from jobs.damage.page import Change, Page

_PARAGRAPHS_MIN = 3
_CHARS_MIN = 150


def repeats(page: Page, draw: Random, family: Family) -> list[Change]:
    """The whole text, or several paragraphs of it, once more behind it; between them nothing, or a heading."""
    text, gap = page.text, gap_of(page.text)
    lines = paragraphs(text, 1)
    if len(lines) < _PARAGRAPHS_MIN or len(text) < _CHARS_MIN:
        return []
    first, last = 0, len(lines)
    if draw.random() < 1 / 2:
        count = draw.randint(max(2, len(lines) // 3), len(lines))
        first = draw.randint(0, len(lines) - count)
        last = first + count
    copy = text[lines[first][0] : lines[last - 1][1]]
    heading = family.slots(text, draw, "repeats")["gap"]
    return [Change(len(text), len(text), gap + (heading + gap if heading else "") + copy)]
