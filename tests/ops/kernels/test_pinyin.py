"""The stored readings and frequent characters are what their sources say, and glosses are found as a slow twin does."""

import re

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.pinyin_dict import pinyin_dict

from ops.kernels import pinyin as p
from ops.kernels.glosses import glosses
from ops.kernels.misread import BITS, FIRST, FREQUENT, NEXT, RARE, UNKNOWN, build

_READINGS = {(chr(int(pair) >> 32), int(pair) & 0xFFFFFFFF) for pair in p.READINGS}
_SYLLABLES = set(p.SYLLABLES.tolist())
_INSIDE = "[a-zêüɡɑ\u0308" + "".join(sorted(p.TONED)) + "]"
_GLOSS = re.compile(rf"[(（] *({_INSIDE}+) *[)）]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")


def test_readings_are_what_pypinyin_says() -> None:
    assert (p.build(pinyin_dict) == p.READINGS).all()
    assert {p.key_of(syllable) for syllable in ("ji", "zhuang", "nv", "de", "ê")} <= _SYLLABLES
    assert not {p.key_of(word) for word in ("kg", "sin", "max", "tel", "beta", "apple", "python")} & _SYLLABLES
    assert ("的", p.key_of("de")) in _READINGS
    assert ("的", p.key_of("le")) not in _READINGS


def twin(text: str) -> list[tuple[int, int, bool]]:
    found, han, at = [], "", 0
    while at < len(text):
        match = _GLOSS.match(text, at) if han else None
        if match:
            plain = p.toneless(match[1])
            tones = sum(char in p.TONED for char in match[1])
            key = p.key_of(plain) if set(plain) <= set(p.ALPHABET) and len(plain) <= 6 else 0
            if (tones == 1 and key in _SYLLABLES) or (tones == 0 and (han, key) in _READINGS):
                found.append((at, match.end(), tones == 1))
                at = match.end()
                continue
        han = text[at] if _HAN.match(text[at]) else ""
        at += 1
    return found


PIECES = [
    *"机女的a (（)）jīnǚqdeu\u0308\u030c\u0304ɡ𠀀𰀀。",
    "(jī)",
    "（nǚ）",
    "(de)",
    "( qì )",
    "(kg)",
    "zhuāng",
    "x" * 55,
]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), max_size=4))
def test_glosses_equal_their_twin(texts: list[str]) -> None:
    array = pa.array(["before", *texts], pa.string()).slice(1)
    found = glosses(array)
    starts = np.cumsum([6, *(len(text.encode()) for text in texts)])
    made = [
        (row, int(begin - starts[row]), int(end - starts[row]), bool(toned))
        for row, (begin, end), toned in zip(found.rows, found.cuts, found.toned, strict=True)
    ]
    assert made == [
        (row, len(text[:begin].encode()), len(text[:end].encode()), toned)
        for row, text in enumerate(texts)
        for begin, end, toned in twin(text)
    ]


def test_frequent_characters() -> None:
    """Counted in words, with their traditional forms; what mojibake is made of is not among them."""
    lines = ["鎴 2117 zg", "学习 9 v", "学问 5 n", "丁零 0 n"]
    frequent, points, bits = build(lines)
    assert {chr(point) for point in frequent} == {chr(point) for point in points} == set("學学習习問问丁零")
    of = dict(zip(map(chr, points), bits.tolist(), strict=True))
    assert of["习"] < of["習"] < of["丁"] <= 22
    assert {*"的一是在學說说后後"} <= FREQUENT
    assert not {*"鍙鐨鏄鍦鎴浜杩銆锛鈥"} & FREQUENT
    assert RARE == FIRST - FREQUENT
    assert {*"亰姩檚\ue0a1"} <= UNKNOWN
    assert not {*"的妳…"} & UNKNOWN
    assert [int(BITS[ord(char)]) for char in "的a亰\x00"] == [10, 6, 22, 30]
    for text in ("变巨", "我们", "这里"):
        broken = text.encode().decode("gb18030")
        assert broken[0] in FIRST
        assert broken[1] in NEXT


def test_more_glosses_than_there_is_room_for_at_first() -> None:
    found = glosses(pa.array(["机(jī)" * 3000] * 2))
    assert found.rows.tolist() == [0] * 3000 + [1] * 3000
    assert np.diff(found.cuts, axis=1).tolist() == [[5]] * 6000
