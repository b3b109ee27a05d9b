"""Blocks of frequent lines: which of them go, and from which byte to which, as a slow twin says it."""

import itertools
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.blocks import CERTAIN, FREQUENT, blocks
from ops.kernels.buffers import buffers_of
from ops.kernels.lines import split

BLANKS = b" \t\n\r"
BYTES_MIN = 12

# What a line is worth: so frequent is it. "-" has no letter.
LEVELS = {
    "Home": 3, "Contact us": 3, "Related": 3, "News of the day": 2, "首页": 2, "A link that few have": 1,
    "The city has opened its 7th new mill on the river today.": 1, "Text of its own.": 0, "中文正文。": 0,
    "The city has opened its 52nd new mill on the river today.": 0, "```": 0, "```yaml": 2, "-": 0,
    "---": 0, "": 0, "  ": 0,
}  # fmt: skip


def found(texts: list[str]) -> list[list[tuple[int, int]]]:
    """The cuts of each text."""
    strings = pa.array(texts, pa.string())
    data, offsets = buffers_of(strings)
    pieces = split(strings, 1, sentences=False)
    lines = [data[start:stop].tobytes().decode() for start, stop in pieces.at[:, :2]]
    level = np.array([LEVELS.get(line, 0) for line in lines], np.uint8)
    rows, cuts = blocks(data, offsets, pieces, level, BYTES_MIN)
    return [(cuts[rows == row] - offsets[row]).tolist() for row in range(len(texts))]


def left(text: str) -> str:
    raw = text.encode()
    for start, stop in reversed(found([text])[0]):
        raw = raw[:start] + raw[stop:]
    return raw.decode()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Home\nContact us\n\nText of its own.", "Text of its own."),
        ("Home\nContact us\nText of its own.", "Text of its own."),
        ("Text of its own.\n\n首页\n首页\n\nNews of the day", "Text of its own."),
        ("Text of its own.\n\nRelated\nContact us\nA link that few have\n中文正文。", "Text of its own.\n中文正文。"),
        ("Text of its own.\nRelated\nHome\nHome\n\n中文正文。", None),  # no blank line above: a record, a table
        ("Text of its own.\nRelated\nHome\nHome\n中文正文。", "Text of its own.\n中文正文。"),
        ("Text of its own.\n\n首页\n首页\nNews of the day\n\n中文正文。", None),  # no line on many pages
        ("Text of its own.\n\nRelated\nHome\n\n中文正文。", None),  # two lines
        ("Home\nText of its own.", None),  # too short
        ("Home\nContact us", None),  # all of the page
        ("Contact us Text of its own.", None),
        ("Text of its own.\n\nContact us\n\n-", None),  # a heading, underlined
        ("Text of its own.\n\nRelated\n```\nContact us", None),  # code
        # Its title, which is a link elsewhere.
        ("News of the day\n\nA link that few have\n\n中文正文。", "A link that few have\n\n中文正文。"),
    ],
)
def test_blocks(text: str, rest: str | None) -> None:
    assert left(text) == (text if rest is None else rest)


def test_sentences_of_one_template_go_with_the_next() -> None:
    first, rare = (one for one in LEVELS if one.startswith("The city"))
    assert left(f"Text of its own.\n\nNews of the day\n{first}\n{rare}") == "Text of its own."
    assert left(f"Text of its own.\n{rare}\nNews of the day\n{first}") == f"Text of its own.\n{rare}"


def twin(text: str) -> list[list[int]]:
    """As the kernel, over lines of bytes."""
    raw = text.encode()
    lines, at = [], 0
    for line in raw.split(b"\n"):
        if any(letter.isalnum() for letter in line.decode()):
            begin = at + len(line) - len(line.lstrip(b" "))
            lines.append((at, begin, begin + len(line.strip(b" ")), at + len(line) + 1, LEVELS[line.decode().strip()]))
        at += len(line) + 1
    cuts: list[list[int]] = []
    one = free = 0
    while one < len(lines):
        if not lines[one][4]:
            one += 1
            continue
        is_first = one == 0 and lines[0][4] >= FREQUENT and not raw[: lines[0][1]].strip(BLANKS)
        end = run_end(raw, lines, one, is_first=is_first)
        frequent = [i for i in range(one, end) if lines[i][4] >= FREQUENT]
        if sum(lines[i][2] - lines[i][1] for i in frequent) >= BYTES_MIN:
            start, stop = extended(raw, lines, frequent, range(free if not is_first else one, end), is_first=is_first)
            begin, until = lines[start][0], lines[stop - 1][2]
            above, below = raw[:begin].rstrip(BLANKS), raw[until:].lstrip(BLANKS)
            most = max(lines[i][4] for i in frequent)
            if goes(raw, begin, until, is_first=is_first, is_strong=stop - start >= 3 and most >= CERTAIN):
                done = cuts[-1][1] if cuts else 0
                cuts.append([0, len(raw) - len(below)] if is_first else [max(len(above), done), until])
                free = stop
        one = end
    return cuts


def extended(
    raw: bytes, lines: list[tuple[int, ...]], frequent: list[int], within: range, *, is_first: bool
) -> tuple[int, int]:
    start, stop = frequent[0], frequent[-1] + 1
    while stop < within.stop and lines[stop][0] == lines[stop - 1][3]:
        if is_first and not alike(raw, lines[stop - 1], lines[stop]):
            break
        stop += 1
    while not is_first and start - 1 > within.start and lines[start - 1][3] == lines[start][0]:
        if not alike(raw, lines[start - 1], lines[start]):
            break
        start -= 1
    return start, stop


def goes(raw: bytes, begin: int, until: int, *, is_first: bool, is_strong: bool) -> bool:
    if b"\n```" in b"\n" + raw[begin:until] or re.match(rb"\n(===|---|~~~|\*\*\*|\^\^\^)", raw[until:]):
        return False
    if is_first or not raw[until:].strip(BLANKS):
        return not is_first or bool(raw[until:].strip(BLANKS))
    above = raw[:begin].rstrip(BLANKS)
    return is_strong and (b"\n\n" in raw[len(above) : begin] or b"\n\n" not in raw)


def run_end(raw: bytes, lines: list[tuple[int, ...]], one: int, *, is_first: bool) -> int:
    longest, end = 0, one
    while end < len(lines):
        level, size = lines[end][4], lines[end][2] - lines[end][1]
        if is_first and level < FREQUENT and not is_among(raw, lines, end):
            break
        is_newest = end >= one + 3 and end + 1 < len(lines) and lines[end + 1][4] and size <= longest
        if not level and not is_newest and not alike(raw, lines[end - 1], lines[end]):
            break
        longest = max(longest, size)
        end += 1
    return end


def is_among(raw: bytes, lines: list[tuple[int, ...]], one: int) -> bool:
    if lines[one][0] != lines[one - 1][3]:
        return False
    if alike(raw, lines[one - 1], lines[one]):
        return True
    after = lines[one + 1] if one + 1 < len(lines) else None
    return bool(lines[one][4] and after and after[4] and after[0] == lines[one][3])


def alike(raw: bytes, line: tuple[int, ...], after: tuple[int, ...]) -> bool:
    one, other = raw[line[1] : line[2]], raw[after[1] : after[2]]
    begin = common(one, other)
    least = min(len(one), len(other))
    end = min(common(one[::-1], other[::-1]), least - begin)
    return least >= 40 and 3 * max(len(one), len(other)) <= 4 * least and begin + end >= max(15, least // 5)


def common(one: bytes, other: bytes) -> int:
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@settings(max_examples=300)
@given(st.lists(st.lists(st.sampled_from([*LEVELS]), max_size=12).map("\n".join), max_size=3))
def test_equals_its_twin(texts: list[str]) -> None:
    assert found(texts) == [twin(text) for text in texts]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40), max_size=4))
def test_never_raises_on_any_bytes(raws: list[bytes]) -> None:
    strings = pa.Array.from_buffers(pa.string(), len(raws), pa.array(raws, pa.binary()).buffers())
    data, offsets = buffers_of(strings)
    pieces = split(strings, 1, sentences=False)
    rows, cuts = blocks(data, offsets, pieces, np.full(len(pieces.hashes), CERTAIN, np.uint8), 1)
    assert all(offsets[row] <= start <= stop <= offsets[row + 1] for row, (start, stop) in zip(rows, cuts, strict=True))
