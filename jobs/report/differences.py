"""Where two texts differ: passages of words, or of characters in scripts without spaces. Two texts in, parts out.

Time is bounded for texts of any length. Runs of words that each text has once are found in one walk and put side by
side; only the gaps between them are compared word by word, since difflib takes quadratic time.
"""

import bisect
import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jobs.report.texts import common, excerpt, shown

# Of each text, from where they begin to differ: 100,000 characters take a tenth of a second.
_CHARS_READ = 100_000

# Larger gaps are shown as changed altogether: nobody reads 300 words to find which are the same.
_GAP_PIECES_MAX = 300

# Pieces in a row that put two texts side by side, where each text has them once.
_RUN = 5

# Texts this unlike each other are not compared: marks all over say less than none.
_LIKENESS_MIN = 0.3

# Less than this between two changes is read with them more easily: a short word, one Chinese character.
_ISLAND_BYTES = 4

_CHANGED_CHARS = 240
_CONTEXT_CHARS = 60

# A word with the spaces after it, else one character, which in scripts without spaces is what a word is elsewhere.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[^\W{_SPACELESS}]+[ \t]*|\s+|.", re.DOTALL)

# Half a word where a text is cut, where words have spaces between them.
_WORD_BEGUN, _WORD_ENDED = re.compile(r" \S{1,15}\Z"), re.compile(r"\A\S{1,15} ")

# What edits remove and nobody sees: spelled out where it is a difference. Joiners stay, emoji are made with them.
_INVISIBLE = {code: f"[U+{code:04X}]" for code in (0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF)}


@dataclass(frozen=True)
class Part:
    """A stretch of a passage: the same in both texts, or what each has where they differ."""

    same: bool
    one: str
    other: str


@dataclass(frozen=True)
class Differences:
    """Where two texts differ, kinds of line ends aside."""

    passages: tuple[tuple[Part, ...], ...]
    more: int  # passages that are not shown
    whole: bool  # whether both texts were read to their ends
    unlike: bool  # so much that there are no passages

    @property
    def told(self) -> list[str]:
        """As lines, in the notation of `git diff --word-diff`."""
        lines = ["".join(map(_worded, passage)).replace("\n", "⏎") for passage in self.passages]
        if self.more:
            lines.append(f"and {self.more:,} more passages")
        return lines if self.whole else [*lines, "what comes after that was not compared"]


def differences(one: str, other: str, passages_max: int = 8) -> Differences:
    """Return the first passages in which two texts differ, with what stands around them.

    >>> differences("the cat sat on the mat", "the dog sat on the mat").told
    ['the [-cat-]{+dog+} sat on the mat']
    >>> differences("河边的邮局每天早上开门。", "河边的邮局每天晚上开门。").told
    ['河边的邮局每天[-早-]{+晚+}上开门。']
    """
    # The kinds of line ends are told in one word, not at each line.
    one, other = (text.replace("\r\n", "\n").replace("\r", "\n") for text in (one, other))
    if one == other:
        return Differences((), 0, whole=True, unlike=False)
    begin = max(0, common(one, other) - _CONTEXT_CHARS - 1)
    whole = max(len(one), len(other)) <= begin + _CHARS_READ
    a, b = (_PIECES.findall(text[begin : begin + _CHARS_READ]) for text in (one, other))
    parts = _parts(a, b)
    if not whole and not parts[-1].same:
        parts.pop()  # one text was read further than the other
    same = begin + sum(len(part.one) for part in parts if part.same)
    if 2 * same < _LIKENESS_MIN * (2 * begin + len("".join(a)) + len("".join(b))):
        return Differences((), 0, whole, unlike=True)
    passages = list(_passages(parts, is_begin=begin == 0))
    return Differences(tuple(passages[:passages_max]), max(0, len(passages) - passages_max), whole, unlike=False)


def _parts(a: Sequence[str], b: Sequence[str]) -> list[Part]:
    """Cut two texts into parts that are the same and parts that differ, by turns."""
    parts: list[Part] = []
    at = to = 0
    for i, j, size in [*_joined(a, b), (len(a), len(b), 0)]:
        if i > at or j > to:
            one, other = "".join(a[at:i]), "".join(b[to:j])
            # The last word of a text is not another one for having no space after it.
            begin = min(one, other, key=len) if one.startswith(other) or other.startswith(one) else ""
            if begin:
                _add(parts, _stays(begin))
            _add(parts, Part(same=False, one=one[len(begin) :], other=other[len(begin) :]))
        if size:
            _add(parts, _stays("".join(a[i : i + size])))
        at, to = i + size, j + size
    return parts


def _add(parts: list[Part], new: Part) -> None:
    """Add a part; a change takes in an island before it, and leaves the spaces that end both its sides outside."""
    island = len(parts) > 1 and parts[-1].same and len(parts[-1].one.strip().encode()) < _ISLAND_BYTES
    if not new.same and island and "\n" not in parts[-1].one:
        last, before = parts.pop(), parts.pop()
        new = Part(same=False, one=before.one + last.one + new.one, other=before.other + last.other + new.other)
    elif new.same and parts and parts[-1].same:
        new = _stays(parts.pop().one + new.one)
    elif new.same and parts and (spaces := _spaces(parts[-1])):
        before = parts.pop()
        parts.append(Part(same=False, one=before.one[: -len(spaces)], other=before.other[: -len(spaces)]))
        new = Part(same=True, one=spaces + new.one, other=spaces + new.other)
    parts.append(new)


def _spaces(part: Part) -> str:
    """The spaces that both sides of a change end in."""
    one, other = (text[len(text.rstrip()) :] for text in (part.one, part.other))
    return one if one == other else ""


def _joined(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return what is the same, as (place in a, place in b, length), in order."""
    blocks: list[tuple[int, int, int]] = []
    at = to = 0
    for i, j, size in [*_sure(a, b), (len(a), len(b), 0)]:
        blocks += [(at + x, to + y, length) for x, y, length in _gap(a[at:i], b[to:j]) if length]
        if size:
            blocks.append((i, j, size))
        at, to = i + size, j + size
    return blocks


def _gap(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Compare what lies between two runs that are the same."""
    begin = _same(a, b)
    end = _same(a[begin:][::-1], b[begin:][::-1])
    one, other = a[begin : len(a) - end], b[begin : len(b) - end]
    blocks = [(begin + len(one), begin + len(other), end)]
    if max(len(one), len(other)) <= _GAP_PIECES_MAX:
        found = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
        blocks = [*((begin + i, begin + j, size) for i, j, size in found), *blocks]
    return [(0, 0, begin), *blocks]


def _same(a: Sequence[str], b: Sequence[str]) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _sure(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the longest sequence of runs that each text has once and that come in the same order in both."""
    there = _once(b)
    pairs = [(i, there[run]) for run, i in _once(a).items() if run in there]
    blocks: list[tuple[int, int, int]] = []
    for i, j in _rising(pairs):
        at, to, size = blocks[-1] if blocks else (0, 0, 0)
        overlap = max(at + size - i, to + size - j, 0)
        if blocks and i - at == j - to and overlap:
            blocks[-1] = (at, to, max(size, i - at + _RUN))
        elif overlap < _RUN:
            blocks.append((i + overlap, j + overlap, _RUN - overlap))
    return blocks


def _once(pieces: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return the runs that occur once, in order, with their places."""
    runs = list(zip(*(pieces[n:] for n in range(_RUN)), strict=False))
    counts = Counter(runs)
    return {run: n for n, run in enumerate(runs) if counts[run] == 1}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of pairs, which come in order of the first, whose second rises too (patience)."""
    ends: list[int] = []  # the least second that a subsequence of each length ends in
    last: list[int] = []  # and the number of its pair
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect.bisect_left(ends, j)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _passages(parts: Sequence[Part], *, is_begin: bool) -> Iterator[tuple[Part, ...]]:
    """Cut what is the same down to what stands around changes; changes that are close to each other go together."""
    passage: list[Part] = []
    for number, part in enumerate(parts):
        if not part.same:
            passage.append(Part(same=False, one=_cut(part.one), other=_cut(part.other)))
        elif 0 < number < len(parts) - 1 and len(part.one) <= 2 * _CONTEXT_CHARS:
            passage.append(_stays(shown(part.one)))
        else:
            if passage:
                yield (*passage, _stays(_head(part.one)))
            starts_text = is_begin and number == 0
            passage = [_stays(_tail(part.one, starts_text=starts_text))]
    if passage and not passage[-1].same:
        yield tuple(passage)


def _stays(text: str) -> Part:
    return Part(same=True, one=text, other=text)


def _head(text: str) -> str:
    if len(text) <= _CONTEXT_CHARS:
        return shown(text)
    return f"{shown(_WORD_BEGUN.sub(' ', text[:_CONTEXT_CHARS]))}…"


def _tail(text: str, *, starts_text: bool) -> str:
    if len(text) <= _CONTEXT_CHARS:
        return shown(text) if starts_text else f"…{shown(text)}"
    return f"…{shown(_WORD_ENDED.sub('', text[-_CONTEXT_CHARS:]))}"


def _cut(text: str) -> str:
    return excerpt(text, _CHANGED_CHARS).translate(_INVISIBLE)


def _worded(part: Part) -> str:
    if part.same:
        return part.one
    return (f"[-{part.one}-]" if part.one else "") + (f"{{+{part.other}+}}" if part.other else "")
