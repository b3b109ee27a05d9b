"""Repeated lines: what is counted, what is cut, what stays, and that every cut is on record."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.columns import CUTS
from ops.dedup.lines import RepeatedLines
from ops.surveys import Counting

NAV = "Home | About | Contact"
MENU = ["Home page", "About us", "Contact"]
NOTICE = "版权所有 翻印必究"
WATERMARK = "本文转载自某某国际网 www.example.cn"
LINES = [
    NAV,
    "home |  ABOUT | contact ",
    NOTICE,
    WATERMARK,
    "责任编辑：",
    "}",
    "* * *",
    "第一章",
    "| --- | --- |",
    "",
    " \u3000",
]
ENDS = ["\n", "\r\n", "\r", "\u2028", "\x85", "\n\n"]
OWN = st.text("河流过山谷abc. 。", max_size=30)
TEXT = st.lists(st.tuples(st.sampled_from(LINES) | OWN, st.sampled_from(ENDS)), max_size=6).flatmap(
    lambda pairs: st.booleans().map(
        lambda whole: "".join(line + end for line, end in pairs) if whole else "\n".join(line for line, _ in pairs)
    )
)
OPS = [
    RepeatedLines(documents_max=2, removed_share_max=1),
    RepeatedLines(documents_max=1, allow=(NAV,)),
    RepeatedLines(documents_max=2, line_chars_min=1, action="flag"),
    RepeatedLines(documents_max=1, span="sentences", span_sentences=2, line_chars_min=1, removed_share_max=None),
]


def article(n: int) -> str:
    """Fifteen words of its own, and as many characters."""
    return (
        " ".join(f"word{n}x{k}" for k in range(15)) + "\n" + "".join(chr(0x4E00 + n * 31 + k) for k in range(15)) + "。"
    )


def count(op: RepeatedLines, texts: list[str]) -> pa.Table:
    """Count by a plain dictionary what the runner counts over partitions."""
    documents: Counter[int] = Counter()
    for text in texts:
        documents.update(op.keys(op.sketch(pa.table({"text": [text]}))).tolist())
    lines = np.array(sorted(documents), np.uint64)
    counts = np.array([documents[int(line)] for line in lines], np.int64)
    repeated = op.repeated(counts, np.full(len(counts), len(texts)))
    return pa.table({"key": lines[repeated]})


def edited(op: RepeatedLines, texts: list[str], found: pa.Table | None = None) -> list[dict[str, Any]]:
    batch = pa.table({"text": pa.array(texts, pa.string())})
    return op.apply(batch, count(op, texts) if found is None else found).to_pylist()


def corpus(*lines: str, first: bool = True, own: int = 5) -> list[str]:
    """Documents that have these lines, before or after text of their own."""
    block = "\n".join(lines)
    return [f"{block}\n{article(n)}" if first else f"{article(n)}\n{block}" for n in range(own)]


def test_it_is_a_counting_survey() -> None:
    assert isinstance(RepeatedLines(), Counting)
    assert {*RepeatedLines.sketched_by} < {*RepeatedLines.model_fields}


def test_the_sketch_has_each_line_once_a_document() -> None:
    sketch = RepeatedLines().sketch(pa.table({"text": [f"{NAV}\n{NOTICE}\n{NAV.upper()}", "", NOTICE]}))
    assert sketch.schema == pa.schema([("row", pa.int64()), ("line", pa.uint64())])
    assert sketch["row"].to_pylist() == [0, 0, 2]
    nav, notice, again = sketch["line"].to_pylist()
    assert notice == again
    assert 0 not in {nav, notice}


@pytest.mark.parametrize("line", [NAV, "责任编辑：张三", "责任编辑：", "版权所有", NOTICE, WATERMARK, "Privacy Policy"])
@pytest.mark.parametrize("first", [True, False])
def test_furniture_goes_from_every_document(*, line: str, first: bool) -> None:
    op = RepeatedLines(documents_max=4)
    texts = corpus(line, first=first)
    rows = edited(op, texts)
    assert [row["text"] for row in rows] == [article(n) for n in range(5)]  # no line end is left over
    cut = f"{line}\n" if first else f"\n{line}"
    at = 0 if first else len(article(0).encode())
    assert rows[0]["cuts"] == [{"kind": "repeated_line", "at": at, "bytes": len(cut.encode()), "text": cut}]
    assert rows[0]["repeated_line_share"] == len(cut.encode()) / len(texts[0].encode())
    assert edited(RepeatedLines(documents_max=5), texts) == [
        {"text": text, "cuts": None, "repeated_line_share": 0.0} for text in texts
    ]


@pytest.mark.parametrize(
    "line", ["}", "* * *", "第一章", "References", "| --- | --- | --- | --- |", "=" * 80, "\u3000"]
)
def test_short_lines_are_never_counted(line: str) -> None:
    assert RepeatedLines().sketch(pa.table({"text": [line]})).num_rows == 0
    assert [row["text"] for row in edited(RepeatedLines(documents_max=1), corpus(line))] == corpus(line)


def test_other_lines_keep_every_byte() -> None:
    text = f"  A first  line\t\r\n{NAV}\r\n\r\n\u3000\u3000第二行\u2028{NAV}\n\x00\n\nlast \n"
    op = RepeatedLines(documents_max=1, removed_share_max=1)
    (row,) = edited(op, [text], count(op, [NAV, NAV]))
    assert row["text"] == "  A first  line\t\r\n\r\n\u3000\u3000第二行\u2028\x00\n\nlast \n"
    assert [cut["text"] for cut in row["cuts"]] == [f"{NAV}\r\n", f"{NAV}\n"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (NAV, ""),
        (f"{NAV}\n", ""),
        (f"a\n{NAV}\n{NOTICE}", "a"),
        (f"a\n{NAV}\n{NOTICE}\n", "a\n"),
        (f"a\n\n{NAV}", "a\n"),
        (f"{NAV}\r\na\r\n{NOTICE}", "a"),
        (f"a\r{NAV}\rb", "a\rb"),
        ("", ""),
    ],
)
def test_line_ends(text: str, left: str) -> None:
    op = RepeatedLines(documents_max=1, removed_share_max=None)
    assert edited(op, [text], count(op, [f"{NAV}\n{NOTICE}"] * 2))[0]["text"] == left


def test_allowed_lines_stay() -> None:
    texts = corpus(NAV, NOTICE)
    op = RepeatedLines(documents_max=4, allow=("home | about |  contact",))
    assert [row["text"] for row in edited(op, texts)] == corpus(NAV)


def test_a_text_above_the_cap_is_left_whole() -> None:
    texts = [*corpus(NAV), f"{NAV}\nshort"]
    share = (len(NAV) + 1) / len(texts[-1])
    last = edited(RepeatedLines(documents_max=4), texts)[-1]
    assert last == {"text": texts[-1], "cuts": None, "repeated_line_share": share}
    assert edited(RepeatedLines(documents_max=4, removed_share_max=share), texts)[-1]["text"] == "short"
    kept = edited(RepeatedLines(documents_max=4, removed_share_max=0), texts)
    assert [row["text"] for row in kept] == texts


def test_flagged_text_stays() -> None:
    texts = corpus(NAV)
    rows = edited(RepeatedLines(documents_max=4, action="flag"), texts)
    assert [row["text"] for row in rows] == texts
    assert [row["cuts"] for row in rows] == [None] * 5
    removed = edited(RepeatedLines(documents_max=4), texts)
    assert [row["repeated_line_share"] for row in rows] == [row["repeated_line_share"] for row in removed]


def test_a_cut_shows_its_first_200_characters() -> None:
    line = "版权所有" * 100
    row = edited(RepeatedLines(documents_max=4, removed_share_max=1), corpus(line))[0]
    (cut,) = row["cuts"]
    assert (cut["text"], cut["bytes"]) == (line[:200], 1201)


def test_spans_of_sentences() -> None:
    """A menu of short lines, and a notice within a paragraph, are seen only as a span."""
    notice = "All rights are reserved. Do not copy! Ask us first."
    zh = "本网保留所有权利。未经许可不得转载！违者必究。"
    texts = [
        f"{article(n)}\nOwn{n} one. {notice} Own{n} two.\n第{n}段。{zh}第{n}段完。\n" + "\n".join(MENU)
        for n in range(5)
    ]
    op = RepeatedLines(documents_max=4, span="sentences")
    rows = edited(op, texts)
    assert rows[0]["text"] == f"{article(0)}\nOwn0 one. Own0 two.\n第0段。第0段完。"
    assert [cut["kind"] for cut in rows[0]["cuts"]] == ["repeated_sentence"] * 9
    assert "".join(cut["text"] for cut in rows[0]["cuts"]) == f"{notice} {zh}\n" + "\n".join(MENU)
    assert [row["text"] for row in edited(RepeatedLines(documents_max=4), texts)] == texts
    allowing = RepeatedLines(documents_max=4, span="sentences", allow=(notice, "\n".join(MENU)))
    assert edited(allowing, texts)[0]["text"] == texts[0].replace(zh, "")


def test_two_repeated_sentences_are_no_span() -> None:
    texts = [f"One of two repeated. Two of two repeated. Then {n} own." for n in range(5)]
    assert [row["text"] for row in edited(RepeatedLines(documents_max=1, span="sentences"), texts)] == texts


@pytest.mark.parametrize("op", OPS)
@given(texts=st.lists(TEXT | st.text(max_size=30), max_size=8), cut=st.integers(0, 8))
@settings(max_examples=60)
def test_cuts_are_exact_and_batches_do_not_matter(op: RepeatedLines, texts: list[str], cut: int) -> None:
    found = count(op, texts)
    rows = edited(op, texts, found)
    assert rows == edited(op, texts[:cut], found) + edited(op, texts[cut:], found)
    for text, row in zip(texts, rows, strict=True):
        whole = text.encode()
        left, at = b"", 0
        for each in row["cuts"] or []:
            stop = each["at"] + each["bytes"]
            assert whole[each["at"] : stop].decode()[:200] == each["text"]
            left, at = left + whole[at : each["at"]], stop
        assert (left + whole[at:]).decode() == row["text"]
        assert row["cuts"] != []
        if row["cuts"]:
            assert row["repeated_line_share"] == (len(whole) - len(row["text"].encode())) / len(whole)
    if op.span == "line":
        assert [row["text"] for row in edited(op, [row["text"] for row in rows], found)] == [r["text"] for r in rows]


def test_keys_of_other_units_do_nothing() -> None:
    op = RepeatedLines(documents_max=4)
    found = count(op, corpus(NAV))
    more = pa.concat_tables([found, pa.table({"key": pa.array([1, 2**64 - 1], pa.uint64())})]).sort_by("key")
    assert edited(op, corpus(NAV), more) == edited(op, corpus(NAV), found)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_columns_and_types(kind: pa.DataType) -> None:
    op = RepeatedLines(documents_max=4)
    batch = pa.table({"id": list("abcde"), "text": pa.array(corpus(NAV), kind), "n": range(5)})
    out = op.apply(batch, count(op, corpus(NAV)))
    assert out.schema == batch.schema.append(CUTS).append(op.adds[0])
    assert op.apply(out, count(op, [])).schema == out.schema  # a second step of this kind tells of itself
    empty = op.apply(batch.slice(0, 0), count(op, []))
    assert (empty.schema, empty.num_rows) == (out.schema, 0)
    assert op.sketch(batch.slice(0, 0)).num_rows == 0
