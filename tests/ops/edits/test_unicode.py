"""Unicode repair: cases."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.edits.unicode import RepairUnicode

GOOD = [
    "中文页面，很好。",
    "L’été à Zürich — “naïve” façade",
    "Привет, мир",
    "日本語のテキスト",
    "Ελληνικά",
    "한국어 문장",
    "🙂🎉 emoji",
]


def _repaired(text: str) -> str:
    return RepairUnicode().edit(pa.table({"text": [text]}))["text"][0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafÃ©", "café"),
        ("itâ€™s", "it’s"),
        ("ä¸\xadæ–‡", "中文"),
        ("ÃƒÂ©tÃƒÂ©", "été"),  # twice
        ("今天 cafÃ© 很好，“对”", "今天 café 很好，“对”"),
        ("first cafÃ©\nsecond café", "first café\nsecond café"),
        ("e\u0301", "é"),
        ("\u1025\u102e", "\u1026"),  # a Burmese vowel sign of combining class 0
        ("\u1100\u1161\u11a8", "각"),
        ("\u212b", "Å"),
        ("\ufa0a", "見"),  # a compatibility ideograph with a canonical form
        ("e\u200b\u0301", "é"),
        ("\ufeffstart\u200bmid\u00adend\x00", "startmidend"),
        ("a\x1b[31mred", "a[31mred"),
        ("tab\tnew\nreturn\r\n", "tab\tnew\nreturn\r\n"),
        ("Ã\u200b©", "é"),  # a pair that only repair brings together
        ("A\u0303©", "é"),
    ],
)
def test_cases(text: str, expected: str) -> None:
    assert _repaired(text) == expected


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_wrong_decoding_is_undone(text: str, encoding: str) -> None:
    try:
        broken = text.encode().decode(encoding)
    except UnicodeDecodeError:
        broken = "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())
    assert _repaired(broken) == text


@given(st.text(max_size=40))
def test_the_result_is_composed(text: str) -> None:
    assert unicodedata.is_normalized("NFC", _repaired(text))


def test_a_large_clean_batch_is_shared_not_copied() -> None:
    text = pa.array(["clean text", "干净的文本"])
    made = RepairUnicode().edit(pa.table({"text": text}))["text"].chunk(0)
    assert made.buffers()[2].address == text.buffers()[2].address
