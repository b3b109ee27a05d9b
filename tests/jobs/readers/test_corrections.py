"""Corrections: a few differences, from which the corrected text can be had again."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.readers.corrections import PAIRS_MAX, Difference, corrected, differences

TEXTS = st.text(st.sampled_from("ab 水在一九十。\n𠀀é"), max_size=30)


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_either_can_be_had_of_the_other(draft: str, by_hand: str) -> None:
    found = differences(draft, by_hand)
    assert corrected(draft, found) == by_hand
    assert all(draft[one.at : one.at + len(one.was)] == one.was != one.now for one in found)
    assert (found == []) == (draft == by_hand)


@pytest.mark.parametrize(
    ("draft", "by_hand", "found"),
    [
        ("The cat sat.", "The dog sat.", [Difference(4, "cat", "dog")]),
        ("The cat sat.", "The cat sat. It slept.", [Difference(12, "", " It slept.")]),
        ("One, two, three.", "One, 2, 3.", [Difference(5, "two", "2"), Difference(10, "three", "3")]),
        (
            "长江长五千公里，在中国。",
            "长江长六千公里，在亚洲。",
            [Difference(3, "五", "六"), Difference(9, "中国", "亚洲")],
        ),
        ("长江。", "长江。", []),
        ("", "New.", [Difference(0, "", "New.")]),
        ("Old.", "", [Difference(0, "Old.", "")]),
    ],
)
def test_differences(draft: str, by_hand: str, found: list[Difference]) -> None:
    assert differences(draft, by_hand) == found


@pytest.mark.parametrize("parts", [int(PAIRS_MAX**0.5), 200_000])
def test_what_is_alike_everywhere_takes_no_cube(parts: int) -> None:
    """Of as many parts as are compared, and of more: then what lies between is one difference. 0.1 s at the limit."""
    chance = random.Random(1)
    one, other = ("".join(chance.choice("水在") for _ in range(parts - 2)) for _ in range(2))
    words = "a " * (parts // 2)
    began = time.process_time()
    assert differences(f"水{one}水", f"一{other}九")
    assert differences(f"{words}b", f"c {words}")
    assert time.process_time() - began < 3
