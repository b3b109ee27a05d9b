"""Limits: what can be met, the fewest that conflict, and what each would have to be; the nearest mix."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from ops.mixing.limits import Limit, Rows, attainable, conflict, most_tokens, rows_of
from ops.mixing.nearest import nearest

CELLS = 4
SUPPLY = np.array([1_000.0, 400.0, 250.0, 50.0])
ALL = np.ones(CELLS, np.bool_)
FLAGS = st.lists(st.booleans(), min_size=CELLS, max_size=CELLS).filter(any).map(lambda flags: np.array(flags, np.bool_))
KINDS = st.sampled_from(["at_least", "at_most", "exactly"])
LIMITS = st.lists(
    st.builds(Limit, st.just("tokens"), KINDS, st.integers(1, 2_000).map(float), FLAGS)
    | st.builds(Limit, st.just("share"), KINDS, st.integers(0, 20).map(lambda n: n / 20), FLAGS, st.just(ALL)),
    max_size=5,
)


def supplies(times: float = 1.0) -> list[Limit]:
    return [Limit(f"supply {n}", "at_most", times, np.arange(CELLS) == n, supply=SUPPLY) for n in range(CELLS)]


def agree(limits: list[Limit]) -> bool:
    return most_tokens(limits, CELLS) is not None


@given(asked=LIMITS)
@settings(max_examples=50)
def test_what_conflicts_is_as_few_as_can_be(asked: list[Limit]) -> None:
    limits = [*supplies(), *asked]
    found = conflict(limits, CELLS)
    if agree(limits):
        assert found == []
        return
    assert not agree(found)
    for size in range(1, len(found)):
        assert all(agree(list(some)) for some in combinations(limits, size))


@given(asked=LIMITS.filter(bool))
@settings(max_examples=50)
def test_the_value_that_would_do_does_and_none_nearer(asked: list[Limit]) -> None:
    limits = [*supplies(), *asked]
    for limit in conflict(limits, CELLS):
        others = [one for one in limits if one is not limit]
        value = attainable(limit, others, CELLS)
        if limit.supply is not None:
            assert value is None or value > SUPPLY[limit.group].sum()
            continue
        if value is None:
            assert not agree([*others, replace(limit, kind="exactly", value=0.0)])
            continue
        loose = 0.0 if limit.kind == "exactly" else 1e-7 * max(1.0, abs(value)) * (1 if value > limit.value else -1)
        assert agree([*others, replace(limit, value=value + loose)])
        assert not agree([*others, replace(limit, value=value + 1e-3 * (limit.value - value))])


@given(asked=LIMITS, draws=st.integers(0, 2**32))
@settings(max_examples=100)
def test_no_mix_that_keeps_to_the_limits_is_nearer(asked: list[Limit], draws: int) -> None:
    total = most_tokens([*supplies(), *asked], CELLS)
    if not total or total < 1:
        return
    # A little less than the most, so that there is more than one mix.
    limits = [*asked, Limit("all", "exactly", 0.7 * total, ALL)]
    if not agree([*supplies(), *limits]):
        return
    rows = rows_of(limits, CELLS)
    wished = np.array([5.0, 1.0, 3.0, 2.0])
    made = nearest(wished, SUPPLY, rows).tokens
    assert (rows.missed(made) <= 1e-7 * total).all()
    assert (made <= SUPPLY + 1e-9).all()
    draw = np.random.default_rng(draws)
    for _ in range(20):
        other = _some_mix(rows, draw)
        # Along the line to any other mix that keeps to the limits it only gets further.
        for step in (0.1, 1.0):
            assert _distance(made + step * (other - made), wished) >= _distance(made, wished) - 1e-5 * total


def _some_mix(rows: Rows, draw: np.random.Generator) -> np.ndarray:
    most, exactly = (Rows(*(part[which] for part in rows)) for which in (~rows.exactly, rows.exactly))
    bounds = [(0, most) for most in SUPPLY]
    found = linprog(draw.normal(size=CELLS), most[0], most[1] + 1e-9, exactly[0], exactly[1], bounds=bounds)
    assert found.status == 0
    return found.x


def _distance(mix: np.ndarray, wished: np.ndarray) -> float:
    mix = np.maximum(mix, 1e-300)
    return float((mix * np.log(mix / wished) - mix + wished).sum())


def test_unimax_is_the_nearest_to_equal_parts() -> None:
    """Chung et al., 2023: the smallest first, each an equal part of what is left, at most what it has."""
    left, expected = 1_500.0, np.zeros(CELLS)
    for n, cell in enumerate(np.argsort(SUPPLY)):
        expected[cell] = min(SUPPLY[cell], left / (CELLS - n))
        left -= expected[cell]
    rows = rows_of([Limit("tokens", "exactly", 1_500.0, ALL)], CELLS)
    assert nearest(np.ones(CELLS), SUPPLY, rows).tokens == pytest.approx(expected)


def test_temperature() -> None:
    rows = rows_of([Limit("tokens", "exactly", 100.0, ALL)], CELLS)
    made = nearest(SUPPLY**0.3, SUPPLY, rows).tokens
    assert made == pytest.approx(100 * SUPPLY**0.3 / (SUPPLY**0.3).sum())
