"""What a person changed in a draft: the differences alone, from which either can be had of the other."""

import re
from difflib import SequenceMatcher
from itertools import accumulate
from typing import NamedTuple

# A word with the space before it, as spaces by themselves are alike everywhere, which makes comparing slow; or a
# character of a script without spaces.
_PART = re.compile(r"\s?[^\W\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|.", re.DOTALL)

# Comparing takes the parts of the one times those of the other, and more where they repeat: with more than this, what
# lies between the first difference and the last is one.
PAIRS_MAX = 1_000_000


class Difference(NamedTuple):
    """What stood in the draft, from which of its characters on, and what stands there now."""

    at: int
    was: str
    now: str


def differences(draft: str, corrected: str) -> list[Difference]:
    """Compare by words, or by characters where a script has no spaces.

    >>> differences("Water boils at 90 degrees.", "Water boils at 100 degrees.")
    [Difference(at=15, was='90', now='100')]
    >>> differences("水在九十度沸腾。", "水在一百度沸腾。")
    [Difference(at=2, was='九十', now='一百')]
    """
    one, other = _PART.findall(draft), _PART.findall(corrected)
    first = _alike(one, other)
    last = _alike(one[first:][::-1], other[first:][::-1])
    one, other = one[first : len(one) - last], other[first : len(other) - last]
    at = len("".join(_PART.findall(draft)[:first]))
    if not one or not other or len(one) * len(other) > PAIRS_MAX:
        return [_without_space(Difference(at, "".join(one), "".join(other)))] if one or other else []
    places = [at, *(at + end for end in accumulate(map(len, one)))]
    found = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [
        _without_space(Difference(places[begin], "".join(one[begin:end]), "".join(other[start:stop])))
        for kind, begin, end, start, stop in found
        if kind != "equal"
    ]


def corrected(draft: str, found: list[Difference]) -> str:
    """Put what was changed into a draft.

    >>> corrected("about 90.", [Difference(6, "90", "100")])
    'about 100.'
    """
    parts, done = [], 0
    for one in found:
        parts += [draft[done : one.at], one.now]
        done = one.at + len(one.was)
    return "".join([*parts, draft[done:]])


def _without_space(found: Difference) -> Difference:
    """Leave out a space that both begin with."""
    is_alike = found.was[:1].isspace() and found.was[0] == found.now[:1]
    return Difference(found.at + 1, found.was[1:], found.now[1:]) if is_alike else found


def _alike(one: list[str], other: list[str]) -> int:
    """Count the parts that two have in common at their start."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
