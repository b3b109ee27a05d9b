"""The script of each letter, by ranges of Unicode that no version moves, and the language that a script means.

Where a script is written for one language, give or take small ones, it decides; the others are listed with none.
"""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.unicode_tables import ALPHABETIC, FLAGS

# Letters of these weigh more: a Chinese character says as much as three letters of an alphabet, a syllable as two. So
# "the larger part" of a mixed page is the one with more text, not the one with more characters.
_HAN_WEIGHT = 3
_SYLLABLE_WEIGHT = 2

_SYLLABLES = ("Hangul", "Kana", "Yi", "Cherokee", "Ethiopic")

# Script, language ("" is asked for), ranges of code points.
_SCRIPTS: tuple[tuple[str, str, tuple[tuple[int, int], ...]], ...] = (
    ("Other", "und", ()),
    (
        "Latin",
        "",
        (
            (0x41, 0x2AF),
            (0x1D00, 0x1EFF),
            (0x2071, 0x209C),
            (0x2C60, 0x2C7F),
            (0xA720, 0xA7FF),
            (0xAB30, 0xAB6F),
            (0xFB00, 0xFB06),
            (0xFF21, 0xFF5A),
        ),
    ),
    ("Han", "zh", ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3100, 0x312F), (0x3400, 0x9FFF), (0xF900, 0xFAFF))),
    ("Kana", "ja", ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9D))),
    ("Hangul", "ko", ((0x1100, 0x11FF), (0x3131, 0x318E), (0xA960, 0xA97F), (0xAC00, 0xD7FF))),
    ("Cyrillic", "", ((0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F))),
    ("Arabic", "", ((0x600, 0x6FF), (0x750, 0x77F), (0x870, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))),
    ("Devanagari", "", ((0x900, 0x97F), (0xA8E0, 0xA8FF))),
    ("Hebrew", "", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),  # Hebrew and Yiddish
    ("Bengali", "", ((0x980, 0x9FF),)),  # Bengali and Assamese
    ("Tibetan", "", ((0xF00, 0xFFF),)),  # Tibetan and Dzongkha
    ("Ethiopic", "", ((0x1200, 0x139F), (0x2D80, 0x2DDF))),  # Amharic and Tigrinya
    ("Greek", "el", ((0x370, 0x3FF), (0x1F00, 0x1FFF))),
    ("Armenian", "hy", ((0x530, 0x58F), (0xFB13, 0xFB17))),
    ("Georgian", "ka", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
    ("Thai", "th", ((0xE00, 0xE7F),)),
    ("Lao", "lo", ((0xE80, 0xEFF),)),
    ("Khmer", "km", ((0x1780, 0x17FF),)),
    ("Myanmar", "my", ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F))),
    ("Tamil", "ta", ((0xB80, 0xBFF),)),
    ("Telugu", "te", ((0xC00, 0xC7F),)),
    ("Kannada", "kn", ((0xC80, 0xCFF),)),
    ("Malayalam", "ml", ((0xD00, 0xD7F),)),
    ("Gujarati", "gu", ((0xA80, 0xAFF),)),
    ("Gurmukhi", "pa", ((0xA00, 0xA7F),)),
    ("Oriya", "or", ((0xB00, 0xB7F),)),
    ("Sinhala", "si", ((0xD80, 0xDFF),)),
    ("Thaana", "dv", ((0x780, 0x7BF),)),
    ("Syriac", "syr", ((0x700, 0x74F),)),
    ("Cherokee", "chr", ((0x13A0, 0x13FF), (0xAB70, 0xABBF))),
    ("Canadian", "iu", ((0x1400, 0x167F),)),
    ("Mongolian", "mn", ((0x1800, 0x18AF),)),
    ("Yi", "ii", ((0xA000, 0xA4CF),)),
)

NAMES = tuple(name for name, _, _ in _SCRIPTS)
LANGUAGE_OF = tuple(language for _, language, _ in _SCRIPTS)
OTHER = NAMES.index("Other")
LATIN = NAMES.index("Latin")
HAN = NAMES.index("Han")
KANA = NAMES.index("Kana")
COUNT = len(NAMES)

WEIGHTS = np.array([_HAN_WEIGHT if n == "Han" else _SYLLABLE_WEIGHT if n in _SYLLABLES else 1 for n in NAMES], np.int64)

NO_LETTER = 255
TABLED = 0x10000


def _table() -> NDArray[np.uint8]:
    table = np.full(TABLED, OTHER, np.uint8)
    for number, (_, _, ranges) in enumerate(_SCRIPTS):
        for first, last in ranges:
            table[first : last + 1] = number
    table[FLAGS[:TABLED] & ALPHABETIC == 0] = NO_LETTER
    return table


SCRIPT = _table()  # of each code point of plane 0; NO_LETTER of what is none
