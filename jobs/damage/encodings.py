"""Wrong decoding, lost bytes, invisible characters, line ends."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from random import Random

from jobs.damage.family import HAN, Family
from jobs.damage.page import Change, Page

# cp1252 as browsers read it: the five bytes it does not define stay control characters.
_WINDOWS_1252 = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_ASCII_MIN = 3  # of a page
_ASCII_MAX = 0x7F
_GBK_STRETCHES = (re.compile(f"{HAN}{{4,}}"), re.compile(f"(?:{HAN}{{2,}}[，、：]?){{2,}}{HAN}"))
_LOST_STRETCH = re.compile(f"{HAN}{{6,}}")
_LOST_MAX = 5
_INVISIBLE_SHARES = (0.002, 0.02, 0.2)  # of the places between letters
# A zero-width character elsewhere could hide a word break, or part an emoji: what is right there is open to dispute.
_BETWEEN_LETTERS = re.compile(f"(?<={HAN})(?={HAN})|(?<=[A-Za-z])(?=[A-Za-z])")


def as_windows_1252(text: str) -> str:
    """Read UTF-8 as Windows-1252.

    >>> as_windows_1252("café，")
    'cafÃ©ï¼Œ'
    """
    return "".join(_WINDOWS_1252[byte] for byte in text.encode())


def mojibake_latin(page: Page, draw: Random, _family: Family) -> list[Change]:
    """UTF-8 read as Windows-1252 or Latin-1, all over the page."""
    if _count_not_ascii(page.text) < _NOT_ASCII_MIN:
        return []
    is_windows = draw.random() < 1 / 2
    made, at = [], 0
    for piece in page.pieces:
        for run in _NOT_ASCII.finditer(piece.text):
            wrong = as_windows_1252(run[0]) if is_windows else run[0].encode().decode("latin-1")
            made.append(Change(at + run.start(), at + run.end(), wrong))
        at += len(piece.text)
    return made


def mojibake_gbk(page: Page, draw: Random, _family: Family) -> list[Change]:
    """UTF-8 read as GBK: stretches of Chinese that lose nothing by it. Lines that end in 。 always do."""
    stretch = draw.choice(_GBK_STRETCHES)
    runs = [(at + run.start(), run[0]) for at, text in page.untouched for run in stretch.finditer(text)]
    return [Change(at, at + len(run), wrong) for at, run in runs if (wrong := _as_gbk(run))]


def mojibake_lost(page: Page, draw: Random, _family: Family) -> list[Change]:
    """Stretches of which bytes are gone: nobody can tell what stood there. What has all its bytes can be had back."""
    places = [(at + run.start(), run[0]) for at, text in page.untouched for run in _LOST_STRETCH.finditer(text)]
    made = []
    for at, run in draw.sample(places, min(len(places), draw.randint(1, _LOST_MAX))):
        count = draw.randint(2, 5)
        begin = draw.randint(0, len(run) - count)
        half = _half_lost(run[begin : begin + count], draw)
        whole = [Change(0, count, wrong * count, lost=True) for wrong in ("锟斤拷", "\ufffd")]
        made += [
            replace(change, begin=at + begin + change.begin, end=at + begin + change.end)
            for change in draw.choice([half, *([one] for one in whole)])
        ]
    return made


def invisible(page: Page, draw: Random, family: Family) -> list[Change]:
    """Control and zero-width characters between letters."""
    places = [match.start() for match in _BETWEEN_LETTERS.finditer(page.text)]
    count = max(1, round(draw.choice(_INVISIBLE_SHARES) * len(places)))
    chosen = draw.sample(places, min(count, len(places)))
    return [Change(at, at, draw.choice(family.invisible)) for at in chosen]


def line_ends(page: Page, draw: Random, family: Family) -> list[Change]:
    """Other line ends, one kind or several, and blanks before them."""
    ends = draw.choice(family.line_ends)
    drawn = [(match.start(), draw.choice(ends)) for match in re.finditer("\n", page.text)]
    return [Change(at, at + 1, end) for at, end in drawn if end != "\n"]


def _count_not_ascii(text: str) -> int:
    return sum(map(len, _NOT_ASCII.findall(text)))


def _as_gbk(text: str) -> str | None:
    """Read UTF-8 as GBK with its extension, as browsers do; None where bytes would be lost.

    >>> _as_gbk("变差"), _as_gbk("变化大")
    ('鍙樺樊', None)
    """
    raw = text.encode()
    wrong = raw.decode("gb18030", "ignore")
    return wrong if wrong.encode("gb18030") == raw else None


def _half_lost(text: str, draw: Random) -> list[Change]:
    """Read UTF-8 as GBK after a byte went, with a question mark for what is none.

    The characters before and after, of which all bytes are in characters of their own, can be had back.

    >>> [(change.text, change.end, change.lost) for change in _half_lost("我们是", Random(2))]
    [('鎴戜滑', 2, False), ('???', 3, True)]
    """
    raw = text.encode()
    gone = draw.randrange(1, len(raw) - 1)
    wrong = [*_gbk_characters(raw[:gone] + b"?" + raw[gone + 1 :])]
    ends = [*accumulate(len(char.encode()) for char in text)]
    made: list[Change] = []
    begin = first = 0
    for number, (_, end) in enumerate(wrong, 1):
        # Where characters of both readings end, what stands before does not depend on what comes.
        if end in ends:
            stop = ends.index(end) + 1
            part = "".join(char for char, _ in wrong[first:number])
            made.append(Change(begin, stop, part, lost="?" in part))
            begin, first = stop, number
    return made


def _gbk_characters(raw: bytes) -> Iterator[tuple[str, int]]:
    """Read bytes as GBK; return each character, a question mark for what is none, and where it ends."""
    at = 0
    while at < len(raw):
        size = 1 if raw[at] <= _ASCII_MAX else 2
        try:
            char = raw[at : at + size].decode("gb18030")
        except UnicodeDecodeError:
            char, size = "?", 1
        at += size
        yield char, at
