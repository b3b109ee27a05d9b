"""Which readings each Han character has in pinyin, and what letters such syllables are written with.

The readings come from the tables of pypinyin (MIT), which gathers them from Unihan and other sources, and are stored
beside this file. Rebuild (a change of answers), with that package installed, by

    python -m ops.kernels.pinyin
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Letters are numbered from 1, five bits each; v stands for ü, and follows u.
ALPHABET = "abcdefghijklmnopqrstuvwxyzê"
SYLLABLE_LETTERS_MAX = 6  # zhuang

# What a character below TABLED is in a syllable: the number of its letter, and whether it bears or is a mark.
LETTER = 31
TONE = 32
MARK = 64  # a combining character
TABLED = 0x2000

_VARIANTS = {"ü": "v", "ɡ": "g", "ɑ": "a"}  # the last two are what word processors write in glosses
_TONES = "\u0304\u0301\u030c\u0300"  # first to fourth, as combining characters
_DIAERESIS = "\u0308"
_TONE_BEARERS = "aeiouüêmn"

_FILE = Path(__file__).with_name("pinyin_readings.npz")


def toneless(syllable: str) -> str:
    """Return a syllable without its tone, in letters of the alphabet.

    >>> toneless("nǚ"), toneless("ɡǒu"), toneless("de")
    ('nv', 'gou', 'de')
    """
    plain = "".join(char for char in unicodedata.normalize("NFD", syllable) if char not in _TONES)
    return "".join(_VARIANTS.get(char, char) for char in unicodedata.normalize("NFC", plain))


def key_of(syllable: str) -> int:
    """Return the number of a toneless syllable: five bits a letter."""
    key = 0
    for letter in syllable:
        key = key << 5 | (ALPHABET.index(letter) + 1)
    return key


def build(readings: Mapping[int, str]) -> NDArray[np.uint64]:
    """Return the sorted pairs `code point << 32 | syllable` of a table of readings, which commas part."""
    pairs = {
        point << 32 | key_of(plain)
        for point, several in readings.items()
        for plain in map(toneless, several.split(","))
        if plain and set(plain) <= set(ALPHABET) and len(plain) <= SYLLABLE_LETTERS_MAX
    }
    return np.array(sorted(pairs), np.uint64)


def _letters() -> NDArray[np.uint8]:
    table = np.zeros(TABLED, np.uint8)
    for number, letter in enumerate(ALPHABET, 1):
        table[ord(letter)] = number
    for variant, letter in _VARIANTS.items():
        table[ord(variant)] = table[ord(letter)]
    for bearer in _TONE_BEARERS:
        for tone in _TONES:
            char = unicodedata.normalize("NFC", bearer + tone)
            if len(char) == 1:
                table[ord(char)] = table[ord(bearer)] | TONE
    table[[ord(tone) for tone in _TONES]] = TONE | MARK
    table[ord(_DIAERESIS)] = MARK
    return table


def _store() -> None:
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - only who rebuilds the table needs it

    pairs = build(pinyin_dict)
    points, syllables = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
    # Numbers of syllables, and steps from one character to the next, compress to a fifth.
    known, number = np.unique(syllables.astype(np.uint32), return_inverse=True)
    steps = np.diff(points.astype(np.int64), prepend=0).astype(np.int32)
    np.savez_compressed(_FILE, steps=steps, number=number.astype(np.uint16), known=known)
    print(f"{_FILE.name}: {_FILE.stat().st_size:,} bytes, {len(pairs):,} readings, {len(known)} syllables")


def _load() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    with np.load(_FILE) as stored:
        known = stored["known"].astype(np.uint64)
        points = np.cumsum(stored["steps"], dtype=np.uint64)
        return points << np.uint64(32) | known[stored["number"]], known


LETTERS = _letters()
TONED = frozenset(chr(point) for point in np.flatnonzero(LETTERS & TONE))

if __name__ == "__main__":
    _store()
else:
    READINGS, SYLLABLES = _load()  # pairs, in order, and all their syllables, in order
