"""Decontamination: planted items in both languages, how long an n-gram is, published settings, files of items."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ops.contract import PASSAGE, Refusal
from ops.filters.decontaminate import METHODS, Decontaminate
from ops.filters.evaluation import EvaluationFile

SHEEP = (
    "A farmer has seventeen sheep, and all but nine of them run away during the night. "
    "How many sheep does the farmer have left in the field?"
)
APPLES = "小明有十二个苹果，他给了小红三个，又给了小刚四个，请问小明现在还剩下多少个苹果？"
EN_WORDS = SHEEP.split()
ZH_CHARACTERS = APPLES.replace("，", "").replace("？", "")

Made = Callable[..., Decontaminate]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An op by items that are given as texts."""

    def make(*items: Any, **settings: Any) -> Decontaminate:
        (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps({"question": one}) for one in items))
        return Decontaminate(evaluations={"exam": str(tmp_path / "exam.jsonl")}, **settings)  # type: ignore[dict-item]

    return make


def told(op: Decontaminate, *texts: str) -> list[Any]:
    reasons = op.judge(pa.table({"text": pa.array(texts, pa.string())}))
    assert reasons.type == PASSAGE
    return [one and (one["kept_id"], one["passage"]) for one in reasons.to_pylist()]


def shares(op: Decontaminate, *texts: str) -> list[float | None]:
    reasons = op.judge(pa.table({"text": pa.array(texts, pa.string())})).to_pylist()
    return [one and round(one["value"], 3) for one in reasons]


def test_a_planted_item_is_found_and_the_passage_told(made: Made) -> None:
    op = made("What is the capital of France?", SHEEP, APPLES)
    assert told(
        op,
        f"Puzzles for Sunday.\n{SHEEP}\nThe answer is on page nine.",
        f"每日一题：{APPLES}答案是五个。",
        "The farmer has sheep. During the night, nine run away.",
        "小明有苹果，小红也有苹果。",
        "",
    ) == [("exam#1", SHEEP[:-1]), ("exam#2", APPLES[:-1]), None, None, None]


def test_case_width_spaces_and_punctuation_do_not_matter(made: Made) -> None:
    op = made(SHEEP, APPLES)
    changed = SHEEP.upper().replace(" ", " -- ").replace("HOW", "ＨＯＷ")
    assert [one and one[0] for one in told(op, changed, "\n".join(ZH_CHARACTERS))] == ["exam#0", "exam#1"]


@pytest.mark.parametrize("words", [10, 13])
def test_one_word_less_than_an_ngram_is_none(made: Made, words: int) -> None:
    op = made(SHEEP, words=words)
    for first in (0, 5):
        shared = EN_WORDS[first : first + words]
        assert told(op, f"So {' '.join(shared)} too.")[0] is not None
        for without in (shared[1:], shared[:-1]):
            assert told(op, f"So {' '.join(without)} too.") == [None]
        for changed in range(words):  # nine words of ten, whichever is another
            other = [*shared[:changed], "otherwise", *shared[changed + 1 :]]
            assert told(op, f"So {' '.join(other)} too.") == [None]


def test_a_chinese_ngram_has_half_as_many_characters_again(made: Made) -> None:
    op = made(APPLES)
    assert told(op, f"题目{ZH_CHARACTERS[:20]}吗")[0] is not None
    assert told(op, f"题目{ZH_CHARACTERS[:19]}吗") == [None]
    assert told(made(APPLES, characters=10), f"题目{ZH_CHARACTERS[:10]}吗", f"题目{ZH_CHARACTERS[:9]}吗")[1] is None


def test_in_mixed_text_a_word_is_as_long_as_one_and_a_half_characters(made: Made) -> None:
    item = "请用Python语言写一个函数计算list的平均值并返回float结果"
    op = made(item, words=10)  # 15 characters
    shared = "用Python语言写一个函数计算list"  # 10 characters and 2 words: 13.0 of 15
    assert told(op, f"{shared}的", f"{shared}的平") == [None, ("exam#0", f"{shared}的平")]


def test_published_settings_by_the_share_of_an_item(made: Made) -> None:
    item = " ".join(f"w{n}" for n in range(40))

    def first(words: int) -> str:
        return f"Here: {' '.join(f'w{n}' for n in range(words))}."

    assert {name: (m.words, m.item_share_min) for name, m in METHODS.items()} == {
        "gpt3": (13, 0),
        "deepseek_coder": (10, 0),
        "palm": (8, 0.7),
        "llama2": (11, 0.8),
        "tulu3": (8, 0.5),
    }
    assert shares(made(item), first(13), first(12)) == [0.325, None]
    assert shares(made(item, method="deepseek_coder"), first(10), first(9)) == [0.25, None]
    assert shares(made(item, method="tulu3"), first(20), first(19)) == [0.5, None]
    assert shares(made(item, method="llama2"), first(32), first(31)) == [0.8, None]
    assert shares(made(item, method="palm"), first(31), first(30)) == [0.727, None]  # 24 and 23 of 33 8-grams
    assert shares(made(item, method="tulu3", item_share_min=0.2), first(8), first(7)) == [0.2, None]
    assert shares(made(item, method="tulu3", words=21), first(20), first(21)) == [None, 0.525]


def test_the_item_that_a_text_has_most_of_is_named(made: Made) -> None:
    words = [f"w{n}" for n in range(30)]
    op = made(" ".join(words), " ".join(words[:15]), " ".join(words[:15]), words=8)
    assert told(op, " ".join(words[:14]))[0] == ("exam#1", " ".join(words[:14]))
    assert told(op, " ".join(words[2:]))[0] == ("exam#0", " ".join(words[2:]))


def test_no_ngram_is_of_two_texts(made: Made) -> None:
    half = " ".join(f"w{n}" for n in range(8)), " ".join(f"w{n}" for n in range(8, 16))
    for items in ([{"a": half[0], "b": half[1]}, SHEEP], [half[0], half[1], SHEEP], [SHEEP, [half[0], [half[1]]]]):
        assert told(made(*items), " ".join(half)) == [None]
        assert told(made(*items, words=8), " ".join(half))[0] is not None


def test_a_long_passage_is_told_by_its_beginning(made: Made) -> None:
    item = "很" * 500
    assert told(made(item), item) == [("exam#0", "很" * 200)]


ITEMS = [{"id": "x", "question": SHEEP, "choices": ["8", "9"]}, {"id": "y", "question": APPLES, "choices": []}]
LINES = "\n".join(json.dumps(one, ensure_ascii=False) for one in ITEMS).encode()


def _parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(ITEMS), sink)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        b"\xef\xbb\xbf" + LINES + b"\r\n\r\n",
        json.dumps(ITEMS).encode(),
        f"{SHEEP}\n\n{APPLES}\n".encode(),
        gzip.compress(LINES, mtime=0),
        zstandard.compress(LINES),
        b"".join(gzip.compress(line + b"\n", mtime=0) for line in LINES.split(b"\n")),
        _parquet(),
    ],
    ids=["lines", "marked", "list", "text", "gzip", "zstd", "members", "parquet"],
)
def test_files_of_items(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "items").write_bytes(data)
    op = Decontaminate(evaluations={"exam": str(tmp_path / "items")})  # type: ignore[dict-item]
    assert [one and one[0] for one in told(op, SHEEP, APPLES, "9")] == ["exam#0", "exam#1", None]


def test_only_the_fields_named_are_looked_for(made: Made, tmp_path: Path) -> None:
    (tmp_path / "items").write_bytes(json.dumps({"question": "Short?", "context": SHEEP, "answer": APPLES}).encode())
    files = {"exam": str(tmp_path / "items")}
    op = Decontaminate(evaluations=files, fields=("answer", "question"))  # type: ignore[arg-type]
    assert told(op, SHEEP, APPLES) == [None, ("exam#0", APPLES[:-1])]
    with pytest.raises(Refusal, match=r"evaluations.exam: no item has a text in fields = \['prompt'\]"):
        told(Decontaminate(evaluations=files, fields=("prompt",)), "x")  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="none of its 1 items has a text of 13 words, or of 20 characters"):
        told(made("What is the capital of France?"), "x")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the file is empty"),
        (b"{}", "no item of this file has a text"),
        (b'{"a": 1}\n{"b": [2, ""]}', "no item of this file has a text"),
        (b"[1]", "no item of this file has a text"),
        (b'{"a": "x"}\n\n{"a": ', "line 3 is not JSON, as the first one is"),
        (zstandard.compress(LINES)[:-9], "it cannot be decompressed"),
        (gzip.compress(LINES, mtime=0)[:20], "it cannot be decompressed"),
        (_parquet()[:-9], "Parquet"),
        (b"\xff\xfe", "can't decode"),
    ],
)
def test_a_file_that_holds_no_items_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        EvaluationFile.check(data)
