"""Limits on a column of numbers: equal passes, nothing known stays, and a step that limits nothing is refused."""

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.filters.limits import Limits


def judged(values: list, **settings: float) -> list:
    reasons = Limits(column="score", **settings).judge(pa.table({"score": values}))
    return [reason and (reason["reason"], reason["value"], reason["threshold"]) for reason in reasons.to_pylist()]


def test_numbers_out_of_range_go_and_equal_ones_stay() -> None:
    assert judged([0.1, 0.2, 0.5, 0.8, 0.9], least=0.2, most=0.8) == [
        ("score_too_low", 0.1, 0.2),
        None,
        None,
        None,
        ("score_too_high", 0.9, 0.8),
    ]


def test_what_is_no_number_stays() -> None:
    assert judged([None, float("nan"), 3.0], least=5) == [None, None, ("score_too_low", 3.0, 5.0)]


def test_numbers_that_are_spelled_count() -> None:
    assert judged(["4", "six", "7.5", None], least=5) == [("score_too_low", 4.0, 5.0), None, None, None]


def test_zero_is_a_limit() -> None:
    assert judged([-0.5, 0.0], least=0) == [("score_too_low", -0.5, 0.0), None]


@pytest.mark.parametrize(
    ("settings", "told"), [({}, "give `least` or `most`"), ({"least": 2, "most": 1}, "nothing would be kept")]
)
def test_limits_that_limit_nothing_or_everything_are_refused(settings: dict, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Limits(column="score", **settings)


def test_it_needs_its_column() -> None:
    assert Limits(column="stars", least=1).needs == ("stars",)
