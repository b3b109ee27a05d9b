"""Counts of the estimate equal a slow twin on any text, and estimates are near to what is known of real tokenizers."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels import bpe_tables as bpe
from ops.kernels.bpe import estimated_tokens, tallies
from ops.kernels.unicode_tables import TABLED

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
SCRIPTS = (
    "aZé ßİ 9٣½ 今天々〇 ひカｶﾞー สวัสดี ພາສາ မြန်မာ 한국 हिन्दी عربي שלום привет Ａ１　，。“”—…"
    " 🙂👩\u200d👩 e\u0301 𠀀𰀀 \u3099 \u00a0\u2028 \r\n\t-_'=/"
)
WORDS = [
    "the",
    "camelCase",
    "HTTP",
    "x",
    "qwertyuiopasdfgh",
    "naïve",
    "привет",
    "z" * 22,
    "été",
    "123",
    "==",
    "--- \n",
    "今天",
    "",
]
TEXT = (
    st.text(max_size=60)
    | st.text(st.sampled_from(SCRIPTS), max_size=60)
    | st.text(st.characters(codec="ascii"), max_size=60)
    | st.text(st.sampled_from("abZ0é今, ="), max_size=60)
    | st.integers(1, 300).map(lambda size: " " * size + "a")
    | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
)
LETTERS = "nbodsclmhkguwyz"  # a letter for each kind of character


def kinds_of(text: str) -> str:
    return "".join(LETTERS[bpe.CLASSES[ord(c)] if ord(c) < TABLED else bpe.BEYOND] for c in text)


def mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def is_known(value: int) -> bool:
    bits = 1 << (value & 63) | 1 << (value >> 6 & 63) | 1 << (value >> 12 & 63)
    return int(bpe.KNOWN_FILTER[value >> 51]) & bits == bits


def is_known_word(word: str) -> bool:
    data = (word.lower() if word.isascii() else word).encode()
    head, tail = data[:8], data[8:][-8:]
    stirred = int.from_bytes(head, "little") * GOLDEN & MASK
    return is_known(mix64((stirred ^ stirred >> 32 ^ int.from_bytes(tail, "little")) + len(data) * GOLDEN & MASK))


def is_known_pair(pair: str) -> bool:
    return is_known(mix64(sum(ord(char) << 32 * n for n, char in enumerate(pair))))


def word_counts(word: str, *, led: bool) -> list[tuple[int, int]]:
    size = len(word.encode())
    if not word.isascii():
        if is_known_word(word):
            return [(bpe.KNOWN_OTHER + led, 1)]
        last = next(char for char in reversed(word) if kinds_of(char) == "l")
        of = bpe.UNKNOWN_OTHER + 22 * (ord(last) >= 0x250)
        return [(of + min(size // 2, 19), 1), (of + 20, max(0, size - 38)), (of + 21, led)]
    shape = 2 if word.isupper() and size > 1 else int(word[0].isupper())
    if is_known_word(word):
        return [(bpe.KNOWN + 3 * led + shape, 1)]
    of = bpe.UNKNOWN + 20 * shape
    return [(of + min(size, 15), 1), (of + 16, max(0, size - 15)), (of + 17, led)]


def blank_counts(text: str, kinds: str, before: str) -> list[tuple[int, int]]:
    return [*_blanks(kinds, before), (bpe.BLANKS + 9, len(text.encode()) // 128)]


def _blanks(kinds: str, before: str) -> list[tuple[int, int]]:
    lines, spaces = kinds.count("n"), len(kinds) - len(kinds.rstrip("b"))
    if lines:
        after = [(bpe.BLANKS + 4 + (spaces > 1), 1)] if spaces else []
        return [(bpe.BLANKS + 2 * (before in "mw") + (lines > 1), 1), *after]
    return [(bpe.BLANKS + 6 + (spaces > 1) if spaces == len(kinds) else bpe.BLANKS + 8, 1)]


def twin(text: str) -> list[int]:
    counts = [0] * bpe.COUNTS
    kinds = kinds_of(text)
    at, led, before = 0, False, "n"
    while at < len(text):
        kind, rest = kinds[at], kinds[at:]
        found: list[tuple[int, int]] = []
        size = 1
        if kind in "scl":
            size = re.match("(?:[sl]|(?<!s)c)+", rest).end()  # type: ignore[union-attr]
            found = word_counts(text[at : at + size], led=led)
        elif kind in "nbo":
            size = re.match("[nbo]+", rest).end()  # type: ignore[union-attr]
            found = blank_counts(text[at : at + size], kinds[at : at + size], before)
        elif kind == "d":
            size = re.match("d+", rest).end()  # type: ignore[union-attr]
            found = [(bpe.NUMBERS, size), (bpe.NUMBERS + 1, (size + 2) // 3), (bpe.NUMBERS + 2, led)]
        elif kind == "m":
            size = re.match("m+", rest).end()  # type: ignore[union-attr]
            of = bpe.MARKS + 11 * (len(set(text[at : at + size])) == 1)
            joins = size == 1 and kinds[at + 1 : at + 2] == "s"
            found = [
                (of + min(size, 9), 1),
                (of + 10, max(0, size - 9)),
                (bpe.MARKS + 22, led),
                (bpe.MARKS + 23, joins),
            ]
        elif kind in "hkgu":
            of = bpe.CHARACTERS + 4 * "hkgu".index(kind)
            pair = text[at : at + 2]
            size = 1 + (len(pair) > 1 and ord(pair[1]) >= 0x80 and is_known_pair(pair))
            found = [(of + 3, led), (of if size > 1 else of + 2 - is_known_pair(text[at]), 1)]
        else:
            of = bpe.SIGNS + 2 * "wyz".index(kind)
            found = [(of + (kind == before), 1), (bpe.SIGNS + 6, kind == "y" and ord(text[at]) < 0x800)]
        for index, count in found:
            counts[index] += count
        led = kind in "nbo" and kinds[at + size - 1] == "b"
        before = kinds[at] if kind not in "nbo" else "b"
        at += size
    return counts


@given(st.lists(TEXT, max_size=4))
def test_counts_equal_the_twin(texts: list[str]) -> None:
    assert tallies(pa.array(texts, pa.string())).tolist() == [twin(text) for text in texts]


@given(st.lists(TEXT, max_size=4))
def test_an_estimate_is_the_sum_of_costs(texts: list[str]) -> None:
    expected = [(int(np.dot(twin(text), bpe.COSTS)) + 500) // 1000 for text in texts]
    assert estimated_tokens(pa.array(texts, pa.string())).tolist() == expected


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_any_bytes_are_counted(raw: list[bytes]) -> None:
    strings = pa.array(raw, pa.binary()).view(pa.string())
    assert (estimated_tokens(strings) >= 0).all()


# What o200k_base, Qwen 3, DeepSeek V3 and Llama 3.1 gave, on average.
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The quick brown fox jumps over the lazy dog, and nobody was surprised.", 15),
        ("    for index in range(10):\n        total += values[index]\n", 14),
        ("人工智能正在改变我们的生活方式，也带来了新的问题。", 15),
        ("2026-11-21 18:00:00 GET /index.html?page=12 HTTP/1.1", 28),
    ],
)
def test_estimates_are_near(text: str, tokens: int) -> None:
    assert estimated_tokens(pa.array([text * 20]))[0] == pytest.approx(tokens * 20, rel=0.15)


def test_a_longer_text_has_more_tokens_and_none_has_none() -> None:
    assert estimated_tokens(pa.array(["", " ", "\n", "a"]))[0] == 0
    long = estimated_tokens(pa.array(["x" * 1_000_000, "天" * 300_000, " " * 1_000_000, "word " * 200_000]))
    assert (long > 1000).all()
    assert long[3] == pytest.approx(200_000, rel=0.02)
