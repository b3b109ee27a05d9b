"""Goldens: what each op answers to stored texts, so that no answer changes unnoticed.

A golden holds an op's settings, its version, texts of our own, and the outcome. After an intended change raise the op's
`version`, and write the outcomes anew with

    GOLDEN_REFRESH=1 python -m pytest tests/ops/test_golden.py

then read the difference.
"""

import hashlib
import json
import os
import typing
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from every_op import MEASURES

import ops
from ops.contract import Edit, Judge, Op, notes_of
from ops.dedup.ids import UniqueId
from ops.surveys import Applied, Comparing, Counting, Matching, Summing

FOLDER = Path(__file__).with_name("golden")
OPS: dict[str, type[Op]] = {
    op.model_fields["op"].default: op for op in [*typing.get_args(typing.get_args(ops.Step)[0]), UniqueId]
}


def _load(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _settings(golden: dict) -> dict:
    """Return an op's settings; the files that they name lie beside the goldens."""
    return {name: _placed(value) for name, value in golden["settings"].items()}


def _placed(value: typing.Any) -> typing.Any:
    if isinstance(value, dict):
        return {name: _placed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_placed(one) for one in value]
    return str(FOLDER / value) if str(value).endswith((".npz", ".txt", ".jsonl")) else value


def _outcome(op: Op, table: pa.Table, sketch: Callable, decide: Callable) -> dict:
    """Return what an op does to the documents that it does something to, as JSON would store it."""
    ids = table["id"].to_pylist()
    if isinstance(op, Edit):
        after = op.edit(table)
        edited = _edited(table, after)
        return _measured(op, table, after) | (edited if edited["texts"] else {}) if op.makes else edited
    if isinstance(op, Judge):
        reasons = op.judge(MEASURES[op.reads[0]].edit(table) if op.reads[0] in MEASURES else table).to_pylist()
        return {"dropped": {i: reason for i, reason in zip(ids, reasons, strict=True) if reason}}
    of_text = op.sketch(table)  # type: ignore[attr-defined]
    told = {"sketch_sha256": hashlib.sha256(repr(of_text.to_pydict()).encode()).hexdigest()}
    if isinstance(op, Applied) and not isinstance(op, Matching):
        return _applied(op, table, of_text, told)
    found = decide(op, sketch(op, table))
    dropped, kept = ({row.pop("at"): row for row in part.to_pylist()} for part in (found.goes, found.stays))
    for row in dropped.values():
        del row["copies"], row["copy_sources"]
    stands_for = {at: {name: row[name] for name in ("copies", "copy_sources")} for at, row in kept.items()}
    told |= {"dropped": {f"{n} {i}": dropped[n] for n, i in enumerate(ids) if n in dropped}, "notes": found.notes}
    if isinstance(op, Matching):
        told["stands_for"] = {f"{n} {i}": stands_for[n] for n, i in enumerate(ids) if n in stands_for}
    return told


def _applied(op: Op, table: pa.Table, of_text: pa.Table, told: dict) -> dict:
    """Return what a survey's edit does with what the survey finds."""
    if isinstance(op, Summing):
        sums = of_text.append_column("of_references", op.sketch(table[:1])["sums"])
        return _measured(op, table, op.apply(table, sums)) | {"told": op.told(sums)}
    if isinstance(op, Counting):
        keys, documents = np.unique(op.keys(of_text), return_counts=True)
        level = op.repeated(documents, np.full(len(keys), table.num_rows)).astype(np.uint8)
        found = pa.table({"key": keys, "level": level}).filter(pa.array(level > 0))
        return told | _edited(table, op.apply(table, found))
    if isinstance(op, Comparing):
        return told | _measured(op, table, op.apply(*_compared(op, table, of_text)))
    settled = op.settle(op.condense(of_text))  # type: ignore[attr-defined]
    after = op.apply(table, settled)
    changed = {name: after[name].to_pylist() for name in (*op.needs, *(field.name for field in op.makes))}
    rows = [dict(zip(changed, row, strict=True)) for row in zip(*changed.values(), strict=True)]
    return told | {"measured": dict(zip(table["id"].to_pylist(), rows, strict=True)), "notes": notes_of(settled)}


def _compared(op: Comparing, table: pa.Table, of_text: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return documents with their rows, and the parts of those that are no originals which originals have, too."""
    rows = table.append_column("row", pa.array(np.arange(table.num_rows)))
    parts = op.parts(table["text"], np.unique(op.keys(of_text)))
    real = np.asarray(pc.equal(table["origin"], "real"))[np.asarray(parts["row"])]
    originals = parts.filter(pa.array(real))
    originals = originals.append_column("original", table["id"].take(originals["row"])).drop_columns(["row", "place"])
    least = originals.group_by(["key", "check"]).aggregate([("original", "min")])
    found = parts.filter(pa.array(~real)).join(least.rename_columns(["key", "check", "original"]), ["key", "check"])
    found = found.filter(found["original"].is_valid()).sort_by([("row", "ascending"), ("place", "ascending")])
    return rows, found.select(["row", *op.labels.names])


def _edited(table: pa.Table, after: pa.Table) -> dict:
    pairs = zip(table["id"].to_pylist(), table["text"].to_pylist(), after["text"].to_pylist(), strict=True)
    return {"texts": {i: new for i, old, new in pairs if new != old}}


# Columns of every document that an op writes.
WRITES = {"origin_by_label": ("origin", "depth")}


def _measured(op: Op, table: pa.Table, after: pa.Table) -> dict:
    """Return the columns that an op adds, and titles; it leaves every other as it is, but for the text."""
    edited = [name for name in ("text", "title", *WRITES.get(op.op, ())) if name in table.column_names]  # type: ignore[attr-defined]
    assert after.drop_columns([*edited, *set(after.column_names) - set(table.column_names)]) == table.drop_columns(
        edited
    )
    columns = after.select([*edited[1:], *(field.name for field in op.makes)])
    return {"measured": dict(zip(table["id"].to_pylist(), columns.to_pylist(), strict=True))}


@pytest.mark.parametrize("name", sorted(OPS))
def test_golden(name: str, make_corpus: Callable, sketch: Callable, decide: Callable) -> None:
    golden = _load(name)
    op = OPS[name](**_settings(golden))
    table = make_corpus(golden["input"])
    outcome = json.loads(json.dumps(_outcome(op, table, sketch, decide)))
    if os.environ.get("GOLDEN_REFRESH"):
        made = golden | {"version": op.version, "expected": outcome}
        (FOLDER / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return
    assert op.version == golden["version"], f"{name} is at version {op.version}: refresh the golden (GOLDEN_REFRESH=1)"
    assert outcome == golden["expected"], (
        f"output of {name} v{op.version} changed; if intended raise version and refresh the golden"
    )


# Of these nothing goes: they tell of the whole.
@pytest.mark.parametrize("name", sorted(set(OPS) - {"collapse_guard", "nearest_records"}))
def test_every_op_does_something_and_not_to_all(name: str) -> None:
    golden = _load(name)
    if "measured" in golden["expected"]:
        assert len({json.dumps(row) for row in golden["expected"]["measured"].values()}) > 1
        return
    done = golden["expected"].get("texts") or golden["expected"].get("dropped")
    assert 0 < len(done) < len(golden["input"])


def test_every_op_has_a_golden_and_every_golden_an_op() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(OPS)


def test_every_reason_is_in_the_golden() -> None:
    """All that `gopher_quality` may say; the values are what `test_gopher` checks."""
    reasons = {row["reason"] for row in _load("gopher_quality")["expected"]["dropped"].values()}
    assert reasons == {
        "too_few_words",
        "words_too_short",
        "words_too_long",
        "too_many_hashes",
        "too_many_ellipses",
        "too_many_bullet_lines",
        "too_many_ellipsis_lines",
        "too_few_alphabetic_words",
        "too_few_stop_words",
    }  # too_many_words would make the golden a megabyte
