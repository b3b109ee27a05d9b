"""Repeated article: planted copies go exactly, refrains, lists and code stay; the kernel equals a slow twin."""

from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.edits.repeated_article import RepeatedArticle

EN = [
    "The mill stands where the river leaves the valley of the three farms, and nobody remembers who built it there.",
    "Every spring the water rises to the second step of the bridge, and the miller counts the days until it falls.",
    "In the dry summers the wheel stands still; then the farmers bring their grain to the town, two days away.",
    "The last miller kept a book in which he wrote down each flood, and the council copied it for the new dam.",
]
ZH = [
    "磨坊建在河流流出山谷的地方，村里没有人记得是谁把它造起来的，也没有人去问过这件事情。",
    "每年春天河水都会涨到桥的第二级台阶，磨坊主便数着日子，等待河水慢慢地退下去，再开始磨面。",
    "干旱的夏天水轮停在那里一动不动，农民们只好用两天的时间赶着大车把粮食运到城里去磨。",
    "最后一位磨坊主有一本记录历次洪水的册子，后来修建水坝的时候，议会把它完整地抄了一份。",
]
SONG = "Oh carry me down to the harbour\nWhere the sailors are singing so low\nAnd I will remember the morning"


def edited(text: str, **set_to: Any) -> dict[str, Any]:
    return RepeatedArticle(**set_to).edit(pa.table({"text": [text]})).to_pylist()[0]


@pytest.mark.parametrize("body", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("parted", ["\n", "\n\n", " \r\n\r\n"])
@pytest.mark.parametrize("gap", ["", "Full text:", "——————", "正文"])
def test_the_whole_article_again(body: list[str], parted: str, gap: str) -> None:
    text = parted.join(body)
    row = edited(parted.join([text, *filter(None, [gap]), text]))
    assert row["text"] == text
    assert [cut["kind"] for cut in row["cuts"]] == ["repeated_article"]


@pytest.mark.parametrize("body", [EN, ZH], ids=["en", "zh"])
def test_a_part_of_it_again(body: list[str]) -> None:
    text = "\n\n".join(body)
    assert edited(f"{text}\n\n{body[1]}\n\n{body[2]}\n\n{body[3]}")["text"] == text
    assert edited(f"{text}\n\n{body[0]}\n{body[1]}\n{body[2]}\n\nAnd here it ends, with other words than before.")[
        "text"
    ] == (f"{text}\n\nAnd here it ends, with other words than before.")


VERSE = [f"And line {n} of it goes on in {n + 7} words, more or less" for n in range(30)]
CODE = [
    "    $ make demo",
    "    $ gristmill run job.toml",
    "    release 1 is new: 12 documents of 30 in 4 shards",
    *(f"    $ less out/part-{n}.parquet" for n in range(3)),
]


@pytest.mark.parametrize(
    "copy",
    [VERSE[10:24], ["Full text", *VERSE[3:8]], ["——————", *CODE], VERSE[5:]],
    ids=["a dozen lines and a fifth", "below a heading", "code below a rule", "most of it"],
)
def test_a_copy_of_short_lines_at_the_end(copy: list[str]) -> None:
    text = "\n".join([EN[0], *VERSE, *CODE, EN[1]])
    assert edited("\n".join([text, *copy]))["text"] == text


@pytest.mark.parametrize(
    ("body", "links"), [(EN, "Related\nThe mills"), (ZH, "相关阅读\n磨坊的故事")], ids=["en", "zh"]
)
@pytest.mark.parametrize("gap", ["Full text:", "——————", "正文"])
@pytest.mark.parametrize("copy", [slice(0, 4), slice(1, 4), slice(0, 3)], ids=["whole", "its end", "its start"])
def test_a_heading_goes_with_its_copy_whatever_stands_below(body: list[str], links: str, gap: str, copy: slice) -> None:
    assert edited("\n".join([*body, gap, *body[copy], links]))["text"] == "\n".join([*body, links])


def test_the_heading_of_a_section_that_goes_on_stays() -> None:
    own = [line.replace("mill", "farm").replace("water", "snow").replace("wheel", "plough") for line in EN]
    text = "\n".join([*EN, "The farm", *EN[:3], *own])
    assert edited(text)["text"] == "\n".join([*EN, "The farm", *own])
    menu = [f"Mill {n}" for n in range(99)]  # below a copy that ends as the article does, there is no more of it
    assert edited("\n".join([*EN, "The farm", *EN[1:], *menu]))["text"] == "\n".join([*EN, *menu])


def halved(line: str) -> str:
    return line[: len(line) // 2]


@pytest.mark.parametrize(("body", "more"), [(EN, "... Read more"), (ZH, "……（未完）")], ids=["en", "zh"])
def test_a_copy_that_is_cut_short_goes_whichever_it_is(body: list[str], more: str) -> None:
    text = "\n\n".join(body)
    assert edited(f"{text}\n\n{body[0]}\n\n{body[1]}\n\n{halved(body[2])}{more}")["text"] == text
    assert edited(f"{halved(body[0])}{more}\n\n{text}")["text"] == text
    assert edited(f"{text}\n\n{body[0]}\n\n{halved(body[1])}, 而不是别的 or so.")["cuts"] is None  # not cut short


@pytest.mark.parametrize(("body", "title"), [(EN, "The old mill"), (ZH, "老磨坊")], ids=["en", "zh"])
def test_a_title_or_a_lead_twice(body: list[str], title: str) -> None:
    text = "\n".join([title, *body])
    assert edited(f"{title}\n\n{text}")["text"] == text
    assert edited("\n".join([title, body[0], *body]))["text"] == text
    assert edited("\n".join([title, body[0], text]))["text"] == text
    assert edited("\n".join([text, body[-1]]))["text"] == text
    assert edited("\n".join([title, body[0], title, *body[1:]]))["cuts"] is None


@pytest.mark.parametrize(("body", "space"), [(EN, " "), (ZH, "")], ids=["en", "zh"])
@pytest.mark.parametrize("paragraphs", [1, 2, 4])
def test_twice_within_a_line(body: list[str], space: str, paragraphs: int) -> None:
    line = space.join(body[:paragraphs])
    assert edited(line + space + line)["text"] == line
    assert edited(line + space + line + space + line)["text"] == line
    text = "\n".join(body[:paragraphs])
    assert edited(text + text)["text"] == text
    assert edited(f"{text}\n{line}")["text"] == text
    assert edited(f"{text}\n\n　　" + text.replace("\n", "\n\n　　"))["text"] == text


@pytest.mark.parametrize("body", [EN, ZH], ids=["en", "zh"])
def test_a_copy_with_lines_lost_or_changed(body: list[str]) -> None:
    lines = [*body, *(f"{number}: {line}" for number, line in enumerate(reversed(body)))]
    text = "\n".join(lines)
    assert edited("\n".join([*lines, *lines[:2], *lines[3:]]))["text"] == text
    other = lines[3][:9] + "2021" + lines[3][12:]
    assert edited("\n".join([*lines, *lines[:3], other, *lines[4:]]))["text"] == text
    assert edited("\n".join([*lines, "Then:", *lines[:3], other, "And so it goes on."]))["text"] != text  # a part


def test_several_copies() -> None:
    text = "\n".join(ZH)
    assert edited("\n".join([text] * 5))["text"] == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n",
        "x",
        "\n".join([*EN, EN[0]]),  # one paragraph: a refrain, a clause, an answer
        "\n".join([*ZH, ZH[2], *ZH[:1]]),
        "\n\n".join([EN[0], SONG, EN[1], SONG, EN[2], SONG, EN[3]]),
        "\n\n".join([SONG, SONG.replace("harbour", "river"), SONG]),
        "\n".join([*EN, *(f"    {line}" for line in EN), EN[0][:50], "the end of it"]),
        "\n".join(["Intro of it.", *["```", *EN, "```"], "Then:", *["```", *EN, "```"], "That was it, of all."]),
        "\n".join([f"| {line} |" for line in EN] + ["A line."] + [f"| {line} |" for line in EN] + ["Another line."]),
        "\n\n".join(f"Question {n}?\n\n{EN[0]}" for n in range(9)),
        "\n".join(["0"] * 1000),
        "\n".join([*VERSE, *VERSE[:8]]),  # a song's first verse is its last
        "\n".join([*VERSE, *VERSE[10:20], "and it ends."]),
        "\n".join([*VERSE, "```", *VERSE[2:6], "```", "Then:", "```", "Alone", *VERSE[2:6], "```"]),  # an example again
    ],
)
def test_what_stays(text: str) -> None:
    assert edited(text) == {"text": text, "cuts": None}


def test_limits() -> None:
    text = "\n\n".join(EN)
    middle = f"{text}\n\n{EN[1]}\n\n{EN[2]}\n\nThe end of it, in other words."
    assert edited(middle)["cuts"] is None
    assert edited(middle, paragraphs_min=2, run_bytes_min=200)["cuts"] is not None
    assert edited(f"{middle}\n\n{text}\n\nEnd.", run_bytes_min=10_000)["cuts"] is None
    assert edited(f"{middle}\n\n{text}\n\nEnd.", paragraph_bytes_min=200)["cuts"] is None


def test_planted_copies_are_cut_exactly() -> None:
    """Paragraphs of made-up words, whole copies and parts of three paragraphs and more, with and without a heading."""
    draw, exact = Random(3), 0
    for number in range(300):
        chars = [chr(0x4E00 + draw.randrange(5000)) for _ in range(400)] if number % 2 else list("abcdefghij")
        end = "。" if number % 2 else "."
        size = (40, 120) if number % 2 else (120, 400)
        lines = [
            "".join(draw.choices([*chars, " "], k=draw.randint(*size))).strip() + end
            for _ in range(draw.randint(4, 22))
        ]
        first = draw.choice([0, draw.randrange(len(lines) - 3)])
        last = len(lines) if draw.random() < 0.5 else draw.randint(first + 3, len(lines))
        heading = draw.choice([[], [], ["全文" if number % 2 else "The article"]])
        parted = draw.choice(["\n", "\n\n"])
        text = parted.join(lines)
        exact += edited(parted.join([text, *heading, *lines[first:last]]))["text"] == text
    assert exact >= 0.99 * 300


def test_cuts_are_exact() -> None:
    text = "\n".join([*EN, *EN[:3], "And the end."]).encode()
    for cut in edited(text.decode())["cuts"]:
        assert text[cut["at"] : cut["at"] + cut["bytes"]].decode()[:200] == cut["text"]


LINES = st.lists(st.sampled_from([*EN, *ZH[:2], "Home", "", "  ", "```", f"    {EN[0]}", "- a"]), max_size=24)
TEXT = LINES.map("\n".join) | st.text(max_size=40)


@given(TEXT)
@settings(max_examples=200)
def test_idempotent(text: str) -> None:
    once = edited(text)["text"]
    assert edited(once)["text"] == once


@given(st.lists(TEXT, max_size=5), st.integers(0, 5))
@settings(max_examples=50)
def test_a_batch_is_its_parts(texts: list[str], cut: int) -> None:
    def rows(some: list[str]) -> list[dict[str, Any]]:
        return RepeatedArticle().edit(pa.table({"text": pa.array(some, pa.string())})).to_pylist()

    assert rows(texts[:cut]) + rows(texts[cut:]) == rows(texts)
