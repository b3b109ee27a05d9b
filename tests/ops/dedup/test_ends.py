"""Repeated ends: what is counted for each source, what is cut and where, what stays."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_record import assert_on_record

from ops.columns import CUTS
from ops.contract import Counting
from ops.dedup.ends import RepeatedEnds

MARKS = ["(Read more at www.millnews.example.com)", "【某某国际网】", "本文来自某某国际网，转载请注明出处。"]


def count(op: RepeatedEnds, batch: pa.Table) -> pa.Table:
    """Count by a plain dictionary what the runner counts over partitions."""
    documents: Counter[int] = Counter()
    for row in range(batch.num_rows):
        documents.update(op.keys(op.sketch(batch.slice(row, 1))).tolist())
    keys = np.array(sorted(documents), np.uint64)
    counts = np.array([documents[int(key)] for key in keys], np.int64)
    return pa.table({"key": keys[op.repeated(counts, np.full(len(keys), batch.num_rows))]})


def edited(op: RepeatedEnds, texts: list[str], source: str | list[str] = "web") -> list[dict[str, Any]]:
    sources = [source] * len(texts) if isinstance(source, str) else source
    batch = pa.table({"text": pa.array(texts, pa.string()), "source": pa.array(sources, pa.string())})
    return op.apply(batch, count(op, batch)).to_pylist()


def own(n: int) -> str:
    return f"Page {n} tells of the mill number {n}." if n % 2 else f"第{n}页讲的是第{n}座磨坊的故事。"


@pytest.mark.parametrize(
    ("mark", "first"), [*((mark, False) for mark in MARKS), (MARKS[2], True), ("Read more at the Mill News.", True)]
)
def test_an_end_goes_from_every_document_of_its_source(*, mark: str, first: bool) -> None:
    texts = [
        f"{mark} {own(n)}\nLine {n}." if first else f"{own(n)}{' ' * (n % 2)}{mark}\r\nLine {n}." for n in range(9)
    ]
    rows = edited(RepeatedEnds(documents_max=8), texts)
    between = "\n" if first else "\r\n"
    assert [row["text"] for row in rows] == [f"{own(n)}{between}Line {n}." for n in range(9)]
    assert {(cut["kind"], cut["text"].strip()) for row in rows for cut in row["cuts"]} == {("repeated_end", mark)}
    assert [row["text"] for row in edited(RepeatedEnds(documents_max=9), texts)] == texts


def test_each_source_counts_for_itself() -> None:
    texts = [f"{own(n)} {MARKS[0]}" for n in range(9)]
    rows = edited(RepeatedEnds(documents_max=5), texts, ["web"] * 6 + ["books"] * 3)
    assert [row["text"] for row in rows] == [own(n) for n in range(6)] + texts[6:]


@pytest.mark.parametrize(
    "text",
    [
        MARKS[0],  # a line of its own
        f"One {{n}}. {MARKS[2]}Two {{n}} it is.",  # between sentences
        "Number {n}. He said so.",
        "第{n}。【某某网】",
        f"Number {{n}}\n{MARKS[1]}\nand on.",
        *["", " ", "\n\n", "。", "x", "🙂"],
    ],
)
def test_what_stays(text: str) -> None:
    texts = [text.replace("{n}", str(n)) for n in range(5)]
    assert edited(RepeatedEnds(documents_max=1), texts) == [
        {"text": one, "source": "web", "cuts": None} for one in texts
    ]


def test_a_share_of_a_small_source() -> None:
    texts = [f"{own(n)} {MARKS[0]}" if n < 12 else own(n) for n in range(120)]
    clean = [own(n) for n in range(120)]

    def left(**settings: Any) -> list[str]:
        return [row["text"] for row in edited(RepeatedEnds(**settings), texts)]

    assert left() == clean
    assert left(share_max=0.1) == left(share_max=1) == left(share_documents_min=13) == texts
    assert left(share_max=0.099) == clean


def test_once_a_document_and_equal_whatever_case_and_width() -> None:
    batch = pa.table({"text": [f"{own(1)} {MARKS[0]}\n{own(2)} {MARKS[0].upper()}"], "source": ["web"]})
    ends = RepeatedEnds().sketch(batch)["end"].to_pylist()
    assert len(ends) == len({*ends}) == 3


TEXT = st.lists(st.sampled_from([*MARKS, own(1), own(2), "\n", "\n", "\r\n", " ", "x"]), max_size=12).map("".join)


@given(texts=st.lists(TEXT | st.text(max_size=30), max_size=6), cut=st.integers(0, 6))
@settings(max_examples=60)
def test_cuts_are_exact_and_batches_do_not_matter(texts: list[str], cut: int) -> None:
    op = RepeatedEnds(documents_max=1)
    batch = pa.table({"text": pa.array(texts, pa.string()), "source": pa.array(["web"] * len(texts), pa.string())})
    found = count(op, batch)
    rows = op.apply(batch, found).to_pylist()
    assert rows == op.apply(batch.slice(0, cut), found).to_pylist() + op.apply(batch.slice(cut), found).to_pylist()
    again = (
        op.apply(pa.table({"text": [row["text"] for row in rows], "source": batch["source"]}), found) if texts else []
    )
    assert [row["text"] for row in rows] == (again["text"].to_pylist() if texts else [])
    for text, row in zip(texts, rows, strict=True):
        assert_on_record(text, row)


def test_columns() -> None:
    batch = pa.table({"text": pa.array([f"{own(1)} {MARKS[0]}"] * 2, pa.large_string()), "source": ["web"] * 2})
    op = RepeatedEnds(documents_max=1)
    assert isinstance(op, Counting)
    assert op.apply(batch, count(op, batch)).schema == batch.schema.append(CUTS)
    assert op.apply(batch.slice(0, 0), count(op, batch)).num_rows == op.sketch(batch.slice(0, 0)).num_rows == 0
