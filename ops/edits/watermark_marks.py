"""What a watermark looks like: where one begins and stops within what lines share, and what sets it apart."""

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import AnyStr

# A host name of the top-level domains that such strings have, or what begins one.
DOMAIN = re.compile(
    rb"https?://|www\.|[A-Za-z0-9-]{2,}\.(?:com|net|org|info|top|xyz|vip|club|site|online|cn|cc|tv|io|co|me)(?![A-Za-z0-9])"
)
BLANK = b" \t"
_BESIDE = b" \t\n\r"
_END_MARK = re.compile(r"(?:[.。!！?？…｡])[\"')\]”’」』】》）*_]*\s*\Z")
_WITHIN = re.compile("|".join("，。！？；").encode())
_CLOSES = ".。!！?？…，,；;：:、｡\"')]”’」』】》） \t\u3000\u00a0"
_CLOSERS = dict(zip("([{<（【［〖〔《「『", ")]}>）】］〗〕》」』", strict=True))
# What begins a credit at the end of a paragraph. Those of lists and tables do not at the start: the last two do.
_DASHES = ("--", "–", "~", "@", "※", "★", "|", "｜", "—", "©")
# What paragraphs may have in common after it: quotes and brackets that open, marks of lists and headings.
_OPENS = re.compile(r"(?:(?<=\s)[\"'*_#>`-]+|[“‘「『《【（(\[]+)\s*\Z")
# Where a watermark may stop that text follows: after an end mark, a colon, a bracket, or Han and a space.
_STOPS = re.compile(r"(?:[.!?:](?=\s)|[。！？…：:])[\"'”’」』]*\s*|[)\]}>）】］〗〕》」』]\s*|(?<=[\u3400-\u9fff])\s+")
# A domain as a watermark has it, to its end: what follows is text.
_URL = re.compile(
    rb"(?:https?://|www\.)[A-Za-z0-9._/-]+\s*|[A-Za-z0-9-]{2,}\.(?:com|net|org|cn|cc|info|top|xyz|vip)(?![A-Za-z0-9])\s*"
)
# What the next paragraphs may begin alike with, after a space: **51.
_NEXT = re.compile(rb"(?<=\s)[\"'*_#>(\[`].*\Z", re.DOTALL)
_IN_NAME = re.compile(rb"[A-Za-z0-9./@:_-]")
_COMMON_MIN = 12  # bytes: what all share is the string then, not what more some of them do
# What does not begin a sentence, of the marks that follow a name, a prompt or a key.
_GOES_ON = tuple(bytes([byte]) for byte in b",.;:#$%=&+/\\)]}>|")


@lru_cache(maxsize=1024)
def letters_of(mark: bytes) -> int:
    """Count letters and digits, one of a script without spaces as three."""
    return sum(3 if letter >= "\u2e80" else 1 for letter in mark.decode() if letter.isalnum())


def is_framed(mark: bytes) -> bool:
    """Whether brackets or a dash set a string apart.

    >>> [is_framed(mark.encode()) for mark in ("【某某网】", "（来源）。", "——某某网", "某某网", "(a) and b")]
    [True, True, True, False, False]
    """
    text = mark.decode().strip()
    closer = _CLOSERS.get(text[:1])
    return text.startswith(_DASHES) or bool(closer and text.rstrip(".。").endswith(closer))


def follows_end_mark(before: bytes) -> bool:
    """Whether a sentence ends where this does."""
    return bool(_END_MARK.search(before[-24:].decode(errors="ignore")))


def is_prose(paragraph: bytes) -> bool:
    """Whether a paragraph ends a sentence, or has the marks of one in Chinese."""
    return follows_end_mark(paragraph) or _WITHIN.search(paragraph) is not None


def prefix(pieces: list[bytes]) -> bytes:
    """Return the watermark that sentences begin with, nothing where what they share cannot be one.

    >>> prefix(["【某网】 今天".encode(), "【某网】 明天".encode()]).decode()
    '【某网】 '
    >>> prefix([b"He had been there", b"He had been ill"])
    b''
    """
    mark = _OPENS.sub("", longest_shared(pieces).decode(errors="ignore")).encode()
    following = [piece[len(mark) : len(mark) + 1] for piece in pieces if piece.startswith(mark)]
    if not any(following):
        return mark.rstrip()
    mark = _without_next(mark, following)
    goes_on = sum(piece[len(mark) : len(mark) + 1] in _GOES_ON for piece in pieces)
    return b"" if not mark[-1:].isspace() and 4 * goes_on > len(pieces) else mark


def _without_next(mark: bytes, following: list[bytes]) -> bytes:
    """Return a string that text follows without what it and that text begin with: `www.mill.net **51.`, of verses."""
    hosts = [match.end() for match in _URL.finditer(mark)]
    if hosts:
        stopped = _stopped(mark)
        return stopped if len(stopped) > hosts[-1] else mark[: hosts[-1]]
    within_word = sum(map(bytes.isalnum, following)) if mark[-1:].isalnum() else 0
    if 4 * within_word <= len(following) and mark.decode().startswith(_DASHES[-2:]):
        return _NEXT.sub(b"", mark)
    return _stopped(mark)


def _stopped(mark: bytes) -> bytes:
    """Return a string up to where a watermark may stop that text follows."""
    text = mark.decode()
    stops = [match.end() for match in _STOPS.finditer(text)]
    stopped = text[: stops[-1]].encode() if stops else b""
    # What ends in a colon is a key, or says who speaks, if it has no domain.
    is_key = stopped.rstrip().endswith((b":", "：".encode())) and not DOMAIN.search(stopped)
    return b"" if is_key else stopped


def suffix(pieces: list[bytes]) -> bytes:
    """Return the watermark that lines end with, without the end mark before it; nothing where it cannot be one.

    >>> suffix(["一。【某网】".encode(), "二。【某网】".encode()]).decode()
    '【某网】'
    >>> suffix([b"one@example.com", b"two@example.com"])
    b''
    """
    shared = longest_shared([piece[::-1] for piece in pieces])[::-1].decode(errors="ignore").encode()
    mark = shared.decode().lstrip(_CLOSES).encode()
    befores = [piece[: len(piece) - len(mark)][-1:] for piece in pieces if piece.endswith(mark)]
    if not _IN_NAME.match(mark) or not any(map(_IN_NAME.match, befores)) or mark.startswith((b"www.", b"http")):
        return mark
    # It begins within a word or a name: a host of which a part is shared is none, of a word the next one may be.
    return b"" if any(before in b"./@-:_" for before in befores) else mark.partition(b" ")[2]


def longest_shared(pieces: list[bytes]) -> bytes:
    """Return the prefix that covers most bytes: its length by how many pieces have it.

    >>> longest_shared([b"(a page) One", b"(a page) Two", b"(a page)", b"(a pa"])
    b'(a page)'
    """
    ordered = sorted(pieces)
    shared = [alike(one, other) for one, other in itertools.pairwise(ordered)]
    best, size, one = 0, 0, 0
    rising: list[tuple[int, int]] = []  # lengths, and the first pair that shares as much
    for pair, length in enumerate([*shared, 0]):
        first = pair
        while rising and rising[-1][0] >= length:
            height, first = rising.pop()
            if height * (pair - first + 1) > best:
                best, size, one = height * (pair - first + 1), height, first
        rising.append((length, first))
    if not ordered:
        return b""
    # Some of these may go on alike for reasons of their own; what all of them share is then the string.
    common = alike(ordered[0], ordered[-1])
    is_some = 3 * sum(piece.startswith(ordered[one][:size]) for piece in ordered) <= 2 * len(ordered)
    return ordered[one][: common if is_some and common >= _COMMON_MIN else size]


def alike(one: AnyStr, other: AnyStr) -> int:
    """Return how much of two strings is equal from their start: by halves, as comparing parts is one call each."""
    if one[:1] != other[:1]:
        return 0
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle)
    return low


def every(raw: bytes, mark: bytes) -> Iterator[int]:
    """Return where a string stands, each after the last: to compile an expression for each page takes longer."""
    at = raw.find(mark)
    while at >= 0:
        yield at
        at = raw.find(mark, at + len(mark))


def may_be_line(raw: bytes, start: int, stop: int) -> bool:
    """Whether there is no text on the line before and behind a stretch of it, as far as the bytes beside it tell."""
    return (not start or raw[start - 1] in _BESIDE) and (stop == len(raw) or raw[stop] in _BESIDE)


def line_around(raw: bytes, at: int) -> tuple[int, int]:
    """Return where the line of a byte begins and ends."""
    start = raw.rfind(b"\n", 0, at) + 1
    stop = raw.find(b"\n", at)
    stop = len(raw) if stop < 0 else stop
    other = raw.find(b"\r", at, stop)
    return max(start, raw.rfind(b"\r", start, at) + 1), stop if other < 0 else other


_ONE_END = re.compile(rb"\r\n|[\n\r]")


def without_line(raw: bytes, begin: int, end: int) -> tuple[int, int]:
    """Return a line with its line end, and with the blank line that would else be one too many."""
    after = _ONE_END.match(raw, end)
    if not after:
        return len(raw[:begin].rstrip(b"\r\n")), end
    second = _ONE_END.match(raw, after.end())
    is_between = not begin or raw[:begin].removesuffix(after[0]).endswith((b"\n", b"\r"))
    return begin, second.end() if second and is_between else after.end()
