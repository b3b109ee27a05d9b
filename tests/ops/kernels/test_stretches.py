"""Stretches that lines in a row have in common, against a plain twin."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.lines import LINE, NEXT, START, STOP, split
from ops.kernels.stretches import in_common

Found = list[tuple[int, int, int]]  # the number of a line, from which byte to which


def stretches(raw: bytes, start: int, stop: int) -> dict[bytes, tuple[int, int]]:
    """Return each stretch of a line, numbers as one digit, and where it stands first."""
    found: dict[bytes, tuple[int, int]] = {}
    for word in re.finditer(rb"[\xc0-\xff]|(?<![A-Za-z])[A-Za-z]", raw[start:stop]):
        at = start + word.start()
        parts = list(re.finditer(rb"\d+|[^\d]", raw[at:stop], re.DOTALL))[:12]
        if len(parts) == 12:
            key = b"".join(b"0" if part[0].isdigit() else part[0] for part in parts)
            found.setdefault(key, (at, at + parts[-1].end()))
    return found


def twin(text: str, least: int) -> Found:
    raw, lines = text.encode(), split(pa.array([text]), 1, sentences=False).at.tolist()
    fits = [24 <= line[STOP] - line[START] <= 400 for line in lines]
    of = [stretches(raw, line[START], line[STOP]) if fit else {} for line, fit in zip(lines, fits, strict=True)]
    made = set()
    for first in range(len(lines) - least + 1):
        run = range(first, first + least)
        if all(fits[n] for n in run) and all(lines[n][LINE] == lines[n - 1][NEXT] for n in run[1:]):
            for key in set.intersection(*(set(of[n]) for n in run)):
                made |= {(n, *of[n][key]) for n in run}
    return sorted(made, key=lambda one: one[1:])


def found_in(text: str, least: int) -> Found:
    texts = pa.array([text])
    found = in_common(texts, split(texts, 1, sentences=False), least)
    return sorted(zip(found.lines.tolist(), *found.at.T.tolist(), strict=True), key=lambda one: one[1:])


PARTS = st.sampled_from(
    ["Ann ", "reports on ", "the mills of ", "12", " ", "7 ", "磨坊的故事在", "山谷里，", "é", "\n", "\n", "\n\n", "x"]
)


@given(text=st.lists(PARTS, max_size=40).map("".join) | st.text(max_size=60), least=st.sampled_from([2, 3]))
@settings(max_examples=300, deadline=None)
def test_against_the_twin(text: str, least: int) -> None:
    assert found_in(text, least) == twin(text, least)


@pytest.mark.parametrize(
    ("lines", "shared"),
    [
        (
            [
                "Ann reports on 3 mills, and on 4.",
                "Tom reports on 28 mills, and on 5.",
                "Jo reports on 1 mills, and on 6.",
            ],
            3,
        ),
        (["城里的磨坊老板昨天来到山谷里。", "乡下的磨坊老板昨天来到集市上。", "河边的磨坊老板昨天来到学校里。"], 3),
        (["Ann reports on 3 mills of the valley.", "", "Tom reports on 28 mills of the valley."], 0),
        (["Nothing here is like the other line.", "No word at all of what went before this."], 0),
    ],
)
def test_lines_of_one_template(lines: list[str], shared: int) -> None:
    assert len({line for line, _, _ in found_in("\n".join(lines), max(2, shared))}) == shared


def test_texts_do_not_matter_to_each_other_and_no_bytes_raise() -> None:
    lines = "Ann reports on 3 mills of Oslo.\nTom reports on 28 mills of Bonn."
    both = pa.array([lines.split("\n", maxsplit=1)[0], lines, "", lines.split("\n")[1]])
    found = in_common(both, split(both, 1, sentences=False), 2)
    assert set(found.rows.tolist()) == {1}
    spoilt = pa.array([lines.encode()[:40] + b"\xe4\xb8", b"\xff" * 50, lines.encode()], pa.binary()).view(pa.string())
    assert np.all(np.isin(in_common(spoilt, split(spoilt, 1, sentences=False), 2).rows, [0, 1, 2]))
