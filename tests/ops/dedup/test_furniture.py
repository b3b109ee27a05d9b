"""Repeated furniture: what is counted for each source, which blocks go, and what stays."""

from typing import Any

import pyarrow as pa
import pytest
from count_keys import count
from hypothesis import given, settings
from hypothesis import strategies as st
from on_record import assert_on_record

from ops.columns import CUTS
from ops.dedup.furniture import RepeatedFurniture
from ops.surveys import Counting

MENU = "Home\nNews\nTravel\nAbout us"
MENU_ZH = "首页\n新闻\n旅游\n关于我们"
TAIL = "Read more..."
LINKS = [f"How {word} changed the valley" for word in "mills bridges wells farms roads barns gates walls".split()]  # noqa: SIM905


def batch_of(texts: list[str], sources: list[str] | None = None) -> pa.Table:
    sources = sources or ["web"] * len(texts)
    return pa.table({"text": pa.array(texts, pa.string()), "source": pa.array(sources, pa.string())})


def edited(texts: list[str], sources: list[str] | None = None, **settings: Any) -> list[str]:
    op = RepeatedFurniture(**settings)
    batch = batch_of(texts, sources)
    rows = op.apply(batch, count(op, batch)).to_pylist()
    for text, row in zip(texts, rows, strict=True):
        assert_on_record(text, row)
    assert {cut["kind"] for row in rows for cut in row["cuts"] or []} <= {"repeated_block"}
    return [row["text"] for row in rows]


def own(n: int) -> str:
    if n % 2:
        return f"Page {n} tells of the mill number {n}.\n\nIt has {n} wheels, and {n} millers mind it."
    return f"第{n}页讲的是第{n}座磨坊的故事。\n\n它有{n}个轮子，由{n}个磨坊主照看。"


@pytest.mark.parametrize("menu", [MENU, MENU_ZH])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_menu_goes_from_either_end(menu: str, gap: str) -> None:
    above = [f"{menu}{gap}{own(n)}" for n in range(5)]
    below = [f"{own(n)}{gap}{menu}" for n in range(5, 10)]
    assert edited(above + below) == [own(n) for n in range(10)]
    assert edited(above[:4]) == above[:4]  # in too few


def test_a_tail_of_one_line_goes_and_a_shorter_one_stays() -> None:
    assert edited([f"{own(n)}\n{TAIL}" for n in range(5)]) == [own(n) for n in range(5)]
    for last in ("Abstract", "完"):
        texts = [f"{own(n)}\n\n{last}" for n in range(5)]
        assert edited(texts) == texts


def test_links_between_paragraphs_go_with_those_that_few_pages_have() -> None:
    """Each page has three of eight links, and one of them that it has alone."""
    texts, clean = [], []
    for n in range(24):
        links = [LINKS[n % 8], LINKS[(n + 3) % 8], f"Link number {n}", LINKS[(n + 5) % 8]]
        first, _, second = own(n).partition("\n\n")
        texts.append("\n".join([first, "", "Related articles", *links, "", second]))
        clean.append(own(n))
    assert edited(texts) == clean


def teasers(n: int, *, chinese: bool) -> list[str]:
    """Three that no other page has."""
    if chinese:
        shops = [("张伟", "嘉兴"), ("李娜", "宜昌"), ("王芳", "绵阳")]
        return [f"{name}和{n}个人解释为什么商店又回到了{town}，用了{n}年。" for name, town in shops]
    shops = [("Ann", "Oslo"), ("Tom", "Bonn"), ("Jo", "Kyoto")]
    return [f"{name} the {n}th asks what {town} will do with its {n} empty shops." for name, town in shops]


def test_teasers_that_each_page_has_others_of_go_by_their_template() -> None:
    texts = ["\n".join([f"{own(n)}\n", *teasers(n, chinese=n < 5)]) for n in range(10)]
    assert edited(texts) == [own(n) for n in range(10)]
    few = [text for n, text in enumerate(texts) if n % 5 > 2]  # two in each language
    assert edited(few) == few
    assert edited(few, template_documents_min=2) == [own(n) for n in range(10) if n % 5 > 2]


def test_what_is_like_a_template_stays_where_it_is_no_list() -> None:
    lists = ["\n".join([f"{own(n)}\n", *teasers(n, chinese=False)]) for n in range(5)]
    alone = f"{own(6)}\n\nJim Nobody asks what Lima will do with its 90 empty shops."
    about = f"{own(7)}\n\n" + "\n".join(
        f"{one} of the town was asked, and what Lima will do with its 90 empty shops, and when, and who is to pay "
        f"for it, {one.lower()} did not know; {one.lower()} had heard of {n} meetings and been at {n + 1}, and left."
        for n, one in enumerate(("Nobody", "Everybody", "Somebody"))
    )
    assert edited([*lists, alone, about]) == [*(own(n) for n in range(5)), alone, about]


def test_each_source_counts_for_itself() -> None:
    texts = [f"{MENU}\n\n{own(n)}" for n in range(8)]
    sources = ["web"] * 5 + ["books"] * 3
    assert edited(texts, sources) == [own(n) for n in range(5)] + texts[5:]


def test_a_share_of_a_small_source_and_a_number_of_a_large_one() -> None:
    texts = [f"{own(n)}\n\n{TAIL}" if n < 10 else own(n) for n in range(100)]
    clean = [own(n) for n in range(100)]
    assert edited(texts, share_min=0.1) == clean
    assert edited(texts, share_min=0.11) == texts
    assert edited(texts, share_min=0.11, documents_max=10) == clean


@pytest.mark.parametrize(
    "text",
    [
        "{own}\n\nHome\n\nIt ends with {n}.",  # one line between paragraphs
        "Title: {n}\nStatus: Final\nType: Standards Track\nTopic: Typing\n\n{own}",  # a record
        "{own}\n\n```yaml\nRequired: False\nPosition: Named\nAliases: none\n```\n\nIt ends with {n}.",  # code
        "Implementation\n==============\n\n{own}",
        *["", " ", "\n\n", "。", "-\n-\n-", "🙂", MENU],
    ],
)
def test_what_stays(text: str) -> None:
    texts = [text.replace("{n}", str(n)).replace("{own}", own(n)) for n in range(6)]
    assert edited(texts) == texts


def test_lines_are_counted_once_a_document_whatever_their_case_and_width() -> None:
    op = RepeatedFurniture()
    assert op.sketch(batch_of(["Home\nＨＯＭＥ\nhome\n-\nAbout us"])).num_rows == 2


TEXT = st.lists(st.sampled_from([*MENU.split("\n"), TAIL, "首页", own(1), own(2), "\n", "\n\n", " "]), max_size=12)


@given(texts=st.lists(TEXT.map("\n".join) | st.text(max_size=30), max_size=6), cut=st.integers(0, 6))
@settings(max_examples=60)
def test_cuts_are_exact_and_batches_do_not_matter(texts: list[str], cut: int) -> None:
    op = RepeatedFurniture(documents_min=2, share_min=0.1)
    batch = batch_of(texts)
    found = count(op, batch)
    rows = op.apply(batch, found).to_pylist()
    assert rows == op.apply(batch.slice(0, cut), found).to_pylist() + op.apply(batch.slice(cut), found).to_pylist()
    for text, row in zip(texts, rows, strict=True):
        assert_on_record(text, row)


SECTIONS = st.lists(st.sampled_from(["## More", "## Related", "The mills", "Contact us", "", own(1)]), max_size=9)


@given(st.lists(SECTIONS.map("\n".join), min_size=4, max_size=6))
@settings(max_examples=150)
def test_a_second_time_nothing_goes(texts: list[str]) -> None:
    op = RepeatedFurniture(documents_min=2, share_min=0.1, inner_share_min=0.1)
    found = count(op, batch_of(texts))
    once = op.apply(batch_of(texts), found)["text"]
    assert op.apply(batch_of(once.to_pylist()), found)["text"].to_pylist() == once.to_pylist()


def test_what_ends_a_page_when_a_block_is_gone_goes_too() -> None:
    """Of sections the last one goes, and then the one before it; both are one cut."""
    ends = "## Popular now\nThe mills\n\n## Read more\nThe bridges"
    texts = [f"{own(n)}\n\n{ends}" for n in range(5)]
    assert edited(texts) == [own(n) for n in range(5)]
    op = RepeatedFurniture()
    assert {len(cuts) for cuts in op.apply(batch_of(texts), count(op, batch_of(texts)))["cuts"].to_pylist()} == {1}


def test_what_pages_end_with_stays_on_near_copies() -> None:
    """Of 200 pages five end alike, and go; not where a quarter of the rest is that of two or three of them."""
    end, rest = "Its wheel is kept in the museum of the town.", [own(n) for n in range(5, 200)]
    assert edited([*(f"{own(n)}\n\n{end}" for n in range(5)), *rest]) == [own(n) for n in range(200)]
    shared = [f"The {one} was sold in the spring, and was closed for years." for one in ("mill", "farm")]
    copies = [f"{own(n)}\n\n{shared[n % 2]}\n\nThis is number {n}.\n\n{end}" for n in range(5)]
    assert edited([*copies, *rest]) == [*copies, *rest]


def test_a_title_below_a_menu_stays_where_its_text_speaks_of_it() -> None:
    """It is a link on all pages: below the menu of its own page it is the title."""
    for menu, title, text in [
        (MENU, "Bridges of the valley", "In the valley there are four bridges.\n\nEach was built of stone."),
        (MENU_ZH, "山谷里的四座古桥", "山谷里有四座古桥。\n\n山谷里的人都走这四座桥。"),
    ]:
        others = [f"{menu}\n{own(n)}\n\n{title}" for n in range(9)]
        cut = edited([*others, f"{menu}\n{title}\n\n{text}"])
        assert cut == [*(own(n) for n in range(9)), f"{title}\n\n{text}"]


def test_columns() -> None:
    batch = pa.table(
        {"text": pa.array([f"{own(n)}\n{TAIL}" for n in range(5)], pa.large_string()), "source": ["a"] * 5}
    )
    op = RepeatedFurniture()
    assert isinstance(op, Counting)
    assert op.apply(batch, count(op, batch)).schema == batch.schema.append(CUTS)
    assert op.apply(batch.slice(0, 0), count(op, batch)).num_rows == op.sketch(batch.slice(0, 0)).num_rows == 0
