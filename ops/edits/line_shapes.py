"""What the text of a line looks like by its marks: whether it has ended, is labelled, is of a list."""

import re
from functools import lru_cache

from ops.kernels.templates import LISTED

# What a line reads like is asked several times, and of the lines of a menu on each page that has it.
remembered = lru_cache(maxsize=4096)

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_CLOSERS = "\"'”’」』）)】》]"
_END_MARKS = tuple(".!?。！？…:：;；,，、")
LISTED_LINE = re.compile(
    rf"[{re.escape(LISTED)}•·“「]|[(（]?[a-zA-Z一二三四五六七八九十]{{1,3}}[.)、）]|第[\d一二三四五六七八九十百]+"
)
HAN_RUN = re.compile(rf"[{_HAN}]+")

PLAIN_WORDS = re.compile(r"[a-z\d' ]+")


def has_ended(text: str) -> bool:
    """Whether a line ends with an end mark, or brackets and quotes after one."""
    return text.rstrip(_CLOSERS).endswith(_END_MARKS)


def is_labelled(text: str) -> bool:
    """Whether a line is of the form `Author: Ann`, as in a header or a glossary."""
    return "：" in text or ": " in text or text.endswith(":")


def is_lower_case(text: str) -> bool:
    """Whether a line is of plain words and numbers, without a capital letter."""
    return bool(PLAIN_WORDS.fullmatch(text))
