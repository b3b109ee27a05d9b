"""G1 where sources have many cells: budgets are met to a document by each source and in all, caps to the token."""

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from mix_twin import ORIGIN, slow_times, text_of

from ops.contract import Refusal
from ops.kernels.tokens import count_tokens
from ops.mixing.mix import Mix

DOMAINS = ("law", "math", "medicine", "news", "prose", "science")
LANGS = ("de", "en", "zh")


def corpus_of_cells(random: Random, documents: int) -> list[dict[str, Any]]:
    """Documents of all sources in up to 18 cells each, short and long."""
    typical = {name: random.choice([3, 10, 30]) for name in ORIGIN}
    sources, domains = sorted(ORIGIN), DOMAINS[: random.randrange(1, 7)]
    rows = []
    for n in range(documents):
        source = random.choice(sources)
        size = min(200, int(typical[source] * random.lognormvariate(0, 1)))
        rows.append(
            {
                "text": text_of(size, n % 50),
                "source": source,
                "origin": ORIGIN[source],
                "domain": random.choice(domains),
                "lang": random.choice(LANGS),
            }
        )
    return rows


def recipe_of_cells(random: Random, supply: int, *, caps: bool) -> dict[str, Any]:
    """A budget, with limits on columns, so that each source is many cells; `caps` are on synthetic text."""
    found: dict[str, Any] = {"tokens": random.randrange(1, supply // 2), "seed": random.randrange(5)}
    found["synthetic_max"] = random.choice([0.2, 0.5, 1.0])
    limits: list[dict[str, Any]] = []
    for column, values in (("domain", DOMAINS), ("lang", LANGS)):
        share = random.choice([0.05, 0.2, 0.4])
        limits.append({"where": {column: random.choice(values)}, random.choice(["share_min", "share_max"]): share})
    if caps:
        domain = random.choice(DOMAINS)
        where = {"domain": domain, "origin": ["synthetic", "unknown"]}
        limits.append({"where": where, "of": {"domain": domain}, "share_max": random.choice([0.1, 0.3])})
    if random.random() < 0.3:
        found["epochs_max"] = 3
    return found | {"limits": limits}


def tokens_of(table: pa.Table, times: dict[str, int], *columns: str) -> Counter[tuple[str, ...]]:
    kept: Counter[tuple[str, ...]] = Counter()
    for row, tokens in zip(table.to_pylist(), count_tokens(table["text"]).tolist(), strict=True):
        kept[tuple(row[column] for column in columns)] += tokens * times[row["id"]]
    return kept


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60)
def test_sources_of_many_cells_meet_their_budgets_to_a_document(
    seed: int, make_corpus: Callable, take: Callable[..., Any]
) -> None:
    random = Random(seed)
    table = make_corpus(corpus_of_cells(random, random.randrange(50, 400)))
    supply = sum(count_tokens(table["text"]).tolist())
    op = Mix(**recipe_of_cells(random, supply, caps=False))
    try:
        times, notes = take(op, table, unit_rows=random.randrange(20, 400))
    except Refusal as refused:
        with pytest.raises(Refusal, match=re.escape(str(refused))):
            slow_times(table, op)
        return
    event("mixed")
    assert times == slow_times(table, op)
    longest = max(count_tokens(table["text"]).tolist())
    near = max(longest, 0.001 * (op.tokens or 0))
    for name, told in notes["sources"].items():
        assert abs(told["achieved_tokens"] - told["planned_tokens"]) <= near + 0.5, name
    kept = tokens_of(table, times, "origin")
    total = sum(kept.values())
    assert abs(total - (op.tokens or 0)) <= near
    assert total - kept[("real",)] <= Fraction(op.synthetic_max) * total + Fraction(1, 10**6)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=30)
def test_caps_by_a_column_hold_to_the_token_whatever_sources_miss_for_it(
    seed: int, make_corpus: Callable, take: Callable[..., Any]
) -> None:
    random = Random(seed)
    table = make_corpus(corpus_of_cells(random, random.randrange(50, 400)))
    supply = sum(count_tokens(table["text"]).tolist())
    op = Mix(**recipe_of_cells(random, supply, caps=True))
    try:
        times, notes = take(op, table)
    except Refusal:
        return
    event("mixed")
    assert times == slow_times(table, op)
    cap = op.limits[-1]
    (domain,) = cap.where["domain"]
    kept = tokens_of(table, times, "domain", "origin")
    others = kept[(domain, "synthetic")] + kept[(domain, "unknown")]
    assert others <= Fraction(cap.share_max or 0) * (others + kept[(domain, "real")]) + Fraction(1, 10**6)
    longest = max(count_tokens(table["text"]).tolist())
    for told in notes["sources"].values():
        held = len(LANGS) + 1  # the cells of a source that are of the domain, each rounded for itself, and the rest
        assert abs(told["achieved_tokens"] - told["planned_tokens"]) <= held * longest


@given(seed=st.integers(0, 10**9), parts=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1)))
@settings(max_examples=30)
def test_a_larger_budget_takes_a_superset_of_every_cell(
    seed: int, parts: tuple[float, ...], make_corpus: Callable
) -> None:
    """Also where some sources have a budget of their own, and grow no more."""
    random = Random(seed)
    table = make_corpus(corpus_of_cells(random, random.randrange(50, 300)))
    supply = sum(count_tokens(table["text"]).tolist())
    limits = [{"where": {"domain": "law"}, "epochs_max": 2}]
    if random.random() < 0.5:
        limits.append({"where": {"source": "web"}, "tokens": random.randrange(1, 200)})
    settings_ = {"epochs_max": 2, "synthetic_max": random.choice([0.3, 1.0]), "alpha": random.choice([0.0, 0.5, 1.0])}
    before: dict[str, int] = {}
    for part in sorted(parts):
        op = Mix(tokens=max(200, int(part * supply)), limits=limits, **settings_)
        try:
            now = slow_times(table, op)
        except Refusal:
            return
        event("mixed")
        assert all(now[one] >= count for one, count in before.items())
        before = now


def test_budgets_of_sources_are_met_whatever_their_cells_leave_over(make_corpus: Callable, take: Callable) -> None:
    """Each of fifty cells has room for four documents and most of a fifth: on its own, each would leave that out."""
    rows = [
        {"text": text_of(10, first + 20 * domain + n), "source": name, "origin": origin, "domain": f"d{domain}"}
        for first, name, origin in ((0, "web", "real"), (1_000, "made", "synthetic"))
        for domain in range(50)
        for n in range(20)
    ]
    limits = [{"where": {"domain": "none"}, "share_max": 0.5}]
    op = Mix(tokens=4_900, shares={"web": 0.5, "made": 0.5}, synthetic_max=0.5, limits=limits)
    _, notes = take(op, make_corpus(rows), 300)
    assert {name: one["achieved_tokens"] for name, one in notes["sources"].items()} == {"web": 2_450, "made": 2_450}
