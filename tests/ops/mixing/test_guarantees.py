"""The guarantees of a mix, each by its number: of budgets, order, repeats, caps, floors and refusals."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from mix_twin import ORIGIN, random_corpus, random_recipe, slow_times, text_of

from ops.contract import Refusal
from ops.kernels.tokens import count_tokens
from ops.mixing.mix import Mix

Take = Callable[..., Any]


def is_within(op: Mix, row: dict[str, Any]) -> bool:
    return all(row[column] in values for column, values in op.within.items())


def kept_by(table: pa.Table, times: dict[str, int], *columns: str) -> Counter[tuple[str, ...]]:
    """Tokens taken, every copy counted, by some columns."""
    kept: Counter[tuple[str, ...]] = Counter()
    for row, tokens in zip(table.to_pylist(), count_tokens(table["text"]).tolist(), strict=True):
        kept[tuple(row[column] for column in columns)] += tokens * times[row["id"]]
    return kept


@given(seed=st.integers(0, 10**9))
@settings(max_examples=40)
def test_g1_to_g5_random_recipes_equal_their_twin_and_keep_to_their_limits(
    seed: int, make_corpus: Callable, take: Take
) -> None:
    random = Random(seed)
    table, op = make_corpus(random_corpus(random)), Mix(**random_recipe(random))
    try:
        times, notes = take(op, table, unit_rows=random.randrange(1, 40))
    except Refusal as refused:
        with pytest.raises(Refusal, match=re.escape(str(refused))):
            slow_times(table, op)
        event("refused")
        return
    event("repeated" if max(times.values(), default=0) > 1 else "mixed")
    assert times == slow_times(table, op)
    assert all(times[row["id"]] == 1 for row in table.to_pylist() if not is_within(op, row))
    rows = [row for row in table.to_pylist() if is_within(op, row)]
    table = make_corpus(rows)
    longest = max(count_tokens(table["text"]).tolist(), default=0)
    kept = kept_by(table, times, "source", "origin")
    total = sum(kept.values())
    assert op.tokens is not None
    assert abs(total - op.tokens) <= max(longest, 0.001 * op.tokens)
    for one in notes["sources"].values():
        assert abs(one["achieved_tokens"] - one["planned_tokens"]) <= max(longest, 0.001 * op.tokens) + 0.5
    of_origin = kept_by(table, times, "origin")
    assert total - of_origin[("real",)] <= Fraction(op.synthetic_max) * total + Fraction(1, 10**6)
    of_content: Counter[str] = Counter()
    for row in rows:
        of_content[row["text"]] += times[row["id"]]
    most = max([op.epochs_max, *(limit.epochs_max or 0 for limit in op.limits)])
    assert all(count <= most for text, count in of_content.items() if text)
    assert {name: one["achieved_tokens"] for name, one in notes["sources"].items()} == {
        name: kept[(name, ORIGIN[name])] for name in {row["source"] for row in rows}
    }


@pytest.mark.parametrize("unit_rows", [1, 100, 10_000])
def test_g1_budgets_of_sources_are_met_to_a_document(make_corpus: Callable, take: Take, unit_rows: int) -> None:
    table = big(make_corpus)
    shares = {"web": 0.4, "books": 0.35, "textbook": 0.2, "forum": 0.05}
    if unit_rows == 1:
        table = table.slice(0, 300)
    budget = int(sum(count_tokens(table["text"])) * 0.35)
    times, notes = take(Mix(tokens=budget, shares=shares), table, unit_rows)
    for name, share in shares.items():
        assert abs(kept_by(table, times, "source")[(name,)] - share * budget) <= 40
        assert notes["sources"][name]["planned_tokens"] == round(share * budget)


def big(make_corpus: Callable, documents: int = 4_000) -> pa.Table:
    names = sorted(ORIGIN)
    rows = (
        {
            "text": text_of(5 + n * n % 37, n),
            "source": names[n % 4],
            "origin": ORIGIN[names[n % 4]],
            "score": n * 7 % 101,
        }
        for n in range(documents)
    )
    return make_corpus(rows)


def test_g3_nobody_is_taken_twice_before_everybody_was_taken_once(make_corpus: Callable, take: Take) -> None:
    table = big(make_corpus, 1_000)
    supply = int(sum(count_tokens(table["text"])))
    times, notes = take(Mix(tokens=int(2.3 * supply), epochs_max=4, synthetic_max=0.5), table)
    assert {*times.values()} == {2, 3}
    assert sum(count == 3 for count in times.values()) == pytest.approx(300, rel=0.1)
    assert notes["sources"]["web"]["epochs"] == pytest.approx(2.3, rel=0.02)
    assert notes["sources"]["web"]["unused_tokens"] == 0


def test_g3_copies_of_one_content_share_its_epochs_across_sources_and_cells(make_corpus: Callable, take: Take) -> None:
    sources = ["web", "books", "textbook", "web", "books"]
    rows = [{"text": text_of(10, n), "source": name, "origin": ORIGIN[name]} for n in range(50) for name in sources]
    table = make_corpus(rows)
    for epochs in (1, 2, 4, 7):
        times, _ = take(Mix(tokens=500 * epochs, epochs_max=epochs, synthetic_max=1), table)
        of_content: Counter[str] = Counter()
        for row in table.to_pylist():
            of_content[row["text"]] += times[row["id"]]
        assert {*of_content.values()} == {epochs}
    with pytest.raises(Refusal, match="tokens = 501"):
        take(Mix(tokens=501, synthetic_max=1), table)
    # With one copy it is a real document that has it.
    times, _ = take(Mix(tokens=500), table)
    assert not kept_by(table, times, "origin")[("synthetic",)]


def test_g3_sources_may_have_limits_of_their_own(make_corpus: Callable, take: Take) -> None:
    table = make_corpus(
        [{"text": text_of(10, n), "source": ["web", "books"][n % 2], "origin": "real"} for n in range(100)]
    )
    op = Mix(tokens=2_500, epochs_max=1, limits=[{"where": {"source": "books"}, "epochs_max": 4}])
    times, notes = take(op, table)
    assert kept_by(table, times, "source") == {("web",): 500, ("books",): 2_000}
    assert notes["sources"]["books"] | {"epochs": 4.0, "bound_by": "supply"} == notes["sources"]["books"] | {
        "bound_by": "supply"
    }
    with pytest.raises(Refusal, match=r"'books' has 500 tokens, 2,000 with all copies allowed \(2,001 would do\)"):
        take(op.model_copy(update={"tokens": 2_501}), table)


def test_a_larger_budget_takes_a_superset_of_copies_too(make_corpus: Callable, take: Take) -> None:
    table = big(make_corpus, 600)
    for more in ({}, {"importance": "score"}, {"curves": [{"source": "web", "column": "score", "drop_share": 0.3}]}):
        before: dict[str, int] = defaultdict(int)
        for tokens in (1_000, 5_000, 20_000, 30_000):
            times, _ = take(Mix(tokens=tokens, epochs_max=4, synthetic_max=1, **more), table)
            assert all(times[one] >= count for one, count in before.items())
            before = times


def test_one_per_cent_more_documents_change_about_one_per_cent_of_the_copies(make_corpus: Callable, take: Take) -> None:
    before, after = (big(make_corpus, documents) for documents in (4_000, 4_040))
    op = Mix(tokens=150_000, epochs_max=4, synthetic_max=0.5)
    one, other = (take(op, table, 500)[0] for table in (before, after))
    changed = sum(abs(one.get(name, 0) - count) for name, count in other.items())
    assert changed < 0.04 * sum(one.values())


@pytest.mark.parametrize(("cap", "share"), [(0.0, 0.0), (0.25, 0.25), (1.0, 0.5)])
def test_g4_caps_on_what_is_not_real_hold_to_the_token(
    make_corpus: Callable, take: Take, cap: float, share: float
) -> None:
    table = big(make_corpus, 2_000)
    times, _ = take(Mix(tokens=20_000, synthetic_max=cap), table)
    kept = kept_by(table, times, "origin")
    total = sum(kept.values())
    assert kept[("synthetic",)] + kept[("unknown",)] <= cap * total
    assert (kept[("synthetic",)] + kept[("unknown",)]) / total == pytest.approx(share, abs=0.01)


def test_g4_unknown_never_counts_as_real_and_nothing_real_makes_no_mix(make_corpus: Callable, take: Take) -> None:
    rows = [{"text": text_of(9, n), "source": "forum", "origin": "unknown"} for n in range(50)]
    with pytest.raises(Refusal, match="with 0 real tokens and 450 others"):
        take(Mix(tokens=100), make_corpus(rows))


def test_g5_real_text_that_is_short_is_refused_and_never_filled_up(make_corpus: Callable, take: Take) -> None:
    table = big(make_corpus, 400)
    real = sum(
        size for row, size in zip(table.to_pylist(), count_tokens(table["text"]).tolist(), strict=True)
        if row["origin"] == "real"
    )  # fmt: skip
    with pytest.raises(Refusal, match="real_tokens_min"):
        take(Mix(real_tokens_min=real + 1), table)
    with pytest.raises(Refusal, match=r"real_min|synthetic_max"):
        take(Mix(tokens=real + 2_000, real_min=0.9), table)
    # Repeats fill it up only where they are asked for.
    times, _ = take(Mix(tokens=2 * real, real_tokens_min=real + 1, epochs_max=2), table)
    assert kept_by(table, times, "origin")[("real",)] > real


def test_g13_a_refusal_names_repeats_and_costs_with_their_numbers(make_corpus: Callable, take: Take) -> None:
    table = make_corpus([{"text": text_of(10, n), "source": "web", "origin": "real"} for n in range(100)])
    with pytest.raises(Refusal, match=r"'web' has 1,000 tokens, 2,000 with all copies allowed \(5,000 would do\)"):
        take(Mix(tokens=5_000, epochs_max=2), table)
    op = Mix(tokens=500, cost_per_million_tokens={"web": 2_000_000}, cost_max=800)
    with pytest.raises(Refusal, match=r"tokens = 500 \(400 would do\); cost_max = 800 \(1,000 would do\)"):
        take(op, table)
    times, _ = take(op.model_copy(update={"tokens": 400}), table)
    assert sum(times.values()) == 40


def test_unimax_is_uniform_with_a_cap_of_epochs(make_corpus: Callable, take: Take) -> None:
    """Chung et al., 2023: the smallest first, each an equal part of what is left, at most its epochs."""
    have = {"a": 50, "b": 300, "c": 900, "d": 4_000}
    rows = [
        {"text": text_of(10, len(name) + 1_000 * "abcd".index(name) + n), "source": name, "origin": "real"}
        for name, tokens in have.items()
        for n in range(tokens // 10)
    ]
    for budget, epochs in ((3_000, 4), (7_000, 3), (600, 1)):
        left, expected = float(budget), {}
        for n, name in enumerate(sorted(have, key=lambda one: have[one])):
            expected[name] = min(epochs * have[name], left / (len(have) - n))
            left -= expected[name]
        _, notes = take(Mix(tokens=budget, epochs_max=epochs, weights="unimax"), make_corpus(rows), 100)
        assert {name: one["planned_tokens"] for name, one in notes["sources"].items()} == {
            name: round(tokens) for name, tokens in expected.items()
        }


def test_weights_are_followed_as_far_as_there_is_text(make_corpus: Callable, take: Take) -> None:
    table = make_corpus(
        [{"text": text_of(10, n), "source": ["web", "books", "c"][n % 3], "origin": "real"} for n in range(300)]
    )
    _, notes = take(Mix(tokens=900, weights={"web": 6, "books": 2, "c": 1}), table)
    assert {name: one["planned_tokens"] for name, one in notes["sources"].items()} == {
        "web": 600,
        "books": 200,
        "c": 100,
    }
    _, notes = take(Mix(tokens=2_100, weights={"web": 6, "books": 2, "c": 1}), table)
    assert {name: one["planned_tokens"] for name, one in notes["sources"].items()} == {
        "web": 1_000, "books": 733, "c": 367
    }  # fmt: skip
    with pytest.raises(Refusal, match=r"weights.c = 0"):
        take(Mix(tokens=2_001, weights={"web": 6, "books": 2, "c": 0}), table)


def test_a_quality_curve_drops_the_bottom_repeats_the_top_and_meets_its_budget(
    make_corpus: Callable, take: Take
) -> None:
    draw = np.random.default_rng(1)
    scores = draw.normal(size=6_000)
    rows = [
        {"text": text_of(9 + n % 7, n), "source": "web", "origin": "real", "score": float(score)}
        for n, score in enumerate(scores)
    ]
    table = make_corpus(rows)
    supply = int(sum(count_tokens(table["text"])))
    op = Mix(tokens=supply, epochs_max=5, curves=[{"source": "web", "column": "score", "drop_share": 0.4}])
    times, notes = take(op, table, 1_000)
    assert sum(kept_by(table, times, "source").values()) == pytest.approx(supply, rel=0.001)
    told = notes["curves"]["web, real"]
    planned, achieved = told["planned_factors"], told["achieved_factors"]
    assert sum(planned) / 20 == pytest.approx(1, rel=0.02)
    assert sum(achieved) / 20 == pytest.approx(1, rel=0.01)
    assert planned == sorted(planned)
    assert planned[:8] == achieved[:8] == [0] * 8
    assert achieved == pytest.approx(planned, abs=0.12)
    assert 4.5 < achieved[-1] <= 5
    cut = np.quantile(scores, 0.39)
    assert not any(times[row["id"]] for row, score in zip(table.to_pylist(), scores, strict=True) if score < cut)
    # However it is cut into units.
    assert take(op, table, 6_000)[0] == times


def test_documents_of_one_quality_or_of_none_are_dropped_by_chance(make_corpus: Callable, take: Take) -> None:
    rows = [{"text": text_of(10, n), "source": "web", "origin": "real", "score": None} for n in range(1_000)]
    times, _ = take(Mix(curves=[{"source": "web", "column": "score", "drop_share": 0.4}]), make_corpus(rows), 300)
    assert sum(times.values()) == pytest.approx(600, abs=45)
    some = [row | {"score": 0.5 if n % 2 else None} for n, row in enumerate(rows)]
    times, _ = take(Mix(curves=[{"source": "web", "column": "score", "drop_share": 0.5}]), make_corpus(some), 300)
    assert sum(count for one, count in times.items() if int(one[1:]) % 2 == 0) <= 1


def test_importance_draws_what_is_heavier_sooner_in_the_proportions_of_the_weights(
    make_corpus: Callable, take: Take
) -> None:
    weights = [1.0, 2.0, 8.0]
    rows = [
        {"text": text_of(10, n), "source": "web", "origin": "real", "w": float(np.log(weights[n % 3]))}
        for n in range(6_000)
    ]
    times, _ = take(Mix(tokens=3_000, importance="w"), make_corpus(rows), 1_000)
    counts = Counter(int(one[1:]) % 3 for one, count in times.items() if count)
    assert [counts[n] / counts[0] for n in (1, 2)] == pytest.approx([2, 8], rel=0.4)
    # What has no weight comes last, and by chance among itself.
    none = [row | {"w": row["w"] if n < 300 else None} for n, row in enumerate(rows)]
    times, _ = take(Mix(tokens=4_000, importance="w"), make_corpus(none), 1_000)
    taken = [int(one[1:]) for one, count in times.items() if count]
    assert sum(n < 300 for n in taken) == 300
    assert np.mean([n for n in taken if n >= 300]) == pytest.approx(3_150, rel=0.2)


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"epochs_max": 2}, "epochs_max says how often .* give tokens"),
        ({"epochs_max": 65, "tokens": 5}, "epochs_max"),
        ({"tokens": 5, "weights": {"a": 1}, "shares": {"a": 1}}, "shares and weights each say"),
        ({"tokens": 5, "weights": "unimax", "alpha": 0.3}, "alpha and weights each say"),
        ({"weights": {"a": 1}}, "weights says how"),
        ({"tokens": 5, "weights": {"a": -1}}, "must not be negative"),
        ({"tokens": 5, "weights": {"a": 0}}, "no weight is above 0"),
        ({"curves": [{"source": "a", "column": "q"}], "importance": "q"}, "curves and importance both"),
        ({"curves": [{"source": "a", "column": "q"}] * 2}, "a source has more than one"),
        ({"cost_max": 5}, "need each other"),
    ],
)
def test_settings_that_cannot_be(given_: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Mix(**given_)
