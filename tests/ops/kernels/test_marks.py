"""The gate before watermarks refuses nothing that the rules would cut."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.edits import watermarks
from ops.edits.watermarks import Watermarks
from ops.kernels.marks import MarkLimits, may_be_marks
from ops.kernels.repeats import repeats
from ops.kernels.stops import stops_of

MARKS = [
    *(
        "(a page of the mill)",
        "[Mill News].",
        "www.mill.net",
        "At mill-news.com ",
        "https://a.b/c d",
        "{Valley Courier}",
    ),
    *(
        "-- The Courier",
        "— The Valley Courier",
        "@valley_courier",
        "© Courier 2020",
        "~ millers' news",
        "| Courier news",
    ),
    *(
        "【某某网】",
        "（来源：某某科技网）。",
        "《某某文库》",
        "——摘自某某",
        "本文来自某某国际网，转载请注明出处。",
        "｜某某新闻",
    ),
    *(
        "This article first appeared in the Courier.",
        "said the miller.",
        "\u00a0(a page of it)\u00a0",
        "\u2003[some text]",
    ),
]
OWN = ["The mill stands.", "Nobody knows!", "A letter came", "今年春天，", "河水涨了。", "x = 3", "“Yes.”", "Was it?"]
LINES = st.lists(
    st.tuples(st.sampled_from(OWN), st.integers(10, 99), st.booleans(), st.sampled_from(["", " ", "\n", "\n\n"])),
    min_size=1,
    max_size=9,
)


def planted(mark: str, lines: list[tuple[str, int, bool, str]], *, at_end: bool) -> str:
    made = ""
    for own, number, has_mark, gap in lines:
        text = f"{own} {number} {own}。"
        made += (f"{text}{gap}{mark}" if at_end else f"{mark}{gap}{text}") if has_mark else text
        made += "\n\n" if gap == " " else "\n"
    return made


@pytest.fixture
def ungated(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Texts of which to ask what the rules would cut if the gate were always open."""
    asked: list[str] = []
    yield asked
    shut = [Watermarks().edit(pa.table({"text": [text]})) for text in asked]
    monkeypatch.setattr(watermarks, "may_be_marks", lambda _data, _offsets, rows, *_: np.ones(len(rows), np.bool_))
    for text, made in zip(asked, shut, strict=True):
        assert Watermarks().edit(pa.table({"text": [text]})).equals(made), text


def test_gate_refuses_no_watermark(ungated: list[str]) -> None:
    @given(st.sampled_from(MARKS), LINES, st.booleans())
    @settings(max_examples=300)
    def collect(mark: str, lines: list[tuple[str, int, bool, str]], at_end: bool) -> None:  # noqa: FBT001
        ungated.append(planted(mark, lines, at_end=at_end))

    collect()
    whole = [(own, 10 + n, True, " ") for n, own in enumerate(OWN)]
    ungated += [planted(mark, whole, at_end=at_end) for mark in MARKS for at_end in (False, True)]
    cut = [text for text in ungated if Watermarks().edit(pa.table({"text": [text]}))["text"][0].as_py() != text]
    assert len(cut) > len(MARKS)


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("The committee of one said.\nThe committee of two said.\nThe committee of three.", False),
        ("(The committee) of one said.\n(The committee) of two said.\n(The committee) of three.", True),
        ("(The committee of one said.\n(The committee of two said.\n(The committee of three.", False),
        ("The committee. The committee. The committee, The committee of three.", False),
        ("\n".join(f"The committee of the whole {name} house" for name in "abcde"), False),
        ("\n".join(f"The committee of the whole new house {name}." for name in "abcde"), False),
        ("\n".join(f"The committee of the whole new house: {name}." for name in "abcde"), True),
        ("\n".join(f"The committee of the whole house. New {name} in." for name in "abcde"), True),
        ("\n".join(f"The committee of the whole new house: {name}" for name in "abcde"), False),
        ("\n\n".join(f"The committee of the whole new house: {name}\nof 2.0 men." for name in "abcde"), True),
        ("\n\n".join(f"The committee of the whole new house: {name}\nof 2.0 men" for name in "abcde"), False),
        ("\n".join(f"{name * 20}. the mill said the miller." for name in "abc"), False),
        ("\n".join(f"{name * 20}! — The Valley Courier" for name in "abc"), True),
        ("\n".join(f"{name * 20}。to be found at mill.net" for name in "abc"), True),
    ],
)
def test_what_the_gate_passes(text: str, *, goes_on: bool) -> None:
    raw = np.frombuffer(text.encode(), np.uint8)
    column = pa.array([text])
    rows, keys, first, at = repeats(column, stops_of(column), 3, 0.0).groups
    limits = MarkLimits(framed_letters=9, plain_letters=24, plain_lines=5, prose_share=0.25)
    offsets, is_end = np.array([0, len(raw)], np.int32), keys & np.uint64(1) == 0
    assert may_be_marks(raw, offsets, rows, at, first, is_end, np.full(len(rows), 3.0), limits).any() == goes_on


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(0, 199), min_size=2, max_size=40), st.booleans())
@settings(max_examples=100)
def test_any_bytes(raw: bytes, places: list[int], is_end: bool) -> None:  # noqa: FBT001
    at = np.array(sorted({min(place, len(raw) - 1) for place in places}), np.int64)
    first, offsets = np.array([0, len(at)]), np.array([0, len(raw)], np.int32)
    limits = MarkLimits(framed_letters=1, plain_letters=24, plain_lines=5, prose_share=0.25)
    data = np.frombuffer(raw, np.uint8)
    assert len(may_be_marks(data, offsets, np.array([0]), at, first, np.array([is_end]), np.ones(1), limits)) == 1
