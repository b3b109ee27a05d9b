"""Listed words: what a search character by character finds, in any text and by any words."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.listed_words import automaton, find, folded
from ops.kernels.unicode_tables import FLAGS, FOLDED, SINGLE, SPACE, TABLED, WORD

# Few characters, so that words are found: both cases and widths, letters of 1 to 4 bytes, some whose other case has
# another number of bytes, scripts without spaces, marks, spaces of all kinds, what separates.
CHARS = "abAB1ａＡ１éÉßİſKȺⱥ가ก性水女龍々ｱア𠮷𐐀𐐨🙂-_'.@ \u3000\t\n\u0301\u200b\0"
TEXTS = st.text(st.sampled_from(CHARS) | st.characters(codec="utf-8"), max_size=60)
WORDS = st.text(st.sampled_from(CHARS), min_size=1, max_size=4) | st.text(min_size=1, max_size=3)


def fold(char: str) -> str:
    if ord(char) >= TABLED:
        return char
    return " " if FLAGS[ord(char)] & SPACE else chr(FOLDED[ord(char)])


def joined(char: str) -> bool:
    return ord(char) < TABLED and FLAGS[ord(char)] & (WORD | SINGLE) == WORD


def twin(text: str, words: dict[str, int], group: int) -> list[int]:
    chars = "".join(fold(char) for char in text)
    covered, different = set(), set()
    for word, groups in words.items():
        for start in range(len(chars) - len(word) + 1):
            end = start + len(word)
            within = (start > 0 and joined(word[0]) and joined(chars[start - 1])) or (
                end < len(chars) and joined(word[-1]) and joined(chars[end])
            )
            if groups & group and chars[start:end] == word and not within:
                covered |= {*range(start, end)}
                different.add(word)
    return [len(text), len(covered), len(different)]


@given(
    st.lists(st.tuples(TEXTS, st.integers(0, 7)), max_size=6), st.dictionaries(WORDS, st.integers(1, 7), max_size=12)
)
def test_twin(rows: list[tuple[str, int]], listed: dict[str, int]) -> None:
    words = {folded(word): groups for word, groups in listed.items()}
    texts = pa.array([text for text, _ in rows], pa.string())
    found = find(texts, automaton(words), np.array([group for _, group in rows], np.int64))
    assert found.tolist() == [twin(text, words, group) for text, group in rows]


def found_in(text: str, *words: str) -> list[int]:
    made = automaton({folded(word): 1 for word in words})
    return find(pa.array([text]), made, np.array([1])).tolist()[0]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("a bad word", ["bad"], [10, 3, 1]),
        ("badly, not bad", ["bad"], [14, 3, 1]),
        ("abad bad1 bad_ é.bad", ["bad"], [20, 6, 1]),
        ("ＢＡＤ bAd", ["bad"], [7, 6, 1]),
        ("bad bad words", ["bad words", "bad", "word"], [13, 12, 2]),
        ("abcabcd", ["abcabcd", "bc"], [7, 7, 1]),
        ("很坏的坏蛋", ["坏", "坏蛋"], [5, 3, 2]),
        ("看AV片SEX啊", ["av", "sex", "AV片"], [8, 6, 3]),
        ("hell\u3000yes", ["hell yes"], [8, 8, 1]),
        ("cafe\u0301 café", ["cafe\u0301"], [10, 4, 1]),
        ("一二三四", ["二三", "一二三四", "三四五"], [4, 4, 2]),
        ("", ["bad"], [0, 0, 0]),
        ("bad", [], [3, 0, 0]),
        ("a" * 5000 + " bad", ["bad"], [5004, 3, 1]),
        ("@bad @@bad", ["@bad"], [10, 8, 1]),
    ],
)
def test_cases(text: str, words: list[str], found: list[int]) -> None:
    assert found_in(text, *words) == found


def test_many_words_in_much_text() -> None:
    words = [f"w{n}x" for n in range(3000)]
    text = " ".join(words)
    assert found_in(f"{text} w3000x", *words) == [len(text) + 7, len(text) - 2999, 3000]


def test_a_slice_of_a_column() -> None:
    texts = pa.array(["bad", "good", "bad bad"]).slice(1)
    assert find(texts, automaton({"bad": 1}), np.array([1, 1])).tolist() == [[4, 0, 0], [7, 6, 1]]
