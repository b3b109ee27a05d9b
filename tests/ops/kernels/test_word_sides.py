"""Letters around strings within words: the kernel equals plain Python on any text."""

import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.word_sides import known_words, letters_around, may_join

NOT_HAN = re.compile(r"[^\u3400-\u9fff]")
NOT_LETTER = re.compile(r"[\W\d_\u2e80-\uffff]")
TEXT = st.lists(
    st.sampled_from(["图书", "馆", "re", "pair", " ", ".", "@", "é", "—", "🙂", "한", "1", "_", "𠀀", "Ω"]), max_size=12
).map("".join)


def plain(before: str, after: str) -> tuple[str, str]:
    """Return the letters on both sides, of the script that is before."""
    if "\u3400" <= before[-1:] < "\ua000":
        return NOT_HAN.split(before[-8:])[-1], NOT_HAN.split(after[:8], maxsplit=1)[0]
    left, right = NOT_LETTER.split(before[-24:])[-1], NOT_LETTER.split(after[:24], maxsplit=1)[0]
    return ("", "") if before[: len(before) - len(left)].endswith(tuple("./@=&?%\\")) else (left, right)


def bounds(data: np.ndarray, *numbers: int) -> list[int]:
    found: list[int] = letters_around(data, *(np.array([one]) for one in numbers))[0].tolist()
    return found


@given(before=TEXT, string=st.text(max_size=5), after=TEXT)
@settings(max_examples=500)
def test_letters_are_those_of_plain_python(before: str, string: str, after: str) -> None:
    text, own = (before + string + after).encode(), string.encode()
    at, shift = len(before.encode()), 2
    data = np.frombuffer(b"ab" + text + b"cd", np.uint8)
    left, right, is_within = bounds(data, shift, shift + len(text), at + shift, len(own))
    found = text[left - shift : at].decode(), text[at + len(own) : right - shift].decode()
    assert found == plain(before, after)
    assert is_within == (before[-1:].isalpha() and after[:1].isalpha())


@given(raw=st.binary(max_size=24), at=st.integers(0, 24), size=st.integers(0, 6))
@settings(max_examples=300)
def test_any_bytes_have_bounds_within_them(raw: bytes, at: int, size: int) -> None:
    at = min(at, len(raw))
    size = min(size, len(raw) - at)
    left, right, _ = bounds(np.frombuffer(raw, np.uint8), 0, len(raw), at, size)
    assert 0 <= left <= at
    assert at + size <= right <= len(raw)


WORDS = ["repair", "pair", "mill", "café"]


@given(
    before=st.sampled_from(["", "re", "Re", "pa", "x", "图", "ca", "mi"]),
    string=st.sampled_from(["[x]", "re-pa", "p", "*a1*", "【网】", "pa", "ll", "RE[x]"]),
    after=st.sampled_from(["", "pair", "ir", "ll", "馆", "fé", "fÉ", "x"]),
)
@settings(max_examples=200)
def test_what_may_join_is_what_plain_python_would_look_up(before: str, string: str, after: str) -> None:
    text = f" {before}{string}{after} ".encode()
    data, place, size = np.frombuffer(text, np.uint8), np.array([1 + len(before.encode())]), len(string.encode())
    bound = letters_around(data, np.array([0]), np.array([len(text)]), place, np.array([size]))
    left, right = text[bound[0, 0] : place[0]].decode(), text[place[0] + size : bound[0, 1]].decode()
    firsts = [string[:n] for n in range(3) if re.fullmatch("[A-Za-z]*", string[:n])]
    lasts = [string[len(string) - n :] for n in range(3) if re.fullmatch("[A-Za-z]*", string[len(string) - n :])]
    joined = {(left + first + last + right).lower() for first in firsts for last in lasts}
    is_han = bool(re.fullmatch("[\u3400-\u9fff]+", left)) and right != ""
    expected = is_han or not (left + right).isascii() or bool(joined & {*WORDS})
    found = may_join(data, place, np.array([size]), bound, np.array([0, 1]), known_words(pa.array(WORDS)))
    assert found.tolist() == [expected]
