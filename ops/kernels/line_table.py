r"""The lines of some texts that are not blank, where they are and what they look like: a table for page furniture.

A line ends in "\n". What a line looks like is told of its text without outer spaces.
"""

from string import ascii_letters
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inlined, inner, kernel
from ops.kernels.listed_lines import BEGINS, HEADS, IN_END, Words, is_path, places_of
from ops.kernels.masks import SIZE, equal, first_of, padded, up_to
from ops.kernels.page_ends import ITEM_BYTES, PHRASE_BYTES, before_closers, is_labelled
from ops.kernels.shared_grams import lower_lines
from ops.kernels.templates import IS_LISTED
from ops.kernels.text_lines import before_spaces, past_spaces
from ops.kernels.unicode_tables import ALPHANUMERIC, CAPITAL, DIGIT, FLAGS, HAN_ABOVE_END, KINDS, SMALL, SPACE, TABLED
from ops.kernels.utf8 import code_point

INDENTED = 1  # by a tab or two spaces
PROSE = 2  # of sentences, or of a paragraph that was broken into lines
ITEM = 4  # may be one of a list of links: short, without an end mark, no list of another kind
TITLE = 8  # may be one of a list of titles, which may begin with a number
IS_UNDERLINE = 16  # the line above is a title
# Told of lines of `PHRASE_BYTES` only.
LABEL = 32  # reads like a name or a title, not like a part of a sentence or a line of verse
HAS_DIGIT = 64
IS_WIDE = 128  # each character has three bytes
IS_DATED = 256  # has a date, a time or a colon, or says by whom it is
MAY_BE_PHRASE = 512  # has a word that phrases begin with or have
MAY_BE_HEADING = 1024  # begins with a word that headings of links begin with

HEADING_BYTES = 60  # of what heads a block of links
# UTF-8 bytes of a line of a broken paragraph, and of a whole one, which is longer than any of which more is told.
_PROSE_BYTES, _PARAGRAPH_BYTES = 60, PHRASE_BYTES
_MARKS_OF_PROSE = 2
# Of a label, in characters where it is Chinese, in words elsewhere.
_LABEL_CHARS, _LABEL_WORDS, _LONG_WORD = 6, 2, 4
_END_MARKS = tuple(map(ord, ".!?。！？…:：;；,，、"))
_NO_TITLE = np.isin(np.arange(256), [*b"-*+#>[|`{}<=~"])
_BULLETS = tuple(map(ord, "•·“「"))
_OPENERS, _COUNTED = tuple(map(ord, "(（")), tuple(map(ord, ".)、）"))
_NUMERALS, _CHAPTERS, _HUNDRED = tuple(map(ord, "一二三四五六七八九十")), ord("第"), ord("百")
_IS_UNDERLINE, _UNDERLINE_MIN = np.isin(np.arange(256), [*b"=-~^"]), 3
# Words of running text, which items of lists seldom have: they tell the lines of a song from the items of a menu.
RUNNING_WORDS = (
    *("i", "me", "my", "you", "he", "she", "we", "they", "it", "his", "her", "him", "them"),
    *("is", "was", "are", "were", "be", "had", "that", "but", "so", "not", "will", "shall"),
)
RUNNING_HAN = "我你您他她它了着吗呢吧啊呀兮之乎者"
_RUNNING = tuple(int.from_bytes(word.encode()) for word in RUNNING_WORDS)
_NEWLINE = np.uint8(0x0A)
_NO_WORD = -1
_WORD_TOP = 1 << 40  # words of up to five letters are compared
_YEAR = 4  # digits

# Columns of a table: from which byte to which of the buffer a line is, without its line end, and without outer spaces;
# its flags; where it is in `Lines.low`; which line it is. Then what the rules for pages write: from which keyword to
# which it has, and why it goes.
LINE, STOP, BEGIN, END, LOOK, LOW, LOW_END, NUMBER, KEYWORD, KEYWORD_END, WHY = range(11)
COLUMNS = 11

# What the characters of a line are.
_SPACE, _WORD, _LETTER, _DIGIT, _CAPITAL, _HAN, _RUNS, _MARK, _WIDE_MARK, _COLON, _IN_DATE = (1 << i for i in range(11))


def _signs() -> NDArray[np.uint16]:
    of = np.zeros(TABLED, np.uint16)
    of[FLAGS & np.uint8(SPACE) != 0] |= _SPACE
    of[KINDS & np.uint8(ALPHANUMERIC) != 0] |= _WORD
    of[KINDS & np.uint8(DIGIT) != 0] |= _DIGIT
    of[KINDS & np.uint8(CAPITAL | SMALL) == CAPITAL] |= _CAPITAL
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, TABLED - 1)):
        of[first : last + 1] |= _HAN
    for flag, characters in (
        (_WORD, "_"),
        (_LETTER, ascii_letters),
        (_RUNS, RUNNING_HAN),
        (_MARK, ".,;!?"),  # before a space
        (_WIDE_MARK, "，。；！？"),
        (_COLON, ":："),
        (_IN_DATE, "-/.年"),
    ):
        of[[*map(ord, characters)]] |= flag
    return of


_SIGNS = _signs()


class Lines(NamedTuple):
    """Lines that are not blank, in order of their texts."""

    data: Bytes
    first: NDArray[np.int64]  # of each text its first line, and one more
    table: NDArray[np.int64]  # a row for each line, with the columns above
    low: Bytes  # the lines in small letters, without outer spaces


class _Shape(NamedTuple):
    """What the characters of a line are."""

    chars: int
    digits: int
    marks: int  # as sentences have them, within
    is_label: bool
    is_dated: bool


@inlined
def _sign(point):  # type: ignore[no-untyped-def]
    if point < TABLED:
        return np.int64(_SIGNS[point])
    return np.int64(_WORD | _HAN if point < HAN_ABOVE_END else 0)


@inner
def _shape(data, at, stop):  # type: ignore[no-untyped-def]
    """Return what a short line is made of."""
    chars = digits = marks = words = long = long_capital = all_signs = 0
    runs = follows_mark = is_capital = False
    in_number = 0  # digits before; -1 after a year and a mark
    is_dated = stop - at > 2 and data[at] | 0x20 == 0x62 and data[at + 1] | 0x20 == 0x79 and data[at + 2] == 0x20
    word = 0  # the letters of one of `RUNNING_WORDS`, as far as it may be one
    in_word = 0  # characters since the last space
    while at < stop:
        point, at = code_point(data, at)
        sign = _sign(point)
        all_signs |= sign
        chars += 1
        if sign & _DIGIT:
            is_dated |= in_number < 0
            in_number = max(in_number, 0) + 1
            digits += 1
        else:
            in_number = -1 if in_number >= _YEAR and sign & _IN_DATE else 0
        if sign & _WORD:
            word = word << 8 | (point | 0x20) if sign & _LETTER and 0 <= word < _WORD_TOP else _NO_WORD
        else:
            runs |= word > 0 and word in _RUNNING
            word = 0
        if sign & _SPACE:
            marks += follows_mark
            in_word = 0
        else:
            if not in_word:
                words += 1
                is_capital = sign & _CAPITAL != 0
            in_word += 1
            long += in_word == _LONG_WORD
            long_capital += in_word == _LONG_WORD and is_capital
            marks += sign & _WIDE_MARK != 0
        follows_mark = sign & _MARK != 0
    runs |= (word > 0 and word in _RUNNING) or all_signs & _RUNS != 0
    is_dated |= all_signs & _COLON != 0
    if all_signs & _HAN:
        is_label = chars <= _LABEL_CHARS or not runs
    else:
        is_label = words <= _LABEL_WORDS or (2 * long_capital > long and not runs)
    return _Shape(chars, digits, marks, is_label, is_dated)


@inner
def _is_listed(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a line begins as those of lists of other kinds: with a mark, (a) or 2., 第三."""
    if IS_LISTED[data[at]]:
        return True
    point, after = code_point(data, at)
    if point in _BULLETS:
        return True
    if point == _CHAPTERS and after < stop:
        number = code_point(data, after)[0]
        return number in _NUMERALS or number == _HUNDRED or _sign(number) & _DIGIT != 0
    if point in _OPENERS:
        at = after
    for letters in range(4):
        if at >= stop:
            return False
        point, at = code_point(data, at)
        if letters and point in _COUNTED:
            return True
        if not (0x41 <= point <= 0x5A or 0x61 <= point <= 0x7A or point in _NUMERALS):
            return False
    return False


@inner
def _is_underline(data, at, stop):  # type: ignore[no-untyped-def]
    size = stop - at
    while at < stop and _IS_UNDERLINE[data[at]]:
        at += 1
    return at == stop and size >= _UNDERLINE_MIN


@inner
def _look_of(data, line, at, stop, words):  # type: ignore[no-untyped-def]
    """Return what a line without outer spaces looks like; `line` is where it begins."""
    size = stop - at
    indented = at > line and (data[line] == 0x09 or (data[line] == 0x20 and data[line + 1] == 0x20))
    look = INDENTED if indented else 0
    look |= IS_UNDERLINE if _is_underline(data, at, stop) else 0
    if size > PHRASE_BYTES:
        return look | PROSE
    ended = before_closers(data, at, stop) in _END_MARKS
    shape = _shape(data, at, stop)
    prose = size >= _PARAGRAPH_BYTES or (size >= _PROSE_BYTES and (ended or shape.marks >= _MARKS_OF_PROSE))
    look |= PROSE if prose else 0
    look |= LABEL if shape.is_label else 0
    look |= HAS_DIGIT if shape.digits else 0
    look |= IS_DATED if shape.is_dated else 0
    look |= IS_WIDE if size == 3 * shape.chars else 0
    if not (ended or indented):
        if size <= ITEM_BYTES and not is_labelled(data, at, stop) and not _is_listed(data, at, stop):
            look |= ITEM
        if not prose and not _NO_TITLE[data[at]]:
            look |= TITLE
    wanted = np.uint8(BEGINS | IN_END | HEADS if size <= HEADING_BYTES else BEGINS | IN_END)
    places = places_of(data, at, stop, words, wanted)
    if not indented and (places & np.uint8(BEGINS | IN_END) or is_path(data, at, stop)):
        look |= MAY_BE_PHRASE
    return look | MAY_BE_HEADING if places & np.uint8(HEADS) else look


@kernel
def _look_at_all(data, texts, words, first, table):  # type: ignore[no-untyped-def]
    count = 0
    for text in range(len(texts)):
        first[text] = count
        line, end = texts[text, 0], texts[text, 1]
        while line < end:
            stop = block = line
            found = np.uint64(0)
            while not found and block < end:
                found = up_to(equal(data, block, _NEWLINE), block, end)
                stop = block + first_of(found) if found else end
                block += SIZE
            begin = past_spaces(data, line, stop)
            if begin < stop:
                last = before_spaces(data, begin, stop)
                table[count, LINE], table[count, STOP] = line, stop
                table[count, BEGIN], table[count, END] = begin, last
                table[count, LOOK] = _look_of(data, line, begin, last, words)
                count += 1
            line = stop + 1
    first[len(texts)] = count


def line_table(data: Bytes, texts: NDArray[np.int64], words: Words) -> Lines:
    r"""Return the lines of texts: n x 2, from which byte to which of a buffer. `words` are those of furniture.

    >>> from ops.kernels.listed_lines import words_of
    >>> text = b"Home\n\n Share this \nThe mill stood by the river, as it had stood for many a year.\n"
    >>> lines = line_table(np.frombuffer(text, np.uint8), np.array([[0, len(text)]]), words_of({BEGINS: ["share"]}))
    >>> lines.table[:, [BEGIN, END]].tolist(), (lines.table[:, LOOK] & (ITEM | PROSE | MAY_BE_PHRASE)).tolist()
    ([[0, 4], [7, 17], [19, 80]], [4, 516, 2])
    """
    most = int((texts[:, 1] - texts[:, 0]).sum()) // 2 + 2 * len(texts)  # never touched beyond what is found
    first, found = np.empty(len(texts) + 1, np.int64), np.empty((most, LOOK + 1), np.int64)
    _look_at_all(padded(data), texts, words, first, found)
    count = int(first[-1])
    table = np.zeros((count, COLUMNS), np.int64)
    table[:, : LOOK + 1] = found[:count]
    low, table[:, LOW : LOW_END + 1] = lower_lines(data, np.ascontiguousarray(found[:count, BEGIN : END + 1]))
    table[:, NUMBER] = np.arange(count)
    return Lines(data, first, table, low)
