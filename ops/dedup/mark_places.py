"""What goes with a watermark whose place is known: the blanks that are its own, or the line that is nothing else."""

import re
from collections import Counter
from typing import NamedTuple

from ops.edits.watermark_marks import BLANK, follows_end_mark, letters_of, line_around, without_line
from ops.rounds import Cuts

_AT_START, _IN_LATIN, _IN_OTHER = range(3)  # what text follows on a watermark: its line begins, or a sentence ended
_GAP = re.compile(rb"[.!?]( +)(?=[A-Z\"])")


class _Place(NamedTuple):
    start: int
    stop: int
    before: int | None  # blanks, None where nothing else is before it in its line
    after: int | None  # likewise
    kind: int


def mark_cuts(raw: bytes, at: list[tuple[int, int]], keys: list[int], places_min: int, letters_min: int) -> Cuts:
    """Return what goes of a page that has watermarks at these places.

    One that stands at fewer than `places_min` goes where a sentence ends before it, if it has so many letters.
    """
    times = Counter(keys)
    places = [
        _place(raw, start, stop)
        for (start, stop), key in sorted(zip(at, keys, strict=True))
        if times[key] >= places_min or _stands_apart(raw, start, stop, letters_min)
    ]
    own = [_own_blanks(raw, [one for one in places if one.kind == kind], kind) for kind in range(3)]
    made: Cuts = []
    for place in places:
        start, stop = _with_blanks(raw, place, own[place.kind])
        while made and start <= made[-1][1]:
            start = min(start, made.pop()[0])
        # Where the last lines go, the line end before them goes, too.
        made.append((len(raw[:start].rstrip(b"\r\n")) if stop == len(raw) else start, stop))
    return made


def _place(raw: bytes, start: int, stop: int) -> _Place:
    begin, end = line_around(raw, start)
    own, rest = raw[begin:start].rstrip(BLANK), raw[stop:end].lstrip(BLANK)
    before = start - begin - len(own) if own else None
    after = end - stop - len(rest) if rest else None
    return _Place(start, stop, before, after, _AT_START if not own else _IN_LATIN if own[-1:].isascii() else _IN_OTHER)


def _stands_apart(raw: bytes, start: int, stop: int, letters_min: int) -> bool:
    before = raw[line_around(raw, start)[0] : start]
    return bool(before.strip(BLANK)) and follows_end_mark(before) and letters_of(raw[start:stop]) >= letters_min


def _own_blanks(raw: bytes, places: list[_Place], kind: int) -> int:
    """Return how many of the blanks after a watermark are its own: those at all places that no sentence needs.

    "One.[a page]  Two." has one of two, "One. (a page) Two." none: it has the one before it.
    """
    least = min((one.after for one in places if one.after is not None), default=0)
    if kind != _IN_LATIN or not least:
        return least
    if any(one.before for one in places if one.after is not None):
        return 0
    gaps = Counter(len(gap) for gap in _GAP.findall(raw))
    return max(0, least - (gaps.most_common(1)[0][0] if gaps else 1))


def _with_blanks(raw: bytes, place: _Place, own: int) -> tuple[int, int]:
    """Return from where to where a watermark goes, with its blanks, or with its line."""
    if place.after is None:
        line = line_around(raw, place.start)
        return without_line(raw, *line) if place.before is None else (place.start - place.before, line[1])
    # Text that is not parted after it is by what is before it, but for scripts without spaces.
    parts = place.kind == _IN_LATIN and place.after == 0
    before = 0 if place.before is None or parts else place.before
    return place.start - before, place.stop + min(place.after, own)
