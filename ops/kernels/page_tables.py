"""What page signals ask of a character, in one table, and words and characters that carry no topic."""

import string

import numpy as np
from numpy.typing import NDArray

from ops.kernels import scripts
from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, INVISIBLE, KINDS, PUNCTUATION, SINGLE, SPACE, TABLED, WORD

# The lowest four bits: what kind of character it is. `REST` is marks, controls and numbers that are no digits.
KIND = 0xF
REST, BLANK, LATIN, HAN, KANA, HANGUL, CYRILLIC, OTHER_LETTER, DIGIT, PUNCT, SYMBOL = range(11)
KINDS_OF_CHAR = 11

UNSPACED = 1 << 4  # of a script without spaces: tokens are pairs of these
WORD_CHAR = 1 << 5  # a letter, digit or mark of the other scripts
LETTER = 1 << 6
LINE_END = 1 << 7  # one of `str.splitlines`
SENTENCE_END = 1 << 8  # where CT-LLM splits: . ! … ? ; and straight or curly quotes, of any width
DAMAGED = 1 << 9  # c4-dataset-script: a box, U+FFFD or private use
CODE = 1 << 10  # nearly all lines of code have one
BREAK = 1 << 11  # parts the items of a list: commas, bars, slashes and spaces
FUNCTION = 1 << 12  # an unspaced character of grammar rather than of a topic
ALPHANUMERIC = 1 << 13  # NeMo Curator's: ASCII letters and digits, newlines, and ? ! , .
BRACKET = 1 << 14  # NeMo Curator's
RARE = 1 << 15  # begins or ends something: a colon (of a URL), 【, 】

POINTS = 0x110000
ABOVE_HAN = UNSPACED | LETTER | HAN
ABOVE_REST = SYMBOL
ABOVE_PRIVATE = SYMBOL | DAMAGED
PRIVATE_ABOVE = 0xF0000

_LETTER_KINDS = {"Latin": LATIN, "Han": HAN, "Kana": KANA, "Hangul": HANGUL, "Cyrillic": CYRILLIC}
_MARKED = (
    (LINE_END, "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
    (SENTENCE_END, '.!…?;"。！？；“”．＂'),
    (DAMAGED, "□■\ufffd"),
    (CODE, "{}()[]<>=_$&|\\"),
    (BREAK, ",，、|｜丨;；/／·"),
    (ALPHANUMERIC, "\n?!,."),
    (BRACKET, "{}⟨⟩[]()"),
    (RARE, ":【】"),
)

# Characters of grammar, Simplified and Traditional; a pair with one of them is no topic. Then hiragana, in the table.
FUNCTION_CHARS = (
    "的了是在和有不我他她它这這那们們个個一上也就都而及与與或但到说說要会會能可以对對把被从從为為以之其于於着著过過得地你您"
    "很还還又只最更并並等将將让讓没沒来來去因所如果多些么麼什怎样樣里裡后後前下"
)

# Lower case, as a word is between marks that are no letters: "don't" is two words.
_STOP_TEXT = (
    "a about above after again against all also although am among an and another any are around as at back be "
    "because been before being below between both but by came can cannot come could did do does doing don done down "
    "during each either even ever every few first for from further get give go good got great had has have having "
    "he her here hers herself him himself his how however if in into is isn it its itself just know last less let "
    "like little ll long made make man many may me might mine more most much must my myself never new no nor not "
    "nothing now of off often old on once one only or other our ours out over own part people re said same say says "
    "see seem shall she should since so some something still such take than that the their theirs them themselves "
    "then there these they thing things think this those though through thus time to too took two under until up "
    "upon us use used using ve very was way we well went were what when where whether which while who whom whose "
    "why will with within without would yes yet you your yours yourself "
)
STOP_WORDS = frozenset(_STOP_TEXT.split())

_SLOTS = 1024
_GOLDEN = 0x9E3779B97F4A7C15
_BASIS = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_ALL = (1 << 64) - 1


def _class_table() -> NDArray[np.uint16]:
    points = np.arange(TABLED)
    plane = np.full(TABLED, OTHER_LETTER)
    by_script = np.array([_LETTER_KINDS.get(name, OTHER_LETTER) for name in scripts.NAMES])
    told = scripts.SCRIPT != scripts.NO_LETTER
    plane[: scripts.TABLED][told] = by_script[scripts.SCRIPT[told]]
    plane[0x20000:] = HAN
    control = (points < 0x20) | ((points >= 0x7F) & (points < 0xA0)) | ((points >= 0xD800) & (points < 0xE000))
    table = np.full(TABLED, SYMBOL, np.uint16)
    table[control | (FLAGS & (WORD | INVISIBLE) != 0)] = REST
    table[KINDS & PUNCTUATION != 0] = PUNCT
    letters = FLAGS & ALPHABETIC != 0
    table[letters] = plane[letters] | LETTER
    table[[ord(char) for char in "0123456789０１２３４５６７８９"]] = DIGIT
    table[FLAGS & SPACE != 0] = BLANK
    words, single = FLAGS & WORD != 0, FLAGS & SINGLE != 0
    table[words & ~single] |= WORD_CHAR
    table[words & single] |= UNSPACED
    for mark, chars in (*_MARKED, (ALPHANUMERIC, string.ascii_letters + string.digits), (FUNCTION, FUNCTION_CHARS)):
        table[sorted(set(map(ord, chars)))] |= mark
    table[FLAGS & SPACE != 0] |= BREAK
    table[0x3041:0x30A0] |= FUNCTION  # hiragana
    table[0xE000:0xF900] |= DAMAGED  # private use
    return table


def word_hash(word: str) -> int:
    """Return the hash that `ops.kernels.page` gives a word of folded characters."""
    value = _BASIS
    for char in word:
        value = ((value ^ ord(char)) * _PRIME) & _ALL
    value = ((value ^ value >> 32) * _GOLDEN) & _ALL
    return value | 1


def _stop_table() -> NDArray[np.uint64]:
    table = np.zeros(_SLOTS, np.uint64)
    for value in map(word_hash, sorted(STOP_WORDS)):
        slot = value >> 54
        while table[slot]:
            slot = (slot + 1) % _SLOTS
        table[slot] = value
    return table


CLASSES = _class_table()
STOPS = _stop_table()
BULLETS = np.array(sorted(map(ord, "•●○■□▪▫※·➢‣▶◀◦–")))  # CT-LLM's fifteen
