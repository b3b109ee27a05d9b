"""Chinese characters that tell UTF-8 which was read as GBK: "鍙樺法" for the bytes of "变巨".

Two characters of UTF-8 are six bytes, and so three characters of GBK: the first is of a lead byte and a continuation
byte, the second of a continuation byte and a lead byte, the third of two continuation bytes. Few of those are frequent.

How often each is met is counted in the words of jieba's dictionary (MIT), traditional forms being added by OpenCC
(Apache-2.0), and stored beside this file. Rebuild (a change of answers), with `dict.txt` of jieba's source archive, by

    python -m ops.kernels.misread dict.txt
"""

import sys
from collections import Counter
from math import log2
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FILE = Path(__file__).with_name("frequent_han.npz")
_FREQUENT = 3500  # characters: as many as a school's list of common ones has

# How surprising characters are, in bits: what text has in place of a Han character that no word of the dictionary has.
_RARE_BITS = 22
_KNOWN_BITS = 18  # of one in the first levels of GB 2312 and Big5
_TRADITIONAL_BITS = 2  # more than the simplified form
_OTHER_BITS = 24
_NEVER_BITS = 30  # what no text has: private use and controls
ABOVE_BITS = 12  # of emoji, in planes above the first; of what else is there, twice that
_USUAL_BITS = (  # from which character to which
    (0x20, 0x7E, 6), (0xA0, 0xFF, 12), (0x370, 0x451, 14), (0x2010, 0x2044, 8), (0x20AC, 0x20AC, 14),
    (0x2100, 0x27BF, 12), (0x3000, 0x303F, 6), (0x3040, 0x30FF, 8), (0xFE0F, 0xFE0F, 12), (0xFF01, 0xFFEE, 6),
)  # fmt: skip

_TRAILS = [*range(0x40, 0x7F), *range(0x80, 0xFF)]
_EURO = "€"  # what browsers make of the byte 0x80, which GBK has not


def build(words: list[str]) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint8]]:
    """Return frequent characters, all characters, and how surprising these are, in bits.

    Of lines of a word, its count, and more.
    """
    from opencc import OpenCC  # noqa: PLC0415 - only who rebuilds the table needs it

    counts: Counter[str] = Counter()
    # Not words of one character: among those is mojibake itself, 鎴 and 鏄, which the dictionary has counted.
    for word, count, *_ in (line.split() for line in words if line[1:2] != " "):
        counts.update(dict.fromkeys((char for char in word if "\u4e00" <= char <= "\u9fff"), int(count)))
    convert = OpenCC("s2t").convert
    to_traditional = {char: convert(char) for char in counts}
    frequent = sorted(counts, key=lambda char: (-counts[char], char))[:_FREQUENT]
    frequent += [to_traditional[char] for char in frequent]
    total = sum(counts.values())
    bits = {char: round(log2(total / (count + 1))) for char, count in counts.items()}
    for char, traditional in to_traditional.items():
        bits[traditional] = min(bits.get(traditional, _RARE_BITS), bits[char] + _TRADITIONAL_BITS)
    points = sorted(map(ord, bits))
    return (
        np.array(sorted({*map(ord, frequent)}), np.uint16),
        np.array(points, np.uint16),
        np.array([min(bits[chr(point)], _RARE_BITS) for point in points], np.uint8),
    )


def mark(table: NDArray[np.uint8], chars: frozenset[str], flag: int) -> None:
    """Put a flag on characters in a table by code point."""
    table[[ord(char) for char in chars]] |= flag


def _block(leads: range, trails: list[int]) -> frozenset[str]:
    """Return the characters of two bytes of GBK, by their first and their second byte."""
    # By GB 18030, which adds to GBK nothing but the private use area for pairs that GBK leaves open.
    return frozenset(bytes(byte for lead in leads for trail in trails for byte in (lead, trail)).decode("gb18030"))


def _known() -> frozenset[str]:
    """Return the first levels of GB 2312 and Big5, 3,755 and 5,401 characters that many texts have."""
    simplified = bytes(byte for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for byte in (lead, trail))
    big5 = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = bytes(byte for lead in range(0xA4, 0xC7) for trail in big5 for byte in (lead, trail))
    return frozenset(simplified.decode("gb2312", "ignore") + traditional.decode("big5", "ignore"))


def _bits(points: NDArray[np.uint16], bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how surprising each character of the first plane is, in bits."""
    table = np.full(0x10000, _OTHER_BITS, np.uint8)
    table[:0x20] = table[0x7F:0xA0] = table[0xD800:0xF900] = table[0xFFFD:] = _NEVER_BITS
    table[0x3400:0xA000] = _RARE_BITS
    for first, last, usual in _USUAL_BITS:
        table[first : last + 1] = usual
    table[[ord(char) for char in _known()]] = _KNOWN_BITS
    table[points] = bits
    return table


def _codes() -> NDArray[np.uint16]:
    """Return the bytes of each character of the first plane that GBK has, as a number; 0 for others."""
    table = np.zeros(0x10000, np.uint16)
    for char in GBK - {_EURO}:
        table[ord(char)] = int.from_bytes(char.encode("gb18030"))
    table[ord(_EURO)] = 0x80
    return table


def _store(dictionary: Path) -> None:
    frequent, points, bits = build(dictionary.read_text(encoding="utf-8").splitlines())
    np.savez_compressed(_FILE, frequent=frequent, points=points, bits=bits)
    print(f"{_FILE.name}: {_FILE.stat().st_size:,} bytes, {len(points):,} characters, {len(frequent):,} frequent")


if __name__ == "__main__":
    _store(Path(sys.argv[1]))
else:
    with np.load(_FILE) as _stored:
        FREQUENT = frozenset(map(chr, _stored["frequent"].tolist()))
        BITS = _bits(_stored["points"], _stored["bits"])
    GBK = _block(range(0x81, 0xFF), _TRAILS) | {_EURO}  # two bytes each, but for the euro sign
    CODES = _codes()
    # The reading of a lead byte of three or four and the byte after it, and of what follows that: a continuation byte,
    # and another, or a lead byte, or ASCII.
    FIRST = _block(range(0xE2, 0xF1), [*range(0x80, 0xC0)])
    NEXT = _block(range(0x81, 0xC0), [*range(0x40, 0x7F), *range(0x80, 0xC0), *range(0xC2, 0xF1)]) | {_EURO}
    RARE = FIRST - FREQUENT
    # What no word of the dictionary has, and private use: a character of a lost one and half of the next, mostly.
    UNKNOWN = frozenset(char for char in GBK if BITS[ord(char)] in (_RARE_BITS, _NEVER_BITS))
