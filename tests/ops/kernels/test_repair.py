"""The byte loops of the repairing edits equal slow twins on any text."""

import itertools
import re
import unicodedata

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from layouts import layouts_of

from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.gbk import read_as_gbk
from ops.kernels.misread import RARE, UNKNOWN
from ops.kernels.pinyin import TONED
from ops.kernels.repair import (
    HAS_INVISIBLE,
    HAS_LOST,
    HAS_MISREAD,
    HAS_MOJIBAKE,
    HAS_UNCOMPOSED,
    invisible_runs,
    suspects,
)
from ops.kernels.unicode_tables import FLAGS, HAN, HAN_ABOVE_END, INVISIBLE, MOJIBAKE, TABLED, UNCOMPOSED

ODD = (
    "(?;鍙樺法è（锟\ufffd"
    "a中 \t\n\r\x0b\x0c\x85\u2028\u2029\u00a0\u3000\u202f\u2003\u200b\u200d\ufeff\x00\x1f\x7f\u0301Ã©â€™é🙂𠀀𰀀"
)
TEXT = st.text(max_size=50) | st.text(st.sampled_from(ODD), max_size=50)


def _flags(char: str) -> int:
    return int(FLAGS[ord(char)]) if ord(char) < TABLED else 0


SYLLABLE_LETTERS = "abcdefghijklmnopqrstuvwxyzêüɡɑ" + "".join(sorted(TONED)) + "\u0308"


def found(text: str) -> int:
    pairs = [*itertools.pairwise(text)]
    misread = len(read_as_gbk(pa.array([text]), np.ones(1, np.bool_))[0]) > 0
    mojibake = any(
        _flags(two) & MOJIBAKE
        and (0xC2 <= ord(one) < 0xE0 or (0xE0 <= ord(one) <= 0xF4 and (three > "\x7f" or three in " ?\x1a")))
        for one, two, three in zip(text, text[1:], [*text[2:], "x"], strict=False)
    )
    rare = RARE | UNKNOWN
    lost = any((a in rare and b == "?") or (a == "?" and b in rare) for a, b in pairs) or re.search(
        "[\ufffd锟]|\\?;[^\x00-\x7f]", text
    )
    lost = lost or re.search(f"\\?[a-z]{{0,6}}[{''.join(sorted(TONED))}]", text)
    for at in (at for at, char in enumerate(text) if char in TONED):
        before = re.search(f"(.)([{SYLLABLE_LETTERS} ?(（]{{0,9}})$", text[:at], re.DOTALL)
        if before and (_flags(before[1]) & HAN or TABLED <= ord(before[1]) < HAN_ABOVE_END):
            lost = lost or not set(before[2]) & set("(（")
    return (
        sum(kind for kind in (INVISIBLE, UNCOMPOSED) if any(_flags(c) & kind for c in text))
        | (HAS_MOJIBAKE * mojibake)
        | (HAS_MISREAD * misread)
        | (HAS_LOST * bool(lost))
    )


def dropped(texts: pa.Array) -> list[str]:
    """Return the texts without their runs of invisible characters."""
    rows, cuts = invisible_runs(texts, np.ones(len(texts), np.bool_))
    _, offsets = buffers_of(texts)
    whole = [text.encode() for text in texts.to_pylist()]
    for row, (start, stop) in reversed([*zip(rows, cuts - offsets[rows][:, None], strict=True)]):
        assert all(_flags(char) & INVISIBLE for char in whole[row][start:stop].decode())
        whole[row] = whole[row][:start] + whole[row][stop:]
    return [text.decode() for text in whole]


@given(st.lists(TEXT, max_size=5))
def test_invisible_runs_are_what_is_invisible(texts: list[str]) -> None:
    expected = ["".join(c for c in text if not _flags(c) & INVISIBLE) for text in texts]
    array = pa.array(texts, pa.string())
    assert dropped(array) == expected
    rows, _ = invisible_runs(array, np.ones(len(texts), np.bool_))
    runs = [len(re.findall("\x01+", "".join("\x01\x02"[not _flags(c) & INVISIBLE] for c in text))) for text in texts]
    assert np.bincount(rows, minlength=len(texts)).tolist() == runs


def test_only_wanted_rows_are_searched() -> None:
    rows, cuts = invisible_runs(pa.array(["\u200b", "a\u200b"]), np.array([False, True]))
    assert (rows.tolist(), cuts.tolist()) == ([1], [[4, 7]])


@given(st.lists(TEXT, max_size=5))
def test_suspects_equal_their_twin(texts: list[str]) -> None:
    assert suspects(pa.array(texts, pa.string())).tolist() == [found(text) for text in texts]


@given(st.lists(TEXT, min_size=2, max_size=5))
def test_layouts_do_not_matter(texts: list[str]) -> None:
    plain = pa.array(texts)
    for layout in layouts_of(texts, "\u200b x ", " Ã©\n\n\n"):
        assert dropped(one_chunk(layout)) == dropped(plain)
        assert suspects(layout).tolist() == suspects(plain).tolist()


def test_empty() -> None:
    empty = pa.chunked_array([], pa.string())
    assert suspects(empty).tolist() == []
    assert dropped(one_chunk(empty)) == []


def test_whatever_nfc_changes_is_suspected() -> None:
    """Every pair that composes, and every character that NFC changes alone."""
    texts = []
    for point in range(0x110000):
        char = chr(point)
        parts = unicodedata.decomposition(char)
        if parts and not parts.startswith("<"):
            texts += [char, "".join(chr(int(part, 16)) for part in parts.split())]
    texts += ["\u1100\u1161", "\uac00\u11a8", "a\u0301\u0323", "\u0e38\u0e48\u0e38"]
    changed = [text for text in texts if unicodedata.normalize("NFC", text) != text]
    missed = [
        text for text, kinds in zip(changed, suspects(pa.array(changed)), strict=True) if not kinds & HAS_UNCOMPOSED
    ]
    assert missed == []


@given(st.text(max_size=40))
def test_what_is_not_suspected_is_composed(text: str) -> None:
    if not suspects(pa.array([text]))[0] & HAS_UNCOMPOSED:
        assert unicodedata.normalize("NFC", text) == text


def test_every_mojibake_pair_of_two_bytes_is_suspected() -> None:
    chars = [chr(n) for n in range(0xA0, 0x800)]
    for encoding in ("latin-1", "cp1252"):
        broken = [char.encode().decode(encoding, "ignore") for char in chars]
        broken = [text for text in broken if len(text) == 2]
        assert (suspects(pa.array(broken)) & HAS_MOJIBAKE).all()


def test_joiners_and_marks_of_direction_stay() -> None:
    kept = "می\u200cخواهم 👩\u200d👩\u200d👧 ❤\ufe0f \u200fשלום\u200e क\u094d\u200dष"
    assert dropped(pa.array([kept])) == [kept]
    assert not suspects(pa.array(["می\u200cخواهم", "👩\u200d👩"])).any() & HAS_INVISIBLE
