"""Where lines and sentences end: the kernel equals plain Python on any text."""

import re

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.stops import stops_of

STOP = re.compile(rb"[\n\x0b\x0c\r.!?]|" + "|".join("。！？…").encode())
TEXT = st.text(st.sampled_from("a .!?\n\r\x0b\x0c。！？…，“”、é🙂"), max_size=150) | st.text(max_size=90)


@given(st.lists(TEXT, max_size=5))
@settings(max_examples=200)
def test_equals_plain_python(texts: list[str]) -> None:
    expected, first, begin = [], [0], 0
    for raw in (text.encode() for text in texts):
        expected += [begin + match.start() for match in STOP.finditer(raw)]
        first.append(len(expected))
        begin += len(raw)
    stops = stops_of(pa.array(texts, pa.string()))
    assert (stops.at.tolist(), stops.first.tolist()) == (expected, first)


def test_of_part_of_a_column() -> None:
    stops = stops_of(pa.array(["a.b.", "One. Two", "!"]).slice(1, 1))
    assert (stops.at.tolist(), stops.first.tolist()) == ([7], [0, 1])


def test_of_nothing_but_stops() -> None:
    assert stops_of(pa.array(["\n" * 200])).at.tolist() == [*range(200)]
