"""Counts equal a slow twin on any text, and the definitions hold on cases."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels import quality as q
from ops.kernels.quality import measure
from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, HAN, HAN_ABOVE_END, SINGLE, SPACE, TABLED, WORD

LINE_ENDS = "\n\r\u2028\x85"
ENGLISH = ("the", "be", "to", "of", "and", "that", "have", "with")
CHINESE = "的年在月是和日了於·為有被人中為他与後也而由"
ALPHABET = [
    *"aT1'’ #.…•-,，。的是今　\n\r\t\u2028\x85\x0b",
    "the ",
    "and",
    "...",
    " with ",
    "…\n",
    "\n- ",
    "·",
    "é",
    "🙂",
    "ส",
    "한",
    "𠀀",
    "𰀀",
]
TEXT = st.text(max_size=60) | st.lists(st.sampled_from(ALPHABET), max_size=60).map("".join)


def flags(char: str) -> int:
    point = ord(char)
    if point < TABLED:
        return int(FLAGS[point])
    return ALPHABETIC | WORD | SINGLE | HAN if point < HAN_ABOVE_END else 0


def has(word: str, flag: int) -> bool:
    return any(flags(char) & flag for char in word)


def words_of(text: str) -> list[str]:
    """Runs of word characters with apostrophes in them, single characters, and symbols between spaces."""
    pieces, run = [], ""
    for char in text:
        joins = bool(flags(char) & WORD) or (char in "'’" and has(run, WORD))
        if run and (flags(char) & (SPACE | SINGLE) or joins != has(run, WORD)):
            pieces.append(run)
            run = ""
        if flags(char) & (SINGLE | SPACE):
            pieces.append(char)
        else:
            run += char
    pieces = [" ", *pieces, *[run] * bool(run), " "]
    apart = [has(before, SPACE) and has(after, SPACE) for before, after in zip(pieces, pieces[2:], strict=False)]
    inner = zip(pieces[1:-1], apart, strict=True)
    return [piece for piece, alone in inner if has(piece, WORD) or (alone and not has(piece, SPACE))]


def lines_of(text: str) -> list[str]:
    for end in LINE_ENDS[1:]:
        text = text.replace(end, "\n")
    stripped = ["".join(c if not flags(c) & SPACE else " " for c in line).strip(" ") for line in text.split("\n")]
    return [line for line in stripped if line]


def counts(text: str) -> list[int]:
    """Count by the definitions, over Python strings."""
    words, lines = words_of(text), lines_of(text)
    counted = [word for word in words if has(word, WORD)]
    return [
        len(words),
        len(counted),
        sum(map(len, counted)),
        sum(has(word, ALPHABETIC) for word in words),
        text.count("#"),
        text.count("...") + text.count("…"),
        len(lines),
        sum(line[0] in "•-" for line in lines),
        sum(line.endswith(("...", "…")) for line in lines),
        len(set(ENGLISH) & set(words)),
        len(set(CHINESE) & set(text)),
        sum(bool(flags(c) & HAN) for c in text),
    ]


@given(st.lists(TEXT, max_size=5))
def test_equals_its_twin(texts: list[str]) -> None:
    assert measure(pa.array(texts, pa.string())).tolist() == [counts(text) for text in texts]


@given(st.lists(TEXT, min_size=2, max_size=5))
def test_layouts_and_neighbours_do_not_matter(texts: list[str]) -> None:
    whole = measure(pa.array(texts)).tolist()
    assert measure(pa.chunked_array([texts[:1], texts[1:]], pa.large_string())).tolist() == whole
    assert measure(pa.array(["- #", *texts, "the"]).slice(1, len(texts))).tolist() == whole


def test_empty() -> None:
    assert measure(pa.array([], pa.string())).shape == (0, q.COLUMNS)
    assert not measure(pa.array(["", " ", "\n", "\u3000"])).any()


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("the cat sat", q.WORDS, 3),
        ("the - cat", q.WORDS, 3),
        ("the - cat", q.COUNTED_WORDS, 2),
        ("今天很好", q.WORDS, 4),
        ("今天，很好。 ，", q.WORDS, 5),
        ("今天，很好。", q.COUNTED_WORDS, 4),
        ("สวัสดี", q.WORDS, 6),
        ("2024 a1", q.ALPHABETIC_WORDS, 1),
        ("a cat, don't", q.COUNTED_CHARS, 9),
        ("......", q.ELLIPSES, 2),
        ("....", q.ELLIPSES, 1),
        ("……", q.ELLIPSES, 2),
        ("a\r\nb\rc\u2028d\x85e", q.LINES, 5),
        ("\n\n a \n \n", q.LINES, 1),
        ("  - a\n• b\n* c", q.BULLET_LINES, 2),
        ("a... \nb…\u3000\nc. . .", q.ELLIPSIS_LINES, 2),
        ("(the) AND and, of. of", q.ENGLISH_STOP_WORDS, 3),
        ("The", q.ENGLISH_STOP_WORDS, 0),
        ("的的是", q.CHINESE_STOP_WORDS, 2),
        ("約翰·史密斯", q.CHINESE_STOP_WORDS, 1),
        ("今𠀀𰀀カ", q.HAN_WORDS, 3),
    ],
)
def test_cases(text: str, column: int, expected: int) -> None:
    assert measure(pa.array([text]))[0, column] == expected
    assert counts(text)[column] == expected


def test_doubling_a_text_doubles_its_counts() -> None:
    """A count of the wrong thing (characters of a set, say) would not."""
    text = "- the cat... #1\n今天的天气\n"
    once, twice = measure(pa.array([text, text + text]))
    doubled = np.setdiff1d(np.arange(q.COLUMNS), [q.ENGLISH_STOP_WORDS, q.CHINESE_STOP_WORDS])
    assert (twice[doubled] == 2 * once[doubled]).all()
    assert once[doubled].all() or not once[q.ELLIPSIS_LINES]
