"""Injections: cut a foreign string that a page has within its words, so that the words are whole again."""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op
from ops.edits.english_words import any_english, english_words, is_english
from ops.edits.watermark_marks import DOMAIN, every, letters_of
from ops.kernels.buffers import Bytes, buffers_of
from ops.kernels.insertions import insertions
from ops.kernels.segments import dictionary_word_around, word_around
from ops.kernels.word_sides import letters_around, may_join
from ops.rounds import Cuts, cut_in_rounds, page_of, with_apart

_LATIN_WORD_MIN = 4  # letters of a word that is whole again
# Letters that the words around all places may have in common: two at most.
_LETTERS_FIRST, _LETTERS_LAST = re.compile(r"[A-Za-z]{1,2}"), re.compile(r"[A-Za-z]{1,2}\Z")
_TRIED_MAX = 6  # places at which words are looked up before a page is looked through
_HAN_WORDS_MIN = 3  # different ones that it stands in
_LETTERS_MIN = 4  # of what is between Latin letters: colo(u)r, (s)he
_NATIVE_SHARE_MAX = 0.34  # of its places, where words go on into a string of Han
_OF_NAMES = frozenset("-_/\\.,:;'\"&=+—–’“”‘")  # signs that stand between the parts of names, paths and addresses

Sides = tuple[str, str]  # the letters next to a place, before and after


class Injections(Op):
    """Cut a string that recurs within words of a page: 首席执行《某某网》官 is 首席执行官, re*a1b2*pair is repair.

    What is before and after it must make a word at most of its places: one of the dictionary between Han, one of
    English between Latin letters; at some, if it has a domain, or stands in brackets or signs between Latin letters.
    用Python写 and 读《红楼梦》的 make none. What stands apart at many of its places, by a space or a mark, is what the
    page speaks of, and stays.
    """

    op: Literal["injections"] = "injections"
    version: ClassVar[int] = 3
    places_min: int = Field(3, ge=2, description="places within words that have it")
    # 0.6: of terms in clean text, what is around them makes a word at 10 % of their places; and three other words.
    joined_share_min: float = Field(0.6, ge=0, le=1, description="share of its places where what is around makes words")
    domain_joined_share_min: float = Field(
        0.25, ge=0, le=1, description="that share, if it has a domain, or signs set it apart from Latin letters"
    )
    within_share_min: float = Field(
        0.8, ge=0, le=1, description="share of its places on the page that are within words"
    )

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut the injections of each text."""
        return cut_in_rounds(batch, lambda text, _: _search(self, text), "injection")


def _search(op: Injections, text: pa.Array) -> dict[int, Cuts]:
    """Return where the injections of each text stand: of those that overlap, the first."""
    cuts: dict[int, Cuts] = {}
    for row, _, places in injected(op, text):
        cuts[row] = with_apart(cuts.get(row, []), places)
    return cuts


def injected(op: Injections, text: pa.Array) -> Iterator[tuple[int, str, Cuts]]:
    """Give each string that is injected into a text: its row, the string, and the bytes where it stands."""
    data, offsets = buffers_of(text)
    found = insertions(text, op.places_min, op.within_share_min)
    tried = [one.at[:_TRIED_MAX] for one in found]
    counts = [len(at) for at in tried]
    texts = np.array([(offsets[row], offsets[row + 1], size) for row, _, size in found], np.int64).reshape(-1, 3)
    begins, ends, sizes = np.ascontiguousarray(np.repeat(texts, counts, axis=0).T)
    places, first = (
        np.concatenate([np.zeros(0, np.int64), *tried]),
        np.concatenate([[0], np.cumsum(counts)]).astype(int),
    )
    bounds = letters_around(data, begins, ends, places, sizes)
    may = may_join(data, places, sizes, bounds, first, english_words()) if found else np.zeros(0, np.bool_)
    done: set[tuple[int, bytes]] = set()
    for one, (row, at, size) in enumerate(found):
        raw = data[at[0] : at[0] + size].tobytes()
        if (row, raw) in done:
            continue
        done.add((row, raw))
        if not may[one]:
            continue
        letters = _letters(data, tried[one], size, bounds[first[one] : first[one + 1]])
        string = _own_part(op, raw.decode(errors="replace"), letters)
        if string:
            cuts = _places(op, data, int(offsets[row]), page_of(text, row).encode(), string)
            if cuts:
                yield row, string, cuts


def parts_word(text: str, start: int, stop: int) -> bool:
    """Whether what is between two characters of a text parts a word.

    >>> parts_word("首席执行《某网》官", 4, 8), parts_word("a re*pair", 4, 5), parts_word("读《红楼梦》的", 1, 6)
    (True, True, False)
    """
    data = np.frombuffer(text.encode(), np.uint8)
    place, size = np.array([len(text[:start].encode())]), len(text[start:stop].encode())
    ((left, right),) = _letters(data, place, size, _bounds(data, 0, len(data), place, size))
    if _is_han(left[-1:]):
        return bool(_han(left, right, guesses=not _ends_in_han(text[start:stop])))
    return bool(_english(left, right))


def _own_part(op: Injections, string: str, sides: Sequence[Sides]) -> str:
    """Return a string without what is of the words around its first places; nothing where it parts no words."""
    if _is_between_han(sides):
        is_han = _ends_in_han(string)
        least = math.floor(op.joined_share_min * len(sides)) if is_han else 1
        return string if _joins(sides, least, 1, guesses=not is_han) else ""
    around = {
        string[before : len(string) - after]: (string[:before], string[len(string) - after :])
        for before, after in _chances(string)
    }
    words = [left + first + last + right for first, last in around.values() for left, right in sides]
    if not any_english(map(str.lower, words)):
        return ""
    found = {
        own: sum(_english(left + first, last + right) != "" for left, right in sides)
        for own, (first, last) in around.items()
    }
    best = max(found, key=found.__getitem__)
    return best if found[best] else ""


def _chances(string: str) -> Iterator[tuple[int, int]]:
    """Give how many letters at its ends may be of the words around it, who share them by chance: first none."""
    first, last = _LETTERS_FIRST.match(string), _LETTERS_LAST.search(string)
    before_max, after_max = len(first[0]) if first else 0, len(last[0]) if last else 0
    for before, after in itertools.product(range(before_max + 1), range(after_max + 1)):
        if len(string) - before - after > 1:
            yield before, after


def _places(op: Injections, data: Bytes, begin: int, page: bytes, string: str) -> Cuts:
    """Return where a string stands within words of a page; nowhere if it is no injection."""
    own = string.encode()
    places = np.array([*every(page, own)], np.int64)
    bounds = _bounds(data, begin, begin + len(page), places + begin, len(own))
    is_within = bounds[:, 2] == 1
    within = places[is_within]
    if len(within) < max(op.places_min, op.within_share_min * len(places)):
        return []
    letters = _letters(data, within + begin, len(own), bounds[is_within])
    is_foreign = _is_foreign_to_han if _is_between_han(letters) else _is_foreign_to_latin
    return [(at, at + len(own)) for at in within.tolist()] if is_foreign(op, string, letters) else []


def _bounds(data: Bytes, begin: int, end: int, places: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return how far letters reach around each place of one string, in one text."""
    begins, ends, sizes = (np.full(len(places), one) for one in (begin, end, size))
    return letters_around(data, begins, ends, places, sizes)


def _letters(data: Bytes, at: NDArray[np.int64], size: int, bounds: NDArray[np.int64]) -> list[Sides]:
    """Return the letters next to each place, as strings."""
    raw = data.data
    return [
        (str(raw[left:place], "utf-8", "ignore"), str(raw[place + size : right], "utf-8", "ignore"))
        for place, (left, right, _) in zip(at.tolist(), bounds.tolist(), strict=True)
    ]


def _is_between_han(sides: Sequence[Sides]) -> bool:
    return 2 * sum(_is_han(left[-1:]) and right != "" for left, right in sides) > len(sides)


def _is_foreign_to_han(op: Injections, string: str, sides: Sequence[Sides]) -> bool:
    """Whether what is around a string makes words of Chinese at enough of its places, and enough different ones."""
    if DOMAIN.search(string.encode()):
        return _joins(sides, op.domain_joined_share_min * len(sides), 2)
    least = op.joined_share_min * len(sides)
    if not _ends_in_han(string):
        return _joins(sides, len(sides), 2) or _joins(sides, least, _HAN_WORDS_MIN)
    if not _joins(sides, least, _HAN_WORDS_MIN, guesses=False):
        return False
    # Han within Han may be of the words around it, which then reach over where it begins or ends.
    native = sum(
        bool(dictionary_word_around(left[-2:] + string + right[:2], len(left[-2:])))
        or bool(dictionary_word_around(left[-2:] + string + right[:2], len(left[-2:] + string)))
        for left, right in sides
    )
    return native <= _NATIVE_SHARE_MAX * len(sides)


def _is_foreign_to_latin(op: Injections, string: str, sides: Sequence[Sides]) -> bool:
    """Whether what is around a string makes words of English at enough of its places, and enough different ones."""
    has_domain, has_words = DOMAIN.search(string.encode()), " " in string and string[0].isalnum()
    if letters_of(string.encode()) < _LETTERS_MIN or (has_words and not has_domain):
        return False
    is_framed = not (string[0].isalnum() or string[-1].isalnum() or {string[0], string[-1]} & _OF_NAMES)
    if is_framed or (has_domain and not has_words):
        return _joins(sides, op.domain_joined_share_min * len(sides), 1)
    return _joins(sides, op.joined_share_min * len(sides), 2)


def _joins(sides: Sequence[Sides], least: float, different: int, *, guesses: bool = True) -> bool:
    """Whether what is before and after so many places makes words, and so many different ones."""
    missing_max = len(sides) - max(least, different)
    words: list[str] = []
    for number, (left, right) in enumerate(sides, 1):
        word = _han(left, right, guesses=guesses) if _is_han(left[-1:]) else _english(left, right)
        words += [word] if word else []
        if number - len(words) > missing_max:
            return False
    return len({*words}) >= different


def _han(left: str, right: str, *, guesses: bool) -> str:
    """Return the word of Chinese that reaches from one side to the other, nothing where there is none."""
    around = word_around if guesses else dictionary_word_around
    return around(left + right, len(left)) if right else ""


def _english(left: str, right: str) -> str:
    """Return the word of English that two sides make, nothing where they make none."""
    word = (left + right).lower()
    return word if left and right and len(word) >= _LATIN_WORD_MIN and is_english(word) else ""


def _ends_in_han(string: str) -> bool:
    return _is_han(string[0]) or _is_han(string[-1])


def _is_han(character: str) -> bool:
    return "\u3400" <= character < "\ua000"
