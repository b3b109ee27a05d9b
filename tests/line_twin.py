"""What a line of a page is, in plain Python, with regular expressions; slow, for comparison."""

import re
import unicodedata
from typing import NamedTuple

from ops.edits import furniture_lines
from ops.edits.line_shapes import HAN_RUN, LISTED_LINE, has_ended, is_labelled
from ops.kernels.line_table import RUNNING_HAN, RUNNING_WORDS
from ops.kernels.page_ends import ITEM_BYTES, PHRASE_BYTES
from ops.kernels.templates import LISTED, TEASER_BYTES

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_MARKS = re.compile(r"[.,;!?](?=\s)|[，。；！？]")
_GRAMS = re.compile(rf"[a-z\u00df-\u024f\u0370-\u052f]{{4,}}|(?:(?![的之与和及或在是了])[{_HAN}]){{2,}}")
_RUNNING = re.compile(rf"(?i)\b(?:{'|'.join(RUNNING_WORDS)})\b|[{RUNNING_HAN}]")
_DIGIT = re.compile(r"\d")
_DATED = re.compile(r"\d{4}[-/.年]\d|\d{1,2}:\d{2}|[:：]|(?i:^by )")
_UNDERLINE = re.compile(r"[=\-~^]{3,}")


class Line(NamedTuple):
    """A line that is not blank."""

    at: int  # its first byte
    end: int  # where its line end begins
    bytes: int  # without outer spaces
    text: str  # without outer spaces
    indented: bool  # by a tab or two spaces
    prose: bool  # whether it is of sentences, or of a paragraph that was broken into lines


def lines_of(text: str) -> list[Line]:
    found = []
    at = 0
    for whole in text.split("\n"):
        line = whole.strip()
        if line:
            end = at + len(whole.encode())
            size = len(line.encode())
            prose = size >= 60 and (size >= 150 or has_ended(line) or len(_MARKS.findall(line)) >= 2)
            indented = len(line) != len(whole) and whole.startswith(("\t", "  "))
            found.append(Line(at, end, size, line, indented, prose))
        at += len(whole.encode()) + 1
    return found


def is_item(line: Line) -> bool:
    if line.bytes > ITEM_BYTES or line.indented:
        return False
    return not has_ended(line.text) and not is_labelled(line.text) and not LISTED_LINE.match(line.text)


def is_title(line: Line) -> bool:
    if line.prose or line.indented or line.bytes > PHRASE_BYTES or line.text[0] in "-*+#>[|`{}<=~":
        return False
    return not has_ended(line.text)


def is_label(text: str) -> bool:
    if HAN_RUN.search(text):
        return len(text) <= 6 or not _RUNNING.search(text)
    words = text.split()
    if len(words) <= 2:
        return True
    long = [unicodedata.category(word[0]) in {"Lu", "Lt"} for word in words if len(word) >= 4]
    return sum(long) > len(long) / 2 and not _RUNNING.search(text)


def is_phrase(line: Line) -> bool:
    if line.bytes > PHRASE_BYTES or line.indented or "[" in line.text:
        return False
    return bool(furniture_lines._PHRASE.match(line.text))


def is_heading(line: Line) -> bool:
    return line.bytes <= 60 and bool(furniture_lines._HEADING.match(line.text))


def is_address(line: Line) -> bool:
    return line.bytes <= ITEM_BYTES and not line.indented and bool(furniture_lines._ADDRESS.search(line.text))


def has_digit(text: str) -> bool:
    return bool(_DIGIT.search(text))


def is_dated(text: str) -> bool:
    return bool(_DATED.search(text))


def is_underline(text: str) -> bool:
    return bool(_UNDERLINE.fullmatch(text))


def lowered(text: str) -> str:
    return text.replace("Σ", "σ").lower()


def grams_of(text: str) -> list[str]:
    found = []
    for run in _GRAMS.findall(lowered(text)):
        found += [run] if run[0] < "\u3400" else [run[i : i + 2] for i in range(len(run) - 1)]
    return found


def shared(text: str, body: str) -> float:
    grams = grams_of(text)
    return sum(gram in body for gram in grams) / len(grams) if grams else 0.0


def is_teaser(line: Line) -> bool:
    if not TEASER_BYTES[0] <= line.bytes <= TEASER_BYTES[1] or line.indented or line.text[0] in LISTED:
        return False
    return 5 * len(_DIGIT.findall(line.text)) <= len(line.text)
