"""Known strings: the kernel against plain Python that looks up every prefix and suffix, and what a key is."""

import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.known_strings import AT_END, AT_START, WITHIN, known_strings, string_keys

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


@given(st.lists(TEXT.map("".join) | st.text(max_size=20), max_size=4))
@settings(max_examples=300, deadline=None)
def test_against_a_lookup_of_all(texts: list[str]) -> None:
    keys = {key: LEVELS[one] for one in KNOWN for key in string_keys(pa.array([one]), SOURCE)[0].tolist()}
    known = np.array(sorted(keys), np.uint64)
    levels = np.array([keys[int(key)] for key in known], np.uint8)
    found = known_strings(pa.array(texts, pa.string()), np.repeat(SOURCE, len(texts)), known, levels)
    raw = "".join(texts).encode()
    got = [raw[begin:end].decode() for begin, end in found.at.tolist()]
    assert list(zip(got, found.sides.tolist(), strict=True)) == [place for text in texts for place in slow(text)]
    assert found.rows.tolist() == [row for row, text in enumerate(texts) for _ in slow(text)]


@given(st.lists(st.binary(max_size=40), max_size=4), st.lists(st.integers(0, 2**64 - 1), max_size=9))
@settings(max_examples=60, deadline=None)
def test_any_bytes_and_any_keys(texts: list[bytes], keys: list[int]) -> None:
    text = pa.array(texts, pa.binary()).view(pa.string())
    known = np.sort(np.array(keys, np.uint64))
    found = known_strings(text, np.repeat(SOURCE, len(texts)), known, np.ones(len(known), np.uint8))
    assert (found.at[:, 0] < found.at[:, 1]).all()


def test_a_string_is_known_in_its_source_alone() -> None:
    keys = np.sort(string_keys(pa.array(["The Mill News"]), SOURCE)[0])
    texts = pa.array(["One. The Mill News"] * 2)
    found = known_strings(texts, np.array([7, 8], np.uint64), keys, np.ones(len(keys), np.uint8))
    assert found.rows.tolist() == [0]
