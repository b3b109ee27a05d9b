"""Which Han characters tell writing systems apart: Simplified or Traditional Chinese, Japanese or Chinese.

The sets come from the tables of OpenCC (Apache-2.0), a map between variants that is kept up: a character that the
tables turn into others, and that is on no other side of them, occurs in one writing system only. "后" (empress, or the
simplified 後) is in neither set. They are stored beside this file. Rebuild (a change of answers) with the text form of
the tables, which `opencc_dict` of the `opencc` wheel writes (`-f ocd2 -t text`):

    python -m ops.kernels.han_variants FOLDER

where FOLDER has STCharacters.txt, TSCharacters.txt and JPShinjitaiCharacters.txt.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIMPLIFIED = 1  # in Simplified Chinese, never in Traditional; some of them in Japanese too
TRADITIONAL = 2  # in Traditional Chinese, never in Simplified; many of them in Japanese too
JAPANESE = 4  # in Japanese, never in Chinese
CHINESE = 8  # in Chinese, never in Japanese

# Text beyond these is too rare to tell by: extensions B and later hold names and old books.
FIRST = 0x3400
END = 0xA000

_FILE = Path(__file__).with_name("han_variants.npz")

Table = dict[str, list[str]]  # a character, and what it may become


def build(simplified: Table, traditional: Table, shinjitai: Table) -> NDArray[np.uint8]:
    """Return the flags of each character from FIRST to END.

    The tables go from simplified to traditional, from traditional to simplified, and from today's Japanese characters
    to the old ones.
    """
    made_traditional, made_simplified, old_japanese = (
        {char for chars in table.values() for char in chars} for table in (simplified, traditional, shinjitai)
    )
    flags = np.zeros(END - FIRST, np.uint8)
    for point in range(FIRST, END):
        char = chr(point)
        only_simplified = char in simplified and char not in traditional and char not in made_traditional
        only_traditional = char in traditional and char not in simplified and char not in made_simplified
        # The table of Japanese also names characters that Chinese has: in its standards, or variants that Hong Kong
        # writes (説, 緑), which the tables of Chinese know.
        in_standard = _encodes(char, "gb2312") or _encodes(char, "big5")
        only_japanese = char in shinjitai and not (in_standard or only_simplified or only_traditional)
        flags[point - FIRST] = (
            SIMPLIFIED * only_simplified
            | TRADITIONAL * only_traditional
            | JAPANESE * only_japanese
            | CHINESE * ((only_simplified and char not in shinjitai) or (only_traditional and char in old_japanese))
        )
    return flags


def read(path: Path) -> Table:
    """Read a table of OpenCC in its text form: a character, a tab, and its variants with a space between."""
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {char: variants.split() for char, variants in lines}


def _encodes(char: str, standard: str) -> bool:
    return bool(char.encode(standard, "ignore"))


def _store(folder: Path) -> None:
    flags = build(*(read(folder / f"{name}.txt") for name in ("STCharacters", "TSCharacters", "JPShinjitaiCharacters")))
    np.savez_compressed(_FILE, flags=flags)
    print(f"{_FILE.name}: {_FILE.stat().st_size:,} bytes, {np.count_nonzero(flags):,} characters tell something")


def _load() -> NDArray[np.uint8]:
    with np.load(_FILE) as stored:
        flags: NDArray[np.uint8] = stored["flags"]
    return flags


if __name__ == "__main__":
    _store(Path(sys.argv[1]))
else:
    VARIANTS = _load()
