"""Corrections: a few differences, from which the corrected text can be had again."""

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


def test_texts_that_have_nothing_in_common_take_no_square() -> None:
    """Of as many parts as are compared, and of more: then what lies between is one difference."""
    for length in (int(PAIRS_MAX**0.5), 200_000):
        began = time.process_time()
        found = differences("水" + "在水" * (length // 2) + "水", "一" + "水在" * (length // 2) + "九")
        assert found
        assert time.process_time() - began < 10
