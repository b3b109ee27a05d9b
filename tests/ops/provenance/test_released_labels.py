"""Labels on export: what is synthetic bears one, what came with one keeps it, and our own reader finds them again."""

import json
from typing import Any

import pyarrow as pa

from ops.provenance.labels import labels_told
from ops.provenance.released_labels import with_released_labels

ORIGINS = ["real", "unknown", "synthetic", "rewrite", "generated", "translated", "mixed"]


def labels(**columns: list[Any]) -> list[dict[str, str] | None]:
    rows = len(columns["origin"])
    given = {"id": [f"d{n}" for n in range(rows)], "generator": pa.nulls(rows, pa.string())} | columns
    made = with_released_labels(pa.table(given), "研究所")
    return [one and json.loads(one) for one in made["AIGC"].to_pylist()]


def test_what_is_synthetic_of_any_kind_is_labelled_and_nothing_else() -> None:
    made = labels(origin=ORIGINS, generator=["m@1"] * 7)
    assert made[:2] == [None, None]
    assert made[2:] == [
        {
            "Label": "1",
            "ContentProducer": "m@1",
            "ProduceID": f"d{n}",
            "ReservedCode1": "",
            "ContentPropagator": "研究所",
            "PropagateID": f"d{n}",
            "ReservedCode2": "",
        }
        for n in range(2, 7)
    ]


def test_a_label_that_a_document_came_with_stays() -> None:
    theirs = {
        "Label": "2",
        "ContentProducer": "001191110108MA01KP2T5U00000",
        "ProduceID": "9f",
        "ReservedCode1": "c2ln",
        "ContentPropagator": "other",
        "PropagateID": "7",
        "ReservedCode2": "x",
    }
    as_told = json.dumps([theirs])
    ours = {"ContentPropagator": "研究所", "ReservedCode2": ""}
    assert labels(origin=["real", "unknown", "generated"], aigc_label=[as_told] * 3) == [
        theirs | ours | {"PropagateID": "d0"},
        theirs | ours | {"PropagateID": "d1"},
        theirs | ours | {"PropagateID": "d2", "Label": "1"},
    ]


def test_variants_and_manifests() -> None:
    told = ['[{"Label": "AIGC"}]', '[{"C2PA": "QQ=="}]', '[{"C2PA": "QQ=="}, {"Label": "3"}]', None]
    made = labels(origin=["unknown"] * 4, aigc_label=told)
    assert [one and one["Label"] for one in made] == ["1", None, "3", None]
    assert labels(origin=["generated"], aigc_label=['[{"C2PA": "QQ=="}]'])[0] == labels(origin=["generated"])[0]


def test_no_documents() -> None:
    empty = pa.table({name: pa.array([], pa.string()) for name in ("id", "origin", "generator")})
    assert with_released_labels(empty, "x")["AIGC"].to_pylist() == []


def test_they_are_read_again_as_labels() -> None:
    batch = pa.table({"id": ['a "quoted" id', "b"], "origin": ["generated", "real"], "generator": ["m", "m"]})
    told = labels_told(with_released_labels(batch, "x")["AIGC"]).to_pylist()
    assert told[1] is None
    assert json.loads(told[0])[0]["ProduceID"] == 'a "quoted" id'
