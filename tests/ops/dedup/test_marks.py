"""Repeated marks: which strings of a source are watermarks, what of a page goes with them, what stays."""

from typing import Any

import pyarrow as pa
import pytest
from count_keys import count
from hypothesis import given, settings
from hypothesis import strategies as st
from on_record import assert_on_record

from ops.columns import CUTS
from ops.dedup.marks import RepeatedMarks
from ops.surveys import Counting

# Of every kind: bare names, brackets, hosts, sentences, tokens, quotes.
MARKS = [
    "The Mill News", "(Read more at www.millnews.example.com)", "mill-news.example.com:", "[ab12cd]", "~ mill ~",
    "Support the author at the Mill News.", "...the Mill News...", '"The Mill News"', "@millnews",
]  # fmt: skip
MARKS_ZH = [
    "某某网", "【某某国际网】", "本文来自某某国际网，转载请注明出處。", "——某某网", "某某网 www.example.cn",
    "「某某网」", "記住某某網址www點example點com", "★某某★",
]  # fmt: skip
EN = ["the mill is old and its wheel turns", "nobody in the valley knows who built it", "three farms share one road"]
PLACES = ["looks at the mills of the valley", "went to Oslo", "counts three farms in a road", "has been to Bonn"]
ZH = ["磨坊很老了但轮子还在转", "没有人记得是谁建了那座桥", "三户人家共用一条小路"]


def batch_of(texts: list[str], sources: list[str] | None = None) -> pa.Table:
    return pa.table({"text": pa.array(texts, pa.string()), "source": sources or ["web"] * len(texts)})


def edited(texts: list[str], sources: list[str] | None = None, **settings: Any) -> list[str]:
    op = RepeatedMarks(**settings)
    batch = batch_of(texts, sources)
    found = count(op, batch)
    rows = op.apply(batch, found).to_pylist()
    for text, row in zip(texts, rows, strict=True):
        assert_on_record(text, row)
    assert {cut["kind"] for row in rows for cut in row["cuts"] or []} <= {"repeated_mark"}
    left = [row["text"] for row in rows]
    assert op.apply(batch_of(left, sources), found)["text"].to_pylist() == left
    return left


def page(n: int, mark: str = "", place: str = "", *, zh: bool = False, lines: int = 6) -> str:
    """A page of lines of two sentences, with a watermark in each."""
    made = []
    for line in range(lines):
        if zh:
            one, other = f"{ZH[(n + line) % 3]}，第{n}页。", f"{line}行说{ZH[line % 3]}，这是{n + line}。"
            made.append({"": one + other, "start": mark + one + other, "middle": one + mark + other}.get(place))
        else:
            one, other = f"{EN[(n + line) % 3].capitalize()} on page {n}.", f"{EN[line % 3].title()} by {n + line}!"
            made.append(
                {"": f"{one} {other}", "start": f"{mark} {one} {other}", "middle": f"{one} {mark} {other}"}.get(place)
            )
        made[-1] = made[-1] or f"{one}{'' if zh else ' '}{other}{'' if zh else ' '}{mark}"
    return "\n\n".join(made)


@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize(("mark", "zh"), [*((mark, False) for mark in MARKS), *((mark, True) for mark in MARKS_ZH)])
def test_a_string_of_any_kind_goes_wherever_it_stands(*, mark: str, zh: bool, place: str) -> None:
    texts = [page(n, mark, place, zh=zh) for n in range(3)] + [page(n, zh=zh) for n in range(3, 20)]
    assert edited(texts) == [page(n, zh=zh) for n in range(20)]
    assert edited(texts, documents_min=4) == edited(texts, share_min=0.2) == texts


def test_the_pages_of_a_site_have_it_at_places_of_their_own() -> None:
    """Three tell it; of others, those that have it three times lose it, or behind the end of a sentence."""
    mark = "The Mill News Online"
    telling = [page(n, mark, place) for n, place in enumerate(["start", "middle", "end"])]
    clean = [page(n) for n in range(3)]
    once = f"It was read in {mark}\nand on. {mark}"
    assert edited([*telling, once]) == [*clean, f"It was read in {mark}\nand on."]
    thrice = f"One {mark}\nTwo: {mark}\nThree"
    assert edited([*telling, thrice, f"{thrice} {mark}"]) == [*clean, thrice, "One\nTwo:\nThree"]
    assert edited([*telling, f"{mark}\n\n{page(9)}\n{mark}\n{mark}"])[-1] == page(9)


@pytest.mark.parametrize(
    ("string", "texts"),
    [
        ("《某某国际网》", ["首席执行|官在会上说。", "新闻发|布会上有人提|问。", "这是一个问|题。", "他说经|济好。"]),
        ("*ab12cd*", ["They were rep|airing the bri|dge.", "The build|ing was old.", "A num|ber of peo|ple."]),
        ("[www.mill.cc]", ["They were rep|airing the bri|dge.", "The build|ing was old.", "Kaaia|lii, he said."]),
    ],
)
def test_what_some_pages_have_within_words_goes_where_others_have_it_once(string: str, texts: list[str]) -> None:
    telling = (
        "首席执|行官说新闻发|布会很重|要，经|济发|展" if texts[0] > "一" else "pos|sible num|bers rem|ember build|ings"
    )
    pages = [f"{telling} {n}" for n in range(3)] + texts
    damaged = [page.replace("|", string) for page in pages]
    assert edited(damaged) == [page.replace("|", "") for page in pages]
    assert edited(damaged, documents_min=4) == damaged
    quoted = f"他读了{string}的书。" if texts[0] > "一" else f"He read {string} and {string}."
    assert edited([*damaged, quoted])[-1] == quoted


def test_each_source_counts_for_itself() -> None:
    texts = [page(n, MARKS[0], "end") for n in range(5)]
    assert edited(texts, ["web"] * 3 + ["books"] * 2) == [page(n) for n in range(3)] + texts[3:]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"Line {{n}}{line} is told here, said Anne." for line in range(2)),  # on too few lines
        "He read {n} pages.\nThe Mill News was closed {n} years.\nFor {n} days.",
        *["", " ", "\n\n", "。", "-\n-\n-", "🙂", "某某网", "...\n...\n...\n..."],
    ],
)
def test_what_stays(text: str) -> None:
    texts = [text.replace("{n}", str(n)) for n in range(6)]
    assert edited(texts) == texts


def test_what_shares_words_with_a_watermark_stays() -> None:
    texts = [page(n, "http://www.mill.com/", "end") for n in range(3)]
    other = "See github.com/mill.\nAnd mill.com/ there.\nAt www.mill.com it is.\nwww.mine.com/ too"
    assert edited([*texts, other])[-1] == other


@pytest.mark.parametrize(
    ("mark", "is_first"),
    [
        ("(Read more at www.millnews.example.com)", False),
        ("【某某国际网】", False),
        ("本文来自某某国际网，转载请注明出处。", True),
        ("Read more at the Mill News.", True),
    ],
)
def test_a_sentence_that_pages_have_once_goes_if_many_have_it(*, mark: str, is_first: bool) -> None:
    def text(n: int, mark: str) -> str:
        one = f"Page {n} tells of the mill number {n}." if n % 2 else f"第{n}页讲的是第{n}座磨坊的故事。"
        return (
            f"{mark} {one}\nLine {n}.".lstrip() if is_first else f"{one}{' ' * (n % 2) * bool(mark)}{mark}\nLine {n}."
        )

    texts, clean = [text(n, mark) for n in range(12)], [text(n, "") for n in range(12)]
    rest = [text(n, "") for n in range(12, 120)]
    assert edited(texts[:10]) == clean[:10]
    assert edited(texts[:9]) == texts[:9]
    assert edited(texts + rest) == clean + rest
    assert edited(texts + rest, end_share_min=0.11) == texts + rest
    assert edited(texts + rest, end_share_min=0.11, end_documents_max=12) == clean + rest


def test_a_sentence_that_the_next_line_ends_stays() -> None:
    texts = [f"Page {n} is told. For more information, see\nthe mill of page {n}." for n in range(20)]
    assert edited(texts) == texts


def test_what_lists_have_in_common_is_no_watermark() -> None:
    """Teasers of one template; the title above paragraphs with a watermark makes these no list."""
    for end, name, zh in ((" and asks who will pay for it.", "Ann", False), ("解读背后的原因。[详细]", "刘洋", True)):
        lists = ["\n".join(f"{name} {n * line} {PLACES[(n + line) % 4]}{end}" for line in range(4)) for n in range(9)]
        pages = [f"{page(n, zh=zh, lines=3)}\n\n{teasers}" for n, teasers in enumerate(lists)]
        assert edited(pages) == pages
        assert edited([*pages, *lists[:3]]) == [*pages, *lists[:3]]  # few pages are nothing else
        titled = [f"The mills of page {n}\n{page(n, end, 'end', zh=zh)}".replace("\n\n", "\n") for n in range(5)]
        left = [f"The mills of page {n}\n{page(n, zh=zh)}".replace("\n\n", "\n") for n in range(5)]
        assert edited(titled) == left


def test_a_line_of_sentences_that_are_all_known_stays() -> None:
    """It is furniture, not a paragraph with a watermark."""
    for line in ("Who sells the best shoes? Anne of the Mill.", "谁家的鞋子卖得最好？磨坊的老板娘安妮说了算。"):
        texts = [f"Page {n} tells of the mill number {n}.\n\n{line}\n\nSo it ends with {n}." for n in range(12)]
        assert edited(texts) == texts
    for line in ("Was this of help to you? No", "这篇文章对您有没有帮助？有"):
        texts = [f"Page {n} tells of the mill number {n}.\n\n{line}" for n in range(12)]
        assert edited(texts) == texts
        assert edited([*texts, f"{texts[0]}\n\nSo it ends."])[-1] != f"{texts[0]}\n\nSo it ends."


def test_blanks_of_the_text_stay() -> None:
    """Two parted the sentences, or code is indented; the watermark's own go."""
    for mark in ("(The Mill)", "The Mill News", "[The Mill] "):
        own = "\nSo it is {n}!  Yes."
        texts = [page(n).replace(". ", f".{mark}  ") + own.format(n=n) for n in range(4)]
        assert edited(texts) == [page(n).replace(". ", ".  ") + own.format(n=n) for n in range(4)]
        code = [f"{mark.strip()} if {n}:\n{mark.strip()}     go(number_{n}_of_many)\n" * 4 for n in range(4)]
        assert edited(code) == [f"if {n}:\n    go(number_{n}_of_many)\n" * 4 for n in range(4)]


TEXT = st.lists(
    st.sampled_from([MARKS[0], MARKS[1], *MARKS_ZH[:3], "One. ", "it is {told} there.", "没有人。", "\n", "\n\n", " "]),
    max_size=30,
)


@given(texts=st.lists(TEXT.map("".join) | st.text(max_size=30), max_size=6), cut=st.integers(0, 6))
@settings(max_examples=60)
def test_cuts_are_exact_and_batches_do_not_matter(texts: list[str], cut: int) -> None:
    op = RepeatedMarks(documents_min=2, end_documents_min=2)
    batch = batch_of(texts)
    found = count(op, batch)
    rows = op.apply(batch, found).to_pylist()
    assert rows == op.apply(batch.slice(0, cut), found).to_pylist() + op.apply(batch.slice(cut), found).to_pylist()
    once = [row["text"] for row in rows]
    assert op.apply(batch_of(once), found)["text"].to_pylist() == once
    for text, row in zip(texts, rows, strict=True):
        assert_on_record(text, row)


@given(
    st.lists(
        st.binary(max_size=60).map(lambda some: b"(a mill)\n" + (some + b" (a mill)\n") * 5), min_size=3, max_size=4
    )
)
@settings(max_examples=60)
def test_bytes_that_are_no_text_are_left_alone(texts: list[bytes]) -> None:
    op = RepeatedMarks(end_documents_min=2)
    batch = batch_of([]).slice(0, 0)
    text = pa.array(texts, pa.binary()).view(pa.string())
    batch = pa.table({"text": text, "source": ["web"] * len(texts)})
    assert op.apply(batch, count(op, batch)).num_rows == len(texts)


def test_columns() -> None:
    texts = [page(n, MARKS[0], "end") for n in range(3)]
    batch = pa.table({"text": pa.array(texts, pa.large_string()), "source": ["a"] * 3})
    op = RepeatedMarks()
    assert isinstance(op, Counting)
    assert op.apply(batch, count(op, batch)).schema == batch.schema.append(CUTS)
    assert op.apply(batch.slice(0, 0), count(op, batch)).num_rows == op.sketch(batch.slice(0, 0)).num_rows == 0
