"""Labels in metadata: every form is one JSON, and what is no label is none."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.columns import ORIGIN_BASIS
from ops.edits.unicode import RepairUnicode
from ops.provenance.labels import labels_in, labels_told
from ops.provenance.origin_by_label import OriginByLabel
from ops.provenance.policy import Policy

FULL = {
    "Label": "1",
    "ContentProducer": "001191110102MACQD9K64018705",
    "ProduceID": "0f3c1d52-8f2e-4a57-9b11-7b8f5ac4a0de",
    "ReservedCode1": "3045022100ab+/=",
    "ContentPropagator": "某平台",
    "PropagateID": "00000000000000000000000000000000",
    "ReservedCode2": "",
}


@pytest.mark.parametrize(
    ("told", "labels"),
    [
        (json.dumps({"AIGC": FULL}), [FULL]),
        (json.dumps({"title": "标题", "AIGC": FULL}, ensure_ascii=False), [FULL]),
        (json.dumps({"AIGC": json.dumps(FULL)}), [FULL]),
        (json.dumps({"metadata": {"aigc": FULL}}), [FULL]),
        (json.dumps(FULL), [FULL]),
        (json.dumps([FULL, {"C2PA": "QzJQQQ=="}]), [FULL, {"C2PA": "QzJQQQ=="}]),
        ('[{"zero_width": "\\u200b\\u200c"}]', [{"zero_width": "\u200b\u200c"}]),
        ('{"AIGC": {"Label": 1}}', [{"Label": "1"}]),
        ('{"AIGC": {"Label": "\'1\'"}}', [{"Label": "1"}]),
        ('{"AIGC": {"label": "AIGC", "contentproducer": "豆包"}}', [{"Label": "AIGC", "ContentProducer": "豆包"}]),
        ('{"AIGC": {"Label": "1", "ProduceID": "a1b2_c3d4"}}', [{"Label": "1", "ProduceID": "a1b2_c3d4"}]),
        ('{"AIGC": {"Label": "2", "ReservedCode1": null}}', [{"Label": "2", "ReservedCode1": ""}]),
        ('{"AIGC": {"Label": "1", "ReservedCode1": {"a": [1]}}}', [{"Label": "1", "ReservedCode1": '{"a":[1]}'}]),
        ('{"AIGC": true}', [{"Label": "1"}]),
        ('{"AIGC": "3"}', [{"Label": "3"}]),
        ("1", [{"Label": "1"}]),
        ('"AIGC"', [{"Label": "AIGC"}]),
    ],
)
def test_forms_of_a_label(told: str, labels: list) -> None:
    assert labels_in(told) == labels
    (column,) = labels_told(pa.array([told])).to_pylist()
    assert json.loads(column) == labels
    assert labels_told(pa.array([column])).to_pylist() == [column]  # of a release that is read again


@pytest.mark.parametrize(
    "told",
    ["", " ", "null", "0", "11", "label", "A page about AIGC labels.", "一篇谈AIGC标识的文章。",
     '{"Label": "sale", "price": 3}',
     '{"AIGC": {}}', '{"AIGC": {"ProduceID": "x"}}', '{"AIGC": false}', '{"AIGC": [', '{"note": "1", "about": "AIGC"}',
     '{"a":' * 900 + "1" + "}" * 900, "[" * 5000 + "AIGC"],
)  # fmt: skip
def test_what_is_no_label(told: str) -> None:
    assert labels_told(pa.array([told, None])).to_pylist() == [None, None]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["1", "AIGC", "aigc", "x", "标", "\u200b", '{"Label":1}']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["AIGC", "Label", "ProduceID", "C2PA", "meta"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=200)
@given(st.lists(JSON.map(json.dumps) | st.text(max_size=9) | st.none(), max_size=5))
def test_any_column(values: list[str | None]) -> None:
    told = labels_told(pa.array(values, pa.string()))
    expected = [json.dumps(labels) if value and (labels := labels_in(value)) else None for value in values]
    assert told.to_pylist() == expected
    assert labels_told(told).to_pylist() == expected
    assert told.type == pa.string()
    split = pa.chunked_array([pa.array(values[:1], pa.string()), pa.array(values[1:], pa.string())])
    assert labels_told(split).to_pylist() == expected


def batch(**columns: list) -> pa.Table:
    return pa.table({"depth": pa.array([0] * len(columns["origin"]), pa.int8()), **columns})


ONE, TWO = '[{"Label": "1"}]', '[{"Label": "2"}]'


@pytest.mark.parametrize(
    ("origin", "label", "after"),
    [
        ("unknown", ONE, ("generated", 1, "label", None)),
        ("unknown", '[{"C2PA": "eA=="}, {"Label": "aigc", "ProduceID": "7"}]', ("generated", 1, "label", None)),
        ("unknown", TWO, ("unknown", 0, "source_rule", None)),
        ("unknown", '[{"Label": "3"}]', ("unknown", 0, "source_rule", None)),
        ("unknown", '[{"zero_width": "1"}]', ("unknown", 0, "source_rule", None)),
        ("unknown", '[{"ContentProducer": "Label: 1", "Label": "0"}]', ("unknown", 0, "source_rule", None)),
        ("unknown", None, ("unknown", 0, "source_rule", None)),
        ("real", ONE, ("real", 0, "source_rule", "label")),
        ("real", TWO, ("real", 0, "source_rule", None)),
        ("real", None, ("real", 0, "source_rule", None)),
        ("translated", ONE, ("translated", 0, "source_rule", None)),
    ],
)
def test_origin_by_label(origin: str, label: str | None, after: tuple) -> None:
    documents = batch(origin=[origin], aigc_label=pa.array([label], pa.string()))
    made = OriginByLabel().edit(documents)
    (row,) = made.to_pylist()
    assert (row["origin"], row["depth"], row["origin_basis"], row["origin_conflict"]) == after
    assert OriginByLabel().edit(made) == made


def test_a_declared_basis_stays() -> None:
    basis = pa.array(["declared", "declared"])
    documents = batch(origin=["real", "unknown"], aigc_label=[ONE, ONE]).append_column(ORIGIN_BASIS, basis)
    made = OriginByLabel().edit(documents)
    assert made["origin"].to_pylist() == ["real", "generated"]
    assert made["origin_basis"].to_pylist() == ["declared", "label"]


def test_no_documents() -> None:
    made = OriginByLabel().edit(batch(origin=["real"], aigc_label=[ONE]).slice(0, 0))
    assert (made.num_rows, made.column_names[-2:]) == (0, ["origin_basis", "origin_conflict"])


def test_a_policy_drops_conflicts_where_it_is_asked_to() -> None:
    documents = batch(origin=["real", "real", "unknown"], aigc_label=[ONE, None, ONE], license=["MIT"] * 3)
    made = OriginByLabel().edit(documents)
    told = [row and row["reason"] for row in Policy(origin_conflicts=False).judge(made).to_pylist()]
    assert told == ["origin_conflict", None, None]
    assert Policy().judge(made).null_count == 3


def test_what_metadata_and_text_say_is_together() -> None:
    text = "---\nAIGC:\n  Label: '1'\n  ContentProducer: 模型\n---\n正文。"
    told = labels_told(pa.array(['{"AIGC": {"Label": 2}}', '{"AIGC": {"Label": 2}}', None]))
    made = RepairUnicode().edit(pa.table({"text": [text, "plain", "plain"], "aigc_label": told}))
    assert [json.loads(label or "[]") for label in made["aigc_label"].to_pylist()] == [
        [{"Label": "2"}, {"Label": "1", "ContentProducer": "模型"}],
        [{"Label": "2"}],
        [],
    ]
