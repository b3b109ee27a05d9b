"""Pinyin glosses: planted ones go, to the letter; what only looks like one stays."""

import random

import pyarrow as pa
import pytest
from pypinyin import Style, pinyin

from ops.edits.pinyin_glosses import PinyinGlosses

PAGES = [
    "春天的时候，村里的孩子们都到河边去放风筝了。他们的父母在田里工作，人工智能(AI)还没有来到这里。",
    "學者認為，這部書的作者並非一人（見第二章），而是經過數百年的編纂；重量(kg)與函數(sin)的記載也在其中。",
    "女儿绿色的旅行箱里有一本《自然》(Nature)杂志，讲的是模型崩溃(model collapse)，还有苹果(apple)和编程(python)。",
    "子曰：學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？",
]
FIVE = "机(jī)器(qì)学(xué)习(xí)好(hǎo)"
TEN = FIVE + "一(yī)二(èr)三(sān)四(sì)五(wǔ)"


def edited(text: str, **settings: int) -> str:
    return PinyinGlosses(**settings).edit(pa.table({"text": [text]}))["text"][0].as_py()


def glossed(page: str, chance: random.Random, share: float, brackets: str, style: Style) -> str:
    out = ""
    for char in page:
        out += char
        if "\u4e00" <= char <= "\u9fff" and chance.random() < share:
            out += brackets[0] + pinyin(char, style=style)[0][0] + brackets[1]
    return out


def test_planted_glosses_go() -> None:
    chance = random.Random(3)
    pairs = []
    for number in range(400):
        page = "".join(chance.sample(PAGES, 3))
        share = chance.choice([0.3, 0.7, 1])
        brackets = chance.choice(["()", "（）", "(）"])
        pairs.append((page, glossed(page, chance, share, brackets, Style.TONE), number))
    made = PinyinGlosses().edit(pa.table({"text": [planted for _, planted, _ in pairs]}))["text"].to_pylist()
    assert made == [page for page, _, _ in pairs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIVE, "机器学习好"),
        (FIVE[:-6], FIVE[:-6]),  # four
        ("亓(qí)官是复姓。", "亓(qí)官是复姓。"),
        (f"{FIVE}的(de)", "机器学习好的(de)"),
        (f"{TEN}的(de)了（le）女(nv)", "机器学习好一二三四五的了女"),
        (
            f"{TEN}的(le)数(sin)话(tel)本(beta)度(max)量(kg)程(python)",
            "机器学习好一二三四五的(le)数(sin)话(tel)本(beta)度(max)量(kg)程(python)",
        ),
        (f"{FIVE}女(nǚ)绿(lǜ)嗯(ń)", "机器学习好女绿嗯"),
        (f"{FIVE}构(ɡòu)女(nu\u0308\u030c)安(a\u0304n)( ān )", "机器学习好构女安"),
        (f"{FIVE}𠀀(hē)㐀(qiū)", "机器学习好𠀀㐀"),
        (f"{FIVE}法国(été)北京(běijīng)他(TĀ)", "机器学习好法国(été)北京(běijīng)他(TĀ)"),
        (f"{FIVE}行(háng)(xíng)", "机器学习好行"),
        (f"{FIVE} (māo) a(māo) 。(māo)", "机器学习好 (māo) a(māo) 。(māo)"),
        (f"{FIVE}建gòu) 建(gòu", "机器学习好建gòu) 建(gòu"),
        ("机(jī" * 9, "机(jī" * 9),
    ],
)
def test_cases(text: str, expected: str) -> None:
    assert edited(text) == expected
    assert edited(expected) == expected


def test_the_limits_are_settings() -> None:
    assert edited("亓(qí)官", glosses_min=1) == "亓官"
    assert edited("机(jī)的(de)", glosses_min=1, toneless_from=1) == "机的"
    assert edited(FIVE, glosses_min=6) == FIVE


def test_a_text_is_by_itself_and_cuts_are_on_record() -> None:
    rows = PinyinGlosses().edit(pa.table({"text": ["机(jī)", FIVE, "器(qì)" * 4]})).to_pylist()
    assert [row["text"] for row in rows] == ["机(jī)", "机器学习好", "器(qì)" * 4]
    assert rows[0]["cuts"] is None
    assert rows[1]["cuts"][:2] == [
        {"kind": "pinyin_gloss", "at": 3, "bytes": 5, "text": "(jī)"},
        {"kind": "pinyin_gloss", "at": 11, "bytes": 5, "text": "(qì)"},
    ]
