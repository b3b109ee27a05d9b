"""Known strings: the kernel against plain Python that looks up every prefix and suffix, and what a key is."""

import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.known_strings import AT_END, AT_START, IN_WORD, WITHIN, known_strings, known_within, string_keys
from ops.kernels.word_insides import IS_LETTER

KNOWN = ["(a mill)", "The Mill News", "Mill News", "某某网", "【某某网】", "mill.com", "...the mill..."]
SOURCE = np.array([7], np.uint64)
LEVELS = {one: 1 + number % 4 for number, one in enumerate(KNOWN)}
CLOSERS = [*"\"')]*_", *"”’」』】》）"]

Place = tuple[str, int]


def best(texts: list[str], strings: dict[str, int]) -> str:
    """Of those known, the longest that is nearly as frequent as the one that is most, of it and those shorter."""
    most, found = 0, ""
    for text in texts:
        if text in strings:
            most = max(most, strings[text])
            found = text if strings[text] + 1 >= most else found
    return found


def slow(text: str) -> list[Place]:
    found: list[Place] = []
    for line in (one.rstrip(" \t") for one in re.split(r"[\n\v\f\r]", text)):
        end = best([line[at:] for at in range(len(line) - 1, -1, -1)], LEVELS)
        found += [(end, AT_END)] * bool(end)
        rest, side = line[: len(line) - len(end)], AT_START
        while rest:
            rest = rest.lstrip(" \t")
            one = best([rest[:size] for size in range(1, len(rest) + 1)], LEVELS)
            if one:
                found.append((one, side))
                rest = rest[len(one) :]
            elif side == WITHIN and rest[:1] and rest[0] in CLOSERS:
                rest = rest[1:]
                continue
            mark = re.search(r"[.!?。！？]", rest)
            rest, side = rest[mark.end() :].lstrip(".") if mark else "", WITHIN
    return found


TEXT = st.lists(
    st.sampled_from([*KNOWN, "One.", "it is", "”", ".", "。", "！", " ", "\n", "\r\n", "Mill", "\t", "é"]), max_size=24
)


def table() -> tuple[np.ndarray, np.ndarray]:
    """The keys of what is known, in order, and their levels."""
    keys = {key: LEVELS[one] for one in KNOWN for key in string_keys(pa.array([one]), SOURCE)[0].tolist()}
    known = np.array(sorted(keys), np.uint64)
    return known, np.array([keys[int(key)] for key in known], np.uint8)


@given(st.lists(TEXT.map("".join) | st.text(max_size=20), max_size=4))
@settings(max_examples=300)
def test_against_a_lookup_of_all(texts: list[str]) -> None:
    known, levels = table()
    found = known_strings(pa.array(texts, pa.string()), np.repeat(SOURCE, len(texts)), known, levels)
    raw = "".join(texts).encode()
    got = [raw[begin:end].decode() for begin, end in found.at.tolist()]
    assert list(zip(got, found.sides.tolist(), strict=True)) == [place for text in texts for place in slow(text)]
    assert found.rows.tolist() == [row for row, text in enumerate(texts) for _ in slow(text)]


def slow_within(text: str) -> list[str]:
    found: list[str] = []
    at = 1
    while at < len(text):
        ends = range(at + 1, len(text))
        one = best([text[at:end] for end in ends], LEVELS) if is_letter(text[at - 1]) else ""
        if one and is_letter(text[at + len(one)], first=True):
            found.append(one)
            at += len(one)
        else:
            at += 1
    return found


def is_letter(char: str, *, first: bool = False) -> bool:
    """As the kernel tells it, by one byte: before a string by the last one of a character, after it by the first."""
    return bool(IS_LETTER[char.encode()[0]]) if first or char.isascii() else True


@given(st.lists(TEXT.map("".join) | st.text(max_size=20), max_size=4))
@settings(max_examples=300)
def test_within_words_against_a_lookup_of_all(texts: list[str]) -> None:
    known, levels = table()
    found = known_within(pa.array(texts, pa.string()), np.repeat(SOURCE, len(texts)), known, levels)
    raw = "".join(texts).encode()
    got = [raw[begin:end].decode() for begin, end in found.at.tolist()]
    assert got == [one for text in texts for one in slow_within(text)]
    assert set(found.sides.tolist()) <= {IN_WORD}


@given(st.lists(st.binary(max_size=40), max_size=4), st.lists(st.integers(0, 2**64 - 1), max_size=9))
@settings(max_examples=60)
def test_any_bytes_and_any_keys(texts: list[bytes], keys: list[int]) -> None:
    text = pa.array(texts, pa.binary()).view(pa.string())
    known = np.sort(np.array(keys, np.uint64))
    found = known_strings(text, np.repeat(SOURCE, len(texts)), known, np.ones(len(known), np.uint8))
    within = known_within(text, np.repeat(SOURCE, len(texts)), known, np.ones(len(known), np.uint8))
    assert all((one.at[:, 0] < one.at[:, 1]).all() for one in (found, within))


def test_a_string_is_known_in_its_source_alone() -> None:
    keys = np.sort(string_keys(pa.array(["The Mill News"]), SOURCE)[0])
    texts = pa.array(["One. The Mill News"] * 2)
    found = known_strings(texts, np.array([7, 8], np.uint64), keys, np.ones(len(keys), np.uint8))
    assert found.rows.tolist() == [0]
