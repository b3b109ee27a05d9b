"""Hidden labels: harvested before they are stripped, and nothing else goes with them."""

import base64
import json

import pyarrow as pa
import pytest

from ops.edits.unicode import RepairUnicode

FULL = """---
AIGC:
    ContentProducer: "001191110102MACQD9K64018705"
    ContentPropagator: Some Agent
    Label: AIGC
    ProduceID: 00000000000000000000000000000000
    PropagateID: '7'
    ReservedCode1: 3045022100ab+/=
    ReservedCode2: ""
---
"""


def edited(text: str) -> dict:
    return RepairUnicode().edit(pa.table({"text": [text]})).to_pylist()[0]


def labels(row: dict) -> list[dict]:
    return json.loads(row["aigc_label"] or "[]")


@pytest.mark.parametrize(
    ("text", "left", "label"),
    [
        (f"{FULL}\n正文", "\n正文", {"Label": "AIGC", "ContentPropagator": "Some Agent", "PropagateID": "7"}),
        (f"\ufeff{FULL}正文", "正文", {"ProduceID": "0" * 32, "ReservedCode1": "3045022100ab+/=", "ReservedCode2": ""}),
        ('{"AIGC": {"Label": "1", "ProduceID": "x-1"}}\nText', "Text", {"Label": "1", "ProduceID": "x-1"}),
        ('---\nAIGC: {"Label": "2",\n  "ProduceID": "y"}\n---\r\nText', "Text", {"Label": "2", "ProduceID": "y"}),
        ("---\nLabel: 3\nContentProducer: z\n---", "", {"Label": "3", "ContentProducer": "z"}),
        ("---\ntitle: T\nAIGC:\n  Label: 1\nlang: zh\n---\nText", "---\ntitle: T\nlang: zh\n---\nText", {"Label": "1"}),
    ],
)
def test_front_matter(text: str, left: str, label: dict) -> None:
    row = edited(text)
    (found,) = labels(row)
    assert found | label == found
    assert row["text"] == left
    assert {cut["kind"] for cut in row["cuts"]} - {"invisible"} == {"aigc_label"}
    assert sum(cut["bytes"] for cut in row["cuts"]) == len(text.encode()) - len(left.encode())


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: T\nLabel: yes\n---\nText",
        "---\nText about AIGC and its Label: 1.\n---",
        f"Text first.\n{FULL}",
        "---\nAIGC:\n  Label: 1\nno end",
        '{"AIGC": "a word"}\n',
        "---",
        "",
    ],
)
def test_what_is_no_label(text: str) -> None:
    assert edited(text) == {"text": text, "cuts": None, "aigc_label": None, "mojibake_lost": 0}


def selectors(data: bytes) -> str:
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in data)


def test_manifests_survive_into_the_column() -> None:
    manifest = b"C2PATXT\x00\x01\x00\x00\x00\x04jumb"
    bits = "\u200b\u200c\u200d" * 8
    row = edited(f"{FULL}A{bits}B\ufeff{selectors(manifest)} C")
    assert row["text"] == "AB C"
    front, zero_width, c2pa = labels(row)
    assert front["Label"] == "AIGC"
    assert zero_width == {"zero_width": bits}
    assert base64.b64decode(c2pa["C2PA"]) == manifest
    assert [cut["kind"] for cut in row["cuts"]] == ["aigc_label", "zero_width", "c2pa"]


def test_a_manifest_that_undoing_mojibake_brings_to_light() -> None:
    bits = "\u200b\u200c" * 8
    row = edited("é" + f"é{bits}".encode().decode("latin-1"))
    assert (row["text"], labels(row)) == ("éé", [{"zero_width": bits}])


@pytest.mark.parametrize(
    "text", ["a" + "\u200b" * 40, "می\u200cخواهم\u200b", "葛\U000e0100城 ❤\ufe0f\u200b", "\ufeff\ufe0f"]
)
def test_invisible_characters_that_are_no_manifest(text: str) -> None:
    assert edited(text)["aigc_label"] is None


def test_a_second_run_keeps_the_label() -> None:
    once = RepairUnicode().edit(pa.table({"text": [f"{FULL}Text", "plain", f"\n{FULL}"]}))
    again = RepairUnicode().edit(once.drop_columns("cuts"))
    assert again.drop_columns("cuts") == once.drop_columns("cuts")
    assert [label is None for label in once["aigc_label"].to_pylist()] == [False, True, False]
