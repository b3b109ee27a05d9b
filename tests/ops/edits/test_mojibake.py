"""Mojibake: what was planted comes back exactly, clean text stays, and what is lost is counted."""

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.edits.mojibake import count_lost, undo_mixed
from ops.edits.unicode import RepairUnicode
from ops.kernels.misread import FREQUENT
from ops.kernels.repair import HAS_LOST, suspects

CLEAN = [
    "春天的时候，村里的孩子们都到河边去放风筝。",
    "这台机器每小时可以处理三万份文件；如果出错，它会自动停下来。",
    "學者認為，這部書的作者並非一人，而是經過數百年的編纂。",
    "子曰：「學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？」",
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
    "他说：“明天下午三点——在老地方见。”🙂 Python 3.12 与 Ubuntu 的安装步骤如下",
]
RARE = [
    "涓涓细流，沐浴；横浜，鏈接，鎴，鐨，鏄，鍦。鈥(Ho) 是化學元素。",
    "龘靐齉爩麤龗灪吁龖厵滟爨癵籱饢驫鲡鹂鸾麣纞讟钃骊郁鸜麷鞻韽",
    "锛鍒鍏鍐鍑鍔鍖鍗鍙鍚鍛鍝鍞鍟鍠鍡鍢鍣",  # a dictionary's list, by radical
    "㐀㐁㐂𠀀𠀁𰀀 〇 氹仔 冇嘢 𨋢",
    "歸去來兮，田園將蕪胡不歸？既自以心為形役，奚惆悵而獨悲！",
]


def misread(text: str) -> str | None:
    """Return what a browser shows of UTF-8 as GBK; None where bytes are lost."""
    data, out, at = text.encode(), "", 0
    while at < len(data):
        size = 1 if data[at] <= 0x80 else 2
        try:
            out += "€" if data[at] == 0x80 else data[at : at + size].decode("gb18030")
        except UnicodeDecodeError:
            return None
        at += size
    return out


def repaired(texts: list[str]) -> list[str]:
    return RepairUnicode().edit(pa.table({"text": texts}))["text"].to_pylist()


def test_planted_chinese_comes_back() -> None:
    """Sentences of random frequent characters and of real ones, in pages that are otherwise as they should be."""
    chance = random.Random(7)
    frequent = sorted(FREQUENT)
    planted = []
    while len(planted) < 1000:
        text = "".join(chance.choices(frequent, k=chance.randrange(8, 40))) + chance.choice(
            ["，", "。", "", "（", "ab"]
        )
        whole = chance.choice(CLEAN)
        text = chance.choice([text, whole[chance.randrange(6) :]])
        broken = misread(text)
        if broken is not None:
            planted.append((f"{whole}\n * {text}\n{whole}", f"{whole}\n * {broken}\n{whole}"))
    made = repaired([broken for _, broken in planted])
    wrong = [pair for pair, text in zip(planted, made, strict=True) if text != pair[0]]
    assert len(wrong) <= 10, wrong[:3]


@pytest.mark.parametrize("text", [*CLEAN, *RARE])
def test_clean_text_stays(text: str) -> None:
    assert (undo_mixed(text), count_lost(text)) == (text, 0)
    assert repaired([text]) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("鍙樺法", "变巨"),
        ("don鈥檛 鈥 ", "don’t 鈥 "),
        ("鎵撻€犱簡", "打造了"),  # € is the byte 0x80
        ("今天鍙樺法今天", "今天变巨今天"),
        ("鎴戜滑鏄?", "我们鏄?"),
        ("鎵撻€犱簡鏄?", "打造了鏄?"),
        ("鍙樺法 鏈轰細", "变巨 鏈轰細"),  # the second may be meant: its characters are met now and then
        ("可以通过鍛戒护?來安裝", "可以通过命令?來安裝"),  # not beside a mark in the place of a byte
        ("轻量级鐨?宸ュ叿，宸ュ叿", "轻量级鐨?工具，宸ュ叿"),
        ("餅存。浣犲彲浠ラ伕", "餅存。你可以選"),
        ("老人鑰併爲，鑰匙，閾網", "老人鑰併爲，鑰匙，閾網"),
        ("锟斤拷", "锟斤拷"),
    ],
)
def test_read_as_gbk(text: str, expected: str) -> None:
    assert repaired([text]) == [expected]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("", 0),
        ("规范?;跇?gòu)建", 2),
        ("锟斤拷锟斤拷 \ufffd\ufffd", 4),
        ("鏄? 鐨?", 2),
        ("越來越多的?亰戲，可用于启?姩", 2),
        ("学习xí)和", 1),
        ("机器，?huò)者", 1),
        ("好吗?我很好?;但是 亓（音qí）官 机(jī)器 (Nature) été)", 1),
        ("What?; no. 锟 is a rare character", 0),
    ],
)
def test_lost(text: str, lost: int) -> None:
    assert count_lost(text) == lost
    assert RepairUnicode().edit(pa.table({"text": [text]}))["mojibake_lost"].to_pylist() == [lost]


@given(st.text(st.sampled_from("规鏄?;跇gò)）（(锟斤拷\ufffd a\n\u0300é"), max_size=30))
def test_what_is_lost_is_suspected(text: str) -> None:
    assert not count_lost(text) or suspects(pa.array([text]))[0] & HAS_LOST


@pytest.mark.parametrize("encoding", ["latin-1", "sloppy-windows-1252"])
def test_whole_lines_of_latin_mojibake(encoding: str) -> None:
    for text in CLEAN:
        broken = text.encode().decode(encoding)
        assert repaired([broken, f"fine\n{broken} "]) == [text, f"fine\n{text} "]


def test_legitimate_accents_stay() -> None:
    for text in ("NÃO É À TOA", "Âge d’or — déjà vu", "VOILÀ »", "Ã©".join("ab")):
        assert repaired([text]) == [text if "©" not in text else "aéb"]


def test_what_may_be_meant_goes_where_there_is_much_of_it_or_other_mojibake() -> None:
    doubtful = "⋮".encode().decode("cp1252")
    assert repaired([f"{doubtful} " * 7, f"{doubtful} " * 8]) == [f"{doubtful} " * 7, "⋮ " * 8]
    assert repaired([f"{doubtful}\nfine\nCafÃ©"]) == ["⋮\nfine\nCafé"]
    assert repaired([f"{doubtful}—中\n中Ã©, Ã©"]) == [f"{doubtful}—中\n中é, é"]


def test_it_is_on_record() -> None:
    (row,) = RepairUnicode().edit(pa.table({"text": ["第一行\n今天鍙樺法好\u200b\ne\u0301"]})).to_pylist()
    assert row["text"] == "第一行\n今天变巨好\né"
    assert row["cuts"] == [
        {"kind": "mojibake_gbk", "at": 16, "bytes": 9, "text": "鍙樺法"},
        {"kind": "invisible", "at": 25, "bytes": 3, "text": "\u200b"},
        {"kind": "uncomposed", "at": 26, "bytes": 3, "text": "e\u0301"},
    ]


@given(st.lists(st.text(st.sampled_from("鍙樺法鐨勪€锛鈥檚a 中\ue0a1。,\n"), max_size=30), max_size=4))
def test_any_text(texts: list[str]) -> None:
    once = repaired(texts)
    assert repaired(once) == once
    assert [repaired([text])[0] for text in texts] == once
