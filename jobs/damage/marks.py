"""Strings of a site: a watermark on each paragraph, a name injected inside words."""

import re
from random import Random

from jobs.damage.family import Family, is_chinese, paragraphs
from jobs.damage.page import Change, Page

_PARAGRAPH_CHARS_MIN = 12
_MARKS_MIN = 4  # of a page: fewer cannot be told from what an author repeats
_INJECTIONS = (3, 12)
_ENGLISH_WORD = re.compile(r"(?<![A-Za-z'-])[A-Za-z]{6,}(?![A-Za-z'-])")
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?= )")


def watermarks(page: Page, draw: Random, family: Family) -> list[Change]:
    """One string at the start, in the middle or at the end of its paragraphs."""
    mark = family.slots(page.text, draw, "watermarks")["watermark"]
    place = draw.choice(family.watermark_places)
    share = draw.choice(family.watermark_shares)
    lines = [line for line in paragraphs(page.text, _PARAGRAPH_CHARS_MIN) if draw.random() < share]
    if place == "middle":
        places = [at for begin, end in lines if (at := _middle(page.text, begin, end))]
    else:
        places = [begin if place == "start" else end for begin, end in lines]
        # A blank at a line's end is not text, and would not be planted.
        mark = mark.lstrip() if place == "start" else mark.rstrip()
    return [Change(at, at, mark) for at in places] if len(places) >= _MARKS_MIN else []


def _middle(text: str, begin: int, end: int) -> int | None:
    """The sentence end within a line that is nearest to its middle."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, begin, end) if match.end() < end]
    return min(ends, key=lambda at: abs(2 * at - begin - end), default=None)


def injections(page: Page, draw: Random, family: Family) -> list[Change]:
    """One string inside several words."""
    string = family.slots(page.text, draw, "injections")["injection"]
    places = _within_words(page.text)
    least, most = _INJECTIONS
    if len(places) < least:
        return []
    chosen = draw.sample(places, draw.randint(least, min(most, len(places))))
    return [Change(at, at, string) for at in (draw.randint(*place) for place in chosen)]


def _within_words(text: str) -> list[tuple[int, int]]:
    """The first and the last place inside each word, where a string parts it.

    >>> _within_words("首席执行官是repairing")[:1], _within_words("We were repairing it.")
    ([(1, 1)], [(10, 15)])
    """
    if not is_chinese(text):
        return [(word.start() + 2, word.end() - 2) for word in _ENGLISH_WORD.finditer(text)]
    import rjieba  # noqa: PLC0415 - 30 MB of dictionary

    places, at = [], 0
    for word in rjieba.cut(text):
        if re.fullmatch(r"[\u4e00-\u9fff]{2,}", word):
            places.append((at + 1, at + len(word) - 1))
        at += len(word)
    return places
