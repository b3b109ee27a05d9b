"""Counts equal a slow twin on any text: the formulas, over Python strings, with `re` and Counter."""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from word_twin import flags, spans_of, words_of

from ops.kernels import c4_lines
from ops.kernels import signals as s
from ops.kernels.signals import count_signals
from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, HAN, KINDS, PUNCTUATION, SPACE, SYMBOL, TABLED, TERMINAL

SPACES = "".join(chr(point) for point in np.flatnonzero(FLAGS & SPACE))
LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
CITATION = re.compile(r"\[(?:[0-9]*|edit|citation needed)\]")
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
PARTS = [
    *"aZ9 \t\n\r\u2028\x85\x1c.,:;!?()[]{}'\"’”-—#…•|。，",
    "\n\n", "\n\n\n", "\r\n", "...", "the ", "and ", "with", " of ", "one two three. ", "x y z!\n", "- ", "[1]",
    "[edit]",
    "[citation needed]", "lorem ipsum", "JavaScript", "Privacy Policy", "uses cookies", "terms of use", "e.g. ",
    "今天", "图书馆的", "是和日了於·為", "𠀀", "🙂", "é", "\0", "word " * 6, "ab" * 20, "ab " * 30, "b" * 1001,
]  # fmt: skip
TEXT = st.text(max_size=60) | st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


def kinds(char: str) -> int:
    return int(KINDS[ord(char)]) if ord(char) < TABLED else 0


def alphabetic(char: str) -> bool:
    return bool(FLAGS[ord(char)] & ALPHABETIC) if ord(char) < TABLED else bool(flags(char))


def repeats(pieces: list[str]) -> tuple[int, int]:
    """How many pieces were there before, and their characters."""
    seen: set[str] = set()
    again = [piece for piece in pieces if piece in seen or seen.add(piece)]  # type: ignore[func-returns-value]
    return len(again), sum(map(len, again))


def top_ngram(words: list[str], size: int) -> int:
    grams = Counter(" ".join(words[n : n + size]) for n in range(len(words) - size + 1))
    return max((len(gram) * count for gram, count in grams.most_common(1)), default=0)


def repeated_ngrams(words: list[str], size: int) -> int:
    seen: set[str] = set()
    chars = at = 0
    while at + size <= len(words):
        gram = "".join(words[at : at + size])
        if gram in seen:
            chars += len(gram)
            at += size
        else:
            seen.add(gram)
            at += 1
    return chars


def sentences(line: str, words: str, chinese_words: str) -> int:
    found, ended, cited = 0, False, 0
    for start, end in spans_of(line, words, chinese_words):
        citation = CITATION.match(line, start)
        cited = max(cited, citation.end() if citation else 0)
        if end <= cited:
            continue
        word = line[start:end]
        ends = len(word) == 1 and bool(kinds(word) & TERMINAL)
        if not found or (ended and not ends and not all(kinds(char) & PUNCTUATION for char in word)):
            found += 1
            ended = False
        ended = ended or ends
    return found


def c4_counts(lines: list[str], words_setting: str, chinese_words: str, *, terminal: bool) -> list[int]:
    counts = [0] * c4_lines.COUNTS
    for line in filter(None, lines):
        words = line.split()
        if any(len(word) > 1000 for word in words):
            counts[c4_lines.LONG_WORD] += 1
            continue
        text = CITATION.sub("", line)
        if terminal and (not text.endswith((".", "?", "!", '"', "'")) or text.endswith("...")):
            counts[c4_lines.UNENDED] += 1
            continue
        if len(words) < 3:
            counts[c4_lines.FEW_WORDS] += 1
            continue
        lower = "".join(char.lower() if char.isascii() else char for char in text)
        counts[c4_lines.LOREM_IPSUM] += "lorem ipsum" in lower
        if "javascript" in lower:
            counts[c4_lines.JAVASCRIPT] += 1
            continue
        counts[c4_lines.CURLY_BRACKET] += "{" in text
        if any(policy in lower for policy in POLICIES):
            counts[c4_lines.POLICY] += 1
            continue
        counts[c4_lines.LINES] += 1
        counts[c4_lines.SENTENCES] += sentences(line, words_setting, chinese_words)
    return counts


def texts_of(words: list[str]) -> list[str]:
    return [word for word in words if not all(kinds(char) & SYMBOL for char in word)]


def is_han(word: str) -> bool:
    return any(flags(char) & HAN for char in word)


def is_chinese(text: str) -> bool:
    han = len(re.findall(r"[\u4000-\u9fff]", text))
    return 0 < han >= len(re.findall(r"[A-Za-z]+|[\u3040-\u30ff]", text))


def counts(text: str, words_setting: str = "english", chinese_words: str = "jieba", told: int = -1) -> list[int]:
    """Count by the formulas."""
    words = words_of(text, words_setting, chinese_words)
    texts = texts_of(words)
    chinese = is_chinese(text) if told < 0 else bool(told)
    english = "english"
    if chinese and (words_setting, chinese_words) == ("english", "jieba"):
        english = "jieba"
        words = words_of(text, "jieba")
        texts = texts_of(words)
    split = LINE_ENDS.split(text)
    lines = [line.strip(SPACES) for line in (split[:-1] if not split[-1] else split)]
    pieces = re.split(r"\n+", text)
    filled = [line for line in text.split("\n") if line.strip(SPACES)]
    paragraphs = re.split(r"\n{2,}", text.strip(SPACES))
    return [
        len(text),
        text.count("\n"),
        len(words),
        len(texts),
        sum(map(len, texts)),
        sum(any(map(alphabetic, word)) for word in words),
        sum(map(is_han, words)),
        len(set(words) & set(s.ENGLISH_STOP)),
        len(set(words) & set(s.CHINESE_STOP)),
        text.count("#"),
        text.count("...") + text.count("…"),
        len(lines),
        sum(line.startswith(("•", "-")) for line in lines),
        sum(line.endswith(("...", "…")) for line in lines),
        len(pieces),
        *repeats(pieces),
        len(filled),
        sum(bool(kinds(line[-1]) & TERMINAL) for line in filled),
        sum(len(line) <= 30 for line in filled),
        repeats(filled)[1],
        len(paragraphs),
        *repeats(paragraphs),
        *(top_ngram(words, size) for size in range(2, 5)),
        *(repeated_ngrams(words, size) for size in range(5, 11)),
        int(chinese),
        *c4_counts(lines, english, chinese_words, terminal=True),
        *c4_counts(lines, english, chinese_words, terminal=False),
    ]


NAMES = {
    number: name.lower()
    for name, number in vars(s).items()
    if isinstance(number, int) and name.isupper() and not name.startswith("_") and number < s.COLUMNS
}


def named(numbers: list[int]) -> dict[str, int]:
    return {NAMES.get(n, str(n)): number for n, number in enumerate(numbers)}


@pytest.mark.parametrize("words", ["english", "whitespace"])
@pytest.mark.parametrize("chinese_words", ["jieba", "characters"])
@given(texts=st.lists(TEXT, max_size=4))
def test_equals_its_twin(words: str, chinese_words: str, texts: list[str]) -> None:
    found = count_signals(pa.array(texts, pa.string()), words=words, chinese_words=chinese_words).tolist()
    expected = [counts(text, words, chinese_words) for text in texts]
    assert [named(row) for row in found] == [named(row) for row in expected]


@given(texts=st.lists(TEXT, max_size=4), told=st.lists(st.integers(-1, 1), min_size=4, max_size=4))
def test_equals_its_twin_where_the_language_is_told(texts: list[str], told: list[int]) -> None:
    found = count_signals(pa.array(texts, pa.string()), chinese=np.array(told[: len(texts)], np.int8)).tolist()
    expected = [counts(text, told=one) for text, one in zip(texts, told, strict=False)]
    assert [named(row) for row in found] == [named(row) for row in expected]


@given(
    st.lists(
        st.lists(st.sampled_from([*PARTS, "für ", "Donaudampfschifffahrt "]), max_size=40).map("".join), max_size=4
    )
)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("für", "one", "Donaudampfschifffahrt"), ("one", "two", "年")),
        ((*(f"w{n}" for n in range(3000)), "the", "and"), s.CHINESE_STOP),
        (("three",), ()),
    ],
)
def test_other_stop_words_are_counted(one: tuple[str, ...], other: tuple[str, ...], texts: list[str]) -> None:
    found = count_signals(pa.array(texts, pa.string()), "english", "characters", one, other)
    words = [set(words_of(text, "english", "characters")) for text in texts]
    assert found[:, s.STOP_WORDS].tolist() == [len(some & {*one}) for some in words]
    assert found[:, s.CHINESE_STOP_WORDS].tolist() == [len(some & {*other}) for some in words]


@given(st.lists(TEXT, min_size=2, max_size=5))
def test_layouts_and_neighbours_do_not_matter(texts: list[str]) -> None:
    whole = count_signals(pa.array(texts)).tolist()
    assert count_signals(pa.chunked_array([texts[:1], texts[1:]], pa.large_string())).tolist() == whole
    assert count_signals(pa.array(["- # 北京", *texts, "the 大学"]).slice(1, len(texts))).tolist() == whole


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\0", "\0\0 \0", "🙂", "\u3000", "\r\n\r\n", ".", "今", "𠀀", "é" * 40]
)
def test_tiny_texts(text: str) -> None:
    assert count_signals(pa.array([text]))[0].tolist() == counts(text)


def test_empty() -> None:
    assert count_signals(pa.array([], pa.string())).shape == (0, s.COLUMNS)


def test_a_long_text_after_short_ones() -> None:
    """Room for words and tables grows; nothing of the text before is left in it."""
    texts = [
        "a b",
        "the same line of words\n" * 300,
        "今天天气很好。" * 400,
        "x " * 5000,
        "",
        "b" * 3000,
        "y\n\n" * 900,
    ]
    assert count_signals(pa.array(texts)).tolist() == [counts(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("a b\n\nc d\n\na b", s.REPEATED_PARAGRAPHS, 1),
        ("\na\n", s.REPEATED_PIECES, 1),  # the empty pieces at both ends
        ("天 气 天 气", s.TOP_2GRAM, 6),
        ("This is a test.", s.TOP_2GRAM + 2, 14),
        ("a b c d e a b c d e", s.REPEATED_5GRAMS, 5),
        ("a b c d e a b c d e f", s.REPEATED_5GRAMS + 1, 0),
        ("one two.\n- three…\n• four...", s.ELLIPSIS_LINES, 2),
        ("x" * 30 + "\n" + "x" * 31, s.SHORT_LINES, 1),
        ("今天。\n今天。”\nend!\nend… ", s.ENDED_LINES, 2),
    ],
)
def test_cases(text: str, column: int, expected: int) -> None:
    assert counts(text)[column] == expected
    assert count_signals(pa.array([text]))[0, column] == expected


ENGLISH = " ".join(f"wordsofalength{n}" for n in range(100)) + "\n"
CHINESE = "".join(chr(0x4E00 + 7 * n) for n in range(300)) + "\n"


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_doubling_a_text_makes_half_of_it_repeated(text: str) -> None:
    """A count of the wrong thing (characters of a set, say) would not."""
    once, twice = count_signals(pa.array([text, text + text]))
    for column in range(s.REPEATED_5GRAMS, s.REPEATED_5GRAMS + 6):
        assert once[column] == 0
        assert twice[column] / twice[s.CHARS] == pytest.approx(0.5, abs=0.06)
    assert twice[s.REPEATED_LINE_CHARS] / (twice[s.CHARS] - twice[s.NEWLINES]) == 0.5
