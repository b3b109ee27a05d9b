"""The stored tables say what they are documented to say, whatever Python's own Unicode version."""

import unicodedata

import numpy as np
import pytest

from ops.kernels import unicode_tables as t
from ops.kernels.unicode_tables import FLAGS, FOLDED
from ops.kernels.utf8 import code_point, flags_of


@pytest.mark.parametrize(
    ("chars", "flag"),
    [
        (" \u3000\u00a0\n\x85", t.SPACE),
        ("aéЖ中あק한ส", t.ALPHABETIC),
        ("a1é中\u0301½Ⅷ", t.WORD),
        ("中々〇あカ㐀豈𠀀สກကក\uff76", t.SINGLE),
        ("中々〇㐀豈𠀀", t.HAN),
        ("\x00\x1f\x7f\x9f\xad\u200b\u2060\ufeff", t.INVISIBLE),
        ("\u0301\u0958\u1161\u11a8\u212b\U0002f800\u102e", t.UNCOMPOSED),
        ("\x80\xa0©€™ž", t.MOJIBAKE),
    ],
)
def test_flagged(chars: str, flag: int) -> None:
    assert [char for char in chars if not FLAGS[ord(char)] & flag] == []


@pytest.mark.parametrize(
    ("chars", "flag"),
    [
        ("\u200b\u200d", t.SPACE),
        (" -_'’，。🙂#", t.WORD),
        ("，。「」・ａ1한é", t.SINGLE),
        ("あカス한", t.HAN),
        ("\t\n\r\x0b\x0c\x85\u200c\u200d\u200e\u202a\ufe0f", t.INVISIBLE),
        ("aé中，あ🙂", t.UNCOMPOSED),
        ("aéÃ中", t.MOJIBAKE),
    ],
)
def test_not_flagged(chars: str, flag: int) -> None:
    assert [char for char in chars if FLAGS[ord(char)] & flag] == []


def test_end_marks() -> None:
    marks = {chr(point) for point in np.flatnonzero(t.KINDS & t.TERMINAL)}
    assert len(marks) == 159
    assert marks >= set("。！？｡．.!?")
    assert not marks & set("”」…；：)")


@pytest.mark.parametrize(
    ("chars", "kind"),
    [
        (".,，。“”•…-", t.PUNCTUATION),
        ("$+<=>^`|~.。\x00", t.SYMBOL),
        ("Aא中ǅ", t.CAPITAL),
        ("aא中", t.SMALL),
        ("©🙂", t.ICON),
    ],
)
def test_kinds(chars: str, kind: int) -> None:
    assert [char for char in chars if not t.KINDS[ord(char)] & kind] == []
    assert [char for char in "1 " if t.KINDS[ord(char)] & kind] == []


def test_folding() -> None:
    assert "".join(chr(FOLDED[ord(c)]) for c in "AÉΣЖＡａ１ｶ中ß！") == "aéσжaa1カ中ß!"


def test_folding_is_idempotent() -> None:
    twice = FOLDED[np.minimum(FOLDED, t.TABLED - 1)]
    assert (twice == FOLDED).all()


def test_singles_are_words_and_han_are_singles() -> None:
    assert not ((FLAGS & t.SINGLE != 0) & (FLAGS & t.WORD == 0)).any()
    assert not ((FLAGS & t.HAN != 0) & (FLAGS & t.SINGLE == 0)).any()
    assert not ((FLAGS & t.SPACE != 0) & (FLAGS & (t.WORD | t.INVISIBLE) != 0))[0x20:].any()


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the tables are those of Unicode 14")
def test_tables_are_what_the_script_builds() -> None:
    flags, folded, kinds = t.build()
    assert (kinds == t.KINDS).all()
    assert (flags == FLAGS).all()
    assert (folded == FOLDED).all()


@pytest.mark.parametrize(
    "point", [0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x2FFFF, 0x30000, 0x323AF, 0x323B0, 0x10FFFF]
)
def test_code_points(point: int) -> None:
    data = np.frombuffer(("x" + chr(point) + "y").encode(), np.uint8)
    assert code_point(data, 1) == (point, len(data) - 1)
    expected = (
        FLAGS[point] if point < t.TABLED else (point < t.HAN_ABOVE_END) * (t.ALPHABETIC | t.WORD | t.SINGLE | t.HAN)
    )
    assert flags_of(point) == expected
