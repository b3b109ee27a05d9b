"""Words by the definitions, over Python strings and with `re`: what the kernels that split words are compared with."""

import re
from collections.abc import Iterator

import numpy as np
import rjieba

from ops.kernels import english as e
from ops.kernels.unicode_tables import FLAGS, HAN, HAN_ABOVE_END, SINGLE, SPACE, TABLED

Span = tuple[int, int]


def flags(char: str) -> int:
    point = ord(char)
    return int(FLAGS[point]) if point < TABLED else (SINGLE | HAN if point < HAN_ABOVE_END else 0)


def _members(flag: int, table: np.ndarray = e.CLASSES) -> str:
    """Characters of a class, as what stands between the brackets of a pattern."""
    points = np.flatnonzero(table & flag)
    runs = np.split(points, np.flatnonzero(np.diff(points) > 1) + 1)
    return "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs if len(run))


_U, _L, _Q, _S = _members(e.UPPER), _members(e.LOWER), _members(e.QUOTE), _members(e.SYMBOLIC)
_A = _members(e.UPPER | e.LOWER)
_HOST = _members(e.HOST)
_UNITS = "|".join(map(re.escape, e._UNITS))
_CURRENCY = _members(e.CURRENCY)
PREFIX = re.compile(rf"\.\.+|[{_members(e.PREFIX)}]|\+(?![0-9])|US\$|C\$|A\$")
SUFFIX = re.compile(
    rf"(?:……|\.\.+|['’][sS]|[{_members(e.SUFFIX)}]|(?<=[0-9])\+|(?<=[0-9])[{_CURRENCY}]|(?<=[0-9])(?:{_UNITS})|"
    rf"(?<=[{_members(e.BEFORE_STOP)}])\.|(?<=[{_U}][{_U}])\.)\Z"
)
INFIX = re.compile(
    rf"\.\.+|…|[{_S}]|(?<=[0-9])[+\-*^](?=[0-9-])|(?<=[{_L}{_Q}])\.(?=[{_U}{_Q}])|(?<=[{_A}]),(?=[{_A}])|"
    rf"(?<=[{_A}0-9])(?:-|–|—|--|---|——|~)(?=[{_A}])|(?<=[{_A}0-9])[:<>=/](?=[{_A}])"
)
_LABEL = rf"[{_HOST}](?:[{_HOST}_-]{{0,62}}[{_HOST}])?"
_LAST = _members(1, ((e.CLASSES & e.LOWER != 0) & (e.CLASSES & e.HOST != 0)).astype(np.uint8))
URL = re.compile(
    rf"(?:[{_A}0-9_+.-]{{2,}}://)?(?:.+@)?(?:(?:{_LABEL}\.)+[{_LAST}]{{2,63}}|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})"
    r"(?::[0-9]{2,5})?(?:[/?#].*)?",
    re.DOTALL,
)


def spans_of(text: str, words: str = "english", chinese_words: str = "jieba") -> list[Span]:
    """Where the words of a text are."""
    found: list[Span] = []
    at = 0
    while at < len(text):
        kind = flags(text[at])
        end = at + 1
        if kind & SPACE:
            pass
        elif kind & HAN and chinese_words == "jieba":
            while end < len(text) and flags(text[end]) & HAN:
                end += 1
            begin = at
            for word in rjieba.cut(text[at:end]):
                found.append((begin, begin + len(word)))
                begin += len(word)
        elif kind & SINGLE:
            found.append((at, end))
        else:
            while end < len(text) and not flags(text[end]) & (SPACE | SINGLE):
                end += 1
            found += WAYS[words](text, at, end)
        at = end
    return found


def _as_jieba(text: str, low: int, high: int) -> Iterator[Span]:
    for found in re.finditer(r"[a-zA-Z0-9]+(?:\.[0-9]+)?%?|[+#&._%-]+|.", text[low:high], re.DOTALL):
        yield low + found.start(), low + found.end()


def words_of(text: str, words: str = "english", chinese_words: str = "jieba") -> list[str]:
    return [text[start:end] for start, end in spans_of(text, words, chinese_words)]


def _english(text: str, low: int, high: int) -> Iterator[Span]:
    tails: list[Span] = []
    last = -1
    while low < high and high - low != last and text[low:high] not in e.EXCEPTIONS:
        last = high - low
        prefix = PREFIX.match(text[low:high])
        front = prefix.end() if prefix else 0
        if front and text[low + front : high] in e.EXCEPTIONS:
            yield low, low + front
            low += front
            continue
        suffix = SUFFIX.search(text[low + front : high])
        back = len(suffix[0]) if suffix else 0
        if front and not (back and text[low : high - back] in e.EXCEPTIONS):
            yield low, low + front
            low += front
        if back:
            tails.append((high - back, high))
            high -= back
    if low < high and text[low:high] in e.EXCEPTIONS:
        for piece in e.EXCEPTIONS[text[low:high]]:
            yield low, low + len(piece)
            low += len(piece)
    elif low < high:
        yield from _inner(text, low, high)
    yield from reversed(tails)


def _inner(text: str, low: int, high: int) -> Iterator[Span]:
    begin = low
    word = text[low:high]
    for infix in [] if URL.fullmatch(word) else [match for match in INFIX.finditer(word) if match.start()]:
        if low + infix.start() > begin:
            yield begin, low + infix.start()
        yield low + infix.start(), low + infix.end()
        begin = low + infix.end()
    if begin < high:
        yield begin, high


WAYS = {
    "english": _english,
    "jieba": _as_jieba,
    "whitespace": lambda _, low, high: [(low, high)],
}
