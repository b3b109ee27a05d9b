"""Tokens equal a slow twin on any text, and a text without spaces is never one token."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_tokens import tokens_of

from ops.kernels.minhash import shingle_hashes
from ops.kernels.tokens import count_tokens, hash_tokens, token_digests

MASK = (1 << 64) - 1
PRIME = 0x9E3779B97F4A7C15
SCRIPTS = (
    "aZé ßİ 9٣½ 今天々〇 ひカｶﾞー สวัสดี ພາສາ မြန်မာ ភាសា 한국 हिन्दी عربي שלום Ａ１　，。“”"
    " 🙂👩\u200d👩 e\u0301 𠀀𰀀 \u3099 \n\t-_'"
)
TEXT = (
    st.text(max_size=60)
    | st.text(st.sampled_from(SCRIPTS), max_size=60)
    | st.text(st.characters(codec="ascii"), max_size=60)
    | st.text(st.sampled_from("abZ09é天@[`{/: "), max_size=60)
)

# Some hundred bytes of runs, so that tokens of all lengths lie within and across 64 bytes.
LONG = st.lists(
    st.builds(lambda char, times: char * times, st.sampled_from("aZ9 .,\né—天ー\x00\x7f"), st.integers(1, 20)),
    max_size=80,
).map("".join)


def _mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def tokens(text: str) -> list[str]:
    return ["".join(map(chr, token.folded)) for token in tokens_of(text)]


def token_hash(token: str) -> int:
    """Pack characters into words of 64 bits, ASCII in a byte, others in three with a mark; stir all full words in."""
    packed, bits = 0, 0
    for char in token:
        point = ord(char)
        packed |= (point if point < 0x80 else point | 0x800000) << bits
        bits += 8 if point < 0x80 else 24
    value = 0
    for _ in range(bits // 64):
        value = ((value ^ (packed & MASK)) * PRIME) & MASK
        value ^= value >> 32
        packed >>= 64
    return _mix64(((value ^ packed) + bits * PRIME) & MASK)


def digest(text: str) -> list[int]:
    found = [token_hash(token) for token in tokens(text)]
    one = two = len(found)
    for token in found:
        one = _mix64(one ^ token)
        two = _mix64(((two + token) * PRIME) & MASK)
    return [one, two]


def kernel_hashes(text: str, room: int = 2000, before: bytes = b"", behind: bytes = b"") -> list[int]:
    data = np.frombuffer(before + text.encode() + behind, np.uint8)
    out = np.empty(room, np.uint64)
    return out[: hash_tokens(data, len(before), len(data) - len(behind), out)].tolist()


@given(TEXT)
def test_tokens_equal_their_twin(text: str) -> None:
    assert kernel_hashes(text) == [token_hash(token) for token in tokens(text)]


@given(LONG, st.sampled_from("az é"), st.integers(0, 100))
def test_tokens_of_long_texts_equal_their_twin(text: str, beside: str, times: int) -> None:
    around = (beside * times).encode()
    assert kernel_hashes(text, before=around, behind=around) == [token_hash(token) for token in tokens(text)]


@given(LONG, st.integers(0, 100))
def test_a_full_room_gives_the_first_tokens_of_long_texts(text: str, room: int) -> None:
    assert kernel_hashes(text, room, behind=b"a" * 100) == [token_hash(token) for token in tokens(text)][:room]


@given(TEXT, st.integers(0, 5))
def test_a_full_room_gives_the_first_tokens(text: str, room: int) -> None:
    assert kernel_hashes(text, room) == [token_hash(token) for token in tokens(text)][:room]


@given(st.lists(TEXT, max_size=6))
def test_counts_and_digests_equal_their_twins(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    assert count_tokens(column).tolist() == [len(tokens(text)) for text in texts]
    assert token_digests(column).tolist() == [digest(text) for text in texts]


@given(st.lists(TEXT, min_size=2, max_size=6))
def test_layout_does_not_matter(texts: list[str]) -> None:
    whole = token_digests(pa.array(texts)).tolist()
    assert token_digests(pa.chunked_array([texts[:1], texts[1:]], pa.large_string())).tolist() == whole
    assert token_digests(pa.array(["x", *texts, "y"]).slice(1, len(texts))).tolist() == whole


def test_empty() -> None:
    assert count_tokens(pa.array([], pa.string())).tolist() == []
    assert token_digests(pa.chunked_array([], pa.string())).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天天气很好", 6),
        ("吾輩は猫である", 7),
        ("カタカナー", 5),
        ("สวัสดีชาวโลก", 12),
        ("ພາສາລາວ", 7),
        ("မြန်မာ", 6),
        ("ភាសាខ្មែរ", 9),
        ("𠀀𪛖𫜴𰀀", 4),  # Han beyond U+FFFF, and above the tables
        ("々〇", 2),
        ("한국어 문장", 2),  # spaced
        ("क्षत्रिय", 1),  # marks belong to their word
        ("e\u0301te\u0301", 1),
        ("今天GPU很好", 5),
        ("GPU今天", 3),
        ("don't stop", 3),
        ("1,000 x", 3),
        ("🙂🎉—…，。", 0),
        (" \n\u3000", 0),
    ],
)
def test_count(text: str, expected: int) -> None:
    assert count_tokens(pa.array([text])).tolist() == [expected]
    assert len(tokens(text)) == expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ＧＰＵ　１２３", "gpu 123"),
        ("今天，很好。", "今天很好"),
        ("ＡＢＣ天", "abc 天"),
        ("ｱｲｳ", "アイウ"),
        ("ÉCOLE", "école"),
        ("a\r\nb", "A B!"),
    ],
)
def test_folds_to_the_same(one: str, two: str) -> None:
    assert tokens(one) == tokens(two)
    a, b = token_digests(pa.array([one, two]))
    assert (a == b).all()


@pytest.mark.parametrize(
    ("one", "two"), [("a b", "ab"), ("a b", "b a"), ("a a", "a"), ("发", "發"), ("", "a"), ("é", "e")]
)
def test_does_not_fold_to_the_same(one: str, two: str) -> None:
    a, b = token_digests(pa.array([one, two]))
    assert not (a == b).any()


def test_digests_do_not_collide_on_small_texts() -> None:
    texts = [" ".join(chr(97 + int(c)) for c in str(n)) for n in range(20_000)]
    found = token_digests(pa.array(texts))
    for half in (0, 1):
        assert len(np.unique(found[:, half])) == len(texts)


def test_shingle_hashes_see_the_same_tokens() -> None:
    assert shingle_hashes("ＧＰＵ 今天", 3).tolist() == shingle_hashes("gpu, 今 天!", 3).tolist()
    assert len(shingle_hashes("gpu 今天", 4)) == 0
