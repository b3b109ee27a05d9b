"""The contract: which checks fail, in which order, with which numbers; and that every op keeps to one verb."""

import typing

import numpy as np
import pyarrow as pa
import pytest
from every_op import MEASURES, OPS, REQUIRED, made_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import ops
from ops.columns import DOCUMENT, VERDICT
from ops.contract import REASON, Edit, Judge, Op, above, below, first_reason, notes_of, with_notes
from ops.privacy.verbatim import COPIED
from ops.surveys import Comparing, Counting, Drawing, Matching, Sampling, Summing, Survey, Tabulating


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), max_size=20))
def test_first_reason(rows: list[tuple[int, int, int]]) -> None:
    a, b, c = (np.array([row[n] for row in rows], np.int64) for n in range(3))
    found = first_reason(few=below(a, 3), many=above(b, 7), off=above(c, None), zero=above(c, 0))
    expected = []
    for one, two, three in rows:
        if one < 3:
            expected.append({"reason": "few", "value": float(one), "threshold": 3.0})
        elif two > 7:
            expected.append({"reason": "many", "value": float(two), "threshold": 7.0})
        elif three > 0:
            expected.append({"reason": "zero", "value": float(three), "threshold": 0.0})
        else:
            expected.append(None)
    assert found.type == REASON
    assert found.to_pylist() == expected
    found.validate(full=True)


def test_a_value_that_is_no_number_passes() -> None:
    assert first_reason(x=below(np.array([np.nan]), 1), y=above(np.array([np.nan]), 1)).to_pylist() == [None]


def test_notes() -> None:
    table = VERDICT.empty_table()
    assert notes_of(table) == {}
    assert notes_of(with_notes(table, b=1, a={"x": [1]})) == {"a": {"x": [1]}, "b": 1}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_one_verb_a_name_and_a_version(op: type[Op]) -> None:
    made = made_of(op)
    assert [isinstance(made, verb) for verb in (Edit, Judge, Survey)].count(True) == 1
    all_kinds = (Matching, Drawing, Counting, Comparing, Summing, Tabulating, Sampling)
    kinds = [isinstance(made, kind) for kind in all_kinds].count(True)
    assert kinds == isinstance(made, Survey)
    assert made.op == op.model_fields["op"].default  # type: ignore[attr-defined]
    assert op.version >= 1
    assert op.__doc__
    assert made == made_of(op)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_settings_are_frozen_and_known(op: type[Op]) -> None:
    with pytest.raises(ValidationError):
        made_of(op).op = "other"  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="Extra inputs"):
        made_of(op, no_such_setting=1)


SURVEYS = [op for op in OPS if hasattr(op, "sketched_by")]


@pytest.mark.parametrize("op", SURVEYS, ids=lambda op: op.__name__)
def test_what_a_sketch_depends_on_is_a_setting(op: type[Op]) -> None:
    assert all(hasattr(op, name) or name in op.model_fields for name in op.sketched_by)  # type: ignore[attr-defined]


COPIED_TYPES = {field.name: field.type for field in COPIED}


def value_of(name: str, text: str, rows: int) -> pa.Array:
    """Values that a column of a document may have."""
    told = {"origin": "real", "parents": ["elsewhere"], "depth": 1}
    told |= {"copied_tokens": 50, "copied_share": 0.5, "copied_longest": 50}
    kind = DOCUMENT.field(name).type if name in DOCUMENT.names else COPIED_TYPES.get(name, pa.string())
    return pa.array([told.get(name, text)] * rows, kind)


@pytest.mark.parametrize("op", [op for op in SURVEYS if hasattr(op, "keyed_by")], ids=lambda op: op.__name__)
def test_keys_read_the_columns_that_it_says(op: type[Op]) -> None:
    """So many for each row of the sketch, and none for no rows."""
    batch = pa.table({name: value_of(name, "some text, long enough", 3) for name in ("id", *op.reads)})
    made: typing.Any = op()
    for rows in (batch, batch.slice(0, 0)):
        sketches = made.sketch(rows)
        keys = made.keys(sketches.select([*made.keyed_by]))
        assert keys.dtype == np.uint64
        assert len(keys) == sketches.num_rows
        assert keys.ndim in {1, 2}


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_an_op_reads_the_columns_that_it_says(op: type[Op]) -> None:
    """Nothing else is in the batch, but the id that every document has."""
    made = made_of(op)
    columns = {"id": ["a"], **{name: value_of(name, "some text", 1) for name in made.needs}}
    batch = pa.table(columns)
    for column, measure in MEASURES.items():
        if column in op.reads:
            batch = measure.edit(pa.table({"text": ["some text"]})).select([*op.reads])
    for verb in ("edit", "judge", "sketch"):
        if hasattr(made, verb):
            made_of_it = getattr(made, verb)(batch)
            columns_made = getattr(made_of_it, "column_names", [])
            assert {"row", "sums"} & {*columns_made} or len(made_of_it) == 1


def test_the_list_reads_job_files() -> None:
    adapter = TypeAdapter(ops.Step)
    for op in OPS[:-1]:
        name = op.model_fields["op"].default
        assert adapter.validate_python({"op": name} | REQUIRED.get(op, {})) == made_of(op)
    with pytest.raises(ValidationError, match="gopher_quality"):
        adapter.validate_python({"op": "gofer_quality"})
