"""Strings that a great share of one page's lines begin or end with, or have after an end mark.

Any may be the watermark of the page's site, a phrase of its author, or more than the watermark where all its lines go
on alike: the other pages of the site tell.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ops.edits.shared_marks import LINE_CHARS_MIN
from ops.edits.watermark_marks import letters_of
from ops.kernels.alike_lines import AT_END, AT_START, WITHIN

CHARS_MAX = 120  # of a watermark
_LINES_MIN = 4
_LINES_MAX = 64  # of a page that are compared, from all over it
_SHARES = (0.5, 0.7)  # of lines, besides the least: what fewer share may go on beyond the watermark
_LIST_LINES_MIN = 3
_OUTSIDE_SHARE_MIN = 0.25  # of the characters of a list: more than the title above paragraphs that all have a watermark
_HEADS_TRIED = 3
_HEAD_CHARS = 5  # that strings after an end mark are compared by; of other scripts, two
# Letters and digits of a string, one of Han as three: of one that has a sign or a digit; of words alone, 某某网.
_SIGNED_LETTERS_MIN = 4
_LETTERS_MIN = 9
_SIGN = re.compile(r"[^\w\s.。!！?？…,，;；:：、'\"‘’“”]|[\d_]")
_LINE = re.compile(r"[^\n\r\v\f]*[^\s]")
_END_MARK = re.compile(r"[。！？]|(?<=[^\s.])[.!?](?![a-z0-9.])|[.!?](?=www|http)")
# What is of the text before a watermark: end marks, what closes, blanks.
_OF_TEXT = re.compile(r"[.。，；！？,;!?…]*[\"')\]}”’」』】》）]*\s*")


def alike_strings(text: str, sides: int, share: float) -> set[str]:
    """Return the strings that such a share of a page's lines, or more, have at some of these sides."""
    lines = [match[0].lstrip(" \t") for match in _LINE.finditer(text)]
    lines = _some([line for line in lines if len(line) >= LINE_CHARS_MIN])
    found: set[str] = set()
    if sides & AT_START:
        found |= _bare(_at_shares([line[:CHARS_MAX] for line in lines], share))
    if sides & AT_END:
        ends = {one[::-1] for one in _at_shares([line[: -CHARS_MAX - 1 : -1] for line in lines], share)}
        found |= _bare(_own(one) for one in ends)
    if sides & WITHIN:
        # Of what stands at an end of lines, the end marks within it are none of sentences.
        inner = _bare(itertools.chain.from_iterable(_after_ends(lines, share)))
        found |= {one for one in inner if not any(one in other for other in found)}
    return found


def is_of_list(text: str, string: str) -> bool:
    r"""Whether the lines that have a string are a list, such as teasers: all right below each other, and not the page.

    >>> is_of_list("He has a mill with a wheel.\n\nWho is Ann now?\nWho is Thomas?\nWho is Jonas?", "Who is")
    True
    """
    lines = [match for match in _LINE.finditer(text) if len(match[0].lstrip(" \t")) >= LINE_CHARS_MIN]
    having = [n for n, line in enumerate(lines) if string in line[0]]
    if len(having) < _LIST_LINES_MIN or having[-1] - having[0] >= len(having):
        return False
    run = lines[having[0] : having[-1] + 1]
    between = (text[one.end() : other.start()].strip(" \t") for one, other in itertools.pairwise(run))
    outside = sum(len(line[0]) for line in lines) - sum(len(line[0]) for line in run)
    return outside >= _OUTSIDE_SHARE_MIN * (run[-1].end() - run[0].start()) and all(gap == "\n" for gap in between)


def _some(lines: list[str]) -> list[str]:
    return lines[:: -(-len(lines) // _LINES_MAX)] if lines else lines


def _at_shares(pieces: Sequence[str], least: float) -> set[str]:
    """Return the longest strings that such shares of the pieces begin with, each as far as all go that begin so.

    >>> _at_shares(["mill one", "mill two", "mill three", "mill four", "road"], 0.8)
    {'mill '}
    """
    ordered = sorted(pieces)
    alike = [_alike(one, other) for one, other in itertools.pairwise(ordered)]
    found = set()
    for share in {least, *_SHARES}:
        pairs = max(_LINES_MIN, math.ceil(share * len(ordered))) - 1
        windows = [min(alike[at : at + pairs]) for at in range(len(alike) - pairs + 1)]
        size = max(windows, default=0)
        first = windows.index(size) if size else 0
        last = first + pairs
        while first > 0 and 2 * alike[first - 1] >= size > 0:
            first -= 1
        while last < len(alike) and 2 * alike[last] >= size > 0:
            last += 1
        found.add(ordered[first][: min(alike[first:last])] if size else "")
    return found


def _alike(one: str, other: str) -> int:
    """Return how many first letters are equal."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[low:middle], low) else (low, middle - 1)
    return low


def _after_ends(lines: list[str], share: float) -> Iterator[set[str]]:
    """Give what lines have after end marks, by the few bytes that most of them have there."""
    places = [{_head(line, match.end()): match.end() for match in _END_MARK.finditer(line)} for line in lines]
    heads = Counter(head for of_line in places for head in of_line if head)
    of = sum(any(of_line) for of_line in places)
    for head, count in heads.most_common(_HEADS_TRIED):
        if count >= share * of:
            ends = ((line, of_line[head]) for line, of_line in zip(lines, places, strict=True) if head in of_line)
            yield _at_shares([_own(line[at : at + CHARS_MAX]) for line, at in ends], _SHARES[0])


def _head(line: str, at: int) -> str:
    head = _own(line[at : at + 2 * _HEAD_CHARS])
    return head[:2] if not head[:1].isascii() else head[:_HEAD_CHARS]


def _own(string: str) -> str:
    """Return what follows on an end mark without what is of the text before.

    >>> _own('! "The Mill"'), _own('." The Mill'), _own(" ...a mill")
    ('"The Mill"', 'The Mill', '...a mill')
    """
    return _OF_TEXT.sub("", string, count=1)


def _bare(strings: Iterable[str]) -> set[str]:
    """Return strings without blanks around, those of enough letters."""
    bare = {string.strip(" \t") for string in strings}
    return {
        one for one in bare if letters_of(one.encode()) >= (_SIGNED_LETTERS_MIN if _SIGN.search(one) else _LETTERS_MIN)
    }
