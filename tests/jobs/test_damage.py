"""Damage is planted by seed and id alone, and what is told of it is true: undone, it leaves the clean text."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from bench.held_out_damage import HELD_OUT
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.damage.development import DEVELOPMENT
from jobs.damage.family import SLOTS, Family
from jobs.damage.grammar import Slots
from jobs.damage.kinds import GENERATORS, KINDS, Damaged, damaged, is_chosen
from jobs.damage.page import Page
from ops.edits.repair import Repair
from ops.edits.unicode import RepairUnicode

FAMILIES = pytest.mark.parametrize("family", [DEVELOPMENT, HELD_OUT], ids=["development", "held_out"])
LOST = {"lost_glosses", "mojibake_lost"}

ZH = (
    "机器学习研究怎样让计算机从数据中得到规律。它和统计学关系很近，但目标不同。\n"
    "首席执行官在会议上说明了今年的计划。他认为，训练数据的质量比数量更重要！\n"
    "第三部分讨论评价方法。准确率（AI）不是唯一的指标，还要看召回率。\n"
    "许多城市的图书馆已经开始使用这种技术。读者可以更快地找到需要的书籍。\n"
    "最后，作者提出了几个还没有解决的问题。这些问题需要更多的研究和实验。"
)
ZH_HANT = ZH.translate(str.maketrans("机习让计数从规统标", "機習讓計數從規統標"))
EN = (
    "The baker repaired an oven with a borrowed hammer. Nobody noticed the café until morning.\n\n"
    "Several travelling musicians carried their instruments across the frozen harbour. It was late.\n\n"
    "Margaret's notebook described the ancient lighthouse carefully. Some pages were missing.\n\n"
    "Eventually the council rejected the proposal. The surveyor measured the meadow again – twice.\n\n"
    "Children gathered around the fountain, and somebody whistled. The naïve garçon smiled."
)
PAGES = pytest.mark.parametrize("text", [ZH, ZH_HANT, EN], ids=["zh", "zh_hant", "en"])

odd_text = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\n\n。. 的机é\r\u2028(（jī")), max_size=300)


def of_kind(text: str, kind: str, count: int = 40, family: Family = DEVELOPMENT) -> list[Page]:
    """Pages with that kind of damage, one for each seed."""
    made = (damaged(text, "an-id", [kind], seed, family) for seed in range(count))
    return [one.page for one in made if one.kinds]


def undone(page: Page) -> str:
    """Put the clean text into the place of every span."""
    left = page.text.encode()
    for span in reversed(list(page.spans)):
        end = span["at"] + span["bytes"]
        assert left[span["at"] : end].decode() == span["text"]
        left = left[: span["at"]] + span["clean"].encode() + left[end:]
    return left.decode()


@FAMILIES
@PAGES
@pytest.mark.parametrize("kind", KINDS)
def test_spans_tell_where_damage_is(kind: str, text: str, family: Family) -> None:
    pages = of_kind(text, kind, 12, family)
    needs_chinese = kind in {"glosses", "lost_glosses", "mojibake_gbk", "mojibake_lost"}
    assert pages or (needs_chinese and text == EN)
    for page in pages:
        assert undone(page) == text != page.text
        assert (page.truth == text) == (not any(span["lost"] for span in page.spans)) == (kind not in LOST)


@FAMILIES
@settings(max_examples=60)
@given(text=odd_text, kind=st.sampled_from(KINDS), seed=st.integers(0, 99))
def test_odd_texts_are_damaged_too_or_left(family: Family, text: str, kind: str, seed: int) -> None:
    made = damaged(text, "an-id", [kind], seed, family)
    assert undone(made.page) == text
    assert (made.page.text != text) == bool(made.kinds)


@pytest.mark.parametrize("text", ["", " ", "\n", "\n\n\n", "中", "😀", "a"])
def test_tiny_texts_stay(text: str) -> None:
    kinds = [kind for kind in KINDS if kind != "line_ends"]
    assert damaged(text, "an-id", kinds) == Damaged(damaged(text, "an-id", []).page, ())


@PAGES
def test_seed_and_id_decide(text: str) -> None:
    for kind in KINDS:
        if of_kind(text, kind, 1):
            assert damaged(text, "one", [kind], 1) == damaged(text, "one", [kind], 1)
            assert len({damaged(text, "one", [kind], seed).page.text for seed in range(30)}) > 1
            assert len({damaged(text, str(number), [kind], 1).page.text for number in range(30)}) > 1
    assert damaged(text, "one", KINDS, 3) == damaged(text, "one", KINDS[::-1], 3)


def test_all_kinds_come_about_as_often() -> None:
    found = Counter(made.kinds[0] if len(made.kinds) == 1 else "combined" for made in all_kinds(ZH))
    assert set(found) == set(KINDS)
    assert all(
        30 < count < 130 for count in found.values()
    )  # 75 of each are expected, fewer where a page cannot have it


def test_every_kind_is_described() -> None:
    told = (Path(__file__).parents[2] / "jobs" / "damage" / "README.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE) == [*KINDS]


def all_kinds(text: str) -> list[Damaged]:
    return [damaged(text, str(number)) for number in range(75 * len(KINDS))]


def test_a_greater_share_has_the_documents_of_a_smaller_one() -> None:
    ids = [str(number) for number in range(2000)]
    some = {one for one in ids if is_chosen(one, 0.3, 1)}
    assert 500 < len(some) < 700
    assert some < {one for one in ids if is_chosen(one, 0.5, 1)}
    assert not any(is_chosen(one, 0, 1) for one in ids)
    assert all(is_chosen(one, 1, 1) for one in ids)


@FAMILIES
def test_a_family_fills_every_slot(family: Family) -> None:
    for grammar in (family.zh, family.en):
        for slot in SLOTS:
            for way in grammar[slot]:
                filled = Slots(Random(1), grammar).filled(way)
                assert "\n\n" not in filled
                assert slot in {"gap", "related_heading"} or filled.strip()
                one_line = slot in {"watermark", "injection", "navigation_line", "related_title", "teaser"}
                assert not (one_line and "\n" in filled)


@pytest.mark.parametrize("slot", SLOTS)
def test_the_held_out_family_has_other_strings(slot: str) -> None:
    """But for no heading at all."""
    for one, other in ((DEVELOPMENT.zh, HELD_OUT.zh), (DEVELOPMENT.en, HELD_OUT.en)):
        assert {*one[slot]} & {*other[slot]} <= {""}


@pytest.mark.parametrize("text", [ZH, ZH_HANT], ids=["zh", "zh_hant"])
def test_glosses_are_readings_in_brackets(text: str) -> None:
    for page in of_kind(text, "glosses"):
        spans = list(page.spans)
        assert len(spans) > 15
        assert all(re.fullmatch(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]+\)|（[^（）]+）", span["text"]) for span in spans)
        assert "（AI）" in page.text
    full = max(of_kind(text, "glosses"), key=lambda page: len(page.text)).text
    assert re.search(r"[机機][(（]jī[)）]器[(（]qì[)）]学[(（]xué[)）][习習][(（]xí[)）]", full)


def test_an_english_page_has_no_glosses() -> None:
    assert of_kind(EN, "glosses") == of_kind(EN, "lost_glosses") == []


def test_lost_glosses_are_left_and_the_others_go() -> None:
    for page in of_kind(ZH, "lost_glosses"):
        lost = [span for span in page.spans if span["lost"]]
        assert 1 <= len(lost) <= 5
        assert all(span["text"] in page.truth and len(span["clean"]) == 1 for span in lost)
        assert all(not re.search(r"[(（]", span["text"]) for span in lost)
        assert page.truth.count("）") < page.text.count("）") or page.truth.count(")") < page.text.count(")")


@FAMILIES
@PAGES
def test_a_watermark_is_one_string_on_paragraphs(text: str, family: Family) -> None:
    places = set()
    for page in of_kind(text, "watermarks", 60, family):
        marks = [span["text"] for span in page.spans]
        assert len(set(marks)) == 1
        assert 4 <= len(marks) <= 5
        lines = [line for line in page.text.split("\n") if marks[0] in line]
        is_end, is_start = (all(one(line, marks[0]) for line in lines) for one in (str.endswith, str.startswith))
        places.add("end" if is_end else "start" if is_start else "middle")
    assert places == {"start", "middle", "end"}


@FAMILIES
@PAGES
def test_an_injection_is_one_string_inside_words(text: str, family: Family) -> None:
    for page in of_kind(text, "injections", 40, family):
        strings = [span["text"] for span in page.spans]
        assert len(set(strings)) == 1
        assert 3 <= len(strings) <= 12
        letter = "[A-Za-z]" if text == EN else "[\u4e00-\u9fff]"
        for parts in re.finditer(f"(.){re.escape(strings[0])}(.)", page.text):
            assert re.fullmatch(letter * 2, parts[1] + parts[2])


def test_a_chinese_word_is_parted() -> None:
    pages = of_kind(ZH, "injections", 200)
    assert any(re.search(r"执[^行]+行官|执行[^官]+官", page.text) for page in pages)


@PAGES
def test_an_article_stands_twice_whole_or_in_part(text: str) -> None:
    lines = text.split("\n")
    counts = set()
    for page in of_kind(text, "repeats"):
        (span,) = page.spans
        assert page.text.startswith(text)
        again = [line for line in lines if line and page.text.split("\n").count(line) == 2]
        assert again
        assert "\n".join(span["text"].split("\n")).endswith(again[-1])
        counts.add(len(again))
    assert max(counts) == 5 > min(counts)


@FAMILIES
@PAGES
def test_a_menu_is_of_short_lines_and_up_to_three_quarters_of_the_page(text: str, family: Family) -> None:
    shares = []
    for page in of_kind(text, "navigation", 60, family):
        (span,) = page.spans
        lines = span["text"].strip().split("\n")
        assert len(lines) >= 8
        assert all(0 < len(line) <= 30 and not re.search(r"[。！？；]", line) for line in lines)
        shares.append(len(span["text"]) / len(page.text))
    assert max(shares) > 0.6
    assert max(shares) < 0.8


@FAMILIES
@PAGES
def test_teasers_are_titles_or_sentences_of_one_template(text: str, family: Family) -> None:
    ends = Counter()
    for page in of_kind(text, "teasers", 60, family):
        (span,) = page.spans
        lines = span["text"].strip().split("\n")
        ends[lines[-1][-1] in "。.…"] += 1
        assert len(lines) >= 4
    assert min(ends[True], ends[False]) > 10


@FAMILIES
@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("keyword_headers", {"before"}),
        ("adult_headers", {"before"}),
        ("tails", {"after"}),
    ],
)
@PAGES
def test_headers_stand_above_and_tails_below(kind: str, places: set[str], text: str, family: Family) -> None:
    for page in of_kind(text, kind, 20, family):
        assert places == ({"after"} if page.text.startswith(text) else {"before"})
        assert page.text.endswith(text) or page.text.startswith(text)


def test_pages_of_a_site_share_its_strings_and_articles() -> None:
    """Which links a page has is its own chance; the menu is one, and is not planted where it would be too much."""
    pages = {
        kind: [damaged(text, str(n), [kind], 1, site="one").page for n in range(40) for text in (EN, EN * 3)]
        for kind in ("keyword_headers", "adult_headers", "navigation", "teasers", "tails", "watermarks", "injections")
    }
    lines = {kind: [span["text"].strip() for page in found for span in page.spans] for kind, found in pages.items()}
    titles = [[*text.split("\n")] for text in lines.pop("teasers")]
    assert {len({*found}) for found in lines.values()} == {1}
    assert len({found[0] for found in titles}) == 1
    assert 50 < len({one for found in titles for one in found}) <= 101
    assert len({tuple(found) for found in titles}) > 35  # of 40 ids
    (menu,) = {*lines["navigation"]}
    assert menu not in damaged(EN, "an-id", ["navigation"], 1, site="two").page.text
    assert damaged(EN[: len(menu) // 4], "an-id", ["navigation"], 1, site="one").kinds == ()
    assert damaged(EN[: len(menu) // 2], "an-id", ["navigation"], 1, site="one").kinds == ("navigation",)


def test_mojibake_can_be_undone() -> None:
    for text in (ZH, ZH_HANT, EN):
        for page in of_kind(text, "mojibake_latin"):
            assert repaired(page.text) == text
    for page in of_kind(ZH, "mojibake_gbk"):
        for span in page.spans:
            assert span["text"].encode("gb18030").decode() == span["clean"]


def test_lost_bytes_cannot_and_what_stands_beside_them_can() -> None:
    forms = set()
    for page in of_kind(ZH, "mojibake_lost", 80):
        assert RepairUnicode().edit(pa.table({"text": [page.text]}))["text"].to_pylist() == [page.truth]
        for span in page.spans:
            form = next((sign for sign in ("?", "\ufffd", "锟斤拷") if sign in span["text"]), "")
            assert span["lost"] == bool(form)
            assert form or span["text"].encode("gb18030").decode() == span["clean"]
            forms.add(form)
    assert forms == {"?", "\ufffd", "锟斤拷", ""}


@FAMILIES
@pytest.mark.parametrize("kind", ["invisible", "line_ends"])
@PAGES
def test_invisible_characters_and_line_ends_are_what_repair_repairs(kind: str, text: str, family: Family) -> None:
    pages = of_kind(text, kind, 30, family)
    assert len({repr(page.text) for page in pages}) > 5
    assert {repaired(page.text) for page in pages} == {text}


def test_several_kinds_stand_in_the_order_in_which_a_page_comes_by_them() -> None:
    order = list(GENERATORS)
    found = [damaged(ZH, str(number), ["combined"]).kinds for number in range(200)]
    assert {len(kinds) for kinds in found} == {2, 3, 4}
    assert all(list(kinds) == sorted(kinds, key=order.index) for kinds in found)
    assert {kind for kinds in found for kind in kinds} == {*GENERATORS} - {*LOST, "mojibake_gbk"}


def test_kinds_are_combined_with_those_asked_for() -> None:
    asked = ["combined", "tails", "watermarks"]
    found = {damaged(ZH, str(number), asked).kinds for number in range(60)}
    assert found == {("tails",), ("watermarks",), ("tails", "watermarks")}


def repaired(text: str) -> str:
    return Repair().edit(pa.table({"text": [text]}))["text"][0].as_py()
