"""Policy: each rule has its own reason, and what is not said is not allowed where it is asked for."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.columns import TERMS
from ops.provenance.policy import Policy, allowed_licenses


def reasons(op: Policy, table: pa.Table) -> list[str | None]:
    return [one and one["reason"] for one in op.judge(table).to_pylist()]


@pytest.fixture
def documents(make_corpus: Callable) -> Callable[..., pa.Table]:
    def made(rows: list[dict]) -> pa.Table:
        table = make_corpus(
            [{"license": None, "verifier": None, **{field.name: None for field in TERMS}, **row} for row in rows]
        )
        kinds = {"license": pa.string(), "verifier": pa.string(), **{field.name: field.type for field in TERMS}}
        for name, kind in kinds.items():
            values = pa.array([row.get(name) for row in rows], kind)
            table = table.set_column(table.schema.get_field_index(name), name, values)
        return table

    return made


def test_depth(documents: Callable) -> None:
    rows = [
        {"origin": "real", "depth": 0},
        {"origin": "rewrite", "depth": 1},
        {"origin": "rewrite", "depth": 2},
        {"origin": "unknown"},
        {"origin": "generated", "depth": 0},
        {"origin": "real"},
    ]
    table = documents(rows)
    assert reasons(Policy(), table) == [None, None, "too_deep", None, None, None]
    assert Policy().judge(table)[2].as_py() == {"reason": "too_deep", "value": 2.0, "threshold": 1.0}
    # Unknown depth is depth 1, and text that is not real is never at depth 0.
    assert reasons(Policy(depth_max=0), table) == [None, *["too_deep"] * 5]
    assert reasons(Policy(depth_max=None), table) == [None] * 6


def test_licenses_by_id_and_group_in_any_spelling(documents: Callable) -> None:
    told = ["CC-BY-4.0", "mit", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "Elsewhere-1.0", "", None]
    table = documents([{"license": one} for one in told])
    unsaid = ["license_unsaid"] * 2
    no = "license_not_allowed"
    assert reasons(Policy(licenses=("permissive",)), table) == [None, None, no, no, no, *unsaid]
    assert reasons(Policy(licenses=("permissive", "share-alike", "elsewhere-1.0")), table) == [
        None,
        None,
        None,
        no,
        None,
        *unsaid,
    ]
    assert reasons(Policy(), table) == [None] * 7
    assert Policy(licenses=("MIT",)).judge(table)[0].as_py() == {"reason": no, "value": None, "threshold": None}


def test_no_group_has_a_license_that_forbids_commerce_or_changes() -> None:
    every = allowed_licenses(("public-domain", "permissive", "share-alike"))
    assert {"cc0-1.0", "cc-by-4.0", "cc-by-sa-3.0", "apache-2.0"} <= every
    assert not [one for one in every if "-nc" in one or "-nd" in one]
    assert not [one for one in allowed_licenses(("permissive",)) if "-sa" in one or "gfdl" in one]


def test_uses_and_the_terms_of_generators(documents: Callable) -> None:
    rows = [
        {"uses": ["training", "commercial"]},
        {"uses": ["training"]},
        {"uses": []},
        {},
        {"uses": ["commercial", "training"], "origin": "generated", "generator_terms": "apache-2.0"},
        {"uses": ["commercial", "training"], "origin": "generated", "generator_terms": "no-training"},
        {"uses": ["commercial", "training"], "origin": "rewrite"},
    ]
    table = documents(rows)
    both = Policy(uses=("commercial", "training"), generator_terms=("Apache-2.0",))
    unsaid = ["uses_unsaid"] * 2
    terms = [None, "generator_terms_not_allowed", "generator_terms_unsaid"]
    assert reasons(both, table) == [None, "use_not_allowed", *unsaid, *terms]
    assert reasons(both, table.drop_columns(["uses", "generator_terms"])) == ["uses_unsaid"] * 7


def test_text_from_a_prompt_alone_needs_a_verifier_where_that_is_asked(documents: Callable) -> None:
    rows = [
        {"origin": "generated", "verifier": "judge@3"},
        {"origin": "generated", "verifier": " "},
        {"origin": "synthetic"},
        {"origin": "rewrite"},
        {"origin": "real"},
    ]
    assert reasons(Policy(verified=True), documents(rows)) == [None, "not_verified", "not_verified", None, None]
    assert reasons(Policy(), documents(rows)) == [None] * 5


def test_a_depth_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Policy(depth_max=-1)
