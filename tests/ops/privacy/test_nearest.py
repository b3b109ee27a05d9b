"""Nearest records: copies of training rows are told and refused, rows of the same kind are not; chance is known."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.contract import Refusal
from ops.privacy.nearest import NearestRecords

JOBS = ["teacher", "nurse", "教师", "护士", "clerk", "书记员"]


def people(draw: np.random.Generator, count: int) -> list[dict[str, Any]]:
    """Rows of one kind: age and income hang together, as they do."""
    ages = draw.normal(45, 12, count)
    incomes = ages * 900 + draw.normal(0, 9000, count)
    return [
        {"age": f"{age:.0f}", "income": f"{income:.0f}", "job": JOBS[job]}
        for age, income, job in zip(ages, incomes, draw.integers(0, 6, count), strict=True)
    ]


def table(training: list[Any], held_out: list[Any], synthetic: list[Any]) -> pa.Table:
    sides = (("patients", "unknown", training), ("others", "unknown", held_out), ("rows", "generated", synthetic))
    rows = [
        {"id": f"{source}-{n}", "source": source, "origin": origin, **row}
        for source, origin, some in sides
        for n, row in enumerate(some)
    ]
    names = ("id", "source", "origin", "age", "income", "job")
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


def op(**settings: Any) -> NearestRecords:
    columns = {"numbers": ["age", "income"], "categories": ["job"]}
    return NearestRecords(**({"training": ["patients"], "held_out": ["others"], "seed": 1} | columns | settings))


def told(one: NearestRecords, batch: pa.Table) -> dict[str, Any]:
    return one.conclude(one.condense(one.sketch(batch)))


@pytest.mark.parametrize(("training", "held_out"), [(1000, 1000), (3000, 500)])
def test_rows_of_the_same_kind_are_as_near_to_both_sides(training: int, held_out: int) -> None:
    shares = []
    for seed in range(6):
        draw = np.random.default_rng(seed)
        found = told(op(), table(people(draw, training), people(draw, held_out), people(draw, 600)))
        assert found["expected"] == pytest.approx(training / (training + held_out), abs=1e-6)
        shares.append(found["nearer_to_training"] - found["expected"])
        assert found["nearer_to_training"] <= found["limit"]
    assert abs(np.mean(shares)) < 0.02


def test_copies_of_training_rows_are_refused() -> None:
    draw = np.random.default_rng(1)
    training, held_out = people(draw, 1000), people(draw, 1000)
    copies = [training[n] for n in draw.permutation(1000)[:500]]
    found = told(op(excess_max="off"), table(training, held_out, copies))
    assert found["nearer_to_training"] > 0.97
    assert (found["training_equal_share"], found["training_distance_median"]) == (1, 0)
    with pytest.raises(Refusal, match=r"nearest_records: 100\.0% of 500 synthetic rows are nearer .* is 50\.0%, and"):
        told(op(), table(training, held_out, copies))


def test_half_of_them_copies_with_a_slip_are_refused_and_one_in_fifty_is_not() -> None:
    draw = np.random.default_rng(2)
    training, held_out, made = people(draw, 2000), people(draw, 2000), people(draw, 2000)
    slips = [row | {"income": f"{int(row['income']) + 7}"} for row in training]
    with pytest.raises(Refusal):
        told(op(), table(training, held_out, slips[:1000] + made[:1000]))
    assert told(op(), table(training, held_out, slips[:40] + made[40:]))["nearer_to_training"] < 0.55


def test_what_chance_gives_is_what_a_random_split_gives() -> None:
    """Shares that random splits of people's rows give are beyond the limit in one of two hundred cases."""
    draw = np.random.default_rng(3)
    everyone, made = people(draw, 300), people(draw, 30) * 5  # rows that come again hang together
    beyond = 0
    for _ in range(200):
        order = draw.permutation(300)
        sides = [[everyone[n] for n in some] for some in (order[:100], order[100:])]
        found = told(op(excess_max="off"), table(*sides, made))
        beyond += found["nearer_to_training"] > found["limit"]
    assert beyond <= 6


def test_distances_are_gowers() -> None:
    training = [{"age": "20", "income": "0", "job": "nurse"}, {"age": "60", "income": "100", "job": "护士"}]
    made = [{"age": "30", "income": None, "job": "nurse"}] * 2
    found = told(op(excess_max="off"), table(training, [{"age": "70", "income": None, "job": "clerk"}], made))
    # (30 - 20) / 50, a missing income beside 0, the same job; and (70 - 30) / 50, both missing, another job.
    assert found["training_distance_median"] == pytest.approx((0.2 + 1 + 0) / 3, abs=1e-6)
    assert found["held_out_distance_median"] == pytest.approx((0.8 + 0 + 1) / 3, abs=1e-6)
    assert found["nearer_to_training"] == 1


def test_equally_near_rows_count_for_both_and_neither_column_nor_order_matters() -> None:
    same = [{"age": "20", "income": "5", "job": "教师"}]
    found = told(op(excess_max="off"), table(same * 3, same, same))
    assert (found["nearer_to_training"], found["expected"]) == (0.75, 0.75)
    assert (found["training_rows"], found["held_out_rows"], found["rows"]) == (3, 1, 1)


def test_however_rows_come_it_tells_the_same() -> None:
    draw = np.random.default_rng(4)
    batch = table(people(draw, 300), people(draw, 200), people(draw, 400))
    one = op(rows=150, excess_max="off")
    whole = told(one, batch)
    assert whole["rows"] == 150
    assert told(op(rows=150, excess_max="off", seed=2), batch) != whole
    shuffled = batch.take(pa.array(draw.permutation(batch.num_rows)))
    parts = [one.condense(one.sketch(shuffled.slice(start, 130))) for start in range(0, 900, 130)]
    assert one.conclude(one.condense(pa.concat_tables(parts))) == whole


def test_which_rows_are_synthetic() -> None:
    draw = np.random.default_rng(5)
    batch = table(people(draw, 50), people(draw, 50), people(draw, 20))
    assert told(op(excess_max="off"), batch)["rows"] == 20
    with pytest.raises(Refusal, match=r"no rows of synthetic \(nobody\)"):
        told(op(synthetic=["nobody"]), batch)
    with pytest.raises(Refusal, match=r"no rows of held_out \(nobody\)"):
        told(op(held_out=["nobody"]), batch)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"numbers": [], "categories": []}, "give `numbers` or `categories`"),
        ({"numbers": ["age"], "categories": ["age"]}, "columns: age is named twice"),
        ({"held_out": ["patients"]}, "training, held_out and synthetic: patients is named twice"),
        ({"excess_max": 1.0}, "less than 1"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        op(**settings)


def test_the_step_names_what_it_compares_with() -> None:
    assert op().against == ("patients", "others")
    assert set(op().needs) == {"source", "origin", "age", "income", "job"}
