"""Watermarks: which strings go and which stay, English and Chinese, and at which places; the text around stays."""

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_record import assert_on_record
from prose import ZH_PROSE
from pydantic import ValidationError

from ops.contract import Edit
from ops.edits.watermarks import Watermarks

PROSE = [
    "The mill stands where the river leaves the valley. Nobody remembers who built the bridge.",
    "Every spring the water rises to the second step! The miller counts the days until it falls.",
    "Three farms share one road. It is mended each autumn, by whoever broke it last.",
    "Was the well older than the church? The books that would tell were burned.",
    "A letter came from the city. It asked for the key of a house that had been pulled down.",
    "On market days the ferry runs twice. The rest of the week it waits for a bell.",
]
FOREIGN = [
    (PROSE, " ", "(Read more at www.millnews.example.com)"),
    (PROSE, " ", "[The Valley Courier]"),
    (PROSE, " ", "www.mill-news.net"),
    (PROSE, " ", "— The Valley Courier"),
    (PROSE, " ", "This article first appeared in The Valley Courier."),
    (ZH_PROSE, "", "【某某国际网】"),
    (ZH_PROSE, "", "（来源：某某科技网 www.moumou.example.cn）"),
    (ZH_PROSE, "", "本文来自某某国际网，转载请注明出处。"),
    (ZH_PROSE, "", "www.moumou123.com"),
    (ZH_PROSE, "", "——摘自《某某文库》"),
]


def edited(text: str, **set_to: Any) -> dict[str, Any]:
    return Watermarks(**set_to).edit(pa.table({"text": [text]})).to_pylist()[0]


def planted(paragraphs: list[str], gap: str, mark: str, place: str, between: str) -> str:
    """Put a watermark into each paragraph."""
    made = []
    for paragraph in paragraphs:
        stop = min(paragraph.find(end) for end in ".!?。！？" if end in paragraph) + 1 + len(gap)
        made.append(
            {
                "end": f"{paragraph}{gap}{mark}",
                "start": f"{mark}{gap}{paragraph}",
                "middle": f"{paragraph[:stop]}{mark}{gap}{paragraph[stop:]}",
                "line": f"{paragraph}{gap}{mark}{between}{mark}",
            }[place]
        )
    return between.join(made)


@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n"], ids=repr)
@pytest.mark.parametrize("place", ["end", "start", "middle", "line"])
@pytest.mark.parametrize(("paragraphs", "gap", "mark"), FOREIGN)
def test_a_watermark_goes_and_the_text_stays(
    paragraphs: list[str], gap: str, mark: str, place: str, between: str
) -> None:
    row = edited(planted(paragraphs, gap, mark, place, between))
    assert row["text"] == between.join(paragraphs)
    assert {cut["kind"] for cut in row["cuts"]} == {"watermark"}
    assert all(mark.strip(".") in cut["text"] for cut in row["cuts"])


def test_the_page_of_44_paragraphs() -> None:
    """The same 31 characters 44 times, which filters by repetition do not see."""
    chance = random.Random(5)
    mark = "（更多精彩内容请访问某某国际网，网址为某某点某某，敬请关注。）"
    assert len(mark) == 31
    chars = "河流山谷磨坊桥春天秋路井书信城门铃船日子人家"
    body = ["".join(chance.choices(chars, k=150)) + "。" for _ in range(44)]
    text = "\n".join(f"{paragraph}{mark}" for paragraph in body)
    assert edited(text)["text"] == "\n".join(body)
    assert len(edited(text)["cuts"]) == 44


@pytest.mark.parametrize(
    "text",
    [
        # Refrains on lines of their own, and at the ends of lines, that no sentence ends before.
        "\n".join(f"{line}\nAnd the green grass grew all around, all around." for line in PROSE),
        "\n".join(f"O Lord of {name}, have mercy upon us miserable sinners." for name in ("heaven", "hosts", "seas")),
        "\n".join(f"{line[:-1]}, for his mercy endureth for ever and ever." for line in PROSE),
        "\n".join(f"{line}啊，故乡的山谷，故乡的河流" for line in ("春天到", "秋天来", "冬天去", "夏天走", "又一年")),
        # The tags of a dialogue, speakers, stage directions.
        "\n".join(f"“{line}” said the White Rabbit." for line in PROSE),
        "\n".join(f"“{line}”他说。" for line in ZH_PROSE),
        "\n".join(f"The Chairman of the Board: {line}" for line in PROSE),
        "\n".join(f"主持人：{line}" for line in ZH_PROSE),
        "\n".join(f"{line} (Exit)" for line in PROSE),
        # Lists and tables.
        "\n".join(f"{name}售价{n}元（含税及运费）" for n, name in enumerate(("苹果", "香蕉", "梨子", "桃子"), 10)),
        "\n".join(f"| `r{n}` | general purpose register | yes |" for n in range(9)),
        "\n".join(f"{name}@example.com" for name in ("ada", "bob", "cyd", "dan")),
        "\n".join(f"[{n}]: https://www.example.com/page/{n}" for n in range(9)),
        "\n".join(f"- Improved support for the {name}" for name in ("mill", "bridge", "ferry", "road")),
        "\n".join(
            f"  {n}. Governance by the {name} (changelog)" for n, name in enumerate(("mill", "town", "road", "ferry"))
        ),
        # Code and logs.
        "\n".join(f"{name}=$(zenity --entry --width=300 --height=150)" for name in ("FIRST", "LAST", "STREET", "TOWN")),
        "class A:\n" + "\n".join(f"    @abstractmethod\n    def f{n}(self) -> None: ..." for n in range(5)),
        "\n".join(f"[root@example.com ~]# ls {n}" for n in range(5)),
        "\n".join(f"May 08 06:18:17 studio systemd[1]: Started unit number {n}." for n in range(8)),
        # What two of many paragraphs say.
        "\n".join([*PROSE, *(f"{line} (Prolonged applause.)" for line in ZH_PROSE[:2])]),
        "\n".join(PROSE * 5),
        *["", " ", "\n\n", "\r", "x", "🙂", "。" * 50, "【】\n" * 9, "\u3000\n" * 9],
    ],
)
def test_what_is_no_watermark_stays(text: str) -> None:
    assert edited(text) == {"text": text, "cuts": None}


def test_settings() -> None:
    plain = planted(PROSE, " ", "This article first appeared in The Valley Courier.", "end", "\n")
    assert edited(plain, common_share_min="off", plain_letters_min="off")["cuts"] is None
    assert edited(plain, common_share_min="off", plain_letters_min=42)["text"] == "\n".join(PROSE)
    assert edited(plain, common_share_min="off", plain_letters_min=43)["cuts"] is None
    assert edited(plain, common_share_min="off", plain_paragraphs_min=7)["cuts"] is None
    framed = planted(ZH_PROSE, "", "【某某国际网】", "end", "\n")
    assert edited(framed, common_share_min="off", framed_letters_min=15)["text"] == "\n".join(ZH_PROSE)
    assert edited(framed, common_share_min="off", framed_letters_min=16)["cuts"] is None
    assert edited(framed, common_share_min="off", paragraphs_min=6)["text"] == "\n".join(ZH_PROSE)
    assert edited(framed, common_share_min="off", paragraphs_min=7)["cuts"] is None
    some = "\n".join([planted(ZH_PROSE[:3], "", "【某某国际网】", "end", "\n"), *ZH_PROSE[3:]])
    assert edited(some, common_share_min="off", share_min=0.5)["text"] == "\n".join(ZH_PROSE)
    assert edited(some, common_share_min="off", share_min=0.51)["cuts"] is None
    with pytest.raises(ValidationError, match="share_min"):
        Watermarks(share_min=2)


def test_a_watermark_that_a_sentence_speaks_of_stays_there() -> None:
    text = f"访问【某某国际网】的人很多。\n{planted(ZH_PROSE, '', '【某某国际网】', 'end', chr(10))}"
    assert edited(text)["text"] == "\n".join(["访问【某某国际网】的人很多。", *ZH_PROSE])


def test_a_line_goes_with_the_blank_one_that_would_be_too_many() -> None:
    mark = "【某某国际网】"
    text = "\n\n".join(f"{line}{mark}" for line in ZH_PROSE) + f"\n\n{mark}\n\n{ZH_PROSE[0]}"
    assert edited(text)["text"] == "\n\n".join([*ZH_PROSE, ZH_PROSE[0]])


def test_two_watermarks() -> None:
    once = planted(ZH_PROSE, "", "【某某国际网】", "start", "\n")
    text = planted(once.split("\n"), "", "www.moumou123.com", "end", "\n")
    row = edited(text)
    assert row["text"] == "\n".join(ZH_PROSE)
    assert len(row["cuts"]) == 12


def test_a_huge_text() -> None:
    body = [f"{n} farms share road {n}. It is {n} years old." for n in range(20_000)]
    assert edited("\n".join(f"{line} [The Valley Courier]" for line in body))["text"] == "\n".join(body)
    assert edited("x" * 3_000_000)["cuts"] is None


MARKS = [mark for _, _, mark in FOREIGN]
PIECES = [*PROSE, *ZH_PROSE, *MARKS, *MARKS[:2] * 4, *["\n"] * 20, " ", "\r\n", "\n\n", "。", ". ", "【", ")", "x"]
TEXT = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=30)
LOOSE = Watermarks(paragraphs_min=2, share_min=0, prose_share_min=0, framed_letters_min=1, plain_letters_min=1)


@pytest.mark.parametrize("op", [Watermarks(), LOOSE], ids=["default", "loose"])
@given(texts=st.lists(TEXT, max_size=5), cut=st.integers(0, 5))
@settings(max_examples=100)
def test_idempotent_in_any_batch_and_on_record(op: Watermarks, texts: list[str], cut: int) -> None:
    def rows(some: list[str]) -> list[dict[str, Any]]:
        return op.edit(pa.table({"text": pa.array(some, pa.string())})).to_pylist()

    once = rows(texts)
    assert rows(texts[:cut]) + rows(texts[cut:]) == once
    for text, row in zip(texts, once, strict=True):
        assert_on_record(text, row)
    again = rows([row["text"] for row in once])
    assert [row["text"] for row in again] == [row["text"] for row in once]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_layouts(kind: pa.DataType) -> None:
    texts = [planted(PROSE, " ", "www.mill-news.net", "end", "\n"), "", "x"]
    whole = pa.array(["y", *texts, "z"], kind).slice(1, 3)
    chunked = pa.chunked_array([pa.array(texts[:1], kind), pa.array([], kind), pa.array(texts[1:], kind)])
    made = [Watermarks().edit(pa.table({"text": column})) for column in (whole, chunked)]
    assert made[0].to_pylist() == made[1].to_pylist()
    assert made[0]["text"].to_pylist() == ["\n".join(PROSE), "", "x"]
    assert made[0]["text"].type == kind
    assert isinstance(Watermarks(), Edit)
