"""Annotated blocks of pages in, their text in reading order out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from jobs.readers.layout_boxes import BOXES_MAX, Box, reading_order
from jobs.readers.layout_settings import Layout
from jobs.readers.records import Reason

SOFT_HYPHEN = "\u00ad"

# Characters of scripts without spaces, and their punctuation: between two of them a line's end is nothing.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
_NO_SPACE = re.compile(f"[{_SPACELESS}]")

# What a word is broken with at the end of a line and nowhere else, and what two words may be joined by as well.
_BREAKS = (SOFT_HYPHEN, "¬")
_HYPHENS = ("-", "\u2010")


@dataclass(frozen=True)
class Line:
    """A line as it is annotated; a word that goes on in the next one ends in a hyphen, or a soft one."""

    text: str
    confidence: float | None = None  # from 0 to 1


@dataclass(frozen=True)
class Block:
    """A part of a page that is read as one."""

    lines: tuple[Line, ...]
    kind: str = ""
    box: Box | None = None
    page: int = 0
    order: float | None = None
    is_one_text: bool = True  # else its lines are lines, whoever wraps them


@dataclass(frozen=True)
class Rendering:
    """What a file or record tells of pages that were rendered or recognised."""

    blocks: tuple[Block, ...]
    told: Mapping[str, str | None] = field(default_factory=dict)  # of itself


@dataclass(frozen=True)
class Reading:
    """The text of a rendering, and what it tells of itself."""

    text: str
    told: Mapping[str, str | None]


def read_rendering(rendering: Rendering, settings: Layout) -> Reading | Reason:
    r"""Put the text together: blocks, with an empty line between them, in the order in which they are read.

    >>> blocks = (Block((Line("cats and"), Line("dogs")), order=2), Block((Line("Pets"),), "title", order=1))
    >>> read_rendering(Rendering(blocks), Layout())
    Reading(text='Pets\n\ncats and dogs', told={})
    """
    left_out = {_kind(name) for name in settings.leave_out}
    texts = [one for one in rendering.blocks if any(line.text.strip() for line in one.lines)]
    kept = [one for one in texts if _kind(one.kind) not in left_out]
    ordered = _ordered(kept, settings)
    if ordered is None:
        return "no_reading_order"
    text = "\n\n".join(_text(block, settings) for block in ordered)
    return Reading(text, {**_confidence(kept), **rendering.told})


def joined(lines: Sequence[str]) -> str:
    r"""Make a paragraph of its lines.

    >>> joined(["A well-", "known exam-", "ple of Ber-", "lin\u00ad", "ers.", "第一行，", "第二行"])
    'A wellknown example of Berliners. 第一行，第二行'
    """
    pieces: list[str] = []
    for line in filter(None, (line.strip() for line in lines)):
        if pieces:
            pieces[-1:] = _joint(pieces[-1], line)
        pieces.append(line)
    return "".join(pieces)


def _joint(line: str, following: str) -> tuple[str, str]:
    """Return a line as it ends before the one that follows, and what stands between them."""
    first = following[0]
    if line.endswith(_BREAKS):
        return line[:-1], ""
    if line.endswith(_HYPHENS) and line[-2:-1].isalpha() and first.isalpha():
        return line[:-1] if first.islower() else line, ""
    return line, _space(line, following)


def one_line(words: Sequence[str]) -> str:
    """Make a line of its words: a hyphen that one ends in is its own.

    >>> one_line(["pre-", "and", "post-war"]), one_line(["风", "车"])
    ('pre- and post-war', '风车')
    """
    there = [word.strip() for word in words if word.strip()]
    return "".join([*there[:1], *(_space(word, following) + following for word, following in pairwise(there))])


def _space(before: str, after: str) -> str:
    return "" if _NO_SPACE.match(before[-1]) and _NO_SPACE.match(after) else " "


def _kind(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name.strip().lower())


def _ordered(blocks: list[Block], settings: Layout) -> list[Block] | None:
    """Return blocks as they are read; None where their order is not known."""
    if settings.order != "told":
        return _by_boxes(blocks, is_vertical=settings.order == "boxes_vertical")
    numbers = [one.order for one in blocks if one.order is not None]
    if numbers and len(numbers) < len(blocks):
        return None
    return sorted(blocks, key=lambda one: (one.page, one.order or 0.0))


def _by_boxes(blocks: list[Block], *, is_vertical: bool) -> list[Block] | None:
    ordered: list[Block] = []
    for _, group in groupby(sorted(blocks, key=lambda one: one.page), key=lambda one: one.page):
        some = list(group)
        boxes = [one.box for one in some if one.box]
        if len(boxes) < len(some) or len(boxes) > BOXES_MAX:
            return None
        ordered += [some[number] for number in reading_order(boxes, is_vertical=is_vertical)]
    return ordered


def _text(block: Block, settings: Layout) -> str:
    lines = [line.text.strip() for line in block.lines if line.text.strip()]
    if block.is_one_text and settings.lines == "join" and len(lines) > 1:
        return joined(lines)
    return "\n".join(f"{line[:-1]}-" if line.endswith(SOFT_HYPHEN) else line for line in lines)


def _confidence(blocks: list[Block]) -> dict[str, str | None]:
    """Mean over the characters of lines that have one."""
    sure = [(len(one.text), one.confidence) for block in blocks for one in block.lines if one.confidence is not None]
    total = sum(size for size, _ in sure)
    return {"confidence": f"{sum(size * value for size, value in sure) / total:.4f}"} if total else {}
