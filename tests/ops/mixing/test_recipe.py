"""The recipe: from supplies and limits to tokens, and every refusal with its numbers."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.contract import Refusal
from ops.mixing.recipe import Limits, Plan, Supply, conflicts, plan

SUPPLIES = st.dictionaries(
    st.sampled_from(["web", "books", "textbook", "dialogue", "forum"]),
    st.builds(Supply, st.sampled_from(["real", "synthetic", "unknown"]), st.integers(0, 1_000_000)),
    max_size=5,
)


def limits(**given_: object) -> Limits:
    return Limits(
        **{"tokens": None, "shares": {}, "synthetic_max": 0.3, "real_min": 0.0, "real_tokens_min": 0, **given_}
    )  # type: ignore[arg-type]


def _exact(supplies: dict[str, Supply], asked: Limits) -> dict[str, Fraction] | None:
    """Plan without shares in exact numbers; None where the tokens cannot be had."""
    cap = Fraction(asked.synthetic_share_max)
    real = sum(s.tokens for s in supplies.values() if s.origin == "real")
    other = sum(s.tokens for s in supplies.values() if s.origin != "real")
    most = Fraction(real + other) if cap == 1 else real + min(Fraction(other), real * cap / (1 - cap))
    total = most if asked.tokens is None else Fraction(asked.tokens)
    if total > most:
        return None
    given_ = min(total * Fraction(other, max(real + other, 1)), cap * total)
    parts = {True: (total - given_) / max(real, 1), False: given_ / max(other, 1)}
    return {name: s.tokens * parts[s.origin == "real"] for name, s in supplies.items()}


def _has_tokens(supplies: dict[str, Supply]) -> bool:
    """Where there is text, a mix of nothing is refused."""
    return any(supply.tokens for supply in supplies.values())


@given(
    supplies=SUPPLIES, tokens=st.none() | st.integers(1, 2_000_000), cap=st.integers(0, 100), floor=st.integers(0, 100)
)
def test_in_proportion_equals_exact_numbers(
    supplies: dict[str, Supply], tokens: int | None, cap: int, floor: int
) -> None:
    asked = limits(tokens=tokens, synthetic_max=cap / 100, real_min=floor / 100)
    expected = _exact(supplies, asked)
    if expected is None or (_has_tokens(supplies) and not any(expected.values())):
        with pytest.raises(Refusal):
            plan(supplies, asked)
        return
    made = plan(supplies, asked)
    assert set(made.bound_by) == set(supplies)
    for name, part in expected.items():
        assert made.tokens[name] == pytest.approx(float(part), rel=1e-9, abs=1e-6)
        assert made.tokens[name] <= supplies[name].tokens + 1e-6


@given(
    supplies=SUPPLIES,
    weights=st.lists(st.integers(0, 20), min_size=5, max_size=5),
    tokens=st.none() | st.integers(1, 100_000),
)
def test_shares_are_met_or_refused(supplies: dict[str, Supply], weights: list[int], tokens: int | None) -> None:
    whole = sum(weights[: len(supplies)])
    if not whole:
        return
    shares = {name: weight / whole for name, weight in zip(supplies, weights, strict=False)}
    asked = limits(shares=shares, tokens=tokens, synthetic_max=0.6)
    most = min(Fraction(supplies[n].tokens * whole, w) for n, w in zip(supplies, weights, strict=False) if w)
    try:
        made = plan(supplies, asked)
    except Refusal:
        other = sum(
            share for name, share in shares.items() if supplies[name].origin != "real" and supplies[name].tokens
        )
        empty = not most and _has_tokens(supplies)
        assert other > 0.6 or empty or (tokens is not None and tokens > most * (1 - Fraction(1, 10**9)))
        return
    total = float(most) if tokens is None else tokens
    assert total <= float(most) * (1 + 1e-9)
    assert made.tokens == pytest.approx({name: share * total for name, share in shares.items()}, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(("percent", "tokens"), [(7, 100), (14, 50), (55, 20), (57, 100), (29, 100)])
def test_just_enough_is_enough(percent: int, tokens: int) -> None:
    """Supplies that meet the shares to the token are not refused over the rounding of a division."""
    supplies = {"a": Supply("real", percent * tokens // 100), "b": Supply("real", tokens - percent * tokens // 100)}
    shares = {"a": percent / 100, "b": 1 - percent / 100}
    made = plan(supplies, limits(shares=shares, tokens=tokens, real_tokens_min=tokens))
    assert sum(made.tokens.values()) == pytest.approx(tokens)


@given(real=st.integers(1, 10_000), other=st.integers(0, 10_000), cap=st.integers(0, 99))
def test_the_most_that_a_refusal_names_can_be_had(real: int, other: int, cap: int) -> None:
    supplies = {"web": Supply("real", real), "textbook": Supply("synthetic", other)}
    with pytest.raises(Refusal) as refused:
        plan(supplies, limits(tokens=100 * (real + other), synthetic_max=cap / 100))
    advised = int(re.findall(r"Lower tokens to ([\d,]+)", str(refused.value))[0].replace(",", ""))
    plan(supplies, limits(tokens=advised, synthetic_max=cap / 100))
    with pytest.raises(Refusal):
        plan(supplies, limits(tokens=advised + 1, synthetic_max=cap / 100))


@given(have=st.integers(1, 10_000), percent=st.integers(1, 99))
def test_the_most_that_scarce_shares_allow_can_be_had(have: int, percent: int) -> None:
    supplies = {"web": Supply("real", 10**9), "rare": Supply("real", have)}
    shares = {"web": 1 - percent / 100, "rare": percent / 100}
    with pytest.raises(Refusal) as refused:
        plan(supplies, limits(tokens=10**8, shares=shares))
    advised = int(re.findall(r"Lower tokens to ([\d,]+)", str(refused.value))[0].replace(",", ""))
    plan(supplies, limits(tokens=advised, shares=shares))
    with pytest.raises(Refusal):
        plan(supplies, limits(tokens=advised + 1, shares=shares))


MIXED = {"web": Supply("real", 7_000), "textbook": Supply("synthetic", 9_000), "forum": Supply("unknown", 1_000)}


@pytest.mark.parametrize(
    ("given_", "facts"),
    [
        # more than there is
        ({"tokens": 20_000}, ["tokens = 20,000", "7,000 real", "10,000", "0.3", "Lower tokens to 10,000"]),
        ({"tokens": 18_000, "synthetic_max": 1}, ["tokens = 18,000", "17,000"]),
        # a share that is scarce
        (
            {"tokens": 20_000, "shares": {"web": 0.7, "textbook": 0.3, "forum": 0}},
            ["'web'", "7,000", "14,000", "0.7", "tokens = 20,000", "Lower tokens to 10,000", "0.35"],
        ),
        # shares against the cap
        (
            {"shares": {"web": 0.5, "textbook": 0.4, "forum": 0.1}},
            ["0.5", "forum 0.1 (unknown)", "textbook 0.4 (synthetic)", "0.3"],
        ),
        (
            {"shares": {"web": 0.9, "textbook": 0.1}, "real_min": 0.95, "synthetic_max": 0.3},
            ["0.1", "0.05", "real_min"],
        ),
        # real tokens
        ({"real_tokens_min": 8_000}, ["real_tokens_min = 8,000", "7,000 real tokens", "Lower it to 7,000"]),
        ({"tokens": 100, "real_tokens_min": 80}, ["real_tokens_min = 80", "Lower it to 70"]),
        ({"tokens": 1_000, "shares": {"web": 0.8, "textbook": 0.2}, "real_tokens_min": 900}, ["900", "800"]),
        # shares that a source without documents cannot give
        ({"tokens": 100, "shares": {"web": 0.5, "gone": 0.5}}, ["'gone'", "0 tokens", "50"]),
    ],
)
def test_refusals_name_the_numbers(given_: dict, facts: list[str]) -> None:
    supplies = {**MIXED, "gone": Supply("unknown", 0)} if "gone" in given_.get("shares", {}) else MIXED
    with pytest.raises(Refusal) as refused:
        plan(supplies, limits(**given_))
    for fact in facts:
        assert fact in str(refused.value)


def test_unknown_never_counts_as_real() -> None:
    supplies = {"web": Supply("real", 100), "forum": Supply("unknown", 1_000_000)}
    made = plan(supplies, limits(synthetic_max=0.5))
    assert made.tokens == pytest.approx({"web": 100, "forum": 100})
    with pytest.raises(Refusal, match="real_tokens_min"):
        plan(supplies, limits(real_tokens_min=101))


@pytest.mark.parametrize(
    ("given_", "bound_by"),
    [
        ({}, {"web": "supply", "textbook": "synthetic_max", "forum": "synthetic_max"}),
        ({"synthetic_max": 1}, {"web": "supply", "textbook": "supply", "forum": "supply"}),
        ({"tokens": 100}, {"web": "tokens", "textbook": "synthetic_max", "forum": "synthetic_max"}),
        ({"tokens": 100, "synthetic_max": 1}, {"web": "tokens", "textbook": "tokens", "forum": "tokens"}),
        (
            {"shares": {"web": 0.7, "textbook": 0.3}},
            {"web": "scarce:web", "textbook": "scarce:web", "forum": "share 0"},
        ),
        (
            {"shares": {"web": 1, "textbook": 0}, "tokens": 9},
            {"web": "tokens", "textbook": "share 0", "forum": "share 0"},
        ),
    ],
)
def test_what_bound_each_source(given_: dict, bound_by: dict[str, str]) -> None:
    assert plan(MIXED, limits(**given_)).bound_by == bound_by


def test_nothing_to_mix() -> None:
    assert plan({}, limits()) == Plan({}, {})
    with pytest.raises(Refusal, match="tokens = 5"):
        plan({}, limits(tokens=5))


def test_conflicts_need_no_text() -> None:
    origins = {"web": "real", "textbook": "synthetic", "forum": "unknown"}
    assert conflicts({"web": 0.7, "textbook": 0.2, "forum": 0.1}, origins, 0.3) is None
    assert conflicts({"web": 0.1 + 0.6, "textbook": 0.1 + 0.2}, origins, 0.3) is None  # 0.30000000000000004
    found = conflicts({"web": 0.6, "textbook": 0.2, "forum": 0.2}, origins, 0.3)
    assert found is not None
    assert "forum 0.2 (unknown) + textbook 0.2 (synthetic)" in found


def test_the_tighter_cap_holds() -> None:
    assert limits(synthetic_max=0.5, real_min=0.8).synthetic_share_max == pytest.approx(0.2)
    assert limits(synthetic_max=0.1, real_min=0.8).synthetic_share_max == pytest.approx(0.1)
