"""The table of lines is that of plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from line_twin import (
    Line,
    has_digit,
    is_dated,
    is_heading,
    is_item,
    is_label,
    is_phrase,
    is_title,
    is_underline,
    lines_of,
    lowered,
)

from ops.edits.furniture_lines import told_by_words, words_by_place
from ops.kernels.buffers import Bytes
from ops.kernels.furniture_ends import HEADING, PHRASE
from ops.kernels.line_table import (
    BEGIN,
    END,
    HAS_DIGIT,
    INDENTED,
    IS_DATED,
    IS_UNDERLINE,
    IS_WIDE,
    ITEM,
    LABEL,
    LINE,
    LOOK,
    LOW,
    LOW_END,
    PROSE,
    STOP,
    TITLE,
    Lines,
    line_table,
)
from ops.kernels.page_ends import PHRASE_BYTES

PIECES = [
    *("Home", "About Us", "and walked", "you", "I", "WILL", "the Mill", "ǅungla", "Ⅳth", "ΟΔΟΣ", "x_you", "İstanbul"),
    *(
        "首页",
        "联系我们",
        "我曾经",
        "第三",
        "第٣",
        "一、",
        "（二）",
        "(a)",
        "12.",
        "7",
        "2024-1",
        "1999年3",
        "10:30",
        "by ",
    ),
    *(
        "Author: Ann",
        "作者：",
        "related posts",
        "相关文章",
        "Share this",
        "© ",
        "阅读全文",
        "3 likes",
        " > ",
        " » ",
        "Ａb",
    ),
    *(
        "=====",
        "~~~",
        "- ",
        "* ",
        "#",
        "[",
        "】",
        "“",
        "”",
        ")",
        ". ",
        "! ",
        "。",
        "，",
        "…",
        ",",
        "?",
        "：",
        ":",
        "_",
        "\x85",
    ),
    *(
        " ",
        "  ",
        "\t",
        "\u3000",
        "\xa0",
        "a\u0301",
        "\U00020000",
        "\U0001f600",
        "\u0663",
        "x" * 40,
        "word " * 9,
        "水车边" * 9,
    ),
]
A_LINE = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
# Without letters that only a search that ignores case takes for i, k and s.
TEXT = st.lists(A_LINE | st.text(max_size=30), max_size=6).map("\n".join).filter(lambda text: not {*"ıſK"} & {*text})


def table_of(text: str) -> Lines:
    raw = text.encode()
    return line_table(bytes_of(raw), np.array([[0, len(raw)]]), words_by_place())


def bytes_of(raw: bytes) -> Bytes:
    return np.frombuffer(raw + bytes(8), np.uint8)


def looks_of(line: Line) -> int:
    """Return how a line looks; what is told of short lines only is not of others."""
    looks = INDENTED * line.indented | PROSE * line.prose | ITEM * is_item(line) | TITLE * is_title(line)
    looks |= IS_UNDERLINE * is_underline(line.text)
    looks |= PHRASE * is_phrase(line) | HEADING * is_heading(line)
    if line.bytes > PHRASE_BYTES:
        return looks
    looks |= LABEL * is_label(line.text) | HAS_DIGIT * has_digit(line.text) | IS_DATED * is_dated(line.text)
    return looks | IS_WIDE * (line.bytes == 3 * len(line.text))


@given(TEXT)
@settings(max_examples=500)
def test_lines_are_those_of_plain_python(text: str) -> None:
    raw, lines, expected = text.encode(), table_of(text), lines_of(text)
    assert lines.table[:, [LINE, STOP]].tolist() == [[line.at, line.end] for line in expected]
    assert [raw[at:stop].decode() for at, stop in lines.table[:, [BEGIN, END]]] == [line.text for line in expected]
    low = lines.low.tobytes()
    assert [low[at:stop].decode() for at, stop in lines.table[:, [LOW, LOW_END]]] == [
        lowered(line.text) for line in expected
    ]
    told = PHRASE | HEADING | INDENTED | PROSE | ITEM | TITLE | IS_UNDERLINE
    told |= LABEL | HAS_DIGIT | IS_DATED | IS_WIDE
    for (at, stop, look), line in zip(lines.table[:, [BEGIN, END, LOOK]].tolist(), expected, strict=True):
        assert (look | told_by_words(raw[at:stop], look)) & told == looks_of(line), line


@given(st.lists(TEXT, max_size=4))
@settings(max_examples=50)
def test_a_text_is_read_by_itself(texts: list[str]) -> None:
    ends = np.cumsum([0, *(len(text.encode()) for text in texts)])
    together = line_table(bytes_of("".join(texts).encode()), np.stack([ends[:-1], ends[1:]], axis=1), words_by_place())
    alone = [table_of(text) for text in texts]
    assert np.diff(together.first).tolist() == [len(lines.table) for lines in alone]
    assert together.table[:, LOOK].tolist() == [look for lines in alone for look in lines.table[:, LOOK].tolist()]


@given(st.lists(st.binary(max_size=500), max_size=4))
@settings(max_examples=100)
def test_any_bytes(raw: list[bytes]) -> None:
    ends = np.cumsum([0, *map(len, raw)])
    line_table(bytes_of(b"".join(raw)), np.stack([ends[:-1], ends[1:]], axis=1), words_by_place())
