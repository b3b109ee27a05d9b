"""What a page speaks of is what plain Python finds."""

from hypothesis import given, settings
from hypothesis import strategies as st
from line_twin import lowered, shared

from ops.kernels.shared_grams import joined, lower_lines, shares_of

PIECES = [
    *(
        "mill",
        "Miller",
        "river",
        "the",
        "straße",
        "STRAẞE",
        "ΟΔΟΣ",
        "οδος",
        "Ångström",
        "\u212b",
        "İzmir",
        "Ⱥbcd",
        "ＭＩＬＬ",
        "мельница",
    ),
    *("水车", "水车边", "车", "的", "和山", "㐀", "\U00020000\U00020001", " ", "\n", ",", "7", "\U0001f600", "x" * 70),
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=40)


@given(st.lists(TEXT, max_size=5), TEXT)
@settings(max_examples=500)
def test_shares_are_those_of_plain_python(parts: list[str], body: str) -> None:
    assert shares_of(parts, body) == [shared(part, lowered(body)) for part in parts]


@given(st.lists(st.text(max_size=50), max_size=4))
@settings(max_examples=300)
def test_small_letters_are_those_of_python(lines: list[str]) -> None:
    low, at = lower_lines(*joined([line.encode() for line in lines]))
    assert [low[start:stop].tobytes().decode() for start, stop in at] == [lowered(line) for line in lines]


@given(st.lists(st.binary(max_size=60), max_size=4))
@settings(max_examples=100)
def test_any_bytes(raw: list[bytes]) -> None:
    _, at = lower_lines(*joined([*raw, bytes(8)]))
    assert len(at) == len(raw) + 1
