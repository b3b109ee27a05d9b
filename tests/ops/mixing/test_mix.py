"""Mix: what is kept of random corpora under random recipes, compared with a slow reference and with the limits."""

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from mix_twin import slow_times
from pydantic import ValidationError

from ops.contract import Refusal
from ops.kernels.tokens import count_tokens
from ops.mixing.mix import Mix
from ops.mixing.recipe import Cells, plan
from ops.tokenizers import ESTIMATE

ORIGIN = {"web": "real", "books": "real", "textbook": "synthetic", "forum": "unknown"}
SOURCES = sorted(ORIGIN)


def _text(tokens: int, number: int) -> str:
    """A text of so many tokens that no other number has: signs are no tokens."""
    return ("今" * tokens if tokens % 2 else "a " * tokens) + "." * number


DOCUMENTS = st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(0, 40)), max_size=60)
RECIPES = st.fixed_dictionaries(
    {},
    optional={
        "tokens": st.integers(1, 600),
        "synthetic_max": st.integers(0, 20).map(lambda n: n / 20),
        "real_min": st.integers(0, 20).map(lambda n: n / 20),
        "real_tokens_min": st.integers(0, 100),
        "seed": st.integers(0, 5),
        "shares": st.lists(st.integers(0, 4), min_size=4, max_size=4)
        .filter(any)
        .map(lambda w: {name: part / sum(w) for name, part in zip(SOURCES, w, strict=True)}),
    },
)


def _table(make_corpus: Callable, documents: list[tuple[str, int]]) -> pa.Table:
    return make_corpus(
        {"text": _text(size, n), "source": name, "origin": ORIGIN[name]} for n, (name, size) in enumerate(documents)
    )


def _cells_of(documents: list[tuple[str, int]], op: Mix) -> Cells:
    found = {name: 0 for name, _ in documents}
    for name, tokens in documents:
        found[name] += tokens
    found = dict(sorted(found.items())) | dict.fromkeys(sorted(set(op.shares) - set(found)), 0)
    origins = [ORIGIN[name] if any(name == one for one, _ in documents) else "unknown" for name in found]
    return Cells({"source": list(found), "origin": origins}, np.array(list(found.values()), np.int64))


def _kept(table: pa.Table, lost: dict) -> dict[str, list[int]]:
    """Return the tokens of the documents kept, by source."""
    out = defaultdict(list)
    for name, i, tokens in zip(
        table["source"].to_pylist(), table["id"].to_pylist(), count_tokens(table["text"]), strict=True
    ):
        if i not in lost:
            out[name].append(int(tokens))
    return out


@given(documents=DOCUMENTS, recipe=RECIPES)
@settings(max_examples=50)
def test_equals_its_twin_and_meets_its_limits(
    *,
    documents: list[tuple[str, int]],
    recipe: dict,
    make_corpus: Callable,
    sketch: Callable,
    decide: Callable,
    by_id: Callable,
) -> None:
    op = Mix(**recipe)
    table = _table(make_corpus, documents)
    sketches = sketch(op, table)
    try:
        found = decide(op, sketches)
    except Refusal:
        with pytest.raises(Refusal, match=r"\d"):
            slow_times(table, op)
        event("refused")
        return
    event("mixed")
    lost = by_id(sketches, found.goes)
    assert set(table["id"].to_pylist()) - set(lost) == {one for one, times in slow_times(table, op).items() if times}

    kept = _kept(table, lost)
    synthetic = sum(sum(tokens) for name, tokens in kept.items() if ORIGIN[name] != "real")
    total = sum(sum(tokens) for tokens in kept.values())
    assert synthetic <= Fraction(min(op.synthetic_max, 1 - op.real_min)) * total + Fraction(total, 10**9)
    assert total - synthetic >= op.real_tokens_min

    told = found.notes["sources"]
    for name, facts in told.items():
        longest = max((size for source, size in documents if source == name), default=0)
        assert facts["achieved_tokens"] == sum(kept[name])
        assert facts["supply_tokens"] == sum(size for source, size in documents if source == name)
        assert abs(facts["achieved_tokens"] - facts["planned_tokens"]) <= longest + 1
        if op.shares.get(name) == 0:
            assert kept[name] == []
    if op.tokens is not None:
        most_off = sum(max((size for source, size in documents if source == name), default=0) for name in told)
        assert abs(total - op.tokens) <= most_off + len(told)
    for verdict in lost.values():
        assert verdict["reason"] == "over_budget"
        assert verdict["kept_id"] is None


@given(documents=DOCUMENTS, recipe=RECIPES, seed=st.integers(0, 9))
@settings(max_examples=60)
def test_order_does_not_matter(
    *,
    documents: list[tuple[str, int]],
    recipe: dict,
    seed: int,
    make_corpus: Callable,
    survey: Callable,
    shuffled: Callable,
) -> None:
    op = Mix(**recipe)
    table = _table(make_corpus, documents)
    try:
        found = survey(op, table)
    except Refusal:
        return
    assert survey(op, shuffled(table, seed), unit_rows=1 + seed) == found


@given(documents=DOCUMENTS, recipe=RECIPES, parts=st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(max_examples=60)
def test_a_larger_budget_takes_a_superset(
    documents: list[tuple[str, int]], recipe: dict, parts: tuple[float, float], make_corpus: Callable, survey: Callable
) -> None:
    table = _table(make_corpus, documents)
    op = Mix(**{**recipe, "tokens": None, "real_tokens_min": 0})
    try:
        most = int(sum(plan(_cells_of(documents, op), op.recipe).tokens))
    except Refusal:
        return
    kept = set()
    for part in sorted(parts):
        budget = op.model_copy(update={"tokens": max(1, int(part * most))})
        if most:
            before, kept = kept, set(table["id"].to_pylist()) - set(survey(budget, table))
            assert before <= kept
    if most:
        assert kept <= set(table["id"].to_pylist()) - set(survey(op, table))


def _big(make_corpus: Callable, documents: int) -> pa.Table:
    return _table(make_corpus, [(SOURCES[n % 4], 5 + n * n % 37) for n in range(documents)])


def test_one_per_cent_more_documents_change_little(make_corpus: Callable, survey: Callable) -> None:
    op = Mix(tokens=30_000, shares={"web": 0.5, "books": 0.3, "textbook": 0.15, "forum": 0.05}, seed=7)
    before, after = _big(make_corpus, 10_000), _big(make_corpus, 10_100)
    kept = [set(table["id"].to_pylist()) - set(survey(op, table)) for table in (before, after)]
    assert len(kept[0] ^ kept[1]) < 0.04 * len(kept[0])


def test_a_seed_is_a_draw(make_corpus: Callable, survey: Callable) -> None:
    table = _big(make_corpus, 4_000)
    kept = [set(table["id"].to_pylist()) - set(survey(Mix(tokens=20_000, seed=seed), table)) for seed in (1, 2)]
    share = len(kept[0]) / table.num_rows
    assert len(kept[0] & kept[1]) == pytest.approx(share * len(kept[0]), rel=0.15)  # as independent draws do


def test_the_draw_does_not_look_at_length(make_corpus: Callable, survey: Callable) -> None:
    table = _big(make_corpus, 4_000)
    found = survey(Mix(tokens=20_000, seed=3), table)
    kept = [tokens for sizes in _kept(table, found).values() for tokens in sizes]
    everything = count_tokens(table["text"])
    assert sum(kept) / len(kept) == pytest.approx(everything.mean(), rel=0.05)


def test_no_limit_keeps_everything(make_corpus: Callable, survey: Callable) -> None:
    table = _table(make_corpus, [("web", n) for n in (0, 5, 0, 7, 0)] + [("books", 3), ("books", 0)])
    assert survey(Mix(), table) == {}
    assert survey(Mix(synthetic_max=1), _table(make_corpus, [("textbook", 5), ("forum", 0), ("forum", 3)])) == {}


def test_only_synthetic_text_is_no_mix(make_corpus: Callable, survey: Callable) -> None:
    """The default cap of 0.3 cannot be met without real text."""
    table = _table(make_corpus, [("textbook", n) for n in range(20)] + [("forum", 5)])
    with pytest.raises(Refusal, match="with 0 real tokens and 195 others: no text would be left"):
        survey(Mix(), table)
    with pytest.raises(Refusal, match="0 real tokens"):
        survey(Mix(tokens=10), table)
    assert survey(Mix(synthetic_max=1), table) == {}


def test_a_share_of_zero_keeps_nothing(make_corpus: Callable, survey: Callable) -> None:
    table = _table(make_corpus, [("web", 10)] * 10 + [("books", 0)] * 3 + [("books", 9)] * 3 + [("textbook", 0)] * 3)
    lost = survey(Mix(shares={"web": 1, "books": 0, "textbook": 0}), table)
    assert set(_kept(table, lost)) == {"web"}
    assert len(lost) == 9


def test_a_source_that_the_shares_do_not_name_keeps_nothing(make_corpus: Callable, survey: Callable) -> None:
    table = _table(make_corpus, [("web", 10)] * 10 + [("books", 9)] * 3)
    assert set(_kept(table, survey(Mix(shares={"web": 1}), table))) == {"web"}


@pytest.mark.parametrize(("tokens", "kept"), [(None, 1), (1, 1), (10, 1)])
def test_one_document(tokens: int | None, kept: int, make_corpus: Callable, survey: Callable) -> None:
    table = _table(make_corpus, [("web", 10)])
    assert 1 - len(survey(Mix(tokens=tokens), table)) == kept
    with pytest.raises(Refusal, match="11"):
        survey(Mix(tokens=11), table)


def test_an_empty_corpus(make_corpus: Callable, survey: Callable) -> None:
    assert survey(Mix(), make_corpus([])) == {}
    with pytest.raises(Refusal, match="tokens = 5"):
        survey(Mix(tokens=5), make_corpus([]))


def test_the_notes_say_planned_and_achieved(make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    op = Mix(tokens=100, shares={"web": 0.7, "textbook": 0.3}, seed=1)
    table = _table(make_corpus, [("web", 9)] * 20 + [("textbook", 7)] * 20)
    notes = decide(op, sketch(op, table)).notes
    assert notes["tokenizer"] == ESTIMATE
    assert notes["sources"] == {
        "textbook": {
            "origin": "synthetic",
            "supply_tokens": 140,
            "unique_tokens": 140,
            "planned_tokens": 30,
            "achieved_tokens": 28,  # rounded down
            "planned_share": 0.3,
            "achieved_share": 0.28,
            "unused_tokens": 112,
            "epochs": 1.0,
            "planned_effective_tokens": 30,
            "achieved_effective_tokens": 28,
            "bound_by": "synthetic_max, tokens, shares.textbook",
        },
        "web": {
            "origin": "real",
            "supply_tokens": 180,
            "unique_tokens": 180,
            "planned_tokens": 70,
            "achieved_tokens": 72,  # rounded up
            "planned_share": 0.7,
            "achieved_share": 0.72,
            "unused_tokens": 108,
            "epochs": 1.0,
            "planned_effective_tokens": 70,
            "achieved_effective_tokens": 72,
            "bound_by": "tokens, shares.web",
        },
    }


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"shares": {"a": 0.5, "b": 0.6}}, "shares sum to 1.1"),
        ({"shares": {"a": 1.5, "b": -0.5}}, "must not be negative"),
        ({"tokens": 0}, "tokens"),
        ({"synthetic_max": 1.1}, "synthetic_max"),
        ({"real_min": -0.1}, "real_min"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
    ],
)
def test_wrong_settings(given_: dict, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Mix(**given_)


LABELLED = [
    ("books", "real", "math", 30),
    ("books", "real", "prose", 300),
    ("textbook", "synthetic", "math", 200),
    ("textbook", "synthetic", None, 90),
    ("web", "real", "math", 50),
    ("web", "real", "prose", 500),
]


def _labelled(make_corpus: Callable) -> pa.Table:
    rows = [
        {"text": _text(5, 1000 * number + n), "source": source, "origin": origin, "domain": domain}
        for number, (source, origin, domain, documents) in enumerate(LABELLED)
        for n in range(documents)
    ]
    return make_corpus(rows)


def _tokens_kept(table: pa.Table, lost: dict, **labels: str) -> int:
    return sum(
        int(tokens)
        for row, tokens in zip(table.to_pylist(), count_tokens(table["text"]), strict=True)
        if row["id"] not in lost and all(row[name] == value for name, value in labels.items())
    )


def test_limits_by_any_column(make_corpus: Callable, survey: Callable) -> None:
    table = _labelled(make_corpus)
    op = Mix(
        tokens=3_000,
        limits=[
            {"where": {"domain": "math", "origin": "synthetic"}, "of": {"domain": "math"}, "share_max": 0.5},
            {"where": {"domain": "math"}, "share_min": 0.2},
            {"where": {"source": "books"}, "tokens": 1_000},
        ],
    )
    assert op.needs == ("text", "source", "origin", "domain")
    lost = survey(op, table)
    math_tokens = _tokens_kept(table, lost, domain="math")
    assert math_tokens >= 0.2 * 3_000
    assert _tokens_kept(table, lost, domain="math", origin="synthetic") <= 0.5 * math_tokens
    assert _tokens_kept(table, lost, source="books") == pytest.approx(1_000, abs=10)
    assert _tokens_kept(table, lost) == pytest.approx(3_000, abs=25)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"where": {"source": "web"}}, "exactly one of tokens"),
        ({"where": {"source": "web"}, "tokens": 5, "share": 0.5}, "exactly one of tokens"),
        ({"where": {"source": "web"}, "tokens": 5, "of": {"domain": "math"}}, "`of` is for shares"),
        ({"where": {}, "tokens": 5}, "at least 1"),
        ({"where": {"source": "web"}, "share_max": 1.5}, "less than or equal to 1"),
        ({"where": {"source": "web"}, "sahre_max": 0.5}, "sahre_max"),
    ],
)
def test_limits_that_are_none(limit: dict, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Mix(limits=[limit])


def test_alpha_needs_a_budget() -> None:
    with pytest.raises(ValidationError, match="alpha says how `tokens` are divided"):
        Mix(alpha=0.3)
