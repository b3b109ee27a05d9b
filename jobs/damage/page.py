"""A page in pieces: what stands there, beside what a perfect repair leaves of it.

What is planted is one piece, so that truth and places are right by construction, however many kinds are planted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

# `at` and `bytes` count UTF-8 bytes of the damaged text; `clean` is what stood in the place of `text`, "" for nothing.
# What is `lost` cannot be had back from the text: it is to be told, and left.
SPAN = pa.struct(
    [
        ("kind", pa.string()),
        ("at", pa.int64()),
        ("bytes", pa.int64()),
        ("text", pa.string()),
        ("clean", pa.string()),
        ("lost", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a page: as it stands, as it was, and what kind of damage lies between; "" for none."""

    text: str
    clean: str
    kind: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Characters of a page, from which to which, that go, and what comes in their place."""

    begin: int
    end: int
    text: str
    lost: bool = False


@dataclass(frozen=True)
class Page:
    """Pieces in order."""

    pieces: tuple[Piece, ...]

    @cached_property
    def text(self) -> str:
        """The page as it stands."""
        return "".join(piece.text for piece in self.pieces)

    @cached_property
    def truth(self) -> str:
        """What a perfect repair makes of it: the clean text, but for what is lost, which stays as it stands."""
        return "".join(piece.text if piece.lost else piece.clean for piece in self.pieces)

    @property
    def spans(self) -> Iterator[dict[str, Any]]:
        """What was planted, as `SPAN`."""
        at = 0
        for piece in self.pieces:
            size = len(piece.text.encode())
            if piece.kind:
                yield {
                    "kind": piece.kind,
                    "at": at,
                    "bytes": size,
                    "text": piece.text,
                    "clean": piece.clean,
                    "lost": piece.lost,
                }
            at += size

    @property
    def untouched(self) -> Iterator[tuple[int, str]]:
        """Stretches with no damage: where each begins, in characters."""
        at = 0
        for piece in self.pieces:
            if not piece.kind:
                yield at, piece.text
            at += len(piece.text)


def page_of(text: str) -> Page:
    """Make a page of clean text."""
    return Page((Piece(text, text),))


def plant(page: Page, kind: str, changes: Iterable[Change]) -> Page:
    """Make changes, each within one piece. In what was planted already they are part of it: it goes as a whole.

    >>> page = plant(page_of("One. Two."), "watermarks", [Change(4, 4, "Read on!")])
    >>> again = plant(page, "invisible", [Change(1, 1, "~"), Change(8, 8, "~")])
    >>> again.text, again.truth, [(span["kind"], span["at"]) for span in again.spans]
    ('O~ne.Read~ on! Two.', 'One. Two.', [('invisible', 1), ('watermarks', 5)])
    """
    waiting = sorted(changes, key=lambda change: change.begin)
    made: list[Piece] = []
    begin = done = 0
    for piece in page.pieces:
        end = begin + len(piece.text)
        first = done
        while done < len(waiting) and (waiting[done].begin < end or piece is page.pieces[-1]):
            done += 1
        made += _changed(piece, kind, [_moved(change, -begin) for change in waiting[first:done]])
        begin = end
    return Page(tuple(made))


def _moved(change: Change, by: int) -> Change:
    return replace(change, begin=change.begin + by, end=change.end + by)


def _changed(piece: Piece, kind: str, changes: Sequence[Change]) -> Iterator[Piece]:
    """Split an untouched piece at its changes; change the text of one that was planted, and plant beside it."""
    size = len(piece.text)
    if piece.kind:
        beside = [change for change in changes if change.begin == change.end and change.begin in (0, size)]
        within = [change for change in changes if change not in beside]
        yield from (Piece(change.text, "", kind, change.lost) for change in beside if change.begin == 0)
        yield replace(piece, text="".join(part.text for part in _split(piece.text, kind, within)))
        yield from (Piece(change.text, "", kind, change.lost) for change in beside if change.begin)
    else:
        yield from _split(piece.text, kind, changes)


def _split(text: str, kind: str, changes: Sequence[Change]) -> Iterator[Piece]:
    at = 0
    for change in changes:
        if not at <= change.begin <= change.end <= len(text):
            raise ValueError(f"{kind}: characters {change.begin} to {change.end} are not within one piece of the page")
        if change.begin > at or not text:
            yield Piece(text[at : change.begin], text[at : change.begin])
        yield Piece(change.text, text[change.begin : change.end], kind, change.lost)
        at = change.end
    if at < len(text) or not changes:
        yield Piece(text[at:], text[at:])
