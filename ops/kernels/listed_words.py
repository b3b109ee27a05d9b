"""Listed words: where a text has words of some lists, by one automaton (Aho and Corasick's) for all of them.

Case and width are folded, as of tokens. A word whose first or last character is of a script with spaces is found only
where no letter or digit of such a script is next to it; characters of scripts without spaces are found anywhere. To
that end the automaton reads, besides the bytes of folded text, a sign wherever a run of such letters begins or ends.
Letters with marks are looked for as one character, as `repair` leaves them.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.eight import HIGH, eight_bytes, letters_and_digits, lowered, trailing_zeros
from ops.kernels.tokens import longest
from ops.kernels.unicode_tables import FLAGS, FOLDED, SINGLE, SPACE, TABLED, WORD
from ops.kernels.utf8 import code_point, flags_of

GROUPS_MAX = 62  # lists of words that one automaton tells apart: bits of a number

_KIND = np.uint8(WORD | SINGLE)
_JOINED = np.uint8(WORD)  # a letter or digit that belongs to the ones next to it
_BOUNDARY = 256  # the sign, as a symbol beside the 256 bytes
_BOUNDARY_CLASS = 1
_BLANK = 0x20
_3 = np.uint64(3)

# What folded text is made of. Spaces of all kinds are one.
_FOLDED = np.where(FLAGS & SPACE, _BLANK, FOLDED).astype(np.int32)
_ASCII = _FOLDED[:128].astype(np.uint8)
_ASCII_JOINED = (FLAGS[_ASCII] & _KIND) == _JOINED


@dataclass(frozen=True)
class Automaton:
    """States are numbered from the root, 0; `steps` leads to ~state instead of state where a word may end there."""

    classes: NDArray[np.uint8]  # of each byte: those that no word has are one class
    steps: NDArray[np.int32]  # states x classes
    word: NDArray[np.int32]  # of each state: the word that ends there, or -1
    shorter: NDArray[np.int32]  # of each state: the next one where a shorter word ends too, or 0
    chars: NDArray[np.int64]  # of each word
    groups: NDArray[np.int64]  # of each word: a bit for each list that has it


def folded(word: str) -> str:
    """Return a word as it is looked for: composed, in small letters of common width, with plain spaces.

    >>> folded("Ｂａｄ　WORD")
    'bad word'
    """
    composed = unicodedata.normalize("NFC", word)
    return "".join(chr(_FOLDED[ord(char)]) if ord(char) < TABLED else char for char in composed)


def grouped(lists: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    """Return the folded words of some lists, each with the lists that have it, as bits; a list comes with its bit.

    >>> grouped([(1, ["One", "two"]), (2, ["TWO"])])
    {'one': 1, 'two': 3}
    """
    groups: dict[str, int] = {}
    for bit, words in lists:
        for word in map(folded, words):
            groups[word] = groups.get(word, 0) | bit
    return groups


def automaton(words: Mapping[str, int]) -> Automaton:
    """Build the automaton of folded words, each with the lists that have it, as bits."""
    spelled = [_symbols(word) for word in words]
    used = sorted({symbol for symbols in spelled for symbol in symbols} - {_BOUNDARY})
    classes = np.zeros(_BOUNDARY + 1, np.uint8)
    classes[used] = np.arange(2, len(used) + 2)
    classes[:128] = classes[_ASCII]
    classes[_BOUNDARY] = _BOUNDARY_CLASS
    children: list[dict[int, int]] = [{}]
    ends = [-1]
    for number, symbols in enumerate(spelled):
        state = 0
        for symbol in symbols:
            state = children[state].setdefault(int(classes[symbol]), len(children))
            if state == len(children):
                children.append({})
                ends.append(-1)
        ends[state] = number
    steps, word, shorter = _linked(children, np.array(ends, np.int32), len(used) + 2)
    return Automaton(
        classes[:_BOUNDARY].copy(),
        steps.ravel(),
        word,
        shorter,
        np.array([len(word) for word in words], np.int64),
        np.fromiter(words.values(), np.int64, len(words)),
    )


def _linked(
    children: list[dict[int, int]], ends: NDArray[np.int32], width: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return steps, words and shorter words of states in order of depth: those that are often met lie together.

    Where no word goes on, a step is that of the longest end of what was read.
    """
    order = [0]
    for state in order:  # it grows
        order += children[state].values()
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order))
    word = ends[order]
    steps = np.zeros((len(order), width), np.int32)
    shorter = np.zeros(len(order), np.int32)
    falls = np.zeros(len(order), np.int32)
    for state, old in enumerate(order):
        classes, after = list(children[old]), number[list(children[old].values())]
        steps[state] = steps[falls[state]]
        if state:
            falls[after] = steps[state, classes]
        shorter[state] = falls[state] if word[falls[state]] >= 0 else shorter[falls[state]]
        steps[state, classes] = after
    has_word = (word >= 0) | (shorter > 0)
    return np.where(has_word[steps], ~steps, steps), word, shorter


def _symbols(word: str) -> list[int]:
    """Spell a folded word as the automaton reads it.

    >>> [chr(symbol) if symbol < 256 else "|" for symbol in _symbols("a b!")]
    ['|', 'a', '|', ' ', '|', 'b', '|', '!']
    """
    symbols: list[int] = []
    inside = False
    for char in word:
        joined = bool((flags_of(ord(char)) & _KIND) == _JOINED)
        symbols += [_BOUNDARY] * (joined != inside)
        symbols += char.encode()
        inside = joined
    return symbols + [_BOUNDARY] * inside


@kernel
def _mark(end, stamp, state, group, word, shorter, chars, groups, covered, seen):  # type: ignore[no-untyped-def]
    """Mark the words that end here, and the characters of the longest; return how many of either are new."""
    new_chars = new_words = 0
    marked = False
    while state > 0:
        number = word[state]
        if number >= 0 and groups[number] & group:
            if seen[number] != stamp:
                seen[number] = stamp
                new_words += 1
            if not marked:
                marked = True
                for place in range(end - chars[number], end):
                    if covered[place] != stamp:
                        covered[place] = stamp
                        new_chars += 1
        state = shorter[state]
    return new_chars, new_words


@kernel
def _find(data, start, stop, stamp, group, classes, steps, word, shorter, chars, groups, covered, seen):  # type: ignore[no-untyped-def]
    """Return the characters of a text, how many of them are in words, and how many different words there are."""
    width = np.int64(len(steps) // len(word))
    state = np.int64(0)
    inside = False
    count = np.int64(0)
    in_words = words = 0
    at = np.int64(start)
    while at < stop:
        byte = data[np.uint64(at)]
        if byte < 0x80:
            if inside and state == 0 and at + 8 <= stop:
                # No word begins within a run of letters: on to its end.
                stops = ~letters_and_digits(lowered(eight_bytes(data, at))) & HIGH
                passed = np.int64(trailing_zeros(stops) >> _3) if stops else 8
                if passed:
                    at += passed
                    count += passed
                    continue
            joined = _ASCII_JOINED[byte]
            size = 1
        elif 0xE5 <= byte <= 0xE9:  # U+5000..9FFF: Han, which folds to itself
            joined = False
            size = 3
        else:
            point, after = code_point(data, at)
            unit = np.int64(_FOLDED[point]) if point < TABLED else np.int64(point)
            joined = (flags_of(unit) & _KIND) == _JOINED
            size = 0
        if joined != inside:
            state = np.int64(steps[state * width + _BOUNDARY_CLASS])
            if state < 0:
                state = ~state
                more, new = _mark(count, stamp, state, group, word, shorter, chars, groups, covered, seen)
                in_words += more
                words += new
            inside = joined
        if size:
            # Words are whole characters: none ends before the last byte of one, so `state` is not negative till then.
            for _ in range(size):
                state = np.int64(steps[state * width + classes[data[np.uint64(at)]]])
                at += 1
        else:
            at = after
            size = 1 if unit < 0x80 else 2 if unit < 0x800 else 3 if unit < 0x10000 else 4
            lead = np.int64(unit if size == 1 else (0xF00 >> size & 0xFF) | unit >> 6 * (size - 1))
            state = np.int64(steps[state * width + classes[lead]])
            for rest in range(size - 2, -1, -1):
                state = np.int64(steps[state * width + classes[0x80 | (unit >> 6 * rest & 0x3F)]])
        count += 1
        if state < 0:
            state = ~state
            more, new = _mark(count, stamp, state, group, word, shorter, chars, groups, covered, seen)
            in_words += more
            words += new
    if inside:
        state = np.int64(steps[state * width + _BOUNDARY_CLASS])
        if state < 0:
            more, new = _mark(count, stamp, ~state, group, word, shorter, chars, groups, covered, seen)
            in_words += more
            words += new
    return count, in_words, words


@njit(cache=True, nogil=True)
def _find_all(data, offsets, wanted, classes, steps, word, shorter, chars, groups, out):  # type: ignore[no-untyped-def]
    covered = np.zeros(longest(offsets), np.int32)  # of each character and word: the last text in which it was marked
    seen = np.zeros(len(chars), np.int32)
    for row in range(len(offsets) - 1):
        out[row, 0], out[row, 1], out[row, 2] = _find(
            data, offsets[row], offsets[row + 1], row + 1, wanted[row],
            classes, steps, word, shorter, chars, groups, covered, seen,
        )  # fmt: skip


def find(strings: pa.ChunkedArray | pa.Array, words: Automaton, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return of each text its characters, those of them that are in listed words, and the different words: n x 3.

    `groups` says of each text, as bits, which lists it is held to. Characters of words that overlap count once.

    >>> bad = automaton({"bad": 1, "bad words": 1, "坏": 1})
    >>> find(pa.array(["BAD words, badly", "很坏", ""]), bad, np.array([1, 1, 1])).tolist()
    [[16, 9, 2], [2, 1, 1], [0, 0, 0]]
    """
    data, offsets = buffers_of(strings)
    out = np.empty((len(offsets) - 1, 3), np.int64)
    automaton_of = (words.classes, words.steps, words.word, words.shorter, words.chars, words.groups)
    _find_all(data, offsets, groups, *automaton_of, out)
    return out
