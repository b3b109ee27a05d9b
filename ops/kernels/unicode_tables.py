"""Per-code-point tables that the text kernels look up: what a character is, and what it folds to.

The tables are stored beside this file and not rebuilt at run time: Python's own Unicode version differs between
3.11 and 3.13, and the same input must give the same bytes on both. Rebuild (a change of answers) with

    python -m ops.kernels.unicode_tables
"""

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPACE = 1
ALPHABETIC = 2
WORD = 4  # letters, digits and marks: what words are made of
SINGLE = 8  # a token by itself: Han, kana, Thai, Lao, Khmer, Burmese, which are written without spaces
HAN = 16
INVISIBLE = 32  # controls and zero-width characters that carry no text
UNCOMPOSED = 64  # may change under NFC
MOJIBAKE = 128  # what a UTF-8 continuation byte becomes when read as Latin-1 or Windows-1252

# A second table: what punctuation and letters are to the splitting of words and to the rules of the quality filters.
PUNCTUATION = 1  # general category P
SYMBOL = 2  # what a word of symbols is made of: punctuation, controls, and the symbols of ASCII
CAPITAL = 4  # letters but small ones: those of scripts without case are both
SMALL = 8
ICON = 16  # general category So
TERMINAL = 32  # ends a sentence
DIGIT = 64  # of any script: what `\d` finds
ALPHANUMERIC = 128  # letters and numbers, no marks: what `\w` finds, with the low line

# Planes 0 to 2 are tabled. Above, only Han extensions G and H (to U+323AF) carry text; the kernels know that range.
TABLED = 0x30000
HAN_ABOVE_END = 0x323B0

_FILE = Path(__file__).with_name("unicode_tables.npz")

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),  # iteration mark, ideographic zero
    (0x3021, 0x3029),
    (0x3031, 0x3035),
    (0x3040, 0x30FF),  # hiragana, katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width katakana
    (0x1B000, 0x1B16F),
    (0x20000, 0x2FFFF),
)
_HAN = ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FFFF))

# Joiners U+200C and U+200D are kept: Persian, Hindi and emoji need them. So are bidirectional marks.
_ZERO_WIDTH = (0x00AD, 0x180E, 0x200B, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xFEFF)

# Vowel signs of Oriya, Burmese, Chakma and Tirhuta that join the letter before, though of class 0 and not spacing.
_COMPOSING_MN = (0x0B56, 0x102E, 0x11127, 0x114BA)

# Sentence_Terminal of Unicode 15, and three Khmer signs that spaCy and FineWeb count too: 159 characters.
_TERMINAL = (
    (0x21, 0x21), (0x2E, 0x2E), (0x3F, 0x3F), (0x589, 0x589), (0x61D, 0x61F), (0x6D4, 0x6D4), (0x700, 0x702),
    (0x7F9, 0x7F9), (0x837, 0x837), (0x839, 0x839), (0x83D, 0x83E), (0x964, 0x965), (0x104A, 0x104B),
    (0x1362, 0x1362), (0x1367, 0x1368), (0x166E, 0x166E), (0x1735, 0x1736), (0x17D4, 0x17D6), (0x17D9, 0x17DA),
    (0x1803, 0x1803), (0x1809, 0x1809), (0x1944, 0x1945), (0x1AA8, 0x1AAB), (0x1B5A, 0x1B5B), (0x1B5E, 0x1B5F),
    (0x1B7D, 0x1B7E), (0x1C3B, 0x1C3C), (0x1C7E, 0x1C7F), (0x203C, 0x203D), (0x2047, 0x2049), (0x2E2E, 0x2E2E),
    (0x2E3C, 0x2E3C), (0x2E53, 0x2E54), (0x3002, 0x3002), (0xA4FF, 0xA4FF), (0xA60E, 0xA60F), (0xA6F3, 0xA6F3),
    (0xA6F7, 0xA6F7), (0xA876, 0xA877), (0xA8CE, 0xA8CF), (0xA92F, 0xA92F), (0xA9C8, 0xA9C9), (0xAA5D, 0xAA5F),
    (0xAAF0, 0xAAF1), (0xABEB, 0xABEB), (0xFE52, 0xFE52), (0xFE56, 0xFE57), (0xFF01, 0xFF01), (0xFF0E, 0xFF0E),
    (0xFF1F, 0xFF1F), (0xFF61, 0xFF61), (0x10A56, 0x10A57), (0x10F55, 0x10F59), (0x10F86, 0x10F89),
    (0x11047, 0x11048), (0x110BE, 0x110C1), (0x11141, 0x11143), (0x111C5, 0x111C6), (0x111CD, 0x111CD),
    (0x111DE, 0x111DF), (0x11238, 0x11239), (0x1123B, 0x1123C), (0x112A9, 0x112A9), (0x1144B, 0x1144C),
    (0x115C2, 0x115C3), (0x115C9, 0x115D7), (0x11641, 0x11642), (0x1173C, 0x1173E), (0x11944, 0x11944),
    (0x11946, 0x11946), (0x11A42, 0x11A43), (0x11A9B, 0x11A9C), (0x11C41, 0x11C42), (0x11EF7, 0x11EF8),
    (0x11F43, 0x11F44), (0x16A6E, 0x16A6F), (0x16AF5, 0x16AF5), (0x16B37, 0x16B38), (0x16B44, 0x16B44),
    (0x16E98, 0x16E98), (0x1BC9F, 0x1BC9F), (0x1DA88, 0x1DA88),
)  # fmt: skip

# The second and later characters of "Ã©" and "â€™".
_MOJIBAKE_MARKS = frozenset(range(0x80, 0xC0)) | {ord(c) for c in bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")}


def _within(code_point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code_point <= last for first, last in ranges)


def _flags(code_point: int) -> int:
    char = chr(code_point)
    category = unicodedata.category(char)
    letter_like = category[0] in "LNM"
    invisible = (category == "Cc" and char not in "\t\n\r\x0b\x0c\x85") or code_point in _ZERO_WIDTH
    return (
        SPACE * char.isspace()
        | ALPHABETIC * char.isalpha()
        | WORD * letter_like
        | SINGLE * (letter_like and _within(code_point, _UNSPACED))
        | HAN * (letter_like and _within(code_point, _HAN))
        | INVISIBLE * invisible
        | UNCOMPOSED * (unicodedata.normalize("NFC", char) != char or _may_compose(char))
        | MOJIBAKE * (code_point in _MOJIBAKE_MARKS)
    )


def _kinds(code_point: int) -> int:
    char = chr(code_point)
    category = unicodedata.category(char)
    punctuation = category[0] == "P"
    return (
        PUNCTUATION * punctuation
        | SYMBOL * (punctuation or category == "Cc" or (category[0] == "S" and code_point < 0x80))
        | CAPITAL * (char.isalpha() and category != "Ll")
        | SMALL * (char.isalpha() and category not in {"Lu", "Lt"})
        | ICON * (category == "So")
        | TERMINAL * _within(code_point, _TERMINAL)
        | DIGIT * char.isdecimal()
        | ALPHANUMERIC * char.isalnum()
    )


def _may_compose(char: str) -> bool:
    """Whether a character may join, or be reordered after, the one before it."""
    hangul_vowel_or_tail = 0x1161 <= ord(char) <= 0x11C2
    vowel_sign = unicodedata.category(char) == "Mc" or ord(char) in _COMPOSING_MN
    return unicodedata.combining(char) != 0 or vowel_sign or hangul_vowel_or_tail


def _folded(code_point: int) -> int:
    """Lower case and common width: the identity that near and normalised dedup compare by."""
    char = chr(code_point)
    if unicodedata.decomposition(char).startswith(("<wide>", "<narrow>")):
        char = unicodedata.normalize("NFKC", char)
    lower = char.lower()
    return ord(lower) if len(lower) == 1 else ord(char[0])


def build() -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]:
    """Compute the tables from this Python's Unicode data."""
    surrogates = range(0xD800, 0xE000)
    flags = np.array([0 if c in surrogates else _flags(c) for c in range(TABLED)], np.uint8)
    folded = np.array([c if c in surrogates else _folded(c) for c in range(TABLED)], np.int32)
    kinds = np.array([0 if c in surrogates else _kinds(c) for c in range(TABLED)], np.uint8)
    return flags, folded, kinds


def _load() -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]:
    with np.load(_FILE) as stored:
        arrays: dict[str, Any] = dict(stored)
    return arrays["flags"], arrays["fold_by"] + np.arange(TABLED, dtype=np.int32), arrays["kinds"]


def _store() -> None:
    flags, folded, kinds = build()
    # Differences compress to a tenth: nearly every character folds to itself.
    np.savez_compressed(_FILE, flags=flags, fold_by=folded - np.arange(TABLED, dtype=np.int32), kinds=kinds)
    print(f"{_FILE.name}: Unicode {unicodedata.unidata_version}, {_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    _store()
else:
    FLAGS, FOLDED, KINDS = _load()
