"""The guard: real text passes, a collapsed corpus is refused with metric, value and limit, in English and Chinese."""

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.collapse.guard import CollapseGuard
from ops.collapse.metrics import METRICS
from ops.contract import Refusal

WORDS = 4_000


def text_of(draw: np.random.Generator, kinds: int, joined: str) -> str:
    """150 words by Zipf's law, of so many different ones."""
    numbers = np.minimum(draw.zipf(1.25, 150), kinds)
    return joined.join(f"w{n}" if joined else chr(0x4E00 + int(n)) for n in numbers)


def documents(count: int, *, kinds: int = WORDS, seed: int = 1, joined: str = " ", **columns: object) -> pa.Table:
    draw = np.random.default_rng(seed)
    told = {"source": "web", "origin": "real", "generator": None, "depth": 0} | columns
    return pa.table(
        {
            "id": [f"{seed}-{n}" for n in range(count)],
            "text": [text_of(draw, kinds, joined) for _ in range(count)],
            **{name: pa.array([value] * count, pa.string()) for name, value in told.items() if name != "depth"},
            "depth": pa.array([told["depth"]] * count, pa.int8()),
        }
    )


def concluded(op: CollapseGuard, *tables: pa.Table) -> dict:
    """Conclude on tables, each a unit."""
    return dict(op.conclude(pa.concat_tables([op.condense(op.thin(op.sketch(table))) for table in tables])))


def guard(**settings: object) -> CollapseGuard:
    return CollapseGuard(sample_tokens=5_000, **{"sample_share": 1.0} | settings)  # type: ignore[arg-type]


SYNTHETIC = {"source": "textbook", "origin": "synthetic", "generator": "model@1", "depth": 1}


@pytest.mark.parametrize("joined", [" ", ""], ids=["en", "zh"])
@pytest.mark.parametrize("seed", range(5))
def test_real_text_passes(joined: str, seed: int) -> None:
    told = concluded(guard(), documents(600, joined=joined, seed=seed))
    found = told["groups"]["all"]["metrics"]
    assert set(found) == set(METRICS)
    for name, metric in found.items():
        assert metric["real_low"] <= metric["value"] <= metric["real_high"], name


@pytest.mark.parametrize("joined", [" ", ""], ids=["en", "zh"])
def test_a_collapsed_corpus_is_refused_with_metric_value_and_limit(joined: str) -> None:
    real = documents(600, joined=joined, source="before", origin="unknown")
    poor = documents(600, kinds=60, seed=2, joined=joined, **SYNTHETIC)
    with pytest.raises(Refusal) as told:
        concluded(guard(against=("before",)), poor, real)
    lines = str(told.value).split("; ")
    assert lines[0].startswith("tail_coverage of all is 0, must")
    assert "must be at least 0." in lines[0]
    assert lines[1].startswith("template_concentration of all is 0.")
    assert "must be at most" in lines[1]


def test_each_source_generator_and_depth_is_told() -> None:
    told = concluded(guard(gates=()), documents(600), documents(200, kinds=60, seed=2, **SYNTHETIC))
    assert list(told["groups"]) == [
        "all", "source=textbook", "source=web", "generator=model@1", "depth=0", "depth=1",
    ]  # fmt: skip
    poor, real = (told["groups"][name]["metrics"] for name in ("generator=model@1", "source=web"))
    assert poor["tail_coverage"]["value"] < poor["tail_coverage"]["real_low"]
    assert poor["template_concentration"]["value"] > poor["template_concentration"]["real_high"]
    assert real["tail_coverage"]["value"] >= real["tail_coverage"]["real_low"]


def test_a_gate_may_be_of_one_group() -> None:
    tables = (documents(600), documents(60, kinds=60, seed=2, **SYNTHETIC))
    assert concluded(guard(), *tables)["groups"]  # a tenth of the whole
    gates = [{"metric": "distinct_3", "of": "generator=model@1"}]
    with pytest.raises(Refusal, match="distinct_3 of generator=model@1 is"):
        concluded(guard(gates=gates), *tables)
    assert concluded(guard(gates=[gates[0] | {"margin": 0.9}]), *tables)["groups"]


def test_what_documents_are_cut_into_does_not_matter() -> None:
    table = pa.concat_tables([documents(400), documents(200, kinds=300, seed=2, **SYNTHETIC)])
    shuffled = table.take(pa.array(np.random.default_rng(5).permutation(table.num_rows)))
    op = guard(gates=())
    whole = concluded(op, table)
    assert whole == concluded(op, *(table.slice(start, 37) for start in range(0, 600, 37)))
    assert whole == concluded(op, shuffled.slice(0, 500), shuffled.slice(500))


def test_a_share_of_the_documents_is_looked_at() -> None:
    op = guard(sample_share=0.25)
    table = documents(2_000)
    looked_at = op.sketch(table)["tokens"].is_valid()
    assert 400 < sum(looked_at.to_pylist()) < 600
    found = concluded(op, table)["groups"]["all"]
    assert found["tokens"] == 5_000
    assert found["metrics"]["tail_coverage"]["value"] >= found["metrics"]["tail_coverage"]["real_low"]


def test_too_little_real_text_is_refused() -> None:
    with pytest.raises(Refusal, match=r"tokens of real text, too few to compare with. Name references in `against`"):
        concluded(guard(), documents(600, **SYNTHETIC))
    assert concluded(guard(gates=()), documents(600, **SYNTHETIC))["groups"]["all"]["metrics"] == {}


def test_a_small_group_is_not_measured() -> None:
    told = concluded(guard(), documents(600), documents(5, kinds=60, seed=2, **SYNTHETIC))
    assert told["groups"]["generator=model@1"] == {"tokens": told["groups"]["depth=1"]["tokens"], "metrics": {}}


def test_a_gate_of_a_group_that_is_too_small_is_shut() -> None:
    tables = (documents(600), documents(5, kinds=60, seed=2, **SYNTHETIC))
    gate = {"metric": "distinct_3", "of": "generator=model@1"}
    with pytest.raises(Refusal, match=r"generator=model@1 has \d+ tokens in the sample, too few to tell distinct_3 of"):
        concluded(guard(gates=[gate]), *tables)
    assert concluded(guard(gates=[gate | {"of": "generator=model@2"}]), *tables)["groups"]


def test_a_gate_of_no_group_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="a gate of 'lang=en': name"):
        guard(gates=[{"metric": "distinct_3", "of": "lang=en"}])
    assert guard(gates=[{"metric": "distinct_3", "of": "lang=en"}], by=["lang"]).needs == (
        "text", "source", "origin", "lang",
    )  # fmt: skip
