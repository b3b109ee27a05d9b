"""Line corrections: which lines go and which stay, English and Chinese; the ceiling; that every cut is on record."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.contract import Edit
from ops.edits.line_corrections import LineCorrections

STORY = "The mill stands where the river leaves the valley of the three farms, and nobody knows who built it."
ZH_STORY = "今年春天，市图书馆的新阅览室向所有读者开放，许多人第一次在这里读到了自己家乡的历史。"


def edited(text: str, **set_to: Any) -> dict[str, Any]:
    return LineCorrections(**{"cut_share_max": None} | set_to).edit(pa.table({"text": [text]})).to_pylist()[0]


def kind_of(line: str, **set_to: Any) -> str | None:
    """What a line goes for, or a part of it, between lines of text."""
    row = edited(f"{STORY}\n{line}\n{ZH_STORY}", **set_to)
    assert (row["cuts"] is None) == (row["text"] == f"{STORY}\n{line}\n{ZH_STORY}") == (not row["corrected_share"])
    return row["cuts"][0]["kind"] if row["cuts"] else None


# A line that goes, and one that looks like it and stays.
LINES = [
    ("upper_case", "BUY NOW AND SAVE!", "Buy NOW and save!"),
    ("upper_case", "ВСЕ НОВОСТИ ДНЯ", "Все новости дня"),
    ("upper_case", "VIP会员APP", "会员专享的VIP服务"),
    ("numbers", "1,234.5", "1, 2 and 3"),
    ("numbers", "２０２４", "２０２４年"),
    ("numbers", "12", "1984."),  # the last line of a sentence that broke
    ("counter", "3 likes", "He has 3 likes"),
    ("counter", "· 1.2K views | 12 Comments (3)", "12 comments."),
    ("counter", "1 comment", "comments"),
    ("counter", "Followers: 12", "likes = 12"),
    ("counter", "阅读 1234", "阅读第1234页"),
    ("counter", "点赞23", "点赞23号作品"),
    ("counter", "3条评论", "3条建议"),
    ("counter", "12345次浏览", "12345次飞行"),
    ("counter", "阅读量：1.2万+ 评论(3)", "阅读量：很大"),
    ("counter", "发布时间：2020-01-01 12:30", "发布时间：明天"),
    ("one_word", "Home", "home"),  # the end of a sentence that broke
    ("one_word", "Comments", "Comments:"),
    ("one_word", "Ökonomie", "Get-Process"),
    ("one_word", "首页", "第一章"),
    ("one_word", "登", "登！"),
    ("sign_in", "Sign in", "Signs in windows"),
    ("sign_in", "| Log in | Register", "- Log in to the server"),
    ("sign_in", "login / sign up", "login: see below"),
    ("sign_in", "Sign in to comment", "sign in the window of the house"),
    ("sign_in", "登录 | 注册", "登录界面的设计"),
    ("sign_in", "请先登录", "登录后请打开第二个窗口，然后再按一下。"),
    ("share", "Share this: Facebook Twitter", "Share this with your friends, he said."),
    ("share", "分享到：微信 微博", "分享到手的果实"),
    ("navigation", "Back to top", "Back to topology"),
    ("navigation", "上一篇：关于某某工作的通知", "上一篇文章讲到了河流的源头。"),
    ("navigation", "相关推荐", "相关推荐算法"),
    ("read_more", "Read more...", "he had no time to read more"),
    ("read_more", "The river rose again. Read more »", "The river rose. Then read more."),
    ("read_more", "展开全文", "他想要展开全文"),
    ("read_more", "河水又涨了……[点击查看更多]", "请查看更多资料。"),
    ("cart", "You have 3 items in cart", "You have many items in carts of stone"),
    ("cart", "【加入购物车】", "购物车"),
    ("copyright", "© 2020 The Mill. All rights reserved.", "All the rights are reserved."),
    ("copyright", "版权所有 © 2020 某某科技有限公司", "版权归作者所有"),
    ("scan_code", "微信扫一扫，关注我们", "他扫一扫地上的落叶"),
    ("scan_code", "扫一扫 手机看新闻", "扫一扫地"),
]
OFF_BY_DEFAULT = [
    ("no_end_mark", "这一行没有句末的标点", "这一行有句末的标点。", {"no_end_mark": True}),
    ("no_end_mark", "省略号…", "省略号……", {"no_end_mark": True}),
    ("too_short", "四个字。", "一共五个字。", {"line_chars_min": 5}),
    ("broken_characters", "这里有□乱码。", "这里没有乱码。", {"broken_characters": True}),
    ("broken_characters", "a \ufffd b", "a ? b", {"broken_characters": True}),
    ("broken_characters", "用\ue123字体", "用好字体", {"broken_characters": True}),
]


@pytest.mark.parametrize(("kind", "goes", "stays"), LINES)
def test_a_line_that_goes_and_one_that_stays(kind: str, goes: str, stays: str) -> None:
    assert kind_of(goes) == kind
    assert kind_of(stays) is None


@pytest.mark.parametrize(("kind", "goes", "stays", "on"), OFF_BY_DEFAULT)
def test_rules_that_are_off_by_default(kind: str, goes: str, stays: str, on: dict[str, Any]) -> None:
    assert kind_of(goes, **on) == kind
    assert kind_of(stays, **on) is None
    assert kind_of(goes) is None


def test_english_lines_need_no_chinese_end_mark() -> None:
    assert kind_of("A heading", no_end_mark=True, line_chars_min=20) is None


@pytest.mark.parametrize(("kind", "goes"), [(kind, goes) for kind, goes, _ in LINES])
def test_a_rule_that_is_off(kind: str, goes: str) -> None:
    off = {"upper_case_share_max": "off"} if kind == "upper_case" else {kind: False}
    assert kind_of(goes, **off) != kind


def test_an_end_goes_and_the_text_before_it_stays() -> None:
    row = edited("The river rose again… Read more »\r\n河水又涨了……[展开全文]  \nEnd.")
    assert row["text"] == "The river rose again…\r\n河水又涨了……  \nEnd."
    assert [cut["text"] for cut in row["cuts"]] == [" Read more »", "[展开全文]"]


@pytest.mark.parametrize("line", ["Home Read more", "12 Read more", "» Read more", "NEWS! Read more... READ MORE"])
def test_what_stays_of_a_line_is_held_to_the_rules(line: str) -> None:
    assert edited(f"{STORY}\n{line}")["text"] == STORY


@pytest.mark.parametrize("line", ["Home", "12", "BUY NOW", "Sign in", "3 likes", "首页", "登录 | 注册"])
@pytest.mark.parametrize(
    "around", ["```\n{}\n```", "~~~ sh\n{}\n~~~", "    {}", "\t{}", "# {}", "{}\n====", "{}\n---- "], ids=repr
)
def test_code_verse_and_headings_of_markdown_stay(line: str, around: str) -> None:
    text = f"{STORY}\n\n{around.format(line)}\n\n{STORY}"
    assert edited(text)["text"] == text


def test_a_long_line_has_no_phrases() -> None:
    ten = "one two three four five six seven eight "
    assert edited(f"{ten}items in cart")["cuts"] is None
    assert edited(f"{ten[4:]}items in cart")["text"] == ""
    assert edited(f"{ten[4:]}items in cart", words_max=9)["cuts"] is None
    assert edited("某" * 17 + "版权所有")["cuts"] is None
    assert edited("某" * 16 + "版权所有")["text"] == ""


def test_phrases_and_counters_of_ones_own() -> None:
    own = {"at_start": ("Werbung",), "at_end": ("weiter lesen",), "anywhere": ("打赏作者",), "counters": ("Aufrufe",)}
    assert kind_of("Werbung: Kaufen Sie jetzt", **own) == "at_start"
    assert edited("Der Fluss stieg. WEITER  LESEN ...", **own)["text"] == "Der Fluss stieg."
    assert kind_of("喜欢就打赏作者吧", **own) == "anywhere"
    assert kind_of("12 Aufrufe", **own) == "counter"
    assert kind_of("12 Aufrufe") is None


@pytest.mark.parametrize("phrase", ["", "a", "more...", "»", "  "])
def test_a_phrase_is_of_words(phrase: str) -> None:
    with pytest.raises(ValidationError, match="at_end"):
        LineCorrections(at_end=(phrase,))


def test_a_text_above_the_ceiling_is_left_whole_and_its_share_told() -> None:
    twenty = " ".join(["word"] * 19)
    text = f"{twenty}\nHome"
    assert edited(text, cut_share_max=0.05)["text"] == twenty
    assert edited(text, cut_share_max=0.05)["corrected_share"] == 0.05
    assert edited(text, cut_share_max=0.049) == {"text": text, "cuts": None, "corrected_share": 0.05}
    assert edited(text, cut_share_max=0)["text"] == text
    chinese = f"{'水' * 38}\n首页"
    assert edited(chinese, cut_share_max=0.05) | {"cuts": None} == {
        "text": "水" * 38,
        "cuts": None,
        "corrected_share": 0.05,
    }
    assert edited("Home\nMenu")["corrected_share"] == 1.0
    assert LineCorrections().cut_share_max == 0.05


@pytest.mark.parametrize(
    "text", ["", " \n\t\n\u3000", "---\n***\n• •", "\n" * 50, STORY, ZH_STORY, "```\nx", "{\n}", "🙂"]
)
def test_nothing_to_cut(text: str) -> None:
    assert edited(text) == {"text": text, "cuts": None, "corrected_share": 0.0}


def test_a_huge_text() -> None:
    text = f"{STORY}\nHome\n{'x' * 3_000_000}\n{ZH_STORY * 20_000}\n" + "3 likes\n" * 100_000 + "a b " * 500_000
    row = edited(text)
    assert len(row["cuts"]) == 100_001
    assert "likes" not in row["text"]
    assert edited(text, cut_share_max=0.05)["text"] == text


def test_cuts_are_exact() -> None:
    row = edited(f"Home\r\n{STORY} Read more\n{ZH_STORY}\n首页")
    text = f"Home\r\n{STORY} Read more\n{ZH_STORY}\n首页".encode()
    assert [(cut["kind"], cut["text"]) for cut in row["cuts"]] == [("one_word", "Home\r\n"), ("one_word", "\n首页")]
    for cut in row["cuts"]:
        assert text[cut["at"] : cut["at"] + cut["bytes"]].decode() == cut["text"]


PIECES = [line for _, goes, stays in LINES for line in (goes, stays)]
MORE = ["\n", "\n", "\n", " ", "\r", "\r\n", "  ", "```", "===", "# ", "。", STORY, ZH_STORY, " Read more", "展开全文"]
TEXT = st.lists(st.sampled_from([*PIECES, *MORE, *["\n"] * 30]), max_size=14).map("".join) | st.text(max_size=30)
OPS = [
    LineCorrections(),
    LineCorrections(cut_share_max=None),
    LineCorrections(cut_share_max=0.5, no_end_mark=True, line_chars_min=5, broken_characters=True, at_end=("tail",)),
]


@pytest.mark.parametrize("op", OPS, ids=["ceiling", "none", "all"])
@given(texts=st.lists(TEXT, max_size=5))
@settings(max_examples=150)
def test_idempotent(op: LineCorrections, texts: list[str]) -> None:
    once = op.edit(pa.table({"text": pa.array(texts, pa.string())}))["text"]
    assert op.edit(pa.table({"text": once}))["text"] == once


@pytest.mark.parametrize("op", OPS, ids=["ceiling", "none", "all"])
@given(texts=st.lists(TEXT, max_size=5), cut=st.integers(0, 5))
@settings(max_examples=60)
def test_a_batch_is_its_parts(op: LineCorrections, texts: list[str], cut: int) -> None:
    def rows(some: list[str]) -> list[dict[str, Any]]:
        return op.edit(pa.table({"text": pa.array(some, pa.string())})).to_pylist()

    assert rows(texts[:cut]) + rows(texts[cut:]) == rows(texts) == [rows([text])[0] for text in texts]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_layouts(kind: pa.DataType) -> None:
    texts = [f"Home\n{STORY}", "", f"{ZH_STORY}\n3 likes", "x"]
    whole = pa.array(["Menu", *texts, "Home"], kind).slice(1, 4)
    chunked = pa.chunked_array([pa.array(texts[:1], kind), pa.array([], kind), pa.array(texts[1:], kind)])
    made = [LineCorrections(cut_share_max=None).edit(pa.table({"text": column})) for column in (whole, chunked)]
    assert made[0]["text"].type == kind
    assert made[0].to_pylist() == made[1].to_pylist()
    assert made[0]["text"].to_pylist() == [STORY, "", ZH_STORY, "x"]
    made[1].validate(full=True)


def test_it_is_an_edit_and_its_switches_are_its_kinds() -> None:
    assert isinstance(LineCorrections(), Edit)
    assert LineCorrections().edit(pa.table({"text": pa.array([], pa.string())})).num_rows == 0
    assert {kind for kind, _, _ in LINES} - {"upper_case"} < {*LineCorrections.model_fields}
