"""What holds for every op: the same answer for a document whatever is beside it, and no exception on any bytes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from every_op import MEASURES, OPS, made_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.contract import Op
from ops.surveys import Summing

PARTS = [
    "The quick brown fox jumps over the lazy dog. ", "It's 3.5% of $10, isn't it?\n",
    "今天天气很好，我们去公园。", "機(jī)器(qì)",
    "http://a.example/b?c=d", "\n\n", "\n- item\n", "{x: 1};\n", "¶", "\u200b", "\r\n", "\u3000", "🙂", "ア", "…", "\0",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PARTS) | st.text(max_size=8), max_size=12).map("".join)
BYTES = st.lists(st.binary(max_size=6) | st.sampled_from([part.encode() for part in PARTS]), max_size=12).map(b"".join)


def strings_of(texts: list[bytes]) -> pa.Array:
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(b"".join(texts)))


def batch_of(texts: pa.Array, op: Op) -> pa.Table:
    """Documents with every column that an op may read."""
    count = len(texts)
    batch = pa.table(
        {
            "id": [str(row) for row in range(count)],
            "text": texts,
            "url": ["https://site.example/page"] * count,
            "source": ["web"] * count,
            "origin": ["real"] * count,
            "generator": pa.nulls(count, pa.string()),
            "title": texts,
            "lang": ["en"] * count,
            "lang_confidence": [0.9] * count,
            "lang_script": pa.nulls(count, pa.string()),
            "stars": [1.0] * count,
            "aigc_label": pa.array(['{"Label":"1"}', None] * count, pa.string())[:count],
            "copied_tokens": [50] * count,
            "copied_share": [0.5] * count,
            "copied_longest": [50] * count,
            "copied_from": ["x"] * count,
            "copied_passage": texts,
            "parents": pa.array([["x"], None] * count, pa.list_(pa.string()))[:count],
            "depth": pa.array([1] * count, pa.int8()),
        }
    )
    for column, measure in MEASURES.items():
        if column in op.needs:
            batch = measure.edit(batch)
    return batch


def told(op: Op, batch: pa.Table) -> list[Any]:
    """What an op says of each document."""
    verb = next(getattr(op, name) for name in ("edit", "judge", "sketch") if hasattr(op, name))
    if isinstance(op, Summing):  # of a batch, and so of each document by itself: that sums add up is its own test's
        return [verb(batch.slice(row, 1)).to_pydict() for row in range(batch.num_rows)]
    answer = verb(batch)
    if "sketch" not in verb.__name__:
        rows: list[Any] = answer.to_pylist()
        return rows
    found = answer.to_pydict()
    numbers = found.pop("row", range(batch.num_rows))
    by_row: list[Any] = [[] for _ in range(batch.num_rows)]
    for at, *values in zip(numbers, *found.values(), strict=True):
        by_row[at].append(values)
    return by_row


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
@settings(max_examples=10)
@given(texts=st.lists(TEXT, min_size=2, max_size=6), data=st.data())
def test_neighbours_do_not_matter(op: type[Op], texts: list[str], data: st.DataObject) -> None:
    made = made_of(op)
    batch = batch_of(pa.array(texts, pa.string()), made)
    cut = data.draw(st.integers(1, len(texts) - 1))
    assert told(made, batch) == [*told(made, batch[:cut]), *told(made, batch[cut:])]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
@settings(max_examples=10)
@given(texts=st.lists(BYTES, min_size=1, max_size=6))
def test_no_bytes_raise(op: type[Op], texts: list[bytes]) -> None:
    made = made_of(op)
    batch = batch_of(strings_of(texts), made)
    verb = next(getattr(made, name) for name in ("edit", "judge", "sketch") if hasattr(made, name))
    answer = verb(batch)
    assert hasattr(made, "sketch") or len(answer) == len(texts)
