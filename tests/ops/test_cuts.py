"""Cutting out: the stretches go from the text and stand on record, and a batch that loses nothing keeps its text."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ops.columns import CUTS
from ops.cuts import CUT_CHARS_MAX, cut_out, rewrite

NONE = np.zeros((0, 2), np.int64)


@given(st.lists(st.lists(st.tuples(st.booleans(), st.text(max_size=8)), max_size=6), max_size=5))
def test_the_text_and_the_record_make_the_text_that_was(documents: list[list[tuple[bool, str]]]) -> None:
    """Of a column that begins in the middle of its buffer."""
    rows, cuts, at = [], [], len(b"before")
    for row, parts in enumerate(documents):
        for goes, part in parts:
            size = len(part.encode())
            rows += [row] * goes
            cuts += [(at, at + size)] * goes
            at += size
    texts = ["".join(part for _, part in parts) for parts in documents]
    batch = pa.table({"text": pa.array(["before", *texts]).slice(1), "id": range(len(texts))})
    kinds = pa.array([f"kind{n}" for n in range(len(rows))], pa.string())
    made = cut_out(batch, np.array(rows, np.int64), np.array(cuts, np.int64).reshape(-1, 2), kinds)
    made.validate(full=True)
    assert made.schema.field(CUTS.name) == CUTS
    assert made["id"] == batch["id"]
    assert made["text"].to_pylist() == ["".join(p for goes, p in parts if not goes) for parts in documents]
    for text, left, told in zip(texts, made["text"].to_pylist(), made["cuts"].to_pylist(), strict=True):
        whole = left.encode()
        for cut in told or []:
            whole = whole[: cut["at"]] + cut["text"].encode() + whole[cut["at"] :]
        assert whole == text.encode()
    flat = [cut["kind"] for told in made["cuts"].to_pylist() for cut in told or []]
    assert flat == kinds.to_pylist()


def test_nothing_is_cut() -> None:
    batch = pa.table({"text": ["one", "two"]})
    made = cut_out(batch, np.zeros(0, np.int64), NONE, pa.array([], pa.string()))
    assert made["text"].chunk(0).buffers()[2].address == batch["text"].chunk(0).buffers()[2].address
    assert made["cuts"].to_pylist() == [None, None]


def test_a_long_stretch_is_told_by_its_beginning() -> None:
    text = "中" * 1000
    made = cut_out(pa.table({"text": [text]}), np.array([0]), np.array([[3, 3000]]), pa.array(["x"])).to_pylist()[0]
    assert made["text"] == "中"
    assert made["cuts"] == [{"kind": "x", "at": 3, "bytes": 2997, "text": "中" * CUT_CHARS_MAX}]


@given(st.lists(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.text(max_size=4)), max_size=5), max_size=4))
def test_what_is_put_stands_in_the_place(documents: list[list[tuple[str, str]]]) -> None:
    """Each pair is a text that is replaced, and what by; a bar stays between them."""
    texts = ["|".join(was for was, _ in pairs) for pairs in documents]
    rows, cuts, at = [], [], 0
    for row, pairs in enumerate(documents):
        for was, _ in pairs:
            rows.append(row)
            cuts.append((at, at + len(was.encode())))
            at += len(was.encode()) + 1
        at -= 1 if pairs else 0
    puts = pa.array([put for pairs in documents for _, put in pairs], pa.string())
    kinds = pa.repeat(pa.scalar("x"), len(rows))
    made = cut_out(
        pa.table({"text": pa.array(texts, pa.string())}),
        np.array(rows, np.int64),
        np.array(cuts, np.int64).reshape(-1, 2),
        kinds,
        puts,
    )
    made.validate(full=True)
    assert made["text"].to_pylist() == ["|".join(put for _, put in pairs) for pairs in documents]
    told = [[cut["text"] for cut in told or []] for told in made["cuts"].to_pylist()]
    assert told == [[was for was, _ in pairs] for pairs in documents]


def test_edits_of_one_step_add_to_the_record() -> None:
    """Each counts in the text that it was given."""
    batch = pa.table({"text": ["one two three", "nothing", "two"]})
    every = np.ones(3, np.bool_)
    made = rewrite(batch, every, lambda line: line.replace("one ", ""), "first")
    made = rewrite(made, every, lambda line: line.replace("two", "2"), "second")
    assert made["text"].to_pylist() == ["2 three", "nothing", "2"]
    first, second = ({"kind": kind, "at": 0, "bytes": size} for kind, size in (("first", 4), ("second", 3)))
    assert made["cuts"].to_pylist() == [
        [first | {"text": "one "}, second | {"text": "two"}],
        None,
        [second | {"text": "two"}],
    ]
    assert cut_out(made, np.zeros(0, np.int64), NONE, pa.array([], pa.string())) is made
