"""What a line of a page looks like by its shape and marks: prose, an item of a list, a label; and what it is about."""

import re
from functools import lru_cache
from typing import NamedTuple

from ops.kernels.page_ends import ITEM_BYTES, LISTED, PHRASE_BYTES

# UTF-8 bytes of a line of a broken paragraph, of a whole one.
_PROSE_BYTES, _PARAGRAPH_BYTES = 60, 150
_MARKS_OF_PROSE = 2
# What a line reads like is asked several times, and of the lines of a menu on each page that has it.
remembered = lru_cache(maxsize=4096)
# Of a label, in characters where it is Chinese, in words elsewhere.
_LABEL_CHARS, _LABEL_WORDS, _LONG_WORD = 6, 2, 4

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_CLOSERS = "\"'”’」』）)】》]"
_END_MARKS = tuple(".!?。！？…:：;；,，、")
_MARKS = re.compile(r"[.,;!?](?=\s)|[，。；！？]")
LISTED_LINE = re.compile(
    rf"[{re.escape(LISTED)}•·“「]|[(（]?[a-zA-Z一二三四五六七八九十]{{1,3}}[.)、）]|第[\d一二三四五六七八九十百]+"
)
# Words of four letters; runs of Han characters between those that only join.
_GRAMS = re.compile(rf"[a-z\u00df-\u024f\u0370-\u052f]{{4,}}|(?:(?![的之与和及或在是了])[{_HAN}]){{2,}}")
HAN_RUN = re.compile(rf"[{_HAN}]+")

# Words of running text, which items of lists seldom have: they tell the lines of a song from the items of a menu.
RUNNING = re.compile(
    r"(?i)\b(?:i|me|my|you|he|she|we|they|it|his|her|him|them|is|was|are|were|be|had|that|but|so|not|will|shall)\b"
    r"|[我你您他她它了着吗呢吧啊呀兮之乎者]"
)

PLAIN_WORDS = re.compile(r"[a-z\d' ]+")


class Line(NamedTuple):
    """A line that is not blank."""

    at: int  # its first byte
    end: int  # where its line end begins
    bytes: int  # without outer spaces
    text: str  # without outer spaces
    indented: bool  # by a tab or two spaces
    prose: bool  # whether it is of sentences, or of a paragraph that was broken into lines


def lines_of(text: bytes) -> list[Line]:
    r"""Return the lines of a text that are not blank.

    >>> [(line.at, line.end, line.text) for line in lines_of(b"One\n\n  two \n")]
    [(0, 3, 'One'), (5, 11, 'two')]
    """
    found = []
    at = 0
    for raw, whole in zip(text.split(b"\n"), text.decode("utf-8", "replace").split("\n"), strict=True):
        end = at + len(raw)
        line = whole.strip()
        if line:
            size, indented = end - at, False
            if len(line) != len(whole):
                size, indented = len(line.encode()), raw.startswith((b"\t", b"  "))
            found.append(Line(at, end, size, line, indented, size >= _PROSE_BYTES and _is_prose(line, size)))
        at = end + 1
    return found


def _is_prose(text: str, size: int) -> bool:
    if size >= _PARAGRAPH_BYTES or has_ended(text):
        return True
    return len(_MARKS.findall(text)) >= _MARKS_OF_PROSE


def is_item(line: Line) -> bool:
    """Whether a line may be an item of a list of links: short, without an end mark, no list of another kind."""
    return line.bytes <= ITEM_BYTES and not line.indented and _reads_like_item(line.text)


@remembered
def _reads_like_item(text: str) -> bool:
    return not has_ended(text) and not is_labelled(text) and not LISTED_LINE.match(text)


def is_title(line: Line) -> bool:
    """Whether a line may be a title in a list of titles, which may begin with a number."""
    if line.prose or line.indented or line.bytes > PHRASE_BYTES or line.text[0] in "-*+#>[|`{}<=~":
        return False
    return not has_ended(line.text)


def has_ended(text: str) -> bool:
    """Whether a line ends with an end mark, or brackets and quotes after one."""
    return text.rstrip(_CLOSERS).endswith(_END_MARKS)


def is_labelled(text: str) -> bool:
    """Whether a line is of the form `Author: Ann`, as in a header or a glossary."""
    return "：" in text or ": " in text or text.endswith(":")


def is_lower_case(text: str) -> bool:
    """Whether a line is of plain words and numbers, without a capital letter."""
    return bool(PLAIN_WORDS.fullmatch(text))


@remembered
def is_label(text: str) -> bool:
    """Whether words read like a name or a title, not like a part of a sentence or a line of verse.

    >>> [is_label(text) for text in ("About Us", "联系我们", "and walked away from the sea", "我曾经跨过山和大海")]
    [True, True, False, False]
    """
    if not text.isascii() and HAN_RUN.search(text):
        return len(text) <= _LABEL_CHARS or not RUNNING.search(text)
    words = text.split()
    if len(words) <= _LABEL_WORDS:
        return True
    long = [word[0].isupper() for word in words if len(word) >= _LONG_WORD]
    return sum(long) > len(long) / 2 and not RUNNING.search(text)


@remembered
def grams_of(text: str) -> tuple[str, ...]:
    """Return the words of four letters and more, and the pairs of Han characters: what tells what a text is about.

    >>> grams_of("The Mill at 水车边")
    ('mill', '水车', '车边')
    """
    found = []
    for run in _GRAMS.findall(text.lower()):
        found += [run] if run[0] < "\u3400" else [run[i : i + 2] for i in range(len(run) - 1)]
    return (*found,)


def shared(text: str, body: str) -> float:
    """Return the share of what a line is about that its page speaks of too; 0 where it is about nothing."""
    grams = grams_of(text)
    return sum(gram in body for gram in grams) / len(grams) if grams else 0.0
