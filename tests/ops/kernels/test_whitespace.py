"""Tidying whitespace equals a slow twin on any text."""

import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from layouts import layouts_of

from ops.kernels.whitespace import tidy_whitespace

SPACES = " \t\u00a0\u3000\u202f" + "".join(map(chr, range(0x2000, 0x200B)))
LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
ODD = "a中é🙂。”\u200b\x1f" + SPACES[:6] + "\n\r\x0b\x0c\x85\u2028\u2029"
# What is tidy but for one place: a text is looked at in stretches of 64 bytes, and a place may lie across two.
ONE_PLACE = st.tuples(
    st.integers(0, 140), st.text(st.sampled_from(ODD), max_size=4), st.integers(0, 140), st.sampled_from("a中é")
).map(lambda parts: parts[3] * parts[0] + parts[1] + parts[3] * parts[2])
TEXT = st.text(max_size=50) | st.text(st.sampled_from(ODD), max_size=50) | ONE_PLACE


def tidy(text: str, blank_lines_max: int) -> str:
    lines = [line.rstrip(SPACES) for line in LINE_END.split(text)]
    out: list[str] = []
    blank = 0
    for line in lines:
        if not line:
            blank += 1
            continue
        if out:
            out += [""] * min(blank, blank_lines_max)
        out.append(line if out else line.lstrip(SPACES))
        blank = 0
    return "\n".join(out)


@given(st.lists(TEXT, max_size=5), st.integers(0, 3))
def test_tidy_equals_its_twin(texts: list[str], most: int) -> None:
    assert tidy_whitespace(pa.array(texts, pa.string()), most).to_pylist() == [tidy(text, most) for text in texts]


@given(st.lists(TEXT, min_size=2, max_size=5))
def test_layouts_do_not_matter(texts: list[str]) -> None:
    plain = pa.array(texts)
    for layout in layouts_of(texts, " x ", " y\n\n\n"):
        assert tidy_whitespace(layout, 1).equals(tidy_whitespace(plain, 1))


@given(st.lists(st.binary(max_size=150), max_size=4))
def test_no_bytes_raise(raw: list[bytes]) -> None:
    assert len(tidy_whitespace(pa.array(raw, pa.binary()).view(pa.string()), 1)) == len(raw)


def test_results_are_valid_arrays() -> None:
    tidy_whitespace(pa.array(["a ", "", "中\r\n"]), 1).validate(full=True)


def test_tidy_text_is_not_copied() -> None:
    text = pa.array(["a\n\n b\n\tc", "", "中\u3000文", "é"])
    assert tidy_whitespace(text, 1) is text


def test_empty() -> None:
    assert tidy_whitespace(pa.chunked_array([], pa.string()), 1).to_pylist() == []
