"""Hashes of whole texts equal their plain twin, and tell texts apart."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.whole_texts import text_hashes

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def _stir(value: int, word: int) -> int:
    value = ((value ^ word) * GOLDEN) & MASK
    return value ^ (value >> 32)


def _mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def twin(text: bytes) -> int:
    whole = len(text) // 8 * 8
    value = 0
    for at in range(0, whole, 8):
        value = _stir(value, int.from_bytes(text[at : at + 8], "little"))
    last = int.from_bytes(text[whole:], "little")
    return _mix64(((value ^ last) + len(text) * GOLDEN) & MASK) | 1


@given(st.lists(st.text(max_size=40), max_size=8), st.integers(0, 3))
def test_they_equal_the_twin_wherever_a_text_lies(texts: list[str], skipped: int) -> None:
    expected = [twin(text.encode()) for text in texts]
    assert text_hashes(pa.array(["x" * 5] * skipped + texts, pa.string()).slice(skipped)).tolist() == expected


def test_any_bytes_of_any_length() -> None:
    texts = [bytes([n % 256]) * n for n in range(300)] + [b"", b"\xff\x00" * 1000]
    strings = pa.array(texts, pa.binary()).view(pa.string())
    assert text_hashes(strings).tolist() == [twin(text) for text in texts]
    assert text_hashes(pa.array([], pa.string())).tolist() == []


def test_a_million_like_texts_have_different_hashes() -> None:
    texts = [f"number {n} of {n * 7919 % 1_000_003}, 号码 {n}" for n in range(1_000_000)]
    assert len(set(text_hashes(pa.array(texts)).tolist())) == len(texts)
