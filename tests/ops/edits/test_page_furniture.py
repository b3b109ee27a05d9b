"""Page furniture: what goes and what looks like it and stays, in English and in Chinese; planted furniture."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.columns import CUTS
from ops.edits.page_furniture import PageFurniture
from ops.edits.repaired_share import REPAIRED_SHARE, repaired_share
from ops.edits.repeated_article import RepeatedArticle
from ops.filters.limits import Limits

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "page_furniture.json").read_text(encoding="utf-8"))
TEXTS = {row["id"]: row["text"] for row in GOLDEN["input"]}
CLEAN = {"en": TEXTS["plain"], "zh": TEXTS["zh_plain"]}


def edited(text: str, **set_to: Any) -> dict[str, Any]:
    return PageFurniture(**set_to).edit(pa.table({"text": [text]})).to_pylist()[0]


GOES = {
    "menu_above": "navigation",
    "menu_below": "navigation",
    "related": "navigation",
    "teasers": "teaser",
    "tail": "tail",
    "spam": "spam_header",
}


@pytest.mark.parametrize("name", [*GOES, *(f"zh_{name}" for name in GOES)])
def test_furniture_goes_and_the_article_stays(name: str) -> None:
    language = "zh" if name.startswith("zh_") else "en"
    row = edited(TEXTS[name])
    assert row["text"].endswith(CLEAN[language])
    assert len(row["text"]) <= len(CLEAN[language]) + 30  # a title
    assert {cut["kind"] for cut in row["cuts"]} == {GOES[name.removeprefix("zh_")]}


@pytest.mark.parametrize(
    "name",
    ["plain", "zh_plain", "contents", "song", "zh_verse", "ingredients", "code", "clauses", "authors", "no_prose"],
)
def test_what_stays(name: str) -> None:
    assert edited(TEXTS[name]) == {"text": TEXTS[name], "cuts": None}


@pytest.mark.parametrize("text", ["", " \n\t\n", "x", "\n" * 99, "🙂", "Home\n" * 1000, "a" * 100_000])
def test_odd_texts(text: str) -> None:
    assert edited(text) == {"text": text, "cuts": None}


@pytest.mark.parametrize(
    ("name", "switch"),
    [("menu_above", "navigation"), ("zh_teasers", "teasers"), ("tail", "tails"), ("zh_spam", "spam_header")],
)
def test_switches(name: str, switch: str) -> None:
    assert edited(TEXTS[name], **{switch: False})["cuts"] is None


def test_limits() -> None:
    assert edited(TEXTS["menu_above"], cut_share_max=0.1)["cuts"] is None
    assert edited(TEXTS["menu_above"], cut_share_max="off")["cuts"] is not None
    assert edited(TEXTS["menu_above"], cut_share_max=0)["cuts"] is None
    assert edited(TEXTS["menu_above"], list_lines_min=13)["cuts"] is None
    assert edited(TEXTS["menu_above"], body_bytes_min=10_000)["cuts"] is None
    assert edited(TEXTS["teasers"], teasers_min=5)["cuts"] is None
    assert edited(TEXTS["teasers"], teaser_likeness_min=1)["cuts"] is None


SYLLABLES = ["ka", "ro", "mi", "dun", "fel", "sor", "tab", "vin", "gre", "lo", "pas", "wim"]
HAN = "雾桥灯港码鸥帆岛礁潮沙贝"


def planted(draw: Random, language: str) -> tuple[str, str, str]:
    """Return a kind, and furniture of made-up names above and below an article."""

    def name(least: int = 2, most: int = 4) -> str:
        parts = draw.choices(HAN if language == "zh" else SYLLABLES, k=draw.randint(least, most))
        return "".join(parts) if language == "zh" else "".join(parts).title()

    kind = draw.choice(["menu", "keywords", "teasers", "related", "tail"])
    if kind == "menu":
        made = "\n".join(name(2, 3) for _ in range(draw.randint(12, 40)))
        return (kind, made, "") if draw.random() < 0.5 else (kind, "", made)
    if kind == "keywords":
        words = [name(4, 6) if language == "zh" else f"cheap {name().lower()}" for _ in range(draw.randint(5, 8))]
        return kind, draw.choice([",", "|"]).join(words), ""
    if kind == "teasers":
        form = (
            "专题：{}与{}之间有哪些鲜为人知的秘密，一文读懂。"
            if language == "zh"
            else "Ten facts on {} that fans of {} love."
        )
        return kind, "", "\n".join(form.format(name(), name()) for _ in range(draw.randint(4, 9)))
    if kind == "related":
        heading = "热门推荐" if language == "zh" else "You may also like"
        return kind, "", "\n".join([heading, *(f"{name()}{name()}" for _ in range(draw.randint(3, 9)))])
    return kind, "", f"版权所有 © {name()}" if language == "zh" else f"Copyright © {name()}. All rights reserved."


def test_planted_furniture_is_cut_exactly() -> None:
    draw, missed = Random(7), []
    for number in range(400):
        language = "zh" if number % 2 else "en"
        kind, above, below = planted(draw, language)
        gap = draw.choice(["\n", "\n\n"])
        text = gap.join(filter(None, [above, CLEAN[language], below]))
        if edited(text)["text"] != CLEAN[language]:
            missed.append((kind, language))
    assert len(missed) <= 0.05 * 400, missed


def test_what_remains_of_damage_is_judged_by_the_share_that_was_cut() -> None:
    menu = "\n".join(f"Item {chr(65 + n)}{chr(97 + m)}" for n in range(20) for m in range(9))
    before = pa.table({"text": [f"{menu}\n\n{CLEAN['en']}\n\n{CLEAN['en']}", CLEAN["zh"]]})
    once = RepeatedArticle().edit(before)
    twice = PageFurniture().edit(once.drop_columns(CUTS.name))
    assert twice["text"].to_pylist() == [CLEAN["en"], CLEAN["zh"]]
    share = repaired_share(before["text"], [once[CUTS.name], twice[CUTS.name]])
    assert share.to_pylist() == [1 - len(CLEAN["en"]) / len(before["text"][0].as_py()), 0.0]
    judged = Limits(column="repaired_share", most=0.7).judge(before.append_column(REPAIRED_SHARE, share)).to_pylist()
    assert [reason and reason["reason"] for reason in judged] == ["repaired_share_too_high", None]


PIECE = st.sampled_from([line for text in TEXTS.values() for line in text.split("\n")] + ["", "", "Related articles"])
TEXT = st.lists(PIECE, max_size=30).map("\n".join) | st.sampled_from([*TEXTS.values()]) | st.text(max_size=60)


@given(TEXT, st.sampled_from([CLEAN["en"], CLEAN["zh"], ""]), TEXT)
@settings(max_examples=150)
def test_idempotent(above: str, body: str, below: str) -> None:
    once = edited(f"{above}\n{body}\n{below}")["text"]
    assert edited(once)["text"] == once


@given(st.lists(TEXT, max_size=5), st.integers(0, 5))
@settings(max_examples=40)
def test_a_batch_is_its_parts(texts: list[str], cut: int) -> None:
    def rows(some: list[str]) -> list[dict[str, Any]]:
        return PageFurniture().edit(pa.table({"text": pa.array(some, pa.string())})).to_pylist()

    assert rows(texts[:cut]) + rows(texts[cut:]) == rows(texts)
