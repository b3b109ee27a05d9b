"""The stored sets are what OpenCC's tables say, and the rules by which they were made."""

import importlib.util
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ops.kernels import han_variants as h


def of(chars: str) -> list[int]:
    return [int(h.VARIANTS[ord(char) - h.FIRST]) for char in chars]


@pytest.mark.parametrize(
    ("chars", "flags"),
    [
        ("们这说动为", h.SIMPLIFIED | h.CHINESE),
        ("国学会点", h.SIMPLIFIED),  # Japanese too
        ("們這說麼", h.TRADITIONAL),
        ("國學會氣", h.TRADITIONAL | h.CHINESE),  # Japanese has simplified them
        ("時間門", h.TRADITIONAL),
        ("気図売駅沢", h.JAPANESE),
        ("的是人后里干面台乾於着予欠", 0),
    ],
)
def test_sets(chars: str, flags: int) -> None:
    if flags == h.TRADITIONAL and "說" in chars:
        assert all(flag & h.TRADITIONAL for flag in of(chars))  # some of them with CHINESE: 說 is 説 in Japanese
    else:
        assert of(chars) == [flags] * len(chars)


def test_sides_exclude_each_other() -> None:
    simplified, traditional, japanese, chinese = (h.VARIANTS & flag != 0 for flag in (1, 2, 4, 8))
    assert not (simplified & traditional).any()
    assert not (japanese & (simplified | traditional | chinese)).any()
    assert not (chinese & ~(simplified | traditional)).any()
    assert [int(np.count_nonzero(one)) for one in (simplified, traditional, japanese)] == COUNTS


COUNTS = [2660, 3132, 222]


def test_rules() -> None:
    """体 has 體; 后 has 後 and itself; 气 and 氣, which Japanese made 気; 予 is Japanese for 豫, and Chinese."""
    flags = h.build(
        {"体": ["體"], "后": ["後", "后"], "气": ["氣"]},
        {"體": ["体"], "後": ["后"], "氣": ["气"]},
        {"気": ["氣"], "予": ["豫"], "体": ["體"]},
    )
    told = {chr(n + h.FIRST): int(flags[n]) for n in np.flatnonzero(flags)}
    assert told == {
        "体": h.SIMPLIFIED,
        "體": h.TRADITIONAL | h.CHINESE,
        "後": h.TRADITIONAL,
        "气": h.SIMPLIFIED | h.CHINESE,
        "氣": h.TRADITIONAL | h.CHINESE,
        "気": h.JAPANESE,
    }


def test_tables_are_what_opencc_says(tmp_path: Path) -> None:
    """Made from the tables of the `opencc` wheel that the tests are pinned to, by its own program."""
    package = importlib.util.find_spec("opencc")
    assert package is not None
    folder = Path(str(package.origin)).parent / "clib"
    tables = []
    for name in ("STCharacters", "TSCharacters", "JPShinjitaiCharacters"):
        out = tmp_path / f"{name}.txt"
        stored = folder / "share" / "opencc" / f"{name}.ocd2"
        program = [folder / "bin" / "opencc_dict", "-i", stored, "-o", out, "-f", "ocd2", "-t", "text"]
        subprocess.run(program, check=True)
        tables.append(h.read(out))
    assert (h.build(*tables) == h.VARIANTS).all()
