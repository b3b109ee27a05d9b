"""Hashes of whole texts equal their plain twin, and tell texts apart."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from slow_tokens import GOLDEN, MASK, mix64, stir

from ops.kernels.whole_texts import text_hashes


def _hashed(text: bytes) -> int:
    whole = len(text) // 8 * 8
    value = 0
    for at in range(0, whole, 8):
        value = stir(value, int.from_bytes(text[at : at + 8], "little"))
    last = int.from_bytes(text[whole:], "little")
    return mix64(((value ^ last) + len(text) * GOLDEN) & MASK) | 1


def twin(text: bytes) -> int:
    """The first, second, third and fourth eight bytes of each 32 apart, and what is left over before them."""
    whole = len(text) // 32 * 32
    value, lanes = _hashed(text[whole:]), [0, 0, 0, 0]
    for at in range(0, whole, 8):
        lanes[at // 8 % 4] = stir(lanes[at // 8 % 4], int.from_bytes(text[at : at + 8], "little"))
    for lane in lanes[:3]:
        value = stir(value, lane)
    return mix64(((value ^ lanes[3]) + len(text) * GOLDEN) & MASK) | 1


@given(st.lists(st.text(max_size=80), max_size=8), st.integers(0, 3))
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
