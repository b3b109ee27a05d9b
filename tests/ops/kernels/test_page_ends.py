"""The sieve reads any bytes, each text by itself, and passes what stands at either end."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.page_ends import may_have_furniture

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
    for texts in ([text], ["x", text, PROSE]):
        lists, keywords = may_have_furniture(pa.array(texts), 10, 4)
        assert (lists | keywords.any(axis=(1, 2))).tolist() == [passes and one is text for one in texts]


@given(st.lists(st.binary(max_size=60), max_size=4))
@settings(max_examples=100)
def test_any_bytes(raw: list[bytes]) -> None:
    data = np.frombuffer(b"".join(raw) + b"\0" * 8, np.uint8)
    offsets = np.cumsum([0, *map(len, raw)]).astype(np.int32)
    texts = pa.StringArray.from_buffers(len(raw), pa.py_buffer(offsets), pa.py_buffer(data))
    assert len(may_have_furniture(texts, 3, 2)[0]) == len(raw)
