"""Injections: strings within words go, names and terms that a page speaks of stay; words are whole again."""

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from on_record import assert_on_record

from ops.contract import Edit
from ops.edits.injections import Injections

ZH = [
    "首席执行|官在图书|馆开会。",
    "经|济学家讨论了计|算机网|络。",
    "他们的工|作得到社|会认可。",
    "学|校的老|师去了北|京大学。",
]
EN = ["The mil|ler cou|nted the da|ys.", "No|body remem|bers the bri|dge.", "The ri|ver lea|ves the val|ley."]
FOREIGN = [
    (ZH, "《某某国际网》"),
    (ZH, "【某某网】"),
    (ZH, "www.moumou123.com"),
    (ZH, "某某网www.moumou.cn"),
    (ZH, "BrandNet"),
    (ZH, "(某某科技)"),
    (EN, "www.mill-news.net"),
    (EN, "[Valley Courier]"),
    (EN, "(millnews.com)"),
    (EN, "《某某网》"),
    (ZH, "云海星辰阁"),
    (ZH, "云海星辰阁www.moumou.top"),
    (ZH, "§某某§"),
    (ZH, "Brand Net"),
    (EN, "*110felwen93*"),
    (EN, "~~Valley Hub~~"),
    (EN, "<millnews>"),
    (EN, "felwen93jup"),
    (EN, "ValleyHub"),
    (EN, "http://www.millnews.cc/"),
    (EN, "某某网"),
    (EN, "www.valley mill.cc"),
    (EN, "valley mill.com.cn"),
]


def edited(text: str, **set_to: Any) -> dict[str, Any]:
    return Injections(**set_to).edit(pa.table({"text": [text]})).to_pylist()[0]


@pytest.mark.parametrize(("sentences", "string"), FOREIGN)
def test_words_are_whole_again(sentences: list[str], string: str) -> None:
    text = "\n".join(sentences)
    row = edited(text.replace("|", string))
    assert row["text"] == text.replace("|", "")
    assert {(cut["kind"], cut["text"]) for cut in row["cuts"]} == {("injection", string)}


@pytest.mark.parametrize(
    "text",
    [
        "我读《红楼梦》的时候还小。父亲也爱《红楼梦》里的诗。后来教《红楼梦》课程。人们说《红楼梦》写得好。",
        "用Python写程序。学习Python的人很多。我们把Python装好。他说Python很慢。请打开Python文件。在Python中运行。",
        "人工智能(artificial)的发展。机器学习(learning)是方法。深度学习(deep)也是。" * 3,
        "访问www.example.com网站。打开www.example.com页面。登录www.example.com就能看到。",
        "苹果公司【注意】的产品。三星公司【注意】的产品。华为公司【注意】的产品。",
        "map[string]int and map[string]string; let m = map[string]value in map[string]key",
        "foo.command(bar) self.command.run baz.commander re.compile(x) sre.compile(y)",
        "The colo(u)r of the neighbo(u)r has flavo(u)r.",
        "self.append(one) over.append(two) news.append(paper) data.append(base)",
        "An up-to-date, out-of-date man-of-war. A well-to-do, good-for-nothing clerk.",
        "http://www.computerworld.com/s http://www.infoworld.com/d http://www.infoworld.com/t http://www.getworld.com/s",
        "If the new ``a-b`` key is present, the new ``a-b`` key is present. The new ``a-b`` key is not present.",
        "量子计算会打破。近年来，量子计算机已经出现。量子计算机被认为是第一台电子计算机。量子计算机即将进入。",
        "配置脚本会由于缺少libpcre报错。配置脚本由于缺少libpcre库报错。配置脚本由于缺少dnet库而报错。",
        "人工智能的發展很快。他研究人工智能技術。學習人工智能課程。用人工智能寫作。談人工智能安全。",
        "See www.mill-news.net for more. Write to www.mill-news.net today. www.mill-news.net is open.",
        *[
            "",
            " ",
            "《》" * 9,
            "。",
            "中《" * 9,
            "a[" * 9,
            "中.com" * 9,
            "🙂《某》🙂《某》🙂《某》🙂",
            "a*b" * 9,
            "*a" * 9,
        ],
    ],
)
def test_what_a_page_speaks_of_stays(text: str) -> None:
    assert edited(text) == {"text": text, "cuts": None}


def test_settings() -> None:
    text = "\n".join(ZH).replace("|", "《某某国际网》")
    whole = "\n".join(ZH).replace("|", "")
    places = "\n".join(ZH).count("|")
    assert edited(text, places_min=places)["text"] == whole
    assert edited(text, places_min=places + 1)["cuts"] is None
    assert edited(text, joined_share_min=1)["text"] == whole
    apart = text + "他读《某某国际网》。" * 1 + "，《某某国际网》，" * 9
    assert edited(apart)["cuts"] is None
    left = edited(apart, within_share_min=0.5)["text"]
    assert left.startswith(whole)
    assert left.count("《某某国际网》") == 10


BRACKETS = ["《》", "【】", "（）", "[]", "〖〗", "「」", "<>", "{}", "“”"]
SIGNS = ["*", "~", "#", "|", "^", "★", "※", "§", "**", "=="]


def some_string(chance: random.Random) -> str:
    """A string of any kind: a name, a host or a token, in brackets, in signs, or bare."""
    han = "".join(chance.choices("星海云图风华书苑论坛阅读", k=chance.randint(4, 6)))
    name = "".join(chance.choices(["ban", "cor", "fim", "gul", "kel", "lor", "tuv"], k=chance.randint(2, 3)))
    top = chance.choice(["com", "net", "org", "cn", "cc", "info", "top", "io"])
    host = f"{name}{chance.choice(['', chance.randint(1, 999)])}.{top}"
    token = f"{name}{chance.randint(10, 999)}{chance.choice('abcxyz')}{chance.randint(10, 99)}"
    inside = chance.choice([han, host, f"www.{host}", token, f"{name.capitalize()} Hub", f"{han}{host}"])
    opening, closing = chance.choice([*BRACKETS, *((sign, sign) for sign in SIGNS)])
    return chance.choice([f"{opening}{inside}{closing}", host, f"http://www.{host}/", token])


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_strings_not_seen_while_the_rules_were_written(words: list[str]) -> None:
    """Brackets, signs, scripts, lengths and places by chance: at least 99 of 100 pages are as they were."""
    chance = random.Random(11)
    right = 0
    for _ in range(100):
        text = chance.choice(["\n", "", "\n\n"]).join(chance.choices(words, k=chance.randint(2, 4)) + words[:2])
        string = some_string(chance)
        right += edited(text.replace("|", string))["text"] == text.replace("|", "")
    assert right >= 99


def test_a_huge_text() -> None:
    text = "\n".join(ZH * 500)
    assert edited(text.replace("|", "《某某国际网》"))["text"] == text.replace("|", "")
    assert edited("中文" * 500_000)["cuts"] is None


PIECES = [
    *"\n".join([*ZH, *EN]).replace("|", "\n").split("\n"),
    *(string for _, string in FOREIGN),
    "《某某国际网》",
    " ",
    "。",
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=30)
TEXT |= st.sampled_from(FOREIGN).map(lambda pair: "\n".join(pair[0]).replace("|", pair[1]))
LOOSE = Injections(places_min=2, joined_share_min=0, domain_joined_share_min=0, within_share_min=0)


@pytest.mark.parametrize("op", [Injections(), LOOSE], ids=["default", "loose"])
@given(texts=st.lists(TEXT, max_size=5), cut=st.integers(0, 5))
@settings(max_examples=100)
def test_idempotent_in_any_batch_and_on_record(op: Injections, texts: list[str], cut: int) -> None:
    def rows(some: list[str]) -> list[dict[str, Any]]:
        return op.edit(pa.table({"text": pa.array(some, pa.string())})).to_pylist()

    once = rows(texts)
    assert rows(texts[:cut]) + rows(texts[cut:]) == once
    for text, row in zip(texts, once, strict=True):
        assert_on_record(text, row)
    again = rows([row["text"] for row in once])
    assert [row["text"] for row in again] == [row["text"] for row in once]
    assert isinstance(op, Edit)
