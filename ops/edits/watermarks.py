"""Watermarks: cut the string that a page has after, before or between the sentences of its paragraphs."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, field_validator

from ops.contract import Op
from ops.edits.shared_marks import LINE_CHARS_MIN, shared_places
from ops.edits.watermark_marks import (
    BLANK,
    DOMAIN,
    every,
    follows_end_mark,
    is_framed,
    is_prose,
    letters_of,
    line_around,
    may_be_line,
    prefix,
    suffix,
    without_line,
)
from ops.kernels.alike_lines import alike_sides
from ops.kernels.buffers import Bytes, Offsets, buffers_of
from ops.kernels.marks import BLOCK_BYTES, MARK_BYTES, MarkLimits, may_be_marks
from ops.kernels.repeats import Repeats, repeats
from ops.kernels.stops import Stops, stops_of
from ops.rounds import Cuts, cut_in_rounds, in_bytes, page_of, with_apart

_REST = re.compile(rb"[^\r\n]*")  # of a line
_PLAIN_PROSE_MIN = 0.5  # share of paragraphs, for a watermark in plain words


class Watermarks(Op):
    """Cut a string that recurs after, before or between the sentences of a page's paragraphs, and is foreign to them.

    Foreign is what names a domain, what brackets or a dash set apart, or a long run of words that is a sentence of its
    own; and only where so many paragraphs, and so great a share of the page's, have it. The paragraphs must differ and
    have text of their own: a refrain on lines of its own is none. A line that is nothing but the watermark goes too.
    """

    op: Literal["watermarks"] = "watermarks"
    version: ClassVar[int] = 2
    paragraphs_min: int = Field(3, ge=2, description="paragraphs of different text that have it")
    # 0.15: "(Prolonged applause.)" and links to one site stand in some paragraphs of many a page; a watermark, in most.
    share_min: float = Field(0.15, ge=0, le=1, description="share of the page's paragraphs that have it")
    # 0.25: lines of code, of a table, of a list of links end alike too, and no sentence ends before that.
    prose_share_min: float = Field(0.25, ge=0, le=1, description="share of them that are sentences without it")
    # 9 and 24: 【某某网】 has three characters of Han, each as three letters; [Note] and (Exit) have fewer letters.
    # "said the White Rabbit." has 18: what has no frame must be longer than the tags of a dialogue are.
    framed_letters_min: int = Field(9, ge=1, description="letters and digits, if brackets or a dash set it apart")
    plain_letters_min: int | None = Field(
        24, ge=1, description="letters and digits of plain words, one of Han as three; off: never plain words"
    )
    plain_paragraphs_min: int = Field(5, ge=2, description="paragraphs that have it, if it is in plain words")

    # 0.5: less, and lines of a list, of code and of verse have their beginnings and ends in common too.
    common_share_min: float | None = Field(
        0.5, gt=0, le=1, description="share of all lines, for a string of any kind; off: of the kinds above only"
    )

    @field_validator("plain_letters_min", "common_share_min", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut the watermarks of each text."""
        return cut_in_rounds(batch, lambda text, _: _search(self, text), "watermark")


def _search(op: Watermarks, text: pa.Array) -> dict[int, Cuts]:
    """Return where the watermarks of each text stand: of those that overlap, the first."""
    stops = stops_of(text)
    cuts = _shared(op, text, stops)
    found = repeats(text, stops, op.paragraphs_min, op.share_min)
    data, offsets = buffers_of(text)
    done = set(cuts)
    raw, whose = b"", -1
    seen: set[bytes] = set()  # what lines end with, sentences begin with, too
    for row, at, of, is_end in _groups(op, found, data, offsets):
        if row in done:
            continue
        if row != whose:
            raw, whose = page_of(text, row).encode(), row
            seen = set()
        if not raw:
            continue
        mark = _watermark(op, raw, (at - offsets[row]).tolist(), of, is_end=is_end)
        if not mark or mark.strip() in seen:
            continue
        seen.add(mark.strip())
        places = list(_places(raw, mark))
        if places:
            cuts[row] = with_apart(cuts.get(row, []), places)
    return cuts


def _shared(op: Watermarks, text: pa.Array, stops: Stops) -> dict[int, Cuts]:
    """Return where a string stands that most lines of a text have."""
    if op.common_share_min is None:
        return {}
    sides = alike_sides(text, stops, LINE_CHARS_MIN, op.common_share_min)
    cuts: dict[int, Cuts] = {}
    for row in np.flatnonzero(sides).tolist():
        page = page_of(text, row)
        places = shared_places(page, int(sides[row]), op.common_share_min)
        if places:
            cuts[row] = _with_lines(page.encode(), in_bytes(page, places))
    return cuts


def _with_lines(raw: bytes, cuts: Cuts) -> Cuts:
    """Return cuts, with the line end where they are all of a line."""
    wider = (
        cut
        if not may_be_line(raw, *cut)
        or raw[slice(*line_around(raw, cut[0]))].strip(BLANK) != raw[slice(*cut)].strip(BLANK)
        else without_line(raw, *line_around(raw, cut[0]))
        for cut in cuts
    )
    made: Cuts = []
    for start, stop in wider:
        begin = max(start, made[-1][1] if made else 0)
        if begin < stop:
            made.append((begin, stop))
    return made


def _groups(
    op: Watermarks, found: Repeats, data: Bytes, offsets: Offsets
) -> Iterator[tuple[int, NDArray[np.int64], int, bool]]:
    """Return row and places of equal bytes, of how many paragraphs, and whether they are last: most places first."""
    rows, keys, first, at = found.groups
    sizes, is_end = np.diff(first), keys & np.uint64(1) == 0
    # Where more lines have it than there are blocks, its place is the line.
    of = np.where(found.blocks[rows] >= sizes, found.blocks[rows], found.lines[rows])
    plain_min = MARK_BYTES + 1 if op.plain_letters_min is None else op.plain_letters_min
    prose_min = min(op.prose_share_min, _PLAIN_PROSE_MIN)
    limits = MarkLimits(op.framed_letters_min, plain_min, op.plain_paragraphs_min, prose_min)
    least = np.maximum(op.share_min * of, op.paragraphs_min)
    groups = np.flatnonzero(may_be_marks(data, offsets, rows, at, first, is_end, least, limits))
    for group in groups[np.lexsort((at[first[groups]], -sizes[groups], rows[groups]))]:
        yield int(rows[group]), at[first[group] : first[group + 1]], int(of[group]), bool(is_end[group])


def _watermark(op: Watermarks, raw: bytes, at: list[int], of: int, *, is_end: bool) -> bytes | None:
    """Return the watermark that sentences begin with, or lines end with, at these places, if there is one."""
    mark = suffix([_before(raw, place) for place in at]) if is_end else prefix([_after(raw, place) for place in at])
    has_domain = DOMAIN.search(mark) is not None
    letters = letters_of(mark)
    is_plain = not has_domain and not is_framed(mark)
    letters_min = 1 if has_domain else op.plain_letters_min if is_plain else op.framed_letters_min
    if letters_min is None or letters < max(letters_min, 1):
        return None
    # Each paragraph once, without the watermark: what is left must be text, and not of one kind.
    lines = [line_around(raw, place - is_end) for place in at]
    lines = [line for line in lines if raw[slice(*line)].strip() != mark.strip()]
    if not is_end:
        lines = [_to_block_end(raw, *line) for line in lines]
    held = {raw[slice(*line)] for line in lines if mark.strip() in raw[slice(*line)]}
    left = {paragraph.replace(mark, b"").strip() for paragraph in held} - {b""}
    if len(left) < max(op.paragraphs_min, op.share_min * of, op.plain_paragraphs_min if is_plain else 0):
        return None
    if sum(map(is_prose, left)) < len(left) * (_PLAIN_PROSE_MIN if is_plain else op.prose_share_min):
        return None
    # Lines that are mostly what they share are verse, a list or a form.
    return None if is_plain and sum(map(len, left)) < len(mark) * len(left) else mark


def _before(raw: bytes, place: int) -> bytes:
    """Return what a line has before a place, as far as it may be of a watermark."""
    before = raw[max(0, place - MARK_BYTES) : place]
    return before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :]


def _after(raw: bytes, place: int) -> bytes:
    """Return what a line has from a place on, as far as it may be of a watermark."""
    rest = _REST.match(raw, place, place + MARK_BYTES)
    return rest[0] if rest else b""


def _to_block_end(raw: bytes, start: int, stop: int) -> tuple[int, int]:
    """Return a line with those below it, where the block is not too long to be one paragraph in several lines."""
    end = raw.find(b"\n\n", stop, stop + BLOCK_BYTES)
    return start, stop if end < 0 else end


def _places(raw: bytes, mark: bytes) -> Iterator[tuple[int, int]]:
    """Return from where to where each watermark goes: those that sentences do not go on around."""
    bare = mark.strip()
    found = [(start, start + len(bare)) for start in every(raw, bare)]
    lines = [line_around(raw, start) for start, _ in found]
    gaps = [
        _gap(raw[line[0] : start])
        for (start, stop), line in zip(found, lines, strict=True)
        if not raw[stop : line[1]].strip()
    ]
    gap = Counter(gaps).most_common(1)[0][0] if gaps else b""
    done = 0
    for (start, stop), line in zip(found, lines, strict=True):
        before, after = raw[line[0] : start], raw[stop : line[1]]
        begins = not before.strip(BLANK)
        if not after.strip(BLANK):
            place = without_line(raw, *line) if begins else (start - len(gap) * before.endswith(gap), stop)
        elif begins or follows_end_mark(before):
            place = start, stop + _space_after(mark, before, after)
        else:
            continue
        if place[0] >= done:
            yield place
            done = place[1]


def _gap(before: bytes) -> bytes:
    """Return the spaces between a line's own text and the watermark at its end."""
    own = before.rstrip(BLANK)
    return before[len(own) :] if own else b""


def _space_after(mark: bytes, before: bytes, after: bytes) -> int:
    """Return how many bytes of spaces go with a watermark that text follows.

    "One. (a page) Two." loses one of two spaces, "One.(a page) Two." keeps the one that it had.
    """
    if before.endswith((b".", b"!", b"?", b'"', b"'", b")")):
        return 0
    spaces = mark[len(mark.rstrip()) :]
    if spaces and after.startswith(spaces):
        return len(spaces)
    return 1 if before.endswith(b" ") and after.startswith(b" ") and before.strip(BLANK) else 0
