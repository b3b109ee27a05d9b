"""The sieve reads any bytes, each text by itself, and passes what stands at either end."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.buffers import buffers_of
from ops.kernels.cuts import stretches
from ops.kernels.page_ends import ends_of, may_have_furniture

PROSE = "The mill stands where the river leaves the valley of the three farms, and nobody knows who built it."
MENU = "\n".join(["Home", "新闻", "Sports", "联系我们"] * 3)
TEASERS = "\n".join(f"Learn how {name} is made in our long guide." for name in ("bread", "wine", "cheese", "soup"))


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        (PROSE, False),
        ("", False),
        (f"{MENU}\n{PROSE}", True),
        (f"{PROSE}\n\n{MENU}", True),
        (f"{PROSE}\n{MENU}\n{PROSE} {PROSE}", False),
        (f"{PROSE}\n{TEASERS}", True),
        (f"{TEASERS}\n{PROSE}", False),
        (f"one, two words, three, four\n{PROSE}", True),
        (f"{PROSE}\n1. Home\n" + "2. Next\n" * 20, False),
        (f"{PROSE}\n" + "Name: value\n" * 20, False),
    ],
)
def test_what_passes(text: str, *, passes: bool) -> None:
    assert may_have_furniture(pa.array([text]), 10, 4).tolist() == [passes]
    assert may_have_furniture(pa.array(["x", text, PROSE]), 10, 4).tolist() == [False, passes, False]


@given(st.lists(st.text(max_size=30), max_size=5), st.integers(0, 20), st.integers(0, 20))
@settings(max_examples=100)
def test_ends(texts: list[str], head: int, tail: int) -> None:
    data, offsets = buffers_of(pa.array(texts, pa.string()))
    found = stretches(data, ends_of(data, offsets, head, tail), 100).to_pylist()
    for n, text in enumerate(texts):
        assert text.startswith(found[2 * n])
        assert text.endswith(found[2 * n + 1])
        assert head - 4 < len(found[2 * n].encode()) <= head or found[2 * n] == text
        assert tail - 4 < len(found[2 * n + 1].encode()) <= tail or found[2 * n + 1] == text


@given(st.lists(st.binary(max_size=60), max_size=4))
@settings(max_examples=100)
def test_any_bytes(raw: list[bytes]) -> None:
    data = np.frombuffer(b"".join(raw) + b"\0" * 8, np.uint8)
    offsets = np.cumsum([0, *map(len, raw)]).astype(np.int32)
    texts = pa.StringArray.from_buffers(len(raw), pa.py_buffer(offsets), pa.py_buffer(data))
    assert len(may_have_furniture(texts, 3, 2)) == len(raw)
