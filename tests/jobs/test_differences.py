"""Where texts differ: by words and characters, near each other, in long texts, in unlike ones, and in bounded time."""

import time
from random import Random

import pytest

from jobs.report.differences import differences

WORDS = [f"word{n}" for n in range(4_000)]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("same", "same", []),
        ("one\r\ntwo\rthree", "one\ntwo\nthree", []),
        ("a red hat", "a blue hat", ["a [-red-]{+blue+} hat"]),
        ("one two three", "one two three four", ["one two three{+ four+}"]),
        ("one\ntwo\nthree\n", "one\nthree\n", ["one⏎[-two⏎-]three⏎"]),
        ("他们早上开门了", "他们晚上开门了", ["他们[-早-]{+晚+}上开门了"]),
        ("дом у реки стоит", "дом у озера стоит", ["дом у [-реки-]{+озера+} стоит"]),
        ("a\u200bb stays here", "ab stays here", ["[-a[U+200B]b-]{+ab+} stays here"]),
        ("a \x1b[2J stays here", "a b stays here", ["a [-␛[2J-]{+b+} stays here"]),
        ("wholly", "different", []),
        ("", "something", []),
    ],
)
def test_passages(one: str, other: str, told: list[str]) -> None:
    assert differences(one, other).told == told


def test_unlike_texts_are_told_apart_from_equal_ones() -> None:
    assert differences("one two three", "四五六").unlike
    assert not differences("one\r\ntwo", "one\ntwo").unlike


def test_long_text_is_cut_to_what_stands_around_its_differences() -> None:
    other = [*WORDS[:100], "new", *WORDS[101:2_000], *(f"more{n}" for n in range(700)), *WORDS[2_000:]]
    found = differences(" ".join(WORDS), " ".join(other))
    first, second = found.told
    assert first.startswith("…word9")
    assert "word99 [-word100-]{+new+} word101" in first
    assert "word1999 {+more0 more1" in second
    assert second.endswith("…")
    assert all(len(line) < 500 for line in found.told)


def test_only_so_many_passages_are_shown() -> None:
    other = ["new" if n % 100 == 50 else word for n, word in enumerate(WORDS)]
    found = differences(" ".join(WORDS), " ".join(other), 3)
    assert (len(found.passages), found.more) == (3, 37)
    assert found.told[-1] == "and 37 more passages"


def test_text_that_is_not_read_to_its_end_says_so() -> None:
    text = "word " * 50_000
    found = differences(f"one {text}", f"two {text} end")
    assert not found.whole
    assert found.told == [found.told[0], "what comes after that was not compared"]


@pytest.mark.parametrize("alphabet", [1, 2, 30, 3_000])
def test_time_is_bounded_for_texts_that_repeat_themselves(alphabet: int) -> None:
    chance = Random(alphabet)
    one = [chr(0x4E00 + chance.randrange(alphabet)) for _ in range(300_000)]
    other = [char if n % 9 else "水" for n, char in enumerate(one)]
    begin = time.perf_counter()
    differences("".join(one), "".join(other))
    assert time.perf_counter() - begin < 20  # hours, if it were quadratic
