"""Pinyin glosses after characters: 機(jī)器(qì)學(xué)習(xí)."""

import re
from random import Random

from jobs.damage.family import HAN, Family
from jobs.damage.page import Change, Page

_GLOSSES_MIN = 15  # of a page; fewer may be an author's notes
_LOST_MAX = 5


def glosses(page: Page, draw: Random, family: Family) -> list[Change]:
    """Gloss all Han characters, or a share of them, in the text's own readings, with toneless ones as they come."""
    readings = _readings(page.text)
    share = draw.choice(family.gloss_shares)
    opening, closing = draw.choice(family.gloss_brackets)
    chosen = [at for at in readings if draw.random() < share]
    if len(chosen) < _GLOSSES_MIN:
        return []
    return [Change(at + 1, at + 1, f"{opening}{readings[at]}{closing}") for at in chosen]


def lost_glosses(page: Page, draw: Random, family: Family) -> list[Change]:
    """Gloss, and lose some opening brackets, with the character before or without: they cannot be told from text."""
    made = glosses(page, draw, family)
    count = min(len(made), draw.randint(1, _LOST_MAX))
    lost = set(draw.sample(range(len(made)), count))
    return [_lost(page.text, change, draw) if number in lost else change for number, change in enumerate(made)]


def _lost(text: str, gloss: Change, draw: Random) -> Change:
    return Change(gloss.begin - 1, gloss.end, draw.choice([text[gloss.begin - 1], "?"]) + gloss.text[1:], lost=True)


def _readings(text: str) -> dict[int, str]:
    """Where each character is that has a reading, and the one that it has there.

    >>> list(_readings("我的AI").values())
    ['wǒ', 'de']
    """
    from pypinyin import Style, pinyin  # noqa: PLC0415 - an extra, and 0.3 s of tables

    found: dict[int, str] = {}
    for run in re.finditer(f"{HAN}+", text):
        # A list, so that characters without a reading keep their place: its documentation has that, its types have not.
        told = pinyin(run[0], style=Style.TONE, errors=lambda unknown: [""] * len(unknown))  # type: ignore[arg-type, return-value]
        found |= {run.start() + number: one[0] for number, one in enumerate(told) if one[0]}
    return found
