"""The recipe: from supplies and limits to tokens, and every refusal with its numbers."""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ops.contract import Refusal
from ops.mixing.recipe import Asked, Cells, Recipe, conflict_of, plan

Supplies = dict[str, tuple[str, int]]  # by source: origin and tokens

SUPPLIES = st.dictionaries(
    st.sampled_from(["web", "books", "textbook", "dialogue", "forum"]),
    st.tuples(st.sampled_from(["real", "synthetic", "unknown"]), st.integers(0, 1_000_000)),
    max_size=5,
)


def cells_of(supplies: Supplies) -> Cells:
    origins = [origin for origin, _ in supplies.values()]
    tokens = np.array([tokens for _, tokens in supplies.values()], np.int64)
    return Cells({"source": list(supplies), "origin": origins}, tokens)


def recipe(**given_: object) -> Recipe:
    return Recipe(
        **{"tokens": None, "shares": {}, "synthetic_max": 0.3, "real_min": 0.0, "real_tokens_min": 0, **given_}
    )  # type: ignore[arg-type]


def planned(supplies: Supplies, asked: Recipe) -> dict[str, float]:
    return dict(zip(supplies, plan(cells_of(supplies), asked).tokens.tolist(), strict=True))


def refusal(supplies: Supplies, asked: Recipe) -> str:
    with pytest.raises(Refusal) as refused:
        plan(cells_of(supplies), asked)
    return str(refused.value)


def advised(told: str, limit: str) -> int:
    """Return what a refusal says that a limit would have to be."""
    return int(re.findall(rf"{re.escape(limit)}[^(]* \(([\d,]+) would do", told)[0].replace(",", ""))


def _exact(supplies: Supplies, asked: Recipe) -> dict[str, Fraction] | None:
    """Plan without shares in exact numbers; None where the tokens cannot be had."""
    cap = Fraction(min(asked.synthetic_max, 1 - asked.real_min))
    real = sum(tokens for origin, tokens in supplies.values() if origin == "real")
    other = sum(tokens for origin, tokens in supplies.values() if origin != "real")
    most = Fraction(real + other) if cap == 1 else real + min(Fraction(other), real * cap / (1 - cap))
    total = most if asked.tokens is None else Fraction(asked.tokens)
    if total > most:
        return None
    given_ = min(total * Fraction(other, max(real + other, 1)), cap * total)
    # Real text that is not enough for what is left of the tokens makes room for more of the other.
    given_ = max(given_, total - real)
    parts = {True: (total - given_) / max(real, 1), False: given_ / max(other, 1)}
    return {name: tokens * parts[origin == "real"] for name, (origin, tokens) in supplies.items()}


@given(
    supplies=SUPPLIES, tokens=st.none() | st.integers(1, 2_000_000), cap=st.integers(0, 100), floor=st.integers(0, 100)
)
@settings(max_examples=50)
def test_in_proportion_equals_exact_numbers(supplies: Supplies, tokens: int | None, cap: int, floor: int) -> None:
    asked = recipe(tokens=tokens, synthetic_max=cap / 100, real_min=floor / 100)
    expected = _exact(supplies, asked)
    has_tokens = any(tokens for _, tokens in supplies.values())
    if expected is None or (has_tokens and sum(expected.values()) < 1):
        refusal(supplies, asked)
        return
    made = planned(supplies, asked)
    for name, part in expected.items():
        assert made[name] == pytest.approx(float(part), rel=1e-7, abs=1e-3)
        assert made[name] <= supplies[name][1] + 1e-6


@given(
    supplies=SUPPLIES,
    weights=st.lists(st.integers(0, 20), min_size=5, max_size=5),
    tokens=st.none() | st.integers(1, 100_000),
)
@settings(max_examples=50)
def test_shares_are_met_or_refused(supplies: Supplies, weights: list[int], tokens: int | None) -> None:
    whole = sum(weights[: len(supplies)])
    if not whole:
        return
    shares = {name: weight / whole for name, weight in zip(supplies, weights, strict=False)}
    asked = recipe(shares=shares, tokens=tokens, synthetic_max=0.6)
    most = min(Fraction(supplies[n][1] * whole, w) for n, w in zip(supplies, weights, strict=False) if w)
    try:
        made = planned(supplies, asked)
    except Refusal:
        other = sum(share for name, share in shares.items() if supplies[name][0] != "real")
        assert other > 0.6 or most < 1 or (tokens is not None and tokens > most * (1 - Fraction(1, 10**8)))
        return
    total = float(most) if tokens is None else tokens
    assert total <= float(most) * (1 + 1e-8)
    assert made == pytest.approx({name: share * total for name, share in shares.items()}, rel=1e-7, abs=1e-3)


@pytest.mark.parametrize(("percent", "tokens"), [(7, 100), (14, 50), (55, 20), (57, 100), (29, 100)])
def test_just_enough_is_enough(percent: int, tokens: int) -> None:
    """Supplies that meet the shares to the token are not refused over the rounding of a division."""
    supplies = {"a": ("real", percent * tokens // 100), "b": ("real", tokens - percent * tokens // 100)}
    shares = {"a": percent / 100, "b": 1 - percent / 100}
    made = planned(supplies, recipe(shares=shares, tokens=tokens, real_tokens_min=tokens))
    assert sum(made.values()) == pytest.approx(tokens)


@given(real=st.integers(1, 10_000), other=st.integers(0, 10_000), cap=st.integers(0, 99))
@settings(max_examples=50)
def test_the_most_that_a_refusal_names_can_be_had(real: int, other: int, cap: int) -> None:
    supplies = {"web": ("real", real), "textbook": ("synthetic", other)}
    told = refusal(supplies, recipe(tokens=100 * (real + other), synthetic_max=cap / 100))
    most = advised(told, "tokens = ")
    planned(supplies, recipe(tokens=most, synthetic_max=cap / 100))
    refusal(supplies, recipe(tokens=most + 1, synthetic_max=cap / 100))


@given(have=st.integers(1, 10_000), percent=st.integers(1, 99))
@settings(max_examples=50, phases=[Phase.explicit, Phase.generate])
def test_the_most_that_scarce_shares_allow_can_be_had(have: int, percent: int) -> None:
    supplies = {"web": ("real", 10**9), "rare": ("real", have)}
    shares = {"web": 1 - percent / 100, "rare": percent / 100}
    most = advised(refusal(supplies, recipe(tokens=10**8, shares=shares)), "tokens = ")
    planned(supplies, recipe(tokens=most, shares=shares))
    refusal(supplies, recipe(tokens=most + 1, shares=shares))


MIXED = {"web": ("real", 7_000), "textbook": ("synthetic", 9_000), "forum": ("unknown", 1_000)}


@pytest.mark.parametrize(
    ("given_", "facts"),
    [
        # more than there is
        ({"tokens": 20_000}, ["tokens = 20,000 (10,000 would do", "7,000 real tokens and 10,000"]),
        ({"tokens": 18_000, "synthetic_max": 1.0}, ["tokens = 18,000 (17,000", "'forum' has 1,000 tokens (2,000"]),
        # a share that is scarce
        (
            {"tokens": 20_000, "shares": {"web": 0.7, "textbook": 0.3, "forum": 0}},
            ["'web' has 7,000 tokens (14,000 would do", "tokens = 20,000 (10,000", "shares.web = 0.7 (no other value"],
        ),
        (
            {"tokens": 20_000, "shares": {"web": 0.7, "textbook": 0.3, "forum": 0}, "synthetic_max": 1.0},
            ["shares.web = 0.7 (no other value"],
        ),
        (
            {"tokens": 10_000, "shares": {"web": 0.9, "textbook": 0.1, "forum": 0}},
            ["'web' has 7,000 tokens (9,000 would do", "tokens = 10,000 (7,777", "shares.web = 0.9 (0.7 would do"],
        ),
        # shares against the cap
        (
            {"shares": {"web": 0.5, "textbook": 0.4, "forum": 0.1}},
            ["no text would be left", "shares.web = 0.5 (0.7 would do", "synthetic_max = 0.3 (0.5 would do"],
        ),
        (
            {"shares": {"web": 0.9, "textbook": 0.1, "forum": 0}, "real_min": 0.95},
            ["shares.web = 0.9 (0.95 would do", "real_min = 0.95 (0.9 would do"],
        ),
        # real tokens
        ({"real_tokens_min": 8_000}, ["real_tokens_min = 8,000 (7,000 would do", "'web' has 7,000 tokens (8,000"]),
        (
            {"tokens": 1_000, "shares": {"web": 0.8, "textbook": 0.2, "forum": 0}, "real_tokens_min": 900},
            ["real_tokens_min = 900 (800 would do", "tokens = 1,000 (1,125 would do", "shares.web = 0.8 (0.9"],
        ),
        # shares that a source without documents cannot give
        (
            {"tokens": 100, "shares": {"web": 0.5, "gone": 0.5, "textbook": 0, "forum": 0}, "synthetic_max": 1.0},
            ["'gone' has 0 tokens (50 would do", "shares.gone = 0.5 (0 would do"],
        ),
    ],
)  # fmt: skip
def test_refusals_name_what_conflicts_and_what_would_do(given_: dict, facts: list[str]) -> None:
    supplies = {**MIXED, "gone": ("unknown", 0)} if "gone" in given_.get("shares", {}) else MIXED
    told = refusal(supplies, recipe(**given_))
    for fact in facts:
        assert fact in told


def test_a_single_limit_that_cannot_be_met_is_told_alone() -> None:
    told = refusal({"textbook": ("synthetic", 50)}, recipe())
    assert told == (
        "the recipe cannot be met with 0 real tokens and 50 others: no text would be left; change this: "
        "synthetic_max = 0.3 (1 would do)"
    )


def test_unknown_never_counts_as_real() -> None:
    supplies = {"web": ("real", 100), "forum": ("unknown", 1_000_000)}
    assert planned(supplies, recipe(synthetic_max=0.5)) == pytest.approx({"web": 100, "forum": 100})
    assert "real_tokens_min = 101 (100 would do" in refusal(supplies, recipe(real_tokens_min=101))


@pytest.mark.parametrize(
    ("given_", "bound_by"),
    [
        ({}, {"web": "supply", "textbook": "synthetic_max", "forum": "synthetic_max"}),
        ({"synthetic_max": 1.0}, {"web": "supply", "textbook": "supply", "forum": "supply"}),
        ({"tokens": 100, "synthetic_max": 1.0}, {"web": "tokens", "textbook": "tokens", "forum": "tokens"}),
        (
            {"tokens": 100},
            {"web": "tokens", "textbook": "synthetic_max, tokens", "forum": "synthetic_max, tokens"},
        ),
    ],
)
def test_what_bound_each_source(given_: dict, bound_by: dict[str, str]) -> None:
    assert dict(zip(MIXED, plan(cells_of(MIXED), recipe(**given_)).bound_by, strict=True)) == bound_by


LABELLED = Cells(
    {
        "source": ["books", "books", "tutor", "tutor", "web", "web"],
        "origin": ["real", "real", "synthetic", "synthetic", "real", "real"],
        "domain": ["math", "prose", "math", None, "math", "prose"],
    },
    np.array([100, 4_000, 900, 500, 300, 6_000]),
)


def _asked(kind: str, value: float, where: dict, of: dict | None) -> Asked:
    return Asked("limits.1", kind, value, where, of)  # type: ignore[arg-type]


def test_a_cap_on_synthetic_text_of_a_domain() -> None:
    half = _asked("at_most", 0.5, {"domain": ["math"], "origin": ["synthetic"]}, {"domain": ["math"]})
    made = plan(LABELLED, recipe(limits=(half,)))
    assert made.tokens.tolist() == pytest.approx([100, 4_000, 400, 500, 300, 6_000])
    assert made.bound_by[2] == "limits.1"


def test_a_floor_under_a_domain_takes_from_the_others_alike() -> None:
    floor = _asked("at_least", 0.3, {"domain": ["math"]}, {})
    made = plan(LABELLED, recipe(tokens=3_000, limits=(floor,)))
    math = [0, 2, 4]
    assert made.tokens[math].sum() == pytest.approx(900)
    # The others keep their proportions, and so do the cells of the domain, as far as there is enough.
    assert made.tokens[1] / made.tokens[5] == pytest.approx(4_000 / 6_000)
    assert made.tokens[0] / made.tokens[4] == pytest.approx(1 / 3)


def test_a_budget_of_a_source_and_a_limit_that_cannot_be() -> None:
    made = plan(LABELLED, recipe(limits=(_asked("exactly", 1_234, {"source": ["web"]}, None),)))
    assert made.tokens[4:].sum() == pytest.approx(1_234)
    told = refusal_of(LABELLED, recipe(limits=(_asked("at_least", 2_000, {"domain": ["math"]}, None),)))
    assert "limits.1 = 2,000 (1,300 would do" in told


def refusal_of(cells: Cells, asked: Recipe) -> str:
    with pytest.raises(Refusal) as refused:
        plan(cells, asked)
    return str(refused.value)


def test_alpha_lifts_what_is_small() -> None:
    supplies = {"big": ("real", 1_000_000), "small": ("real", 10_000)}
    made = planned(supplies, recipe(tokens=10_000, alpha=0.5))
    assert made["big"] / made["small"] == pytest.approx(10)
    assert planned(supplies, recipe(tokens=30_000, alpha=0.0)) == pytest.approx({"big": 20_000, "small": 10_000})


def test_nothing_to_mix() -> None:
    assert planned({}, recipe()) == {}
    assert "tokens = 5 (0 would do" in refusal({}, recipe(tokens=5))


def test_conflicts_need_no_text() -> None:
    origins = {"web": "real", "textbook": "synthetic", "forum": "unknown"}
    assert conflict_of(recipe(shares={"web": 0.7, "textbook": 0.2, "forum": 0.1}), origins) is None
    shares = {"web": 0.1 + 0.6, "textbook": 0.1 + 0.2, "forum": 0.0}
    assert conflict_of(recipe(shares=shares), origins) is None  # 0.30000000000000004
    found = conflict_of(recipe(shares={"web": 0.6, "textbook": 0.2, "forum": 0.2}), origins)
    assert found is not None
    assert "synthetic_max = 0.3 (0.4 would do" in found
    # What needs labels is not known before the text is read.
    assert conflict_of(recipe(limits=(_asked("at_least", 1, {"domain": ["math"]}, {}),)), origins) is None


@pytest.mark.parametrize(("synthetic_max", "share"), [(0.5, 0.2), (0.1, 0.1)])
def test_the_tighter_cap_holds(synthetic_max: float, share: float) -> None:
    supplies = {"web": ("real", 1_000), "textbook": ("synthetic", 9_000)}
    made = planned(supplies, recipe(synthetic_max=synthetic_max, real_min=0.8))
    assert made["textbook"] / sum(made.values()) == pytest.approx(share)
