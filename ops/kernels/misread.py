"""Chinese characters that tell UTF-8 which was read as GBK: "鍙樺法" for the bytes of "变巨".

Two characters of UTF-8 are six bytes, and so three characters of GBK: the first is of a lead byte and a continuation
byte, the second of a continuation byte and a lead byte, the third of two continuation bytes. Few of those are frequent.

Which are is counted in the words of jieba's dictionary (MIT), traditional forms being added by OpenCC (Apache-2.0), and
stored beside this file. Rebuild (a change of answers), with `dict.txt` of jieba's source archive, by

    python -m ops.kernels.misread dict.txt
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FILE = Path(__file__).with_name("frequent_han.npz")
_FREQUENT = 3500  # characters: as many as a school's list of common ones has

_TRAILS = [*range(0x40, 0x7F), *range(0x80, 0xFF)]
_EURO = "€"  # what browsers make of the byte 0x80, which GBK has not


def build(words: list[str]) -> NDArray[np.uint16]:
    """Return the code points of frequent characters, of lines of a word, its count, and more."""
    from opencc import OpenCC  # noqa: PLC0415 - only who rebuilds the table needs it

    counts: Counter[str] = Counter()
    # Not words of one character: among those is mojibake itself, 鎴 and 鏄, which the dictionary has counted.
    for word, count, *_ in (line.split() for line in words if line[1:2] != " "):
        counts.update(dict.fromkeys((char for char in word if "\u4e00" <= char <= "\u9fff"), int(count)))
    frequent = sorted(counts, key=lambda char: (-counts[char], char))[:_FREQUENT]
    to_traditional = OpenCC("s2t")
    traditional = (to_traditional.convert(char) for char in frequent)
    return np.array(sorted({ord(char) for chars in (frequent, traditional) for char in chars}), np.uint16)


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


def _load() -> frozenset[str]:
    with np.load(_FILE) as stored:
        return frozenset(map(chr, stored["points"].tolist()))


def _store(dictionary: Path) -> None:
    points = build(dictionary.read_text(encoding="utf-8").splitlines())
    np.savez_compressed(_FILE, points=points)
    print(f"{_FILE.name}: {_FILE.stat().st_size:,} bytes, {len(points):,} characters")


if __name__ == "__main__":
    _store(Path(sys.argv[1]))
else:
    FREQUENT = _load()
    KNOWN = FREQUENT | _known()
    GBK = _block(range(0x81, 0xFF), _TRAILS) | {_EURO}  # two bytes each, but for the euro sign
    # The reading of a lead byte of three or four and the byte after it, and of what follows that: a continuation byte,
    # and another, or a lead byte, or ASCII.
    FIRST = _block(range(0xE2, 0xF1), [*range(0x80, 0xC0)])
    NEXT = _block(range(0x81, 0xC0), [*range(0x40, 0x7F), *range(0x80, 0xC0), *range(0xC2, 0xF1)]) | {_EURO}
    RARE = FIRST - FREQUENT
